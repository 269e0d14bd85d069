"""The desk itself: which window is in front, what its tree says now, and hands that do a step there.

Composes capture's sources for as long as one run takes. Doesn't know scripts. Invariant: a view of what isn't lent for help, of a private
window, of a locked screen or of an app that doesn't answer holds no nodes and says why; what was seen is dropped with the next look.
"""

import os
import select
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import xcffib.xproto as xp

from witting.device.acting.fingers import Fingers
from witting.device.acting.view import Clicked, View
from witting.device.assist.asking import help_for
from witting.device.capture.atspi import AtspiSource, NativeTree
from witting.device.capture.browser import BrowserSource, Word
from witting.device.capture.indicator import Indicator
from witting.device.capture.page_messages import NoPage, PageFocus, PageTree
from witting.device.capture.sign import Sign
from witting.device.capture.stacking import StackReader
from witting.device.capture.windows import WindowSource
from witting.device.capture.x11 import XDisplay
from witting.device.enrolment import Enrolment
from witting.device.guards.bus import Bus
from witting.device.guards.lock import LockGuard, follow_server_saver
from witting.device.guards.rules import Corner
from witting.device.recorder.fronts import Fronts
from witting.device.recorder.lending import shows_pages
from witting.device.standing import WITHDRAWN_FILE
from witting.terms.clock import SystemClock
from witting.terms.errors import CaptureError, WittingError
from witting.terms.geometry import Rect
from witting.terms.raw import RawNode, RawPage, RawTree

_ANSWER_S = 1.0  # an app or page that hasn't answered by then gives no tree
_CONNECT_S = 3.0  # a browser's host looks for us once a second
_NOTCHES = 4  # of the wheel at a time: less than a window
_COUNTS = {"click": 1, "double_click": 2, "right_click": 1}
_ACROSS: dict[Corner, Corner] = {
    "top-right": "bottom-left",
    "bottom-left": "top-right",
    "top-left": "bottom-right",
    "bottom-right": "top-left",
}


