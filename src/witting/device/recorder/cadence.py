"""How far apart keys are in plain typing, as coarse counts: the only stream that is like a biometric one, off unless asked for by name.

How people type identifies them; at 50 ms it still does often. So this holds counts over a minute or more and nothing in order. Doesn't know
keys: is told only times. Invariant: no count is given out before 60 s of typing are in it, no step is finer than 50 ms.
"""

from witting.device.recorder.rhythm import on_grid
from witting.terms.raw import RawCadence

STEP_MS = 50
STEPS = 21  # the last one is for a second and more
AT_LEAST_NS = 60_000_000_000
_PAUSE_NS = 2_000_000_000  # further apart than this isn't typing on
_MINUTE_NS = 60_000_000_000
_STEP_NS = STEP_MS * 1_000_000


class CadenceCounts:
    """One session's counts, one histogram after the other."""

    def __init__(self) -> None:
        self._counts = [0] * STEPS
        self._typed_ns = 0
        self._from_ns = 0
        self._last_ns: int | None = None

    def key(self, timestamp_ns: int) -> list[RawCadence]:
        """Take the time of a key that went into a plain field; returns the counts once they hold enough."""
        last_ns, self._last_ns = self._last_ns, timestamp_ns
        if last_ns is None or not 0 <= timestamp_ns - last_ns < _PAUSE_NS:
            return []
        if not self._typed_ns:
            self._from_ns = last_ns
        self._counts[min((timestamp_ns - last_ns) // _STEP_NS, STEPS - 1)] += 1
        self._typed_ns += timestamp_ns - last_ns
        if self._typed_ns < AT_LEAST_NS:
            return []
        counts, began_ns = tuple(self._counts), self._from_ns
        self._counts, self._typed_ns = [0] * STEPS, 0
        return [RawCadence(on_grid(began_ns, _MINUTE_NS), on_grid(timestamp_ns, _MINUTE_NS) + _MINUTE_NS, STEP_MS, counts)]

    def interrupt(self) -> None:
        """Something else came between: the next key isn't so far from the last one."""
        self._last_ns = None

    def give_up(self) -> int | None:
        """Throw unfinished counts away, because recording stops; returns in which minute they began, None without any."""
        began_ns = on_grid(self._from_ns, _MINUTE_NS) if self._typed_ns else None
        self._counts, self._typed_ns, self._last_ns = [0] * STEPS, 0, None
        return began_ns
