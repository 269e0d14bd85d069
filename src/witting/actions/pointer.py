"""Pointer stages: presses and releases become clicks and drags, clicks become double clicks, wheel turns become scrolls.

Thresholds are those the peers share (docs/decisions/0005-dataset.md). Points outside the screen are kept as they are.
Invariant: a drag survives keys, wheel turns and other buttons inside it.
"""

from collections.abc import Sequence
from math import hypot

import msgspec

from witting.actions.items import SECOND_NS, Item, Seen, claim, fold_runs, in_order
from witting.terms.events import (
    Cadence,
    Clipboard,
    Gap,
    KeyRun,
    PointerButton,
    PointerMove,
    PointerWheel,
    Topology,
    VoiceAudio,
    VoiceNote,
    WindowFocus,
    WindowLayout,
)
from witting.terms.tree import UiTree
from witting.terms.work import Action, ActionKind

DRAG_PX = 6
DOUBLE_CLICK_NS = SECOND_NS // 2
DOUBLE_CLICK_PX = 4
SCROLL_PAUSE_NS = SECOND_NS
SCROLL_PX = 64

_LEFT, _RIGHT, _LAST_POINTING = 1, 3, 3
_PASSED_OVER = (Gap, Topology, WindowFocus, WindowLayout, UiTree, Clipboard, VoiceNote, VoiceAudio, KeyRun, Cadence)


class _Press:
    """A button that is down, and where the pointer went since."""

    def __init__(self, seen: Seen, event: PointerButton) -> None:
        self.seen = seen
        self.event = event
        self.path: list[Seen] = []

    def until(self, release: Seen, event: PointerButton) -> Action:
        """Return the click or drag that this press became; buttons beyond the third are keys on the mouse."""
        button = self.event.button
        is_key = button > _LAST_POINTING
        is_drag = not is_key and hypot(event.x - self.event.x, event.y - self.event.y) >= DRAG_PX
        kind: ActionKind = "key" if is_key else "drag" if is_drag else "right_click" if button == _RIGHT else "click"
        action = Action(
            kind=kind,
            timestamp_ns=self.seen.timestamp_ns,
            end_ns=release.timestamp_ns,
            x=self.event.x,
            y=self.event.y,
            to_x=event.x if is_drag else 0,
            to_y=event.y if is_drag else 0,
            key="" if button == _LEFT or kind == "right_click" else f"button{button}",
        )
        return claim(action, self.seen, *(self.path if is_drag else ()), release)


def pair_buttons(items: Sequence[Item]) -> list[Item]:
    """Turn each press with its release into a click or drag; motion outside drags ends here."""
    down: dict[int, _Press] = {}
    done: list[Item] = []
    for item in items:
        event = item.event if isinstance(item, Seen) else None
        if isinstance(item, Action) or not isinstance(event, PointerButton | PointerMove):
            done.append(item)
        elif isinstance(event, PointerMove):
            for press in down.values():
                press.path.append(item)
        elif event.pressed:
            if event.button in down:  # its release was lost
                done.append(down.pop(event.button).seen)
            down[event.button] = _Press(item, event)
        else:
            done.append(down.pop(event.button).until(item, event) if event.button in down else item)
    return in_order([*done, *(press.seen for press in down.values())])


def join_clicks(items: Sequence[Item]) -> list[Item]:
    """Turn two clicks at one place within half a second into a double click, unless something else was done in between."""
    return fold_runs(items, begin=_as_click, extend=_second_click, is_passed_over=_is_passed_over)


def _as_click(item: Item) -> Action | None:
    return item if isinstance(item, Action) and item.kind == "click" and not item.key else None


def _second_click(first: Action, item: Item) -> Action | None:
    second = _as_click(item)
    if second is None or first.kind != "click" or second.timestamp_ns - first.timestamp_ns > DOUBLE_CLICK_NS:
        return None
    if hypot(second.x - first.x, second.y - first.y) > DOUBLE_CLICK_PX:
        return None
    return msgspec.structs.replace(
        first, kind="double_click", end_ns=second.end_ns, children=tuple(sorted(first.children + second.children))
    )


def join_scrolls(items: Sequence[Item]) -> list[Item]:
    """Turn wheel turns in one direction at one place, none later than a second after the one before, into one scroll."""
    return fold_runs(items, begin=_first_turn, extend=_next_turn, is_passed_over=_is_passed_over)


def _first_turn(item: Item) -> Action | None:
    if not isinstance(item, Seen) or not isinstance(item.event, PointerWheel):
        return None
    turn = item.event
    return claim(Action(kind="scroll", timestamp_ns=item.timestamp_ns, end_ns=0, x=turn.x, y=turn.y, dx=turn.dx, dy=turn.dy), item)


def _next_turn(run: Action, item: Item) -> Action | None:
    if not isinstance(item, Seen) or not isinstance(item.event, PointerWheel):
        return None
    turn = item.event
    is_one_way = (_sign(run.dx), _sign(run.dy)) == (_sign(turn.dx), _sign(turn.dy))
    is_near = hypot(turn.x - run.x, turn.y - run.y) <= SCROLL_PX
    if not is_one_way or not is_near or item.timestamp_ns - run.end_ns > SCROLL_PAUSE_NS:
        return None
    return claim(msgspec.structs.replace(run, dx=run.dx + turn.dx, dy=run.dy + turn.dy), item)


def _is_passed_over(item: Item) -> bool:
    """Whether a run of clicks or turns goes on though this happened in between."""
    return isinstance(item, Seen) and isinstance(item.event, _PASSED_OVER)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
