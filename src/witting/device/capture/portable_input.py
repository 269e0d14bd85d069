"""Pointer and keys through pynput: the input of Windows and macOS, behind the same port as X11's. Not verified there.

pynput calls from threads of its own and stamps nothing, so times are those of arrival; on X11, where this is tested, X11's own source is
better in every way. Doesn't know windows, consent or focus. Invariant: what comes out is in the order in which pynput told it.
"""

import contextlib
import socket
import threading
from collections import deque
from typing import Any

from witting.device.capture.ports import RawInput
from witting.terms.clock import Clock, SystemClock
from witting.terms.errors import CaptureError
from witting.terms.raw import RawButton, RawKey, RawMove, RawWheel

_BUTTONS = {"left": 1, "middle": 2, "right": 3, "x1": 8, "x2": 9, "button8": 8, "button9": 9}
_HELD = {
    "ctrl": "ctrl", "ctrl_l": "ctrl", "ctrl_r": "ctrl", "alt": "alt", "alt_l": "alt", "alt_r": "alt", "alt_gr": "level3", "cmd": "super",
    "cmd_l": "super", "cmd_r": "super", "shift": "shift", "shift_l": "shift", "shift_r": "shift",
}  # fmt: skip
_NAMED = {
    "enter": "Return", "backspace": "BackSpace", "tab": "Tab", "esc": "Escape", "space": "space", "delete": "Delete", "home": "Home",
    "end": "End", "left": "Left", "right": "Right", "up": "Up", "down": "Down", "page_up": "Page_Up", "page_down": "Page_Down",
    "insert": "Insert", "menu": "Menu", "print_screen": "Print", "pause": "Pause", "caps_lock": "Caps_Lock", "num_lock": "Num_Lock",
    "shift": "Shift_L", "shift_l": "Shift_L", "shift_r": "Shift_R", "ctrl": "Control_L", "ctrl_l": "Control_L", "ctrl_r": "Control_R",
    "alt": "Alt_L", "alt_l": "Alt_L", "alt_r": "Alt_R", "alt_gr": "ISO_Level3_Shift", "cmd": "Super_L", "cmd_l": "Super_L",
    "cmd_r": "Super_R",
}  # fmt: skip
_LETTERS = 26  # ctrl+a is told as the character 1
_TEXT_KEYS = {"space": " "}


class PortableInput:
    """What pynput tells from the moment it is made until `close`.

    Raises:
        CaptureError: pynput isn't installed, or can't listen here.
    """

    def __init__(self, *, clock: Clock | None = None) -> None:
        try:
            from pynput import keyboard, mouse
        except ImportError:
            raise CaptureError("pynput can't be loaded", hint="pip install 'witting[portable]'") from None
        self._clock = clock or SystemClock()
        self._told: deque[RawInput] = deque()
        self._held: set[str] = set()
        self._down: set[str] = set()
        self._lock = threading.Lock()
        self._wake_r, self._wake_w = socket.socketpair()
        self._wake_w.setblocking(False)
        self._wake_r.setblocking(False)
        self._is_closed = False
        self.next_deadline_ns: int | None = None
        self.keyboard_window = 0
        self.may_have_lost = False
        self._listeners = (
            mouse.Listener(on_move=self._on_move, on_click=self._on_click, on_scroll=self._on_scroll),
            keyboard.Listener(on_press=self._on_press, on_release=self._on_release),
        )
        for listener in self._listeners:
            listener.start()
            listener.wait()

    def fileno(self) -> int:
        """Return a descriptor that is readable when something happened."""
        return self._wake_r.fileno()

    def rang(self) -> None:
        """Something was told: read it now, for pynput has waited long enough."""
        self.next_deadline_ns = self._clock.monotonic_ns()

    def be_prompt(self, is_prompt: bool) -> None:  # noqa: FBT001 - as input says it
        """Everything is read at once as it is."""

    def read(self) -> list[RawInput]:
        """Return what was told since the last call."""
        return self.read_now()

    def read_now(self) -> list[RawInput]:
        """Return what was told since the last call."""
        self.next_deadline_ns = None
        with contextlib.suppress(BlockingIOError):
            while self._wake_r.recv(4096):
                pass
        with self._lock:
            found = list(self._told)
            self._told.clear()
        return found

    def close(self) -> None:
        """Stop listening: what pynput's threads still tell is forgotten at once; on X11 they end with the next event."""
        self._is_closed = True
        for listener in self._listeners:
            listener.stop()
        with self._lock:
            self._told.clear()
        self._wake_r.close()
        self._wake_w.close()

    @property
    def is_ended(self) -> bool:
        """Whether pynput's threads have ended."""
        return not any(listener.is_alive() for listener in self._listeners)

    def _tell(self, item: RawInput) -> None:
        if self._is_closed:
            return
        with self._lock:
            self._told.append(item)
        with contextlib.suppress(OSError):  # full: it is awake
            self._wake_w.send(b"\0")

    # ---- what pynput calls ----

    def _on_move(self, x: float, y: float, *_: Any) -> None:
        self._tell(RawMove(self._clock.monotonic_ns(), int(x), int(y)))

    def _on_click(self, x: float, y: float, button: Any, pressed: bool, *_: Any) -> None:  # noqa: FBT001 - pynput's own signature
        number = _BUTTONS.get(button.name, 0)
        self._tell(RawButton(self._clock.monotonic_ns(), int(x), int(y), number, bool(pressed)))

    def _on_scroll(self, x: float, y: float, dx: float, dy: float, *_: Any) -> None:
        self._tell(RawWheel(self._clock.monotonic_ns(), int(x), int(y), int(dx), -int(dy)))  # it counts up as positive

    def _on_press(self, key: Any, *_: Any) -> None:
        self._key(key, is_down=True)

    def _on_release(self, key: Any, *_: Any) -> None:
        self._key(key, is_down=False)

    def _key(self, key: Any, *, is_down: bool) -> None:
        name, character = getattr(key, "name", "") or "", getattr(key, "char", "") or ""
        held = _HELD.get(name)
        if held is not None:
            (self._held.add if is_down else self._held.discard)(held)
        modifiers = frozenset(self._held & {"ctrl", "alt", "super", "shift"})
        if len(character) == 1 and ord(character) <= _LETTERS and "ctrl" in modifiers:
            character = chr(ord(character) + ord("a") - 1)
        keysym = _NAMED.get(name, name.upper() if name[:1] == "f" and name[1:].isdigit() else "") or character
        makes_text = not modifiers & {"ctrl", "alt", "super"}
        text = (character or _TEXT_KEYS.get(name, "")) if makes_text else ""
        is_repeat = is_down and keysym in self._down
        (self._down.add if is_down else self._down.discard)(keysym)
        self._tell(RawKey(self._clock.monotonic_ns(), keysym, text, is_down, modifiers, is_repeat))
