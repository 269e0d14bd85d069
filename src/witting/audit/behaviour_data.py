"""Reads recordings of typing and of pointers as others publish them, for the attacks on them: a table of keys, a folder of people.

Knows no classifiers. Invariant: a row that can't be understood ends the reading with file and line, never with what stood there; a point
off every screen (65535, as some recorders write) is left out and counted.
"""

import csv
import gzip
import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from witting.terms.errors import UsageError

KEY_COLUMNS = ("user", "sentence", "i", "keycode", "dwell_ms", "down_down_ms", "up_down_ms")
POINTER_COLUMNS = ("record timestamp", "client timestamp", "button", "state", "x", "y")
OFF_SCREEN_PX = 60_000
_LEAST_PEOPLE = 2
_MOST_BYTES = 512 * 1024 * 1024  # after decompression
_MOST = 1e12  # of any number here
_GZIP = b"\x1f\x8b"
_BUTTONS = {"Left": 1, "Middle": 2, "Right": 3, "XButton": 8, "NoButton": 0, "Scroll": 0}


class Press(NamedTuple):
    """One key of a sentence."""

    code: int
    held_ms: float
    since_ms: float  # since the press before it
    free_ms: float  # since the release before it; below zero where keys overlap


class Typist(NamedTuple):
    """One person's sentences, in order."""

    name: str
    sentences: tuple[tuple[Press, ...], ...]


class Point(NamedTuple):
    """One event of a pointer."""

    timestamp_ns: int
    what: str  # move, down, up, wheel
    x: int
    y: int
    button: int  # of a wheel 1 down, -1 up


class Mover(NamedTuple):
    """One person's sessions, in the order of their names' files."""

    name: str
    sessions: tuple[tuple[Point, ...], ...]
    left_out: int  # points off every screen


def read_keystrokes(path: Path) -> list[Typist]:
    """Return who typed what, from a table with the columns `KEY_COLUMNS`; gzip or plain.

    Raises:
        UsageError: it is no such table, or holds fewer than two people.
    """
    people: dict[str, dict[str, list[tuple[int, Press]]]] = {}
    for line, row in _rows(path, KEY_COLUMNS):
        code, number = _number(row["keycode"], path, line=line), _number(row["i"], path, line=line)
        held, since, free = (_number(row[name], path, line=line) for name in KEY_COLUMNS[4:])
        if held < 0 or since < 0 or code != int(code):
            raise _bad(path, line, what="holds a time before its beginning, or a key without a whole number")
        people.setdefault(row["user"], {}).setdefault(row["sentence"], []).append((int(number), Press(int(code), held, since, free)))
    _require_people(len(people), path)
    return [
        Typist(
            name,
            tuple(tuple(press for _, press in sorted(sentences[key], key=lambda one: one[0])) for key in sorted(sentences, key=_order)),
        )
        for name, sentences in sorted(people.items())
    ]


def read_pointers(folder: Path) -> list[Mover]:
    """Return who moved how, from a folder with one folder for each person and one table for each session in it.

    Raises:
        UsageError: there is no such folder, a table isn't one with the columns `POINTER_COLUMNS`, or there are fewer than two people.
    """
    if not folder.is_dir():
        message = f"{folder.name} is no folder"
        raise UsageError(message, hint="it has one folder for each person, with one table for each session")
    movers = []
    for home in sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith(".")):
        sessions, left_out = [], 0
        for path in sorted(one for one in home.iterdir() if one.is_file() and not one.name.startswith(".")):
            points = list(_points(path))
            kept = tuple(point for point in points if 0 <= point.x < OFF_SCREEN_PX and 0 <= point.y < OFF_SCREEN_PX)
            left_out += len(points) - len(kept)
            sessions.append(kept)
        if sessions:
            movers.append(Mover(home.name, tuple(sessions), left_out))
    _require_people(len(movers), folder)
    return movers


def _points(path: Path) -> Iterator[Point]:
    for line, row in _rows(path, POINTER_COLUMNS):
        at, x, y = (_number(row[name], path, line=line) for name in ("client timestamp", "x", "y"))
        button, state = row["button"], row["state"]
        if button not in _BUTTONS:
            raise _bad(path, line, what="names a button that isn't known")
        at_ns, number = round(at * 1e9), _BUTTONS[button]
        if button == "Scroll":
            yield Point(at_ns, "wheel", int(x), int(y), 1 if state == "Down" else -1)
        elif state in {"Pressed", "Released"}:
            yield Point(at_ns, "down" if state == "Pressed" else "up", int(x), int(y), number)
        elif state in {"Move", "Drag"}:
            yield Point(at_ns, "move", int(x), int(y), 0)
        else:
            raise _bad(path, line, what="names a state that isn't known")


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows with their line numbers."""
    reader = csv.reader(io.StringIO(_text(path), newline=""))
    try:
        head = next(reader, [])
        missing = [name for name in columns if name not in head]
        if missing:
            message = f"{path.name} has no column {missing[0]!r}"
            raise UsageError(message, hint=f"a table separated by commas, with a first line that names {', '.join(columns)}")
        for row in reader:
            if row and len(row) != len(head):
                raise _bad(path, reader.line_num, what=f"has {len(row)} columns, not {len(head)}")
            if row:
                yield reader.line_num, dict(zip(head, row, strict=True))
    except csv.Error:
        raise _bad(path, reader.line_num, what="can't be split into columns") from None


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        if data.startswith(_GZIP):
            with gzip.open(io.BytesIO(data)) as stream:
                data = stream.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            message = f"{path.name} holds more than {_MOST_BYTES // 2**20} MiB"
            raise UsageError(message, hint="split it by person")
        return data.decode("utf-8-sig")
    except (OSError, EOFError) as error:
        message = f"{path.name} can't be read ({type(error).__name__})"
        raise UsageError(message, hint="a table separated by commas, plain or by gzip") from None
    except UnicodeDecodeError:
        message = f"{path.name} is no text in UTF-8"
        raise UsageError(message, hint="a table separated by commas, plain or by gzip") from None


def _number(text: str, path: Path, *, line: int) -> float:
    try:
        number = float(text)
    except ValueError:
        raise _bad(path, line, what="holds something else where a number belongs") from None
    if not math.isfinite(number) or abs(number) > _MOST:
        raise _bad(path, line, what="holds a number beyond any use")
    return number


def _bad(path: Path, line: int, *, what: str) -> UsageError:
    return UsageError(f"line {line} of {path.name} {what}", hint="numbers have a decimal point and no separators of thousands")


def _require_people(count: int, path: Path) -> None:
    if count < _LEAST_PEOPLE:
        message = f"{path.name} holds {count} people"
        raise UsageError(message, hint="telling people apart takes two or more")


def _order(name: str) -> tuple[int, str]:
    return (int(name), "") if name.isdecimal() else (1 << 62, name)
