"""Takes the end of a session out of its records: what happened from a moment on goes, holes stand in its place, the counts still add up.

Pure but for reading twice; knows no files or keys. Invariant: of what is cut nothing comes out but one hole for each stream with its count;
a picture that stays has all its tiles, and no tile stays that no picture shows.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from witting.device.spool.writer import stream_of
from witting.terms.codec import decode_record, frame_record
from witting.terms.events import STREAMS, Frame, Gap, Tile, Topology
from witting.terms.session import Record, SessionEnd, SessionHeader

_DIGEST_BYTES = 16
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

    def __init__(self, read: Callable[[], Iterator[bytes]], from_ns: int, to_ns: int) -> None:
        self._read = read
        self._from_ns, self._to_ns = from_ns, to_ns
        self._streams: tuple[str, ...] = ()
        kept: Counter[str] = Counter()
        gapped: Counter[str] = Counter()
        tiles: set[str] = set()
        placeholders: set[str] = set()
        is_ended = False
        for data in read():
            record = decode_record(data)
            if isinstance(record, SessionHeader):
                self._streams, self._from_ns = record.streams, max(from_ns, record.started_ns)
            is_ended = is_ended or isinstance(record, SessionEnd)
            if self._goes(record):
                _count(record, kept, gapped)
            elif isinstance(record, Frame):
                tiles |= _tiles_of(record)
            if not self._goes(record) and not isinstance(record, Tile):
                placeholders |= {found.decode() for found in _PLACEHOLDER.findall(data)}
        self.removed = Removed(kept, gapped, frozenset(tiles), frozenset(placeholders), is_ended)

    def records(self) -> Iterator[bytes]:
        """Yield what stays, framed as it lies in files, with the holes at the end or before the session's own end."""
        is_told = False
        for data in self._read():
            record = decode_record(data)
            if isinstance(record, SessionEnd):
                yield from self._holes()
                is_told = True
                yield frame_record(self._ended(record))
            elif not self._goes(record) and not (isinstance(record, Tile) and record.digest not in self.removed.tiles_left):
                yield len(data).to_bytes(4, "little") + data
        if not is_told:
            yield from self._holes()

    def _goes(self, record: Record) -> bool:
        if isinstance(record, SessionHeader | SessionEnd | Tile | Topology):
            return False
        if isinstance(record, Gap):
            return record.from_ns >= self._from_ns
        return max(getattr(record, name, 0) for name in ("timestamp_ns", "end_ns", "to_ns")) >= self._from_ns

    def _holes(self) -> Iterator[bytes]:
        counts = self.removed.kept + self.removed.gapped
        for stream in STREAMS:
            if stream in self._streams or counts[stream]:
                yield frame_record(Gap("participant_removed", stream, self._from_ns, max(self._from_ns, self._to_ns), counts[stream]))

    def _ended(self, end: SessionEnd) -> SessionEnd:
        kept = {stream: count - self.removed.kept[stream] for stream, count in end.kept.items()}
        gapped = dict(Counter(end.gapped) + self.removed.kept)
        return msgspec.structs.replace(end, kept=kept, gapped=gapped)


def _count(record: Record, kept: Counter[str], gapped: Counter[str]) -> None:
    if isinstance(record, Gap):
        gapped[record.stream] += record.count
    elif (stream := stream_of(record)) is not None:
        kept[stream] += 1


def _tiles_of(frame: Frame) -> set[str]:
    return {frame.tiles[at : at + _DIGEST_BYTES].hex() for at in range(0, len(frame.tiles), _DIGEST_BYTES)}
