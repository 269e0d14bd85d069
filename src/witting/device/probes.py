"""One look for each stream: can it be recorded on this machine, wholly, in part, or not at all.

Knows how each source is opened, not what it would record. Invariant, held by a test: every stream has a look; on Wayland what goes on in
other programs is said to be impossible, because it is, and on other systems nothing is said to work that wasn't tried.
"""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from witting.device.capture.portable import status
from witting.terms.errors import CaptureError, WittingError

if TYPE_CHECKING:
    from witting.device.capture.x11 import XDisplay

_X11 = "log in to an X11 session (the login screen's gear wheel offers it), then ask again"
_WAYLAND = "Wayland lets no program see what goes on in another"
_ATSPI = "start at-spi2-core's bus launcher with --a11y=1, or log in to a desktop that has it"

Look = Callable[[], str]


class NotThereError(WittingError):
    """Something isn't as recording would like it; `verdict` says how bad that is."""

    def __init__(self, message: str, *, hint: str = "", verdict: Literal["degraded", "impossible", "not verified"] = "impossible") -> None:
        super().__init__(message, hint=hint)
        self.verdict: Literal["degraded", "impossible", "not verified"] = verdict


@dataclass(frozen=True, slots=True)
class Place:
    """Where we are: the system, and what its environment says of the session."""

    system: str  # as sys.platform has it
    env: Mapping[str, str]

    @property
    def is_wayland(self) -> bool:
        """Whether this is a Wayland session, whatever X server it may have beside it."""
        return self.env.get("XDG_SESSION_TYPE") == "wayland" or bool(self.env.get("WAYLAND_DISPLAY") and not self.env.get("DISPLAY"))

    @property
    def is_sway(self) -> bool:
        """Whether this is a Wayland session that can be recorded, though without input."""
        return self.is_wayland and Path(self.env.get("SWAYSOCK") or "/nowhere").exists()

    def open_display(self) -> "XDisplay":
        """Return the open X display; its caller closes it."""
        if self.system != "linux":
            message = f"there is no X display on {self.system}"
            raise NotThereError(message, verdict="not verified", hint="record on Linux with an X11 session")
        if self.is_wayland:
            raise NotThereError("this is a Wayland session; recording needs an X11 one", hint=_X11)
        from witting.device.capture.x11 import XDisplay

        return XDisplay(self.env.get("DISPLAY", ""))


def place_here() -> Place:
    """Return the place of this process."""
    return Place(sys.platform, os.environ)


def looks_at_streams(place: Place, data_dir: Path) -> list[tuple[str, Look]]:
    """Return each stream's name and its look."""
    return [
        ("pointer", lambda: _pointer(place)),
        ("keys", lambda: _keys(place)),
        ("cadence", lambda: _keys(place)),
        ("windows", lambda: _windows(place)),
        ("pages", lambda: _pages(place, data_dir)),
        ("ui_tree", lambda: _trees(place)),
        ("screen", lambda: _screen(place)),
        ("words in pictures", lambda: _reading(place)),
        ("clipboard", lambda: _clipboard(place)),
        ("voice", lambda: _voice(place)),
    ]


def _needs_x11(place: Place, what: str) -> None:
    """Refuse where nothing global can be seen."""
    if place.system != "linux":
        message = f"{what} on {place.system} hasn't been tried: {status(place.system).why}"
        raise NotThereError(message, verdict="not verified", hint="record on Linux with an X11 session")
    if place.is_wayland:
        message = f"{_WAYLAND}, so {what} can't be recorded"
        raise NotThereError(message, hint=_X11)


def _extensions(place: Place, **wanted: object) -> str:
    """Return that the display has all of these extensions, by their names and keys."""
    display = place.open_display()
    try:
        for name, key in wanted.items():
            display.extension(key, name.replace("_", "-"))
    finally:
        display.close()
    return ", ".join(name.replace("_", "-") for name in wanted)


def _pointer(place: Place) -> str:
    _needs_x11(place, "the pointer")
    import xcffib.record
    import xcffib.sync
    import xcffib.xinput

    keys = {"RECORD": xcffib.record.key, "XInputExtension": xcffib.xinput.key, "SYNC": xcffib.sync.key}
    return "every event with its place, by " + _extensions(place, **keys)


def _keys(place: Place) -> str:
    _needs_x11(place, "typing")
    import xcffib.record

    found = _extensions(place, RECORD=xcffib.record.key)
    if (trouble := _accessibility()) is not None:
        message = f"{trouble}, so keys in native apps are dropped: a password field couldn't be told from another; keys in pages work"
        raise NotThereError(message, verdict="degraded", hint=_ATSPI)
    return f"by {found}, and focus is known from the accessibility bus"


