"""Imports recordings of DuckTrack: a folder each, with events.jsonl, metadata.json and README.md.

The same lines as OpenCUA's recorder, which grew out of it, at up to 1,000 moves a second, without trees. README.md says the task.
"""

from collections.abc import Iterator
from pathlib import Path

from witting.lab.importing.imported import Found, Source
from witting.lab.importing.opencua import EVENTS, session_in

SOURCE = Source(
    "ducktrack", "recordings made with DuckTrack (github.com/TheDuckAI/DuckTrack)", "not stated by the format; say it with --licence"
)


def read(folder: Path) -> Iterator[Found]:
    """Yield the recordings at or below a folder, in order of their names."""
    for events in sorted(folder.rglob(EVENTS)):
        about = events.parent / "README.md"
        said = about.read_text(encoding="utf-8", errors="replace").strip() if about.is_file() else ""
        yield from session_in(events.parent, folder, source=SOURCE, instruction=said.lstrip("# "))
