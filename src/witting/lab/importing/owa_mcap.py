"""Imports OWAMcap recordings (Open World Agents' `ocap`): one .mcap file a session, versions 0.4 to 0.6.

Topics: mouse, keyboard, window, and one a second mouse/state and keyboard/state, by which a reader that lost an event finds its way back.
Times are the file's log times, which the recorder took from the wall clock. The video isn't read. Invariant: of a file that is cut or
damaged what stands before the damage is kept and the damage named.
"""

import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from zstandard import ZstdError

from witting.lab.importing.imported import Found, ImportedSession, Problem, Source, header_of, name_of
from witting.lab.importing.typing import TypedRuns
from witting.terms.errors import MissingExtraError
from witting.terms.events import Event, PointerButton, PointerMove, PointerWheel, TaskMark, WindowFocus
from witting.terms.session import Record, SessionEnd

SOURCE = Source("owa-mcap", "recordings made with Open World Agents' ocap", "not stated by the format; say it with --licence")
_BUTTONS = {"left": 1, "middle": 2, "right": 3, "x1": 8, "x2": 9}
_NAMES = {
    8: "BackSpace", 9: "Tab", 13: "Return", 16: "shift", 160: "shift", 161: "shift", 17: "ctrl", 162: "ctrl", 163: "ctrl", 18: "alt",
    164: "alt", 165: "altgr", 20: "caps_lock", 27: "Escape", 33: "Prior", 34: "Next", 35: "End", 36: "Home", 37: "Left", 38: "Up",
    39: "Right", 40: "Down", 44: "Print", 45: "Insert", 46: "Delete", 91: "super", 92: "super", 93: "Menu", 144: "num_lock",
    145: "scroll_lock", **{111 + number: f"F{number}" for number in range(1, 13)},
}  # fmt: skip
# what a key types on the keyboard of the United States, without and with shift; other layouts aren't told by the format
_SIGNS = {
    32: "  ", 186: ";:", 187: "=+", 188: ",<", 189: "-_", 190: ".>", 191: "/?", 192: "`~", 219: "[{", 220: "\\|", 221: "]}", 222: "'\"",
    **{48 + number: f"{number}{sign}" for number, sign in enumerate(")!@#$%^&*(")}, 106: "**", 107: "++", 109: "--", 110: "..", 111: "//",
    **{96 + number: f"{number}{number}" for number in range(10)}, **{code: chr(code).lower() + chr(code) for code in range(65, 91)},
}  # fmt: skip


_SHIFT, _CODES = 160, {"ctrl": 162, "alt": 164, "shift": 160, "super": 91}
_TYPED = {pair[level]: (code, level) for code, pair in _SIGNS.items() for level in (1, 0) if code not in range(96, 112)}
_NAMED = {name: code for code, name in reversed(_NAMES.items()) if name not in _CODES}


def keys_of_text(text: str) -> list[tuple[int, str]]:
    """Return key codes with press or release that type a text; none at all when the keyboard lacks a character."""
    if any(character not in _TYPED for character in text):
        return []
    told: list[tuple[int, str]] = []
    for character in text:
        code, level = _TYPED[character]
        pair = [(code, "press"), (code, "release")]
        told += [(_SHIFT, "press"), *pair, (_SHIFT, "release")] if level else pair
    return told


def keys_of_chord(chord: str) -> list[tuple[int, str]]:
    """Return key codes with press or release that press a chord by its keysyms; none when the keyboard lacks a key."""
    names = chord.split("+") if len(chord) > 1 else [chord]
    found = [_CODES.get(name) or _NAMED.get(name) or _TYPED.get(name, (0, 0))[0] for name in names]
    if not all(found):
        return []
    return [*((code, "press") for code in found), *((code, "release") for code in reversed(found))]


def read(folder: Path) -> Iterator[Found]:
    """Yield the sessions at or below a folder, in order of their files' names.

    Raises:
        MissingExtraError: `mcap` isn't installed.
    """
    for file in sorted(folder.rglob("*.mcap")):
        yield from _session(file, str(file.relative_to(folder)))


