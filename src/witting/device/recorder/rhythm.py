"""Keys of plain fields counted by class within windows of five seconds: what level "rhythm" holds instead of text.

Doesn't know fields or verdicts; is given only what went into plain ones. Invariant: which key it was is gone once `count` returns; a window
is told whole or not at all, and its times are whole seconds.
"""

import unicodedata
from typing import Literal

from witting.terms.raw import RawKeyRun

WINDOW_NS = 5_000_000_000
LATE_NS = 1_000_000_000  # keys are judged up to this long after they were pressed
GRID_NS = 1_000_000_000

KeyClass = Literal["letters", "digits", "spaces", "punctuation", "editing"]
_CLASSES: dict[str, KeyClass] = {"L": "letters", "M": "letters", "N": "digits", "Z": "spaces"}


def class_of(text: str) -> KeyClass:
    """Return the class of what a key typed, by its Unicode category; "" is an editing key."""
    return _CLASSES.get(unicodedata.category(text[0])[0], "punctuation") if text else "editing"


def on_grid(timestamp_ns: int, grid_ns: int = GRID_NS) -> int:
    """Return a time rounded down to the grid."""
    return timestamp_ns - timestamp_ns % grid_ns


class KeyCounts:
    """One session's windows, one after the other."""

    def __init__(self) -> None:
        self._from_ns = 0
        self._counts: dict[KeyClass, int] = {}

    def count(self, key_class: KeyClass, timestamp_ns: int) -> list[RawKeyRun]:
        """Take a key; returns the window that it is too late for."""
        ended = self._end(timestamp_ns)
        if not self._counts:
            self._from_ns = on_grid(timestamp_ns)
        self._counts[key_class] = self._counts.get(key_class, 0) + 1
        return ended

    def end_overdue(self, now_ns: int) -> list[RawKeyRun]:
        """Return the window if no key of it can come any more."""
        return self._end(now_ns - LATE_NS)

    def _end(self, now_ns: int) -> list[RawKeyRun]:
        if not self._counts or now_ns < self._from_ns + WINDOW_NS:
            return []
        counts, self._counts = self._counts, {}
        return [RawKeyRun(self._from_ns, self._from_ns + WINDOW_NS, **counts)]

    def give_up(self) -> int | None:
        """Throw an unfinished window away, because recording stops; returns when it began, None without one."""
        began_ns = self._from_ns if self._counts else None
        self._counts = {}
        return began_ns

    @property
    def next_due_ns(self) -> int | None:
        """When `end_overdue` has something to do."""
        return self._from_ns + WINDOW_NS + LATE_NS if self._counts else None
