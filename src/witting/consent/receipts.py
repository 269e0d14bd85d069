"""Consent receipts: from a participant's signed statement to the controller's signed receipt, in the fields of ISO/IEC TS 27560:2023.

Knows nothing of where receipts are kept. Invariant: a receipt is made only for choices that the programme in force offers, read on the
notice in force.
"""

import calendar
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

import msgspec

from witting.consent.gate import decide, moment
from witting.consent.levels import least_level
from witting.consent.notice import LEGAL_BASIS, make_notice
from witting.consent.packs.validity import valid_until
from witting.consent.programme import programme_digest
from witting.consent.states import YES
from witting.consent.wording import words_for
from witting.ledger.keys import SigningKey, digest_of, open_signed
from witting.terms.clock import rfc3339
from witting.terms.consent import ConsentReceipt, ConsentStatement, GateQuestion, Verdict
from witting.terms.errors import NoConsentError, NoticeChangedError, SignatureError
from witting.terms.programme import Programme
from witting.terms.session import Signed

_SKEW = timedelta(hours=24)  # how far the clocks of device and hub may lie apart
_ASK_AGAIN = "read the notice again and choose anew"


def verify_statement(signed: Signed) -> ConsentStatement:
    """Return the consent statement in `signed`, signed by the very key that it names.

    Raises:
        SignatureError: the signature doesn't fit, or another key signed it.
    """
    statement = open_signed(signed, "consent", statement_type=ConsentStatement)
    if statement.participant_key != signed.key:
        raise SignatureError("the consent names another key than the one that signed it", hint="nothing was recorded; choose anew")
    return statement


def make_receipt(
    statement: ConsentStatement,
    programme: Programme,
    *,
    at: datetime,
    log_index: int,
    controller_key: SigningKey,
    notice_digest: str | None = None,
) -> Signed:
    """Return the controller's signed receipt for a verified statement that came in at `at` (aware, UTC).

    The same statement gets the same receipt id, so that sending it twice is harmless. `notice_digest` names the notice in force where it
    was made by another version of witting; without it, it is made now.

    Raises:
        NoticeChangedError: the statement is about another version of the programme or another text of the notice.
        NoConsentError: nothing was chosen, something was that isn't offered, its date can't be, or the law packs are too old to rest on.
    """
    _check_text(statement, programme, notice_digest=notice_digest or make_notice(programme).digest)
    given = _check_date(statement, at)
    _check_choices(statement, programme)
    _check_law(programme, at)
    say = words_for(programme.language)
    receipt = ConsentReceipt(
        schema_version="ISO/IEC TS 27560:2023",
        receipt_id=digest_of(statement)[:32],
        participant=statement.participant,
        participant_key=statement.participant_key,
        programme_id=programme.id,
        programme_version=programme.version,
        programme_digest=statement.programme_digest,
        notice_digest=statement.notice_digest,
        language=programme.language,
        jurisdiction=programme.jurisdiction,
        legal_basis=say(LEGAL_BASIS[programme.basis_mode]),
        controller=programme.controller.name,
        controller_contact=programme.controller.contact,
        recipients=tuple(recipient.name for recipient in programme.recipients),
        withdrawal_method=say("one click on your page, `witting leave`, or write to {contact}", contact=programme.participant_contact),
        retention_days=max(programme.retention.hub_days, programme.retention.dataset_days),
        status="given",
        grants=tuple(sorted(set(statement.grants))),
        given_at=rfc3339(given),
        expires_at=rfc3339(expiry(programme, given)),
        log_index=log_index,
        keys_level=least_level(statement.keys_level, programme.keys_level),
    )
    return controller_key.sign("receipt", receipt)


def reconfirms(receipt: ConsentReceipt, earlier: Sequence[ConsentReceipt]) -> bool:
    """Whether a new yes says the same as the last one did, which nobody had ended: it was asked for again, or given of one's own."""
    last = max(earlier, key=lambda one: one.given_at, default=None)
    same = ("participant", "participant_key", "programme_digest", "notice_digest", "grants", "keys_level")
    return last is not None and last.status in YES | {"expired"} and all(getattr(receipt, name) == getattr(last, name) for name in same)


