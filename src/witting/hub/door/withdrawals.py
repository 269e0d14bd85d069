"""Leaving: one signed statement, no reason, at any time; use stops in the transaction that takes it, and everything is erased after.

Invariant: a withdrawal that was taken is carried through, whatever happens to the process; sent again it gets the same answer.
"""

import re

import msgspec
from sqlalchemy import Connection, insert, select, update

from witting.consent.states import leading_to
from witting.hub import schema
from witting.hub.consents import receipts_of
from witting.hub.database import reading, writing
from witting.hub.door.narrowing import keep_narrowed, narrowed_receipt, reach_of
from witting.hub.erased import Erased, note_erased
from witting.hub.hub import Hub
from witting.hub.journal import Deed
from witting.hub.vault.erasure import Subject, begin_erasure, finish_erasure
from witting.ledger.keys import digest_of, open_signed
from witting.terms.consent import ConsentReceipt, Item, Withdrawal
from witting.terms.errors import NoConsentError, SignatureError, UsageError
from witting.terms.events import STREAMS
from witting.terms.hub import WithdrawalAnswer
from witting.terms.session import Signed

_ID = re.compile(r"[0-9a-f]{32}")
_MOST_SESSIONS = 10_000
_MOST_US = 2**53  # what RFC 8785 can say


def withdraw(hub: Hub, signed: Signed) -> WithdrawalAnswer:
    """Take a withdrawal, erase what it is about, and return the signed deletion receipt with the proof of the withdrawal.

    Raises:
        SignatureError: the statement was changed or isn't from whom it names.
        NoConsentError: the hub never had a consent of that participant.
        StoreLockedError: the erasure has begun and can't be finished now; it will be, and sending again returns the receipt.
    """
    withdrawal = open_signed(signed, "withdrawal", statement_type=Withdrawal)
    if len(withdrawal.sessions) > _MOST_SESSIONS or not all(map(_ID.fullmatch, withdrawal.sessions)):
        raise UsageError("the withdrawal names sessions that can't be", hint="name sessions by their ids, or none to withdraw all")
    if len(withdrawal.items) > _MOST_SESSIONS or not all(map(_can_be, withdrawal.items)):
        raise UsageError("the withdrawal names a part of a session that can't be", hint="name its id, and the earlier time first")
    if sum(map(bool, (withdrawal.sessions, withdrawal.purposes, withdrawal.streams, withdrawal.items))) > 1:
        message = "a withdrawal is of sessions, of parts of them, of purposes or of kinds"
        raise UsageError(message, hint="send one for each; nothing was changed")
    digest = digest_of(withdrawal)
    with writing(hub.engine) as connection:
        receipts = receipts_of(
            connection, hub.keys.signing.public, participant=withdrawal.participant, programme_id=withdrawal.programme_id
        )
        _check_signer(withdrawal, receipts, signer=signed.key)
        table = schema.withdrawal
        known = connection.execute(select(table).where(table.c.statement_digest == digest)).one_or_none()
        job_id = str(known.job_id) if known is not None else _take(hub, connection, withdrawal=withdrawal, digest=digest)
        if known is None:
            note_erased(hub.config, Erased(at=hub.stamp(), withdrawal=signed))
    receipt = finish_erasure(hub, job_id)
    with reading(hub.engine) as connection:
        position = connection.execute(select(table.c.position).where(table.c.statement_digest == digest)).scalar_one()
        narrowed = connection.execute(select(schema.consent.c.receipt).where(schema.consent.c.statement_digest == digest)).scalar()
        return WithdrawalAnswer(
            receipt=receipt,
            proof=hub.journal.prove(connection, position, is_opened=True),
            narrowed=None if narrowed is None else msgspec.json.decode(narrowed, type=Signed),
        )


def _check_signer(withdrawal: Withdrawal, receipts: tuple[ConsentReceipt, ...], *, signer: bytes) -> None:
    if withdrawal.receipt_id not in {receipt.receipt_id for receipt in receipts}:
        raise NoConsentError("the hub has no consent of this participant", hint="there is nothing to withdraw here")
    if any(receipt.participant_key != signer for receipt in receipts):
        raise SignatureError("the withdrawal isn't signed by the participant it names", hint="nothing was changed")


def _take(hub: Hub, connection: Connection, *, withdrawal: Withdrawal, digest: str) -> str:
    """Enter the withdrawal in the log, stop all use and write the erasure down; return its job's id."""
    is_part = bool(withdrawal.purposes or withdrawal.streams)
    left = narrowed_receipt(hub, connection, withdrawal=withdrawal, digest=digest) if is_part else None
    index = hub.journal.record(
        connection,
        Deed(
            kind="withdrawal",
            done_at=hub.stamp(),
            participant=withdrawal.participant,
            fields={
                "statement_digest": digest,
                "receipt_id": withdrawal.receipt_id,
                "sessions": withdrawal.sessions,
                "purposes": withdrawal.purposes,
                "streams": withdrawal.streams,
                "items": tuple(f"{item.session_id} {item.from_us} {item.to_us}" for item in withdrawal.items),
            },
        ),
    )
    if left is not None:
        keep_narrowed(hub, connection, receipt=left, digest=digest, index=index)
        subject = _part_of(connection, withdrawal, left=left)
    elif withdrawal.items:
        subject = _items_of(connection, withdrawal)
    else:
        subject = _subject(hub, connection, withdrawal=withdrawal)
    if not withdrawal.sessions and not withdrawal.items and left is None:
        table = schema.consent
        connection.execute(
            update(table)
            .where(table.c.participant == withdrawal.participant, table.c.programme_id == withdrawal.programme_id)
            .where(table.c.status.in_(sorted(leading_to("withdrawn"))))
            .values(status="withdrawn")
        )
    job_id = begin_erasure(hub, connection, subject=subject)
    connection.execute(insert(schema.withdrawal).values(statement_digest=digest, job_id=job_id, position=index))
    return job_id


