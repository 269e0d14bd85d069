"""Each guard holds while what it looks for is there, by whoever says so, and lets go when that ends."""

import contextlib
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xcffib.screensaver
from hypothesis import given
from hypothesis import strategies as st
from jeepney import DBusAddress, new_error, new_method_call, new_method_return
from spoken_bus import SpokenBus, on_bus

from witting.device.guards import network, sharing
from witting.device.guards.bus import Bus
from witting.device.guards.lock import SAVERS, LockGuard, follow_server_saver
from witting.device.guards.power import PowerGuard, read_supplies
from witting.device.guards.rules import OwnRules, save_rules
from witting.device.guards.sharing import SharingGuard
from witting.device.guards.sleep import SleepGuard, ever_asleep_ns
from witting.device.guards.watchers import TICK_NS, Guards
from witting.terms.errors import CaptureError
from witting.terms.programme import Limits
from witting.testing.clock import FakeClock

LOGIND_SESSION = "/org/freedesktop/login1/session/_31"
DISPLAY_DEVICE = "/org/freedesktop/UPower/devices/DisplayDevice"
UPOWER = "/org/freedesktop/UPower"
CASTS = "/org/gnome/Mutter/ScreenCast/Session"


class Bare:
    """A display without any extension."""

    root = 1

    def extension(self, key: object, name: str) -> Any:
        """Have none."""
        message = f"the display has no {name} ({type(key).__name__})"
        raise CaptureError(message, hint="")


class Seen:
    """A display that tells which processes are connected to it."""

    def __init__(self) -> None:
        self.processes: list[int] = []

    def extension(self, key: object, name: str) -> Any:
        """Return what stands for X-Resource."""
        assert (key is not None, name) == (True, "X-Resource")
        answer = SimpleNamespace(ids=[SimpleNamespace(value=[process]) for process in self.processes])
        return SimpleNamespace(QueryVersion=lambda *_: None, QueryClientIds=lambda *_: answer)

    def ask(self, question: Callable[[], Any]) -> Any:
        """Answer at once."""
        return question()


def saver_event(state: int) -> xcffib.screensaver.NotifyEvent:
    """Return the X server's word that its screen saver changed."""
    event = xcffib.screensaver.NotifyEvent.__new__(xcffib.screensaver.NotifyEvent)
    event.state = state
    return event


@pytest.fixture
def spoken() -> SpokenBus:
    """What the bus under test speaks to."""
    return SpokenBus()


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch, spoken: SpokenBus) -> Bus:
    """A bus that is there."""
    return on_bus(monkeypatch, spoken)


@pytest.fixture
def held() -> list[bool]:
    """What a guard said, in order."""
    return []


def test_a_locked_screen_is_told_by_logind(bus: Bus, spoken: SpokenBus, held: list[bool]) -> None:
    """The caller's own session is found, its hint read, and followed."""
    spoken.answers = {
        ("/org/freedesktop/login1/session/auto", "Id"): ("s", ("1",)),
        ("/org/freedesktop/login1", "GetSession"): ("o", (LOGIND_SESSION,)),
        (LOGIND_SESSION, "LockedHint"): ("b", (False,)),
    }
    LockGuard(bus, bus, on_change=held.append)
    bus.poll()
    assert held == [False]
    for is_locked in (True, False):
        spoken.change(LOGIND_SESSION, "org.freedesktop.login1.Session", LockedHint=("b", is_locked))
        bus.poll()
    assert held == [False, True, False]


def test_a_saver_that_is_on_already_is_seen(bus: Bus, spoken: SpokenBus, held: list[bool]) -> None:
    """Whoever starts recording behind a locked screen is held at once."""
    spoken.answers = {(SAVERS[1][1], "GetActive"): ("b", (True,))}
    LockGuard(bus, bus, on_change=held.append)
    bus.poll()
    assert held == [True]


WHO = st.sampled_from(["x11", *(name for name, _ in SAVERS)])


@given(st.lists(st.tuples(WHO, st.booleans()), max_size=20))
def test_it_is_locked_while_anybody_says_so(words: list[tuple[str, bool]]) -> None:
    """Whatever the order, the screen counts as locked exactly while one of them said so last."""
    spoken, held, last = SpokenBus(), list[bool](), dict[str, bool]()
    with pytest.MonkeyPatch.context() as patch:
        bus = on_bus(patch, spoken)
    guard = LockGuard(bus, bus, on_change=held.append)
    for who, is_locked in words:
        last[who] = is_locked
        if who == "x11":
            guard.handle(saver_event(1 if is_locked else 0))
        else:
            spoken.signal(dict(SAVERS)[who], who, member="ActiveChanged", signature="b", body=(is_locked,))
            bus.poll()
        assert held[-1] is any(last.values())
    assert len(held) == len(words)


def test_the_servers_saver_cycling_is_on_and_other_events_say_nothing(bus: Bus, held: list[bool]) -> None:
    """X tells of savers by state: on and cycling are locked, off and disabled aren't; a key press is no word of it."""
    guard = LockGuard(bus, bus, on_change=held.append)
    guard.handle(SimpleNamespace(state=1))
    assert held == []
    for state in (1, 2, 0, 3):
        guard.handle(saver_event(state))
    assert held == [True, True, False, False]
    assert follow_server_saver(Bare()) is False  # type: ignore[arg-type]


