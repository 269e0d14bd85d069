"""What the stages of the reduction pass on: things seen, in order of time, of which more and more have become actions.

Invariant: a stage neither loses nor invents: what it doesn't turn into an action, or into a child of one, it passes on.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import msgspec

from witting.terms.events import Event, Key, PageForm, PageNavigation, PointerButton, PointerWheel, TaskMark, TextInput
from witting.terms.session import Record, SessionEnd, SessionHeader
from witting.terms.tree import UiTree
from witting.terms.work import Action

SECOND_NS = 1_000_000_000


class Seen(NamedTuple):
    """An event or tree that no action has claimed so far."""

    timestamp_ns: int  # CLOCK_MONOTONIC
    number: int  # its place among the session's records
    event: Event | UiTree


Item = Seen | Action
_DEEDS = (PointerButton, PointerWheel, Key, TextInput, PageNavigation, PageForm, TaskMark)
Stage = Callable[[Sequence[Item]], list[Item]]


def seen_in_order(records: Iterable[Record]) -> list[Item]:
    """Return events and trees in order of time; what came at one time keeps the order of the record."""
    events = (
        Seen(record.timestamp_ns, index, record)
        for index, record in enumerate(records)
        if isinstance(record, Event | UiTree) and not isinstance(record, SessionHeader | SessionEnd)
    )
    return in_order(events)


def in_order(items: Iterable[Item]) -> list[Item]:
    """Return items in order of when they began, then of their first record."""
    return sorted(items, key=_place)


def claim(action: Action, *seen: Seen) -> Action:
    """Return the action with further children, ending no earlier than the last of them."""
    children = tuple(sorted([*action.children, *(one.number for one in seen)]))
    end_ns = max([action.end_ns, *(one.timestamp_ns for one in seen)])
    return msgspec.structs.replace(action, children=children, end_ns=end_ns)


def fold_runs(
    items: Sequence[Item],
    *,
    begin: Callable[[Item], Action | None],
    extend: Callable[[Action, Item], Action | None],
    is_passed_over: Callable[[Item], bool],
) -> list[Item]:
    """Fold runs into one action each.

    `begin` says what a run may start from; `extend` returns the run grown by an item, or None when the item doesn't belong to it. A run
    ends at the first item that is neither part of it nor passed over.
    """
    folded: list[Item] = []
    place = -1  # where in `folded` the run stands that may go on
    for item in items:
        run = folded[place] if place >= 0 else None
        grown = extend(run, item) if isinstance(run, Action) else None
        if grown is not None:
            folded[place] = grown
            continue
        start = begin(item)
        if start is not None:
            place = len(folded)
        elif not is_passed_over(item):
            place = -1
        folded.append(item if start is None else start)
    return folded


def is_deed(item: Item) -> bool:
    """Whether something was done here; whatever else is in a record, of kinds made later too, merely happened and parts no run."""
    return isinstance(item, Action) or isinstance(item.event, _DEEDS)


def _place(item: Item) -> tuple[int, int]:
    return item.timestamp_ns, (item.number if isinstance(item, Seen) else min(item.children))
