"""What the guards hear from a desktop's services, on buses of their own with made-up services."""

import selectors
from datetime import timedelta
from pathlib import Path

import pytest
from jeepney import DBusAddress

from witting.device.capture.sign import Sign
from witting.device.capture.tray import ITEM_PATH, MENU_PATH, WATCHER, Tray
from witting.device.capture.x11 import XDisplay
from witting.device.guards import OwnRules, save_rules
from witting.device.guards import budget as budgets
from witting.device.guards.bus import Bus
from witting.device.guards.lock import SAVERS
from witting.device.guards.network import is_metered
from witting.device.guards.power import PowerGuard
from witting.device.guards.sleep import SleepGuard
from witting.device.guards.watchers import TICK_NS, Guards
from witting.terms.programme import Limits
from witting.testing.clock import FakeClock
from witting.testing.services import PrivateBus, Services
from witting.testing.x11 import wait_for

pytestmark = pytest.mark.e2e
SECOND = 1_000_000_000


class Watched:
    """Guards on a display, with the services they listen to and what they said last."""

    def __init__(self, desktop, tmp_path, services, monkeypatch, *, rules=None, system=True) -> None:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", services.address)
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", services.address if system else "unix:path=/nonexistent/bus")
        self.said: dict[str, bool] = {}
        self.clock = FakeClock()
        if rules:
            save_rules(tmp_path, rules)
        self.display = XDisplay(desktop.display)
        self.guards = Guards(tmp_path, Limits(), display=self.display, on_change=self.said.__setitem__, clock=self.clock)

    def hears(self, reason: str, *, holds: bool = True) -> bool:
        """Whether a guard comes to say so, by word of the buses and the display alone."""

        def heard() -> bool:
            with selectors.DefaultSelector() as selector:
                for bus in self.guards.buses:
                    selector.register(bus.fileno(), selectors.EVENT_READ, bus)
                for key, _ in selector.select(0.05):
                    key.data.poll()
            for event in self.display.events():
                self.guards.handle(event)
            return self.said.get(reason) is holds

        return bool(wait_for(f"{reason} {holds}", heard, seconds=10.0))

    def close(self) -> None:
        """Let go of everything."""
        self.guards.close()
        self.display.close()


@pytest.fixture
def bus():
    """Give a bus of its own."""
    with PrivateBus() as private:
        yield private


@pytest.fixture
def services(bus):
    """Give services on it, none there yet."""
    with Services(bus.address) as made_up:
        made_up.address = bus.address
        yield made_up


@pytest.fixture
def watched(desktop, tmp_path, services, monkeypatch):
    """Give a way to start guards, which are ended with the test."""
    started = []

    def start(**how) -> Watched:
        started.append(Watched(desktop, tmp_path, services, monkeypatch, **how))
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_a_screen_that_logind_says_is_locked_holds_until_it_is_unlocked(watched, services):
    """The session's LockedHint counts, from before recording began and at each change."""
    services.add_login(is_locked=True)
    guards = watched()
    assert guards.hears("locked")
    services.lock(is_locked=False)
    assert guards.hears("locked", holds=False)
    services.lock(is_locked=True)
    assert guards.hears("locked")


@pytest.mark.parametrize(("name", "path"), SAVERS)
def test_a_screen_saver_that_goes_on_holds(watched, services, name, path):
    """The screen savers of the desktops count, whichever is there."""
    services.add_saver(name, path)
    guards = watched()
    assert guards.hears("locked", holds=False)
    services.signal(path, f"{name}.ActiveChanged", "b", (True,))
    assert guards.hears("locked")
    services.signal(path, f"{name}.ActiveChanged", "b", (False,))
    assert guards.hears("locked", holds=False)


def test_the_x_servers_own_screen_saver_holds(desktop, watched, services):
    """Without any desktop the server's word counts."""
    del services
    import xcffib
    import xcffib.xproto as xp

    guards = watched()
    other = xcffib.connect(display=desktop.display)
    other.core.ForceScreenSaver(xp.ScreenSaver.Active)
    other.flush()
    assert guards.hears("locked")
    other.core.ForceScreenSaver(xp.ScreenSaver.Reset)
    other.flush()
    assert guards.hears("locked", holds=False)
    other.disconnect()


def test_going_to_sleep_holds_until_the_machine_woke(watched, services):
    """Logind's word before sleep and after it."""
    services.add_login()
    guards = watched()
    services.sleep(is_beginning=True)
    assert guards.hears("suspended")
    services.sleep(is_beginning=False)
    assert guards.hears("suspended", holds=False)


