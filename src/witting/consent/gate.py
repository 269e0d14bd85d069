"""The gate: may this be done now? Every room that records, keeps, sends or trains asks here, and only here.

A pure function of receipts, programme and question. It doesn't know who asks: role, grade and name aren't among its arguments,
so it can't treat anyone differently. Invariant: whatever isn't known to be allowed isn't allowed. Status words follow
ISO/IEC TS 27560 and DPV ConsentStatus: only *given* and *reconfirmed* permit anything.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from witting.consent.packs.validity import valid_until
from witting.consent.programme import programme_digest
from witting.terms.consent import ConsentReceipt, ConsentStatus, GateQuestion, GateReason, Grant, Verdict
from witting.terms.events import Stream
from witting.terms.programme import Programme

IN_FORCE: frozenset[ConsentStatus] = frozenset({"given", "reconfirmed"})
_ALLOWED = Verdict(is_allowed=True, reason="allowed")
_REMEMBERED = 64  # pairs of receipts and programme
_known: dict[tuple[int, int], tuple[Sequence[ConsentReceipt], Programme, "_Standing"]] = {}
_OF_THE_GRANTS: frozenset[GateReason] = frozenset({"purpose_not_granted", "stream_not_granted", "app_not_granted"})


class _Choice(NamedTuple):
    """What was chosen at one moment; several receipts only when they bear the same second, and then all must permit."""

    reason: GateReason | None  # why it permits nothing whatever is asked, None when it may
    ends: datetime | None  # when it ends by itself; None = that can't be read
    grants: tuple[frozenset[Grant], ...]  # of each receipt


class _Standing(NamedTuple):
    """What receipts and programme say that doesn't hang on the question."""

    reason: GateReason | None  # why they permit nothing ever
    times: tuple[datetime, ...]  # when something was chosen, in order
    choices: tuple[_Choice, ...]  # what, in the same order
    opens: datetime  # the programme's first moment
    shuts: datetime  # the first moment after it
    law_ends: datetime  # the first moment at which a law pack of it isn't to be rested on any more
    sites: dict[str, tuple[str, ...]]  # by app
    offered: dict[str, tuple[Stream, ...]]  # streams by purpose


def decide(receipts: Sequence[ConsentReceipt], programme: Programme, *, question: GateQuestion) -> Verdict:
    """Return whether one participant's receipts permit what is asked, and the one reason.

    The latest choice counts alone, so a narrower consent is never widened by an older one. A receipt id that appears in any state but
    given or reconfirmed is dead for good; consenting again makes a new id. Receipts of several people permit nothing.
    """
    standing = _standing(receipts, programme)
    reason = _refusal(standing, question)
    return _ALLOWED if reason is None else Verdict(is_allowed=False, reason=reason)


def permits(receipts: Sequence[ConsentReceipt], programme: Programme, *, question: GateQuestion) -> bool:
    """Return only the yes or no of `decide`."""
    return decide(receipts, programme, question=question).is_allowed


def decide_purpose(receipts: Sequence[ConsentReceipt], programme: Programme, *, purpose: str, at: datetime) -> Verdict:
    """Return whether anything at all is lent for a purpose, asked for each stream, app and site that the programme names."""
    streams = next((known.streams for known in programme.purposes if known.id == purpose), ())
    verdict = Verdict(is_allowed=False, reason="purpose_not_granted")
    for stream in streams:
        for app in programme.apps:
            question = GateQuestion(purpose=purpose, stream=stream, app=app.id, site=app.sites[0] if app.sites else "", at=at)
            verdict = decide(receipts, programme, question=question)
            if verdict.is_allowed or verdict.reason not in _OF_THE_GRANTS:
                return verdict
    return verdict


def _refusal(standing: _Standing, question: GateQuestion) -> GateReason | None:
    """Why what is asked isn't permitted, or None when it is."""
    at = question.at
    if standing.reason is not None:
        return standing.reason
    place = bisect_right(standing.times, at) if at.tzinfo is not None else 0
    if not place:
        return "not_yet"
    choice = standing.choices[place - 1]
    if choice.reason is not None:
        return choice.reason
    if choice.ends is None or at >= choice.ends:
        return "expired"
    return _out_of_time(standing, at) or _not_granted(standing, choice, question=question)


