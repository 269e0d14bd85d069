"""Events as recorders that build on pynput write them, a JSON line each (OpenCUA's AgentNetTool, DuckTrack) → witting's.

Knows pynput's names of keys and buttons, and that its wheel counts up as positive. Invariant: a point is kept as it was told, outside the
screen too; a button event without a point gets the pointer's last one; a line that lacks something costs itself and nothing typed before.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from witting.lab.importing.imported import NANOSECOND, Problem
from witting.lab.importing.typing import TypedRuns
from witting.terms.events import Event, PointerButton, PointerMove, PointerWheel

_BUTTONS = {"left": 1, "middle": 2, "right": 3, "x1": 8, "x2": 9, "button8": 8, "button9": 9}
_KEYS = {
    "enter": "Return", "backspace": "BackSpace", "tab": "Tab", "esc": "Escape", "delete": "Delete", "home": "Home", "end": "End",
    "left": "Left", "right": "Right", "up": "Up", "down": "Down", "page_up": "Prior", "page_down": "Next", "insert": "Insert",
    "menu": "Menu", "print_screen": "Print", "pause": "Pause", "caps_lock": "caps_lock", "num_lock": "num_lock",
    "scroll_lock": "scroll_lock", "alt_gr": "altgr", "cmd": "super",
}  # fmt: skip


def lines_of(file: Path, folder: Path) -> Iterator[Mapping[str, Any] | Problem]:
    """Yield the objects of a file of JSON lines; lines that are none are counted and named once."""
    broken = 0
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                told = json.loads(line) if line.strip() else None
            except ValueError:
                broken += 1
                continue
            if isinstance(told, dict):
                yield told
            elif told is not None:
                broken += 1
    if broken:
        yield Problem(str(file.relative_to(folder)), f"{broken} lines can't be read")


def nanoseconds(seconds: object) -> int:
    """Return a time in seconds as nanoseconds.

    Raises:
        ValueError: it is no finite number.
    """
    number = float(seconds) if isinstance(seconds, int | float | str) else math.nan
    if not math.isfinite(number):
        raise ValueError("no time")
    return round(number * NANOSECOND)


class PynputReader:
    """Turns one session's lines into events, in their order."""

    def __init__(self) -> None:
        self.broken = 0  # lines that lack what they need
        self._typing = TypedRuns()
        self._point = (0, 0)

    def events(self, lines: Iterable[Mapping[str, Any]]) -> Iterator[Event]:
        """Yield the events of all lines."""
        for line in lines:
            try:
                made = self._event(line)
            except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
                self.broken += 1
                continue
            yield from made
        yield from self._typing.flush()

    def _event(self, line: Mapping[str, Any]) -> list[Event]:
        at_ns, action = nanoseconds(line["time_stamp"]), line["action"]
        if action in {"press", "release"}:
            return [*self._key(str(line["name"]), at_ns, is_press=action == "press")]
        if line.get("x") is not None:
            self._point = round(float(line["x"])), round(float(line["y"]))
        if action == "move":
            return [PointerMove(at_ns, *self._point)]
        if action == "click":
            button = _BUTTONS[str(line["button"]).removeprefix("Button.")]
            told: Event = PointerButton(at_ns, *self._point, button, pressed=bool(line["pressed"]))
            return [*self._typing.flush(), told]
        if action == "scroll":
            told = PointerWheel(at_ns, *self._point, int(line["dx"]), -int(line["dy"]))
            return [*self._typing.flush(), told]
        raise ValueError(action)

    def _key(self, name: str, at_ns: int, *, is_press: bool) -> list[Any]:
        key, text = key_of(name)
        if not is_press:
            self._typing.release(key)
            return []
        return self._typing.press(key, at_ns, text=text)


def key_of(name: str) -> tuple[str, str]:
    """Return the keysym of a pynput key and the text it types: `enter` is Return and types none, `a` is a and types a."""
    plain = name.removeprefix("Key.")
    if plain == "space":
        return "space", " "
    if len(plain) == 1:
        return plain.lower(), plain
    side = plain.removesuffix("_l").removesuffix("_r")
    if side in {"ctrl", "shift", "alt", "cmd"}:
        return _KEYS.get(side, side), ""
    return _KEYS.get(plain, plain.upper() if plain[:1] == "f" and plain[1:].isdigit() else plain), ""