def test_a_sleep_that_nobody_told_of_is_seen_by_the_clocks():
    """The clock that counts sleep runs ahead of the one that doesn't; a tick tells that it slept and that it woke."""
    said, asleep = [], [5 * SECOND]
    guard = SleepGuard(Bus("unix:path=/nonexistent/bus"), said.append, asleep_ns=lambda: asleep[0])
    guard.tick()
    assert said == []
    asleep[0] += 40 * SECOND
    guard.tick()
    guard.tick()
    assert said == [True, False]


@pytest.mark.promise("P23")
def test_a_low_battery_holds_until_it_is_charged_or_plugged_in(watched, services):
    """At the floor on battery it holds; above it, or on mains, it doesn't."""
    services.add_battery(percent=55, on_battery=True)
    guards = watched()
    assert guards.hears("low_battery", holds=False)
    services.add_battery(percent=20, on_battery=True)
    assert guards.hears("low_battery")
    services.add_battery(percent=20, on_battery=False)
    assert guards.hears("low_battery", holds=False)


@pytest.mark.promise("P23")
def test_without_upower_the_kernels_word_counts(tmp_path):
    """The folder of batteries is read; a mouse's battery is none of ours, and no battery never holds."""
    said = []
    guard = PowerGuard(Bus("unix:path=/nonexistent/bus"), said.append, floor=20, supplies=tmp_path)
    for name, values in {
        "BAT0": {"type": "Battery", "capacity": "15", "status": "Discharging"},
        "mouse": {"type": "Battery", "capacity": "2", "status": "Discharging", "scope": "Device"},
    }.items():
        (tmp_path / name).mkdir()
        for key, value in values.items():
            (tmp_path / name / key).write_text(value + "\n")
    guard.tick()
    (tmp_path / "BAT0" / "status").write_text("Charging\n")
    guard.tick()
    assert said == [False, True, False]


def test_a_viewer_on_this_display_holds(desktop, watched, services, monkeypatch):
    """A program that shows the display to others is seen by its connection, within a tick, and gone again with it."""
    del services
    import shutil
    import sys

    sharer = Path(desktop.folder) / "x11vnc"
    shutil.copy2(Path(sys.executable).resolve(), sharer)
    program = "import time, xcffib, xcffib.xproto; x = xcffib.connect(); x.core.GetInputFocus().reply(); time.sleep(60)"
    environment = {"PYTHONHOME": sys.base_prefix, "PYTHONPATH": ":".join(path for path in sys.path if path)}
    guards = watched()
    assert not guards.said["screen_shared"]
    process = desktop.launch([str(sharer), "-c", program], env=environment)

    def ticked(*, holds: bool) -> bool:
        assert not holds or process.poll() is None, (desktop.folder / "logs" / "x11vnc.log").read_text()
        guards.clock.advance(seconds=TICK_NS / SECOND)
        guards.guards.tick()
        return guards.said["screen_shared"] is holds

    wait_for("the share", lambda: ticked(holds=True), seconds=40)
    process.terminate()
    process.wait()
    wait_for("the end of it", lambda: ticked(holds=False))


def test_a_screen_cast_of_gnomes_compositor_holds(watched, services):
    """A cast's session on the bus counts from the moment its stream begins."""
    from jeepney import new_method_return

    path, name = "/org/gnome/Mutter/ScreenCast/Session", "org.gnome.Mutter.ScreenCast"
    nodes = ['<node><node name="u1"/></node>']
    services.own(name)
    services.answer(path, "Introspect", by=lambda call: new_method_return(call, "s", (nodes[0],)))
    guards = watched()
    assert guards.hears("screen_shared")
    nodes[0] = "<node></node>"
    services.signal(f"{path}/u1", f"{name}.Session.Closed")
    assert guards.hears("screen_shared", holds=False)


