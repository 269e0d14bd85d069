"""Takes the end of a session out of its records: what happened from a moment on goes, holes stand in its place, the counts still add up.

Pure but for reading twice; knows no files or keys. Invariant: of what is cut nothing comes out but one hole for each stream with its count;
a picture that stays has all its tiles, and no tile stays that no picture shows.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import msgspec

from witting.device.spool.writer import stream_of
from witting.terms.codec import decode_record, frame_record
from witting.terms.events import (
    GRID_NS,
    STREAMS,
    Frame,
    Gap,
    Hover,
    Key,
    PointerButton,
    PointerPath,
    PointerWheel,
    TextInput,
    Tile,
    Topology,
)
from witting.terms.session import Record, SessionEnd, SessionHeader

_DIGEST_BYTES = 16
_STAYS, _GOES, _TILE, _ENDS = range(4)  # a tile's fate is that of the pictures that show it
_PLACEHOLDER = re.compile("⟨[A-Z]+_[0-9]+⟩".encode())


@dataclass(frozen=True, slots=True)
class Removed:
    """What a cut took out, and what of that kind is left."""

    kept: Counter[str]  # records, by stream
    gapped: Counter[str]  # items that holes had told of, by stream
    tiles_left: frozenset[str]  # digests
    placeholders_left: frozenset[str]
    is_ended: bool  # the session has an end


class Cut:
    """Everything from `from_ns` on goes; `to_ns` is now. `read` yields the session's encoded records, each time from the beginning."""

    def __init__(self, read: Callable[[], Iterator[bytes]], from_ns: int, *, to_ns: int) -> None:
        self._read = read
        self._from_ns, self._to_ns = from_ns, to_ns
        self._streams: tuple[str, ...] = ()
        self._marks = bytearray()  # what becomes of each record
        kept: Counter[str] = Counter()
        gapped: Counter[str] = Counter()
        tiles: set[str] = set()
        placeholders: set[str] = set()
        for data in read():
            record = decode_record(data)
            if isinstance(record, SessionHeader):
                self._streams, self._from_ns = record.streams, max(from_ns, record.started_ns)
            mark = self._mark(record)
            self._marks.append(mark)
            if mark == _GOES:
                _count(record, kept, gapped=gapped)
            elif isinstance(record, Frame):
                tiles |= _tiles_of(record)
            if mark != _GOES and not isinstance(record, Tile):
                placeholders |= {found.decode() for found in _PLACEHOLDER.findall(data)}
        self.removed = Removed(kept, gapped, frozenset(tiles), frozenset(placeholders), _ENDS in self._marks)

    def records(self) -> Iterator[bytes]:
        """Yield what stays, framed as it lies in files, with the holes at the end or before the session's own end."""
        is_told = False
        for mark, data in zip(self._marks, self._read(), strict=True):
            record = decode_record(data) if mark in {_ENDS, _TILE} else None
            if isinstance(record, SessionEnd):
                yield from self._holes()
                is_told = True
                yield frame_record(self._ended(record))
            elif mark != _GOES and not (isinstance(record, Tile) and record.digest not in self.removed.tiles_left):
                yield len(data).to_bytes(4, "little") + data
        if not is_told:
            yield from self._holes()

    def _mark(self, record: Record) -> int:
        if isinstance(record, SessionEnd):
            return _ENDS
        if isinstance(record, Tile):
            return _TILE
        from_ns = self._from_ns - (
            GRID_NS - 1 if isinstance(record, PointerPath | PointerButton | PointerWheel | Hover | Key | TextInput) else 0
        )  # its time may be rounded down
        return _GOES if any(getattr(record, name) >= from_ns for name in _times(type(record))) else _STAYS

    def _holes(self) -> Iterator[bytes]:
        counts = self.removed.kept + self.removed.gapped
        for stream in STREAMS:
            if stream in self._streams or counts[stream]:
                yield frame_record(Gap("participant_removed", stream, self._from_ns, max(self._from_ns, self._to_ns), counts[stream]))

    def _ended(self, end: SessionEnd) -> SessionEnd:
        kept = {stream: count - self.removed.kept[stream] for stream, count in end.kept.items()}
        gapped = dict(Counter(end.gapped) + self.removed.kept)
        return msgspec.structs.replace(end, kept=kept, gapped=gapped)


@cache
def _times(kind: type) -> tuple[str, ...]:
    """Return which fields of a kind of record say when it happened: it goes if any of them lies within the cut."""
    if kind in {SessionHeader, Topology}:
        return ()
    names = ("from_ns",) if kind is Gap else ("timestamp_ns", "end_ns", "to_ns")
    return tuple(name for name in names if name in getattr(kind, "__struct_fields__", ()))


def _count(record: Record, kept: Counter[str], *, gapped: Counter[str]) -> None:
    if isinstance(record, Gap):
        gapped[record.stream] += record.count
    elif (stream := stream_of(record)) is not None:
        kept[stream] += 1


def _tiles_of(frame: Frame) -> set[str]:
    return {frame.tiles[at : at + _DIGEST_BYTES].hex() for at in range(0, len(frame.tiles), _DIGEST_BYTES)}
