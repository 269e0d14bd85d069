"""The sign on every monitor that says what is recorded: one click pauses or goes on, dragging it puts it into another corner.

Windows that no window manager touches, above all others; when something covers one, it rises again. Under a compositor the server doesn't
tell of covers, so there the stack is looked at. Doesn't know consent. Nobody may switch it off. Invariant: while `is_lost` is false, the
sign is mapped on every monitor and each was wholly in view within the last second.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import xcffib
import xcffib.shape
import xcffib.xproto as xp

from witting.device.capture.sign import HEIGHT_PX, Sign, picture, rounded, width_of
from witting.device.capture.stacking import Stack
from witting.device.capture.x11 import XDisplay
from witting.device.guards.rules import Corner
from witting.terms.clock import Clock, SystemClock
from witting.terms.errors import CaptureError
from witting.terms.geometry import Monitor, Rect

_MARGIN_PX = 6
_DRAG_PX = 6  # moved less far than this with the button down is a click
_PATIENCE_NS = 900_000_000  # covered for longer than this is lost, so that a second holds the pause too
_STEADY_NS = 200_000_000  # back in view for so long is back
_RISE_EVERY_NS = 50_000_000  # against another window that wants to be on top
_LOOK_EVERY_NS = 200_000_000  # at the stack, under a compositor
_HAND = 60  # of the server's cursor font
_BUTTONS = range(1, 4)
_MASK = xp.EventMask
_EVENTS = _MASK.Exposure | _MASK.VisibilityChange | _MASK.ButtonPress | _MASK.ButtonRelease | _MASK.Button1Motion | _MASK.StructureNotify


class Visibility:
    """Whether a sign has been out of sight for too long; back in view for a blink only, against something that fights it, isn't back."""

    def __init__(self) -> None:
        self._covered_since_ns: int | None = None
        self._clear_since_ns: int | None = None  # in view again, but not for long enough to count
        self._is_gone = False

    def note_covered(self, now_ns: int) -> None:
        """Something lies over the sign, in part or wholly."""
        self._settle(now_ns)
        self._clear_since_ns = None
        if self._covered_since_ns is None:
            self._covered_since_ns = now_ns

    def note_clear(self, now_ns: int) -> None:
        """The whole sign is in view."""
        if self._covered_since_ns is not None and self._clear_since_ns is None:
            self._clear_since_ns = now_ns

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
        return self._covered_since_ns is not None and self._clear_since_ns is None

    def is_lost(self, now_ns: int) -> bool:
        """Whether it can't be said that the person sees the sign."""
        self._settle(now_ns)
        return self._is_gone or (self._covered_since_ns is not None and now_ns - self._covered_since_ns > _PATIENCE_NS)

    @property
    def clear_at_ns(self) -> int | None:
        """When the sign will have been in view for long enough; None while it is covered, and when it is clear."""
        return None if self._clear_since_ns is None else self._clear_since_ns + _STEADY_NS

    def _settle(self, now_ns: int) -> None:
        if self._clear_since_ns is not None and now_ns - self._clear_since_ns >= _STEADY_NS:
            self._covered_since_ns = self._clear_since_ns = None


@dataclass(slots=True)
class _Pane:
    """The sign's window on one monitor."""

    window_id: int
    context: int
    monitor: Rect
    area: Rect
    seen: Visibility = field(default_factory=Visibility)


@dataclass(slots=True)
class _Drag:
    """A button is down on a pane."""

    pane: _Pane
    from_x: int  # of the pointer, on the screen
    from_y: int
    is_moving: bool = False


