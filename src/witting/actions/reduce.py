"""Events → actions: a chain of plain stages, each of which turns some of what was seen into actions.

Knows nothing of pictures, consent or datasets. Invariant: every event but motion is a child of exactly one action, or ignored for a reason
that is given; the same records give the same actions, whatever order they were written in as long as times differ.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from witting.actions.context import attach_consequences, mark_stops, mark_waits, name_places
from witting.actions.hover import find_hovers
from witting.actions.items import Seen, Stage, in_order, seen_in_order
from witting.actions.keyboard import join_typing, press_keys
from witting.actions.pointer import join_clicks, join_scrolls, pair_buttons
from witting.terms.events import (
    Cadence,
    Clipboard,
    Gap,
    Key,
    KeyRun,
    PageScroll,
    PointerButton,
    TaskMark,
    TextInput,
    Topology,
    VoiceAudio,
    VoiceNote,
    WindowFocus,
    WindowLayout,
)
from witting.terms.session import Record
from witting.terms.tree import UiTree
from witting.terms.work import Action

STAGES: tuple[Stage, ...] = (
    find_hovers,
    pair_buttons,
    join_typing,
    press_keys,
    join_clicks,
    join_scrolls,
    mark_stops,
    name_places,
    attach_consequences,
    mark_waits,
)

IgnoredReason = Literal[
    "press_without_release", "release_without_press", "task_mark", "gap", "monitors", "same_app", "nothing_typed", "clipboard", "voice",
    "layout", "page_scroll", "key_counts", "other",
]  # fmt: skip


class Ignored(NamedTuple):
    """An event that is part of no action, and why."""

    number: int  # place among the session's records
    reason: IgnoredReason


class Reduction(NamedTuple):
    """What a session's events were turned into."""

    actions: tuple[Action, ...]  # in order of when they began
    ignored: tuple[Ignored, ...]  # in order of the record


def reduction(records: Sequence[Record]) -> Reduction:
    """Return the actions of a session with what was left out of them."""
    items = seen_in_order(records)
    for stage in STAGES:
        items = stage(items)
    actions = tuple(item for item in in_order(items) if isinstance(item, Action))
    left = (item for item in items if isinstance(item, Seen) and not isinstance(item.event, UiTree))
    return Reduction(actions, tuple(sorted(Ignored(item.number, _reason(item)) for item in left)))


def reduce(records: Sequence[Record]) -> list[Action]:
    """Return the actions of a session in order of when they began."""
    return list(reduction(records).actions)


def _reason(item: Seen) -> IgnoredReason:
    reasons: dict[type, IgnoredReason] = {
        Key: "release_without_press",
        TaskMark: "task_mark",
        Gap: "gap",
        Topology: "monitors",
        WindowFocus: "same_app",
        WindowLayout: "layout",
        PageScroll: "page_scroll",
        TextInput: "nothing_typed",
        Clipboard: "clipboard",
        KeyRun: "key_counts",
        Cadence: "key_counts",
        VoiceNote: "voice",
        VoiceAudio: "voice",
    }
    if isinstance(item.event, PointerButton):
        return "press_without_release" if item.event.pressed else "release_without_press"
    return reasons.get(type(item.event), "other")  # a kind made later than this stage is told, not stumbled over
