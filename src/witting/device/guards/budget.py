"""Whether recording costs more than it may: processor time over a minute, bytes written today, room on the disk.

Measures this process and the spool's folder; knows nothing of what is recorded. Invariant: over budget the pictures get rarer first
(`is_thinned`), and only if a further minute is over budget as well does it hold.
"""

import shutil
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from witting.terms.clock import Clock

_WINDOW_NS = 60_000_000_000
LEAST_FREE_BYTES = 300_000_000
_MB = 1_000_000


class ProcessorBudget:
    """Processor time of this process over the last minute; `used_ns` reads how much it ever used."""

    def __init__(self, percent: int, *, clock: Clock, used_ns: Callable[[], int] = time.process_time_ns) -> None:
        self.percent = percent
        self.is_thinned = False
        self.is_over = False
        self._clock = clock
        self._used_ns = used_ns
        self._seen: deque[tuple[int, int]] = deque([(clock.monotonic_ns(), used_ns())])

    def tick(self) -> None:
        """Measure; call it every few seconds."""
        now_ns, used_ns = self._clock.monotonic_ns(), self._used_ns()
        self._seen.append((now_ns, used_ns))
        while len(self._seen) > 1 and self._seen[1][0] <= now_ns - _WINDOW_NS:
            self._seen.popleft()
        from_ns, before_ns = self._seen[0]
        if now_ns - from_ns < _WINDOW_NS:
            return
        if 100 * (used_ns - before_ns) > self.percent * (now_ns - from_ns):
            self.is_over, self.is_thinned = self.is_thinned, True
            self._seen = deque([(now_ns, used_ns)])  # a whole minute more, with fewer pictures
        elif 200 * (used_ns - before_ns) < self.percent * (now_ns - from_ns):
            self.is_thinned = False

    def forgive(self) -> None:
        """The person goes on: measure anew."""
        self.is_over = False
        self._seen = deque([(self._clock.monotonic_ns(), self._used_ns())])


class DiskBudget:
    """Bytes that were sealed today below a spool's folder, and room on its disk."""

    def __init__(self, folder: Path, mb_per_day: int, *, clock: Clock, free_bytes: Callable[[Path], int] | None = None) -> None:
        self.mb_per_day = mb_per_day
        self._folder = folder
        self._clock = clock
        self._free_bytes = free_bytes or (lambda path: shutil.disk_usage(path).free)

    @property
    def is_over(self) -> bool:
        """Whether the day's share is used up."""
        return self.written_today() >= self.mb_per_day * _MB

    @property
    def is_full(self) -> bool:
        """Whether the disk is nearly full; a folder that isn't there is no disk."""
        try:
            return self._free_bytes(self._folder) < LEAST_FREE_BYTES
        except OSError:
            return False

    def written_today(self) -> int:
        """Return the bytes of the sessions that were written to today; a session over midnight counts whole, so that it errs to less."""
        midnight = self._clock.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        return sum(size for size, changed in self._files() if datetime.fromtimestamp(changed, midnight.tzinfo) >= midnight)

    def _files(self) -> list[tuple[int, float]]:
        found = []
        for path in self._folder.glob("*.session"):
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue
            found.append((stat.st_size, stat.st_mtime))
        return found
