"""Erasing sessions, step by step: use stops, the log entry is written, the keys go, then the bytes, then a scan has to find nothing.

The steps are a durable job: killed anywhere, the rest is done at the next start. Invariant: no key or byte goes before the log holds an
entry that says so, and no deletion receipt is signed before a scan of store, staging and keys finds none of what it counts.
"""

import secrets
import time
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, delete, select, update

from witting.hub import schema
from witting.hub.database import scrub
from witting.hub.hub import Hub
from witting.hub.jobs import Job, OutsideStep, Step, open_job, open_jobs, run_job
from witting.hub.journal import Deed
from witting.hub.staging import drop_staging, staged_sizes
from witting.hub.vault.cutting import count_held, cut_session
from witting.hub.vault.handouts import handouts_with
from witting.hub.vault.lineage import datasets_with, made_of, models_with
from witting.hub.vault.recalls import open_recalls, recall_of
from witting.terms.consent import DeletionReceipt, Item
from witting.terms.errors import IntegrityError, StoreLockedError, UsageError
from witting.terms.events import Stream
from witting.terms.session import Signed

ERASURE = "erasure"
_AGAIN = "the erasure is tried again when the request is repeated, and at the next start"
_SCRUB_TRIES = 40
_SCRUB_PAUSE_S = 0.25


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure is about."""

    participant: str  # whose sessions
    programme_id: str  # in which programme
    sessions: tuple[str, ...]  # which, sorted
    uploads: tuple[str, ...]  # unfinished uploads of them
    why: str  # "withdrawal" or "retention"
    cuts: tuple[str, ...] = ()  # sessions that stay without `streams`
    streams: tuple[Stream, ...] = ()  # kinds that are taken out of them, as far as they are there
    narrowed: tuple[str, ...] = ()  # sessions that stay, and aren't lent for `purposes` any more
    purposes: tuple[str, ...] = ()  # what nothing is lent for any more
    items: tuple[Item, ...] = ()  # what is taken out of `cuts` besides


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan of store, staging and keys finds of some sessions."""

    objects: int = 0
    keys: int = 0
    size_bytes: int = 0
    names: tuple[str, ...] = ()  # of all of it, sorted


def subjects_of(connection: Connection, sessions: Sequence[str], *, why: str) -> list[Subject]:
    """Return what to erase for these stored sessions, one subject for each participant and programme.

    Raises:
        UsageError: a session isn't in the vault.
    """
    wanted = sorted(set(sessions))
    found = connection.execute(
        select(schema.session).where(schema.session.c.session_id.in_(wanted), schema.session.c.state == "stored")
    ).all()
    if len(found) != len(wanted):
        message = f"{len(wanted) - len(found)} of {len(wanted)} sessions aren't in the vault; nothing was erased"
        raise UsageError(message, hint="the catalogue shows what is there")
    owners = sorted({(row.participant, row.programme_id) for row in found})
    return [
        Subject(
            participant=participant,
            programme_id=programme_id,
            sessions=tuple(sorted(row.session_id for row in found if (row.participant, row.programme_id) == (participant, programme_id))),
            uploads=(),
            why=why,
        )
        for participant, programme_id in owners
    ]


def begin_erasure(hub: Hub, connection: Connection, *, subject: Subject) -> str:
    """Stop all use of the sessions in the caller's transaction and write the job down that erases them; return its id."""
    connection.execute(update(schema.session).where(schema.session.c.session_id.in_(subject.sessions)).values(state="forgotten"))
    connection.execute(delete(schema.upload).where(schema.upload.c.upload_id.in_(subject.uploads)))
    return open_job(hub, connection, kind=ERASURE, steps=STEPS, subject=subject)


def finish_erasure(hub: Hub, job_id: str) -> Signed:
    """Do what is left of an erasure and return the signed deletion receipt; a finished one only returns it.

    Raises:
        StoreLockedError: a reader keeps the database from letting go of the keys; the erasure goes on at the next try or start.
        IntegrityError: a scan still finds something.
    """
    job = run_job(hub, job_id, steps=STEPS)
    return msgspec.convert(job.results["sign"], type=Signed)


