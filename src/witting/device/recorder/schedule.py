"""When the next picture is due: at the start, a moment after a change, again while changes go on, and a moment after a click.

Knows the times of changes and clicks, not what is on the screen. Invariant: pictures of changes come no faster than agreed, and while
nothing changes none is due.
"""

from typing import Literal

Why = Literal["start", "damage", "periodic", "click", "after_click"]

_SETTLE_NS = 120_000_000  # after a change, so that a picture isn't of something half drawn
_STAGES = (
    220_000_000,  # after a press: from here on it is watched whether the screen still changes
    300_000_000,  # the picture of what came of a click is due if the screen is quiet
    500_000_000,  # and if it isn't
)


class Schedule:
    """Decides when to look; `interval_ns` lies between pictures while changes go on."""

    def __init__(self, interval_ns: int) -> None:
        self._agreed_ns = self._interval_ns = interval_ns
        self.forget()

    def forget(self) -> None:
        """Begin anew: the next picture is the first."""
        self._is_first = True
        self._changed_ns: int | None = None  # when something changed that no picture shows yet
        self._next_ns = 0  # not before this for changes
        self._press_ns: int | None = None  # of the click whose picture afterwards is still to come
        self._stage = 0  # how far that click's time has come, an index into _STAGES

    def thin(self, times: int) -> None:
        """Let so many times the agreed time lie between pictures of changes."""
        self._interval_ns = self._agreed_ns * times

    def note_change(self, now_ns: int) -> None:
        """Something on the screen changed."""
        if self._changed_ns is None:
            self._changed_ns = now_ns

    def note_press(self, now_ns: int) -> None:
        """A button went down; a click before it that has no picture afterwards gets none, because this click's shows what came of it."""
        self._press_ns, self._stage = now_ns, 0

    def note_picture(self, why: Why, now_ns: int) -> None:
        """A picture was taken, or is about to be."""
        self._is_first = False
        self._changed_ns = None
        self._next_ns = now_ns + self._interval_ns
        if why == "after_click":
            self._press_ns = None

    def put_off(self, now_ns: int) -> None:
        """What is in front isn't to be pictured: look again when something changes."""
        self._changed_ns, self._press_ns = None, None
        self._next_ns = now_ns + self._interval_ns

    def wait_until(self, at_ns: int) -> None:
        """Take no picture of changes before a time."""
        self._next_ns = max(self._next_ns, at_ns)

    def must_watch(self, now_ns: int) -> bool:
        """Whether from now on it has to be seen if the screen is quiet after a click; True once for each click."""
        if self._press_ns is None or self._stage > 0 or now_ns < self._press_ns + _STAGES[0]:
            return False
        self._stage = 1
        return True

    def due(self, now_ns: int, *, is_quiet: bool) -> Why | None:
        """Return what a picture is due for now; `is_quiet` = nothing changed since the screen is watched."""
        if self._press_ns is not None:
            return self._due_after(self._press_ns, now_ns, is_quiet=is_quiet)
        if self._changed_ns is None or now_ns < max(self._changed_ns + _SETTLE_NS, self._next_ns):
            return None
        if self._is_first:
            return "start"
        return "periodic" if self._next_ns > self._changed_ns + _SETTLE_NS else "damage"

    def next_due_ns(self) -> int | None:
        """When `due` or `must_watch` should be asked next."""
        if self._press_ns is not None:
            return self._press_ns + _STAGES[self._stage]
        return None if self._changed_ns is None else max(self._changed_ns + _SETTLE_NS, self._next_ns)

    def _due_after(self, press_ns: int, now_ns: int, *, is_quiet: bool) -> Why | None:
        """Return whether the picture after a click is due; a click of which nothing comes has none."""
        is_over = now_ns >= press_ns + _STAGES[2]
        is_due = is_over or (self._stage == 1 and now_ns >= press_ns + _STAGES[1] and is_quiet)
        if now_ns >= press_ns + _STAGES[1]:
            self._stage = 2
        if is_due and self._changed_ns is not None:
            return "after_click"
        if is_over:
            self._press_ns = None
        return None
