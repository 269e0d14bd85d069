"""The sign on the screen that says what is recorded: red while recording, yellow while paused; a click pauses or resumes.

A window that no window manager touches, above all others; when something covers it, it rises again. Doesn't know consent. Nobody may switch
it off. Invariant: while `is_lost` is false, the sign is mapped and was wholly in view within the last second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import xcffib.xproto as xp

from witting.device.capture.x11 import XDisplay
from witting.terms.clock import Clock, SystemClock
from witting.terms.errors import CaptureError
from witting.terms.geometry import Monitor, Rect

_WIDTH_PX, _HEIGHT_PX, _MARGIN_PX = 232, 28, 6
_RED, _DARK, _YELLOW, _WHITE, _BLACK = (0xB0, 0x00, 0x20), (0x5A, 0x18, 0x22), (0xF2, 0xC0, 0x1D), (255, 255, 255), (0x20, 0x20, 0x20)
_PATIENCE_NS = 1_000_000_000  # covered for longer than this is lost
_RISE_EVERY_NS = 50_000_000  # against another window that wants to be on top
_LABEL_LIMIT = 20  # characters of an app's name
_EVENTS = xp.EventMask.Exposure | xp.EventMask.VisibilityChange | xp.EventMask.ButtonPress | xp.EventMask.StructureNotify


@dataclass(frozen=True, slots=True)
class Sign:
    """What the indicator says."""

    status: Literal["recording", "paused"]
    app: str = ""  # the app recorded now, "" = the window in front isn't lent

    @property
    def text(self) -> str:
        """The words on it."""
        if self.status == "paused":
            return "PAUSED · click to go on"
        return f"REC · {self.app[:_LABEL_LIMIT]}" if self.app else "REC · not this window"

    @property
    def colour(self) -> tuple[int, int, int]:
        """Its background."""
        if self.status == "paused":
            return _YELLOW
        return _RED if self.app else _DARK


class Visibility:
    """Whether the sign has been out of sight for too long."""

    def __init__(self) -> None:
        self._covered_since_ns: int | None = None
        self._is_gone = False

    def note_covered(self, now_ns: int) -> None:
        """Something lies over the sign, in part or wholly."""
        if self._covered_since_ns is None:
            self._covered_since_ns = now_ns

    def note_clear(self) -> None:
        """The whole sign is in view."""
        self._covered_since_ns = None

    def note_gone(self) -> None:
        """Some program unmapped or destroyed the sign."""
        self._is_gone = True

    @property
    def is_gone(self) -> bool:
        """Whether the sign is off the screen for good."""
        return self._is_gone

    @property
    def is_covered(self) -> bool:
        """Whether something lies over the sign now."""
        return self._covered_since_ns is not None

    def is_lost(self, now_ns: int) -> bool:
        """Whether it can't be said that the person sees the sign."""
        return self._is_gone or (self._covered_since_ns is not None and now_ns - self._covered_since_ns > _PATIENCE_NS)


