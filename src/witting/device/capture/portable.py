"""What is known of recording on systems that aren't Linux: nothing was tried there, and nothing is said to work.

`status` is what `witting doctor`, receipts and docs say. Invariant: a platform is verified only if the tests run on it.
"""

import sys
from dataclasses import dataclass
from typing import Literal

VERIFIED = frozenset({"linux-x11", "linux-wayland-sway"})  # platforms on which the tests run
_NAMES = {"win32": "windows", "darwin": "macos"}


@dataclass(frozen=True, slots=True)
class PortableStatus:
    """How things stand on a system."""

    platform: str
    is_verified: bool
    recording: Literal["works", "refused"]
    why: str


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
