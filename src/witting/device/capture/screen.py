"""The picture of the whole screen by MIT-SHM, and word of when something on it changed by XDamage.

Doesn't know what may be shown: a Grab is all pixels and lives until privacy has masked it. Invariant: a grab says when it began and when
it ended, so that others can tell what was true around it; the shared memory is private to this user and gone when the source closes.
"""

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import xcffib
import xcffib.damage
import xcffib.shm
import xcffib.xproto as xp

from witting.device.capture.x11 import XDisplay
from witting.terms.clock import Clock, SystemClock
from witting.terms.errors import CaptureError
from witting.terms.geometry import Rect

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_IPC_PRIVATE, _IPC_RMID, _IPC_CREAT = 0, 0, 0o1000
_FAILED = ctypes.c_void_p(-1).value
_ALL_PLANES = 0xFFFFFFFF
_BYTES_PER_PIXEL = 4
_SUPPORTED_DEPTHS = (24, 32)


@dataclass(frozen=True, slots=True, repr=False)
class Grab:
    """The screen's pixels as the server has them: uint8 (height, width, 4), blue, green, red, unused."""

    began_ns: int  # CLOCK_MONOTONIC before the request
    ended_ns: int  # and after its answer
    pixels: "NDArray[np.uint8]"

    def __repr__(self) -> str:
        return "<Grab>"

    def rgb(self, area: Rect) -> "NDArray[np.uint8]":
        """Return the pixels of a part of the screen as contiguous RGB uint8 (height, width, 3)."""
        import numpy as np

        part = self.pixels[area.y : area.y + area.height, area.x : area.x + area.width]
        return np.ascontiguousarray(part[:, :, 2::-1])


class ScreenSource:
    """The screen of a display.

    Raises:
        CaptureError: no shared memory with the server, no XDamage, or a depth that isn't 24 or 32 bits.
    """

    def __init__(self, display: XDisplay, *, clock: Clock | None = None) -> None:
        if display.depth not in _SUPPORTED_DEPTHS:
            message = f"the screen has a depth of {display.depth} bits"
            raise CaptureError(message, hint="record on a screen of 24 bits")
        self._display = display
        self._clock = clock or SystemClock()
        self._shm = display.extension(xcffib.shm.key, "MIT-SHM")
        self._memory = _SharedMemory(display, self._shm)
        self._damage_requests = display.extension(xcffib.damage.key, "DAMAGE")
        display.ask(lambda: self._damage_requests.QueryVersion(1, 1))
        self._damage = int(display.connection.generate_id())
        self._damage_requests.Create(self._damage, display.root, xcffib.damage.ReportLevel.NonEmpty)
        self.is_damaged = True  # whether anything changed since the last grab

    def handle(self, event: Any) -> None:
        """Take note of damage."""
        if isinstance(event, xcffib.damage.NotifyEvent):
            self.is_damaged = True

    def ignore_damage(self) -> None:
        """Take what changed so far as seen, without a picture."""
        self._damage_requests.Subtract(self._damage, 0, 0)
        self._display.connection.flush()
        self.is_damaged = False

    def grab(self) -> Grab:
        """Return the screen as it is now.

        Raises:
            CaptureError: the server gave no picture.
        """
        found = self._grab() or self._grab_anew()
        if found is None:
            raise CaptureError("the X server gave no picture of the screen", hint="start recording again")
        return found

    def _grab(self) -> Grab | None:
        width, height = self._display.width_px, self._display.height_px
        if not self._memory.holds(width, height):
            self._resize()
        began_ns = self._clock.monotonic_ns()
        self._damage_requests.Subtract(self._damage, 0, 0)
        self.is_damaged = False
        reply = self._display.ask(
            lambda: self._shm.GetImage(
                self._display.root, 0, 0, width, height, _ALL_PLANES, xp.ImageFormat.ZPixmap, self._memory.segment, 0
            )
        )
        return None if reply is None else Grab(began_ns, self._clock.monotonic_ns(), self._memory.copy(width, height))

    def close(self) -> None:
        """Give the memory back; the server stops reporting damage."""
        self._damage_requests.Destroy(self._damage)
        self._memory.close()
        self._display.connection.flush()

    def _grab_anew(self) -> Grab | None:
        """Try once more when the screen has another size than was known; its notice is still on the way."""
        geometry = self._display.ask(lambda: self._display.connection.core.GetGeometry(self._display.root))
        if geometry is None or (geometry.width, geometry.height) == (self._display.width_px, self._display.height_px):
            return None
        self._display.width_px, self._display.height_px = geometry.width, geometry.height
        return self._grab()

    def _resize(self) -> None:
        """Get memory for a screen that changed its size."""
        self._memory.close()
        self._memory = _SharedMemory(self._display, self._shm)


class _SharedMemory:
    """A System V segment of one screen's size, removed from the system as soon as both sides hold it."""

    def __init__(self, display: XDisplay, shm: Any) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.shmat.restype = ctypes.c_void_p
        libc.shmat.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
        libc.shmdt.argtypes = [ctypes.c_void_p]
        self._libc, self._shm, self._display = libc, shm, display
        self._size = display.width_px * display.height_px * _BYTES_PER_PIXEL
        number = libc.shmget(_IPC_PRIVATE, ctypes.c_size_t(self._size), _IPC_CREAT | 0o600)
        self._address = libc.shmat(number, None, 0) if number >= 0 else _FAILED
        self.segment = int(display.connection.generate_id())
        try:
            shm.Attach(self.segment, number, False, is_checked=True).check()
        except xcffib.XcffibException:
            raise CaptureError("the X server can't share memory", hint="record on this machine's own display") from None
        finally:
            libc.shmctl(number, _IPC_RMID, None)
        if self._address == _FAILED:
            raise CaptureError("there is no shared memory to be had", hint="see `ipcs -lm` for the limits")

    def copy(self, width: int, height: int) -> "NDArray[np.uint8]":
        """Return the pixels that lie in the segment now."""
        import numpy as np

        raw = memoryview((ctypes.c_uint8 * self._size).from_address(int(self._address or 0))).cast("B")
        return np.frombuffer(raw, np.uint8).reshape(height, width, _BYTES_PER_PIXEL).copy()

    def holds(self, width: int, height: int) -> bool:
        """Whether a screen of this size fills the segment exactly."""
        return self._size == width * height * _BYTES_PER_PIXEL

    def close(self) -> None:
        """Let go of the segment; closing twice is harmless."""
        if self._address not in (None, _FAILED):
            self._shm.Detach(self.segment)
            self._libc.shmdt(self._address)
            self._address = None
