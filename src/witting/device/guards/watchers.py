"""All guards of one recorder: the buses they listen to, the slow tick they share, and what holds now.

Doesn't pause anything; `on_change` is told. Invariant: nothing here is looked at more often than every ten seconds; all else comes as a
signal, or at the minute at which quiet hours begin or end.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from witting.device.capture.x11 import XDisplay
from witting.device.guards.budget import DiskBudget, ProcessorBudget
from witting.device.guards.bus import Bus
from witting.device.guards.lock import LockGuard, follow_server_saver
from witting.device.guards.power import PowerGuard
from witting.device.guards.reasons import HoldReason
from witting.device.guards.rules import is_quiet, load_rules, next_turn, tightened
from witting.device.guards.sharing import SharingGuard
from witting.device.guards.sleep import SleepGuard
from witting.terms.clock import Clock
from witting.terms.programme import Limits

TICK_NS = 10_000_000_000
_SECOND_NS = 1_000_000_000

OnChange = Callable[[HoldReason, bool], None]


class Guards:
    """One recorder's guards; `on_change` is told a reason and whether it holds, as often as they like."""

    def __init__(self, data_dir: Path, limits: Limits, *, display: XDisplay, on_change: OnChange, clock: Clock) -> None:
        self._data_dir, self._programme_limits, self._clock, self._on_change = data_dir, limits, clock, on_change
        self.rules = load_rules(data_dir)
        limits = tightened(limits, self.rules)
        self.system, self.session = Bus("SYSTEM"), Bus("SESSION")
        self.processor = ProcessorBudget(limits.cpu_percent, clock=clock)
        self._disk = DiskBudget(data_dir / "spool", limits.disk_mb_per_day, clock=clock)
        self._lock = LockGuard(self.system, self.session, on_change=lambda holds: on_change("locked", holds))
        self._sleep = SleepGuard(self.system, lambda holds: on_change("suspended", holds))
        self._power = PowerGuard(self.system, lambda holds: on_change("low_battery", holds), floor=limits.battery_percent)
        self._sharing = SharingGuard(self.session, display, on_change=lambda holds: on_change("screen_shared", holds))
        follow_server_saver(display)
        self._tick_due_ns = clock.monotonic_ns() + TICK_NS
        self._quiet_due_ns: int | None = None
        self._look_at_hours()
        self._look_at_budgets()

    @property
    def buses(self) -> tuple[Bus, ...]:
        """The connections to wait for."""
        return tuple(bus for bus in (self.system, self.session) if bus.is_there)

    def handle(self, event: Any) -> None:
        """Take an event of the display."""
        self._lock.handle(event)

    def reload(self) -> None:
        """Read the participant's rules again."""
        self.rules = load_rules(self._data_dir)
        limits = tightened(self._programme_limits, self.rules)
        self.processor.percent, self._disk.mb_per_day = limits.cpu_percent, limits.disk_mb_per_day
        self._power.floor = limits.battery_percent
        self._power.tick()
        self._look_at_hours()
        self._look_at_budgets()

    @property
    def next_due_ns(self) -> int:
        """When `tick` has something to do."""
        return self._tick_due_ns if self._quiet_due_ns is None else min(self._tick_due_ns, self._quiet_due_ns)

    def tick(self) -> None:
        """Look at what nobody tells of, if it is time."""
        now_ns = self._clock.monotonic_ns()
        if self._quiet_due_ns is not None and now_ns >= self._quiet_due_ns:
            self._look_at_hours()
        if now_ns >= self._tick_due_ns:
            self._tick_due_ns = now_ns + TICK_NS
            self._sleep.tick()
            self._power.tick()
            self._sharing.tick()
            self.processor.tick()
            self._look_at_hours()
            self._look_at_budgets()

    def close(self) -> None:
        """Leave the buses."""
        self.system.close()
        self.session.close()

    def _look_at_hours(self) -> None:
        local = self._clock.now().astimezone()
        self._on_change("quiet_hours", is_quiet(self.rules, local))
        turn = next_turn(self.rules, local)
        seconds = None if turn is None else (turn - local).total_seconds()
        self._quiet_due_ns = None if seconds is None else self._clock.monotonic_ns() + max(1, round(seconds * _SECOND_NS))

    def _look_at_budgets(self) -> None:
        if self.processor.is_over:
            self._on_change("over_cpu", True)
        self._on_change("over_disk", self._disk.is_over)
        self._on_change("disk_full", self._disk.is_full)