def _part_of(connection: Connection, withdrawal: Withdrawal, *, left: ConsentReceipt) -> Subject:
    """Return what is to be erased when a purpose or kind was withdrawn; what is on its way has to be sent again.

    Kinds that were lent for the withdrawn purposes alone are taken out of what stays for others.
    """
    reach = reach_of(connection, withdrawal)
    still_lent = {grant.stream for grant in left.grants}
    return Subject(
        participant=withdrawal.participant,
        programme_id=withdrawal.programme_id,
        sessions=reach.whole,
        uploads=tuple(sorted(_uploads(connection, withdrawal))),
        why="withdrawal",
        cuts=reach.cuts,
        streams=tuple(stream for stream in STREAMS if stream not in still_lent),
        narrowed=reach.narrowed,
        purposes=withdrawal.purposes,
    )


def _can_be(item: Item) -> bool:
    return _ID.fullmatch(item.session_id) is not None and 0 <= item.from_us <= item.to_us < _MOST_US


def _items_of(connection: Connection, withdrawal: Withdrawal) -> Subject:
    """Return what is to be taken out of stored sessions of theirs.

    Raises:
        UsageError: a session isn't stored.
        SignatureError: one is another participant's.
    """
    named = tuple(sorted({item.session_id for item in withdrawal.items}))
    stored = _stored(connection, msgspec.structs.replace(withdrawal, sessions=named))
    if any(stored.get(session_id) != "stored" for session_id in named):
        raise UsageError("a session isn't at this hub, or is erased already", hint="nothing was changed")
    return Subject(
        participant=withdrawal.participant,
        programme_id=withdrawal.programme_id,
        sessions=(),
        uploads=(),
        why="withdrawal",
        cuts=named,
        items=tuple(sorted(withdrawal.items)),
    )


def _subject(hub: Hub, connection: Connection, *, withdrawal: Withdrawal) -> Subject:
    """Return what is to be erased: sessions that are stored, on their way, or named and never sent."""
    stored = _stored(connection, withdrawal)
    uploads = _uploads(connection, withdrawal)
    never_stored = sorted(({*withdrawal.sessions} | set(uploads.values())) - set(stored))
    if never_stored:
        tombstone = {
            "state": "forgotten",
            "programme_id": withdrawal.programme_id,
            "participant": withdrawal.participant,
            "purposes": "",
            "records": 0,
            "size_bytes": 0,
            "content_digest": "",
            "stored_at": hub.stamp(),
        }
        connection.execute(insert(schema.session), [{"session_id": session_id, **tombstone} for session_id in never_stored])
    present = [session_id for session_id, state in stored.items() if state != "erased"]
    return Subject(
        participant=withdrawal.participant,
        programme_id=withdrawal.programme_id,
        sessions=tuple(sorted([*present, *never_stored])),
        uploads=tuple(sorted(uploads)),
        why="withdrawal",
    )


def _stored(connection: Connection, withdrawal: Withdrawal) -> dict[str, str]:
    """Return the state of each session the hub has that the withdrawal is about.

    Raises:
        SignatureError: one is another participant's.
    """
    table = schema.session
    mine = (table.c.participant == withdrawal.participant) & (table.c.programme_id == withdrawal.programme_id)
    which = table.c.session_id.in_(withdrawal.sessions) if withdrawal.sessions else mine
    rows = connection.execute(select(table.c.session_id, table.c.state, table.c.participant).where(which)).all()
    if any(row.participant not in {withdrawal.participant, ""} for row in rows):
        raise SignatureError("a session is another participant's", hint="name your own sessions; nothing was changed")
    return {row.session_id: row.state for row in rows}


def _uploads(connection: Connection, withdrawal: Withdrawal) -> dict[str, str]:
    """Return the session of each unfinished upload that the withdrawal is about."""
    table, consents = schema.upload, schema.consent
    mine = select(consents.c.receipt_id).where(
        consents.c.participant == withdrawal.participant, consents.c.programme_id == withdrawal.programme_id
    )
    wanted = select(table.c.upload_id, table.c.session_id).where(table.c.answer.is_(None), table.c.receipt_id.in_(mine))
    if withdrawal.sessions:
        wanted = wanted.where(table.c.session_id.in_(withdrawal.sessions))
    return {row.upload_id: row.session_id for row in connection.execute(wanted).all()}