def _windows(place: Place) -> str:
    if place.is_sway:
        from witting.device.capture.wayland_ipc import SwayIpc

        SwayIpc(place.env["SWAYSOCK"]).close()
        return "sway tells which window is in front"
    _needs_x11(place, "which window is in front")
    display = place.open_display()
    try:
        if not display.cardinals(display.root, "_NET_SUPPORTING_WM_CHECK"):
            raise NotThereError(
                "no window manager says which window is in front; the keyboard's window is taken for it",
                verdict="degraded",
                hint="run one that follows EWMH, for instance openbox",
            )
    finally:
        display.close()
    return "the window manager follows EWMH"


def _pages(place: Place, data_dir: Path) -> str:
    from witting.device import control
    from witting.device.capture.native_install import HOST_NAME, PROFILES

    if place.system != "linux":
        _needs_x11(place, "web pages")
    home = Path(place.env.get("HOME", "~")).expanduser()
    hosts = [profile for profile in PROFILES if (home / profile / "NativeMessagingHosts" / f"{HOST_NAME}.json").exists()]
    socket = data_dir / "run" / "control.sock"
    if control.is_running(socket):
        if control.status(socket).is_browser_connected:
            return "a browser's extension is connected"
        raise NotThereError(
            "recording runs, and no browser's extension has connected",
            verdict="degraded",
            hint="load the extension as the notice page says",
        )
    if not hosts:
        raise NotThereError(
            "no browser is told how to reach the recorder",
            verdict="degraded",
            hint="`witting join LINK` installs it, then load the extension",
        )
    return f"installed for {', '.join(Path(profile).name for profile in hosts)}; whether the extension is loaded shows once recording runs"


def _trees(place: Place) -> str:
    if place.system != "linux":
        _needs_x11(place, "what windows say")
    if (trouble := _accessibility()) is not None:
        msg = f"{trouble}; pages' trees come from the extension all the same"
        raise NotThereError(msg, verdict="degraded", hint=_ATSPI)
    return "the accessibility bus answers"


def _screen(place: Place) -> str:
    if place.is_sway:
        if shutil.which("grim") is None:
            raise NotThereError("nothing here takes pictures of a Wayland session", hint="apt install grim")
        message = "by grim; shown only while one lent window is alone in view and no unknown program could draw over it"
        raise NotThereError(message, verdict="degraded", hint="use one window at a time, without notification daemons, or an X11 session")
    _needs_x11(place, "pictures of the screen")
    import xcffib.damage
    import xcffib.shm

    return "by " + _extensions(place, MIT_SHM=xcffib.shm.key, DAMAGE=xcffib.damage.key)


def _reading(place: Place) -> str:
    if place.system != "linux":
        _needs_x11(place, "reading words in pictures")
    from witting.device.reading.load import check_engines, languages
    from witting.terms.errors import MissingExtraError

    try:
        names = ", ".join(languages(check_engines()))
    except MissingExtraError as error:
        message = f"{error}; where a programme asks for it, what no tree vouches for stays masked"
        raise NotThereError(message, verdict="degraded", hint=error.hint) from None
    return f"tesseract ({names}), zxing and a face cascade are here; used where a programme says `reads_pictures`"


def _clipboard(place: Place) -> str:
    _needs_x11(place, "the clipboard")
    import xcffib.xfixes

    return "kind and size, by " + _extensions(place, XFIXES=xcffib.xfixes.key)


def _voice(place: Place) -> str:
    if place.system != "linux":
        _needs_x11(place, "voice notes")
    from witting.device.capture.microphone import microphone_command

    tool = microphone_command()
    if not tool:
        raise NotThereError("nothing here can read a microphone", hint="apt install pulseaudio-utils, or alsa-utils")
    if importlib.util.find_spec("pocketsphinx") is None:
        raise NotThereError("no engine here turns speech into text", hint="pip install 'witting[voice]'")
    message = f"{tool[0]} could read the microphone and pocketsphinx write; not tried here, because that would open it"
    raise NotThereError(message, verdict="not verified", hint="speak a note while recording, and read it under Recordings")


def _accessibility() -> str | None:
    """Return what is wrong with the accessibility bus, None when it answers."""
    from witting.device.capture.atspi import AtspiSource

    try:
        AtspiSource().close()
    except CaptureError as error:
        return str(error)
    return None
