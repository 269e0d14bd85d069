"""From a session on this device to a parcel at the hub: reviewed first, packed, sent, settled.

Knows no pages and no HTTP. Invariant: only what the participant was shown, under the digest it was shown with, is packed and sent; sent
twice, it arrives once.
"""

from collections.abc import Callable, Sequence

from witting.consent.gate import decide_purpose
from witting.device.enrolment import Enrolment
from witting.device.guards.network import is_metered
from witting.device.outbox import Outbox, Sent, parcel_of
from witting.device.review import SealingTerms, make_parcel
from witting.device.send import HubClient
from witting.device.spool import Spool
from witting.device.taking_back import tell_hub
from witting.ledger.log import verify_proof
from witting.ledger.pseudonyms import new_session_id
from witting.terms.clock import rfc3339
from witting.terms.errors import HeldBackError, NoConsentError, NoticeChangedError, UsageError
from witting.terms.hub import UploadIntent
from witting.terms.review import Mark, Reviewed
from witting.terms.session import SessionHeader, Signed

_LOOK = "look at it first: `witting desk` or `witting review`; nothing was sent"


def note_review(enrolment: Enrolment, spool: Spool, *, session_id: str, content_digest: str) -> Reviewed:
    """Remember that the participant was shown what would leave of a session."""
    for mark in spool.marks(session_id):
        if isinstance(mark, Reviewed):
            spool.remove_mark(session_id, mark.mark_id)
    seen = Reviewed(mark_id=new_session_id(), content_digest=content_digest, reviewed_at=rfc3339(enrolment.clock.now()))
    spool.add_mark(session_id, seen)
    return seen


def last_review(marks: Sequence[Mark]) -> Reviewed | None:
    """Return the note that the participant was shown a session, None when there is none or a mark was added since."""
    return marks[-1] if marks and isinstance(marks[-1], Reviewed) else None


def send_session(
    enrolment: Enrolment, session_id: str, *, hub: HubClient, on_sent: Callable[[int], None] | None = None, over_metered: bool = False
) -> Sent:
    """Send what was reviewed of a session; broken off anywhere, call it again; sent twice, it arrives once.

    On a metered network nothing is sent unless the person says so (`over_metered`).

    Raises:
        HeldBackError: the network is metered; nothing was sent.
        UsageError: the session wasn't reviewed, changed since, or is being recorded.
        NoConsentError, NoticeChangedError: the gate says no.
        HubUnreachableError: the parcel waits in the outbox.
        LogError: the hub's proof isn't sound; the session stays here.
    """
    outbox = Outbox(enrolment.data_dir)
    spool = enrolment.open_spool()
    before = outbox.sent(session_id)
    if before is not None:
        seen = last_review(spool.marks(session_id))
        if seen is None or seen.content_digest != before.parcel.content_digest:
            raise UsageError("this session was sent already, as it was reviewed then", hint="withdraw it first if it should change")
        return before
    tell_hub(enrolment, hub=hub)  # what was taken back goes first
    intent = _pack(enrolment, spool, outbox=outbox, session_id=session_id)
    if not over_metered and is_metered():
        raise HeldBackError(
            "this network is metered, so nothing was sent",
            hint="connect to another one, or send all the same: `witting upload --over-metered`",
        )
    answer = hub.upload(intent, lambda digest: outbox.read_object(session_id, digest), on_sent=on_sent)
    verify_proof(answer.proof, enrolment.offer.signing_key, origin=enrolment.offer.log_origin)
    sent = Sent(parcel=parcel_of(intent), answer=answer, sent_at=rfc3339(enrolment.clock.now()))
    outbox.settle(session_id, sent)
    return sent


def _pack(enrolment: Enrolment, spool: Spool, *, outbox: Outbox, session_id: str) -> Signed:
    """Return the signed ask for what was reviewed, its objects in the outbox; the same content waiting there is taken again."""
    marks = spool.marks(session_id)
    seen = last_review(marks)
    info = spool.info(session_id)
    _check_consent(enrolment, info.header)
    if seen is None or info.is_recording:
        message = f"session {session_id[:8]} wasn't reviewed as it is now, or is still being recorded"
        raise UsageError(message, hint=_LOOK)
    waiting = outbox.intent(session_id)
    if waiting is not None and parcel_of(waiting).content_digest == seen.content_digest:
        return waiting
    terms = SealingTerms(enrolment.participant, enrolment.offer.box_key, seen.reviewed_at)
    parcel, objects = make_parcel(spool, session_id, marks=marks, terms=terms)
    if parcel.content_digest != seen.content_digest:
        message = f"session {session_id[:8]} isn't what you were shown"
        raise UsageError(message, hint=_LOOK)
    key = enrolment.signing_key
    intent = UploadIntent(parcel=key.sign("parcel", parcel), sent_at=rfc3339(enrolment.clock.now()))
    signed = key.sign("upload", intent)
    outbox.keep(session_id, signed, objects=objects)
    return signed


def _check_consent(enrolment: Enrolment, header: SessionHeader) -> None:
    """Ask the gate whether the session may go: recorded under a receipt of this enrolment, and lent now for each of its purposes."""
    stays = "it stays on this device; `witting drop` deletes it"
    if enrolment.receipt.receipt_id != header.receipt_id and header.receipt_id not in {one.receipt_id for one in enrolment.receipts}:
        raise NoConsentError("the session wasn't recorded under a receipt of yours", hint=stays)
    for purpose in header.purposes:
        verdict = decide_purpose(enrolment.receipts, enrolment.programme, purpose=purpose, at=enrolment.clock.now())
        if verdict.reason == "programme_changed":
            raise NoticeChangedError("the programme changed since you agreed; nothing was sent", hint="`witting notice` shows what changed")
        if not verdict.is_allowed:
            message = f"the session isn't lent for {purpose!r} now ({verdict.reason}); nothing was sent"
            raise NoConsentError(message, hint=stays)
