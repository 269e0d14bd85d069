"""What would leave, and the parcel made of exactly that.

The page, the command line and the parcel all read the same `preview`; the digest the page shows is the digest of the parcel's content.
Knows nothing of the network. Invariant: a parcel's bytes decode to the records of the preview, in order, and to nothing else.
"""

import hashlib
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import zstandard

from witting.device.marking import apply_marks
from witting.device.shifting import shifted
from witting.device.spool import Spool, stream_of
from witting.ledger.keys import seal_to
from witting.ledger.pseudonyms import new_session_id
from witting.ledger.seals import new_key, seal_object
from witting.terms.codec import frame_record
from witting.terms.errors import UsageError
from witting.terms.events import Frame, Gap, GapReason, Stream, TextInput
from witting.terms.findings import FindingKind
from witting.terms.review import DropSession, Mark
from witting.terms.session import Parcel, Record, SealedObject, SessionHeader

OBJECT_BYTES = 1024 * 1024  # of records, before compression
OBJECT_NAME = b"witting-object\0"


@dataclass(frozen=True, slots=True)
class SealingTerms:
    """Under what a parcel is made."""

    participant: str  # pseudonym within the programme
    box_key: bytes  # the hub's X25519 key: only the hub can open the parcel's key
    reviewed_at: str  # RFC 3339 UTC


@dataclass(slots=True)
class Summary:
    """What would leave, in numbers, and what was taken out and why."""

    content_digest: str = ""  # sha256 (hex) over the records as they'd leave
    records: int = 0  # of every type
    size_bytes: int = 0  # before compression and sealing
    pictures: int = 0
    texts: int = 0
    kept: Counter[Stream] = field(default_factory=Counter)  # records per stream
    findings: Counter[FindingKind] = field(default_factory=Counter)  # placeholders and masks by kind
    gaps: Counter[tuple[GapReason, Stream]] = field(default_factory=Counter)  # items that aren't here, by reason
    started_ns: int = 0  # of the first record, on the clock of the session
    ended_ns: int = 0  # of the last


def preview(spool: Spool, session_id: str, *, marks: Sequence[Mark]) -> Iterator[Record]:
    """Yield exactly what would leave of a session under these marks, on a clock of its own (`shifting`), which marks are on too.

    Raises:
        UsageError: there is no such session.
        IntegrityError: what lies on the disk was changed; nothing of it can leave.
    """
    yield from apply_marks(shifted(list(spool.read(session_id))), marks)


def summarise(records: Iterable[Record]) -> Summary:
    """Return the numbers of what would leave."""
    summary = Summary()
    content = hashlib.sha256()
    for record in records:
        data = frame_record(record)
        content.update(data)
        summary.records += 1
        summary.size_bytes += len(data)
        _count(record, summary)
    summary.content_digest = content.hexdigest()
    return summary


def _count(record: Record, summary: Summary) -> None:
    if isinstance(record, SessionHeader):
        summary.started_ns = summary.ended_ns = record.started_ns
    if isinstance(record, Gap):
        summary.gaps[record.reason, record.stream] += record.count
    elif (stream := stream_of(record)) is not None:
        summary.kept[stream] += 1
    summary.pictures += isinstance(record, Frame)
    summary.texts += isinstance(record, TextInput)
    summary.ended_ns = max(summary.ended_ns, getattr(record, "timestamp_ns", 0))
    for finding in getattr(record, "findings", ()):
        summary.findings[finding.kind] += 1


def make_parcel(spool: Spool, session_id: str, *, marks: Sequence[Mark], terms: SealingTerms) -> tuple[Parcel, dict[str, bytes]]:
    """Return the parcel of what `preview` shows, and its sealed objects by digest.

    Raises:
        UsageError: the session is marked as dropped, or there is none.
        IntegrityError: what lies on the disk was changed, or isn't whole enough to leave.
    """
    if any(isinstance(mark, DropSession) for mark in marks):
        message = f"session {session_id[:8]} is marked as not to leave"
        raise UsageError(message, hint="take the mark back on its page, or delete it with `witting drop`")
    header = spool.info(session_id).header
    key = new_key()
    objects: dict[str, bytes] = {}
    content, count = hashlib.sha256(), 0
    for index, run in enumerate(_runs(preview(spool, session_id, marks=marks))):
        sealed = seal_object(key, zstandard.compress(b"".join(run), 9), name=OBJECT_NAME + struct.pack("<I", index))
        objects[hashlib.sha256(sealed).hexdigest()] = sealed
        content.update(b"".join(run))
        count += len(run)
    parcel = Parcel(
        parcel_id=new_session_id(),
        session_id=session_id,
        programme_id=header.programme_id,
        programme_digest=header.programme_digest,
        participant=terms.participant,
        receipt_id=header.receipt_id,
        purposes=header.purposes,
        objects=tuple(SealedObject(digest, len(sealed)) for digest, sealed in objects.items()),
        content_digest=content.hexdigest(),
        records=count,
        sealed_key=seal_to(terms.box_key, key),
        reviewed_at=terms.reviewed_at,
    )
    return parcel, objects


def _runs(records: Iterable[Record]) -> Iterator[list[bytes]]:
    """Yield the framed records in runs of about an object's size."""
    run: list[bytes] = []
    size = 0
    for record in records:
        run.append(frame_record(record))
        size += len(run[-1])
        if size >= OBJECT_BYTES:
            yield run
            run, size = [], 0
    if run:
        yield run
