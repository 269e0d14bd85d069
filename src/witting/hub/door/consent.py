"""Taking consent: the statement's signature, the invitation, the notice it was read on, and nothing granted that isn't asked.

Invariant: consent record, receipt, used invitation and log entry are one transaction; a statement sent twice is one consent, and one
that was withdrawn is never brought back by sending it again.
"""

import msgspec
from sqlalchemy import Connection, insert, select

from witting.consent.receipts import as_reconfirmed, make_receipt, open_receipt, reconfirms, verify_statement
from witting.consent.states import YES, become
from witting.hub import schema
from witting.hub.consents import check_current, programme_in_force, receipts_of
from witting.hub.database import writing
from witting.hub.hub import Hub
from witting.hub.invitations import programme_invited_to, use_invitation
from witting.hub.journal import Deed
from witting.ledger.keys import digest_of
from witting.terms.consent import ConsentReceipt, ConsentStatement, ConsentStatus
from witting.terms.errors import NoConsentError, SignatureError
from witting.terms.hub import ConsentAnswer
from witting.terms.session import Signed


def give_consent(hub: Hub, signed: Signed) -> ConsentAnswer:
    """Record a participant's signed choices; return the receipt and the proof that the log holds it.

    Raises:
        SignatureError: the statement was changed, or the pseudonym is another key's.
        NoticeChangedError: it was read on a notice or programme that isn't in force.
        NoConsentError: the invitation was used, the consent withdrawn, or the choices can't be.
        UsageError: the invitation or programme isn't this hub's.
    """
    statement = verify_statement(signed)
    statement_digest = digest_of(statement)
    with writing(hub.engine) as connection:
        known = _known_answer(connection, statement_digest)
        return known if known is not None else _record(hub, connection, statement=statement, statement_digest=statement_digest)


def _record(hub: Hub, connection: Connection, *, statement: ConsentStatement, statement_digest: str) -> ConsentAnswer:
    record = programme_in_force(connection, statement.programme_id)
    check_current(record, programme_digest=statement.programme_digest, notice_digest=statement.notice_digest)
    earlier = _admit(hub, connection, statement=statement)
    index = hub.journal.record(
        connection,
        Deed(
            kind="consent_given",
            done_at=hub.stamp(),
            participant=statement.participant,
            fields={
                "statement_digest": statement_digest,
                "programme_digest": statement.programme_digest,
                "notice_digest": statement.notice_digest,
            },
        ),
    )
    signed_receipt = make_receipt(statement, record.programme, at=hub.now(), log_index=index, controller_key=hub.keys.signing)
    receipt = open_receipt(signed_receipt, hub.keys.signing.public)
    if any(receipt.given_at <= one.given_at for one in earlier):
        raise NoConsentError("this choice isn't newer than your last one", hint="choose again in a moment; nothing was recorded")
    if reconfirms(receipt, earlier):
        signed_receipt = as_reconfirmed(signed_receipt, controller_key=hub.keys.signing)
        receipt = open_receipt(signed_receipt, hub.keys.signing.public)
    become(_standing(earlier), receipt.status)
    return enter_receipt(hub, connection, signed=signed_receipt, receipt=receipt, digest=statement_digest)


def _standing(earlier: tuple[ConsentReceipt, ...]) -> ConsentStatus:
    """Return where somebody stands who brings a yes: as their last receipt says, or asked by their invitation."""
    last = max(earlier, key=lambda one: one.given_at, default=None)
    return last.status if last is not None and last.status in YES else "requested"


def enter_receipt(hub: Hub, connection: Connection, *, signed: Signed, receipt: ConsentReceipt, digest: str) -> ConsentAnswer:
    """Enter a consent record with its receipt, proven by the log entry that the receipt names; `digest` is of what its person signed."""
    answer = ConsentAnswer(receipt=signed, proof=hub.journal.prove(connection, receipt.log_index, is_opened=True))
    connection.execute(
        insert(schema.consent).values(
            receipt_id=receipt.receipt_id,
            programme_id=receipt.programme_id,
            programme_digest=receipt.programme_digest,
            participant=receipt.participant,
            participant_key=receipt.participant_key,
            statement_digest=digest,
            receipt=msgspec.json.encode(signed),
            status=receipt.status,
            given_at=receipt.given_at,
            answer=msgspec.json.encode(answer),
        )
    )
    return answer


def _admit(hub: Hub, connection: Connection, *, statement: ConsentStatement) -> tuple[ConsentReceipt, ...]:
    """Check that whoever asks was invited, by an unused invitation or by being in the programme already; return their earlier receipts."""
    if programme_invited_to(connection, statement.invite) != statement.programme_id:
        raise NoConsentError("this invitation is to another programme", hint="open the link you were sent; nothing was recorded")
    earlier = receipts_of(connection, hub.keys.signing.public, participant=statement.participant, programme_id=statement.programme_id)
    if any(receipt.participant_key != statement.participant_key for receipt in earlier):
        raise SignatureError("this pseudonym belongs to another key", hint="nothing was recorded; run `witting join` again")
    if not use_invitation(connection, statement.invite) and not earlier:
        raise NoConsentError("this invitation was used before", hint="ask whoever invited you for a new link; nothing was recorded")
    return earlier


def _known_answer(connection: Connection, statement_digest: str) -> ConsentAnswer | None:
    """Return what was answered to the same statement before; None when it is new."""
    table = schema.consent
    row = connection.execute(select(table.c.answer, table.c.status).where(table.c.statement_digest == statement_digest)).one_or_none()
    if row is None:
        return None
    if row.status not in YES:
        raise NoConsentError(
            "this consent has ended; it can't be given again by the same statement", hint="read the notice and choose anew"
        )
    return msgspec.json.decode(row.answer, type=ConsentAnswer)