class Indicator:
    """The sign on every monitor of a display, shown at once.

    Raises:
        CaptureError: the sign can't be shown; then nothing may be recorded.
    """

    def __init__(self, display: XDisplay, sign: Sign, *, corner: Corner = "top-right", clock: Clock | None = None) -> None:
        self._display = display
        self._clock = clock or SystemClock()
        self._sign = sign
        self._panes: list[_Pane] = []
        self._drag: _Drag | None = None
        self._rose_ns = self._looked_ns = 0
        self._is_composited = False
        self._is_stack_stale = True
        self.corner: Corner = corner
        self._shape = _shape_of(display)
        self._cursor = _hand(display)
        self.follow(display.monitors())
        if any(not self._is_viewable(pane) for pane in self._panes):
            raise CaptureError("the recording sign can't be shown", hint="nothing is recorded without it; check the desktop session")

    @property
    def window_ids(self) -> frozenset[int]:
        """The windows of the sign."""
        return frozenset(pane.window_id for pane in self._panes)

    @property
    def areas(self) -> tuple[Rect, ...]:
        """Where the sign stands, one place on each monitor."""
        return tuple(pane.area for pane in self._panes)

    def follow(self, monitors: Sequence[Monitor]) -> None:
        """Show the sign on each of these monitors and on no other; call it when they changed."""
        before, self._panes = self._panes, []
        self._drag = None
        for area in _distinct(monitors):
            self._panes.append(self._make(area))
        for pane in before:
            self._display.connection.core.DestroyWindow(pane.window_id)
        self._is_composited = has_compositor(self._display)
        self._display.connection.flush()

    def show(self, sign: Sign) -> None:
        """Change what the sign says."""
        if sign != self._sign:
            self._sign = sign
            for pane in self._panes:
                self._move(pane)

    def put(self, corner: Corner) -> None:
        """Move the sign to another corner of each monitor."""
        self.corner = corner
        for pane in self._panes:
            self._move(pane)

    def handle(self, event: Any) -> bool:
        """Take an event of the display; True when the sign was clicked."""
        number = getattr(event, "event", 0) if isinstance(event, _BY_EVENT) else getattr(event, "window", 0)
        pane = next((pane for pane in self._panes if pane.window_id == number), None)
        if pane is None:
            self._is_stack_stale = self._is_stack_stale or isinstance(event, _RESTACKING)
            return False
        match event:
            case xp.ExposeEvent():
                self._draw(pane)
            case xp.VisibilityNotifyEvent():
                self._see(pane, is_clear=event.state == xp.Visibility.Unobscured)
            case xp.UnmapNotifyEvent() | xp.DestroyNotifyEvent():
                pane.seen.note_gone()
            case xp.ButtonPressEvent() if event.detail in _BUTTONS:
                self._drag = _Drag(pane, event.root_x, event.root_y)
            case xp.MotionNotifyEvent():
                self._drag_to(event.root_x, event.root_y)
            case xp.ButtonReleaseEvent() if event.detail in _BUTTONS:
                return self._let_go(event.root_x, event.root_y)
        return False

    def look(self, stack: Stack) -> None:
        """Find out from the stack of windows whether something lies over the sign, because a compositor keeps the server from telling."""
        self._looked_ns, self._is_stack_stale = self._clock.monotonic_ns(), False
        own = self.window_ids
        for pane in self._panes:
            above: list[Rect] | None = None
            for window in stack:
                if window.window_id == pane.window_id:
                    above = []
                elif above is not None and window.window_id not in own:
                    above.append(window.area)
            self._see(pane, is_clear=above is not None and not any(not pane.area.intersect(area).is_empty for area in above))

    @property
    def wants_look(self) -> bool:
        """Whether `look` should be called now."""
        return (self._is_composited and self._is_stack_stale) and self._clock.monotonic_ns() - self._looked_ns >= _LOOK_EVERY_NS

    def check_compositor(self) -> None:
        """Find out whether a compositor runs; now and then is enough."""
        self._is_composited = has_compositor(self._display)

    def is_lost(self) -> bool:
        """Whether the person may not see the sign on some monitor; try to bring it back while it is only covered."""
        now_ns = self._clock.monotonic_ns()
        covered = [pane for pane in self._panes if pane.seen.is_covered]
        if covered and now_ns - self._rose_ns >= _RISE_EVERY_NS:
            self._rise(covered)
        return any(pane.seen.is_lost(now_ns) for pane in self._panes)

    @property
    def is_gone(self) -> bool:
        """Whether the sign is off some monitor for good."""
        return any(pane.seen.is_gone for pane in self._panes)

    @property
    def next_due_ns(self) -> int | None:
        """When `is_lost` or `look` has something to do; None while all is in view."""
        times = [pane.seen.clear_at_ns for pane in self._panes]
        if any(pane.seen.is_covered for pane in self._panes):
            times.append(self._rose_ns + _RISE_EVERY_NS)
        if self._is_composited and self._is_stack_stale:
            times.append(self._looked_ns + _LOOK_EVERY_NS)
        return min((at_ns for at_ns in times if at_ns is not None), default=None)

    def close(self) -> None:
        """Take the sign away."""
        for pane in self._panes:
            self._display.connection.core.DestroyWindow(pane.window_id)
        self._panes = []
        self._display.connection.flush()

    # ---- windows ----

    def _make(self, monitor: Rect) -> _Pane:
        connection = self._display.connection
        core = connection.core
        pane = _Pane(int(connection.generate_id()), int(connection.generate_id()), monitor, self._area_in(monitor))
        mask = xp.CW.BackPixel | xp.CW.OverrideRedirect | xp.CW.EventMask | xp.CW.Cursor
        place = (pane.area.x, pane.area.y, pane.area.width, pane.area.height, 0)
        kind = (xp.WindowClass.InputOutput, self._display.visual)
        values = [0, 1, _EVENTS, self._cursor]
        core.CreateWindow(self._display.depth, pane.window_id, self._display.root, *place, *kind, mask, values)
        core.ChangeProperty(xp.PropMode.Replace, pane.window_id, xp.Atom.WM_NAME, xp.Atom.STRING, 8, 7, b"witting")
        core.CreateGC(pane.context, pane.window_id, 0, [])
        self._cut(pane)
        core.MapWindow(pane.window_id)
        self._draw(pane)
        return pane

    def _area_in(self, monitor: Rect) -> Rect:
        width = width_of(self._sign)
        x = monitor.x + _MARGIN_PX if self.corner.endswith("left") else monitor.x + monitor.width - width - _MARGIN_PX
        y = monitor.y + _MARGIN_PX if self.corner.startswith("top") else monitor.y + monitor.height - HEIGHT_PX - _MARGIN_PX
        return Rect(x, y, width, HEIGHT_PX)

    def _move(self, pane: _Pane) -> None:
        """Put a pane where it belongs, as wide as its words, and draw it."""
        before, pane.area = pane.area, self._area_in(pane.monitor)
        if before != pane.area:
            config = xp.ConfigWindow
            where = [pane.area.x, pane.area.y, pane.area.width, pane.area.height, xp.StackMode.Above]
            mask = config.X | config.Y | config.Width | config.Height | config.StackMode
            self._display.connection.core.ConfigureWindow(pane.window_id, mask, where)
            self._cut(pane)
        self._draw(pane)

    def _cut(self, pane: _Pane) -> None:
        """Give a pane round corners, where the server can."""
        if self._shape is not None:
            strips = [xp.RECTANGLE.synthetic(*strip) for strip in rounded(pane.area.width)]
            kinds = (xcffib.shape.SO.Set, xcffib.shape.SK.Bounding)
            self._shape.Rectangles(*kinds, xp.ClipOrdering.Unsorted, pane.window_id, 0, 0, len(strips), strips)

    def _draw(self, pane: _Pane) -> None:
        pixels = picture(self._sign)
        size = (pane.area.width, HEIGHT_PX)
        depth = self._display.depth
        self._display.connection.core.PutImage(
            xp.ImageFormat.ZPixmap, pane.window_id, pane.context, *size, 0, 0, 0, depth, len(pixels), pixels
        )
        self._display.connection.flush()

    def _is_viewable(self, pane: _Pane) -> bool:
        attributes = self._display.ask(lambda: self._display.connection.core.GetWindowAttributes(pane.window_id))
        return attributes is not None and attributes.map_state == xp.MapState.Viewable

    # ---- on top ----

    def _see(self, pane: _Pane, *, is_clear: bool) -> None:
        if is_clear:
            pane.seen.note_clear(self._clock.monotonic_ns())
        else:
            pane.seen.note_covered(self._clock.monotonic_ns())
            self._rise([pane])

    def _rise(self, panes: Iterable[_Pane]) -> None:
        self._rose_ns = self._clock.monotonic_ns()
        self._is_stack_stale = True
        for pane in panes:
            self._display.connection.core.ConfigureWindow(pane.window_id, xp.ConfigWindow.StackMode, [xp.StackMode.Above])
        self._display.connection.flush()

    # ---- click and drag ----

    def _drag_to(self, x: int, y: int) -> None:
        drag = self._drag
        if drag is None:
            return
        dx, dy = x - drag.from_x, y - drag.from_y
        drag.is_moving = drag.is_moving or abs(dx) + abs(dy) > _DRAG_PX
        if drag.is_moving:
            area = drag.pane.area
            self._display.connection.core.ConfigureWindow(
                drag.pane.window_id, xp.ConfigWindow.X | xp.ConfigWindow.Y, [_signed(area.x + dx), _signed(area.y + dy)]
            )
            self._display.connection.flush()

    def _let_go(self, x: int, y: int) -> bool:
        drag, self._drag = self._drag, None
        if drag is None or not drag.is_moving:
            return drag is not None
        monitor = next((pane.monitor for pane in self._panes if pane.monitor.contains(x, y)), drag.pane.monitor)
        self.corner = corner_at(monitor, x, y=y)
        drag.pane.area = Rect(0, 0, 0, 0)  # it is somewhere else now
        for pane in self._panes:
            self._move(pane)
        return False


