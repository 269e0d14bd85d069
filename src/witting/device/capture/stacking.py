"""Which window is on top where: the stack of windows, what of a lent window can be seen, whose a place on the screen is.

Everything on the screen that isn't known covers what lies below it: notifications, menus, other people's pop-ups, our own indicator.
So does, for a while, what lay there a moment ago: where a window moved away its pixels stay until the one below has drawn itself again.
Doesn't know consent; the caller says which windows are lent. Invariant: a pixel belongs to a window's part only if no window above it,
known or not, has that pixel or had it just now, and only where that window hides what is below it.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import xcffib
import xcffib.shape
import xcffib.xproto as xp

from witting.device.capture.regions import Region, overlap, subtract
from witting.device.capture.x11 import XDisplay, sent
from witting.terms.errors import CaptureError
from witting.terms.geometry import Rect

_NOWHERE = Rect(0, 0, 0, 0)
_DEPTH_LIMIT = 4  # a window manager's frame holds its client at most so deep
_GHOST_NS = 700_000_000  # a window that was uncovered has drawn itself again by then
_OPAQUE_DEPTH = 24
_WHOLLY_OPAQUE = 0xFFFFFFFF
_OPACITY, _OPAQUE_REGION = "_NET_WM_WINDOW_OPACITY", "_NET_WM_OPAQUE_REGION"
_LEAVING = xp.UnmapNotifyEvent | xp.DestroyNotifyEvent | xp.ReparentNotifyEvent


@dataclass(frozen=True, slots=True)
class StackedWindow:
    """A visible top-level window."""

    window_id: int  # the child of the root, the frame if there is one
    client_id: int  # the app's own window in it, 0 when there is none
    app: str  # its class in lower case, "" = unknown
    area: Rect  # with frame and border
    client_area: Rect  # without; empty for pop-ups, whose pixels are never lent
    is_popup: bool  # no window manager looks after it
    solid: Region | None = None  # where it hides what is below it, None = everywhere in its client area


Stack = tuple[StackedWindow, ...]  # bottom to top


@dataclass(frozen=True, slots=True)
class Ghost:
    """A place where a window was a moment ago."""

    window_id: int
    area: Rect
    until_ns: int


def visible_parts(stack: Stack, lent: Mapping[int, Rect], *, screen: Rect) -> dict[int, Region]:
    """Return, by client window, the part of the screen that shows it; `lent` says by client window what of it may show."""
    parts: dict[int, Region] = {}
    for window in stack:
        parts = {client: subtract(region, window.area) for client, region in parts.items()}
        wanted = lent.get(window.client_id, _NOWHERE) if window.client_id else _NOWHERE
        shown = wanted.intersect(window.client_area).intersect(screen)
        if not shown.is_empty:
            parts[window.client_id] = (shown,) if window.solid is None else overlap((shown,), window.solid)
    return parts


def without_ghosts(region: Region, window: StackedWindow, *, ghosts: tuple[Ghost, ...]) -> Region:
    """Return the part of a window's region where no other window was just now; nothing when it moved itself."""
    own = {window.window_id, window.client_id}
    for ghost in ghosts:
        if ghost.window_id not in own:
            region = subtract(region, ghost.area)
        elif ghost.area not in {window.area, window.client_area}:
            return ()
    return region


def uncovering(before: Stack, after: Stack) -> list[StackedWindow]:
    """Return the windows of `before` that left a place or no longer lie over a window they lay over."""
    now = {window.window_id: window for window in after}
    order = {window.window_id: place for place, window in enumerate(after)}
    found = []
    for place, window in enumerate(before):
        is_elsewhere = window.window_id not in now or now[window.window_id].area != window.area
        fell = any(order.get(window.window_id, -1) < order.get(other.window_id, -1) for other in before[:place])
        if is_elsewhere or fell:
            found.append(window)
    return found


def window_at(stack: Stack, x: int, *, y: int) -> StackedWindow | None:
    """Return the topmost window that has the pixel (x, y)."""
    return next((window for window in reversed(stack) if window.area.contains(x, y)), None)


def is_stacking(event: object) -> bool:
    """Whether an event tells that some window came, went or moved."""
    return isinstance(event, _LEAVING | xp.MapNotifyEvent | xp.ConfigureNotifyEvent | xp.CirculateNotifyEvent | xp.GravityNotifyEvent)


