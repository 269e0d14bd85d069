"""Consent records as the gate needs them: a participant's receipts with the status they have now, and the programme they were given for.

Knows nothing of how consent is given (`door`). Invariant: a receipt whose signature isn't the hub's own is never handed to the gate.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select

from witting.consent.states import YES
from witting.hub.schema import consent, programme
from witting.ledger.keys import open_signed
from witting.terms.consent import ConsentReceipt
from witting.terms.errors import NoticeChangedError, UsageError
from witting.terms.programme import Programme
from witting.terms.session import Signed


class ProgrammeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a programme as the hub keeps it."""

    programme: Programme  # what is asked
    digest: str  # sha256 of its RFC 8785 bytes
    notice_markdown: str  # the notice people read
    notice_digest: str  # sha256 of that text


def receipts_of(connection: Connection, controller_key: bytes, *, participant: str, programme_id: str) -> tuple[ConsentReceipt, ...]:
    """Return all receipts of a participant in a programme, each with its present status."""
    return _receipts(connection, controller_key, which=(consent.c.participant == participant) & (consent.c.programme_id == programme_id))


def programme_of(connection: Connection, digest: str) -> Programme:
    """Return the version of a programme that has this digest; every consent names one that is here."""
    body = connection.execute(select(programme.c.body).where(programme.c.programme_digest == digest)).scalar_one()
    return msgspec.json.decode(body, type=Programme)


def programme_in_force(connection: Connection, programme_id: str) -> ProgrammeRecord:
    """Return the version of a programme that is in force.

    Raises:
        UsageError: the hub runs no programme of that id.
    """
    found = programmes_in_force(connection, programme_id)
    if not found:
        raise UsageError("the hub runs no programme of that id", hint="ask whoever invited you for a new link")
    return found[0]


def programmes_in_force(connection: Connection, programme_id: str | None = None) -> list[ProgrammeRecord]:
    """Return the versions in force of all programmes, or of one."""
    rows = select(programme).where(programme.c.is_in_force).order_by(programme.c.programme_id)
    if programme_id is not None:
        rows = rows.where(programme.c.programme_id == programme_id)
    return [
        ProgrammeRecord(
            programme=msgspec.json.decode(row.body, type=Programme),
            digest=row.programme_digest,
            notice_markdown=row.notice_markdown,
            notice_digest=row.notice_digest,
        )
        for row in connection.execute(rows)
    ]


def people_lending(connection: Connection, programme_id: str) -> int:
    """Return how many people lend in a programme now; shown only in steps of its group minimum."""
    lending = select(func.count(consent.c.participant.distinct())).where(
        consent.c.programme_id == programme_id, consent.c.status.in_(sorted(YES))
    )
    return int(connection.execute(lending).scalar_one())


def check_current(record: ProgrammeRecord, *, programme_digest: str, notice_digest: str | None = None) -> None:
    """Check that what a participant saw is what is in force.

    Raises:
        NoticeChangedError: the programme or its notice changed since.
    """
    if programme_digest != record.digest or (notice_digest is not None and notice_digest != record.notice_digest):
        raise NoticeChangedError(
            "the programme or its notice changed since you read it; nothing was stored",
            hint="run `witting join` again and read the new one",
        )


def _receipts(connection: Connection, controller_key: bytes, *, which: ColumnElement[bool]) -> tuple[ConsentReceipt, ...]:
    rows: Sequence[tuple[bytes, str]] = connection.execute(
        select(consent.c.receipt, consent.c.status).where(which).order_by(consent.c.given_at)
    ).all()
    return tuple(
        msgspec.structs.replace(
            open_signed(msgspec.json.decode(receipt, type=Signed), "receipt", statement_type=ConsentReceipt, key=controller_key),
            status=status,
        )
        for receipt, status in rows
    )
