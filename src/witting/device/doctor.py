"""What of recording works on this machine, looked at one by one, with what mends the rest.

One small look each: what recording needs at all, every stream, the sign, and everything that may hold recording back. Opens sources only to
see whether they open; keeps nothing. Invariant: looking changes nothing on the machine, and what wasn't tried here is never said to work.
"""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from witting.device.probes import NotThereError, Place, looks_at_streams, place_here
from witting.device.probes_around import looks_around
from witting.device.seccomp import has_seccomp
from witting.terms.errors import WittingError

Verdict = Literal["works", "degraded", "impossible", "not verified"]
Kind = Literal["needed", "stream", "sign", "guard"]

_FREE_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing."""

    name: str
    kind: Kind
    verdict: Verdict
    evidence: str  # what was seen, or why it doesn't work
    hint: str = ""  # what mends it, "" when it works

    @property
    def stops_recording(self) -> bool:
        """Whether nothing can be recorded like this."""
        return self.kind == "needed" and self.verdict == "impossible"


def examine(data_dir: Path) -> list[Finding]:
    """Look at everything."""
    place = place_here()
    needed: list[tuple[str, Callable[[], str]]] = [
        ("platform", lambda: _platform(place)),
        ("network can be shut", _seccomp),
        ("display", lambda: _display(place)),
        ("consent", lambda: _consent(data_dir)),
        ("disk", lambda: _disk(data_dir)),
    ]
    found = [_look(name, "needed", look=look) for name, look in needed]
    found += [_look(name, "stream", look=look) for name, look in looks_at_streams(place, data_dir)]
    found += [_look(name, "sign", look=look) for name, look in looks_around(place, data_dir, of_sign=True)]
    found += [_look(name, "guard", look=look) for name, look in looks_around(place, data_dir, of_sign=False)]
    return found


def _look(name: str, kind: Kind, *, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, kind, "works", look())
    except NotThereError as error:
        return Finding(name, kind, error.verdict, str(error), error.hint)
    except WittingError as error:
        return Finding(name, kind, "impossible", str(error), error.hint)


def _platform(place: Place) -> str:
    if place.system != "linux":
        message = f"{place.system} isn't supported yet: nothing was tried on it"
        raise NotThereError(message, verdict="not verified", hint="record on Linux with an X11 session")
    return f"Linux, {'a Wayland' if place.is_wayland else 'an X11'} session, Python {sys.version_info.major}.{sys.version_info.minor}"


def _seccomp() -> str:
    if not has_seccomp():
        raise NotThereError("libseccomp or the kernel's seccomp is missing", hint="apt install libseccomp2; pip install 'witting[device]'")
    return "seccomp filters load"


def _display(place: Place) -> str:
    if place.is_sway:
        from witting.device.capture.wayland_display import WaylandDisplay

        session = WaylandDisplay(place.env["SWAYSOCK"])
        session.close()
        return f"sway, {session.width_px} by {session.height_px} pixels; no input there"
    display = place.open_display()
    try:
        return f"{display.width_px} by {display.height_px} pixels, {len(display.monitors())} monitor(s)"
    finally:
        display.close()


def _consent(data_dir: Path) -> str:
    from witting.device.enrolment import Enrolment

    receipt = Enrolment(data_dir).receipt
    return f"given {receipt.given_at}, until {receipt.expires_at}"


def _disk(data_dir: Path) -> str:
    place = next(path for path in (data_dir, *data_dir.absolute().parents) if path.exists())
    free = shutil.disk_usage(place).free
    if free < _FREE_BYTES:
        message = f"{free // 1_000_000} MB are free"
        raise NotThereError(message, hint=f"make room: recording wants {_FREE_BYTES // 1_000_000} MB")
    return f"{free // 1_000_000_000} GB are free"
