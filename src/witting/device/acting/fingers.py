"""Mouse and keyboard of a run: real input by XTEST, and the certainty of whose input there was.

The server reports every event of every device (XInput2 raw events); each is either one that was just asked for here, or the person's.
Doesn't know what is clicked. Invariant: before each event sent it is looked whether the person touched anything, and then nothing more
is sent but releases of what is held.
"""

import select
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import xcffib.xinput
import xcffib.xtest

from witting.device.acting.keyboard import Keyboard, Stroke
from witting.device.acting.view import TakenOverError
from witting.device.capture.x11 import XDisplay
from witting.terms.geometry import Rect

_KEY_PRESS, _KEY_RELEASE, _BUTTON_PRESS, _BUTTON_RELEASE, _MOTION = 2, 3, 4, 5, 6
_RAW_KEY, _RAW_BUTTON, _RAW_MOTION, _RAW_TOUCH = 13, 15, 17, 22
_HEARD = sum(1 << kind for kind in (_RAW_KEY, _RAW_BUTTON, _RAW_MOTION, _RAW_TOUCH))
_KINDS: dict[type, int] = {
    xcffib.xinput.RawKeyPressEvent: _KEY_PRESS,
    xcffib.xinput.RawButtonPressEvent: _BUTTON_PRESS,
    xcffib.xinput.RawMotionEvent: _MOTION,
    xcffib.xinput.RawTouchBeginEvent: 0,  # never ours
}
_GLIDE_STEPS, _STEP_S = 10, 0.01
_HOLD_S, _KEY_S = 0.05, 0.008
_MAPPING_S = 0.15  # programs need that long to learn of a key's new meaning


class Fingers:
    """Input at one display.

    Raises:
        CaptureError: the display has no XTEST or XInput extension.
    """

    def __init__(self, display: str) -> None:
        self._acts, self._ears = XDisplay(display), XDisplay(display)
        self._test = self._acts.extension(xcffib.xtest.key, "XTEST")
        self._ears.select_raw(_HEARD)
        self._keyboard = Keyboard(self._acts)
        self._ours: Counter[tuple[int, int]] = Counter()  # kinds and details asked for and not heard of yet
        self._is_taken = False
        self.taken_ns = 0  # CLOCK_MONOTONIC of when it was found that the person took over
        self.sent = 0  # events sent so far

    def fileno(self) -> int:
        """Return a descriptor that is readable when any device did something."""
        return self._ears.fileno()

    def check(self) -> None:
        """Look whether the person touched anything.

        Raises:
            TakenOverError: they did, now or before; until `begin` nothing more can be done.
        """
        for event in self._ears.events():
            kind = _KINDS.get(type(event))
            if kind is None:
                continue
            key = (kind, 0 if kind == _MOTION else int(event.detail))
            if self._ours[key] > 0:
                self._ours[key] -= 1
            elif not self._is_taken:
                self._is_taken, self.taken_ns = True, time.monotonic_ns()
        if self._is_taken:
            raise TakenOverError("you took over", hint="nothing more is done; run it again, or go on by hand")

    def begin(self) -> None:
        """From now on input that isn't ours is the person taking over; what was before doesn't count."""
        self._settle()
        for _ in self._ears.events():
            pass
        self._ours.clear()
        self._is_taken = False

    def click(self, x: int, y: int, *, button: int = 1, count: int = 1) -> None:
        """Glide to a pixel and click; a button that is down is let go whatever happens."""
        self._glide(x, y)
        for _ in range(count):
            self._hold(lambda: self._send(_BUTTON_PRESS, button), lambda: self._release(_BUTTON_RELEASE, button))
        self._settled()

    def pass_over(self, area: Rect) -> None:
        """Glide over the middle of a place without clicking."""
        x, y = area.x + area.width // 2, area.y + area.height // 2
        self._glide(x, y)
        self._glide(x + 3, y + 2)
        self._settled()

    def press(self, chord: str) -> None:
        """Press a chord such as `ctrl+s`; the last key is the one pressed while the others are held."""
        *held, last = keys_of(chord)
        stroke = self._keyboard.key(last)
        codes = [self._keyboard.key(name).keycode for name in held if name]
        if stroke.shift and self._keyboard.shift not in codes:
            codes.append(self._keyboard.shift)
        self._stroke(stroke.keycode, codes, seconds=_HOLD_S)
        self._settled()

    def type_text(self, text: str) -> None:
        """Type a text."""
        strokes = self._keyboard.strokes(text)
        try:
            if self._keyboard.has_lent:
                self._pause(_MAPPING_S)
            for stroke in strokes:
                self._stroke(stroke.keycode, self._held_for(stroke), seconds=_KEY_S)
            self._settled()
        finally:
            if self._keyboard.has_lent:
                time.sleep(_MAPPING_S)
                self._keyboard.give_back()
                time.sleep(_MAPPING_S)

    def close(self) -> None:
        """Leave the display, after the server did the last deed."""
        self._settle()
        self._acts.close()
        self._ears.close()

    def _held_for(self, stroke: Stroke) -> list[int]:
        return ([self._keyboard.level3] if stroke.level3 else []) + ([self._keyboard.shift] if stroke.shift else [])

    def _stroke(self, keycode: int, held: list[int], *, seconds: float) -> None:
        down: list[int] = []
        try:
            for code in (*held, keycode):
                self._send(_KEY_PRESS, code)
                down.append(code)
            self._pause(seconds)
        finally:
            for code in reversed(down):
                self._release(_KEY_RELEASE, code)
        self._pause(seconds)

    def _hold(self, down: Callable[[], None], up: Callable[[], None]) -> None:
        down()
        try:
            self._pause(_HOLD_S)
        finally:
            up()

    def _glide(self, x: int, y: int) -> None:
        here: Any = self._acts.ask(lambda: self._acts.connection.core.QueryPointer(self._acts.root))
        start = (int(here.root_x), int(here.root_y)) if here is not None else (x, y)
        for step in range(1, _GLIDE_STEPS + 1):
            part = step / _GLIDE_STEPS
            point = (round(start[0] + (x - start[0]) * part), round(start[1] + (y - start[1]) * part))
            self._send(_MOTION, 0, point=point)
            self._pause(_STEP_S)

    def _pause(self, seconds: float) -> None:
        """Wait, but not for longer than the person's hands are still."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            select.select([self._ears.fileno()], [], [], left)
            self.check()

    def _send(self, kind: int, detail: int, *, point: tuple[int, int] = (0, 0)) -> None:
        self.check()
        self._ours[kind, detail] += 1
        self._test.FakeInput(kind, detail, 0, self._acts.root, *point, 0)
        self._acts.connection.flush()
        self.sent += 1

    def _release(self, kind: int, detail: int) -> None:
        self._test.FakeInput(kind, detail, 0, self._acts.root, 0, 0, 0)
        self._acts.connection.flush()

    def _settled(self) -> None:
        """Hear of everything that was asked for; what made no event never will."""
        self._settle()
        self.check()
        self._ours.clear()

    def _settle(self) -> None:
        for display in (self._acts, self._ears):
            display.ask(display.connection.core.GetInputFocus)


def keys_of(chord: str) -> list[str]:
    """Return the names of a chord's keys; a plus at the end is the key of that name."""
    if chord.endswith("+"):
        return [*(name for name in chord[:-1].split("+") if name), "plus"]
    return chord.split("+")
