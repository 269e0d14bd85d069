"""Writing a stored session anew without some kinds of recording, under a new key; the old key is overwritten and the old bytes unlinked.

What was taken out leaves a hole that says so, and the session's end counts it. Invariant: one transaction decides: before it the session
is as it was, after it nothing of what was taken out can be opened; done twice it changes nothing.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import msgspec
import zstandard
from sqlalchemy import Connection, select, update

from witting.hub.database import reading, writing
from witting.hub.hub import Hub
from witting.hub.lending import stream_of
from witting.hub.schema import session, vault_key, vault_object
from witting.hub.vault.sealing import frames, open_stored, unwrap_key
from witting.hub.vault.storing import Resealed
from witting.terms.codec import decode_record, frame_record
from witting.terms.consent import Item
from witting.terms.errors import IntegrityError
from witting.terms.events import Frame, Gap, Stream, TaskMark, Tile
from witting.terms.session import Record, SessionEnd

_DIGEST_BYTES = 16
_US = 1000  # nanoseconds


class _Opened(NamedTuple):
    """A session's objects and what opens them."""

    names: tuple[str, ...]
    key: bytes


class Sieve:
    """Says which records of one session are taken out: those of some kinds, those of some spans, and tiles that no picture shows then."""

    def __init__(self, streams: Collection[Stream], spans: Collection[Item], *, records: Iterable[Record]) -> None:
        self._streams = frozenset(streams)
        self._spans = tuple(spans)
        self._shown: set[str] | None = None
        if spans:  # a tile may be shown by several pictures
            self._shown = {name for one in records if isinstance(one, Frame) and self.takes(one) is None for name in _tiles(one)}

    def takes(self, record: Record) -> Stream | None:
        """Return the kind that a record is taken out of, None when it stays."""
        stream = stream_of(record)
        if stream is None:
            return "keys" if isinstance(record, TaskMark) and self._is_hit(record) else None
        if stream in self._streams or (not isinstance(record, Tile) and self._is_hit(record)):
            return stream
        is_orphan = self._shown is not None and isinstance(record, Tile) and record.digest not in self._shown
        return stream if is_orphan else None

    def counts(self, record: Record) -> bool:
        """Whether a record that is taken out is one that holes tell of: a task's name and tiles that nothing shows any more aren't."""
        return not isinstance(record, TaskMark) and (not isinstance(record, Tile) or self.is_whole("screen"))

    def is_whole(self, stream: str) -> bool:
        """Whether a kind is taken out as a whole."""
        return stream in self._streams

    def _is_hit(self, record: Record) -> bool:
        start = getattr(record, "timestamp_ns", 0)
        end = getattr(record, "end_ns", start)
        return any(span.from_us <= end // _US and start // _US <= span.to_us for span in self._spans)


def count_held(hub: Hub, connection: Connection, *, session_id: str, streams: Collection[Stream], items: Collection[Item] = ()) -> int:
    """Return how many records of some kinds or spans a stored session holds, by looking at each."""
    opened = _open(hub, connection, session_id=session_id)
    sieve = Sieve(streams, _of(items, session_id), records=_records(hub, session_id, opened=opened))
    return sum(sieve.takes(record) is not None for record in _records(hub, session_id, opened=opened))


def cut_session(hub: Hub, session_id: str, *, streams: Collection[Stream], items: Collection[Item] = ()) -> None:
    """Take every record of some kinds or spans out of a stored session; one that holds none is left as it is.

    Raises:
        IntegrityError: an object is missing, changed, or can't be read.
        StoreFullError: there is no room for the new objects; the session is as it was.
    """
    with reading(hub.engine) as connection:
        opened = _open(hub, connection, session_id=session_id)
        if not count_held(hub, connection, session_id=session_id, streams=streams, items=items):
            return
    sieve = Sieve(streams, _of(items, session_id), records=_records(hub, session_id, opened=opened))
    digest, count, gone = hashlib.sha256(), 0, Counter[str]()
    with Resealed(hub, session_id) as resealed:
        for part in _parts(hub, session_id, opened=opened):
            framed = [frame_record(record) for record in _without(part, sieve, gone=gone)]
            for one in framed:
                digest.update(one)
            count += len(framed)
            resealed.add(zstandard.compress(b"".join(framed)))
        with writing(hub.engine) as connection:
            resealed.replace(connection)
            changed = {"records": count, "content_digest": digest.hexdigest(), "size_bytes": resealed.size_bytes}
            connection.execute(update(session).where(session.c.session_id == session_id).values(**changed))
        resealed.keep()
    for name in opened.names:
        hub.objects.remove(name)


def _open(hub: Hub, connection: Connection, *, session_id: str) -> _Opened:
    wrapped = connection.execute(select(vault_key.c.wrapped).where(vault_key.c.session_id == session_id)).scalar()
    if wrapped is None:
        message = f"the key of session {session_id[:8]} is gone"
        raise IntegrityError(message, hint="nobody can open it again; `witting audit` compares keys and sessions")
    names = select(vault_object.c.name).where(vault_object.c.session_id == session_id).order_by(vault_object.c.ordinal)
    return _Opened(tuple(connection.execute(names).scalars()), unwrap_key(hub.keys.vault, session_id, wrapped=wrapped))


def _parts(hub: Hub, session_id: str, *, opened: _Opened) -> Iterator[list[Record]]:
    """Yield the records of each object."""
    for ordinal, name in enumerate(opened.names):
        packed = open_stored(opened.key, session_id, ordinal=ordinal, sealed=hub.objects.get(name))
        yield [decode_record(data) for data in frames(packed)]


def _records(hub: Hub, session_id: str, *, opened: _Opened) -> Iterator[Record]:
    """Yield every record."""
    for part in _parts(hub, session_id, opened=opened):
        yield from part


def _of(items: Collection[Item], session_id: str) -> tuple[Item, ...]:
    return tuple(item for item in items if item.session_id == session_id)


def _tiles(frame: Frame) -> Iterator[str]:
    """Yield the names of the tiles that a picture shows."""
    for at in range(0, len(frame.tiles), _DIGEST_BYTES):
        yield frame.tiles[at : at + _DIGEST_BYTES].hex()


def _without(part: Collection[Record], sieve: Sieve, *, gone: Counter[str]) -> Iterator[Record]:
    """Yield the records but those that a sieve takes, a hole for each kind taken out, and the end with what it counts now."""
    taken: dict[Stream, list[int]] = {}
    for record in part:
        stream = sieve.takes(record)
        if stream is not None and not sieve.counts(record):
            continue
        if stream is not None:
            taken.setdefault(stream, []).append(getattr(record, "timestamp_ns", 0))
            continue
        if isinstance(record, SessionEnd):
            yield from _holes(taken, gone=gone)
            taken = {}
            kept = {name: count - gone[name] for name, count in record.kept.items() if not sieve.is_whole(name) and count > gone[name]}
            yield msgspec.structs.replace(record, kept=kept, gapped=dict(Counter(record.gapped) + gone))
        else:
            yield record
    yield from _holes(taken, gone=gone)


def _holes(taken: dict[Stream, list[int]], *, gone: Counter[str]) -> Iterator[Gap]:
    for stream, times in taken.items():
        gone[stream] += len(times)
        known = [at for at in times if at] or [0]
        yield Gap("participant_removed", stream, min(known), max(known), len(times))
