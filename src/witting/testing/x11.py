"""The little that the harness itself asks of an X server: which windows there are, how they look, and to bring one to the front.

Doesn't know: recording (the recorder has its own eyes and never uses these). Follows EWMH 1.5 for window managers.
"""

import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import xcffib
import xcffib.xproto

from witting.terms.errors import WittingError
from witting.terms.geometry import Rect

Found = TypeVar("Found")
_ANY = 0
_Z_PIXMAP = 2
_LONGS = 1024
_VIEWABLE = 2


class DesktopError(WittingError):
    """The desktop session, or something in it, didn't come up."""


@dataclass(frozen=True)
class Window:
    """A client window."""

    id: int  # X resource id
    app: str  # WM_CLASS class in lower case
    title: str  # as the window manager shows it
    area: Rect  # on the screen, without the frame


def wait_for(what: str, find: Callable[[], Found | None], *, seconds: float = 20.0) -> Found:
    """Return what `find` finds, asking it every 20 ms; DesktopError when it never does."""
    deadline = time.monotonic() + seconds
    while True:
        found = find()
        if found:
            return found
        if time.monotonic() > deadline:
            message = f"{what} didn't appear within {seconds:.0f} s"
            raise DesktopError(message, hint="look at the log files in the session's folder")
        time.sleep(0.02)


class Screen:
    """A connection to the display, for looking and for bringing windows to the front."""

    def __init__(self, display: str) -> None:
        self._x = xcffib.connect(display=display)
        root = self._x.get_setup().roots[0]
        self._root, self.width, self.height = root.root, int(root.width_in_pixels), int(root.height_in_pixels)
        self._atoms: dict[str, int] = {}

    def close(self) -> None:
        """Let go of the display."""
        self._x.disconnect()

    def has_manager(self) -> bool:
        """Whether a window manager runs."""
        return bool(self._property(self._root, "_NET_SUPPORTING_WM_CHECK"))

    def windows(self) -> list[Window]:
        """Return the managed windows, lowest first."""
        ids = self._property(self._root, "_NET_CLIENT_LIST_STACKING") or b""
        found = [self._window(wid) for (wid,) in struct.iter_unpack("=I", ids)]
        return [window for window in found if window]

    def active(self) -> int:
        """Return the id of the window that has the focus, 0 when none has."""
        value = self._property(self._root, "_NET_ACTIVE_WINDOW") or b"\0\0\0\0"
        return int(struct.unpack("=I", value[:4])[0])

    def find(self, app: str, title: str = "") -> Window | None:
        """Return the topmost window of an app whose title contains `title`."""
        return next((w for w in reversed(self.windows()) if app in w.app and title in w.title), None)

    def activate(self, window: Window) -> None:
        """Bring a window to the front and wait until it has the focus."""
        data = xcffib.xproto.ClientMessageData.synthetic([2, 0, 0, 0, 0], "5I")
        event = xcffib.xproto.ClientMessageEvent.synthetic(32, window.id, self._atom("_NET_ACTIVE_WINDOW"), data)
        mask = xcffib.xproto.EventMask.SubstructureRedirect | xcffib.xproto.EventMask.SubstructureNotify
        self._x.core.SendEvent(False, self._root, mask, event.pack())
        self._x.flush()
        wait_for(f"the focus on {window.app}", lambda: self.active() == window.id)

    def move(self, window: Window, x: int, *, y: int) -> None:
        """Move a window, frame and all, and wait until it is somewhere else."""
        place = xcffib.xproto.ConfigWindow.X | xcffib.xproto.ConfigWindow.Y
        self._x.core.ConfigureWindow(window.id, place, [x, y])
        self._x.flush()

        def is_moved() -> bool:
            now = self._window(window.id)
            return now is not None and now.area != window.area

        wait_for("the move", is_moved)

    def warp(self, x: int, y: int) -> None:
        """Put the pointer somewhere without a hand, for calibration only."""
        self._x.core.WarpPointer(0, self._root, 0, 0, 0, 0, x, y)
        self._x.flush()

    def unmanaged(self) -> list[Rect]:
        """Return the areas of override-redirect windows that are shown, lowest first."""
        areas = []
        for wid in self._x.core.QueryTree(self._root).reply().children:
            try:
                attributes, place = self._x.core.GetWindowAttributes(wid).reply(), self._x.core.GetGeometry(wid).reply()
            except xcffib.xproto.WindowError:
                continue  # it went while we looked
            if attributes.override_redirect and attributes.map_state == _VIEWABLE:
                areas.append(Rect(place.x, place.y, place.width, place.height))
        return areas

    def save_picture(self, path: Path) -> None:
        """Write the screen as PNG."""
        from PIL import Image

        reply = self._x.core.GetImage(_Z_PIXMAP, self._root, 0, 0, self.width, self.height, 0xFFFFFFFF).reply()
        pixels = bytes(reply.data.buf())
        Image.frombuffer("RGB", (self.width, self.height), pixels, "raw", "BGRX", 0, 1).save(path)

    def _window(self, wid: int) -> Window | None:
        try:
            place = self._x.core.GetGeometry(wid).reply()
            corner = self._x.core.TranslateCoordinates(wid, self._root, 0, 0).reply()
        except (xcffib.xproto.WindowError, xcffib.xproto.DrawableError):
            return None  # closed while we looked
        names = (self._property(wid, "WM_CLASS") or b"").split(b"\0")
        title = self._property(wid, "_NET_WM_NAME") or self._property(wid, "WM_NAME") or b""
        app = names[1].decode(errors="replace").lower() if len(names) > 1 else ""
        return Window(wid, app, title.decode(errors="replace"), Rect(corner.dst_x, corner.dst_y, place.width, place.height))

    def _property(self, wid: int, name: str) -> bytes | None:
        try:
            reply: Any = self._x.core.GetProperty(False, wid, self._atom(name), _ANY, 0, _LONGS).reply()
        except xcffib.xproto.WindowError:
            return None
        return bytes(reply.value.buf()) or None

    def _atom(self, name: str) -> int:
        if name not in self._atoms:
            self._atoms[name] = int(self._x.core.InternAtom(False, len(name), name).reply().atom)
        return self._atoms[name]
