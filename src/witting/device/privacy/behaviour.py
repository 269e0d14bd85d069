"""Reduction of behaviour: how somebody moves and types becomes coarse classes before anything is written.

Plain numbers in, records or times out, event by event, in bounded memory; knows no raw types, texts or gates. Invariants: nothing finer
than the classes of `witting.terms.events` comes out of a way; a time that comes out is never later than the true one and never before that
of the record before it; two people whose events fall into equal classes get equal results. Where a button went down is kept, which is what
a learner needs; what that still tells of a person is measured (docs/explanation/redaction.md).
"""

from bisect import bisect_right, insort
from collections import deque
from dataclasses import dataclass
from math import hypot

from witting.terms.events import GRID_NS, WAY_TIMES_MS, Bend, PointerButton, PointerPath, PointerWheel

MS = 1_000_000
WINDING = 1.5  # how much longer than the straight way
HOLDS_MS = (0, 1001, 4000)  # how long a button was down: a click, a long press, longer
AGAIN_NS, AGAIN_PX = 500 * MS, 4  # a click there and then again is a double click
TURN_NS, TURN_PX = 1_000 * MS, 64  # turns of the wheel that make one scroll
TURNS = (1, 10)  # how many turns at least
RESTS_MS = (500, 1000, 2000, 4000, 8000, 16_000, 32_000)
PAUSES_MS = (1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000)  # between keys; shorter is typing on
KEY_STEPS_MS = (50, 100, 50, 50, 100, 100, 50)  # between keys, in turn: those of fast typing in any population
_REMEMBERED = 512  # times of records that later ones may not come before


def floor_to(value: int, grid: int) -> int:
    """Return the greatest multiple of `grid` that is no more than `value`."""
    return value - value % grid


def class_of_time(span_ns: int, classes_ms: tuple[int, ...]) -> int:
    """Return the greatest class that a span reaches, in milliseconds; the least one for spans below it."""
    return max((least for least in classes_ms if least * MS <= span_ns), default=classes_ms[0])


class Written:
    """When the last records were, in order of time: what comes later in the record isn't told as earlier."""

    def __init__(self) -> None:
        self._times: list[int] = []
        self._order: deque[int] = deque()

    def note(self, timestamp_ns: int) -> None:
        """Remember when a record was."""
        insort(self._times, timestamp_ns)
        self._order.append(timestamp_ns)
        if len(self._order) > _REMEMBERED:
            self._times.pop(bisect_right(self._times, self._order.popleft()) - 1)

    def at_least(self, told_ns: int, timestamp_ns: int) -> int:
        """Return the time to tell of something at `timestamp_ns`: as wanted, but not before a record that came before it, and not later."""
        place = bisect_right(self._times, timestamp_ns)
        return min(timestamp_ns, max(told_ns, self._times[place - 1] if place else told_ns))

    def on_grid(self, timestamp_ns: int) -> int:
        """Return a time on the grid of reduced events, or as late as what was written since that point of the grid."""
        return self.at_least(floor_to(timestamp_ns, GRID_NS), timestamp_ns)


class PathReducer:
    """The ways of one session's pointer from deed to deed: two points, a length and two times are all it remembers of one."""

    def __init__(self) -> None:
        self._first: tuple[int, int, int] | None = None  # when and where
        self._last = (0, 0, 0)
        self._length_px = 0.0
        self.reduced = 0  # moves that became part of a way beyond its first

    @property
    def is_open(self) -> bool:
        """Whether there is a way that hasn't been told yet."""
        return self._first is not None

    def move(self, timestamp_ns: int, x: int, *, y: int) -> None:
        """Take a point."""
        if self._first is None:
            self._first, self._length_px = (timestamp_ns, x, y), 0.0
        else:
            self._length_px += hypot(x - self._last[1], y - self._last[2])
            self.reduced += 1
        self._last = (timestamp_ns, x, y)

    def end(self, at_ns: int | None = None) -> list[PointerPath]:
        """Return the way so far, if there is one, because something else comes (at `at_ns`): what was done there says where it led."""
        first, last = self._first, self._last
        self._first = None
        if first is None:
            return []
        straight_px = hypot(last[1] - first[1], last[2] - first[2])
        bend: Bend = "direct" if self._length_px <= max(straight_px * WINDING, straight_px + 2) else "winding"
        return [PointerPath(floor_to(last[0] if at_ns is None else at_ns, GRID_NS), class_of_time(last[0] - first[0], WAY_TIMES_MS), bend)]


@dataclass(slots=True)
class _Scroll:
    """Turns of the wheel that belong together: where and when they are told, and how many there were."""

    told_ns: int
    x: int
    y: int
    sums: tuple[int, int] = (0, 0)
    last_ns: int = 0

    def goes_on(self, timestamp_ns: int, place: tuple[int, int], *, turns: tuple[int, int]) -> bool:
        """Whether a turn belongs here: soon, near, and not back."""
        is_back = any(one * other < 0 for one, other in zip(self.sums, turns, strict=True))
        return 0 <= timestamp_ns - self.last_ns < TURN_NS and _apart(place, (self.x, self.y)) <= TURN_PX and not is_back

    @property
    def told(self) -> tuple[int, int]:
        """How far it went, as classes: one turn, or ten."""
        right, down = (max((least for least in TURNS if least <= abs(one)), default=0) * (1 if one > 0 else -1) for one in self.sums)
        return right, down


