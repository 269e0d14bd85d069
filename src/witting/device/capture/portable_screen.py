"""Pictures of the whole screen through mss: the screen of Windows and macOS, behind the same port as X11's. Not verified there.

mss tells of no damage, so `is_damaged` is always true and equal pictures are told by comparing them. Doesn't know what may be shown.
"""

from typing import Any

from witting.device.capture.screen import Grab
from witting.terms.clock import Clock, SystemClock
from witting.terms.errors import CaptureError


class PortableScreen:
    """All monitors as one picture.

    Raises:
        CaptureError: mss isn't installed, or gives no picture here.
    """

    def __init__(self, *, clock: Clock | None = None, display: str = "") -> None:
        try:
            import mss
            from mss.exception import ScreenShotError
        except ImportError:
            raise CaptureError("mss can't be loaded", hint="pip install 'witting[portable]'") from None
        self._clock = clock or SystemClock()
        try:
            self._mss: Any = mss.MSS(display=display) if display else mss.MSS()
        except ScreenShotError:
            raise CaptureError("mss finds no screen", hint="allow screen recording for this program in the system's settings") from None
        self.is_damaged = True

    def handle(self, event: Any) -> None:
        """Nothing tells of changes here."""

    def ignore_damage(self) -> None:
        """What changed isn't known, so nothing is taken as seen."""

    def grab(self) -> Grab:
        """Return the screen as it is now."""
        import numpy as np

        began_ns = self._clock.monotonic_ns()
        shot = self._mss.grab(self._mss.monitors[0])
        pixels = np.frombuffer(bytes(shot.raw), np.uint8).reshape(shot.height, shot.width, 4)
        return Grab(began_ns, self._clock.monotonic_ns(), pixels)

    def close(self) -> None:
        """Let go of the screen."""
        self._mss.close()
