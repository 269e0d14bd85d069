"""Imports raw sessions of OpenCUA's AgentNetTool: a folder each, with events, UI Automation trees, windows, what the task was.

Takes the raw events, not their reduction, so that one reduction makes all actions. The video isn't read: the trees tell what was seen.
Invariant: a line or a tree that can't be read is named and the rest kept; points lie where the recorder said, on whatever screen that was.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from witting.lab.importing.imported import Found, ImportedSession, Problem, Source, header_of, name_of
from witting.lab.importing.pynput_events import PynputReader, lines_of, nanoseconds
from witting.lab.importing.windows_tree import tree_from_windows
from witting.terms.errors import RecordError
from witting.terms.events import TaskMark, Topology, WindowFocus
from witting.terms.geometry import Monitor, Rect
from witting.terms.session import Record, SessionEnd

SOURCE = Source("opencua", "xlang-ai/OpenCUA: AgentNet, raw sessions of annotators", "MIT (c) 2025 The OpenCUA Authors")
EVENTS, METADATA, TASK = "events.jsonl", "metadata.json", "task_name.json"


def read(folder: Path) -> Iterator[Found]:
    """Yield the sessions at or below a folder, in order of their names."""
    for events in sorted(folder.rglob(EVENTS)):
        task = _object(events.parent / TASK) or {}
        yield from session_in(events.parent, folder, source=SOURCE, instruction=str(task.get("task_name") or ""))


def session_in(place: Path, folder: Path, *, source: Source, instruction: str) -> Iterator[Found]:
    """Yield the session in a folder after the problems in its files."""
    shown = str(place.relative_to(folder))
    facts = _object(place / METADATA)
    if facts is None:
        yield Problem(f"{shown}/{METADATA}", "can't be read; the session is left out, because nobody knows its screen")
        return
    reader = PynputReader()
    told: list[Record] = []
    for name, take in (("events.jsonl", None), ("a11y.jsonl", _tree), ("top_window.jsonl", _window)):
        lines, problems = _told(place / name, folder)
        yield from problems
        if take is None:
            told += reader.events(lines)
            continue
        for line in lines:
            try:
                told.append(take(line))
            except (KeyError, TypeError, ValueError, RecordError) as error:
                yield Problem(f"{shown}/{name}", f"a line lacks what it needs ({type(error).__name__})")
    if reader.broken:
        yield Problem(f"{shown}/{EVENTS}", f"{reader.broken} events lack what they need")
    times = sorted(record.timestamp_ns for record in told if not isinstance(record, SessionEnd) and hasattr(record, "timestamp_ns"))
    if not times:
        yield Problem(shown, "holds no events")
        return
    size = int(facts.get("screen_width") or 0), int(facts.get("screen_height") or 0)
    session_id = name_of(source.name, place.name)
    platform = str(facts.get("system") or "").lower()
    yield ImportedSession(
        session_id,
        name_of(source.name, "person", place.name),
        [
            header_of(source, session_id, started_ns=times[0], size=size, platform=platform),
            Topology(times[0], (Monitor("screen", Rect(0, 0, *size)),)),
            TaskMark(times[0], "begin", instruction),
            *told,
            SessionEnd(timestamp_ns=times[-1], reason="imported"),
        ],
    )


def _told(file: Path, folder: Path) -> tuple[list[Mapping[str, Any]], list[Problem]]:
    both = list(lines_of(file, folder)) if file.is_file() else []
    return [one for one in both if not isinstance(one, Problem)], [one for one in both if isinstance(one, Problem)]


def _tree(line: Mapping[str, Any]) -> Record:
    return tree_from_windows(line["axtree"], nanoseconds(line["time_stamp"]))


def _window(line: Mapping[str, Any]) -> Record:
    return WindowFocus(nanoseconds(line["time_stamp"]), str(line["top_window_name"]), "")


def _object(file: Path) -> dict[str, Any] | None:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None
