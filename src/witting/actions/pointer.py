"""Pointer stages: presses and releases become clicks, long presses and drags, clicks become double and triple clicks, turns scrolls.

Thresholds are those the peers share (docs/decisions/0005-dataset.md). Points outside the screen are kept as they are.
Invariant: a drag survives keys, wheel turns and other buttons inside it.
"""

from collections.abc import Sequence
from math import hypot

import msgspec

from witting.actions.items import SECOND_NS, Item, Seen, claim, fold_runs, in_order, is_deed
from witting.terms.events import PointerButton, PointerMove, PointerPath, PointerWheel, Topology
from witting.terms.work import Action, ActionKind

DRAG_PX = 6
DOUBLE_CLICK_NS = SECOND_NS // 2
DOUBLE_CLICK_PX = 4
SCROLL_PAUSE_NS = SECOND_NS
SCROLL_PX = 64

LONG_PRESS_NS = SECOND_NS

_LEFT, _LAST_POINTING = 1, 3
_CLICKS: dict[int, ActionKind] = {1: "click", 2: "middle_click", 3: "right_click"}
_COUNTED: tuple[ActionKind, ...] = ("click", "double_click", "triple_click")


class _Press:
    """A button that is down, and where the pointer went since."""

    def __init__(self, seen: Seen, event: PointerButton) -> None:
        self.seen = seen
        self.event = event
        self.path: list[Seen] = []
        self.last: tuple[int, int] | None = None  # where it was when the monitors changed; later points can't be compared with the first

    def change_monitors(self) -> None:
        """Note that from here on the screen has other coordinates."""
        if self.last is None:
            move = self.path[-1].event if self.path else self.event
            here = move if isinstance(move, PointerMove) else self.event
            self.last = (here.x, here.y)

    def until(self, release: Seen, event: PointerButton) -> Action:
        """Return the click, long press or drag that this press became; buttons beyond the third are keys on the mouse."""
        button = self.event.button
        to_x, to_y = self.last or (event.x, event.y)
        is_key = button > _LAST_POINTING
        is_drag = not is_key and hypot(to_x - self.event.x, to_y - self.event.y) >= DRAG_PX
        is_long = button == _LEFT and release.timestamp_ns - self.seen.timestamp_ns > LONG_PRESS_NS
        kind: ActionKind = "key" if is_key else "drag" if is_drag else "long_press" if is_long else _CLICKS.get(button, "click")
        action = Action(
            kind=kind,
            timestamp_ns=self.seen.timestamp_ns,
            end_ns=release.timestamp_ns,
            x=self.event.x,
            y=self.event.y,
            to_x=to_x if is_drag else 0,
            to_y=to_y if is_drag else 0,
            key=f"button{button}" if is_key or (is_drag and button != _LEFT) else "",
        )
        return claim(action, self.seen, *(self.path if is_drag else ()), release)


def pair_buttons(items: Sequence[Item]) -> list[Item]:
    """Turn each press with its release into a click or drag; motion outside drags ends here."""
    down: dict[int, _Press] = {}
    done: list[Item] = []
    for item in items:
        event = item.event if isinstance(item, Seen) else None
        if isinstance(event, Topology):
            for press in down.values():
                press.change_monitors()
        if isinstance(item, Action) or not isinstance(event, PointerButton | PointerMove | PointerPath):
            done.append(item)
        elif isinstance(event, PointerMove | PointerPath):
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
    """Turn two or three clicks at one place, each within half a second of the one before, into a double or triple click.

    Something done in between parts them, and so do other monitors. A fourth click begins anew.
    """
    done: list[Item] = []
    run: list[Action] = []  # the clicks so far; their action stands at `place`
    place = -1
    for item in items:
        click = item if isinstance(item, Action) and item.kind == "click" else None
        if click is not None and _goes_on(run, click):
            run.append(click)
            done[place] = _joined(run)
            continue
        if click is not None:
            run, place = [click], len(done)
        elif not _is_passed_over(item):
            run = []
        done.append(item)
    return done


def _goes_on(run: Sequence[Action], click: Action) -> bool:
    if not run or len(run) == len(_COUNTED) or click.timestamp_ns - run[-1].timestamp_ns > DOUBLE_CLICK_NS:
        return False
    return hypot(click.x - run[0].x, click.y - run[0].y) <= DOUBLE_CLICK_PX


def _joined(run: Sequence[Action]) -> Action:
    children = tuple(sorted(child for click in run for child in click.children))
    return msgspec.structs.replace(run[0], kind=_COUNTED[len(run) - 1], end_ns=run[-1].end_ns, children=children)


def join_scrolls(items: Sequence[Item]) -> list[Item]:
    """Turn wheel turns along one axis, in one direction, at one place, none later than a second after the one before, into one scroll.

    A turn that goes both ways at once, as trackpads tell it, belongs to the axis that it goes further along.
    """
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
    is_one_way = _way(run.dx, run.dy) == _way(turn.dx, turn.dy)
    is_near = hypot(turn.x - run.x, turn.y - run.y) <= SCROLL_PX
    if not is_one_way or not is_near or item.timestamp_ns - run.end_ns > SCROLL_PAUSE_NS:
        return None
    return claim(msgspec.structs.replace(run, dx=run.dx + turn.dx, dy=run.dy + turn.dy), item)


def _is_passed_over(item: Item) -> bool:
    """Whether a run of clicks or turns goes on though this happened in between."""
    return not is_deed(item) and isinstance(item, Seen) and not isinstance(item.event, Topology)


def _way(dx: int, dy: int) -> tuple[int, int]:
    """Return axis and direction; down and right are positive."""
    return (0, _sign(dy)) if abs(dy) >= abs(dx) else (1, _sign(dx))


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
