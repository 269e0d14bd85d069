"""Hands for synthetic people: real input through XTEST, moved like a person's, with a log of what was really done.

Input made this way is trusted by applications and seen by recorders exactly like a mouse's. Doesn't know: what is on the screen.
Holds: the log is the ground truth, one entry for each event given to the X server, stamped with CLOCK_MONOTONIC just before it was
sent. Pointer paths follow the minimum-jerk law (Flash & Hogan 1985) with a slight bow, durations Fitts' law.
"""

import contextlib
import json
import math
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import xcffib
import xcffib.xproto
import xcffib.xtest

from witting.terms.errors import UsageError

InjectedKind = Literal["move", "button_down", "button_up", "key_down", "key_up"]
_KEY_PRESS, _KEY_RELEASE, _BUTTON_PRESS, _BUTTON_RELEASE, _MOTION = 2, 3, 4, 5, 6
_RATE_HZ = 100
_WHEEL = {"up": 4, "down": 5, "left": 6, "right": 7}
_NAMED = {
    "BackSpace": 0xFF08, "Tab": 0xFF09, "Return": 0xFF0D, "Escape": 0xFF1B, "Delete": 0xFFFF, "Home": 0xFF50, "Left": 0xFF51,
    "Up": 0xFF52, "Right": 0xFF53, "Down": 0xFF54, "Page_Up": 0xFF55, "Page_Down": 0xFF56, "End": 0xFF57, "F5": 0xFFC2, "F6": 0xFFC3,
    "F2": 0xFFBF, "F9": 0xFFC6,    "plus": 0x2B, "shift": 0xFFE1, "ctrl": 0xFFE3, "alt": 0xFFE9, "super": 0xFFEB, "space": 0x20,
}  # fmt: skip
_WRITTEN = {"\n": "Return", "\t": "Tab"}
_LATIN_1 = 0x100


@dataclass(frozen=True, slots=True)
class InjectedEvent:
    """One event given to the X server."""

    timestamp_ns: int  # CLOCK_MONOTONIC just before it was sent
    kind: InjectedKind
    x: int  # pointer position on the screen
    y: int
    button: int = 0  # 1 left, 2 middle, 3 right, 4 to 7 wheel; 0 for keys and moves
    keysym: int = 0  # of the key that moved


class _Keyboard:
    """Which key makes which symbol, as the X server has it."""

    def __init__(self, connection: Any) -> None:
        setup = connection.get_setup()
        low, count = setup.min_keycode, setup.max_keycode - setup.min_keycode + 1
        mapping = connection.core.GetKeyboardMapping(low, count).reply()
        width = mapping.keysyms_per_keycode
        self._keys: dict[int, tuple[int, bool]] = {}
        for level in (1, 0):  # the unshifted level wins
            for i in range(count):
                self._keys[mapping.keysyms[i * width + level]] = (low + i, level == 1)
        self._keys.pop(0, None)  # keys without a symbol

    def find(self, keysym: int) -> tuple[int, bool]:
        """Return the key code and whether shift is needed."""
        if keysym not in self._keys:
            raise UsageError("these hands' keyboard has no such key", hint="type Latin letters, digits and punctuation")
        return self._keys[keysym]


def keysym_of(name: str) -> int:
    """Return the X keysym of a character or of a key's name such as `Return` or `ctrl`."""
    if len(name) == 1 and name not in _WRITTEN and ord(name) < _LATIN_1:
        return ord(name)
    return _NAMED.get(_WRITTEN.get(name, name), 0)


