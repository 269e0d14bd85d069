"""The hover stage: the pointer came to rest, something showed up there, and nothing was pressed: that was pointing to see.

Where the pointer's way was reduced, its recorded rests are looked at instead. Knows no roles and no apps. Invariant: a rest that a press at
the same place ends is the way to a click, never a hover; what still follows from a deed two seconds ago isn't what the pointer brought
about.
"""

from collections.abc import Sequence
from math import hypot

from witting.actions.items import SECOND_NS, Item, Seen, claim, in_order, is_deed
from witting.terms.events import Hover, PointerButton, PointerMove, PointerPath
from witting.terms.geometry import Rect
from witting.terms.tree import UiNode, UiTree
from witting.terms.work import Action

REST_NS = SECOND_NS
ANSWER_NS = 2 * SECOND_NS  # after the pointer came to rest something shows up within
SETTLED_NS = 2 * SECOND_NS  # since the last deed
NEAR_PX = 200
SAME_PLACE_PX = 4


class _Rest:
    """The pointer since it last moved, and the first tree after that which shows something new."""

    def __init__(self, seen: Seen, move: PointerMove | Hover) -> None:
        self.seen = seen
        self.move = move
        self.has_moved_on = False  # by a way, told after a rest
        self.answer: Seen | None = None

    def look(self, item: Seen, tree: UiTree, *, before: UiTree | None) -> None:
        """Take a tree seen meanwhile."""
        is_soon = item.timestamp_ns - self.seen.timestamp_ns <= ANSWER_NS
        if self.answer is None and before is not None and is_soon and _answers(before, tree, move=self.move):
            self.answer = item

    def until(self, end: Seen) -> Action | None:
        """Return the hover that this rest was, None when it was none."""
        event = end.event
        if isinstance(self.move, Hover):
            is_click = isinstance(event, PointerButton) and not self.has_moved_on
            rested_ns = self.move.end_ns - self.move.timestamp_ns
        else:
            is_click = isinstance(event, PointerButton) and hypot(event.x - self.move.x, event.y - self.move.y) <= SAME_PLACE_PX
            rested_ns = end.timestamp_ns - self.seen.timestamp_ns
        if self.answer is None or is_click or rested_ns < REST_NS:
            return None
        hover = Action(kind="hover", timestamp_ns=self.seen.timestamp_ns, end_ns=0, x=self.move.x, y=self.move.y)
        return claim(hover, self.seen, self.answer)


def find_hovers(items: Sequence[Item]) -> list[Item]:
    """Turn rests of the pointer that the interface answered into hovers; the move that ended in the rest and the answer are children."""
    hovers: list[Action] = []
    rest: _Rest | None = None
    shown: UiTree | None = None
    deed_ns: int | None = None
    down: set[int] = set()
    motion = PointerMove if any(isinstance(item, Seen) and isinstance(item.event, PointerMove) for item in items) else Hover
    for item in items:
        event = item.event if isinstance(item, Seen) else None
        if isinstance(item, Action) or event is None:
            continue
        if isinstance(event, UiTree):
            if rest is not None and not down and (deed_ns is None or item.timestamp_ns - deed_ns > SETTLED_NS):
                rest.look(item, event, before=shown)
            shown = event
        elif isinstance(event, PointerPath) and rest is not None:
            rest.has_moved_on = True
        elif isinstance(event, motion) or is_deed(item):
            hover = rest.until(item) if rest is not None else None
            hovers += [hover] if hover else []
            rest = _Rest(item, event) if isinstance(event, PointerMove | Hover) else None
            deed_ns = item.timestamp_ns if is_deed(item) else deed_ns
        if isinstance(event, PointerButton):
            down = down | {event.button} if event.pressed else down - {event.button}
    claimed = {child for hover in hovers for child in hover.children}
    return in_order([*(item for item in items if isinstance(item, Action) or item.number not in claimed), *hovers])


def _answers(before: UiTree, after: UiTree, *, move: PointerMove | Hover) -> bool:
    """Whether a tree shows something near the pointer that the one before didn't."""
    if before.digest == after.digest or before.app != after.app:
        return False
    known = {_looks(node) for node in before.nodes}
    around = Rect(move.x - NEAR_PX, move.y - NEAR_PX, 2 * NEAR_PX, 2 * NEAR_PX)
    return any(not node.box.intersect(around).is_empty and _looks(node) not in known for node in after.nodes)


def _looks(node: UiNode) -> tuple[object, ...]:
    return node.role, node.name, node.states, node.box