@pytest.mark.promise("P23")
@pytest.mark.parametrize(("word", "metered"), [(1, True), (3, True), (2, False), (4, False), (0, False), (None, False)])
def test_a_metered_network_is_known_by_networkmanagers_word(services, monkeypatch, word, metered):
    """Yes and probably yes count; no, unknown and no NetworkManager don't."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", services.address)
    if word is not None:
        services.add_network(metered=word)
        services.ask(DBusAddress("/", "org.freedesktop.DBus", "org.freedesktop.DBus"), "GetId")
    assert is_metered() is metered


@pytest.mark.promise("P23")
def test_budgets_and_hours_are_looked_at_by_a_slow_tick(watched, services, tmp_path, monkeypatch):
    """Bytes of the day and room on the disk hold at the next tick, quiet hours at their minute; a person's new rules hold at once."""
    del services
    guards = watched()
    assert not any(guards.said[reason] for reason in ("quiet_hours", "over_disk", "disk_full"))
    monkeypatch.setattr(budgets.DiskBudget, "is_full", property(lambda _: True))
    guards.guards.tick()
    assert not guards.said["disk_full"]
    guards.clock.advance(seconds=10)
    guards.guards.tick()
    assert guards.said["disk_full"]
    now = guards.clock.now().astimezone()
    begin = now.replace(second=0) + timedelta(minutes=2)
    save_rules(tmp_path, OwnRules(quiet=(f"{begin:%H:%M}-{begin + timedelta(minutes=1):%H:%M}",)))
    guards.guards.reload()
    assert not guards.said["quiet_hours"]
    seconds = (begin - now).total_seconds()
    assert guards.guards.next_due_ns <= guards.clock.monotonic_ns() + TICK_NS
    guards.clock.advance(seconds=seconds)
    guards.guards.tick()
    assert guards.said["quiet_hours"]
    guards.clock.advance(seconds=60)
    guards.guards.tick()
    assert not guards.said["quiet_hours"]


def test_without_any_bus_nothing_holds_and_nothing_fails(watched, bus):
    """A machine without D-Bus, or one whose bus goes away, records as before."""
    guards = watched(system=False)
    bus.stop()
    for session in guards.guards.buses:
        wait_for("the loss", lambda: (session.poll(), not session.is_there)[1])  # noqa: B023 - used at once
    assert guards.guards.buses == ()
    guards.clock.advance(seconds=10)
    guards.guards.tick()
    assert not any(guards.said.values())


def test_the_tray_shows_the_state_and_its_menu_works(services, monkeypatch):
    """An item registers with the tray, says what the sign says, pauses by a click or its menu, and comes back when the tray does."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", services.address)
    chosen = []
    session = Bus("SESSION")
    tray = Tray(session, chosen.append)
    turn_until(session, lambda: not session._waiting)
    assert not tray.is_shown
    services.add_tray()
    turn_until(session, lambda: tray.is_shown)
    name = next(body[0] for member, body in services.called if member == "RegisterStatusNotifierItem")
    item, menu = DBusAddress(ITEM_PATH, name, "org.kde.StatusNotifierItem"), DBusAddress(MENU_PATH, name, "com.canonical.dbusmenu")
    tray.show(Sign("paused", why="screen locked"))
    properties = answered(session, services, item.with_interface("org.freedesktop.DBus.Properties"), "GetAll", "s", (item.interface,))[0]
    assert properties["Title"][1] == "witting: Paused · screen locked"
    assert {(width, len(data)) for width, _, data in properties["IconPixmap"][1]} == {(22, 22 * 22 * 4), (44, 44 * 44 * 4)}
    _, (_, _, rows) = answered(session, services, menu, "GetLayout", "iias", (0, -1, []))
    labels = [row[1][1].get("label", ("s", ""))[1] for row in rows]
    assert labels == ["Paused · screen locked", "Go on", "Forget the last 5 minutes", "", "Stop recording"]
    answered(session, services, item, "Activate", "ii", (1, 1))
    for number in (2, 3, 5, 1):
        answered(session, services, menu, "Event", "isvu", (number, "clicked", ("i", 0), 0))
    answered(session, services, menu, "EventGroup", "a(isvu)", ([(5, "clicked", ("i", 0), 0), (5, "hovered", ("i", 0), 0)],))
    assert chosen == ["toggle", "toggle", "forget", "stop", "stop"]
    assert answered(session, services, menu, "AboutToShow", "i", (0,)) == (False,)
    assert answered(session, services, menu, "GetProperty", "is", (2, "label")) == (("s", "Go on"),)
    assert len(answered(session, services, menu, "GetGroupProperties", "aias", ([2, 3], []))[0]) == 2
    assert answered(session, services, menu, "Nonsense") is None
    services.disown(WATCHER)
    turn_until(session, lambda: not tray.is_shown)
    tray.close()
    session.close()


def turn_until(session: Bus, is_so) -> None:
    """Have a bus of ours work until something is so."""
    wait_for("the bus", lambda: (session.poll(), is_so())[1], seconds=10.0)


def answered(session: Bus, services: Services, target: DBusAddress, member: str, *argument):
    """Call something of ours from the other side, and return the answer's body."""
    answers = []
    with services._lock:
        services._bus.call(target, member, *argument, on_answer=answers.append)
    turn_until(session, lambda: bool(answers))
    return answers[0]
