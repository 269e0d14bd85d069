"""Imports rrweb recordings: a file of JSON each, a list of events as `rrweb.record` emits them.

Format: rrweb's types (event types 2 full snapshot, 3 incremental, 4 meta). rrweb tells no layout, so of each node only the pixel is known
at which it was pointed to: that is its box, and no other has one. Input events tell what a field holds, not its keys. Invariant: a file or
event that can't be read is named and the rest kept.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from witting.lab.importing.imported import Found, ImportedSession, Problem, Source, header_of, name_of
from witting.lab.importing.rrweb_page import Page
from witting.terms.errors import RecordError
from witting.terms.events import Event, PageNavigation, PageScroll, PointerButton, PointerMove, TaskMark, TextInput
from witting.terms.session import Record, SessionEnd
from witting.terms.tree import UiTree

SOURCE = Source("rrweb", "recordings made with rrweb", "not stated by the format; say it with --licence")
_MS = 1_000_000
_FULL, _INCREMENTAL, _META = 2, 3, 4
_MUTATION, _MOVE, _INTERACTION, _SCROLL, _INPUT, _TOUCH_MOVE, _DRAG = 0, 1, 2, 3, 5, 6, 12
_UP, _DOWN, _CONTEXT_MENU = 0, 1, 3
_MOVES = frozenset({_MOVE, _TOUCH_MOVE, _DRAG})
_IS_BROKEN = (AttributeError, KeyError, OverflowError, TypeError, ValueError, RecordError)


def read(folder: Path) -> Iterator[Found]:
    """Yield the sessions at or below a folder, in order of their files' names."""
    for file in sorted(folder.rglob("*.json")):
        yield from _session(file, str(file.relative_to(folder)))


def _session(file: Path, shown: str) -> Iterator[Found]:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        lines = told["events"] if isinstance(told, dict) else told
        events = sorted(
            (line for line in lines if isinstance(line, dict) and "timestamp" in line), key=lambda line: float(line["timestamp"])
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        yield Problem(shown, f"can't be read ({type(error).__name__})")
        return
    player = _Player()
    records: list[Record] = []
    for event in events:
        try:
            records += player.take(event)
        except _IS_BROKEN:
            player.broken += 1
    records += player.finish()
    if player.broken or len(events) < len(lines):
        yield Problem(shown, f"{player.broken + len(lines) - len(events)} events can't be read")
    times = [record.timestamp_ns for record in records if isinstance(record, Event)]
    if not times:
        yield Problem(shown, "holds no events of rrweb")
        return
    session_id = name_of(SOURCE.name, file.name)
    head = header_of(SOURCE, session_id, started_ns=min(times), size=player.size, platform="web")
    end = SessionEnd(timestamp_ns=max(times), reason="imported")
    yield ImportedSession(session_id, name_of(SOURCE.name, "person", file.name), [head, TaskMark(min(times), "begin", ""), *records, end])


class _Player:
    """Plays a recording and tells it in witting's events."""

    def __init__(self) -> None:
        self.broken = 0  # events that can't be read
        self.size = (0, 0)
        self._url = ""
        self._page = Page()
        self._since_ns = 0  # of the last event but motion: since then the page stands as it does
        self._press: tuple[int, int, int, UiTree] | None = None  # when, where, and the page as it stood
        self._typed: tuple[int, TextInput, str] | None = None  # field, run so far, what the field held before

    def take(self, event: Mapping[str, Any]) -> list[Record]:
        """Take one event."""
        at_ns, data = round(float(event["timestamp"]) * _MS), event.get("data") or {}
        told = self._take(event, data, at_ns=at_ns)
        self._since_ns = at_ns if data.get("source") not in _MOVES or event["type"] != _INCREMENTAL else self._since_ns
        return told

    def finish(self) -> list[Record]:
        """End what is still going on."""
        return self._end_typing()

    def _take(self, event: Mapping[str, Any], data: Mapping[str, Any], *, at_ns: int) -> list[Record]:
        if event["type"] == _META:
            self.size = int(data["width"]), int(data["height"])
            self._url = str(data["href"])
            return [*self._end_typing(), PageNavigation(at_ns, self._url, "")]
        if event["type"] == _FULL:
            self._page = Page(data["node"])
            return []
        return self._change(data, at_ns) if event["type"] == _INCREMENTAL else []

    def _change(self, data: Mapping[str, Any], at_ns: int) -> list[Record]:
        source = data["source"]
        if source == _MUTATION:
            self._page.mutate(data)
        elif source in _MOVES:
            return [
                PointerMove(at_ns + round(float(one["timeOffset"]) * _MS), round(one["x"]), round(one["y"])) for one in data["positions"]
            ]
        elif source == _INTERACTION:
            return self._interact(data, at_ns)
        elif source == _SCROLL:
            return [PageScroll(at_ns, self._url, round(data["x"]), round(data["y"]))]
        elif source == _INPUT:
            return self._input(data, at_ns)
        return []

    def _interact(self, data: Mapping[str, Any], at_ns: int) -> list[Record]:
        if data["type"] not in {_UP, _DOWN, _CONTEXT_MENU}:
            return []
        x, y, node = round(data.get("x") or 0), round(data.get("y") or 0), int(data["id"])
        if data["type"] == _DOWN:
            self._press = at_ns, x, y, self._page.tree(min(at_ns - 1, self._since_ns + 1), url=self._url, pointed=(node, x, y))
            return self._end_typing()
        if self._press is None:
            return []
        (down_ns, down_x, down_y, tree), self._press = self._press, None
        button = 3 if data["type"] == _CONTEXT_MENU else 1  # rrweb names no button; only the right one opens a menu
        release_ns = max(at_ns, down_ns + 1)
        press = PointerButton(down_ns, down_x, down_y, button, pressed=True)
        return [tree, press, PointerButton(release_ns, x, y, button, pressed=False)]

    def _input(self, data: Mapping[str, Any], at_ns: int) -> list[Record]:
        node, value = int(data["id"]), str(data.get("text") or "")
        before = self._page.value(node)
        self._page.set_value(node, value, is_checked=bool(data.get("isChecked")))
        if self._page.is_ticked(node):
            return []
        ended: list[Record] = []
        if self._typed is None or self._typed[0] != node:
            ended = [*self._end_typing(), self._page.tree(min(at_ns - 1, self._since_ns + 1), url=self._url, focused=node)]
            self._typed = node, TextInput(at_ns, at_ns, ""), before
        first, held = self._typed[1], self._typed[2]
        text = value.removeprefix(held) if value.startswith(held) else value
        self._typed = node, TextInput(first.timestamp_ns, at_ns, text), held
        return ended

    def _end_typing(self) -> list[Record]:
        typed, self._typed = self._typed, None
        if typed is None or not typed[1].text:
            return []
        return [typed[1], self._page.tree(typed[1].end_ns + 1, url=self._url, focused=typed[0])]
