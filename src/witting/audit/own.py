"""What a participant can check alone, without a network: the papers on their own device, and that its sealed sessions are whole.

Asks nobody; the only key it trusts is the one that came with the invitation. Invariant: a paper that can't be read is a check that
doesn't hold, never one that is left out.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from witting.audit.report import ReportCheck
from witting.consent.programme import programme_digest
from witting.device.enrolment import ENROLMENT_FILE, Enrolment
from witting.device.leaving import RECEIPT_FILE, read_receipt
from witting.device.outbox import Outbox
from witting.ledger.log import open_proof, verify_proof
from witting.terms.consent import ConsentReceipt
from witting.terms.errors import IntegrityError, NoConsentError, WittingError
from witting.terms.hub import LogProof


def check_own(data_dir: Path, *, enrolment: Enrolment | None = None) -> list[ReportCheck]:
    """Return the checks of what lies in a participant's data directory.

    Raises:
        NoConsentError: nothing lies there to check.
    """
    has_receipt, is_enrolled = (data_dir / RECEIPT_FILE).exists(), enrolment is not None or (data_dir / ENROLMENT_FILE).exists()
    if not has_receipt and not is_enrolled:
        raise NoConsentError("nothing of a programme is here to verify", hint="`witting join LINK` shows what a programme asks for")
    found = [_try("Your deletion receipt is the hub's and in its log", lambda: _deletion(data_dir))] * has_receipt
    if is_enrolled:
        return [*found, *_enrolled(data_dir, enrolment)]
    return found


def _enrolled(data_dir: Path, given: Enrolment | None) -> list[ReportCheck]:
    """Check the papers of an enrolment."""
    try:
        enrolment = given or Enrolment(data_dir)
    except WittingError as error:
        return [ReportCheck(name="Your enrolment can be read", holds=False, evidence=str(error))]
    return [
        _try("Notice and programme are the ones you signed for", lambda: _texts(enrolment)),
        _try("Your receipts are the controller's, word for word", lambda: f"{len(enrolment.receipts)} receipts"),
        _try("Your consent is in the hub's log", lambda: _consents(enrolment)),
        _try("What you sent is in the hub's log", lambda: _sent(enrolment)),
        _try("Your sealed sessions are whole", lambda: _sessions(enrolment)),
    ]


def _try(name: str, look: Callable[[], str]) -> ReportCheck:
    """Return the check that `look` makes: its evidence, or the error it ends with."""
    try:
        return ReportCheck(name=name, holds=True, evidence=look())
    except WittingError as error:
        return ReportCheck(name=name, holds=False, evidence=str(error))


def _deletion(data_dir: Path) -> str:
    """Verify the deletion receipt that is kept here."""
    kept = read_receipt(data_dir)
    if kept is None:
        raise IntegrityError("the deletion receipt went away meanwhile", hint="run it again")
    receipt = kept.open()
    return f"{len(receipt.sessions)} sessions, {receipt.objects} objects, {receipt.keys_destroyed} keys"


def _texts(enrolment: Enrolment) -> str:
    """Compare the texts kept here with the digests in the offer and in every receipt of this version."""
    offer = enrolment.offer
    is_notice = hashlib.sha256(offer.notice_markdown.encode()).hexdigest() == offer.notice_digest
    if not is_notice or programme_digest(offer.programme) != offer.programme_digest:
        raise IntegrityError("the notice or programme kept here isn't the one its digest names", hint="ask for a fresh invitation")
    current = [receipt for receipt in enrolment.receipts if receipt.programme_digest == offer.programme_digest]
    if any(receipt.notice_digest != offer.notice_digest for receipt in current):
        raise IntegrityError("a receipt is for another notice than the one kept here", hint="ask for a fresh invitation")
    return f"notice {offer.notice_digest[:16]}…, named by {len(current)} of {len(enrolment.receipts)} receipts"


def _consents(enrolment: Enrolment) -> str:
    """Verify the log proof of each receipt."""
    receipts, proofs = enrolment.receipts, enrolment.proofs
    if len(receipts) != len(proofs):
        message = f"{len(receipts)} receipts, but {len(proofs)} log proofs"
        raise IntegrityError(message, hint="ask the hub for the missing proofs")
    opened = [_verify_consent(enrolment, receipt, proof=proof) for receipt, proof in zip(receipts, proofs, strict=True)]
    return f"{len(proofs)} proofs, {sum(opened)} of them opened"


def _verify_consent(enrolment: Enrolment, receipt: ConsentReceipt, *, proof: LogProof) -> bool:
    """Verify that the log holds the entry of a receipt; return whether its opening came with it."""
    said = _verify(enrolment, proof)
    named = {"programme_digest": receipt.programme_digest, "notice_digest": receipt.notice_digest}
    if receipt.log_index != proof.index or any(said.get(key, value) != value for key, value in named.items()):
        raise IntegrityError("a log proof is of another entry than the receipt's", hint="ask the hub for the right one")
    return bool(said)


def _sent(enrolment: Enrolment) -> str:
    """Verify the log proof of each parcel that arrived."""
    every = Outbox(enrolment.data_dir).all_sent()
    for sent in every:
        session_id = _verify(enrolment, sent.answer.proof).get("session_id", sent.parcel.session_id)
        if not sent.parcel.session_id == sent.answer.session_id == session_id:
            raise IntegrityError("a log proof is of another session than the one sent", hint="ask the hub for the right one")
    return f"{len(every)} parcels"


def _sessions(enrolment: Enrolment) -> str:
    """Read every session on this device from end to end."""
    spool = enrolment.open_spool()
    if damaged := spool.damaged():
        message = f"{len(damaged)} sessions can't be read: {', '.join(name[:8] for name in damaged)}"
        raise IntegrityError(message, hint="nothing of them can leave; `witting drop` deletes one")
    finished = [info.session_id for info in spool.sessions() if not info.is_recording]
    records = sum(1 for session_id in finished for _ in spool.read(session_id))
    cut = sum(spool.endings[session_id] != "closed" for session_id in finished)
    return f"{len(finished)} sessions, {records} records" + (f"; {cut} without its end, as a crash leaves it" if cut else "")


def _verify(enrolment: Enrolment, proof: LogProof) -> dict[str, object]:
    """Verify a proof under the hub's key; return what its entry says when the opening came with it.

    Raises:
        LogError: the log doesn't hold it, or it says something else.
    """
    key, origin = enrolment.offer.signing_key, enrolment.offer.log_origin
    if proof.opening:
        return dict(open_proof(proof, key, origin=origin).fields)
    verify_proof(proof, key, origin=origin)
    return {}
