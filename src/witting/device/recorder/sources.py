"""All capture sources of a session as one thing that can be opened, closed and asked.

While paused only the sign and the front window are watched; input, screen and trees are closed, so that nothing arrives that would have to
be thrown away. Doesn't know the gate. Invariant: the sign is on the screen before any other source opens, and goes last.
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path

import xcffib
import xcffib.xinput

from witting.device.capture.atspi import AtspiSource
from witting.device.capture.browser import BrowserSource
from witting.device.capture.clipboard import ClipboardSource
from witting.device.capture.indicator import Indicator
from witting.device.capture.input_x11 import InputSource
from witting.device.capture.regions import Region, overlap
from witting.device.capture.screen import Grab, ScreenSource
from witting.device.capture.sign import Sign
from witting.device.capture.stacking import Stack, StackedWindow, StackReader, visible_region, window_at
from witting.device.capture.topology import TopologySource
from witting.device.capture.windows import WindowSource, holds_focus
from witting.device.capture.x11 import XDisplay
from witting.device.guards.rules import Corner
from witting.device.recorder.fronts import Front
from witting.terms.clock import Clock
from witting.terms.geometry import Rect

_RAW_BUTTON_PRESS = 1 << 15  # XI_RawButtonPress
_WHEEL = range(4, 8)

Ticket = tuple[str, int]  # which source was asked for a tree, and the number of the question


@dataclass(slots=True)
class _Live:
    """What is open only while recording."""

    keys: InputSource
    screen: ScreenSource


class Sources:
    """The sources of one display; `browser_path` is where native hosts connect."""

    def __init__(self, display: str, browser_path: Path, *, clock: Clock, corner: Corner = "top-right") -> None:
        self._name = display
        self._clock = clock
        self.display = XDisplay(display, clock=clock)
        self.indicator = Indicator(self.display, Sign("recording"), corner=corner, clock=clock)
        self.windows = WindowSource(self.display)
        self.stack = StackReader(self.display)
        self.topology = TopologySource(self.display)
        self.browser = BrowserSource(browser_path, app_of=self._app_of, clock=clock)
        self.atspi: AtspiSource | None = None
        self.clipboard: ClipboardSource | None = None
        self._live: _Live | None = None
        self._is_closed = False

    def start(self, *, needs_trees: bool, needs_clipboard: bool) -> None:
        """Open what is open only while recording; native apps' trees and the clipboard only when any is lent."""
        self.display.select_raw(_RAW_BUTTON_PRESS)
        self._live = _Live(InputSource(self._name), ScreenSource(self.display, clock=self._clock))
        if needs_trees and self.atspi is None:
            self.atspi = AtspiSource(clock=self._clock)
        if needs_clipboard and self.clipboard is None:
            self.clipboard = ClipboardSource(self._name, clock=self._clock)

    def pause(self) -> None:
        """Close what is open only while recording."""
        if self._live is not None:
            self._live.keys.close()
            self._live.screen.close()
            self._live = None
            self.display.select_raw(0)
        if self.atspi is not None:
            self.atspi.close()
            self.atspi = None
        if self.clipboard is not None:
            self.clipboard.close()
            self.clipboard = None

    def close(self) -> None:
        """Close everything, the sign last; closing twice is harmless, and so is a server that went away."""
        if self._is_closed:
            return
        self._is_closed = True
        self.browser.close()
        with contextlib.suppress(xcffib.XcffibException):
            self.pause()
            self.indicator.close()
        self.display.close()

    @property
    def input(self) -> InputSource | None:
        """The input source while recording."""
        return self._live.keys if self._live else None

    @property
    def screen(self) -> ScreenSource | None:
        """The screen while recording."""
        return self._live.screen if self._live else None

    def ask_tree(self, front: Front, *, is_browser: bool) -> Ticket | None:
        """Ask for the tree of what is in front; None when nobody can be asked."""
        if is_browser:
            return ("page", self.browser.probe()) if self.browser.is_connected else None
        if self.atspi is None or not self.windows.process_id:
            return None
        return "atspi", self.atspi.request_tree(self.windows.process_id, front.app)

    def owner_at(self, x: int, y: int) -> tuple[int, str]:
        """Return the app's window that has a pixel, and the app; (0, "") for the desktop, the sign and unknown windows."""
        window = window_at(self.stack.current(), x, y)
        if window is None or window.window_id in self.indicator.window_ids:
            return 0, ""
        is_own_popup = window.is_popup and window.app == self.windows.front.app
        return (self.windows.front.window_id if is_own_popup else window.client_id), window.app

    def stack_now(self) -> Stack:
        """Return the visible windows, bottom to top."""
        return self.stack.current()

    def title_of(self, window_id: int) -> str:
        """Return a window's title, and have changes of it told from now on."""
        self.windows.watch(window_id)
        return self.windows.title_of(window_id)

    @property
    def workspace(self) -> int:
        """The workspace in view, -1 when nobody tells."""
        return self.windows.workspace

    @property
    def is_only_window(self) -> bool:
        """Whether the window in front is the only one of its app on the screen."""
        app = self.windows.front.app
        return sum(window.app == app and not window.is_popup for window in self.stack.current()) == 1

    def is_keyboard_elsewhere(self) -> bool:
        """Whether keys don't go to the window in front."""
        if self.windows.is_keyboard_seized or self._live is None:
            return True
        return not holds_focus(self.display, self.windows.front.window_id, self._live.keys.keyboard_window)

    def grab(self, window_id: int, page: Rect | None) -> tuple[Grab, Region] | None:
        """Return a picture, and where on it the window shows (within `page`, if given) both just before and just after."""
        if self._live is None:
            return None
        before = self.stack.current()
        grab = self._live.screen.grab()
        after = self.stack.read()
        return grab, overlap(self._visible(before, window_id, page), self._visible(after, window_id, page))

    def _visible(self, stack: Stack, window_id: int, page: Rect | None) -> Region:
        def lent_area(window: StackedWindow) -> Rect:
            if window.client_id != window_id or not window_id:
                return Rect(0, 0, 0, 0)
            return window.client_area if page is None else page.intersect(window.client_area)

        return visible_region(stack, lent_area, Rect(0, 0, self.display.width_px, self.display.height_px))

    def _app_of(self, processes: frozenset[int]) -> str:
        return self.windows.front.app if self.windows.process_id in processes else ""


def press_time_ns(display: XDisplay, event: object) -> int | None:
    """Return when a button, not the wheel, went down if the event says so."""
    if isinstance(event, xcffib.xinput.RawButtonPressEvent) and event.detail not in _WHEEL:
        return display.server_clock.lift_ns(int(event.time))
    return None
