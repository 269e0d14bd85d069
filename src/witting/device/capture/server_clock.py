"""The X server's clock as CLOCK_MONOTONIC nanoseconds.

The server stamps each event with 32 bits of milliseconds that wrap every 49.7 days. Doesn't know what the events are. Invariant: a stamp
less than 24.8 days away from now is lifted to the one instant it can mean.
"""

from collections.abc import Callable

from witting.terms.clock import Clock

_WRAP_MS = 1 << 32
_MS_NS = 1_000_000


class ServerClock:
    """Lifts server stamps by the machine's clock; `offset_ms` = server minus CLOCK_MONOTONIC, 0 on a local Xorg or Xvfb."""

    def __init__(self, clock: Clock, *, offset_ms: int = 0) -> None:
        self._clock = clock
        self._offset_ms = offset_ms

    def lift_ns(self, server_ms: int) -> int:
        """Return the CLOCK_MONOTONIC nanoseconds of a 32-bit server stamp; never later than now."""
        return self.lifter()(server_ms)

    def lifter(self) -> Callable[[int], int]:
        """Return `lift_ns` as of now, for many stamps that were read together."""
        now_ns = self._clock.monotonic_ns()
        now_ms = now_ns // _MS_NS
        server_now_ms = now_ms + self._offset_ms + _WRAP_MS // 2

        def lift_ns(server_ms: int) -> int:
            return min(now_ns, (now_ms + _WRAP_MS // 2 - (server_now_ms - server_ms) % _WRAP_MS) * _MS_NS)

        return lift_ns


def offset_between(server_ms: int, monotonic_ns: int) -> int:
    """Return the server's offset in ms when both clocks were read together; 0 while they agree within 100 ms."""
    behind_ms = (monotonic_ns // _MS_NS - server_ms + _WRAP_MS // 2) % _WRAP_MS - _WRAP_MS // 2
    return 0 if abs(behind_ms) <= 100 else -behind_ms  # noqa: PLR2004 - a loaded machine answers this late
