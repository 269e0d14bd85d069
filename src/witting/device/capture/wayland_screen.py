"""Pictures of a sway session by the compositor's screen-copy protocol (wlr-screencopy), through `grim`, one process per picture.

Doesn't know what may be shown. The protocol's damage isn't used: after the compositor tells of windows something may have changed, else the
schedule asks now and then. Invariant: a grab is in layout pixels (scale 1), so that boxes and pixels agree.
"""

import subprocess
from typing import TYPE_CHECKING, Any

from witting.device.capture.screen import Grab
from witting.device.capture.wayland_ipc import SwayEvent
from witting.terms.clock import Clock, SystemClock
from witting.terms.errors import CaptureError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_COMMAND = ("grim", "-t", "ppm", "-s", "1", "-")
_PATIENCE_S = 5.0
_HEADER_FIELDS = 4  # P6, width, height, largest value


class WaylandScreen:
    """The screen of a sway session."""

    def __init__(self, *, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self.is_damaged = True

    def handle(self, event: Any) -> None:
        """Take an event of the compositor's: something may look otherwise now."""
        self.is_damaged = self.is_damaged or isinstance(event, SwayEvent)

    def ignore_damage(self) -> None:
        """Take what changed so far as seen."""
        self.is_damaged = False

    def grab(self) -> Grab:
        """Return the screen as it is now.

        Raises:
            CaptureError: grim isn't there, or the compositor gave no picture.
        """
        self.is_damaged = False
        began_ns = self._clock.monotonic_ns()
        try:
            data = subprocess.run(_COMMAND, capture_output=True, check=True, timeout=_PATIENCE_S).stdout
        except (OSError, subprocess.SubprocessError):
            raise CaptureError("the compositor gave no picture of the screen", hint="apt install grim") from None
        return Grab(began_ns, self._clock.monotonic_ns(), read_ppm(data))

    def close(self) -> None:
        """Nothing is held between pictures."""


def read_ppm(data: bytes) -> "NDArray[np.uint8]":
    """Return a P6 picture's pixels: uint8 (height, width, 4), blue, green, red, unused.

    Raises:
        CaptureError: it is none.
    """
    import numpy as np

    *fields, _ = data[:64].split(maxsplit=_HEADER_FIELDS)
    if len(fields) != _HEADER_FIELDS or fields[0] != b"P6":
        raise CaptureError("grim gave no picture", hint="apt install grim")
    width, height = int(fields[1]), int(fields[2])
    flat = np.frombuffer(data, np.uint8, width * height * 3, len(data) - width * height * 3)
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[:, :, :3] = flat.reshape(height, width, 3)[:, :, ::-1]
    return pixels
