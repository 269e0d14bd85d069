"""The window in front: its app, title, place and workspace, and whether some program has seized the keyboard.

Follows EWMH (_NET_ACTIVE_WINDOW, _NET_WM_NAME, _NET_WM_PID, _NET_WM_DESKTOP). Where no window manager speaks it, the window with the input
focus is in front. By events, never by polling. Doesn't know pages: a browser's title is the page's business. Invariant: a window whose
class can't be read has the app "", which is never lent; while the keyboard is seized (a screen locker, a launcher, an open menu)
`is_keyboard_seized` says so, because keys don't go to the window in front then.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

import xcffib.xproto as xp

from witting.device.capture.stacking import class_of
from witting.device.capture.x11 import XDisplay
from witting.terms.geometry import Rect
from witting.terms.raw import RawWindow

_ACTIVE, _MANAGER, _DESKTOP, _CURRENT_DESKTOP = "_NET_ACTIVE_WINDOW", "_NET_SUPPORTING_WM_CHECK", "_NET_WM_DESKTOP", "_NET_CURRENT_DESKTOP"
_TITLES = ("_NET_WM_NAME", "WM_NAME")
_WATCHED = xp.EventMask.PropertyChange | xp.EventMask.FocusChange | xp.EventMask.StructureNotify
_GRAB, _UNGRAB = xp.NotifyMode.Grab, xp.NotifyMode.Ungrab
_STAYS_WITHIN = frozenset(
    {xp.NotifyDetail.Inferior, xp.NotifyDetail.Pointer}
)  # the focus goes to a window of this one, or follows the pointer
_EVERY_DESKTOP = 0xFFFFFFFF
_DEPTH_LIMIT = 8  # deeper than any toolkit nests its windows


def is_release(event: object) -> bool:
    """Whether an event tells that a program lets go of the keyboard it had seized."""
    return isinstance(event, xp.FocusInEvent | xp.FocusOutEvent) and event.mode == _UNGRAB


def is_loss(event: object) -> bool:
    """Whether an event tells that keys no longer go to its window: the keyboard was seized, or the focus was given away."""
    return isinstance(event, xp.FocusOutEvent) and event.mode != _UNGRAB and (event.mode == _GRAB or event.detail not in _STAYS_WITHIN)


class WindowSource:
    """Watches the front window of a display."""

    def __init__(self, display: XDisplay) -> None:
        self._display = display
        self._watched: set[int] = set()
        self._processes: dict[int, int] = {}
        self.front = RawWindow(0, "", "", 0, Rect(0, 0, 0, 0))
        self.process_id = 0  # of the front window, 0 = unknown
        self.is_keyboard_seized = False
        self.changes = 0  # titles and workspaces that changed; layouts look at it
        display.watch_root(xp.EventMask.PropertyChange | xp.EventMask.SubstructureNotify)
        self._is_managed = self._has_manager()
        self._watch_all()

    @property
    def workspace(self) -> int:
        """The workspace in view, -1 when nobody tells."""
        return next(iter(self._display.cardinals(self._display.root, _CURRENT_DESKTOP)), -1)

    def is_seized_by(self, events: Iterable[Any]) -> bool:
        """Whether the keyboard is seized, or will be once these events are handled."""
        return self.is_keyboard_seized or any(is_loss(event) and event.event == self.front.window_id for event in events)

    def read_front(self, timestamp_ns: int) -> RawWindow:
        """Ask which window is in front; returns it with the time given."""
        active = self._display.cardinals(self._display.root, _ACTIVE) if self._is_managed else ()
        window = next(iter(active), 0) or self._with_focus()
        if window and window != self.front.window_id:
            self.watch(window)
            self.is_keyboard_seized = False
        process = self._display.cardinals(window, "_NET_WM_PID") if window else ()
        self.process_id = process[0] if process else 0
        self.front = self._describe(window, timestamp_ns)
        return self.front

    def handle(self, event: Any) -> RawWindow | None:
        """Return the window that came to the front if the event says so; None otherwise."""
        match event:
            case xp.PropertyNotifyEvent():
                return self._property(event)
            case xp.FocusInEvent() | xp.FocusOutEvent():
                return self._focus(event)
            case xp.ConfigureNotifyEvent() if event.window == self.front.window_id:
                self.front = self._describe(self.front.window_id, self.front.timestamp_ns)
            case xp.MapNotifyEvent() if not self._is_managed:
                self.watch(event.window)
            case xp.DestroyNotifyEvent():
                self._watched.discard(event.window)
                self._processes.pop(event.window, None)
                if event.window == self.front.window_id and not self._is_managed:
                    return self._look(self._display.now_ns())
        return None

    def watch(self, window: int) -> None:
        """Ask for a window's properties, focus and place, once."""
        if window not in self._watched:
            self._watched.add(window)
            self._display.connection.core.ChangeWindowAttributes(window, xp.CW.EventMask, [_WATCHED])

    def process_of(self, window: int) -> int:
        """Return the process that owns a window, 0 when it doesn't say."""
        if window not in self._processes:
            self.watch(window)  # so that its end is told
            self._processes[window] = next(iter(self._display.cardinals(window, "_NET_WM_PID")), 0)
        return self._processes[window]

    def title_of(self, window: int) -> str:
        """Return a window's title as it is now."""
        name = next((found for title in _TITLES if (found := self._display.property_bytes(window, title))), b"")
        return name.decode("utf-8", "replace")

    def _look(self, timestamp_ns: int) -> RawWindow | None:
        before = self.front.window_id
        front = self.read_front(timestamp_ns)
        return front if front.window_id != before else None

    def _property(self, event: Any) -> RawWindow | None:
        at_ns = self._display.server_clock.lift_ns(event.time)
        if event.window != self._display.root:
            self._on_own_property(event)
        elif event.atom == self._display.atom(_ACTIVE):
            return self._look(at_ns)
        elif event.atom == self._display.atom(_MANAGER):
            self._is_managed = self._has_manager()
            self._watch_all()
            return self._look(at_ns)
        elif event.atom == self._display.atom(_CURRENT_DESKTOP):
            self.changes += 1
        return None

    def _on_own_property(self, event: Any) -> None:
        is_title = event.atom in {self._display.atom(name) for name in (*_TITLES, _DESKTOP)}
        self.changes += is_title
        if is_title and event.window == self.front.window_id:
            self.front = self._describe(self.front.window_id, self.front.timestamp_ns)

    def _focus(self, event: Any) -> RawWindow | None:
        if event.event == self.front.window_id:
            if is_loss(event):
                self.is_keyboard_seized = True
            elif event.mode in (_GRAB, _UNGRAB) or isinstance(event, xp.FocusInEvent):
                self.is_keyboard_seized = False
        if self._is_managed or event.mode in (_GRAB, _UNGRAB):
            return None
        return self._look(self._display.now_ns())

    def _has_manager(self) -> bool:
        """Whether a window manager that names the active window runs: its mark names a window that says the same of itself."""
        mark = next(iter(self._display.cardinals(self._display.root, _MANAGER)), 0)
        return bool(mark) and self._display.cardinals(mark, _MANAGER)[:1] == (mark,)

    def _watch_all(self) -> None:
        """Without a window manager every window's focus has to be watched."""
        if not self._is_managed:
            tree = self._display.ask(partial(self._display.connection.core.QueryTree, self._display.root))
            for child in tree.children if tree else ():
                self.watch(child)

    def _with_focus(self) -> int:
        """Return the window with a class that has the input focus on it or in it, 0 when there is none."""
        reply = self._display.ask(self._display.connection.core.GetInputFocus)
        window = int(reply.focus) if reply else 0
        for _ in range(_DEPTH_LIMIT):
            if window in (0, 1, self._display.root):
                return 0
            if class_of(self._display, window):
                return window
            tree = self._display.ask(partial(self._display.connection.core.QueryTree, window))
            window = tree.parent if tree else 0
        return 0

    def _describe(self, window: int, timestamp_ns: int) -> RawWindow:
        if not window:
            return RawWindow(timestamp_ns, "", "", 0, Rect(0, 0, 0, 0))
        desktop = next(iter(self._display.cardinals(window, _DESKTOP)), _EVERY_DESKTOP)
        workspace = self.workspace if desktop == _EVERY_DESKTOP else desktop
        app = class_of(self._display, window)
        return RawWindow(timestamp_ns, app, self.title_of(window), window, self._display.area(window), workspace=workspace)


def holds_focus(display: XDisplay, window: int, *, focus: int) -> bool:
    """Whether the input focus lies on `window` or within it."""
    seen = 0
    while focus not in (0, 1, display.root) and seen < _DEPTH_LIMIT:
        if focus == window:
            return True
        tree = display.ask(partial(display.connection.core.QueryTree, focus))
        focus = tree.parent if tree else 0
        seen += 1
    return False