class StackReader:
    """Reads the stack of a display; classes are remembered per window, places are asked for when something changed."""

    def __init__(self, display: XDisplay) -> None:
        self._display = display
        self._clients: dict[int, tuple[int, str, bool]] = {}
        self._stack: Stack | None = None
        self._last: Stack = ()
        self._ghosts: deque[Ghost] = deque()  # by the time at which they go
        self._places: dict[int, Rect] = {}  # of windows that were mapped or moved since, as events told
        self._shape = _shape_of(display)
        display.watch_root(xp.EventMask.SubstructureNotify)

    def handle(self, event: Any) -> bool:
        """Forget what an event of the root's children made stale; True when something was."""
        if not is_stacking(event):
            return False
        self.note(event)
        if isinstance(event, _LEAVING | xp.MapNotifyEvent):
            self._clients.pop(event.window, None)
        self._stack = None
        return True

    def note(self, event: Any) -> None:
        """Remember where the window of an event was and is; the root's own and windows within windows don't count."""
        if getattr(event, "event", 0) != self._display.root or event.window == self._display.root:
            return
        window = int(event.window)
        match event:
            case xp.ConfigureNotifyEvent():
                border = 2 * event.border_width
                self._places[window] = Rect(event.x, event.y, event.width + border, event.height + border)
                self._haunt(window, self._places[window])
            case xp.MapNotifyEvent():
                self._places[window] = self._display.area(window)
                self._haunt(window, self._places[window])
            case xp.UnmapNotifyEvent() | xp.DestroyNotifyEvent() | xp.ReparentNotifyEvent():
                self._haunt(window, self._places.pop(window, _NOWHERE))
                for known in self._last:
                    if known.window_id == window:
                        self._haunt(window, known.area)

    def current(self) -> Stack:
        """Return the stack as of the last event handled; cheap when nothing changed."""
        if self._stack is None:
            self._stack = self.read()
        return self._stack

    def known(self) -> Stack | None:
        """Return the stack as of the last event handled, None when it has to be read anew; asks nothing."""
        return self._stack

    def read(self) -> Stack:
        """Return the stack as the server says it now."""
        core = self._display.connection.core
        tree = self._display.ask(lambda: core.QueryTree(self._display.root))
        children = list(tree.children) if tree else []
        is_composited = self._is_composited()
        cookies = [(child, core.GetWindowAttributes(child), core.GetGeometry(child)) for child in children]
        tops = [top for child, one, other in cookies if (top := self._top(child, one, geometry_cookie=other)) is not None]
        framed = [top for top in tops if top.client_id and not top.is_popup]
        places = dict(zip((top.client_id for top in framed), self._display.areas([top.client_id for top in framed]), strict=True))
        shaped = self._shaped([window for top in framed for window in (top.window_id, top.client_id)])
        stack = tuple(
            self._with_client(top, places[top.client_id], shaped=shaped, is_composited=is_composited) if top.client_id in places else top
            for top in tops
        )
        for window in uncovering(self._last, stack):
            self._haunt(window.window_id, window.area)
        self._last = stack
        return stack

    def ghosts(self, now_ns: int) -> tuple[Ghost, ...]:
        """Return where windows were a moment ago."""
        while self._ghosts and self._ghosts[0].until_ns <= now_ns:
            self._ghosts.popleft()
        return tuple(self._ghosts)

    def _haunt(self, window_id: int, area: Rect) -> None:
        if area.is_empty:
            return
        now_ns = self._display.now_ns()
        self.ghosts(now_ns)  # lets go of old ones
        until_ns = now_ns + _GHOST_NS
        if self._ghosts and (self._ghosts[-1].window_id, self._ghosts[-1].area) == (window_id, area):
            self._ghosts.pop()
        self._ghosts.append(Ghost(window_id, area, until_ns))

    def _top(self, child: int, attributes_cookie: Any, *, geometry_cookie: Any) -> StackedWindow | None:
        """Return a child of the root that can be seen, without its client's place."""
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
        return StackedWindow(child, client, app, area, _NOWHERE, is_popup)

    def _with_client(self, top: StackedWindow, client_area: Rect, *, shaped: AbstractSet[int], is_composited: bool) -> StackedWindow:
        """Return a window with where its client lies and hides what is below: within its shape, under a compositor where it is opaque."""
        region: Region = (client_area,)
        for window in dict.fromkeys((top.window_id, top.client_id)):
            if window in shaped:
                region = overlap(region, self._shape_region(window))
            if is_composited:
                region = overlap(region, self._opaque(window, client_area))
        return replace(top, client_area=client_area, solid=None if region == (client_area,) else region)

    def _shaped(self, windows: Sequence[int]) -> AbstractSet[int]:
        """Return the windows that aren't rectangles, or don't say; all are asked for at once."""
        requests = self._shape
        if requests is None:
            return frozenset()
        cookies = [(window, requests.QueryExtents(window)) for window in dict.fromkeys(windows)]
        answers = [(window, self._display.ask(partial(sent, cookie))) for window, cookie in cookies]
        return {window for window, answer in answers if answer is None or answer.bounding_shaped}

    def _shape_region(self, window: int) -> Region:
        """Return a shaped window's shape on the screen, nothing for one that is gone."""
        requests = self._shape
        reply = None if requests is None else self._display.ask(lambda: requests.GetRectangles(window, xcffib.shape.SK.Bounding))
        place = self._display.area(window)
        return tuple(Rect(place.x + one.x, place.y + one.y, one.width, one.height) for one in reply.rectangles) if reply else ()

    def _opaque(self, window: int, area: Rect) -> Region:
        """Return where a window under a compositor is opaque, as far as it says so."""
        opacity = next(iter(self._display.cardinals(window, _OPACITY)), _WHOLLY_OPAQUE)
        geometry = self._display.ask(lambda: self._display.connection.core.GetGeometry(window))
        if opacity != _WHOLLY_OPAQUE or geometry is None:
            return ()
        if geometry.depth <= _OPAQUE_DEPTH:
            return (area,)
        place, told = self._display.area(window), self._display.cardinals(window, _OPAQUE_REGION)
        boxes = zip(*(told[start::4] for start in range(4)), strict=False)
        return tuple(Rect(place.x + x, place.y + y, width, height) for x, y, width, height in boxes)

    def _is_composited(self) -> bool:
        """Whether a compositor runs, so that windows may be translucent; one that can't be told counts as running."""
        atom = self._display.atom(f"_NET_WM_CM_S{self._display.screen_number}")
        owner = self._display.ask(lambda: self._display.connection.core.GetSelectionOwner(atom))
        return owner is None or bool(owner.owner)

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


def _shape_of(display: XDisplay) -> Any | None:
    """Return the SHAPE extension's requests, None on a server whose windows are all rectangles."""
    try:
        return display.extension(xcffib.shape.key, "SHAPE")
    except CaptureError:
        return None
