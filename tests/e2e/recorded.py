"""What was recorded beside what was really done."""

from collections.abc import Sequence
from pathlib import Path

from witting.terms.events import Frame, Gap, Key, PointerButton, PointerMove, PointerWheel, TextInput, Tile
from witting.terms.geometry import Rect
from witting.terms.session import Record, SessionEnd
from witting.testing.hands import InjectedEvent

MS = 1_000_000


def moves(records: Sequence[Record]) -> list[tuple[int, int]]:
    """Return where the pointer was recorded, in order."""
    return [(record.x, record.y) for record in records if isinstance(record, PointerMove)]


def buttons(records: Sequence[Record]) -> list[tuple[int, int, int, bool]]:
    """Return the buttons recorded, with their places."""
    return [(record.x, record.y, record.button, record.pressed) for record in records if isinstance(record, PointerButton)]


def wheels(records: Sequence[Record]) -> int:
    """Return how many detents were recorded."""
    return sum(abs(record.dx) + abs(record.dy) for record in records if isinstance(record, PointerWheel))


def typed(records: Sequence[Record]) -> list[str]:
    """Return the runs of typing and the named keys, in order."""
    found = sorted((record for record in records if isinstance(record, TextInput | Key)), key=lambda record: record.timestamp_ns)
    return [record.text if isinstance(record, TextInput) else f"[{record.key}]" for record in found]


def holes(records: Sequence[Record], reason: str) -> list[Gap]:
    """Return the holes of one reason."""
    return [record for record in records if isinstance(record, Gap) and record.reason == reason]


def frames(records: Sequence[Record]) -> list[Frame]:
    """Return the pictures."""
    return [record for record in records if isinstance(record, Frame)]


def tiles(records: Sequence[Record]) -> dict[str, Tile]:
    """Return the tiles by digest."""
    return {record.digest: record for record in records if isinstance(record, Tile)}


def end_of(records: Sequence[Record]) -> SessionEnd:
    """Return the session's last word."""
    last = records[-1]
    assert isinstance(last, SessionEnd)
    return last


def adds_up(records: Sequence[Record]) -> bool:
    """Whether everything produced was kept or is told as a hole, by stream."""
    end = end_of(records)
    return all(count == end.kept.get(stream, 0) + end.gapped.get(stream, 0) for stream, count in end.produced.items())


def injected_moves(log: Sequence[InjectedEvent]) -> list[tuple[int, int]]:
    """Return where the pointer really went."""
    return [(event.x, event.y) for event in log if event.kind == "move"]


def injected_buttons(log: Sequence[InjectedEvent]) -> list[tuple[int, int, int, bool]]:
    """Return the buttons that were really pressed, wheel left out."""
    return [
        (event.x, event.y, event.button, event.kind == "button_down")
        for event in log
        if event.kind.startswith("button") and event.button < 4
    ]


def middle(area: Rect) -> tuple[int, int]:
    """Return the middle of an area."""
    return area.x + area.width // 2, area.y + area.height // 2


def bytes_below(folder: Path) -> bytes:
    """Return every byte of every file below a folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
