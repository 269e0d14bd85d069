"""What `witting doctor` says of sign, tray and guards: what is heard and by whom, and what is missing with what to do about it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from spoken_bus import SpokenBus

from witting.device import probes_around
from witting.device.guards import bus as bus_module
from witting.device.probes import NotThereError, Place
from witting.device.probes_around import has_name, looks_around

X11 = Place("linux", {"DISPLAY": ":77"})
DBUS = "/org/freedesktop/DBus"
GUARDS = {"locked screen", "sleep", "battery", "screen shown to others", "metered network", "key store"}


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> SpokenBus:
    """Any bus that is asked; its descriptor is never waited for."""
    bus = SpokenBus()
    monkeypatch.setattr(bus_module, "_open", lambda _: bus)
    monkeypatch.setattr("select.select", lambda *_: ([], [], []))
    return bus


def named(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Have these names on every bus, and no other."""
    monkeypatch.setattr(probes_around, "has_name", lambda _, name: name in names)


def look(name: str, data_dir: Path = Path("/nonexistent"), place: Place = X11) -> str:
    """Return what one look says."""
    looks = dict([*looks_around(place, data_dir, of_sign=True), *looks_around(place, data_dir, of_sign=False)])
    return looks[name]()


def trouble(name: str, data_dir: Path = Path("/nonexistent"), place: Place = X11) -> tuple[str, str]:
    """Return message and verdict of a look that finds something missing; it says what to do."""
    with pytest.raises(NotThereError) as caught:
        look(name, data_dir, place)
    assert caught.value.hint
    return str(caught.value), caught.value.verdict


@pytest.mark.parametrize(
    ("owner", "activatable", "is_there"),
    [
        (("b", (True,)), ("as", ([],)), True),
        (("b", (False,)), ("as", (["org.example.Wanted"],)), True),  # it would be started
        (("b", (False,)), ("as", (["org.example.Other"],)), False),
        (None, None, False),  # a bus that refuses both
    ],
)
def test_a_name_is_there_or_would_be_started(spoken: SpokenBus, owner: Any, activatable: Any, *, is_there: bool) -> None:
    """Owned now, or started for whoever asks; a bus that doesn't say has nobody."""
    spoken.answers = {(DBUS, member): told for member, told in (("NameHasOwner", owner), ("ListActivatableNames", activatable)) if told}
    assert has_name("SESSION", "org.example.Wanted") is is_there
    assert spoken.is_broken  # the bus was left