def _session(file: Path, shown: str) -> Iterator[Found]:
    reader = _Topics()
    told: list[Record] = []
    with file.open("rb") as stream:
        for topic, at_ns, data in _messages(stream):
            if isinstance(data, Problem):
                yield data._replace(file=shown)
                continue
            try:
                told += reader.take(topic, json.loads(data), at_ns=at_ns)
            except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
                reader.broken += 1
    told += reader.finish()
    if reader.broken:
        yield Problem(shown, f"{reader.broken} messages lack what they need")
    times = [record.timestamp_ns for record in told if isinstance(record, Event)]
    if not times:
        yield Problem(shown, "holds no events")
        return
    session_id = name_of(SOURCE.name, file.name)
    head = header_of(SOURCE, session_id, started_ns=min(times), size=(0, 0), platform="windows")
    end = SessionEnd(timestamp_ns=max(times), reason="imported")
    begin = TaskMark(min(times), "begin", "")
    yield ImportedSession(session_id, name_of(SOURCE.name, "person", file.name), [head, begin, *told, end])


def _messages(stream: IO[bytes]) -> Iterator[tuple[str, int, bytes | Problem]]:
    """Yield topic, log time and data of each message, in the order of the file; a problem where it breaks off."""
    try:
        from mcap.exceptions import McapError
        from mcap.reader import NonSeekingReader
    except ModuleNotFoundError:
        raise MissingExtraError("OWAMcap files need the package mcap", hint="pip install 'witting[formats]'") from None
    try:
        for _, channel, message in NonSeekingReader(stream).iter_messages(log_time_order=False):
            yield channel.topic, message.log_time, message.data
    except (McapError, EOFError, ValueError, OSError, RuntimeError, struct.error, ZstdError) as error:
        yield "", 0, Problem("", f"breaks off ({type(error).__name__}); what stands before is kept")


class _Topics:
    """Turns messages into events."""

    def __init__(self) -> None:
        self.broken = 0  # messages that lack what they need
        self._typing = TypedRuns()
        self._down: dict[int, tuple[int, int]] = {}  # buttons that are down, and where
        self._title = ""

    def take(self, topic: str, told: Mapping[str, Any], *, at_ns: int) -> list[Event]:
        """Take one message and return the events it makes."""
        if topic == "mouse":
            return self._mouse(told, at_ns)
        if topic == "keyboard":
            return self._keyboard(told, at_ns)
        if topic == "mouse/state":
            return self._resync(told, at_ns)
        if topic == "keyboard/state":
            self._typing.hold_only(_NAMES.get(int(code), "") for code in told["buttons"])
        if topic == "window" and str(told["title"]).lstrip("*") != self._title:
            self._title = str(told["title"]).lstrip("*")
            return [
                *self._typing.flush(),
                WindowFocus(at_ns, self._title.replace("\N{EN DASH}", "-").rpartition("- ")[2].strip(), self._title),
            ]
        return []

    def finish(self) -> list[Event]:
        """End the session's last run of typing."""
        return [*self._typing.flush()]

    def _mouse(self, told: Mapping[str, Any], at_ns: int) -> list[Event]:
        x, y, kind = int(told["x"]), int(told["y"]), told["event_type"]
        if kind == "move":
            return [PointerMove(at_ns, x, y)]
        if kind == "scroll":
            return [*self._typing.flush(), PointerWheel(at_ns, x, y, int(told.get("dx") or 0), -int(told.get("dy") or 0))]
        button, is_pressed = _BUTTONS[str(told["button"])], bool(told["pressed"])
        if is_pressed:
            self._down[button] = x, y
        else:
            self._down.pop(button, None)
        return [*self._typing.flush(), PointerButton(at_ns, x, y, button, pressed=is_pressed)]

    def _resync(self, told: Mapping[str, Any], at_ns: int) -> list[Event]:
        """Let go of buttons that the state says are up: their release was lost."""
        held = {_BUTTONS.get(str(name), 0) for name in told["buttons"]}
        lost = [button for button in self._down if button not in held]
        return [PointerButton(at_ns, *self._down.pop(button), button, pressed=False) for button in lost]

    def _keyboard(self, told: Mapping[str, Any], at_ns: int) -> list[Event]:
        code = int(told["vk"])
        name = _NAMES.get(code, "")
        if told["event_type"] != "press":
            self._typing.release(name)
            return []
        pair = _SIGNS.get(code, "")
        text = pair[self._typing.is_shifted] if pair else ""
        if not name and not pair:
            return []  # a key that types nothing here, as those of media players
        return [*self._typing.press(name or text.lower(), at_ns, text=text)]
