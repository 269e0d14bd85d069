"""Whether the screen is locked: logind's LockedHint, the screen savers of the desktops, and the X server's own screen saver.

Knows who says so, not what is on the screen. Invariant: it holds while any of them says locked; what one of them said stands until the same
one says otherwise.
"""

from collections.abc import Callable
from typing import Any

import xcffib
import xcffib.screensaver
from jeepney import DBusAddress, MatchRule, Message

from witting.device.capture.x11 import XDisplay
from witting.device.guards.bus import Bus, watch_property
from witting.terms.errors import CaptureError

_LOGIND = "org.freedesktop.login1"
_SESSION = f"{_LOGIND}.Session"
_OWN_SESSION = "/org/freedesktop/login1/session/auto"  # logind finds the caller's own
SAVERS = (("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"), ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"))
_SAVER_EVENTS = 1  # ScreenSaverNotifyMask
_ON, _CYCLE = 1, 2


class LockGuard:
    """Listens to everybody who locks a screen; `on_change` is told whether it is locked."""

    def __init__(self, system: Bus, session: Bus, *, on_change: Callable[[bool], None]) -> None:
        self._says: dict[str, bool] = {}
        self._on_change = on_change
        self._follow_logind(system)
        for name, path in SAVERS:
            self._follow_saver(session, name, path=path)

    def handle(self, event: Any) -> None:
        """Take an event of the display: the server's own screen saver went on or off."""
        if isinstance(event, xcffib.screensaver.NotifyEvent):
            self._say("x11", is_locked=event.state in {_ON, _CYCLE})

    def _follow_logind(self, system: Bus) -> None:
        def found(body: tuple[Any, ...] | None) -> None:
            if body is not None:
                session = DBusAddress(body[0], _LOGIND, _SESSION)
                watch_property(system, session, name="LockedHint", on_value=lambda value: self._say("logind", is_locked=bool(value)))

        auto = DBusAddress(_OWN_SESSION, _LOGIND, "org.freedesktop.DBus.Properties")

        def own(body: tuple[Any, ...] | None) -> None:
            if body is not None:
                manager = DBusAddress("/org/freedesktop/login1", _LOGIND, f"{_LOGIND}.Manager")
                system.call(manager, "GetSession", "s", (str(body[0][1]),), on_answer=found)

        system.call(auto, "Get", "ss", (_SESSION, "Id"), on_answer=own)

    def _follow_saver(self, session: Bus, name: str, *, path: str) -> None:
        def changed(message: Message) -> None:
            self._say(name, is_locked=bool(message.body[0]))

        def asked(body: tuple[Any, ...] | None) -> None:
            if body:
                self._say(name, is_locked=bool(body[0]))

        session.hear(MatchRule(type="signal", interface=name, member="ActiveChanged"), changed)
        session.call(DBusAddress(path, name, name), "GetActive", on_answer=asked)

    def _say(self, who: str, *, is_locked: bool) -> None:
        self._says[who] = is_locked
        self._on_change(any(self._says.values()))


def follow_server_saver(display: XDisplay) -> bool:
    """Have the X server tell when its screen saver goes on and off; False when it has none."""
    try:
        saver = display.extension(xcffib.screensaver.key, "MIT-SCREEN-SAVER")
        display.ask(lambda: saver.QueryVersion(1, 1))
        saver.SelectInput(display.root, _SAVER_EVENTS)
        display.connection.flush()
    except (CaptureError, xcffib.XcffibException):
        return False
    return True
