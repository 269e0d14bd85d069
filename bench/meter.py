"""What a set of processes costs: CPU of a core, wake-ups of all their threads, resident memory."""

import contextlib
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import psutil


class Cost(NamedTuple):
    """What was used in a window of time."""

    cpu: float  # percent of a core
    wakeups: float  # voluntary context switches a second, all threads
    rss_mb: float  # MiB, largest seen at the two ends of the window


class Meter:
    """Measures processes that `find` names, children included; what ended within the window isn't counted."""

    def __init__(self, find: Callable[[], Iterable[int]]) -> None:
        self._find = find
        self._began = time.monotonic()
        self._before, self._rss = self._read()

    def read(self) -> Cost:
        """Return what was used since the meter was made."""
        now, rss = self._read()
        took = time.monotonic() - self._began
        cpu = sum(seconds - self._before.get(pid, (0.0, 0))[0] for pid, (seconds, _) in now.items())
        wakeups = sum(max(0, switches - self._before.get(pid, (0.0, 0))[1]) for pid, (_, switches) in now.items())
        return Cost(100 * cpu / took, wakeups / took, max(rss, self._rss))

    def _read(self) -> tuple[dict[int, tuple[float, int]], float]:
        found: dict[int, tuple[float, int]] = {}
        rss = 0.0
        for pid in self._find():
            with contextlib.suppress(psutil.Error, OSError):
                root = psutil.Process(pid)
                for process in [root, *root.children(recursive=True)]:
                    with contextlib.suppress(psutil.Error, OSError):
                        found[process.pid] = cpu_s(process.pid), switches_of(process.pid)
                        rss += process.memory_info().rss / 2**20
        return found, rss


def cpu_s(pid: int) -> float:
    """Return the CPU seconds of a process, of threads that ended too, to the nanosecond; psutil's tick in 10 ms."""
    return time.clock_gettime((~pid << 3) | 2)  # its CPU clock, clock_getcpuclockid(3)


def switches_of(pid: int) -> int:
    """Return how often the threads of a process went to sleep by themselves."""
    total = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        with contextlib.suppress(OSError):
            total += sum(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("voluntary_ctxt_switches"))
    return total


def by_command(*words: str) -> list[int]:
    """Return the processes whose command line holds all the words."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or ())
        if all(word in line for word in words):
            found.append(process.pid)
    return found
