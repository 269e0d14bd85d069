"""Taking a part back while consent goes on: whole recordings, a part of one, a purpose, a kind. It ends here at once, then the hub is told.

The signed withdrawal is written down before anything is sent, so that a hub that can't be reached is told later, by the very same
statement, once. Knows no pages. Invariant: while a purpose or kind that was taken back waits for the hub, nothing is recorded or sent.
"""

import contextlib
import re
from pathlib import Path

import msgspec

from witting.device import control
from witting.device.enrolment import Enrolment
from witting.device.leaving import KeptReceipt, checked, last_receipt_id, leave, wait_for_recorder
from witting.device.outbox import Outbox
from witting.device.send import HubClient
from witting.device.spool.disk import write_private
from witting.ledger.keys import digest_of, open_signed
from witting.ledger.pseudonyms import new_session_id
from witting.terms.clock import rfc3339
from witting.terms.consent import Item, Withdrawal
from witting.terms.errors import IntegrityError, NoConsentError, UsageError
from witting.terms.events import Stream
from witting.terms.hub import WithdrawalAnswer
from witting.terms.review import DropRange
from witting.terms.session import Signed

_DELETIONS = "deletions"
_WAITING = "taken-back"
_US = 1000  # nanoseconds
_SECOND = 1_000_000_000
_replace = msgspec.structs.replace


class TakenBack(msgspec.Struct, frozen=True, kw_only=True):
    """A signed withdrawal of a part that the hub hasn't confirmed yet."""

    signed: Signed
    withdrawn_at: str  # RFC 3339 UTC


def withdraw_sessions(enrolment: Enrolment, sessions: tuple[str, ...], *, hub: HubClient) -> KeptReceipt:
    """Take some sessions back: erased here at once, then at the hub; consent goes on.

    Raises:
        UsageError: no session was named.
        HubUnreachableError: erased here; the hub is told the next time it is reached.
    """
    if not sessions:
        raise UsageError("no session was named", hint="`witting episodes` lists them, `witting leave` takes everything back")
    return _tell(enrolment, _keep(enrolment, _replace(_blank(enrolment), sessions=sessions)), hub=hub)


def withdraw_items(enrolment: Enrolment, items: tuple[Item, ...], *, hub: HubClient) -> KeptReceipt:
    """Take parts of sent sessions back, a picture, a text, a step: this machine's copy loses them at once, then the hub's; the rest stays.

    Raises:
        UsageError: nothing was named, a session wasn't sent from here, or the end lies before the beginning.
        HubUnreachableError: taken out here; the hub is told the next time it is reached.
    """
    outbox = Outbox(enrolment.data_dir)
    if not items or any(item.to_us < item.from_us or item.from_us < 0 for item in items):
        raise UsageError("no part of a recording was named", hint="give the earlier time first; nothing was changed")
    if any(outbox.sent(item.session_id) is None for item in items):
        raise UsageError("that recording wasn't sent, so there is nothing to take back", hint="take the part out on its page instead")
    return _tell(enrolment, _keep(enrolment, _replace(_blank(enrolment), items=items)), hub=hub)


def withdraw_part(enrolment: Enrolment, *, purposes: tuple[str, ...] = (), streams: tuple[Stream, ...] = (), hub: HubClient) -> KeptReceipt:
    """Take purposes or kinds of recording back; what else is lent stays lent, under the receipt that the hub answers with.

    A recorder that runs is stopped first. Recordings here are erased that hold such a kind or are for these purposes alone. Where nothing
    would be left to lend, this is leaving.

    Raises:
        UsageError: neither was named, both were, or one isn't lent.
        HubUnreachableError: recording has stopped and stays so; the hub is told the next time it is reached.
    """
    lent = {grant.purpose for grant in enrolment.receipt.grants} | {grant.stream for grant in enrolment.receipt.grants}
    if bool(purposes) == bool(streams) or not {*purposes, *streams} <= lent:
        raise UsageError("name purposes, or kinds, that you lend", hint="`witting receipts` shows what you lend; nothing was changed")
    waiting = _keep(enrolment, _replace(_blank(enrolment), purposes=purposes, streams=streams))
    with contextlib.suppress(UsageError):  # none runs
        control.stop(enrolment.data_dir / "run" / "control.sock")
    wait_for_recorder(enrolment)
    return _tell(enrolment, waiting, hub=hub)