class Indicator:
    """The sign on a display, shown at once.

    Raises:
        CaptureError: the sign can't be shown; then nothing may be recorded.
    """

    def __init__(self, display: XDisplay, sign: Sign, *, clock: Clock | None = None) -> None:
        self._display = display
        self._clock = clock or SystemClock()
        self._visibility = Visibility()
        self._sign = sign
        self._rose_ns = 0
        self.area = _corner(display.monitors()[0].area)
        core = display.connection.core
        self.window_id = int(display.connection.generate_id())
        self._context = int(display.connection.generate_id())
        mask = xp.CW.BackPixel | xp.CW.OverrideRedirect | xp.CW.EventMask
        place = (self.area.x, self.area.y, self.area.width, self.area.height, 0)
        kind = (xp.WindowClass.InputOutput, display.visual)
        core.CreateWindow(display.depth, self.window_id, display.root, *place, *kind, mask, [0, 1, _EVENTS])
        core.ChangeProperty(xp.PropMode.Replace, self.window_id, xp.Atom.WM_NAME, xp.Atom.STRING, 8, 7, b"witting")
        core.CreateGC(self._context, self.window_id, 0, [])
        core.MapWindow(self.window_id)
        self._draw()
        attributes = display.ask(lambda: core.GetWindowAttributes(self.window_id))
        if attributes is None or attributes.map_state != xp.MapState.Viewable:
            raise CaptureError("the recording sign can't be shown", hint="nothing is recorded without it; check the desktop session")

    def show(self, sign: Sign) -> None:
        """Change what the sign says."""
        if sign != self._sign:
            self._sign = sign
            self._draw()

    def follow(self, monitors: Sequence[Monitor]) -> None:
        """Move to where the first monitor is now."""
        self.area = _corner(monitors[0].area)
        place = xp.ConfigWindow.X | xp.ConfigWindow.Y
        self._display.connection.core.ConfigureWindow(self.window_id, place, [self.area.x, self.area.y])
        self._rise()

    def handle(self, event: Any) -> bool:
        """Take an event of the sign's window; True when it was clicked."""
        if getattr(event, "window", getattr(event, "event", 0)) != self.window_id:
            return False
        match event:
            case xp.ExposeEvent():
                self._draw()
            case xp.VisibilityNotifyEvent():
                self._see(is_clear=event.state == xp.Visibility.Unobscured)
            case xp.UnmapNotifyEvent() | xp.DestroyNotifyEvent():
                self._visibility.note_gone()
            case xp.ButtonPressEvent():
                return True
        return False

    def is_lost(self) -> bool:
        """Whether the person may not see the sign; try to bring it back while it is only covered."""
        now_ns = self._clock.monotonic_ns()
        if self._visibility.is_covered and now_ns - self._rose_ns >= _RISE_EVERY_NS:
            self._rise()
        return self._visibility.is_lost(now_ns)

    @property
    def is_gone(self) -> bool:
        """Whether the sign is off the screen for good."""
        return self._visibility.is_gone

    def close(self) -> None:
        """Take the sign away."""
        self._display.connection.core.DestroyWindow(self.window_id)
        self._display.connection.flush()

    def _see(self, *, is_clear: bool) -> None:
        if is_clear:
            self._visibility.note_clear()
        else:
            self._visibility.note_covered(self._clock.monotonic_ns())
            self._rise()

    def _rise(self) -> None:
        self._rose_ns = self._clock.monotonic_ns()
        self._display.connection.core.ConfigureWindow(self.window_id, xp.ConfigWindow.StackMode, [xp.StackMode.Above])
        self._display.connection.flush()

    def _draw(self) -> None:
        core = self._display.connection.core
        pixels = picture(self._sign)
        core.PutImage(
            xp.ImageFormat.ZPixmap, self.window_id, self._context, _WIDTH_PX, _HEIGHT_PX, 0, 0, 0, self._display.depth, len(pixels), pixels
        )
        self._display.connection.flush()


def _corner(monitor: Rect) -> Rect:
    """Return the sign's place at the top right of a monitor."""
    return Rect(monitor.x + monitor.width - _WIDTH_PX - _MARGIN_PX, monitor.y + _MARGIN_PX, _WIDTH_PX, _HEIGHT_PX)


def picture(sign: Sign) -> bytes:
    """Return the sign's pixels, 32 bits each: blue, green, red, unused."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (_WIDTH_PX, _HEIGHT_PX), sign.colour)
    draw = ImageDraw.Draw(image)
    ink = _BLACK if sign.status == "paused" else _WHITE
    middle = _HEIGHT_PX // 2
    if sign.status == "paused":
        draw.rectangle((12, middle - 6, 15, middle + 6), fill=ink)
        draw.rectangle((19, middle - 6, 22, middle + 6), fill=ink)
    else:
        draw.ellipse((11, middle - 6, 23, middle + 6), fill=ink)
    draw.text((34, middle), sign.text, fill=ink, font=ImageFont.load_default(14), anchor="lm")
    return image.convert("RGBX").tobytes("raw", "BGRX")
