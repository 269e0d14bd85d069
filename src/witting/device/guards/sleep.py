"""Whether the machine goes to sleep, by logind's word before it does, and whether it slept, by two clocks.

CLOCK_BOOTTIME counts sleep, CLOCK_MONOTONIC doesn't. Invariant: it holds from the word of going to sleep until the word of having woken.
"""

import time
from collections.abc import Callable

from jeepney import MatchRule, Message

from witting.device.guards.bus import Bus

_SLEPT_NS = 2_000_000_000  # the clocks are read one after the other


class SleepGuard:
    """`on_change` is told when the machine goes to sleep and when it woke; `asleep_ns` reads how long it ever slept."""

    def __init__(self, system: Bus, on_change: Callable[[bool], None], *, asleep_ns: Callable[[], int] | None = None) -> None:
        self._on_change = on_change
        self._asleep_ns = asleep_ns or ever_asleep_ns
        self._known_ns = self._asleep_ns()

        def prepare(message: Message) -> None:
            on_change(bool(message.body[0]))

        system.hear(MatchRule(type="signal", interface="org.freedesktop.login1.Manager", member="PrepareForSleep"), prepare)

    def tick(self) -> None:
        """Look whether the machine slept without a word: then it says so, and that it woke."""
        now_ns = self._asleep_ns()
        if now_ns - self._known_ns > _SLEPT_NS:
            self._on_change(True)
            self._on_change(False)
        self._known_ns = now_ns


def ever_asleep_ns() -> int:
    """Return how long the machine has slept since it was started."""
    boottime = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(boottime) - time.clock_gettime_ns(time.CLOCK_MONOTONIC)
