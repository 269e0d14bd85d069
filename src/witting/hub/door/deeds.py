"""What was done with somebody's data, shown to them alone: entries with what opens them, reads and what was made of it included.

Invariant: only a request signed with the key of the participant's own receipt, minutes old at most, is answered.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from witting.hub import schema
from witting.hub.database import reading
from witting.hub.door.asker import check_asker
from witting.hub.hub import Hub
from witting.hub.vault import lineage
from witting.ledger.keys import open_signed
from witting.ledger.log import read_opening
from witting.terms.hub import DeedsAnswer, DeedShown, DeedsRequest
from witting.terms.session import Signed

_MOST = 500


def show_deeds(hub: Hub, signed: Signed) -> DeedsAnswer:
    """Return the newest deeds about a participant, oldest first, each with its opened proof.

    Raises:
        SignatureError: the request isn't from whom it names.
        NoConsentError: the hub never had a consent of that participant.
        UsageError: the request is old.
    """
    request = open_signed(signed, "deeds", statement_type=DeedsRequest)
    with reading(hub.engine) as connection:
        check_asker(hub, connection, asked=request, signer=signed.key)
        return DeedsAnswer(deeds=tuple(_shown(hub, connection, participant=request.participant)))


def _shown(hub: Hub, connection: Connection, *, participant: str) -> Iterator[DeedShown]:
    """Yield the newest deeds, oldest first; an entry whose opening went with what it tells of isn't among them."""
    table = schema.deed
    about = connection.execute(select(table.c.position).where(table.c.participant == participant)).scalars().all()
    made = lineage.positions_with(connection, _sessions(connection, participant))
    newest = sorted({*about, *made})[-_MOST:]
    for row in connection.execute(
        select(table).where(table.c.position.in_(newest), table.c.opening != b"").order_by(table.c.position)
    ).all():
        proof = hub.journal.prove(connection, row.position, is_opened=True)
        yield DeedShown(kind=row.kind, done_at=row.done_at, session_id=row.session_id, proof=proof)


def _sessions(connection: Connection, participant: str) -> list[str]:
    """Return the ids of a participant's sessions, those that were erased included: their erasures' openings name them."""
    stored = connection.execute(select(schema.session.c.session_id).where(schema.session.c.participant == participant)).scalars().all()
    erasures = select(schema.deed.c.opening).where(schema.deed.c.participant == participant, schema.deed.c.kind == "erasure")
    openings = [read_opening(opening) for opening in connection.execute(erasures).scalars()]
    return [*stored, *(str(name) for opening in openings for name in opening.fields["sessions"] or ())]  # type: ignore[union-attr] # a tuple
