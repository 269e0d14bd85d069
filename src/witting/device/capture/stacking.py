"""Which window is on top where: the stack of windows, what of a lent window can be seen, whose a place on the screen is.

Everything on the screen that isn't known covers what lies below it: notifications, menus, other people's pop-ups, our own indicator.
Doesn't know consent; the caller says which windows are lent. Invariant: a pixel belongs to a lent region only if no window above it,
known or not, has that pixel.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import xcffib.xproto as xp

from witting.device.capture.regions import Region, subtract
from witting.device.capture.x11 import XDisplay
from witting.terms.geometry import Rect

_NOWHERE = Rect(0, 0, 0, 0)
_DEPTH_LIMIT = 4  # a window manager's frame holds its client at most so deep


@dataclass(frozen=True, slots=True)
class StackedWindow:
    """A visible top-level window."""

    window_id: int  # the child of the root, the frame if there is one
    client_id: int  # the app's own window in it, 0 when there is none
    app: str  # its class in lower case, "" = unknown
    area: Rect  # with frame and border
    client_area: Rect  # without; empty for pop-ups, whose pixels are never lent
    is_popup: bool  # no window manager looks after it


Stack = tuple[StackedWindow, ...]  # bottom to top


def visible_region(stack: Stack, lent_area: Callable[[StackedWindow], Rect], screen: Rect) -> Region:
    """Return the part of the screen that shows lent windows; `lent_area` says what of a window is lent, empty = nothing."""
    region: Region = ()
    for window in stack:
        region = subtract(region, window.area)
        shown = lent_area(window).intersect(window.client_area).intersect(screen)
        if not shown.is_empty:
            region += (shown,)
    return region


def window_at(stack: Stack, x: int, y: int) -> StackedWindow | None:
    """Return the topmost window that has the pixel (x, y)."""
    return next((window for window in reversed(stack) if window.area.contains(x, y)), None)


class StackReader:
    """Reads the stack of a display; classes are remembered per window, places are asked for when something changed."""

    def __init__(self, display: XDisplay) -> None:
        self._display = display
        self._clients: dict[int, tuple[int, str, bool]] = {}
        self._stack: Stack | None = None
        display.watch_root(xp.EventMask.SubstructureNotify)

    def handle(self, event: Any) -> bool:
        """Forget what an event of the root's children made stale; True when something was."""
        if isinstance(event, xp.DestroyNotifyEvent | xp.ReparentNotifyEvent | xp.UnmapNotifyEvent | xp.MapNotifyEvent):
            self._clients.pop(event.window, None)
        elif not isinstance(event, xp.ConfigureNotifyEvent | xp.CirculateNotifyEvent | xp.GravityNotifyEvent):
            return False
        self._stack = None
        return True

    def current(self) -> Stack:
        """Return the stack as of the last event handled; cheap when nothing changed."""
        if self._stack is None:
            self._stack = self.read()
        return self._stack

    def read(self) -> Stack:
        """Return the stack as the server says it now."""
        core = self._display.connection.core
        tree = self._display.ask(lambda: core.QueryTree(self._display.root))
        children = list(tree.children) if tree else []
        cookies = [(child, core.GetWindowAttributes(child), core.GetGeometry(child)) for child in children]
        found = (self._window(child, attributes, geometry) for child, attributes, geometry in cookies)
        return tuple(window for window in found if window is not None)

    def _window(self, child: int, attributes_cookie: Any, geometry_cookie: Any) -> StackedWindow | None:
        attributes = self._display.ask(lambda: attributes_cookie)
        geometry = self._display.ask(lambda: geometry_cookie)
        if attributes is None or geometry is None or attributes.map_state != xp.MapState.Viewable:
            return None
        if getattr(attributes, "_class", None) == xp.WindowClass.InputOnly:
            return None
        border = geometry.border_width
        area = Rect(geometry.x, geometry.y, geometry.width + 2 * border, geometry.height + 2 * border)
        if child not in self._clients:
            self._clients[child] = self._client_of(child, is_popup=bool(attributes.override_redirect))
        client, app, is_popup = self._clients[child]
        client_area = _NOWHERE if is_popup or not client else self._display.area(client)
        return StackedWindow(child, client, app, area, client_area, is_popup)

    def _client_of(self, window: int, *, is_popup: bool) -> tuple[int, str, bool]:
        """Find the window below a frame that bears a class; a frame itself has override_redirect but holds a client."""
        level = [window]
        for depth in range(_DEPTH_LIMIT):
            for candidate in level:
                app = class_of(self._display, candidate)
                if app:
                    return candidate, app, is_popup and depth == 0
            level = [child for candidate in level for child in self._children(candidate)]
        return 0, "", is_popup

    def _children(self, window: int) -> list[int]:
        tree = self._display.ask(lambda: self._display.connection.core.QueryTree(window))
        return list(tree.children) if tree else []


def class_of(display: XDisplay, window: int) -> str:
    """Return a window's class (the second string of WM_CLASS) in lower case, "" when it has none."""
    parts = display.property_bytes(window, "WM_CLASS").split(b"\0")
    return parts[1].decode("utf-8", "replace").lower() if len(parts) > 1 else ""
