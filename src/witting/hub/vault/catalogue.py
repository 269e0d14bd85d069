"""The catalogue: which sessions are stored, and for which of their purposes consent is in force now.

Reads tables and asks the gate; opens nothing. Invariant: a row is only given with purposes that the gate allows at this moment.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from witting.hub.consents import programme_of, receipts_of
from witting.hub.lending import Lending
from witting.hub.schema import session
from witting.terms.hub import CatalogueRow

SessionRow = Row[Any]
"""A row of the table `session`."""


def rows_in_force(
    connection: Connection, controller_key: bytes, *, programme_id: str, purpose: str | None, at: datetime
) -> list[CatalogueRow]:
    """Return the stored sessions of a programme that may be used now, for one purpose or for any, by session id."""
    stored = select(session).where(session.c.programme_id == programme_id, session.c.state == "stored").order_by(session.c.session_id)
    found = []
    for row in connection.execute(stored).all():
        purposes = lending_of(connection, controller_key, row=row, at=at).purposes_in_force()
        if purposes and (purpose is None or purpose in purposes):
            found.append(catalogue_row(row, [one for one in row.purposes.split() if one in purposes]))
    return found


def lending_of(connection: Connection, controller_key: bytes, *, row: SessionRow, at: datetime) -> Lending:
    """Return what the gate is asked about a stored session: under the version it was lent for, with the latest choice made about that."""
    every = receipts_of(connection, controller_key, participant=row.participant, programme_id=row.programme_id)
    digest = next(receipt.programme_digest for receipt in every if receipt.receipt_id == row.receipt_id)
    receipts = [receipt for receipt in every if receipt.programme_digest == digest]
    return Lending([receipts], programme_of(connection, digest), purposes=row.purposes.split(), at=at)


def catalogue_row(row: SessionRow, purposes: Sequence[str]) -> CatalogueRow:
    """Return a stored session as the lab may see it."""
    return CatalogueRow(
        session_id=row.session_id,
        parcel_id=row.parcel_id,
        programme_id=row.programme_id,
        participant=row.participant,
        receipt_id=row.receipt_id or "",
        purposes=tuple(purposes),
        records=row.records,
        size_bytes=row.size_bytes,
        content_digest=row.content_digest,
        stored_at=row.stored_at,
    )
