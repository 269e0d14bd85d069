"""One look for the sign, the tray, and each thing that may hold recording or sending back.

Knows the services of desktops. Invariant: a guard that can't hear what it should is said to be degraded, with what it hears instead.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, message_bus

from witting.device.capture.wayland_indicator import SIGN_HINT, has_sign_program
from witting.device.guards.bus import Bus
from witting.device.guards.lock import SAVERS
from witting.device.guards.power import read_supplies
from witting.device.probes import Look, NotThereError, Place

_LOGIND = "org.freedesktop.login1"
_TURNS = 40
_TURN_S = 0.05


def looks_around(place: Place, data_dir: Path, *, of_sign: bool) -> list[tuple[str, Look]]:
    """Return the looks at the sign and its tray, or those at what holds recording back."""
    if of_sign:
        return [("sign on the screen", lambda: _sign(place)), ("tray", _tray), ("start with the desktop", lambda: _unit(data_dir))]
    return [
        ("locked screen", lambda: _lock(place)),
        ("sleep", _sleep),
        ("battery", _battery),
        ("screen shown to others", lambda: _sharing(place)),
        ("metered network", _network),
        ("key store", lambda: _keystore(data_dir)),
    ]


def _sign(place: Place) -> str:
    if place.is_sway:
        if not has_sign_program():
            raise NotThereError("the sign can't be shown, so nothing can be recorded", hint=SIGN_HINT)
        return "on the compositor's overlay layer, above full-screen windows; covers by other overlays aren't noticed"
    from witting.device.capture.indicator import has_compositor

    display = place.open_display()
    try:
        how = "by the stack of windows, because a compositor runs" if has_compositor(display) else "by the X server's word"
        return f"on {len(display.monitors())} monitor(s); covers are noticed {how}"
    finally:
        display.close()


def _tray() -> str:
    if not has_name("SESSION", "org.kde.StatusNotifierWatcher"):
        raise NotThereError(
            "no tray takes items (StatusNotifier); the sign on the screen is all there is, and all that counts",
            verdict="degraded",
            hint="GNOME: the AppIndicator extension; others: a panel with a status tray",
        )
    return "a tray takes items"


def _unit(data_dir: Path) -> str:
    from witting.device.setup import is_enabled, unit_path

    del data_dir
    if not unit_path().exists():
        raise NotThereError(
            "there is no systemd unit; `witting record` starts recording", verdict="degraded", hint="`witting join` writes it"
        )
    return "recording starts with the desktop" if is_enabled() else "recording starts only when you start it"


def _lock(place: Place) -> str:
    heard = [name for name, _ in SAVERS if has_name("SESSION", name)]
    heard += ["logind"] if has_name("SYSTEM", _LOGIND) else []
    if not heard:
        _sign(place)  # without a display there isn't even the server's own saver
        raise NotThereError(
            "only the X server's own screen saver says that the screen is locked; a locker that seizes the keyboard has its keys to itself",
            verdict="degraded",
            hint="a desktop with logind or a screen saver on the session bus",
        )
    return f"told by {', '.join(heard)}"


def _sleep() -> str:
    if not has_name("SYSTEM", _LOGIND):
        raise NotThereError(
            "logind isn't there, so sleep is noticed only after waking, by the clocks", verdict="degraded", hint="a system with logind"
        )
    return "told by logind before it begins"


def _battery() -> str:
    is_discharging, percent = read_supplies(Path("/sys/class/power_supply"))
    if has_name("SYSTEM", "org.freedesktop.UPower"):
        return "told by UPower"
    if percent is None:
        return "this machine has no battery that the kernel knows of"
    return f"{percent:.0f} %, {'on battery' if is_discharging else 'on mains'}, by the kernel's word every ten seconds"


def _sharing(place: Place) -> str:
    import xcffib.res

    display = place.open_display()
    try:
        display.extension(xcffib.res.key, "X-Resource")
    finally:
        display.close()
    raise NotThereError(
        "VNC servers and ffmpeg on this display and screen casts of GNOME are seen; a share that a browser or a meeting app makes isn't",
        verdict="degraded",
        hint="pause before you share your screen: one click on the sign",
    )


def _network() -> str:
    if not has_name("SYSTEM", "org.freedesktop.NetworkManager"):
        raise NotThereError(
            "NetworkManager isn't there, so no network counts as metered; only sending asks",
            verdict="degraded",
            hint="send where it costs nothing",
        )
    return "told by NetworkManager"


def _keystore(data_dir: Path) -> str:
    from witting.device.enrolment import open_keystore

    if not (data_dir / "keys" / "device.json").exists():
        return "made when you opt in"
    protection = open_keystore(data_dir).protection
    if protection == "file":
        raise NotThereError(
            "your keys are guarded by nothing but the file's mode",
            verdict="degraded",
            hint="a desktop with a keyring, or WITTING_PASSPHRASE, before you join",
        )
    return f"guarded by your {protection}"


def has_name(bus_name: str, name: str) -> bool:
    """Whether somebody on a bus has a well-known name, or would be started for it."""
    import select

    bus, answers = Bus(bus_name), list[Any]()
    if not bus.is_there:
        return False
    wanted: Callable[[Any], None] = answers.append
    bus.call(message_bus, "NameHasOwner", "s", (name,), on_answer=wanted)
    bus.call(DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus"), "ListActivatableNames", on_answer=wanted)
    for _ in range(_TURNS):
        if len(answers) > 1 or not bus.is_there:
            break
        select.select([bus.fileno()], [], [], _TURN_S)
        bus.poll()
    bus.close()
    has_owner, activatable = (*answers, None, None)[:2]
    return bool(has_owner and has_owner[0]) or bool(activatable and name in activatable[0])
