"""What is known of recording on systems that aren't Linux: nothing was tried there, and nothing is said to work.

`status` is what `witting doctor`, receipts and docs say. Invariant: a platform is verified only if the tests run on it.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from witting.terms.events import Stream

Standing = Literal["works", "in part", "impossible", "not verified"]
PLATFORMS = ("Linux, X11", "Linux, Wayland (sway)", "Windows", "macOS")
WAYLAND: Mapping[Stream, Standing] = {
    "pointer": "impossible",
    "keys": "impossible",
    "cadence": "impossible",
    "clipboard": "impossible",
    "screen": "in part",
}  # what a sway session gives of each stream; of those not named, everything
_NAMES = {"win32": "windows", "darwin": "macos"}


@dataclass(frozen=True, slots=True)
class PortableStatus:
    """How things stand on a system."""

    platform: str
    is_verified: bool
    recording: Literal["works", "refused"]
    why: str


def standings(stream: Stream) -> dict[str, Standing]:
    """Return how a stream stands on each platform."""
    return dict(zip(PLATFORMS, ("works", WAYLAND.get(stream, "works"), "not verified", "not verified"), strict=True))


def impossible_on_wayland() -> tuple[Stream, ...]:
    """Return the streams of which a Wayland session gives nothing."""
    return tuple(stream for stream, standing in WAYLAND.items() if standing == "impossible")


def status(system: str = sys.platform) -> PortableStatus:
    """Return how recording stands on a system, `sys.platform`'s name of it."""
    if system == "linux":
        return PortableStatus("linux", is_verified=True, recording="works", why="tested on X11 and in a sway session")
    name = _NAMES.get(system, system)
    why = (
        "classes for input, screen and windows are there and tested on X11 only; the recorder doesn't begin, because it can't shut its own "
        "network here"
    )
    return PortableStatus(name, is_verified=False, recording="refused", why=why)
