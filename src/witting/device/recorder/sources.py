"""All capture sources of a session as one thing that can be opened, closed and asked.

While paused only the sign and the front window are watched; input, screen and trees are closed, so that nothing arrives that would have to
be thrown away. Doesn't know the gate. Invariant: the sign is on the screen before any other source opens, and goes last.
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import xcffib
import xcffib.xinput

from witting.device.capture.atspi import AtspiSource
from witting.device.capture.browser import BrowserSource
from witting.device.capture.clipboard import ClipboardSource
from witting.device.capture.indicator import Indicator
from witting.device.capture.input_settings import InputSettingsSource
from witting.device.capture.input_x11 import InputSource
from witting.device.capture.regions import Region, overlap
from witting.device.capture.screen import Grab, ScreenSource
from witting.device.capture.sign import Sign
from witting.device.capture.stacking import Stack, StackedWindow, StackReader, visible_parts, window_at, without_ghosts
from witting.device.capture.topology import TopologySource
from witting.device.capture.voice_key import VoiceKey
from witting.device.capture.windows import WindowSource, holds_focus
from witting.device.capture.x11 import XDisplay
from witting.device.guards.rules import Corner
from witting.device.recorder.fronts import Front
from witting.terms.clock import Clock
from witting.terms.events import Stream
from witting.terms.geometry import Rect

_RAW_BUTTON_PRESS = 1 << 15  # XI_RawButtonPress
_WHEEL = range(4, 8)

Ticket = tuple[str, int]  # which source was asked for a tree, and the number of the question


@dataclass(frozen=True, slots=True, repr=False)
class Snap:
    """The screen's pixels, and how windows lay before as far as was known; None when something had moved since that was read."""

    grab: Grab
    before: Stack | None


@dataclass(slots=True)
class _Live:
    """What is open only while recording."""

    keys: InputSource
    screen: ScreenSource


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be opened beside input and screen."""

    trees: bool  # of native apps
    clipboard: bool
    voice_key: str  # "" = none


class Sources:
    """The sources of one display; `browser_path` is where native hosts connect."""

    impossible: tuple[Stream, ...] = ()  # streams that this kind of desktop can't give
    platform = "linux-x11"
    is_verified = True

    def __init__(self, display: str, browser_path: Path, *, clock: Clock, corner: Corner = "top-right") -> None:
        self._name = display
        self._clock = clock
        self.display = XDisplay(display, clock=clock)
        self.indicator = Indicator(self.display, Sign("recording"), corner=corner, clock=clock)
        self.windows = WindowSource(self.display)
        self.stack = StackReader(self.display)
        self.topology = TopologySource(self.display)
        self.input_settings = InputSettingsSource(self.display)
        self.browser = BrowserSource(browser_path, app_of=self._app_of, clock=clock)
        self.atspi: AtspiSource | None = None
        self.clipboard: ClipboardSource | None = None
        self.voice_key: VoiceKey | None = None
        self._live: _Live | None = None
        self._asked: dict[int, Front] = {}
        self._is_closed = False

    def start(self, wanted: Wanted) -> None:
        """Open what is open only while recording, and of the rest what is wanted."""
        self.display.select_raw(_RAW_BUTTON_PRESS)
        self._live = _Live(InputSource(self._name), ScreenSource(self.display, clock=self._clock))
        if wanted.trees and self.atspi is None:
            self.atspi = AtspiSource(clock=self._clock)
        if wanted.clipboard and self.clipboard is None:
            self.clipboard = ClipboardSource(self._name, clock=self._clock)
        if wanted.voice_key and self.voice_key is None:
            self.voice_key = VoiceKey(self._name, wanted.voice_key)

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
        if self.voice_key is not None:
            self.voice_key.close()
            self.voice_key = None

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
        if self.atspi is None:
            return None
        is_active = front.window_id == self.windows.front.window_id
        process = self.windows.process_id if is_active else self.windows.process_of(front.window_id)
        if not process:
            return None
        places = () if is_active else self._places(front.window_id)
        number = self.atspi.request_tree(process, front.app, places=places)
        self._asked[number] = front
        return "atspi", number

    def asked(self, number: int) -> Front | None:
        """Return the window that a question for a native tree was about."""
        return self._asked.pop(number, None)

    def _places(self, window_id: int) -> tuple[Rect, ...]:
        """Return where a window behind lies, with and without its frame: what its app calls its place is one of the two."""
        found = next((window for window in self.stack.current() if window.client_id == window_id), None)
        return () if found is None else (found.client_area, found.area)

    def owner_at(self, x: int, y: int) -> tuple[int, str]:
        """Return the app's window that has a pixel, and the app; (0, "") for the desktop, the sign and unknown windows."""
        window = window_at(self.stack.current(), x, y=y)
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
        """Whether keys that were read just now didn't go to the window in front."""
        focus = self.display.ask(self.display.connection.core.GetInputFocus)  # the answer comes behind all that tells of a seizure
        if focus is None or self._live is None or self.windows.is_seized_by(self.display.look_ahead()):
            return True
        return not holds_focus(self.display, self.windows.front.window_id, focus=int(focus.focus))

    def lent_windows(self, is_lent: Callable[[int, str], bool]) -> list[StackedWindow]:
        """Return the windows in view that `is_lent` says yes to, given their number and app, bottom to top."""
        return [
            window
            for window in self.stack.current()
            if window.client_id and window.app and not window.is_popup and is_lent(window.client_id, window.app)
        ]

    def snap(self) -> Snap | None:
        """Return the screen as it is now, with the stack known before; as fast as can be."""
        if self._live is None:
            return None
        return Snap(self._live.screen.grab(), self.stack.known())

    def regions(self, snap: Snap, pages: Mapping[int, Rect | None]) -> dict[int, Region]:
        """Return where each window shows (within its page, if given) in a picture taken just now: before, after and a while before it."""
        after = self.stack.read()
        for event in self.display.look_ahead():
            self.stack.note(event)
        ghosts = self.stack.ghosts(self._clock.monotonic_ns())
        first, second = self._visible(after if snap.before is None else snap.before, pages), self._visible(after, pages)
        tops = {window.client_id: window for window in after}
        return {
            client: without_ghosts(overlap(first[client], second[client]), tops[client], ghosts=ghosts)
            for client in first.keys() & second.keys()
        }

    def _visible(self, stack: Stack, pages: Mapping[int, Rect | None]) -> dict[int, Region]:
        screen = Rect(0, 0, self.display.width_px, self.display.height_px)
        return visible_parts(stack, {client: screen if page is None else page for client, page in pages.items()}, screen=screen)

    def _app_of(self, processes: frozenset[int]) -> str:
        """Return the app of a process's windows, "" when it has none in view."""
        if self.windows.process_id in processes:
            return self.windows.front.app
        return next((w.app for w in self.stack.current() if w.client_id and self.windows.process_of(w.client_id) in processes), "")


def press_time_ns(display: XDisplay, event: object) -> int | None:
    """Return when a button, not the wheel, went down if the event says so."""
    if isinstance(event, xcffib.xinput.RawButtonPressEvent) and event.detail not in _WHEEL:
        return display.server_clock.lift_ns(int(event.time))
    return None