@given(st.booleans(), st.booleans(), st.integers(0, 100), st.integers(0, 100), st.permutations(["OnBattery", "IsPresent", "Percentage"]))
def test_upowers_word_holds_only_on_a_low_battery(on_battery: bool, is_present: bool, percent: int, floor: int, order: list[str]) -> None:  # noqa: FBT001 - hypothesis
    """In whatever order it is told: on battery, a battery there, its share at or below the floor; else it doesn't hold."""
    spoken, held = SpokenBus(), list[bool]()
    with pytest.MonkeyPatch.context() as patch:
        bus = on_bus(patch, spoken)
    PowerGuard(bus, held.append, floor=floor, supplies=Path("/nonexistent"))
    values = {"OnBattery": ("b", on_battery), "IsPresent": ("b", is_present), "Percentage": ("d", float(percent))}
    for name in order:
        manager = name == "OnBattery"
        spoken.change(
            UPOWER if manager else DISPLAY_DEVICE, "org.freedesktop.UPower" + ("" if manager else ".Device"), **{name: values[name]}
        )
        bus.poll()
    assert held[-1] is (on_battery and is_present and percent <= floor)


def supply(folder: Path, name: str, **files: str) -> None:
    """Write one power supply as the kernel shows it."""
    (folder / name).mkdir(parents=True)
    for file, text in files.items():
        (folder / name / file).write_text(text + "\n")


BATTERY = {"type": "Battery", "status": "Discharging", "capacity": "40"}


@pytest.mark.parametrize(
    ("supplies", "expected"),
    [
        ({}, (False, None)),
        ({"AC": {"type": "Mains", "online": "1"}}, (False, None)),
        ({"BAT0": BATTERY}, (True, 40.0)),
        ({"BAT0": {**BATTERY, "status": "Charging"}}, (False, 40.0)),
        ({"BAT0": BATTERY, "BAT1": {**BATTERY, "status": "Full", "capacity": "97"}}, (True, 97.0)),
        ({"BAT0": {**BATTERY, "capacity": "many"}}, (True, None)),
        ({"BAT0": {"type": "Battery", "status": "Discharging"}}, (True, None)),
        ({"mouse": {**BATTERY, "scope": "Device", "capacity": "3"}}, (False, None)),
    ],
    ids=["none", "mains", "one", "charging", "two", "no number", "no share", "a mouse"],
)
def test_the_kernels_batteries_are_read(tmp_path: Path, supplies: dict[str, dict[str, str]], expected: tuple[bool, float | None]) -> None:
    """The fullest share counts, any that is emptied counts; a mouse's battery is none of the machine's."""
    for name, files in supplies.items():
        supply(tmp_path, name, **files)
    assert read_supplies(tmp_path) == expected


def test_without_upower_the_kernel_is_asked_at_each_look(bus: Bus, spoken: SpokenBus, held: list[bool], tmp_path: Path) -> None:
    """The battery runs down and holds; once UPower speaks the kernel isn't asked any more."""
    supply(tmp_path, "BAT0", **{**BATTERY, "capacity": "21"})
    guard = PowerGuard(bus, held.append, floor=20, supplies=tmp_path)
    assert held == [False]
    (tmp_path / "BAT0" / "capacity").write_text("20\n")
    guard.tick()
    assert held == [False, True]
    spoken.change(UPOWER, "org.freedesktop.UPower", OnBattery=("b", False))
    bus.poll()
    guard.tick()
    assert held == [False, True, False]


def test_a_screen_cast_is_told_while_it_is_there(bus: Bus, spoken: SpokenBus, held: list[bool]) -> None:
    """GNOME's compositor names a node for each session; without one, or without GNOME, nothing holds."""
    guard = SharingGuard(bus, Bare(), on_change=held.append)  # type: ignore[arg-type]
    bus.poll()
    assert set(held) == {False}
    for xml, is_cast in (('<node><node name="u1"/></node>', True), ("<node></node>", False)):
        spoken.answers = {(CASTS, "Introspect"): ("s", (xml,))}
        spoken.signal(f"{CASTS}/u1", "org.gnome.Mutter.ScreenCast.Stream", member="PipeWireStreamAdded", signature="u", body=(1,))
        bus.poll()
        assert held[-1] is is_cast
    guard.tick()
    bus.poll()
    assert held[-1] is False


def test_a_program_that_shows_the_screen_is_seen_by_its_name(monkeypatch: pytest.MonkeyPatch, held: list[bool], bus: Bus) -> None:
    """Connected programs are known by their process; one that ended between two looks has no name and holds nothing."""
    own = Path(f"/proc/{os.getpid()}/comm").read_text().strip()
    monkeypatch.setattr(sharing, "SHARERS", frozenset({own[:15]}))
    display = Seen()
    display.processes = [2**22 + 1]
    SharingGuard(bus, display, on_change=held.append)  # type: ignore[arg-type]
    assert held == [False]
    display.processes = [2**22 + 1, os.getpid()]
    SharingGuard(bus, display, on_change=held.append)  # type: ignore[arg-type]
    assert held[1:] == [True]