_BY_EVENT = (xp.ButtonPressEvent, xp.ButtonReleaseEvent, xp.MotionNotifyEvent)
_RESTACKING = (xp.ConfigureNotifyEvent, xp.CirculateNotifyEvent, xp.MapNotifyEvent, xp.UnmapNotifyEvent, xp.ReparentNotifyEvent)


def corner_at(monitor: Rect, x: int, *, y: int) -> Corner:
    """Return the corner of a monitor that is nearest to a place."""
    is_top, is_left = y < monitor.y + monitor.height / 2, x < monitor.x + monitor.width / 2
    if is_top:
        return "top-left" if is_left else "top-right"
    return "bottom-left" if is_left else "bottom-right"


def has_compositor(display: XDisplay) -> bool:
    """Whether a compositor runs, so that the server doesn't tell of covers."""
    owner = display.ask(lambda: display.connection.core.GetSelectionOwner(display.atom("_NET_WM_CM_S0")))
    return owner is not None and owner.owner != 0


def _distinct(monitors: Sequence[Monitor]) -> list[Rect]:
    """Return the monitors' areas, mirrored ones once."""
    return list(dict.fromkeys(monitor.area for monitor in monitors if not monitor.area.is_empty))


def _shape_of(display: XDisplay) -> Any | None:
    try:
        return display.extension(xcffib.shape.key, "SHAPE")
    except CaptureError:
        return None


def _hand(display: XDisplay) -> int:
    """Return a cursor that says: this can be clicked."""
    core = display.connection.core
    font, cursor = int(display.connection.generate_id()), int(display.connection.generate_id())
    core.OpenFont(font, len("cursor"), "cursor")
    core.CreateGlyphCursor(cursor, font, font, _HAND, _HAND + 1, 0, 0, 0, 0xFFFF, 0xFFFF, 0xFFFF)
    core.CloseFont(font)
    return cursor


def _signed(value: int) -> int:
    return value & 0xFFFFFFFF
