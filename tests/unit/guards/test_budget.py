"""What recording may cost: processor, bytes a day, room on the disk."""

import os
from datetime import timedelta

import pytest

from witting.device.guards.budget import LEAST_FREE_BYTES, DiskBudget, ProcessorBudget
from witting.testing.clock import FakeClock

SECOND = 1_000_000_000


class Machine:
    """A budget of 10 per cent on a clock, with processor time that is told."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.used_ns = 0
        self.budget = ProcessorBudget(10, clock=self.clock, used_ns=lambda: self.used_ns)

    def work(self, percent, seconds):
        """Use a share of the processor for a while, looking every ten seconds."""
        for _ in range(0, seconds, 10):
            self.clock.advance(seconds=10)
            self.used_ns += percent * SECOND // 10
            self.budget.tick()


@pytest.mark.promise("P23")
def test_over_budget_pictures_get_rarer_first_and_then_it_holds():
    """A minute above the share thins pictures; one more such minute stops recording."""
    machine = Machine()
    machine.work(30, 50)
    assert (machine.budget.is_thinned, machine.budget.is_over) == (False, False)
    machine.work(30, 10)
    assert (machine.budget.is_thinned, machine.budget.is_over) == (True, False)
    machine.work(30, 60)
    assert machine.budget.is_over


@pytest.mark.promise("P23")
def test_a_short_burst_costs_nothing():
    """Ten busy seconds in a quiet minute are within budget."""
    machine = Machine()
    machine.work(50, 10)
    machine.work(0, 170)
    assert (machine.budget.is_thinned, machine.budget.is_over) == (False, False)


def test_thinning_ends_when_it_helped():
    """Well below the share again, pictures come as often as before; going on after a stop measures anew."""
    machine = Machine()
    machine.work(30, 60)
    machine.work(2, 60)
    assert not machine.budget.is_thinned
    machine.work(30, 120)
    assert machine.budget.is_over
    machine.budget.forgive()
    assert not machine.budget.is_over


@pytest.mark.promise("P23")
def test_a_days_bytes_are_counted_over_all_sessions_of_the_day(tmp_path):
    """What was written today counts, yesterday's doesn't, and what lies beside the sessions doesn't either."""
    clock = FakeClock()
    for name, size, days in (("a.session", 600_000, 0), ("b.session", 500_000, 0), ("c.session", 900_000, 2), ("a.ballast", 900_000, 0)):
        (tmp_path / name).write_bytes(bytes(size))
        then = (clock.now() - timedelta(days=days)).timestamp()
        os.utime(tmp_path / name, (then, then))
    assert DiskBudget(tmp_path, 1, clock=clock).is_over
    assert not DiskBudget(tmp_path, 2, clock=clock).is_over


@pytest.mark.promise("P23")
def test_a_nearly_full_disk_is_told_before_it_is_full(tmp_path):
    """Recording stops while there is still room for what others need."""
    clock = FakeClock()
    assert DiskBudget(tmp_path, 9, clock=clock, free_bytes=lambda _: LEAST_FREE_BYTES - 1).is_full
    assert not DiskBudget(tmp_path, 9, clock=clock, free_bytes=lambda _: LEAST_FREE_BYTES).is_full
    assert not DiskBudget(tmp_path / "none", 9, clock=clock).is_full
