"""The sources of a sway session: windows, pages, UI trees, pictures; no pointer, keys or clipboard: Wayland gives them to nobody.

Doesn't know the gate. Invariant: the sign is on the screen before any other source opens, and goes last; nothing stands in for input.
"""

import contextlib
import os
import socket
from pathlib import Path
from typing import Any

from witting.device.capture.atspi import AtspiSource
from witting.device.capture.browser import BrowserSource
from witting.device.capture.portable import impossible_on_wayland
from witting.device.capture.ports import RawInput
from witting.device.capture.sign import Sign
from witting.device.capture.wayland_display import WaylandDisplay
from witting.device.capture.wayland_indicator import WaylandIndicator
from witting.device.capture.wayland_ipc import find_socket
from witting.device.capture.wayland_screen import WaylandScreen
from witting.device.capture.wayland_windows import WaylandStack, WaylandTopology, WaylandWindows
from witting.device.guards.rules import Corner
from witting.device.recorder.fronts import Front
from witting.device.recorder.sources import Snap, Sources, Ticket, Wanted
from witting.terms.clock import Clock
from witting.terms.events import InputSettings
from witting.terms.geometry import Rect

PLATFORM = "linux-wayland-sway"


class NoInput:
    """Global input on Wayland: there is none, and this never has any."""

    keyboard_window = 0
    may_have_lost = False
    next_deadline_ns: int | None = None

    def __init__(self) -> None:
        self._quiet, self._other = socket.socketpair()

    def fileno(self) -> int:
        """Return a descriptor that is never readable."""
        return self._quiet.fileno()

    def rang(self) -> None:
        """It never rings."""

    def read(self) -> list[RawInput]:
        """Return nothing."""
        return []

    def read_now(self) -> list[RawInput]:
        """Return nothing."""
        return []

    def be_prompt(self, is_prompt: bool) -> None:  # noqa: FBT001 - as input says it
        """It has nothing to be prompt with."""

    def close(self) -> None:
        """Give the descriptor back."""
        self._quiet.close()
        self._other.close()


class NoSettings:
    """In place of input settings: without input they matter to nobody."""

    settings = InputSettings()

    def handle(self, event: object) -> bool:
        """Whether the settings changed: never."""
        del event
        return False


class WaylandSources(Sources):
    """The sources of the sway session that SWAYSOCK names.

    Raises:
        CaptureError: no compositor answers, or the sign can't be shown.
    """

    impossible = impossible_on_wayland()
    platform = PLATFORM

    def __init__(self, browser_path: Path, *, clock: Clock, corner: Corner = "top-right") -> None:
        self._clock = clock
        display: Any = WaylandDisplay(find_socket(), clock=clock)
        self.display = display
        sign = WaylandIndicator(display, Sign("recording"), corner=corner, clock=clock)
        self._sign = sign
        self.indicator = _as_any(sign)
        self.windows = _as_any(WaylandWindows(display))
        self._stack = WaylandStack(display, _display_socket())
        self._stack.own_processes = {sign.process_id}
        self.stack = _as_any(self._stack)
        self.topology = _as_any(WaylandTopology(display))
        self.input_settings = _as_any(NoSettings())
        self.browser = BrowserSource(browser_path, app_of=self._app_of, clock=clock)
        self.atspi = None
        self.clipboard = None
        self.voice_key = None
        self._asked = {}
        self._live = None
        self._is_closed = False
        self._input: NoInput | None = None
        self._screen: WaylandScreen | None = None

    def start(self, wanted: Wanted) -> None:
        """Open what is open only while recording; a voice key can't be held here, `witting voice` does it."""
        self._input, self._screen = NoInput(), WaylandScreen(clock=self._clock)
        if wanted.trees and self.atspi is None:
            self.atspi = AtspiSource(clock=self._clock)

    def pause(self) -> None:
        """Close what is open only while recording."""
        if self._input is not None:
            self._input.close()
        self._input = self._screen = None
        if self.atspi is not None:
            self.atspi.close()
            self.atspi = None

    def close(self) -> None:
        """Close everything, the sign last; closing twice is harmless."""
        if self._is_closed:
            return
        self._is_closed = True
        self.browser.close()
        with contextlib.suppress(OSError):
            self.pause()
        self.indicator.close()
        self.display.close()

    @property
    def input(self) -> Any:
        """What stands where input stands elsewhere, while recording."""
        return self._input

    @property
    def screen(self) -> Any:
        """The screen while recording."""
        return self._screen

    def snap(self) -> Snap | None:
        """Return the screen as it is now, with what was known to cover it before."""
        if self._screen is None:
            return None
        self._stack.own_areas = self._sign.areas
        before = self._stack.read()
        return Snap(self._screen.grab(), before)

    def ask_tree(self, front: Front, *, is_browser: bool) -> Ticket | None:
        """Ask for the tree of what is in front; a native window is named by its size, for on Wayland apps don't know where they lie."""
        if is_browser:
            return super().ask_tree(front, is_browser=True)
        process = self.windows.process_of(front.window_id) if self.atspi is not None else 0
        if self.atspi is None or not process:
            return None
        places = [*self._places(front.window_id)]
        places += [Rect(0, 0, place.width, place.height) for place in places]
        number = self.atspi.request_tree(process, front.app, places=tuple(dict.fromkeys(places)))
        self._asked[number] = front
        return "atspi", number

    def is_keyboard_elsewhere(self) -> bool:
        """Nobody knows where keys go."""
        return True


def _as_any(value: object) -> Any:
    """Return a class of Wayland's in place of X11's: they have the same methods, held by the ports and by the tests."""
    return value


def _display_socket() -> str:
    name = os.environ.get("WAYLAND_DISPLAY", "wayland-0")
    return name if name.startswith("/") else f"{os.environ.get('XDG_RUNTIME_DIR', '')}/{name}"


def is_wayland_session() -> bool:
    """Whether this is a sway session that can be recorded as one."""
    return bool(find_socket()) and bool(os.environ.get("WAYLAND_DISPLAY"))