class ButtonReducer:
    """Buttons and wheel of one session: when on a grid; how long one was down, how fast clicks and turns followed each other as a class."""

    def __init__(self, written: Written) -> None:
        self._written = written
        self._down: dict[int, tuple[int, int]] = {}  # by button: when it went down, and when as told
        self._click: tuple[int, int, int, int, int] | None = None  # the last press: button, when, when as told, where
        self._scroll: _Scroll | None = None
        self.reduced = 0  # turns that didn't lift their scroll into the next class

    def press(self, timestamp_ns: int, x: int, *, y: int, button: int) -> PointerButton:
        """Return a press; one that makes a double click of the one before has that one's time."""
        self._scroll = None
        last = self._click
        is_again = (
            last is not None and last[0] == button and 0 <= timestamp_ns - last[1] <= AGAIN_NS and _apart((x, y), last[3:]) <= AGAIN_PX
        )
        told_ns = last[2] if last is not None and is_again else self._written.on_grid(timestamp_ns)
        self._click = (button, timestamp_ns, told_ns, x, y)
        self._down[button] = (timestamp_ns, told_ns)
        return PointerButton(told_ns, x, y, button, pressed=True)

    def release(self, timestamp_ns: int, x: int, *, y: int, button: int) -> PointerButton:
        """Return a release, as long after its press as its class says."""
        self._scroll = None
        down = self._down.pop(button, None)
        if down is None:
            return PointerButton(self._written.on_grid(timestamp_ns), x, y, button, pressed=False)
        held_ns = class_of_time(timestamp_ns - down[0], HOLDS_MS) * MS
        return PointerButton(down[1] + held_ns, x, y, button, pressed=False)

    def wheel(self, timestamp_ns: int, x: int, *, y: int, turns: tuple[int, int]) -> PointerWheel | None:
        """Take a turn of the wheel (right, down); returns what it adds to its scroll's class, None when nothing."""
        self._click, scroll = None, self._scroll
        if scroll is None or not scroll.goes_on(timestamp_ns, (x, y), turns=turns):
            scroll = self._scroll = _Scroll(self._written.on_grid(timestamp_ns), x, y)
        scroll.last_ns = timestamp_ns
        before = scroll.told
        scroll.sums = (scroll.sums[0] + turns[0], scroll.sums[1] + turns[1])
        dx, dy = scroll.told[0] - before[0], scroll.told[1] - before[1]
        if dx or dy:
            return PointerWheel(scroll.told_ns, scroll.x, scroll.y, dx, dy)
        self.reduced += 1
        return None

    def interrupt(self) -> None:
        """Something else was done: what comes next is no second click and no further turn."""
        self._click = self._scroll = None


class KeyReducer:
    """Times of one session's keys: within typing they follow each other as anybody's do, and pauses are classes.

    Keys in faster succession than `KEY_STEPS_MS`, 13 a second, aren't slowed.
    """

    def __init__(self, written: Written) -> None:
        self._written = written
        self._true_ns = 0  # the last key as it was
        self._told_ns: int | None = None  # and as it was told; None before any
        self._number = 0

    def interrupt(self) -> None:
        """Something else was done: the next key has its time from the grid."""
        self._told_ns = None

    def key(self, timestamp_ns: int, *, is_repeat: bool = False) -> int:
        """Return the time that is told of a key."""
        if self._told_ns is None:
            told_ns = self._written.on_grid(timestamp_ns)
        else:
            wanted_ns = self._told_ns + self._step_ns(timestamp_ns - self._true_ns, is_repeat=is_repeat)
            told_ns = max(self._told_ns, self._written.at_least(wanted_ns, timestamp_ns))
        self._true_ns, self._told_ns = timestamp_ns, told_ns
        return told_ns

    def run(self, from_ns: int, to_ns: int, *, length: int) -> tuple[int, int]:
        """Return from when to when a run of typing is told; `length` is that of the text as written, which tells nothing more."""
        began_ns = self.key(from_ns)
        steps_ns = sum(KEY_STEPS_MS[number % len(KEY_STEPS_MS)] for number in range(max(0, length - 1))) * MS
        ended_ns = max(began_ns, min(began_ns + steps_ns, to_ns))
        self._true_ns, self._told_ns, self._number = to_ns, ended_ns, 0
        return began_ns, ended_ns

    def _step_ns(self, gap_ns: int, *, is_repeat: bool) -> int:
        if is_repeat:
            return 0
        if gap_ns >= PAUSES_MS[0] * MS:
            self._number = 0
            return class_of_time(gap_ns, PAUSES_MS) * MS
        step_ms = KEY_STEPS_MS[self._number % len(KEY_STEPS_MS)]
        self._number += 1
        return step_ms * MS


def reduced_rest(from_ns: int, to_ns: int) -> tuple[int, int]:
    """Return from when to when a rest of the pointer is told."""
    began_ns = floor_to(from_ns, GRID_NS)
    return began_ns, began_ns + class_of_time(to_ns - from_ns, RESTS_MS) * MS


def _apart(here: tuple[int, int], there: tuple[int, int]) -> float:
    return hypot(here[0] - there[0], here[1] - there[1])
