"""The window in front: its app, title and place, and whether some program has seized the keyboard.

Follows EWMH (_NET_ACTIVE_WINDOW, _NET_WM_NAME, _NET_WM_PID). Doesn't know pages: a browser's title is the page's business. Invariant: a
window whose class can't be read has the app "", which is never lent; while the keyboard is seized (a screen locker, a launcher, an
open menu) `is_keyboard_seized` says so, because keys don't go to the window in front then.
"""

from functools import partial
from typing import Any

import xcffib.xproto as xp

from witting.device.capture.stacking import class_of
from witting.device.capture.x11 import XDisplay
from witting.terms.geometry import Rect
from witting.terms.raw import RawWindow

_ACTIVE = "_NET_ACTIVE_WINDOW"
_WATCHED = xp.EventMask.PropertyChange | xp.EventMask.FocusChange | xp.EventMask.StructureNotify
_GRAB, _UNGRAB = xp.NotifyMode.Grab, xp.NotifyMode.Ungrab


class WindowSource:
    """Watches the front window of a display."""

    def __init__(self, display: XDisplay) -> None:
        self._display = display
        self.front = RawWindow(0, "", "", 0, Rect(0, 0, 0, 0))
        self.process_id = 0  # of the front window, 0 = unknown
        self.is_keyboard_seized = False
        display.watch_root(xp.EventMask.PropertyChange)

    def read_front(self, timestamp_ns: int) -> RawWindow:
        """Ask which window is in front; returns it with the time given."""
        active = self._display.cardinals(self._display.root, _ACTIVE)
        window = active[0] if active else 0
        if window and window != self.front.window_id:
            self._display.connection.core.ChangeWindowAttributes(window, xp.CW.EventMask, [_WATCHED])
            self.is_keyboard_seized = False
        process = self._display.cardinals(window, "_NET_WM_PID") if window else ()
        self.process_id = process[0] if process else 0
        self.front = self._describe(window, timestamp_ns)
        return self.front

    def handle(self, event: Any) -> RawWindow | None:
        """Return the window that came to the front if the event says so; None otherwise."""
        if isinstance(event, xp.PropertyNotifyEvent):
            return self._property(event)
        if isinstance(event, xp.FocusInEvent | xp.FocusOutEvent) and event.event == self.front.window_id:
            self._focus(event)
        elif isinstance(event, xp.ConfigureNotifyEvent) and event.window == self.front.window_id:
            self.front = self._describe(self.front.window_id, self.front.timestamp_ns)
        return None

    def _property(self, event: Any) -> RawWindow | None:
        if event.window != self._display.root or event.atom != self._display.atom(_ACTIVE):
            return None
        before = self.front.window_id
        front = self.read_front(self._display.server_clock.lift_ns(event.time))
        return front if front.window_id != before else None

    def _focus(self, event: Any) -> None:
        is_out = isinstance(event, xp.FocusOutEvent)
        if event.mode == _GRAB:
            self.is_keyboard_seized = is_out
        elif event.mode == _UNGRAB or not is_out:
            self.is_keyboard_seized = False

    def _describe(self, window: int, timestamp_ns: int) -> RawWindow:
        if not window:
            return RawWindow(timestamp_ns, "", "", 0, Rect(0, 0, 0, 0))
        name = self._display.property_bytes(window, "_NET_WM_NAME") or self._display.property_bytes(window, "WM_NAME")
        title = name.decode("utf-8", "replace")
        return RawWindow(timestamp_ns, class_of(self._display, window), title, window, self._display.area(window))


def holds_focus(display: XDisplay, window: int, focus: int) -> bool:
    """Whether the input focus lies on `window` or within it."""
    seen = 0
    while focus not in (0, 1, display.root) and seen < 8:  # noqa: PLR2004 - deeper than any toolkit nests its windows
        if focus == window:
            return True
        tree = display.ask(partial(display.connection.core.QueryTree, focus))
        focus = tree.parent if tree else 0
        seen += 1
    return False