def resume_erasures(hub: Hub) -> int:
    """Finish every erasure that a crash cut; return how many there were."""
    waiting = open_jobs(hub, ERASURE)
    for job_id in waiting:
        finish_erasure(hub, job_id)
    return len(waiting)


def scan(hub: Hub, connection: Connection, *, sessions: Sequence[str], uploads: Sequence[str]) -> Found:
    """Return what is there of these sessions: listed by the object store and the staging folder, keys counted in their table."""
    stored = {name: size for session_id in sessions for name, size in hub.objects.sizes(session_id).items()}
    staged = {
        f"staging/{upload_id[:8]}/{place}": size for upload_id in uploads for place, size in enumerate(staged_sizes(hub.config, upload_id))
    }
    kept = select(schema.vault_key.c.session_id).where(schema.vault_key.c.session_id.in_(sessions))
    keys = [f"key/{name}" for name in connection.execute(kept).scalars()]
    sizes = {**stored, **staged}
    return Found(objects=len(sizes), keys=len(keys), size_bytes=sum(sizes.values()), names=tuple(sorted([*sizes, *keys])))


def _count(hub: Hub, connection: Connection, job: Job) -> dict[str, object]:
    """Count what will go, and enter the erasure in the log before anything does."""
    subject = _subject(job)
    found = scan(hub, connection, sessions=subject.sessions, uploads=subject.uploads)
    held = _held(hub, connection, subject=subject)
    touched = made_of(connection, subject.sessions, also=(*subject.cuts, *subject.narrowed), purposes=subject.purposes)
    receipt = DeletionReceipt(
        deletion_id=secrets.token_hex(16),
        participant=subject.participant,
        programme_id=subject.programme_id,
        sessions=subject.sessions,
        objects=found.objects,
        keys_destroyed=found.keys,
        bytes_erased=found.size_bytes,
        datasets_touched=tuple(sorted({*datasets_with(connection, subject.sessions), *touched["dataset"]})),
        models_touched=tuple(sorted({*models_with(connection, subject.sessions), *touched["model"]})),
        erased_at="",
        log_index=-1,
        records_removed=held,
        found=found.names,
        purposes=subject.purposes,
        streams=subject.streams,
        items=subject.items,
    )
    index = hub.journal.record(
        connection,
        Deed(
            kind="erasure",
            done_at=hub.stamp(),
            participant=subject.participant,
            fields={
                "deletion_id": receipt.deletion_id,
                "sessions": subject.sessions,
                "objects": found.objects,
                "keys": found.keys,
                "bytes": found.size_bytes,
                "why": subject.why,
                "records": held,
            },
        ),
    )
    counted: dict[str, object] = msgspec.to_builtins(msgspec.structs.replace(receipt, log_index=index))
    return counted


def _recall(hub: Hub, connection: Connection, job: Job) -> dict[str, str]:
    """Write down what has to leave which dataset version and model, and who is to be told; return by when, by export."""
    subject = _subject(job)
    if subject.why != "withdrawal":
        return {}
    touched = made_of(connection, subject.sessions, also=(*subject.cuts, *subject.narrowed), purposes=subject.purposes)
    exports = handouts_with(connection, (*subject.sessions, *subject.cuts, *subject.narrowed), purposes=subject.purposes)
    touched["export"] = exports
    open_recalls(hub, connection, programme_id=subject.programme_id, touched=touched, job_id=job.job_id)
    return {name: recall_of(connection, "export", name=name).due_at for name in exports}


def _destroy_keys(hub: Hub, connection: Connection, job: Job) -> bool:
    """Delete the keys' rows; secure_delete overwrites them with zeros."""
    del hub
    connection.execute(delete(schema.vault_key).where(schema.vault_key.c.session_id.in_(_subject(job).sessions)))
    return True


