"""What the hub lets go of by itself: sessions past their retention, uploads nobody finished, bytes no transaction claims.

Invariant: the days are those of the programme version each session was lent under; what is due is erased as a withdrawal would erase it.
"""

from datetime import timedelta

import msgspec
from sqlalchemy import delete, select

from witting.hub import schema
from witting.hub.consents import programme_of
from witting.hub.database import reading, writing
from witting.hub.hub import Hub
from witting.hub.vault import Vault
from witting.hub.vault.erasure import resume_erasures
from witting.hub.vault.storing import sweep
from witting.terms.clock import parse_rfc3339, rfc3339
from witting.terms.consent import ConsentReceipt, DeletionReceipt
from witting.terms.events import Stream
from witting.terms.session import Signed

UPLOAD_DAYS = 7  # an upload that nobody finished for so long is thrown away


class Pruned(msgspec.Struct, frozen=True, kw_only=True):
    """What was let go of."""

    sessions: int  # past their retention, erased
    bytes_erased: int  # of them
    uploads: int  # unfinished, thrown away
    orphans: int  # objects of commits that were cut
    resumed: int  # erasures that a crash had cut


def prune(hub: Hub) -> Pruned:
    """Finish cut erasures, erase what is due, and sweep."""
    resumed = resume_erasures(hub)
    due = due_sessions(hub)
    receipts = Vault(hub).erase(due) if due else []
    erased = [msgspec.json.decode(receipt.payload, type=DeletionReceipt) for receipt in receipts]
    uploads = _end_stale_uploads(hub)
    return Pruned(
        sessions=len(due),
        bytes_erased=sum(receipt.bytes_erased for receipt in erased),
        uploads=uploads,
        orphans=sweep(hub, is_alone=False),
        resumed=resumed,
    )


def due_sessions(hub: Hub) -> list[str]:
    """Return the ids of the stored sessions that were kept for as long as their programme says; of the kinds lent the shortest counts."""
    table, consents = schema.session, schema.consent
    stored = select(table.c.session_id, table.c.stored_at, table.c.receipt_id, consents.c.programme_digest, consents.c.receipt).join(
        consents, consents.c.receipt_id == table.c.receipt_id
    )
    with reading(hub.engine) as connection:
        rows = connection.execute(stored.where(table.c.state == "stored").order_by(table.c.session_id)).all()
        retention = {digest: programme_of(connection, digest).retention for digest in {row.programme_digest for row in rows}}
    lent = {row.receipt_id: _streams(row.receipt) for row in rows}
    now = hub.now()
    days = {row.session_id: retention[row.programme_digest].hub_days_of(lent[row.receipt_id]) for row in rows}
    return [row.session_id for row in rows if parse_rfc3339(row.stored_at) + timedelta(days=days[row.session_id]) <= now]


def _streams(receipt: bytes) -> frozenset[Stream]:
    """Return the kinds that a stored receipt lends."""
    signed = msgspec.json.decode(receipt, type=Signed)
    return frozenset(grant.stream for grant in msgspec.json.decode(signed.payload, type=ConsentReceipt).grants)


def _end_stale_uploads(hub: Hub) -> int:
    limit = rfc3339(hub.now() - timedelta(days=UPLOAD_DAYS))
    table = schema.upload
    with writing(hub.engine) as connection:
        return connection.execute(delete(table).where(table.c.answer.is_(None), table.c.opened_at < limit)).rowcount
