"""Hours of work in one session: memory stays flat, every hole has its reason, and what happens to machines happens to this one.

Two hours by default; WITTING_SOAK_MINUTES says otherwise. Prints what was measured (run with -s).
"""

import itertools
import os
import socket
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from recorded import adds_up, end_of

from witting.device import control
from witting.terms.events import Gap
from witting.testing.desktop import App, DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, RunningRecorder, lent_programme
from witting.testing.services import PrivateBus, Services
from witting.testing.x11 import wait_for

MINUTES = float(os.environ.get("WITTING_SOAK_MINUTES", "120"))
pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(MINUTES * 60 + 600)]

WARM_S = min(90.0, MINUTES * 12)  # caches fill
EXPLAINED = {  # every reason that what is done here can leave, and by what
    "paused": "the pause", "screen_locked": "the lock", "suspended": "the sleep", "participant_removed": "forgetting",
    "app_not_lent": "the terminal", "focus_unknown": "keys right after a switch", "over_budget": "clicks faster than pictures",
    "stream_not_lent": "not every stream is lent of the editor", "site_not_lent": "the extension that spoke of no page",
    "lost": "what pages did while the extension was gone",
}  # fmt: skip


class Bench:
    """A desktop, its made-up services, and somebody who works there."""

    def __init__(self, desktop: DesktopSession, services: Services, folder: Path) -> None:
        self.desktop, self.services = desktop, services
        self.editor: App = desktop.start_mousepad(folder / "plan.txt")
        self.terminal: App = desktop.start_app(["xterm", "-geometry", "50x8+20+560"], app="xterm")
        self.done: Counter[str] = Counter()

    def work(self, hands: Hands, turn: int) -> None:
        """Click, type, move, look."""
        self.editor.activate()
        area = self.editor.area()
        for step in range(3):
            hands.click(area.x + 40 + ((turn + step) * 97) % (area.width - 80), area.y + 80 + ((turn + step) * 53) % (area.height - 160))
            hands.type_text("The order is ready for delivery. ")
            hands.pause(0.3, 0.8)
        hands.press("ctrl+a")
        hands.press("Delete")
        self.terminal.activate()
        hands.type_text("ls ")
        self.editor.activate()

    def happen(self, recorder: RunningRecorder, turn: int) -> None:
        """One of the things that happen to a machine, in turn."""
        acts = (self.pause, self.lock, self.sleep, self.reload_extension, self.forget)
        act = acts[turn % len(acts)]
        act(recorder)
        self.done[act.__name__] += 1
        wait_for("recording", lambda: recorder.status().state == "recording")

    def pause(self, recorder: RunningRecorder) -> None:
        """The person pauses and goes on."""
        control.pause(recorder.control_path)
        time.sleep(0.3)
        control.resume(recorder.control_path)

    def lock(self, recorder: RunningRecorder) -> None:
        """The screen is locked and unlocked."""
        self.services.lock(is_locked=True)
        wait_for("the lock", lambda: recorder.status().why == "locked")
        self.services.lock(is_locked=False)

    def sleep(self, recorder: RunningRecorder) -> None:
        """The machine sleeps and wakes."""
        self.services.sleep(is_beginning=True)
        wait_for("the sleep", lambda: recorder.status().why == "suspended")
        self.services.sleep(is_beginning=False)

    def reload_extension(self, recorder: RunningRecorder) -> None:
        """The browser's native host connects and goes, as when the extension is loaded anew."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as host:
            host.connect(str(recorder.control_path.with_name("browser.sock")))
            wait_for("the host", lambda: recorder.status().is_browser_connected)
        wait_for("its end", lambda: not recorder.status().is_browser_connected)

    def forget(self, recorder: RunningRecorder) -> None:
        """The last seconds are forgotten."""
        control.forget(recorder.control_path, 5)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Give a desktop of its own with services."""
    with PrivateBus() as bus, Services(bus.address) as services, DesktopSession() as desktop:
        services.add_login()
        services.add_battery(percent=90, on_battery=False)
        desktop.env["DBUS_SYSTEM_BUS_ADDRESS"] = bus.address
        yield Bench(desktop, services, tmp_path)


def test_hours_of_work_leave_memory_flat_and_every_hole_explained(bench: Bench, tmp_path: Path) -> None:
    """Work, pauses, locks, sleeps, reloads and forgetting in one session; then the X server restarts, and a new session begins."""
    lender = Lender(tmp_path / "lent", lent_programme({"mousepad": ()}))
    resident: list[tuple[float, float]] = []
    with Hands(bench.desktop.display, seed=11, pace=1.5) as hands, lender.start(bench.desktop.env) as recorder:
        process, began = psutil.Process(recorder.process.pid), time.monotonic()
        files = process.num_fds()
        for turn in itertools.count():
            bench.work(hands, turn)
            bench.happen(recorder, turn)
            resident.append((time.monotonic() - began, process.memory_info().rss / 2**20))
            if time.monotonic() - began > MINUTES * 60:
                break
        assert process.num_fds() <= files + 5
        cpu = 100 * sum(process.cpu_times()[:2]) / (time.monotonic() - began)
        server = next(one for one in bench.desktop._processes if "Xvfb" in str(one.args))
        server.kill()
        assert recorder.process.wait(20) == 1
    records = lender.records()
    reasons = Counter(record.reason for record in records if isinstance(record, Gap))
    warm = [size for at, size in resident if at > WARM_S] or [size for _, size in resident]
    third = max(1, len(warm) // 3)
    first, last = statistics.median(warm[:third]), statistics.median(warm[-third:])
    size = sum(path.stat().st_size for path in (lender.folder / "spool").glob("*.session"))
    print(f"\n{MINUTES:g} min: {len(records)} records, {size / 1e6:.1f} MB sealed, {cpu:.1f} % of a core")
    print(f"resident memory {first:.0f} → {last:.0f} MB, peak {max(warm):.0f}")
    print(f"happened: {dict(bench.done)}; holes: {dict(reasons)}")
    assert end_of(records).reason == "server_gone"
    assert adds_up(records)
    assert set(reasons) <= set(EXPLAINED)
    assert {record.stream for record in records if isinstance(record, Gap) and record.reason == "lost"} <= {"pages"}
    assert last <= first * 1.1 + 5
    with DesktopSession() as again, lender.start(again.env) as recorder:
        assert recorder.status().state == "recording"
        assert recorder.stop() == 0
    assert len(lender.sessions()) == 2
