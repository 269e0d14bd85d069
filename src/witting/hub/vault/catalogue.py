"""The catalogue: which sessions are stored, and for which of their purposes consent is in force now.

Reads tables and asks the gate; opens nothing. Invariant: a row is only given with purposes that the gate allows at this moment.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, select

from witting.consent.changes import changes
from witting.hub.consents import programme_of, programmes_in_force, receipts_of
from witting.hub.lending import Lending, Receipts
from witting.hub.schema import session
from witting.terms.consent import ConsentReceipt
from witting.terms.hub import CatalogueRow
from witting.terms.programme import Programme

SessionRow = Row[Any]
"""A row of the table `session`."""


def rows_in_force(
    connection: Connection, controller_key: bytes, *, programme_id: str, purpose: str | None, at: datetime
) -> list[CatalogueRow]:
    """Return the stored sessions of a programme that may be used now, for one purpose or for any, by session id.

    What is lent for figures about groups is in here for nobody else; `group_rows_in_force` lists it.
    """
    stored = select(session).where(session.c.programme_id == programme_id, session.c.state == "stored").order_by(session.c.session_id)
    found = []
    for row in connection.execute(stored).all():
        lending = lending_of(connection, controller_key, row=row, at=at)
        purposes = lending.purposes_in_force() - lending.group_purposes
        if purposes and (purpose is None or purpose in purposes):
            found.append(catalogue_row(row, [one for one in row.purposes.split() if one in purposes]))
    return found


def group_rows_in_force(connection: Connection, controller_key: bytes, *, programme_id: str, at: datetime) -> list[CatalogueRow]:
    """Return the stored sessions that are lent for figures about groups now, by session id."""
    stored = select(session).where(session.c.programme_id == programme_id, session.c.state == "stored").order_by(session.c.session_id)
    found = []
    for row in connection.execute(stored).all():
        lending = lending_of(connection, controller_key, row=row, at=at)
        if purposes := lending.purposes_in_force() & lending.group_purposes:
            found.append(catalogue_row(row, sorted(purposes)))
    return found


def lent_sessions(
    connection: Connection, controller_key: bytes, *, sessions: Collection[str], purpose: str, at: datetime
) -> frozenset[str]:
    """Return those of the sessions that are stored and lent for a purpose now."""
    stored = select(session).where(session.c.session_id.in_(sessions), session.c.state == "stored")
    found = []
    for row in connection.execute(stored).all():
        lending = lending_of(connection, controller_key, row=row, at=at)
        if purpose in lending.purposes_in_force() - lending.group_purposes:
            found.append(row.session_id)
    return frozenset(found)


def lending_of(connection: Connection, controller_key: bytes, *, row: SessionRow, at: datetime) -> Lending:
    """Return what the gate is asked about a stored session: under the version it was lent for, with the latest choice made about that.

    Once a version is in force that obliges to ask again, nothing is lent until the participant said yes to it. Where they chose under a
    later version, that choice has to permit it too.
    """
    every = receipts_of(connection, controller_key, participant=row.participant, programme_id=row.programme_id)
    recorded = next(receipt for receipt in every if receipt.receipt_id == row.receipt_id)
    digest = recorded.programme_digest
    programme = programme_of(connection, digest)
    receipts = [receipt for receipt in every if receipt.programme_digest == digest]
    later = _later_choice(connection, programme.id, digest=digest, every=every)
    return Lending([receipts], programme, purposes=row.purposes.split(), at=at, later=later, recorded=recorded)


def _later_choice(
    connection: Connection, programme_id: str, *, digest: str, every: Sequence[ConsentReceipt]
) -> tuple[Receipts, Programme] | None:
    """Return what has to permit it besides: nothing at all while people have to be asked, else what was chosen under a later version."""
    newest = every[-1].programme_digest
    chosen_for = programme_of(connection, newest)
    for in_force in programmes_in_force(connection, programme_id):
        if in_force.digest != newest and asks_again(chosen_for, in_force.programme):
            return (), in_force.programme
    return None if newest == digest else ([receipt for receipt in every if receipt.programme_digest == newest], chosen_for)


@lru_cache(maxsize=64)
def asks_again(old: Programme, new: Programme) -> bool:
    """Whether people who lend under one version have to be asked before anything of theirs is used under another."""
    return any(change.asks != "nobody" for change in changes(old, new))


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
