"""Keyboard stages: typed runs become one type action each, editing keys and chords become key actions.

Invariant: typing isn't split by releases, by corrections inside it, or by what merely happened meanwhile.
"""

from collections.abc import Sequence

import msgspec

from witting.actions.items import SECOND_NS, Item, Seen, claim, fold_runs, is_deed
from witting.terms.events import Gap, Key, TextInput
from witting.terms.work import Action

TYPING_PAUSE_NS = 30 * SECOND_NS
RELEASE_NS = SECOND_NS
PLACEHOLDER_END = "⟩"
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
    if isinstance(event, Key):
        return _corrected(run, item, key=event)
    if isinstance(event, TextInput) and event.text and item.timestamp_ns - run.end_ns <= TYPING_PAUSE_NS:
        grown = msgspec.structs.replace(run, text=run.text + event.text, end_ns=max(run.end_ns, event.end_ns))
        return claim(grown, item)
    return None


def _corrected(run: Action, item: Seen, *, key: Key) -> Action | None:
    """Return the run with a correction: made inside it, it is in its text already; a BackSpace after it takes its last character.

    Of a placeholder nobody knows what a BackSpace leaves, and what takes the last character leaves no typing: both stay keys.
    """
    if item.timestamp_ns <= run.end_ns and key.key.removeprefix("shift+") in _CORRECTIONS:
        return claim(run, item)
    if key.key != "BackSpace" or item.timestamp_ns - run.end_ns > (TYPING_PAUSE_NS if key.pressed else RELEASE_NS):
        return None
    if not key.pressed:
        return claim(run, item)
    if len(run.text) <= 1 or run.text.endswith(PLACEHOLDER_END):
        return None
    return claim(msgspec.structs.replace(run, text=run.text[:-1]), item)


def _is_passed_over(item: Item) -> bool:
    """Whether typing goes on though this happened; anything done, or a hole in the keys, ends it."""
    if isinstance(item, Action):
        return item.kind == "hover"
    return not is_deed(item) and not (isinstance(item.event, Gap) and item.event.stream == "keys")


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