def span_of(enrolment: Enrolment, session_id: str, *, start: str, end: str) -> Item:
    """Return a part of a session that lies here, by times since its beginning, `m:ss` or `m:ss.t`.

    Raises:
        UsageError: the session isn't here, or a time isn't written so.
    """
    began_ns = enrolment.open_spool().info(session_id).header.started_ns
    return Item(session_id, (began_ns + nanoseconds(start)) // _US, (began_ns + nanoseconds(end)) // _US)


def nanoseconds(text: str) -> int:
    """Return the nanoseconds that `m:ss` or `m:ss.t` means.

    Raises:
        UsageError: it isn't written so.
    """
    found = re.fullmatch(r"(\d{1,4}):([0-5]\d)(?:\.(\d))?", text)
    if found is None:
        raise UsageError("a time isn't written as minutes and seconds", hint="write it like 2:07; nothing was changed")
    return (int(found[1]) * 600 + int(found[2]) * 10 + int(found[3] or 0)) * _SECOND // 10


def tell_hub(enrolment: Enrolment, *, hub: HubClient) -> tuple[KeptReceipt, ...]:
    """Tell the hub of everything that was taken back and waits, oldest first; return the deletion receipts.

    Raises:
        HubUnreachableError: it can't be reached; what isn't confirmed goes on waiting.
    """
    return tuple(_tell(enrolment, path, hub=hub) for path in _waiting(enrolment.data_dir))


def taken_back(data_dir: Path) -> tuple[Withdrawal, ...]:
    """Return what was taken back and waits for the hub, oldest first.

    Raises:
        IntegrityError: one can't be read.
    """
    return tuple(open_signed(_read(path).signed, "withdrawal", statement_type=Withdrawal) for path in _waiting(data_dir))


def check_nothing_waits(data_dir: Path) -> None:
    """Check that no purpose or kind that was taken back waits for the hub.

    Raises:
        NoConsentError: one does.
    """
    if any(one.purposes or one.streams for one in taken_back(data_dir)):
        message = "what you took back waits for the hub to confirm it, so nothing is recorded or sent"
        raise NoConsentError(message, hint="`witting withdraw --again` tells the hub now")


def read_deletions(data_dir: Path) -> tuple[KeptReceipt, ...]:
    """Return the deletion receipts of what was taken back, each checked, oldest first."""
    files = (data_dir / _DELETIONS).glob("*.json")
    kept = [msgspec.json.decode(file.read_bytes(), type=KeptReceipt) for file in files]
    return tuple(sorted(kept, key=lambda one: one.open().log_index))


def _blank(enrolment: Enrolment) -> Withdrawal:
    """Return what every withdrawal of this person says now."""
    return Withdrawal(
        participant=enrolment.participant,
        programme_id=enrolment.programme.id,
        receipt_id=last_receipt_id(enrolment),
        withdrawn_at=rfc3339(enrolment.clock.now()),
    )


def _keep(enrolment: Enrolment, withdrawal: Withdrawal) -> Path:
    """Sign a withdrawal and write it down; return where it lies. One of the same things that waits already is that one."""
    folder = enrolment.data_dir / _WAITING
    for path in _waiting(enrolment.data_dir):
        before = open_signed(_read(path).signed, "withdrawal", statement_type=Withdrawal)
        if _replace(before, withdrawn_at=withdrawal.withdrawn_at) == withdrawal:
            return path
    folder.mkdir(mode=0o700, exist_ok=True)
    kept = TakenBack(signed=enrolment.signing_key.sign("withdrawal", withdrawal), withdrawn_at=withdrawal.withdrawn_at)
    last = max((int(path.name[:6]) for path in _waiting(enrolment.data_dir)), default=0)
    path = folder / f"{last + 1:06d}-{digest_of(withdrawal)[:16]}.json"
    write_private(path, msgspec.json.encode(kept))
    return path


def _tell(enrolment: Enrolment, path: Path, *, hub: HubClient) -> KeptReceipt:
    """End here what a withdrawal is about, tell the hub, do what its answer says, and let go of it; each of it bears being done twice."""
    signed = _read(path).signed
    withdrawal = open_signed(signed, "withdrawal", statement_type=Withdrawal)
    _end_here(enrolment, withdrawal)
    answer = hub.withdraw(signed)
    if withdrawal.purposes or withdrawal.streams:
        if answer.narrowed is None:
            path.unlink()
            return leave(enrolment.data_dir, enrolment=enrolment, hub=hub)
        enrolment.keep_narrowed(answer.narrowed, answer.proof)
        _erase_part(enrolment, withdrawal)
    kept = _keep_deletion(enrolment, answer)
    outbox = Outbox(enrolment.data_dir)
    for session_id in withdrawal.sessions:
        outbox.drop(session_id)
    path.unlink()
    return kept


def _end_here(enrolment: Enrolment, withdrawal: Withdrawal) -> None:
    """Erase the sessions, and take the items out of this machine's copies."""
    spool = enrolment.open_spool()
    for session_id in withdrawal.sessions:
        spool.forget(session_id)
    spool.prune()
    here = {info.session_id for info in spool.sessions()}
    for item in (item for item in withdrawal.items if item.session_id in here):
        from_ns, to_ns = item.from_us * _US, item.to_us * _US + _US - 1
        known = [mark for mark in spool.marks(item.session_id) if isinstance(mark, DropRange)]
        if not any((mark.from_ns, mark.to_ns) == (from_ns, to_ns) for mark in known):
            spool.add_mark(item.session_id, DropRange(mark_id=new_session_id(), from_ns=from_ns, to_ns=to_ns))


def _erase_part(enrolment: Enrolment, withdrawal: Withdrawal) -> None:
    """Erase the recordings here that hold one of these kinds, or are for these purposes alone."""
    spool, outbox = enrolment.open_spool(), Outbox(enrolment.data_dir)
    for info in spool.sessions():
        is_for_them = bool(withdrawal.purposes) and set(info.header.purposes) <= set(withdrawal.purposes)
        if is_for_them or set(info.header.streams) & set(withdrawal.streams):
            spool.forget(info.session_id)
            if outbox.sent(info.session_id) is None:
                outbox.drop(info.session_id)
    spool.prune()


def _keep_deletion(enrolment: Enrolment, answer: WithdrawalAnswer) -> KeptReceipt:
    """Keep the deletion receipt of something that was taken back."""
    kept = checked(answer, enrolment.offer.signing_key, log_origin=enrolment.offer.log_origin)
    folder = enrolment.data_dir / _DELETIONS
    folder.mkdir(mode=0o700, exist_ok=True)
    write_private(folder / f"{kept.open().deletion_id}.json", msgspec.json.encode(kept))
    return kept


def _waiting(data_dir: Path) -> list[Path]:
    return sorted((data_dir / _WAITING).glob("*.json"))


def _read(path: Path) -> TakenBack:
    try:
        return msgspec.json.decode(path.read_bytes(), type=TakenBack)
    except msgspec.MsgspecError:
        hint = f"nothing is recorded until then: remove {path.name} below {_WAITING} and take it back again"
        raise IntegrityError("something that was taken back can't be read", hint=hint) from None
