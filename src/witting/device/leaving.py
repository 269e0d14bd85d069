"""Leaving: consent ends here first, then what lies on this device is erased, then the hub is told and answers with a deletion receipt.

The signed withdrawal is written down before its key is destroyed, so that a hub that can't be reached now is told later. Knows no pages.
Invariant: from the first moment on nothing is recorded or sent; at the end nothing is left but the deletion receipt.
"""

import contextlib
import shutil
import time
from pathlib import Path

import msgspec

from witting.consent.states import YES
from witting.device import control
from witting.device.enrolment import ENROLMENT_FILE, Enrolment, open_keystore
from witting.device.send import HubClient
from witting.device.spool.disk import write_private
from witting.device.standing import CONSENT_FILE, WITHDRAWN_FILE, read_state
from witting.ledger.keys import digest_of, open_signed
from witting.ledger.log import verify_proof
from witting.terms.clock import Clock, rfc3339
from witting.terms.consent import DeletionReceipt, Withdrawal
from witting.terms.errors import IntegrityError, NoConsentError, UsageError
from witting.terms.hub import LogProof, WithdrawalAnswer
from witting.terms.session import Signed

RECEIPT_FILE = "deletion-receipt.json"
_PENDING_FILE = "withdrawal.json"
_RECORDER_STOPS_S = 3.0  # it promises one
_MARKERS = {CONSENT_FILE, WITHDRAWN_FILE}


class KeptReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """A deletion receipt with all that is needed to verify it offline."""

    receipt: Signed  # a DeletionReceipt, signed by the hub
    proof: LogProof
    signing_key: bytes  # the hub's Ed25519 key, as the invitation gave it
    log_origin: str

    def open(self) -> DeletionReceipt:
        """Return the receipt after checking signature and log proof.

        Raises:
            SignatureError, LogError: it isn't the hub's, or not in its log.
        """
        verify_proof(self.proof, self.signing_key, origin=self.log_origin)
        return open_signed(self.receipt, "deletion", statement_type=DeletionReceipt, key=self.signing_key)


class _Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A withdrawal the hub hasn't confirmed yet."""

    hub_url: str
    signed: Signed
    signing_key: bytes
    log_origin: str


def refuse(data_dir: Path, *, hub: HubClient | None = None, clock: Clock | None = None) -> None:
    """Say no: remove everything an invitation left here; nobody is told, unless choices were sent before, which are withdrawn.

    Somebody who said yes once and is asked again keeps what is here: nothing more is recorded, nobody is told, and leaving stays as it is.

    Raises:
        UsageError: consent is in force; that is ended by leaving.
    """
    enrolment = Enrolment(data_dir, clock=clock) if (data_dir / ENROLMENT_FILE).exists() else None
    state = read_state(data_dir)
    status = enrolment.status if enrolment is not None else state.status if state is not None else "invalidated"
    if status in YES | {"withdrawn"}:
        raise UsageError("you are in a programme", hint="`witting leave` ends it and erases everything")
    if enrolment is not None and enrolment.signed_receipts:
        enrolment.say_no_again()
        return
    if enrolment is not None and enrolment.participant:
        _refuse_after_all(enrolment, hub)
        if (data_dir / RECEIPT_FILE).exists():
            return
    shutil.rmtree(data_dir, ignore_errors=True)


def _refuse_after_all(enrolment: Enrolment, hub: HubClient | None) -> None:
    """Say no after choices were signed once: whatever the hub may have of them is withdrawn too."""
    with contextlib.suppress(NoConsentError):  # it never had any
        leave(enrolment.data_dir, enrolment=enrolment, hub=hub)


def leave(data_dir: Path, *, enrolment: Enrolment | None = None, hub: HubClient | None = None) -> KeptReceipt:
    """End consent, erase everything here, tell the hub; called again after a failure it goes on where it stopped.

    Raises:
        NoConsentError: there is nothing to leave.
        HubUnreachableError: everything here is erased; only the signed withdrawal waits.
        IntegrityError: what says which hub it was can't be read; everything here is erased, but the hub can't be told.
    """
    if (data_dir / ENROLMENT_FILE).exists():
        _erase_here(enrolment or _open_or_erase(data_dir))
    pending = _read_pending(data_dir)
    answer = (hub or HubClient(pending.hub_url)).withdraw(pending.signed)
    kept = checked(answer, pending.signing_key, log_origin=pending.log_origin)
    write_private(data_dir / RECEIPT_FILE, msgspec.json.encode(kept))
    (data_dir / _PENDING_FILE).unlink()
    for name in _MARKERS:
        (data_dir / name).unlink(missing_ok=True)
    return kept


def is_leaving(data_dir: Path) -> bool:
    """Whether a withdrawal waits for the hub."""
    return (data_dir / _PENDING_FILE).exists()


def pending_hub(data_dir: Path) -> str:
    """Return the address of the hub that a waiting withdrawal is for.

    Raises:
        NoConsentError: none waits.
    """
    return _read_pending(data_dir).hub_url