def pointer_path(start: tuple[int, int], end: tuple[int, int], *, chance: random.Random, pace: float = 1.0) -> list[tuple[int, int]]:
    """Return the positions, one per 10 ms, that a hand passes from `start` to `end`."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    distance = math.hypot(dx, dy)
    if distance == 0:
        return []
    seconds = (0.08 + 0.05 * math.log2(distance / 12 + 1)) * chance.uniform(0.85, 1.2) / pace
    steps = max(2, round(seconds * _RATE_HZ))
    bow = chance.gauss(0, 0.05) * distance
    skew = chance.uniform(0.8, 1.25)  # people brake longer than they speed up, each a little differently
    points = []
    for i in range(1, steps):
        part = (i / steps) ** skew
        along = part**3 * (10 - 15 * part + 6 * part**2)
        aside = bow * math.sin(math.pi * along) / distance
        points.append((round(start[0] + dx * along - dy * aside), round(start[1] + dy * along + dx * aside)))
    return [*points, end]


class Hands(AbstractContextManager["Hands"]):
    """A pair of hands at one display; `pace` 2.0 is twice as fast. With `log_path` the ground truth is also written, a JSON line each."""

    def __init__(self, display: str, *, seed: int, pace: float = 1.0, log_path: Path | None = None) -> None:
        self._x = xcffib.connect(display=display)
        self._test = self._x(xcffib.xtest.key)
        self._root = self._x.get_setup().roots[0].root
        self._screen = (self._x.get_setup().roots[0].width_in_pixels, self._x.get_setup().roots[0].height_in_pixels)
        self._keyboard = _Keyboard(self._x)
        self._chance = random.Random(seed)
        self._pace = pace
        self._file = log_path.open("a", encoding="utf-8") if log_path else None
        here = self._x.core.QueryPointer(self._root).reply()
        self.x, self.y = int(here.root_x), int(here.root_y)
        self.log: list[InjectedEvent] = []

    def move_to(self, x: float, y: float) -> None:
        """Move the pointer to a pixel along a human path."""
        end = (min(max(int(x), 0), self._screen[0] - 1), min(max(int(y), 0), self._screen[1] - 1))
        due = time.monotonic()
        for point in pointer_path((self.x, self.y), end, chance=self._chance, pace=self._pace):
            due += 1 / _RATE_HZ
            time.sleep(max(0.0, due - time.monotonic()))
            if point != (self.x, self.y):
                self._move(*point)

    def trace(self, points: Iterable[tuple[int, int]], *, rate_hz: int) -> None:
        """Pass through pixels at a fixed rate, as a fast mouse reports them."""
        due = time.monotonic()
        for x, y in points:
            due += 1 / rate_hz
            time.sleep(max(0.0, due - time.monotonic()))
            if (x, y) != (self.x, self.y):
                self._move(x, y)

    def click(self, x: float, y: float, *, button: int = 1, count: int = 1) -> None:
        """Move to a pixel, settle, and click."""
        self.move_to(x, y)
        for _ in range(count):
            self.pause(0.025, 0.06)
            self._button(button, is_down=True)
            self.pause(0.04, 0.08)
            self._button(button, is_down=False)
        self.pause(0.02, 0.05)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press at one pixel, release at another."""
        self.move_to(*start)
        self.pause(0.03, 0.06)
        self._button(1, is_down=True)
        self.pause(0.04, 0.08)
        self.move_to(*end)
        self.pause(0.04, 0.08)
        self._button(1, is_down=False)

    def scroll(self, direction: Literal["up", "down", "left", "right"], detents: int = 1) -> None:
        """Turn the wheel where the pointer is."""
        for _ in range(detents):
            self._button(_WHEEL[direction], is_down=True)
            self._button(_WHEEL[direction], is_down=False)
            self.pause(0.02, 0.05)

    def type_text(self, text: str) -> None:
        """Type text with uneven rhythm; a line feed is Return, a tab is Tab."""
        for character in text:
            self._chord([character], self._chance.uniform(0.02, 0.04))
            self.pause(0.02, 0.075)

    def press(self, chord: str) -> None:
        """Press a key or a chord such as `ctrl+s` or `Return`."""
        self._chord(chord.split("+") if len(chord) > 1 else [chord], 0.04)
        self.pause(0.03, 0.07)

    def hold(self, key: str) -> None:
        """Press a key and keep it down."""
        self._key(keysym_of(key), is_down=True)

    def let_go(self, key: str) -> None:
        """Release a key that is held."""
        self._key(keysym_of(key), is_down=False)

    def pause(self, low: float, high: float) -> None:
        """Wait for a time in seconds between the two."""
        time.sleep(self._chance.uniform(low, high) / self._pace)

    def close(self) -> None:
        """Let go of the display and the log file, after the server did the last deed: it drops what is unread of a client that left."""
        with contextlib.suppress(xcffib.ConnectionException):
            self._x.core.GetInputFocus().reply()
        self._x.disconnect()
        if self._file:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # ---- what is sent ----

    def _move(self, x: int, y: int) -> None:
        self.x, self.y = x, y
        self._send("move", lambda: self._test.FakeInput(_MOTION, 0, 0, self._root, x, y, 0))

    def _button(self, button: int, *, is_down: bool) -> None:
        kind = _BUTTON_PRESS if is_down else _BUTTON_RELEASE
        self._send(
            "button_down" if is_down else "button_up", lambda: self._test.FakeInput(kind, button, 0, self._root, 0, 0, 0), button=button
        )

    def _key(self, keysym: int, *, is_down: bool) -> None:
        code, kind = self._keyboard.find(keysym)[0], _KEY_PRESS if is_down else _KEY_RELEASE
        self._send("key_down" if is_down else "key_up", lambda: self._test.FakeInput(kind, code, 0, self._root, 0, 0, 0), keysym=keysym)

    def _chord(self, names: list[str], hold_s: float) -> None:
        keysyms = list(self._with_shift([keysym_of(name) for name in names]))
        for keysym in keysyms:
            self._key(keysym, is_down=True)
        time.sleep(hold_s / self._pace)
        for keysym in reversed(keysyms):
            self._key(keysym, is_down=False)

    def _with_shift(self, keysyms: list[int]) -> Iterator[int]:
        if _NAMED["shift"] not in keysyms and any(self._keyboard.find(keysym)[1] for keysym in keysyms):
            yield _NAMED["shift"]
        yield from keysyms

    def _send(self, kind: InjectedKind, request: Callable[[], object], *, button: int = 0, keysym: int = 0) -> None:
        event = InjectedEvent(time.monotonic_ns(), kind, self.x, self.y, button, keysym)
        request()
        self._x.flush()
        self.log.append(event)
        if self._file:
            self._file.write(json.dumps(asdict(event)) + "\n")
