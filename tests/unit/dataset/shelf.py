"""A vault in memory: sessions of synthetic people, lent for a purpose."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from witting.terms.events import TextInput
from witting.terms.hub import CatalogueRow
from witting.terms.session import Record
from witting.testing.sample_session import sample_header, sample_records

PURPOSE = "train-agents"
PROGRAMME = "sample-programme"
IDS = ("a" * 32, "b" * 32, "c" * 32)


def marker(session_id: str) -> str:
    """Return a text that only this session says."""
    return f"MARKER-{session_id[:4]}-ONLY-HERE"


def records_of(session_id: str, frames: int = 5) -> list[Record]:
    """Return a session of two tasks in which its marker is typed."""
    told = list(sample_records(sample_header(session_id), frames=frames))
    return [TextInput(one.timestamp_ns, one.end_ns, marker(session_id)) if isinstance(one, TextInput) else one for one in told]


class Shelf:
    """Gives what a vault gives."""

    def __init__(self, sessions: Sequence[str] = IDS, *, purposes: tuple[str, ...] = (PURPOSE,)) -> None:
        self.sessions = {session_id: records_of(session_id) for session_id in sessions}
        self.purposes = purposes
        self.reads: list[tuple[str, str | None]] = []

    def catalogue(self, programme_id: str, purpose: str | None = None) -> list[CatalogueRow]:
        """Return a row for each session."""
        return [
            CatalogueRow(
                session_id=session_id,
                parcel_id=f"parcel-{session_id[:4]}",
                programme_id=programme_id,
                participant=session_id[:1] * 31 + "f",
                receipt_id="receipt-1",
                purposes=self.purposes,
                records=len(records),
                size_bytes=1,
                content_digest="0" * 64,
                stored_at="2026-11-24T06:00:00Z",
            )
            for session_id, records in self.sessions.items()
            if purpose is None or purpose in self.purposes
        ]

    def read(self, session_id: str, *, purpose: str | None = None) -> Iterator[Record]:
        """Return a session's records, and note that it was read."""
        self.reads.append((session_id, purpose))
        return iter(self.sessions[session_id])


def everything(row: CatalogueRow, purpose: str) -> bool:
    """Permit what the catalogue says is lent."""
    return purpose in row.purposes


def bytes_below(folder: Path) -> bytes:
    """Return names and bytes of everything below a folder."""
    return b"".join(str(file).encode() + file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())