def read_receipt(data_dir: Path) -> KeptReceipt | None:
    """Return the deletion receipt kept here, None when there is none."""
    try:
        return msgspec.json.decode((data_dir / RECEIPT_FILE).read_bytes(), type=KeptReceipt)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError:
        raise IntegrityError("the deletion receipt can't be read", hint="use the copy you saved") from None


def take_receipt(data_dir: Path, target: Path) -> None:
    """Move the deletion receipt to where the person wants it; nothing of witting is left here then.

    Raises:
        UsageError: there is a file of that name.
    """
    kept = read_receipt(data_dir)
    if kept is None:
        raise NoConsentError("there is no deletion receipt here", hint="`witting leave` makes one")
    if target.exists():
        message = f"{target} exists"
        raise UsageError(message, hint="name another file; the receipt stays where it is")
    write_private(target, msgspec.json.format(msgspec.json.encode(kept)))
    shutil.rmtree(data_dir)


def _open_or_erase(data_dir: Path) -> Enrolment:
    """Return the enrolment; where it can't be read, erase what is here before saying so."""
    try:
        return Enrolment(data_dir)
    except IntegrityError:
        write_private(data_dir / WITHDRAWN_FILE, b"")
        open_keystore(data_dir).remove()
        shutil.rmtree(data_dir)
        raise IntegrityError(
            "everything here is erased, but what says which hub it was can't be read, so the hub wasn't told",
            hint="write to the contact in your notice: they erase their part too",
        ) from None


def _erase_here(enrolment: Enrolment) -> None:
    """End consent, write the signed withdrawal down, wait for the recorder to stop, destroy keys, then bytes."""
    receipt_id = last_receipt_id(enrolment)  # before anything is changed: where no consent was given nothing is withdrawn
    enrolment.mark_withdrawn()
    data_dir = enrolment.data_dir
    if not (data_dir / _PENDING_FILE).exists():
        pending = _Pending(
            hub_url=enrolment.hub_url,
            signed=_sign(enrolment, receipt_id=receipt_id),
            signing_key=enrolment.offer.signing_key,
            log_origin=enrolment.offer.log_origin,
        )
        write_private(data_dir / _PENDING_FILE, msgspec.json.encode(pending))
    wait_for_recorder(enrolment)
    enrolment.keystore.remove()
    enrolment.open_spool().prune()
    for path in reversed(enrolment.installed):
        _uninstall(path)
    for path in data_dir.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)  # the recorder may be taking its own socket away just now
        elif path.name not in {*_MARKERS, _PENDING_FILE, ENROLMENT_FILE}:
            path.unlink()
    for path in [path for path in data_dir.iterdir() if path.is_dir()]:
        shutil.rmtree(path)
    (data_dir / ENROLMENT_FILE).unlink()  # last: as long as it is there, leaving starts over


def _uninstall(path: Path) -> None:
    """Remove a file, or a folder that nobody put anything else into."""
    if path.is_dir() and not path.is_symlink():
        with contextlib.suppress(OSError):  # somebody else's files are in it now
            path.rmdir()
    else:
        path.unlink(missing_ok=True)


def wait_for_recorder(enrolment: Enrolment) -> None:
    """Wait, but not for ever, until no session is being written and the recorder is gone."""
    spool, socket = enrolment.open_spool(), enrolment.data_dir / "run" / "control.sock"
    until = time.monotonic() + _RECORDER_STOPS_S
    while time.monotonic() < until and (control.is_running(socket) or spool.is_recording()):
        time.sleep(0.05)


def _sign(enrolment: Enrolment, *, receipt_id: str) -> Signed:
    withdrawal = Withdrawal(
        participant=enrolment.participant,
        programme_id=enrolment.programme.id,
        receipt_id=receipt_id,
        withdrawn_at=rfc3339(enrolment.clock.now()),
    )
    return enrolment.signing_key.sign("withdrawal", withdrawal)


def last_receipt_id(enrolment: Enrolment) -> str:
    """Return the id of the last receipt; of one that got lost on the way, the id that the controller makes of the signed choices."""
    if enrolment.signed_receipts:
        return enrolment.receipts[-1].receipt_id
    if (statement := enrolment.pending_statement) is not None:
        return digest_of(statement)[:32]
    raise NoConsentError(
        "no consent was given, so there is nothing to withdraw", hint="`witting join LINK` shows what a programme asks for"
    )


def checked(answer: WithdrawalAnswer, signing_key: bytes, *, log_origin: str) -> KeptReceipt:
    """Return the hub's answer as it is kept, after checking signature and log proof.

    Raises:
        SignatureError, LogError: it isn't the hub's, or not in its log.
    """
    kept = KeptReceipt(receipt=answer.receipt, proof=answer.proof, signing_key=signing_key, log_origin=log_origin)
    kept.open()
    return kept


def _read_pending(data_dir: Path) -> _Pending:
    try:
        return msgspec.json.decode((data_dir / _PENDING_FILE).read_bytes(), type=_Pending)
    except FileNotFoundError:
        raise NoConsentError("this device is in no programme", hint="there is nothing to leave") from None
    except msgspec.MsgspecError:
        raise IntegrityError(
            "the withdrawal kept here can't be read", hint="everything here is erased; ask the programme's contact"
        ) from None