def test_a_bus_that_goes_silent_is_not_waited_for_without_end(spoken: SpokenBus, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bus that answers nothing, and one that isn't there, have nobody on them."""
    monkeypatch.setattr(spoken, "send", lambda *_, **__: None)
    assert not has_name("SESSION", "org.example.Wanted")
    monkeypatch.setattr(bus_module, "_open", lambda _: None)
    assert not has_name("SESSION", "org.example.Wanted")


def test_every_guard_and_the_sign_are_looked_at() -> None:
    """No guard is left out of what a person is told."""
    assert {name for name, _ in looks_around(X11, Path("x"), of_sign=False)} == GUARDS
    assert [name for name, _ in looks_around(X11, Path("x"), of_sign=True)] == ["sign on the screen", "tray", "start with the desktop"]


@pytest.mark.parametrize(
    ("name", "service", "says", "lacks"),
    [
        ("tray", "org.kde.StatusNotifierWatcher", "a tray takes items", "no tray takes items"),
        ("sleep", "org.freedesktop.login1", "told by logind", "only after waking"),
        ("metered network", "org.freedesktop.NetworkManager", "told by NetworkManager", "no network counts as metered"),
    ],
)
def test_a_service_that_is_missing_is_said_with_what_remains(
    monkeypatch: pytest.MonkeyPatch, name: str, service: str, says: str, lacks: str
) -> None:
    """Without its service a guard is degraded, not impossible, and what it does instead is told."""
    named(monkeypatch, service)
    assert says in look(name)
    named(monkeypatch)
    message, verdict = trouble(name)
    assert lacks in message
    assert verdict == "degraded"


def test_a_locked_screen_is_told_by_whoever_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Screen savers and logind are named; with none, the server's own saver is all there is, where there is a display at all."""
    named(monkeypatch, "org.gnome.ScreenSaver", "org.freedesktop.login1")
    assert look("locked screen") == "told by org.gnome.ScreenSaver, logind"
    named(monkeypatch)
    monkeypatch.setattr(probes_around, "_sign", lambda _: "a sign")
    message, verdict = trouble("locked screen")
    assert "X server's own screen saver" in message
    assert verdict == "degraded"


@pytest.mark.parametrize(
    ("names", "supplies", "says"),
    [
        (["org.freedesktop.UPower"], (True, 40.0), "told by UPower"),
        ([], (False, None), "no battery"),
        ([], (True, 41.6), "42 %, on battery"),
        ([], (False, 97.0), "97 %, on mains"),
    ],
)
def test_the_battery_is_told_by_upower_or_the_kernel(
    monkeypatch: pytest.MonkeyPatch, names: list[str], supplies: tuple[bool, float | None], says: str
) -> None:
    """Whose word it is, and what it is now."""
    named(monkeypatch, *names)
    monkeypatch.setattr(probes_around, "read_supplies", lambda _: supplies)
    assert says in look("battery")


@pytest.mark.parametrize(
    ("place", "verdict"),
    [(Place("darwin", {}), "not verified"), (Place("linux", {"XDG_SESSION_TYPE": "wayland", "DISPLAY": ":0"}), "impossible")],
    ids=["macOS", "Wayland"],
)
@pytest.mark.parametrize("name", ["sign on the screen", "locked screen", "screen shown to others"])
def test_without_an_x11_display_the_sign_cant_be_shown(monkeypatch: pytest.MonkeyPatch, place: Place, verdict: str, name: str) -> None:
    """On another system it wasn't tried, on Wayland it can't be: each look that needs a display says so."""
    named(monkeypatch)
    assert trouble(name, place=place)[1] == verdict


@pytest.mark.parametrize("has_program", [True, False])
def test_on_sway_the_sign_needs_its_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_program: bool) -> None:
    """With it the sign stands above full-screen windows; without it nothing can be recorded."""
    (tmp_path / "sway").touch()
    place = Place("linux", {"XDG_SESSION_TYPE": "wayland", "SWAYSOCK": str(tmp_path / "sway")})
    monkeypatch.setattr(probes_around, "has_sign_program", lambda: has_program)
    if has_program:
        assert "overlay layer" in look("sign on the screen", place=place)
    else:
        assert trouble("sign on the screen", place=place)[1] == "impossible"


@pytest.mark.parametrize(
    ("has_unit", "is_on", "says"),
    [(False, False, "no systemd unit"), (True, False, "only when you start it"), (True, True, "with the desktop")],
)
def test_whether_recording_starts_by_itself_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, *, has_unit: bool, is_on: bool
) -> None:
    """No unit, one that is off, one that is on."""
    if has_unit:
        (tmp_path / "unit").touch()
    monkeypatch.setattr("witting.device.setup.unit_path", lambda: tmp_path / "unit")
    monkeypatch.setattr("witting.device.setup.is_enabled", lambda: is_on)
    found = look("start with the desktop") if has_unit else trouble("start with the desktop")[0]
    assert says in found


@pytest.mark.parametrize("protection", ["passphrase", "keyring", "file"])
def test_what_guards_the_keys_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protection: str) -> None:
    """Nothing yet; a passphrase or a keyring; or nothing but the file's mode, which is worth a word."""
    assert look("key store", tmp_path) == "made when you opt in"
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "device.json").touch()
    monkeypatch.setattr("witting.device.enrolment.open_keystore", lambda _: SimpleNamespace(protection=protection))
    if protection == "file":
        assert trouble("key store", tmp_path)[1] == "degraded"
    else:
        assert look("key store", tmp_path) == f"guarded by your {protection}"