def as_reconfirmed(signed: Signed, *, controller_key: SigningKey) -> Signed:
    """Return a receipt of the controller's own, signed anew as a yes said again."""
    receipt = open_receipt(signed, controller_key.public)
    return controller_key.sign("receipt", msgspec.structs.replace(receipt, status="reconfirmed"))


def open_receipt(signed: Signed, controller_key: bytes) -> ConsentReceipt:
    """Return the receipt in `signed`, signed by the controller whose public key is given.

    Raises:
        SignatureError: the signature doesn't fit, or another key signed it.
    """
    return open_signed(signed, "receipt", statement_type=ConsentReceipt, key=controller_key)


def decide_signed(signed: Sequence[Signed], programme: Programme, *, question: GateQuestion, controller_key: bytes) -> Verdict:
    """Return the gate's verdict on signed receipts; one that was tampered with makes the answer no, for it may hide a withdrawal."""
    try:
        receipts = [open_receipt(each, controller_key) for each in signed]
    except SignatureError:
        return Verdict(is_allowed=False, reason="bad_signature")
    return decide(receipts, programme, question=question)


def expiry(programme: Programme, given: datetime) -> datetime:
    """Return when a consent given then ends by itself: after the months of `reaffirm_months`, at the latest when the programme ends."""
    months = given.month - 1 + programme.reaffirm_months
    year, month = given.year + months // 12, months % 12 + 1
    day = min(given.day, calendar.monthrange(year, month)[1])
    end = datetime.combine(programme.ends_on, time(), UTC) + timedelta(days=1)
    return min(given.replace(year=year, month=month, day=day), end)


def _check_text(statement: ConsentStatement, programme: Programme, *, notice_digest: str) -> None:
    """Check that what was read is what is in force."""
    read = (statement.programme_id, statement.programme_version, statement.programme_digest, statement.notice_digest)
    if read != (programme.id, programme.version, programme_digest(programme), notice_digest):
        raise NoticeChangedError("the consent is about another version of the programme or its notice; nothing was stored", hint=_ASK_AGAIN)


def _check_date(statement: ConsentStatement, at: datetime) -> datetime:
    """Return when the statement was made, if that can be."""
    given = moment(statement.given_at)
    if given is None or abs(given - at) > _SKEW:
        raise NoConsentError("the consent's date can't be right; nothing was stored", hint="set this machine's clock and choose anew")
    return given.astimezone(UTC)


def _check_law(programme: Programme, at: datetime) -> None:
    """Check that what the law asks was looked at not too long ago."""
    if at.astimezone(UTC).date() >= valid_until(programme):
        message = "nobody checked for too long what the law asks of this programme; nothing was stored"
        raise NoConsentError(message, hint="whoever runs it has to check its law packs first; then choose again")


def _check_choices(statement: ConsentStatement, programme: Programme) -> None:
    """Check that something was chosen, nothing beyond what is offered, and whatever is needed to take part."""
    if not statement.grants:
        raise NoConsentError("nothing was chosen, which is a no; nothing was stored", hint="choose at least one purpose, kind and app")
    streams = {purpose.id: purpose.streams for purpose in programme.purposes}
    apps = {app.id for app in programme.apps}
    beyond = [grant for grant in statement.grants if grant.app not in apps or grant.stream not in streams.get(grant.purpose, ())]
    if beyond:
        message = f"{len(beyond)} of {len(statement.grants)} choices aren't offered by the programme; nothing was stored"
        raise NoConsentError(message, hint=_ASK_AGAIN)
    needed = {purpose.id for purpose in programme.purposes if not purpose.is_optional} - {grant.purpose for grant in statement.grants}
    if needed:
        message = f"{len(needed)} purpose(s) needed to take part weren't chosen, which is a no; nothing was stored"
        raise NoConsentError(message, hint=_ASK_AGAIN)
