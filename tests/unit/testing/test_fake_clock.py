"""The clock of tests moves only when told."""

from datetime import timedelta

from witting.testing.clock import FakeClock


def test_both_times_move_together() -> None:
    """Monotonic and civil time advance by the same amount, and by nothing else."""
    clock = FakeClock()
    first_ns, first = clock.monotonic_ns(), clock.now()
    assert (clock.monotonic_ns(), clock.now()) == (first_ns, first)
    clock.advance(seconds=1.5, days=2)
    assert clock.monotonic_ns() - first_ns == 172_801_500_000_000
    assert clock.now() - first == timedelta(days=2, seconds=1.5)
    assert clock.now().tzinfo is not None