class LiveDesk:
    """The desk at `display`, for one run; a context manager.

    Raises:
        CaptureError: there is no such display, or a recorder or another run holds the browser's line.
    """

    def __init__(self, enrolment: Enrolment, display: str, *, browser_socket: Path | None = None) -> None:
        self._enrolment = enrolment
        self._clock = SystemClock()
        self._display = XDisplay(display)
        self._windows = WindowSource(self._display)
        self._stack = StackReader(self._display)
        self._browser = BrowserSource(browser_socket or enrolment.data_dir / "run" / "browser.sock", app_of=self._app_of)
        self._fronts = Fronts(lambda app: shows_pages(app, enrolment.programme))
        self._atspi: AtspiSource | None = None
        self._trees: dict[int, RawTree | None] = {}  # of native apps, by request
        self._pages: dict[int, PageTree | None] = {}  # by probe
        self._is_locked = False
        self._buses = (Bus("SYSTEM"), Bus("SESSION"))
        self._lock = LockGuard(*self._buses, on_change=self._on_lock)
        follow_server_saver(self._display)
        self._fingers = Fingers(display)
        self._sign = Indicator(self._display, Sign("helping"))
        self._sites = help_for(enrolment).sites

    def __enter__(self) -> Self:
        self._browser.tell(Word(recording=True, sites=self._sites, helping=True))
        self._windows.read_front(self._clock.monotonic_ns())
        self._fronts.show_window(self._windows.front)
        self._fingers.begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._browser.close()
        self._sign.close()
        self._fingers.close()
        if self._atspi is not None:
            self._atspi.close()
        for bus in self._buses:
            bus.close()
        self._display.close()

    @property
    def fingers(self) -> Fingers:
        """The hands, for whoever measures them."""
        return self._fingers

    # ---- looking ----

    def look(self) -> View:
        """Return what is in front now."""
        self._fingers.check()
        self._read()
        front = self._windows.read_front(self._clock.monotonic_ns())
        self._fronts.show_window(front)
        why = self._held()
        if why or not front.app:
            return View(front.app, why_not=why or "no known app is in front")
        if shows_pages(front.app, self._enrolment.programme):
            return self._look_at_page(front.app)
        if not self._lends(front.app, ""):
            return View(front.app, why_not=f"{front.app} isn't lent for help")
        tree = self._native_tree(front.app)
        return View(front.app, nodes=tree.nodes, covers=self._covers()) if tree else View(front.app, why_not=f"{front.app} doesn't answer")

    def _look_at_page(self, app: str) -> View:
        self._await(lambda: self._browser.is_connected, _CONNECT_S)
        if not self._browser.is_connected:
            return View(app, why_not="the browser's extension isn't there")
        page, front = self._page(), self._fronts.now
        if page is not None and not page.is_measured:
            self._fingers.pass_over(self._windows.front.area)  # the extension learns from the pointer where its page lies
            page = self._page()
        if page is None:
            return View(app, why_not="no page that is lent for help is in front")
        tree = page.raw
        if not page.is_measured:
            return View(app, why_not="where the page lies on the screen isn't known")
        if tree.is_private or front.is_private:
            return View(app, why_not="a private window is in front")
        if not self._lends(app, tree.url):
            return View(app, why_not="this page isn't lent for help")
        return View(app, tree.url, tree.nodes, covers=self._covers())

    def _page(self) -> PageTree | None:
        number = self._browser.probe()
        self._await(lambda: number in self._pages, _ANSWER_S)
        page = self._pages.pop(number, None)
        self._pages.clear()
        return page

    def _native_tree(self, app: str) -> RawTree | None:
        if self._atspi is None:
            self._atspi = AtspiSource()
        number = self._atspi.request_tree(self._windows.process_id, app)
        self._await(lambda: number in self._trees, _ANSWER_S)
        tree = self._trees.pop(number, None)
        self._trees.clear()
        return tree

    def _held(self) -> str:
        if self._is_locked:
            return "the screen is locked"
        if self._windows.is_keyboard_seized:
            return "another program holds the keyboard"
        if (self._enrolment.data_dir / WITHDRAWN_FILE).exists() or self._enrolment.status not in {"given", "reconfirmed"}:
            return "consent is no longer in force"
        return ""

    def _lends(self, app: str, url: str) -> bool:
        try:
            return help_for(self._enrolment).may_see(app, url, stream="pointer")
        except WittingError:
            return False

    def _covers(self) -> tuple[Rect, ...]:
        stack, own = self._stack.current(), self._sign.window_ids
        front = self._windows.front.window_id
        above = False
        found = []
        for window in stack:
            if above and window.window_id not in own and not (window.is_popup and window.app == self._windows.front.app):
                found.append(window.area)
            above = above or window.client_id == front
        return tuple(found)

    # ---- doing ----

    def bring(self, app: str) -> None:
        """Bring a window of an app to the front, if it has one."""
        window = next((one for one in reversed(self._stack.read()) if one.app == app and one.client_id and not one.is_popup), None)
        if window is not None:
            activate(self._display, window.client_id)

    def click(self, node: RawNode, how: Clicked) -> None:
        """Click the middle of a node."""
        x, y = node.box.x + node.box.width // 2, node.box.y + node.box.height // 2
        if any(area.contains(x, y) for area in self._sign.areas):
            self._sign.put(_ACROSS[self._sign.corner])
            self._display.connection.flush()
        self._fingers.click(x, y, button=3 if how == "right_click" else 1, count=_COUNTS[how])

    def type_over(self, text: str) -> None:
        """Make the field that has the keyboard hold a text, in place of what it held."""
        self._fingers.press("ctrl+a")
        if text:
            self._fingers.type_text(text)
        else:
            self._fingers.press("Delete")

    def press(self, chord: str) -> None:
        """Press a key or a chord."""
        self._fingers.press(chord)

    def scroll(self, *, is_down: bool) -> None:
        """Turn the wheel a few notches over the window in front."""
        area = self._windows.front.area
        self._fingers.click(area.x + area.width // 2, area.y + area.height // 2, button=5 if is_down else 4, count=_NOTCHES)

    def wait(self, seconds: float) -> None:
        """Let the desk settle; the person may take over meanwhile."""
        self._await(lambda: False, seconds)

    def show(self, text: str) -> None:
        """Say on the screen what is being done."""
        self._sign.show(Sign("helping", why=text))
        self._display.connection.flush()

    def rest(self) -> Callable[[], None]:
        """Let the person use mouse and keyboard; what is returned ends that."""
        self._sign.show(Sign("helping", why="waits for your answer"))
        self._display.connection.flush()
        return self._fingers.begin

    # ---- reading ----

    def _await(self, is_there: Callable[[], bool], seconds: float) -> None:
        """Read what arrives until `is_there` or time is up."""
        until = time.monotonic() + seconds
        while not is_there() and (left := until - time.monotonic()) > 0:
            wanted = [
                self._display.fileno(),
                self._browser.fileno(),
                self._fingers.fileno(),
                *(bus.fileno() for bus in self._buses if bus.is_there),
            ]
            due = None if self._atspi is None else self._atspi.next_deadline_ns
            if self._atspi is not None:
                wanted.append(self._atspi.fileno())
            if due is not None:
                left = min(left, max(0.0, (due - self._clock.monotonic_ns()) / 1e9))
            select.select(wanted, [], [], left)
            self._fingers.check()
            self._read()

    def _read(self) -> None:
        for event in self._display.events():
            self._lock.handle(event)
            self._stack.handle(event)
            self._sign.handle(event)
            if (window := self._windows.handle(event)) is not None:
                self._fronts.show_window(window)
        for bus in self._buses:
            if bus.is_there:
                bus.poll()
        for message in self._browser.read():
            self._on_page(message)
        for found in self._atspi.read() if self._atspi is not None else ():
            if isinstance(found, NativeTree):
                self._trees[found.request] = found.raw

    def _on_page(self, message: object) -> None:
        now_ns = self._clock.monotonic_ns()
        match message:
            case RawPage():
                self._fronts.show_page(message)
                if message.what != "left" and self._is_only_window():
                    self._fronts.bind(message.tab, now_ns)
            case PageFocus() if message.is_in_page:
                self._fronts.bind(message.tab, now_ns)
            case PageTree() if message.probe >= 0 and self._fronts.is_in_front(message.tab):
                self._pages[message.probe] = message
            case NoPage():
                self._pages.setdefault(message.probe, None)

    def _is_only_window(self) -> bool:
        app = self._windows.front.app
        return sum(window.app == app and not window.is_popup for window in self._stack.current()) == 1

    def _on_lock(self, is_locked: bool) -> None:  # noqa: FBT001 - the guard gives it by place
        self._is_locked = is_locked

    def _app_of(self, processes: frozenset[int]) -> str:
        if self._windows.process_id in processes:
            return self._windows.front.app
        stack = self._stack.current()
        return next((w.app for w in stack if w.client_id and self._windows.process_of(w.client_id) in processes), "")


def activate(display: XDisplay, window: int) -> None:
    """Ask the window manager to bring a window to the front (EWMH _NET_ACTIVE_WINDOW, as a pager)."""
    data = xp.ClientMessageData.synthetic([2, 0, 0, 0, 0], "5I")
    event = xp.ClientMessageEvent.synthetic(32, window, display.atom("_NET_ACTIVE_WINDOW"), data)
    display.connection.core.SendEvent(
        False, display.root, xp.EventMask.SubstructureRedirect | xp.EventMask.SubstructureNotify, event.pack()
    )
    display.connection.flush()


def display_name() -> str:
    """Return the display to act at.

    Raises:
        CaptureError: there is none.
    """
    name = os.environ.get("DISPLAY", "")
    if not name:
        raise CaptureError("there is no X display", hint="run it in a desktop session on X11; on Wayland nothing can be done for you yet")
    return name