def test_sleep_is_told_by_a_word_before_and_seen_after(bus: Bus, spoken: SpokenBus, held: list[bool]) -> None:
    """Logind's word holds and lifts; sleep without a word is one of each, afterwards; a clock's jitter is no sleep."""
    asleep = [0]
    guard = SleepGuard(bus, held.append, asleep_ns=lambda: asleep[0])
    for goes in (True, False):
        spoken.signal("/org/freedesktop/login1", "org.freedesktop.login1.Manager", member="PrepareForSleep", signature="b", body=(goes,))
    bus.poll()
    assert held == [True, False]
    for slept_ns, told in ((1_000_000_000, 0), (60_000_000_000, 2), (60_000_000_001, 0)):
        before = len(held)
        asleep[0] = slept_ns
        guard.tick()
        assert len(held) - before == told
    assert held[-2:] == [True, False]
    assert ever_asleep_ns() > -1_000_000_000  # the clocks are read one after the other


@pytest.mark.parametrize(("said", "is_metered"), [(0, False), (1, True), (2, False), (3, True), (4, False)])
def test_a_metered_network_is_networkmanagers_word(monkeypatch: pytest.MonkeyPatch, said: int, *, is_metered: bool) -> None:
    """Yes and a guess of yes are metered; no, a guess of no and not knowing aren't; nor is an error, or no bus."""
    call = new_method_call(DBusAddress("/a", "b.c", "d.e"), "Get")
    answers: list[Any] = [new_method_return(call, "v", (("u", said),)), new_error(call, "a.b"), TimeoutError()]

    class Asked:
        """A bus that gives the next answer."""

        def send_and_get_reply(self, message: object, *, timeout: float) -> Any:
            """Answer."""
            assert message
            assert timeout > 0
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

    @contextlib.contextmanager
    def opened(_: str) -> Iterator[Asked]:
        yield Asked()

    def closed(_: str) -> Any:
        raise FileNotFoundError

    monkeypatch.setattr(network, "open_dbus_connection", opened)
    assert [network.is_metered() for _ in range(3)] == [is_metered, False, False]
    monkeypatch.setattr(network, "open_dbus_connection", closed)
    assert not network.is_metered()


class Watched:
    """All guards on a machine without buses, at a time of day."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> None:
        monkeypatch.setenv("TZ", "UTC")
        on_bus(monkeypatch, None)
        self.clock, self.holds = FakeClock(), dict[str, bool]()
        self.clock.start = self.clock.start.astimezone()
        limits = Limits(battery_percent=0, cpu_percent=100, disk_mb_per_day=1000)
        self.guards = Guards(data_dir, limits, display=Bare(), on_change=self.holds.__setitem__, clock=self.clock)  # type: ignore[arg-type]

    def wait(self) -> timedelta:
        """Sleep until something is due, look, and return for how long."""
        wait_ns = self.guards.next_due_ns - self.clock.monotonic_ns()
        self.clock.elapsed_ns += wait_ns
        self.guards.tick()
        return timedelta(microseconds=wait_ns / 1000)


def at(clock: FakeClock, **later: int) -> str:
    """Return a local time of day some time later."""
    return f"{clock.now().astimezone() + timedelta(**later):%H:%M}"


def test_quiet_hours_begin_and_end_on_their_minute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With quiet hours from one minute on, for two, it wakes at the very turns, besides its look every ten seconds."""
    clock = FakeClock()
    save_rules(tmp_path, OwnRules(quiet=(f"{at(clock, minutes=1)}-{at(clock, minutes=3)}",)))
    watched = Watched(monkeypatch, tmp_path)
    seen = {}
    for _ in range(25):
        seen[(watched.clock.elapsed_ns - 1_000_000_000) // 1_000_000_000] = watched.holds["quiet_hours"]
        assert timedelta(0) < watched.wait() <= timedelta(microseconds=TICK_NS / 1000)
    assert {second for second, is_quiet in seen.items() if is_quiet} == set(range(60, 180, 10))


def test_rules_count_as_soon_as_they_are_read_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Quiet all day holds at once, and lets go at once; a budget of one's own counts for what was written before it."""
    watched = Watched(monkeypatch, tmp_path)
    assert watched.holds == {"low_battery": False, "screen_shared": False, "quiet_hours": False, "over_disk": False, "disk_full": False}
    assert watched.guards.buses == ()
    save_rules(tmp_path, OwnRules(quiet=("00:00-00:00",)))
    assert not watched.holds["quiet_hours"]
    watched.guards.reload()
    assert watched.holds["quiet_hours"]
    save_rules(tmp_path, OwnRules(cpu_percent=7))
    watched.guards.reload()
    assert (watched.holds["quiet_hours"], watched.guards.processor.percent) == (False, 7)
    watched.guards.processor.is_over = True
    watched.guards.reload()
    assert watched.holds["over_cpu"]
    watched.guards.close()
