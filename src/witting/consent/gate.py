"""The gate: may this be done now? Every room that records, keeps, sends or trains asks here, and only here.

A pure function of receipts, programme and question. It doesn't know who asks: role, grade and name aren't among its arguments,
so it can't treat anyone differently. Invariant: whatever isn't known to be allowed isn't allowed. Status words follow
ISO/IEC TS 27560 and DPV ConsentStatus: only *given* and *reconfirmed* permit anything.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache

from witting.consent.programme import programme_digest
from witting.terms.consent import ConsentReceipt, ConsentStatus, GateQuestion, GateReason, Verdict
from witting.terms.programme import Programme

IN_FORCE: frozenset[ConsentStatus] = frozenset({"given", "reconfirmed"})


def decide(receipts: Sequence[ConsentReceipt], programme: Programme, *, question: GateQuestion) -> Verdict:
    """Return whether one participant's receipts permit what is asked, and the one reason.

    The latest choice counts alone, so a narrower consent is never widened by an older one. A receipt id that appears in any state but
    given or reconfirmed is dead for good; consenting again makes a new id. Receipts of several people permit nothing.
    """
    reason = _not_in_force(receipts, programme, at=question.at) or _not_within_dates(programme, question.at)
    if reason is None:
        refusals = (_not_granted(receipt, programme, question=question) for receipt in _latest(receipts, programme.id, at=question.at))
        reason = next((refusal for refusal in refusals if refusal is not None), None)
    return Verdict(is_allowed=reason is None, reason=reason or "allowed")


def permits(receipts: Sequence[ConsentReceipt], programme: Programme, *, question: GateQuestion) -> bool:
    """Return only the yes or no of `decide`."""
    return decide(receipts, programme, question=question).is_allowed


def _not_in_force(receipts: Sequence[ConsentReceipt], programme: Programme, *, at: datetime) -> GateReason | None:
    """Why no receipt is in force at `at`, or None when one is."""
    mine = [receipt for receipt in receipts if receipt.programme_id == programme.id]
    if not mine or len({(receipt.participant, receipt.participant_key) for receipt in receipts}) != 1:
        return "no_receipt"
    latest = _latest(mine, programme.id, at=at)
    if not latest:
        return "not_yet"
    ids = {receipt.receipt_id for receipt in latest}
    if refusal := _not_given({receipt.status for receipt in mine if receipt.receipt_id in ids}):
        return refusal
    if any(moment(receipt.given_at) is None for receipt in mine):
        return "not_given"
    if not all(_covers(receipt, programme) for receipt in latest):
        return "programme_changed"
    ends = [moment(receipt.expires_at) for receipt in latest]
    return "expired" if any(end is None or at >= end for end in ends) else None


def _not_given(statuses: set[ConsentStatus]) -> GateReason | None:
    """Why a receipt known in these states permits nothing, or None when all are given or reconfirmed."""
    if "withdrawn" in statuses:
        return "withdrawn"
    if "expired" in statuses:
        return "expired"
    return None if statuses <= IN_FORCE else "not_given"


def _latest(receipts: Sequence[ConsentReceipt], programme_id: str, *, at: datetime) -> list[ConsentReceipt]:
    """Return the receipts of the last choice made by `at`; several only when they bear the same second, and then all must permit."""
    if at.tzinfo is None:
        return []
    dated = [(given, receipt) for receipt in receipts if receipt.programme_id == programme_id and (given := moment(receipt.given_at))]
    past = [(given, receipt) for given, receipt in dated if given <= at]
    newest = max((given for given, _ in past), default=None)
    return [receipt for given, receipt in past if given == newest]


def _covers(receipt: ConsentReceipt, programme: Programme) -> bool:
    """Whether the receipt was given for exactly this version and text of the programme."""
    return receipt.programme_version == programme.version and receipt.programme_digest == _digest(programme)


def _not_within_dates(programme: Programme, at: datetime) -> GateReason | None:
    """Why the programme doesn't run on the UTC day of `at`, or None when it does; the last day is a day of the programme."""
    today: date = at.astimezone(UTC).date()
    if today < programme.starts_on:
        return "not_yet"
    return "programme_over" if today > programme.ends_on else None


def _not_granted(receipt: ConsentReceipt, programme: Programme, *, question: GateQuestion) -> GateReason | None:
    """Why the receipt's grants don't hold what is asked, or None when they do."""
    app = next((known for known in programme.apps if known.id == question.app), None)
    if app is None:
        return "unknown_app"
    purpose = next((known for known in programme.purposes if known.id == question.purpose), None)
    granted = [grant for grant in receipt.grants if grant.purpose == question.purpose]
    if purpose is None or not granted:
        return "purpose_not_granted"
    granted = [grant for grant in granted if grant.stream == question.stream]
    if question.stream not in purpose.streams or not granted:
        return "stream_not_granted"
    if all(grant.app != question.app for grant in granted):
        return "app_not_granted"
    if (app.sites or question.site) and question.site not in app.sites:
        return "site_not_listed"
    return None


@lru_cache(maxsize=16)
def _digest(programme: Programme) -> str:
    """Return the programme's digest; remembered because the recorder asks for every event."""
    return programme_digest(programme)


def moment(text: str) -> datetime | None:
    """Return the aware time written in `text`, None when it is no RFC 3339 time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
