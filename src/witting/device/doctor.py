"""What recording needs of this machine, looked at one by one, with what mends each.

Opens sources only to see whether they open; keeps nothing. Invariant: looking changes nothing on the machine.
"""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from witting.device.seccomp import has_seccomp
from witting.terms.errors import WittingError

_FREE_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that recording needs."""

    name: str
    holds: bool
    evidence: str
    hint: str  # what mends it, "" when it holds


def examine(data_dir: Path) -> list[Check]:
    """Look at everything recording needs."""
    looks: list[tuple[str, Callable[[], str]]] = [
        ("platform", _platform),
        ("network can be shut", _seccomp),
        ("X display", _display),
        ("window manager", _window_manager),
        ("accessibility bus", _accessibility),
        ("consent", lambda: _consent(data_dir)),
        ("disk", lambda: _disk(data_dir)),
    ]
    return [_look(name, look) for name, look in looks]


class _MissingError(WittingError):
    """Something isn't as recording needs it."""


def _look(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, holds=True, evidence=look(), hint="")
    except WittingError as error:
        return Check(name, holds=False, evidence=str(error), hint=error.hint)


def _platform() -> str:
    if sys.platform != "linux":
        message = f"{sys.platform} isn't supported yet"
        raise _MissingError(message, hint="record on Linux with an X11 session")
    return f"Linux, session type {os.environ.get('XDG_SESSION_TYPE', 'not set')}"


def _seccomp() -> str:
    if not has_seccomp():
        raise _MissingError("libseccomp or the kernel's seccomp is missing", hint="apt install libseccomp2; pip install 'witting[device]'")
    return "seccomp filters load"


def _display() -> str:
    import xcffib.damage
    import xcffib.record
    import xcffib.shm

    from witting.device.capture.x11 import XDisplay

    display = XDisplay(os.environ.get("DISPLAY", ""))
    try:
        for key, name in ((xcffib.record.key, "RECORD"), (xcffib.shm.key, "MIT-SHM"), (xcffib.damage.key, "DAMAGE")):
            display.extension(key, name)
        display.select_raw(0)
        return f"{display.width_px} by {display.height_px} pixels, {len(display.monitors())} monitor(s), all extensions"
    finally:
        display.close()


def _window_manager() -> str:
    from witting.device.capture.x11 import XDisplay

    display = XDisplay(os.environ.get("DISPLAY", ""))
    try:
        if not display.cardinals(display.root, "_NET_SUPPORTING_WM_CHECK"):
            raise _MissingError("no window manager says which window is in front", hint="run one that follows EWMH, for instance openbox")
    finally:
        display.close()
    return "it follows EWMH"


def _accessibility() -> str:
    from witting.device.capture.atspi import AtspiSource

    AtspiSource().close()
    return "it answers"


def _consent(data_dir: Path) -> str:
    from witting.device.enrolment import Enrolment

    receipt = Enrolment(data_dir).receipt
    return f"given {receipt.given_at}, until {receipt.expires_at}"


def _disk(data_dir: Path) -> str:
    place = next(path for path in (data_dir, *data_dir.absolute().parents) if path.exists())
    free = shutil.disk_usage(place).free
    if free < _FREE_BYTES:
        message = f"{free // 1_000_000} MB are free"
        raise _MissingError(message, hint=f"make room: recording wants {_FREE_BYTES // 1_000_000} MB")
    return f"{free // 1_000_000_000} GB are free"
