"""Taking parcels in: asked of the gate at the intent, object by object into staging, asked of the gate again before anything is kept.

An upload broken off anywhere goes on where it was; a parcel sent twice gets the same answer. Invariant: nothing of a session is in the
vault unless the gate said yes inside the very transaction that put it there.
"""

import secrets
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from witting.hub import schema
from witting.hub.database import reading, writing
from witting.hub.door.asking import Asked, ask_about, check_shape, lending_for, refused
from witting.hub.door.contents import Contents
from witting.hub.hub import Hub
from witting.hub.lending import Lending
from witting.hub.staging import drop_staging, read_staged, stage, staged
from witting.hub.vault.sealing import unpack
from witting.hub.vault.storing import Resealed
from witting.ledger.keys import digest_of, open_signed
from witting.ledger.seals import open_object
from witting.terms.errors import IntegrityError, NoConsentError, NoticeChangedError, StoreFullError, UsageError
from witting.terms.hub import ParcelAnswer, UploadIntent, UploadState
from witting.terms.session import Parcel, Signed

ENDED = "this upload isn't open: withdrawn, refused or never begun"
ENDED_HINT = "send the session again if you still lend it"
_OBJECT_NAME = b"witting-object\0"


def open_upload(hub: Hub, signed: Signed) -> UploadState:
    """Take the intent to send a parcel and return what is still missing of it.

    Raises:
        SignatureError: intent or parcel was changed, or isn't from whom it names.
        NoConsentError, NoticeChangedError: the gate says no; not a byte is taken.
        UsageError, StoreFullError: the parcel is larger than the hub takes, or the hub is full.
    """
    intent = open_signed(signed, "upload", statement_type=UploadIntent)
    parcel = open_signed(intent.parcel, "parcel", statement_type=Parcel, key=signed.key)
    check_shape(hub.config, parcel)
    with writing(hub.engine) as connection:
        row = _known_upload(connection, parcel)
        if row is not None and row.answer is not None:
            return UploadState(upload_id=row.upload_id, missing=())
        lending_for(hub, ask_about(hub, connection, parcel=parcel, signer=signed.key), parcel=parcel)
        replaced = _make_room(hub, connection, parcel=parcel) if row is None else []
        upload_id = _enter(hub, connection, parcel=parcel, signed=intent.parcel) if row is None else str(row.upload_id)
    for stale in replaced:
        drop_staging(hub.config, stale)
    return UploadState(upload_id=upload_id, missing=_missing(hub, upload_id, parcel=parcel))


def put_object(hub: Hub, upload_id: str, *, digest: str, data: bytes) -> None:
    """Keep one sealed object of an open upload until the parcel is complete.

    Raises:
        UsageError: the parcel doesn't name it.
        NoConsentError: the upload was ended, by a withdrawal for instance.
        IntegrityError: the bytes aren't those of that digest.
        StoreFullError: there is no room.
    """
    with reading(hub.engine) as connection:
        parcel = _parcel(_upload(connection, upload_id))
    if (digest, len(data)) not in {(entry.digest, entry.size_bytes) for entry in parcel.objects}:
        raise UsageError("the parcel names no object of that digest and size", hint="send what the hub lists as missing")
    stage(hub.config, upload_id, digest=digest, data=data)
    with reading(hub.engine) as connection:
        row = _find(connection, upload_id)
    if row is None or row.answer is not None:  # withdrawn or stored while this object came in
        drop_staging(hub.config, upload_id)


def knows_upload(hub: Hub, upload_id: str) -> bool:
    """Whether there is an upload of that id, open or stored."""
    with reading(hub.engine) as connection:
        return _find(connection, upload_id) is not None


def commit_upload(hub: Hub, upload_id: str) -> ParcelAnswer:
    """Check a complete parcel through and through, put it into the vault and return the proof that the log holds it.

    Raises:
        UsageError: objects are missing; they can still be sent.
        IntegrityError: something isn't as it was signed; the whole upload was thrown away.
        NoConsentError, NoticeChangedError: the gate says no; the whole upload was thrown away.
        StoreFullError: there is no room; the upload can go on later.
    """
    with reading(hub.engine) as connection:
        row = _upload(connection, upload_id)
    if row.answer is not None:
        return msgspec.json.decode(row.answer, type=ParcelAnswer)
    parcel = _parcel(row)
    missing = _missing(hub, upload_id, parcel=parcel)
    if missing:
        message = f"{len(missing)} of {len(parcel.objects)} objects are still missing"
        raise UsageError(message, hint="send them, then commit again")
    try:
        with Resealed(hub, parcel.session_id) as resealed:
            lending = _check_and_seal(hub, row, parcel=parcel, resealed=resealed)
            answer = _store(hub, row, parcel=parcel, lending=lending, resealed=resealed)
    except (IntegrityError, NoConsentError, NoticeChangedError):
        if (known := _throw_away(hub, upload_id)) is not None:
            return known
        raise
    drop_staging(hub.config, upload_id)
    return answer


def _check_and_seal(hub: Hub, row: Row[Any], *, parcel: Parcel, resealed: Resealed) -> Lending:
    """Open, check and seal anew each object in turn; return what the gate was asked."""
    with reading(hub.engine) as connection:
        asked = _asked(hub, connection, row=row, parcel=parcel)
    lending = lending_for(hub, asked, parcel=parcel)
    contents = Contents(parcel, asked.receipt, lending=lending, at=hub.now())
    key = hub.keys.box.open(parcel.sealed_key)
    for ordinal, entry in enumerate(parcel.objects):
        sealed = read_staged(hub.config, row.upload_id, digest=entry.digest)
        packed = open_object(key, sealed, name=_OBJECT_NAME + ordinal.to_bytes(4, "little"))
        contents.check(unpack(packed))
        resealed.add(packed)
    contents.finish()
    return lending


