"""Windows of known colours that answer to clicks: what tests and benchmarks put on a screen to see what is recorded of it.

Plain X windows: with a class and title, or without (override-redirect), shaped, translucent, and with the old pixels left in place when
something uncovers them, as many toolkits do. Doesn't know: recording. Holds: a window's pixels are of its own colour and nothing else.
"""

import select
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xcffib
import xcffib.shape
import xcffib.xproto as xp

from witting.terms.geometry import Rect

_ARGB_DEPTH = 32
_TRUE_COLOUR = 4
_NO_COLOURS = 0  # AllocNone
_LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class Look:
    """How a canary window is made."""

    area: Rect
    colour: int  # 0xRRGGBB
    app: str = ""  # its class; "" = none
    title: str = ""
    is_popup: bool = False  # no window manager looks after it
    is_lazy: bool = False  # leaves what was there before when it is uncovered
    hole: Rect | None = None  # a part that is cut out of it, in its own pixels
    opacity: float = 1.0  # under a compositor
    is_argb: bool = False  # has an alpha channel


class Canaries:
    """Windows on a display, all of one connection; `process_id` is what they say they belong to."""

    def __init__(self, display: str, *, process_id: int = 0) -> None:
        self._x: Any = xcffib.connect(display=display)
        self._screen = self._x.get_setup().roots[0]
        self._process_id = process_id
        self._looks: dict[int, Look] = {}
        self.presses: list[int] = []  # CLOCK_MONOTONIC ns at which a window heard of a click
        self._is_enough = False

    def fileno(self) -> int:
        """Return the socket, for select."""
        return int(self._x.get_file_descriptor())

    def show(self, look: Look) -> int:
        """Put a window on the screen; return its number."""
        window = int(self._x.generate_id())
        depth, visual = self._argb() if look.is_argb else (self._screen.root_depth, self._screen.root_visual)
        colour = look.colour | (round(look.opacity * 255) << 24 if look.is_argb else 0)
        mask, values = xp.CW.BorderPixel | xp.CW.OverrideRedirect | xp.CW.EventMask | xp.CW.Colormap, [0, int(look.is_popup)]
        if not look.is_lazy:
            mask, values = mask | xp.CW.BackPixel, [colour, *values]
        colormap = int(self._x.generate_id())
        self._x.core.CreateColormap(_NO_COLOURS, colormap, self._screen.root, visual)
        values += [xp.EventMask.Exposure | xp.EventMask.ButtonPress, colormap]
        place = (look.area.x, look.area.y, look.area.width, look.area.height)
        self._x.core.CreateWindow(depth, window, self._screen.root, *place, 0, xp.WindowClass.InputOutput, visual, mask, values)
        self._name(window, look)
        if look.hole is not None:
            self._cut(window, look.area, hole=look.hole)
        self._x.core.MapWindow(window)
        self._looks[window] = look
        self._x.flush()
        return window

    def place(self, window: int, *, x: int | None = None, y: int | None = None, is_above: bool | None = None) -> None:
        """Move a window, or bring it to the top or the bottom."""
        mask = 0
        values: list[int] = []
        for bit, value in ((xp.ConfigWindow.X, x), (xp.ConfigWindow.Y, y)):
            if value is not None:
                mask, values = mask | bit, [*values, value & 0xFFFFFFFF]
        if is_above is not None:
            mask |= xp.ConfigWindow.StackMode
            values.append(xp.StackMode.Above if is_above else xp.StackMode.Below)
        self._x.core.ConfigureWindow(window, mask, values)
        self._x.flush()

    def hide(self, window: int) -> None:
        """Take a window off the screen."""
        self._looks.pop(window, None)
        self._x.core.DestroyWindow(window)
        self._x.flush()

    def paint(self, window: int, colour: int) -> None:
        """Fill a window with another colour at once."""
        context = int(self._x.generate_id())
        self._x.core.CreateGC(context, window, xp.GC.Foreground, [colour])
        area = self._looks[window].area
        self._x.core.PolyFillRectangle(window, context, 1, [xp.RECTANGLE.synthetic(0, 0, area.width, area.height)])
        self._x.core.FreeGC(context)
        self._x.flush()

    def serve(self, seconds: float, *, colours: Sequence[int] = ()) -> None:
        """Draw what is to be drawn; with `colours` a click gives the window the next one."""
        end = time.monotonic() + seconds
        while not self._is_enough and (left := end - time.monotonic()) > 0:
            select.select([self], [], [], min(left, _LOOK_S))
            while (event := self._x.poll_for_event()) is not None:
                if isinstance(event, xp.ExposeEvent) and event.window in self._looks:
                    look = self._looks[event.window]
                    self.paint(event.window, look.colour | (round(look.opacity * 255) << 24 if look.is_argb else 0))
                elif isinstance(event, xp.ButtonPressEvent) and colours:
                    self.presses.append(time.monotonic_ns())
                    self.paint(event.event, colours[len(self.presses) % len(colours)])

    def stop_serving(self) -> None:
        """Have `serve`, in another thread, return soon."""
        self._is_enough = True

    def close(self) -> None:
        """Take all windows away."""
        self._x.disconnect()

    def _name(self, window: int, look: Look) -> None:
        if look.app:
            names = f"{look.app}\0{look.app}\0".encode()
            self._property(window, xp.Atom.WM_CLASS, kind=xp.Atom.STRING, data=names)
        self._property(window, xp.Atom.WM_NAME, kind=xp.Atom.STRING, data=look.title.encode())
        if self._process_id:
            pid = self._process_id.to_bytes(4, "little")
            self._x.core.ChangeProperty(xp.PropMode.Replace, window, self._atom("_NET_WM_PID"), xp.Atom.CARDINAL, 32, 1, pid)
        hints = (1 | 4).to_bytes(4, "little") + b"".join(
            number.to_bytes(4, "little", signed=True) for number in (look.area.x, look.area.y, 0, 0)
        )
        hints += bytes(72 - len(hints))
        self._x.core.ChangeProperty(xp.PropMode.Replace, window, xp.Atom.WM_NORMAL_HINTS, xp.Atom.WM_SIZE_HINTS, 32, 18, hints)
        if look.opacity < 1 and not look.is_argb:
            share = round(look.opacity * 0xFFFFFFFF).to_bytes(4, "little")
            atom = self._atom("_NET_WM_WINDOW_OPACITY")
            self._x.core.ChangeProperty(xp.PropMode.Replace, window, atom, xp.Atom.CARDINAL, 32, 1, share)

    def _property(self, window: int, name: int, *, kind: int, data: bytes) -> None:
        self._x.core.ChangeProperty(xp.PropMode.Replace, window, name, kind, 8, len(data), data)

    def _cut(self, window: int, area: Rect, *, hole: Rect) -> None:
        """Give a window a shape: all of it but the hole."""
        shape = self._x(xcffib.shape.key)
        right, bottom = hole.x + hole.width, hole.y + hole.height
        pieces = [
            (0, 0, area.width, hole.y), (0, bottom, area.width, area.height - bottom),
            (0, hole.y, hole.x, hole.height), (right, hole.y, area.width - right, hole.height),
        ]  # fmt: skip
        boxes = [xp.RECTANGLE.synthetic(*piece) for piece in pieces if piece[2] > 0 and piece[3] > 0]
        shape.Rectangles(xcffib.shape.SO.Set, xcffib.shape.SK.Bounding, xp.ClipOrdering.Unsorted, window, 0, 0, len(boxes), boxes)

    def _argb(self) -> tuple[int, int]:
        """Return depth and visual with an alpha channel."""
        for depth in self._screen.allowed_depths:
            if depth.depth == _ARGB_DEPTH:
                return _ARGB_DEPTH, next(visual.visual_id for visual in depth.visuals if visual._class == _TRUE_COLOUR)  # noqa: SLF001 - X's name
        return self._screen.root_depth, self._screen.root_visual

    def _atom(self, name: str) -> int:
        return int(self._x.core.InternAtom(False, len(name), name).reply().atom)
