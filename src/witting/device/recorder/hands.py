"""What a resting pointer points at, and which buttons and named keys are held: told now and then, so that a reader can check itself.

Doesn't ask the gate: it is given only what was kept. Invariant: a character's key is never among those held; while nothing is held and
nothing changed nothing is told and nothing is due.
"""

from math import hypot

from witting.terms.geometry import Rect
from witting.terms.raw import RawButton, RawHeldButtons, RawHeldKeys, RawHover, RawMove, RawTree, RawWheel

DWELL_NS = 500_000_000
NEAR_PX = 4
EVERY_NS = 1_000_000_000

RawPointer = RawMove | RawButton | RawWheel
Place = tuple[int, str, str]


class Rests:
    """Rests of one session's pointer, told when they end."""

    def __init__(self) -> None:
        self._began: RawPointer | None = None
        self._place: Place | None = None

    def see(self, item: RawPointer, place: Place, *, tree: RawTree | None) -> RawHover | None:
        """Take a kept pointer event with the place in front and its tree; returns the rest that it ends."""
        began = self._began
        is_near = began is not None and self._place == place and hypot(item.x - began.x, item.y - began.y) <= NEAR_PX
        if is_near and isinstance(item, RawMove):
            return None
        self._began, same = item, self._place == place
        self._place = place
        if began is None or not same or item.timestamp_ns - began.timestamp_ns < DWELL_NS:
            return None
        known = tree if tree is not None and tree.timestamp_ns <= item.timestamp_ns else None
        ref = -1 if known is None else node_at(known, began.x, y=began.y)
        return RawHover(began.timestamp_ns, item.timestamp_ns, began.x, began.y, ref, known if ref >= 0 else None)

    def forget(self) -> None:
        """Something that isn't kept came between."""
        self._began = None


def node_at(tree: RawTree, x: int, *, y: int) -> int:
    """Return the ref of the smallest node that has a pixel, the last of equal ones; -1 when none has."""
    here = [(_area(node.box), -node.ref) for node in tree.nodes if node.box.contains(x, y)]
    return -min(here)[1] if here else -1


def _area(box: Rect) -> int:
    return box.width * box.height


class Held:
    """Which buttons and named keys are down."""

    def __init__(self) -> None:
        self._buttons: set[int] = set()
        self._keys: set[str] = set()
        self._told: tuple[frozenset[int], frozenset[str]] = (frozenset(), frozenset())
        self.next_due_ns: int | None = None

    def button(self, button: int, now_ns: int, *, is_down: bool) -> None:
        """Take a kept press, or any release."""
        (self._buttons.add if is_down else self._buttons.discard)(button)
        self._schedule(now_ns)

    def key(self, keysym: str, now_ns: int, *, is_down: bool) -> None:
        """Take a kept press of a named key, or any release."""
        (self._keys.add if is_down else self._keys.discard)(keysym)
        self._schedule(now_ns)

    def tell(self, now_ns: int) -> list[RawHeldButtons | RawHeldKeys]:
        """Return what is held, once a second while something is held or is otherwise than told."""
        if self.next_due_ns is None or now_ns < self.next_due_ns:
            return []
        (buttons, keys), self._told = self._told, self._now
        found: list[RawHeldButtons | RawHeldKeys] = []
        if buttons or self._buttons:
            found.append(RawHeldButtons(now_ns, tuple(sorted(self._buttons))))
        if keys or self._keys:
            found.append(RawHeldKeys(now_ns, tuple(sorted(self._keys))))
        self.next_due_ns = now_ns + EVERY_NS if self._buttons or self._keys else None
        return found

    def let_go(self) -> None:
        """Take nothing for held: recording stopped, and releases won't be seen."""
        self._buttons.clear()
        self._keys.clear()
        self._told, self.next_due_ns = (frozenset(), frozenset()), None

    @property
    def _now(self) -> tuple[frozenset[int], frozenset[str]]:
        return frozenset(self._buttons), frozenset(self._keys)

    def _schedule(self, now_ns: int) -> None:
        is_news = self._now != self._told or self._now != (frozenset(), frozenset())
        if not is_news:
            self.next_due_ns = None
        elif self.next_due_ns is None:
            self.next_due_ns = now_ns + EVERY_NS
