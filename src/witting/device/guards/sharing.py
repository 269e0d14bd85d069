"""Whether this screen is shown to others, as far as that can be told.

Seen: programs whose only work on a display is to show it to others and that are connected to it (by X-Resource, their process's name), and
screen casts of GNOME's compositor (their sessions on the bus). Not seen: a share that a browser or a meeting app makes of an X11 screen
(it looks like any other client), remote desktops whose program is there all the time, and portal sessions of other desktops, which don't
tell others that they are there.
Invariant: it holds while any of the seen ones is there.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import xcffib
import xcffib.res
from jeepney import DBusAddress, MatchRule

from witting.device.capture.x11 import XDisplay
from witting.device.guards.bus import Bus
from witting.terms.errors import CaptureError

SHARERS = frozenset({"x11vnc", "x0vncserver", "x0tigervncserver", "krfb", "vino-server", "ffmpeg"})  # the last: it grabs, it shows nothing
_MUTTER = "org.gnome.Mutter.ScreenCast"
_CAST_SESSIONS = DBusAddress("/org/gnome/Mutter/ScreenCast/Session", _MUTTER, "org.freedesktop.DBus.Introspectable")
_PID = 2  # XRES client id by process: LocalClientPIDMask
_NAME_LIMIT = 15


class SharingGuard:
    """`on_change` is told whether the screen is shown to others."""

    def __init__(self, session: Bus, display: XDisplay, *, on_change: Callable[[bool], None]) -> None:
        self._session = session
        self._clients = _Clients(display)
        self._on_change = on_change
        self._is_cast = self._has_sharer = False
        for member in ("PipeWireStreamAdded", "Closed"):
            session.hear(MatchRule(type="signal", path_namespace="/org/gnome/Mutter/ScreenCast", member=member), lambda _: self._ask())
        self.tick()

    def tick(self) -> None:
        """Look who is connected to the display, and ask for screen casts."""
        self._has_sharer = bool(self._clients.names() & SHARERS)
        self._on_change(self._has_sharer or self._is_cast)
        self._ask()

    def _ask(self) -> None:
        def heard(body: tuple[Any, ...] | None) -> None:
            self._is_cast = body is not None and '<node name="' in str(body[0])
            self._on_change(self._has_sharer or self._is_cast)

        if self._session.is_there:
            self._session.call(_CAST_SESSIONS, "Introspect", on_answer=heard)


class _Clients:
    """Who is connected to a display; a process's name is read once."""

    def __init__(self, display: XDisplay) -> None:
        self._display = display
        self._named: dict[int, str] = {}
        try:
            self._resources = display.extension(xcffib.res.key, "X-Resource")
            display.ask(lambda: self._resources.QueryVersion(1, 2))
        except (CaptureError, xcffib.XcffibException):
            self._resources = None

    def names(self) -> frozenset[str]:
        """Return the names of the connected processes; none where the server doesn't tell."""
        if self._resources is None:
            return frozenset()
        wanted = xcffib.res.ClientIdSpec.synthetic(0, _PID)
        reply = self._display.ask(lambda: self._resources.QueryClientIds(1, [wanted]))
        processes = {int(number) for found in (reply.ids if reply else ()) for number in found.value}
        self._named = {process: self._named.get(process) or _name(process) for process in processes}
        return frozenset(self._named.values())


def _name(process: int) -> str:
    try:
        return Path(f"/proc/{process}/comm").read_text("utf-8", "replace").strip()[:_NAME_LIMIT]
    except OSError:
        return ""
