"""A participant's questions and findings: signed here, filed at the hub, kept here with their proofs, so that none can vanish unseen.

Knows no pages. Invariant: what was once filed stays listed here whatever the hub says later, and an answer that differs from the log, or
changed since, is refused.
"""

import hashlib
from pathlib import Path

import msgspec

from witting.device.enrolment import Enrolment
from witting.device.send import HubClient
from witting.device.spool.disk import write_private
from witting.ledger.log import open_proof
from witting.ledger.pseudonyms import new_session_id
from witting.terms.clock import parse_rfc3339, rfc3339
from witting.terms.errors import IntegrityError, LogError, UsageError
from witting.terms.hub import EnquiriesRequest, Enquiry, EnquiryKind, EnquiryShown, LogProof

ENQUIRIES_FILE = "enquiries.json"
MOST_CHARACTERS = 4000
_HINT = "keep the proof (`.tlog-proof`) as evidence and tell the programme's contact"
_DEEDS: dict[EnquiryKind, str] = {"question": "question_asked", "finding": "finding_filed"}


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What `enquiries.json` holds."""

    filed: dict[int, EnquiryShown] = {}  # by public number
    waiting: Enquiry | None = None  # signed and sent, but no answer came yet


def file_enquiry(enrolment: Enrolment, kind: EnquiryKind, *, text: str, hub: HubClient) -> EnquiryShown:
    """File a question or finding and keep it with its proof; broken off, the same call files it once.

    Raises:
        UsageError: the text is empty or too long.
        HubUnreachableError: it is kept here, to be filed by the next call.
        LogError: the hub's proof isn't sound, or is of another text.
    """
    text = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    if not text or len(text) > MOST_CHARACTERS:
        raise UsageError("write something, up to 4,000 characters", hint="nothing was sent")
    kept = _read(enrolment.data_dir)
    waiting = kept.waiting
    if waiting is None or (waiting.kind, waiting.text) != (kind, text):
        waiting = Enquiry(
            enquiry_id=new_session_id(),
            participant=enrolment.participant,
            programme_id=enrolment.programme.id,
            kind=kind,
            text=text,
            asked_at="",
        )
    waiting = msgspec.structs.replace(waiting, asked_at=rfc3339(enrolment.clock.now()))
    _write(enrolment.data_dir, msgspec.structs.replace(kept, waiting=waiting))
    filed = _checked(enrolment, hub.enquire(enrolment.signing_key.sign("enquiry", waiting)))
    if (filed.kind, filed.text) != (kind, text):
        raise LogError("the hub filed another text than you wrote", hint=_HINT)
    _write(enrolment.data_dir, _Kept(filed={**kept.filed, filed.number: filed}))
    return filed


def ask_answers(enrolment: Enrolment, *, hub: HubClient) -> tuple[EnquiryShown, ...]:
    """Ask the hub for answers, check them, keep them and return everything that was ever filed, newest first.

    Raises:
        LogError: something filed here is gone or changed at the hub, or a proof isn't sound.
    """
    asked = EnquiriesRequest(
        participant=enrolment.participant, programme_id=enrolment.programme.id, asked_at=rfc3339(enrolment.clock.now())
    )
    told = {one.number: one for one in hub.enquiries(enrolment.signing_key.sign("enquiries", asked)).enquiries}
    kept = _read(enrolment.data_dir)
    for number, before in kept.filed.items():
        _check_stays(before, told.get(number))
    for one in told.values():
        _checked(enrolment, one)
    _write(enrolment.data_dir, msgspec.structs.replace(kept, filed=told))
    return _sorted(told)


def read_enquiries(enrolment: Enrolment) -> tuple[EnquiryShown, ...]:
    """Return everything that was ever filed from here, newest first, each checked; nothing is asked of anybody."""
    kept = _read(enrolment.data_dir).filed
    for one in kept.values():
        _checked(enrolment, one)
    return _sorted(kept)


def proof_of(enrolment: Enrolment, number: int, *, is_answer: bool) -> LogProof:
    """Return the kept proof that something was filed, or answered.

    Raises:
        UsageError: there is none.
    """
    one = _read(enrolment.data_dir).filed.get(number)
    proof = None if one is None else one.answer_proof if is_answer else one.proof
    if proof is None:
        raise UsageError("no such proof is kept here", hint="the page lists what there is")
    return proof


def _check_stays(before: EnquiryShown, now: EnquiryShown | None) -> None:
    """Check that what was filed, and what was answered, is still there as it was."""
    if now is None:
        message = f"the hub doesn't show your {before.kind} {before.number} any more"
        raise LogError(message, hint=_HINT)
    fixed = [(one.kind, one.text, one.filed_at, one.due_at) for one in (before, now)]
    if fixed[0] != fixed[1] or (before.answer and (before.answer, before.answered_at) != (now.answer, now.answered_at)):
        message = f"the hub changed your {before.kind} {before.number} or its answer"
        raise LogError(message, hint=_HINT)


def _checked(enrolment: Enrolment, one: EnquiryShown) -> EnquiryShown:
    """Return something filed after checking it and its answer against the log.

    Raises:
        LogError: the log doesn't hold it, or says something else.
    """
    key, origin = enrolment.offer.signing_key, enrolment.offer.log_origin
    said = open_proof(one.proof, key, origin=origin)
    filed = (_DEEDS[one.kind], one.number, one.filed_at, _digest(one.text), one.due_at)
    if filed != (said.kind, one.proof.index, said.fields.get("done_at"), said.fields.get("text_sha256"), said.fields.get("due_at")):
        raise LogError("the hub shows another question than the log holds", hint=_HINT)
    if bool(one.answer) != (one.answer_proof is not None):
        raise LogError("the hub shows an answer that the log doesn't hold", hint=_HINT)
    if one.answer_proof is not None:
        answered = open_proof(one.answer_proof, key, origin=origin)
        named = ("enquiry_answered", one.number, _digest(one.answer), one.answered_at)
        fields = answered.fields
        if named != (answered.kind, fields.get("number"), fields.get("answer_sha256"), fields.get("done_at")):
            raise LogError("the hub shows another answer than the log holds", hint=_HINT)
    return one


def is_overdue(enrolment: Enrolment, one: EnquiryShown) -> bool:
    """Whether it should have been answered by now."""
    return not one.answer and enrolment.clock.now() > parse_rfc3339(one.due_at)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sorted(filed: dict[int, EnquiryShown]) -> tuple[EnquiryShown, ...]:
    return tuple(filed[number] for number in sorted(filed, reverse=True))


def _read(data_dir: Path) -> _Kept:
    try:
        return msgspec.json.decode((data_dir / ENQUIRIES_FILE).read_bytes(), type=_Kept)
    except FileNotFoundError:
        return _Kept()
    except msgspec.MsgspecError:
        raise IntegrityError("the questions kept here can't be read", hint=f"remove {ENQUIRIES_FILE}, then ask the hub for them") from None


def _write(data_dir: Path, kept: _Kept) -> None:
    write_private(data_dir / ENQUIRIES_FILE, msgspec.json.encode(kept))
