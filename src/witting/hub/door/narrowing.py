"""Lending less: a receipt for what is left when a purpose or a kind of recording was withdrawn, and which sessions that reaches.

Knows nothing of erasing. Invariant: what is left is never more than what the latest choice lent; with nothing left there is no receipt.
"""

from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, select, update

from witting.consent.gate import IN_FORCE
from witting.hub import schema
from witting.hub.consents import programme_of, receipts_of
from witting.hub.door.consent import enter_receipt
from witting.hub.hub import Hub
from witting.terms.consent import ConsentReceipt, Withdrawal
from witting.terms.errors import NoConsentError, UsageError


class Reach(NamedTuple):
    """Stored sessions that a withdrawal of purposes or kinds is about."""

    whole: tuple[str, ...]  # lent for nothing else
    cuts: tuple[str, ...]  # stay without some kinds
    narrowed: tuple[str, ...]  # stay, for fewer purposes


def narrowed_receipt(hub: Hub, connection: Connection, *, withdrawal: Withdrawal, digest: str) -> ConsentReceipt | None:
    """Return what is still lent after a withdrawal; None when that is nothing, or not what taking part needs.

    Raises:
        NoConsentError: nothing is lent now.
        UsageError: what is withdrawn isn't lent.
    """
    key = hub.keys.signing.public
    every = receipts_of(connection, key, participant=withdrawal.participant, programme_id=withdrawal.programme_id)
    latest = max(every, key=lambda receipt: receipt.given_at)
    if latest.status not in IN_FORCE:
        raise NoConsentError("nothing is lent now", hint="there is nothing to withdraw here")
    left = tuple(one for one in latest.grants if one.purpose not in withdrawal.purposes and one.stream not in withdrawal.streams)
    if left == latest.grants:
        raise UsageError("what is withdrawn isn't lent", hint="`witting receipts` shows what you lend; nothing was changed")
    needed = {purpose.id for purpose in programme_of(connection, latest.programme_digest).purposes if not purpose.is_optional}
    if not left or not needed <= {grant.purpose for grant in left}:
        return None
    return msgspec.structs.replace(latest, receipt_id=digest[:32], grants=left, given_at=max(hub.stamp(), latest.given_at))


def keep_narrowed(hub: Hub, connection: Connection, *, receipt: ConsentReceipt, digest: str, index: int) -> None:
    """Enter the receipt of what is still lent, proven by the log entry of the withdrawal."""
    proven = msgspec.structs.replace(receipt, log_index=index)
    enter_receipt(hub, connection, signed=hub.keys.signing.sign("receipt", proven), receipt=proven, digest=digest)


def reach_of(connection: Connection, withdrawal: Withdrawal) -> Reach:
    """Return which stored sessions a withdrawal of purposes or kinds is about, and take the purposes off those that stay."""
    table = schema.session
    mine = (table.c.participant == withdrawal.participant) & (table.c.programme_id == withdrawal.programme_id)
    whole: list[str] = []
    narrowed: list[str] = []
    kept: list[str] = []
    for row in connection.execute(select(table).where(mine, table.c.state == "stored").order_by(table.c.session_id)).all():
        before = row.purposes.split()
        left = [purpose for purpose in before if purpose not in withdrawal.purposes]
        (kept if left else whole).append(row.session_id)
        if left and left != before:
            narrowed.append(row.session_id)
            connection.execute(update(table).where(table.c.session_id == row.session_id).values(purposes=" ".join(left)))
    return Reach(tuple(whole), tuple(kept) if withdrawal.streams else tuple(narrowed), tuple(narrowed))
