"""What was done with a participant's data, shown to that participant: every entry about them with what opens it, reads included.

Invariant: only a request signed with the key of the participant's own receipt, minutes old at most, is answered.
"""

from datetime import timedelta

from sqlalchemy import select

from witting.hub import schema
from witting.hub.consents import receipts_of
from witting.hub.database import reading
from witting.hub.hub import Hub
from witting.ledger.keys import open_signed
from witting.terms.clock import parse_rfc3339
from witting.terms.errors import NoConsentError, SignatureError, UsageError
from witting.terms.hub import DeedsAnswer, DeedShown, DeedsRequest
from witting.terms.session import Signed

_FRESH = timedelta(minutes=10)
_MOST = 500


def show_deeds(hub: Hub, signed: Signed) -> DeedsAnswer:
    """Return the newest deeds about a participant, oldest first, each with its opened proof.

    Raises:
        SignatureError: the request isn't from whom it names.
        NoConsentError: the hub never had a consent of that participant.
        UsageError: the request is old.
    """
    request = open_signed(signed, "deeds", DeedsRequest)
    with reading(hub.engine) as connection:
        receipts = receipts_of(connection, hub.keys.signing.public, participant=request.participant, programme_id=request.programme_id)
        if not receipts:
            raise NoConsentError("the hub has no consent of this participant", hint="there is nothing to show")
        if any(receipt.participant_key != signed.key for receipt in receipts):
            raise SignatureError("the request isn't signed by the participant it names", hint="nothing was shown")
        _check_fresh(hub, request)
        wanted = select(schema.deed).where(schema.deed.c.participant == request.participant).order_by(schema.deed.c.position.desc())
        rows = connection.execute(wanted.limit(_MOST)).all()
        return DeedsAnswer(
            deeds=tuple(
                DeedShown(
                    kind=row.kind,
                    done_at=row.done_at,
                    session_id=row.session_id,
                    proof=hub.journal.prove(connection, row.position, is_opened=True),
                )
                for row in reversed(rows)
            )
        )


def _check_fresh(hub: Hub, request: DeedsRequest) -> None:
    try:
        age = abs(hub.now() - parse_rfc3339(request.asked_at))
    except ValueError:
        age = _FRESH * 2
    if age > _FRESH:
        raise UsageError("the request is old", hint="ask again; check this machine's clock if it repeats")
