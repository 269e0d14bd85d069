"""What every importer gives: sessions as records, each with where it comes from, and the names of files that can't be read.

Knows no format. Invariant: imported data says its source and licence in every episode and in its dataset's manifest; it names no receipt,
because there is none, and stands in a dataset of its own, never beside consented recordings.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from witting.terms.events import STREAMS
from witting.terms.session import Record, SessionHeader

NANOSECOND = 1_000_000_000


class Source(NamedTuple):
    """Where data comes from."""

    name: str  # of the importer, such as miniwob-demos
    origin: str  # who published it, and where
    licence: str  # as they state it


class ImportedSession(NamedTuple):
    """One sitting of one person."""

    session_id: str  # 32 hex digits, made from what the source calls it
    participant: str  # 32 hex digits; the source's people stay apart, their names don't come along
    records: Sequence[Record]
    scores: Sequence[float | None] = ()  # what the source's own checker gave, by episode


class Problem(NamedTuple):
    """A file, or a part of one, that was left out, and why."""

    file: str  # below the folder that was imported
    reason: str


Found = ImportedSession | Problem
Importer = Callable[[Path], Iterator[Found]]


def name_of(source: str, *parts: str) -> str:
    """Return the 32 hex digits that stand for something of a source: the same for the same, telling nothing."""
    return hashlib.sha256("\0".join([source, *parts]).encode()).hexdigest()[:32]


def header_of(source: Source, session_id: str, *, started_ns: int, size: tuple[int, int], platform: str) -> SessionHeader:
    """Return the header of an imported session; its receipt is empty."""
    return SessionHeader(
        session_id=session_id,
        programme_id=f"import:{source.name}",
        programme_digest="",
        receipt_id="",
        purposes=(),
        streams=STREAMS,
        recorded_at="",
        started_ns=started_ns,
        platform=platform,
        width_px=size[0],
        height_px=size[1],
    )
