"""Reads a hub into evidence: its tables and folders themselves, not the answers of the code under audit.

Knows nothing of what should hold (`checks`). Invariant: reading changes nothing, and no recorded content is opened.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import msgspec
from sqlalchemy import Connection, Table, select

from witting.audit.evidence import Deed, Filed, Held, HubCopy
from witting.hub import schema
from witting.hub.database import reading
from witting.hub.hub import open_hub_at
from witting.hub.log_store import SqlLogStore
from witting.ledger.keys import open_signed
from witting.ledger.log import verifier_key, write_export
from witting.terms.consent import ConsentReceipt, DeletionReceipt
from witting.terms.errors import UsageError
from witting.terms.hub import CatalogueRow, LogProof
from witting.terms.programme import Programme
from witting.terms.session import Signed
from witting.terms.work import DatasetManifest, ModelCard

_T = TypeVar("_T")


def read_hub(data_dir: Path) -> HubCopy:
    """Return a copy of what the hub in `data_dir` holds.

    Raises:
        UsageError: there is no hub.
        StoreLockedError: its keys or database can't be opened.
        SignatureError: a receipt in it isn't the hub's own.
    """
    hub = open_hub_at(data_dir)
    public = hub.keys.signing.public
    try:
        with reading(hub.engine) as connection:
            keys = connection.execute(select(schema.vault_key.c.session_id)).scalars().all()
            return HubCopy(
                verifier=verifier_key(hub.config.origin, public),
                checkpoint=hub.journal.present(connection),
                entries=tuple(
                    map(bytes, connection.execute(select(schema.log_entry.c.entry).order_by(schema.log_entry.c.position)).scalars())
                ),
                deeds=_deeds(connection),
                receipts=_receipts(connection, public),
                programmes=_programmes(connection),
                stored=_stored(connection),
                deletions=_deletions(connection, public),
                manifests=_bodies(connection, schema.dataset, kind=DatasetManifest),
                cards=_bodies(connection, schema.model, kind=ModelCard),
                enquiries=_enquiries(connection),
                held=held(hub.config.objects_dir, keys),
            )
    finally:
        hub.engine.dispose()


def prove_entry(data_dir: Path, index: int) -> tuple[LogProof, str]:
    """Return the inclusion proof of a log entry, without its opening, and the verifier key of the log.

    Raises:
        UsageError: there is no hub, or the log has no such entry.
    """
    hub = open_hub_at(data_dir)
    try:
        with reading(hub.engine) as connection:
            return hub.journal.prove(connection, index), verifier_key(hub.config.origin, hub.keys.signing.public)
    except IndexError:
        message = f"the log has no entry {index}"
        raise UsageError(message, hint="`witting audit log` shows how many there are") from None
    finally:
        hub.engine.dispose()


def export_log(data_dir: Path, folder: Path, *, on_progress: Callable[[int, int], None] | None = None) -> int:
    """Write the log of the hub in `data_dir` into a fresh folder and return how many entries it holds.

    Raises:
        UsageError: there is no hub, or the folder isn't empty.
    """
    hub = open_hub_at(data_dir)
    try:
        with reading(hub.engine) as connection:
            checkpoint = hub.journal.checkpoint(connection)
            keys = (verifier_key(hub.config.origin, hub.keys.signing.public), *([hub.config.witness_key] * bool(hub.config.witness_key)))
            return write_export(SqlLogStore(connection), folder, checkpoint=checkpoint, keys=keys, on_progress=on_progress)
    finally:
        hub.engine.dispose()


def held(objects_dir: Path, keys: Iterable[str]) -> dict[str, Held]:
    """Return what is there of each session: files below its folder as the file system lists them, and keys."""
    objects: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for folder, _, names in os.walk(objects_dir):
        session_id = Path(folder).relative_to(objects_dir).parts[:1]
        for name in names:
            objects["".join(session_id)] += 1
            sizes["".join(session_id)] += Path(folder, name).stat().st_size
    kept = Counter(keys)
    return {session_id: Held(objects[session_id], kept[session_id], sizes[session_id]) for session_id in sorted({*objects, *kept})}


def _deeds(connection: Connection) -> tuple[Deed, ...]:
    """Read what the hub says it did."""
    rows = connection.execute(select(schema.deed).order_by(schema.deed.c.position))
    return tuple(Deed(position=row.position, kind=row.kind, session_id=row.session_id, opening=bytes(row.opening)) for row in rows)


def _receipts(connection: Connection, public: bytes) -> tuple[ConsentReceipt, ...]:
    """Read all receipts, each with the status it has now."""
    rows = connection.execute(select(schema.consent.c.receipt, schema.consent.c.status).order_by(schema.consent.c.given_at)).all()
    return tuple(
        msgspec.structs.replace(
            open_signed(_decode(row.receipt, Signed), "receipt", statement_type=ConsentReceipt, key=public), status=row.status
        )
        for row in rows
    )


def _programmes(connection: Connection) -> dict[str, Programme]:
    """Read every version of every programme, by digest."""
    rows = connection.execute(select(schema.programme.c.programme_digest, schema.programme.c.body)).all()
    return {digest: _decode(body, Programme) for digest, body in rows}


def _stored(connection: Connection) -> tuple[CatalogueRow, ...]:
    """Read the stored sessions, with all purposes they were lent for."""
    rows = connection.execute(select(schema.session).where(schema.session.c.state == "stored").order_by(schema.session.c.session_id))
    return tuple(
        CatalogueRow(
            session_id=row.session_id,
            parcel_id=row.parcel_id,
            programme_id=row.programme_id,
            participant=row.participant,
            receipt_id=row.receipt_id or "",
            purposes=tuple(row.purposes.split()),
            records=row.records,
            size_bytes=row.size_bytes,
            content_digest=row.content_digest,
            stored_at=row.stored_at,
        )
        for row in rows
    )


def _deletions(connection: Connection, public: bytes) -> tuple[DeletionReceipt, ...]:
    """Read the signed deletion receipts."""
    step = schema.job_step
    signed = connection.execute(select(step.c.result).where(step.c.name == "sign", step.c.result.is_not(None)).order_by(step.c.job_id))
    return tuple(open_signed(_decode(each, Signed), "deletion", statement_type=DeletionReceipt, key=public) for each in signed.scalars())


def _enquiries(connection: Connection) -> tuple[Filed, ...]:
    """Read the questions and findings; of what people wrote only a digest."""
    rows = connection.execute(select(schema.enquiry).order_by(schema.enquiry.c.position)).all()
    return tuple(
        Filed(
            number=row.position,
            kind=row.kind,
            text_sha256=hashlib.sha256(row.body.encode()).hexdigest(),
            due_at=row.due_at,
            answer_sha256="" if row.answer is None else hashlib.sha256(row.answer.encode()).hexdigest(),
            answer_position=-1 if row.answer_position is None else row.answer_position,
        )
        for row in rows
    )


def _bodies(connection: Connection, table: Table, *, kind: type[_T]) -> tuple[_T, ...]:
    """Read what is registered in a table, in order."""
    return tuple(_decode(body, kind) for body in connection.execute(select(table.c.body).order_by(table.c.position)).scalars())


def _decode(data: bytes, kind: type[_T]) -> _T:
    """Return a JSON value of our own."""
    return msgspec.json.decode(data, type=kind)
