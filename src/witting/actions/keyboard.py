"""Keyboard stages: typed runs become one type action each, editing keys and chords become key actions.

Invariant: typing isn't split by releases, by corrections inside it, or by what merely happened meanwhile.
"""

from collections.abc import Sequence

import msgspec

from witting.actions.items import SECOND_NS, Item, Seen, claim, fold_runs
from witting.terms.events import (
    Cadence,
    Clipboard,
    Gap,
    Key,
    KeyRun,
    TextInput,
    Topology,
    VoiceAudio,
    VoiceNote,
    WindowFocus,
    WindowLayout,
)
from witting.terms.tree import UiTree
from witting.terms.work import Action

TYPING_PAUSE_NS = 5 * SECOND_NS
_CORRECTIONS = frozenset({"BackSpace", "Delete", "Left", "Right", "Home", "End"})


def join_typing(items: Sequence[Item]) -> list[Item]:
    """Turn runs of text with nothing done between them into one type action; corrections made inside a run are its children."""
    return fold_runs(items, begin=_first_text, extend=_more_typing, is_passed_over=_is_passed_over)


def _first_text(item: Item) -> Action | None:
    if not isinstance(item, Seen) or not isinstance(item.event, TextInput) or not item.event.text:
        return None
    text = item.event
    return claim(Action(kind="type", timestamp_ns=item.timestamp_ns, end_ns=text.end_ns, text=text.text), item)


def _more_typing(run: Action, item: Item) -> Action | None:
    if not isinstance(item, Seen):
        return None
    event = item.event
    if isinstance(event, Key) and item.timestamp_ns <= run.end_ns and event.key.removeprefix("shift+") in _CORRECTIONS:
        return claim(run, item)
    if isinstance(event, TextInput) and event.text and item.timestamp_ns - run.end_ns <= TYPING_PAUSE_NS:
        grown = msgspec.structs.replace(run, text=run.text + event.text, end_ns=max(run.end_ns, event.end_ns))
        return claim(grown, item)
    return None


def _is_passed_over(item: Item) -> bool:
    """Whether typing goes on though this happened; anything done, or a hole in the keys, ends it."""
    if not isinstance(item, Seen):
        return False
    event = item.event
    return isinstance(event, Topology | WindowFocus | WindowLayout | UiTree | Clipboard | VoiceNote | VoiceAudio | KeyRun | Cadence) or (
        isinstance(event, Gap) and event.stream != "keys"
    )


def press_keys(items: Sequence[Item]) -> list[Item]:
    """Turn each press of an editing key or chord into a key action; its release is its child."""
    done: list[Item] = []
    down: dict[str, tuple[int, Action]] = {}  # by key: where in `done` its press stands
    for item in items:
        event = item.event if isinstance(item, Seen) else None
        if not isinstance(item, Seen) or not isinstance(event, Key) or not (event.pressed or event.key in down):
            done.append(item)
        elif event.pressed:
            press = claim(Action(kind="key", timestamp_ns=item.timestamp_ns, end_ns=0, key=event.key), item)
            down[event.key] = (len(done), press)
            done.append(press)
        else:
            place, press = down.pop(event.key)
            done[place] = claim(press, item)
    return done