def _cut(hub: Hub, job: Job) -> bool:
    """Write the sessions that stay anew, without the kinds and items that were withdrawn."""
    subject = _subject(job)
    for session_id in subject.cuts:
        cut_session(hub, session_id, streams=subject.streams, items=subject.items)
    return True


def _held(hub: Hub, connection: Connection, *, subject: Subject) -> int:
    """Count, by looking, what sessions that stay hold of the kinds and items that were withdrawn."""
    return sum(count_held(hub, connection, session_id=one, streams=subject.streams, items=subject.items) for one in subject.cuts)


def _scrub(hub: Hub, job: Job) -> bool:
    """Have the database let go of what was deleted, files and write-ahead log alike."""
    del job
    for _ in range(_SCRUB_TRIES):
        if scrub(hub.engine):
            return True
        time.sleep(_SCRUB_PAUSE_S)
    raise StoreLockedError(
        "a reader keeps the database from letting go of erased keys", hint="end long reads; the erasure goes on at the next try or start"
    )


def _unlink(hub: Hub, job: Job) -> bool:
    """Unlink the bytes, as the store itself lists them.

    Raises:
        IntegrityError: something can't be unlinked.
    """
    subject = _subject(job)
    for session_id in subject.sessions:
        for name in hub.objects.sizes(session_id):
            hub.objects.remove(name)
    for upload_id in subject.uploads:
        drop_staging(hub.config, upload_id)
    if any(hub.objects.sizes(session_id) for session_id in subject.sessions):
        raise IntegrityError("objects of an erased session can't be unlinked", hint=_AGAIN)
    return True


def _settle(hub: Hub, connection: Connection, job: Job) -> tuple[str, ...]:
    """Check that a scan finds nothing, and leave tombstones that keep the sessions from being sent again."""
    subject = _subject(job)
    _unlink(hub, job)  # whatever a commit that was under way put there since
    left = scan(hub, connection, sessions=subject.sessions, uploads=subject.uploads)
    if left.names or _held(hub, connection, subject=subject):
        raise IntegrityError("something of an erased session is still there", hint=_AGAIN)
    connection.execute(delete(schema.vault_object).where(schema.vault_object.c.session_id.in_(subject.sessions)))
    connection.execute(
        update(schema.session)
        .where(schema.session.c.session_id.in_(subject.sessions))
        .values(state="erased", participant="", receipt_id=None, purposes="", records=0, size_bytes=0, content_digest="")
    )
    connection.execute(delete(schema.upload).where(schema.upload.c.session_id.in_(subject.sessions)))
    for session_id in subject.sessions:
        hub.journal.forget_opening(connection, kind="upload_stored", session_id=session_id)
    return left.names


def _sign(hub: Hub, connection: Connection, job: Job) -> Signed:
    """Sign the deletion receipt."""
    del connection
    counted = msgspec.convert(job.results["count"], type=DeletionReceipt)
    told_by: dict[str, str] = job.results.get("recall", {})  # none in jobs of an older version
    signed = msgspec.structs.replace(
        counted,
        erased_at=hub.stamp(),
        left=() if job.results["settle"] is True else tuple(job.results["settle"]),  # True in jobs of an older version
        exports_touched=tuple(sorted(told_by)),
        exports_told_by=max(told_by.values(), default=""),
    )
    return hub.keys.signing.sign("deletion", signed)


def _subject(job: Job) -> Subject:
    return msgspec.convert(job.subject, type=Subject)


STEPS: tuple[Step | OutsideStep, ...] = (
    Step("count", _count),
    Step("recall", _recall),
    Step("destroy_keys", _destroy_keys),
    OutsideStep("cut", _cut),
    OutsideStep("scrub", _scrub),
    OutsideStep("unlink", _unlink),
    Step("settle", _settle),
    OutsideStep("scrub_rest", _scrub),
    Step("sign", _sign),
)