def _out_of_time(standing: _Standing, at: datetime) -> GateReason | None:
    """Why nothing is permitted at a time, whoever said yes: the programme's days, or law that nobody looked at for too long."""
    if not standing.opens <= at < standing.shuts:
        return "not_yet" if at < standing.opens else "programme_over"
    return "packs_expired" if at >= standing.law_ends else None


def _not_granted(standing: _Standing, choice: _Choice, *, question: GateQuestion) -> GateReason | None:
    """Why the grants don't hold what is asked, or None when they do."""
    sites = standing.sites.get(question.app)
    if sites is None:
        return "unknown_app"
    wanted = Grant(question.purpose, question.stream, question.app)
    is_offered = question.stream in standing.offered.get(question.purpose, ())
    for grants in choice.grants:
        if not is_offered or wanted not in grants:
            return _missing(standing, grants, question=question)
        if (sites or question.site) and question.site not in sites:
            return "site_not_listed"
    return None


def _missing(standing: _Standing, grants: frozenset[Grant], *, question: GateQuestion) -> GateReason:
    """Name what of purpose, stream and app isn't granted."""
    streams = {grant.stream for grant in grants if grant.purpose == question.purpose}
    if question.purpose not in standing.offered or not streams:
        return "purpose_not_granted"
    is_offered = question.stream in standing.offered[question.purpose]
    return "app_not_granted" if is_offered and question.stream in streams else "stream_not_granted"


def _standing(receipts: Sequence[ConsentReceipt], programme: Programme) -> _Standing:
    """Return what the gate asks of these very receipts and programme each time; remembered for tuples, which can't change."""
    key = (id(receipts), id(programme))
    known = _known.get(key)
    if known is not None and known[0] is receipts and known[1] is programme:
        return known[2]
    found = _read(receipts, programme)
    if isinstance(receipts, tuple):
        if len(_known) >= _REMEMBERED:
            _known.clear()
        _known[key] = (receipts, programme, found)
    return found


def _read(receipts: Sequence[ConsentReceipt], programme: Programme) -> _Standing:
    """Read receipts and programme."""
    mine = [receipt for receipt in receipts if receipt.programme_id == programme.id]
    is_one_person = len({(receipt.participant, receipt.participant_key) for receipt in receipts}) == 1
    dated: dict[datetime, list[ConsentReceipt]] = {}
    for receipt in mine:
        if (given := moment(receipt.given_at)) is not None:
            dated.setdefault(given, []).append(receipt)
    times = tuple(sorted(dated))
    return _Standing(
        reason=None if mine and is_one_person else "no_receipt",
        times=times,
        choices=tuple(_choice(dated[given], mine, programme=programme) for given in times),
        opens=datetime.combine(programme.starts_on, time(), UTC),
        shuts=datetime.combine(programme.ends_on, time(), UTC) + timedelta(days=1),
        law_ends=datetime.combine(valid_until(programme), time(), UTC),
        sites={app.id: app.sites for app in programme.apps},
        offered={purpose.id: purpose.streams for purpose in programme.purposes},
    )


def _choice(latest: Sequence[ConsentReceipt], mine: Sequence[ConsentReceipt], *, programme: Programme) -> _Choice:
    """Return what was chosen by receipts of one moment."""
    ids = {receipt.receipt_id for receipt in latest}
    reason = _not_given({receipt.status for receipt in mine if receipt.receipt_id in ids})
    if reason is None and any(moment(receipt.given_at) is None for receipt in mine):
        reason = "not_given"
    if reason is None and not all(_covers(receipt, programme) for receipt in latest):
        reason = "programme_changed"
    ends = [moment(receipt.expires_at) for receipt in latest]
    known = [end for end in ends if end is not None]
    return _Choice(reason, min(known) if len(known) == len(ends) else None, tuple(frozenset(receipt.grants) for receipt in latest))


def _not_given(statuses: set[ConsentStatus]) -> GateReason | None:
    """Why a receipt known in these states permits nothing, or None when all are given or reconfirmed."""
    if "withdrawn" in statuses:
        return "withdrawn"
    if "expired" in statuses:
        return "expired"
    return None if statuses <= IN_FORCE else "not_given"


def _covers(receipt: ConsentReceipt, programme: Programme) -> bool:
    """Whether the receipt was given for exactly this version and text of the programme."""
    return receipt.programme_version == programme.version and receipt.programme_digest == _digest(programme)


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