def _store(hub: Hub, row: Row[Any], *, parcel: Parcel, lending: Lending, resealed: Resealed) -> ParcelAnswer:
    """Ask the gate once more and enter the session, in one transaction."""
    table = schema.upload
    with writing(hub.engine) as connection:
        present = _upload(connection, row.upload_id)
        if present.answer is not None:  # the same commit came twice at once
            return msgspec.json.decode(present.answer, type=ParcelAnswer)
        asked = _asked(hub, connection, row=row, parcel=parcel)
        if not lending.holds_for(asked.choices, asked.record.programme, at=hub.now()):
            raise refused(lending, what="the session")
        index = resealed.enter(connection, parcel, parcel_digest=row.parcel_digest)
        answer = ParcelAnswer(
            parcel_id=parcel.parcel_id,
            session_id=parcel.session_id,
            proof=hub.journal.prove(connection, index, is_opened=True),
        )
        kept = update(table).where(table.c.upload_id == row.upload_id).values(answer=msgspec.json.encode(answer))
        connection.execute(kept)
    resealed.keep()
    return answer


def _asked(hub: Hub, connection: Connection, *, row: Row[Any], parcel: Parcel) -> Asked:
    return ask_about(hub, connection, parcel=parcel, signer=msgspec.json.decode(row.parcel, type=Signed).key)


def _throw_away(hub: Hub, upload_id: str) -> ParcelAnswer | None:
    """Leave nothing of an upload that was refused; return the answer instead if the same commit, come twice at once, was through first."""
    with writing(hub.engine) as connection:
        row = _find(connection, upload_id)
        if row is not None and row.answer is not None:
            return msgspec.json.decode(row.answer, type=ParcelAnswer)
        connection.execute(delete(schema.upload).where(schema.upload.c.upload_id == upload_id))
    drop_staging(hub.config, upload_id)
    return None


def _known_upload(connection: Connection, parcel: Parcel) -> Row[Any] | None:
    """Return the upload of this very parcel; None when it is new.

    Raises:
        IntegrityError: another parcel has this id.
        NoConsentError: the session was withdrawn.
        UsageError: the session was stored from another parcel.
    """
    row = connection.execute(select(schema.upload).where(schema.upload.c.parcel_id == parcel.parcel_id)).one_or_none()
    if row is not None and row.parcel_digest != digest_of(parcel):
        raise IntegrityError("another parcel was sent under this id", hint="make the parcel again; nothing of this one was stored")
    state = connection.execute(select(schema.session.c.state).where(schema.session.c.session_id == parcel.session_id)).scalar()
    if state in {"forgotten", "erased"}:
        raise NoConsentError("this session was withdrawn and can't be sent again", hint="nothing was stored")
    if state == "stored" and row is None:
        raise UsageError("this session was sent before, in another parcel", hint="withdraw it first if it is to be replaced")
    return row


def _make_room(hub: Hub, connection: Connection, *, parcel: Parcel) -> list[str]:
    """Take out unfinished uploads that this parcel replaces and return their ids.

    Raises:
        StoreFullError: the hub has no room for it.
    """
    table = schema.upload
    replaced = list(connection.execute(select(table.c.upload_id).where(table.c.session_id == parcel.session_id)).scalars())
    connection.execute(delete(table).where(table.c.upload_id.in_(replaced)))
    stored = connection.execute(select(func.coalesce(func.sum(schema.session.c.size_bytes), 0))).scalar_one()
    waiting = connection.execute(select(func.coalesce(func.sum(table.c.size_bytes), 0)).where(table.c.answer.is_(None))).scalar_one()
    if int(stored) + int(waiting) + _size(parcel) > hub.config.quota_bytes:
        raise StoreFullError(
            "the hub is full; nothing was stored", hint="the steward can raise `quota_gib`; your session is kept on your device"
        )
    return replaced


def _enter(hub: Hub, connection: Connection, *, parcel: Parcel, signed: Signed) -> str:
    """Write a new upload down and return its id."""
    upload_id = secrets.token_hex(16)
    connection.execute(
        insert(schema.upload).values(
            upload_id=upload_id,
            parcel_id=parcel.parcel_id,
            session_id=parcel.session_id,
            receipt_id=parcel.receipt_id,
            parcel_digest=digest_of(parcel),
            parcel=msgspec.json.encode(signed),
            size_bytes=_size(parcel),
            opened_at=hub.stamp(),
        )
    )
    return upload_id


def _find(connection: Connection, upload_id: str) -> Row[Any] | None:
    return connection.execute(select(schema.upload).where(schema.upload.c.upload_id == upload_id)).one_or_none()


def _upload(connection: Connection, upload_id: str) -> Row[Any]:
    row = _find(connection, upload_id)
    if row is None:
        raise NoConsentError(ENDED, hint=ENDED_HINT)
    return row


def _parcel(row: Row[Any]) -> Parcel:
    return msgspec.json.decode(msgspec.json.decode(row.parcel, type=Signed).payload, type=Parcel)


def _missing(hub: Hub, upload_id: str, *, parcel: Parcel) -> tuple[str, ...]:
    here = staged(hub.config, upload_id)
    return tuple(entry.digest for entry in parcel.objects if entry.digest not in here)


def _size(parcel: Parcel) -> int:
    return sum(entry.size_bytes for entry in parcel.objects)
