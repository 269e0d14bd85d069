"""Writing a stored session anew without some kinds of recording, under a new key; the old key is overwritten and the old bytes unlinked.

What was taken out leaves a hole that says so, and the session's end counts it. Invariant: one transaction decides: before it the session
is as it was, after it nothing of what was taken out can be opened; done twice it changes nothing.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator
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
from witting.terms.errors import IntegrityError
from witting.terms.events import Gap, Stream
from witting.terms.session import Record, SessionEnd


class _Opened(NamedTuple):
    """A session's objects and what opens them."""

    names: tuple[str, ...]
    key: bytes


def count_held(hub: Hub, connection: Connection, *, session_id: str, streams: Collection[Stream]) -> int:
    """Return how many records of some kinds a stored session holds, by looking at each."""
    opened = _open(hub, connection, session_id=session_id)
    return sum(stream_of(record) in streams for part in _parts(hub, session_id, opened=opened) for record in part)


def cut_session(hub: Hub, session_id: str, *, streams: Collection[Stream]) -> None:
    """Take every record of some kinds out of a stored session; one that holds none is left as it is.

    Raises:
        IntegrityError: an object is missing, changed, or can't be read.
        StoreFullError: there is no room for the new objects; the session is as it was.
    """
    with reading(hub.engine) as connection:
        opened = _open(hub, connection, session_id=session_id)
        if not count_held(hub, connection, session_id=session_id, streams=streams):
            return
    digest, count, gone = hashlib.sha256(), 0, Counter[str]()
    with Resealed(hub, session_id) as resealed:
        for part in _parts(hub, session_id, opened=opened):
            framed = [frame_record(record) for record in _without(part, streams, gone=gone)]
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


def _without(part: Collection[Record], streams: Collection[Stream], *, gone: Counter[str]) -> Iterator[Record]:
    """Yield the records but those of some kinds, a hole for each kind taken out, and the end with what it counts now."""
    taken: dict[Stream, list[int]] = {}
    for record in part:
        stream = stream_of(record)
        if stream is not None and stream in streams:
            taken.setdefault(stream, []).append(getattr(record, "timestamp_ns", 0))
            continue
        if isinstance(record, SessionEnd):
            yield from _holes(taken, gone=gone)
            taken = {}
            kept = {name: count for name, count in record.kept.items() if name not in streams}
            yield msgspec.structs.replace(record, kept=kept, gapped={**record.gapped, **dict(gone)})
        else:
            yield record
    yield from _holes(taken, gone=gone)


def _holes(taken: dict[Stream, list[int]], *, gone: Counter[str]) -> Iterator[Gap]:
    for stream, times in taken.items():
        gone[stream] += len(times)
        known = [at for at in times if at] or [0]
        yield Gap("participant_removed", stream, min(known), max(known), len(times))
