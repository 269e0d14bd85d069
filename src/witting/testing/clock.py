"""A clock that stands still until told otherwise, for tests of deadlines, retention and timeouts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass
class FakeClock:
    """Monotonic and civil time that move together, and only by `advance`."""

    start: datetime = datetime(2026, 11, 24, 9, 0, 0, tzinfo=UTC)  # civil time at the beginning
    elapsed_ns: int = 1_000_000_000  # CLOCK_MONOTONIC

    def monotonic_ns(self) -> int:
        """Return the monotonic time in nanoseconds."""
        return self.elapsed_ns

    def now(self) -> datetime:
        """Return the aware UTC time."""
        return self.start + timedelta(microseconds=(self.elapsed_ns - 1_000_000_000) / 1000)

    def advance(self, *, seconds: float = 0.0, days: float = 0.0) -> None:
        """Let time pass."""
        self.elapsed_ns += round((seconds + days * 86_400) * 1_000_000_000)
