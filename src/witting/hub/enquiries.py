"""Questions and findings: each gets a public number, a day by which it is to be answered, and an answer; none can be taken out again.

The number is the index of the log entry that it was filed as, so that one which vanished leaves an entry without its text. Texts and
answers are seen by whoever filed them and by those who answer. Invariant: row and log entry are one transaction, and no row is ever
deleted or rewritten: the database itself refuses both.
"""

import hashlib
import re
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from witting.consent.deadlines import DeadlineState, Due, first_due
from witting.consent.packs.combining import combine
from witting.consent.packs.loading import packs_of
from witting.hub.consents import programme_in_force, programmes_in_force
from witting.hub.database import writing
from witting.hub.hub import Hub
from witting.hub.journal import Deed, DeedKind
from witting.hub.schema import enquiry
from witting.ledger.pseudonyms import new_session_id
from witting.terms.clock import parse_rfc3339, rfc3339
from witting.terms.errors import UsageError
from witting.terms.hub import Enquiry, EnquiryKind, EnquiryShown
from witting.terms.programme import Programme

MOST_CHARACTERS = 4000
OWN_DAYS = 30
OWN_RULE = "witting's own promise: 30 days"
_KINDS: dict[EnquiryKind, DeedKind] = {"question": "question_asked", "finding": "finding_filed"}
_ID = re.compile(r"[0-9a-f]{32}")
_MOST_OPEN = 50  # of one person at once


class PublicLine(msgspec.Struct, frozen=True, kw_only=True):
    """A question or finding as everybody may see it: neither by whom nor what about."""

    number: int
    kind: EnquiryKind
    programme: str  # title
    filed_on: str  # YYYY-MM-DD
    due_on: str
    answered_on: str  # empty while there is no answer
    state: DeadlineState | None  # None once answered
    days_over: int = 0  # since when it is overdue


class OpenLine(msgspec.Struct, frozen=True, kw_only=True):
    """A question or finding as those who answer see it."""

    number: int
    kind: EnquiryKind
    programme: str
    text: str
    filed_on: str
    due_on: str
    citation: str
    state: DeadlineState


def file_enquiry(hub: Hub, connection: Connection, *, asked: Enquiry) -> int:
    """Enter a question or finding and return its number; the same one twice is one.

    Raises:
        UsageError: its text is empty or too long, its id can't be one, the hub runs no such programme, or fifty of theirs wait.
    """
    text = _checked(asked.text)
    if not _ID.fullmatch(asked.enquiry_id):
        raise UsageError("a question's id is 32 hex digits", hint="nothing was kept; ask again")
    known = connection.execute(select(enquiry).where(enquiry.c.enquiry_id == asked.enquiry_id)).one_or_none()
    if known is not None:
        return _same(known, asked)
    _check_room(connection, asked.participant)
    programme, filed_at = programme_in_force(connection, asked.programme_id).programme, hub.stamp()
    due_at, citation = _due(programme, parse_rfc3339(filed_at))
    deed = Deed(
        kind=_KINDS[asked.kind],
        done_at=filed_at,
        participant=asked.participant,
        fields={"text_sha256": digest(text), "due_at": due_at, "enquiry_id": asked.enquiry_id},
    )
    number = hub.journal.record(connection, deed)
    connection.execute(
        insert(enquiry).values(
            position=number,
            enquiry_id=asked.enquiry_id,
            programme_id=asked.programme_id,
            participant=asked.participant,
            kind=asked.kind,
            body=text,
            filed_at=filed_at,
            due_at=due_at,
            citation=citation,
        )
    )
    return number


def file_finding(hub: Hub, programme_id: str, *, text: str) -> int:
    """Enter a finding of somebody who is no participant, an auditor for instance, and return its number."""
    asked = Enquiry(enquiry_id=new_session_id(), participant="", programme_id=programme_id, kind="finding", text=text, asked_at=hub.stamp())
    with writing(hub.engine) as connection:
        return file_enquiry(hub, connection, asked=asked)


def answer_enquiry(hub: Hub, number: int, *, answer: str) -> None:
    """Enter the one answer to a question or finding.

    Raises:
        UsageError: there is none of that number, it is answered already, or the answer is empty or too long.
    """
    text = _checked(answer)
    with writing(hub.engine) as connection:
        row = connection.execute(select(enquiry).where(enquiry.c.position == number)).one_or_none()
        if row is None or row.answer is not None:
            message = f"there is no open question or finding {number}"
            raise UsageError(message, hint="what was answered stays as it was answered; nothing was changed")
        answered_at = hub.stamp()
        deed = Deed(
            kind="enquiry_answered",
            done_at=answered_at,
            participant=row.participant,
            fields={"number": number, "answer_sha256": digest(text)},
        )
        position = hub.journal.record(connection, deed)
        values = {"answer": text, "answered_at": answered_at, "answer_position": position}
        connection.execute(update(enquiry).where(enquiry.c.position == number).values(values))


def enquiries_of(hub: Hub, connection: Connection, *, participant: str, programme_id: str) -> tuple[EnquiryShown, ...]:
    """Return everything a participant asked or filed in a programme, oldest first, each with its opened proofs."""
    mine = select(enquiry).where(enquiry.c.participant == participant, enquiry.c.programme_id == programme_id)
    return tuple(_shown(hub, connection, row=row) for row in connection.execute(mine.order_by(enquiry.c.position)).all())


def shown(hub: Hub, connection: Connection, *, number: int) -> EnquiryShown:
    """Return one question or finding as whoever filed it sees it."""
    return _shown(hub, connection, row=connection.execute(select(enquiry).where(enquiry.c.position == number)).one())


def public_lines(connection: Connection, now: datetime) -> list[PublicLine]:
    """Return all questions and findings as everybody may see them, newest first."""
    titles = _titles(connection)
    rows = connection.execute(select(enquiry).order_by(enquiry.c.position.desc())).all()
    return [
        PublicLine(
            number=row.position,
            kind=row.kind,
            programme=titles.get(row.programme_id, row.programme_id),
            filed_on=row.filed_at[:10],
            due_on=row.due_at[:10],
            answered_on=(row.answered_at or "")[:10],
            state=None if row.answer is not None else _state(row, now),
            days_over=0 if row.answer is not None else max(0, (now - parse_rfc3339(row.due_at)).days + 1),
        )
        for row in rows
    ]


def open_lines(connection: Connection, now: datetime) -> list[OpenLine]:
    """Return what waits for an answer, what is due first at the head."""
    titles = _titles(connection)
    waiting = select(enquiry).where(enquiry.c.answer.is_(None)).order_by(enquiry.c.due_at, enquiry.c.position)
    return [
        OpenLine(
            number=row.position,
            kind=row.kind,
            programme=titles.get(row.programme_id, row.programme_id),
            text=row.body,
            filed_on=row.filed_at[:10],
            due_on=row.due_at[:10],
            citation=row.citation,
            state=_state(row, now),
        )
        for row in connection.execute(waiting).all()
    ]


def overdue(connection: Connection, now: datetime) -> int:
    """Return how many questions and findings should have been answered by now."""
    return sum(line.state == "breached" for line in open_lines(connection, now))


def digest(text: str) -> str:
    """Return what a log entry commits to of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _checked(text: str) -> str:
    """Return a text without blanks around it."""
    kept = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    if not kept or len(kept) > MOST_CHARACTERS or any(ord(one) < ord(" ") and one not in "\n\t" for one in kept):
        message = f"a question, finding or answer is plain text of 1 to {MOST_CHARACTERS} characters"
        raise UsageError(message, hint="nothing was kept; shorten it and try again")
    return kept


def _same(row: Row[Any], asked: Enquiry) -> int:
    """Return the number of what was filed under this id before."""
    if (row.participant, row.programme_id, row.kind, row.body) != (asked.participant, asked.programme_id, asked.kind, _checked(asked.text)):
        raise UsageError("another question was filed under this id", hint="nothing was changed; ask again")
    return int(row.position)


def _check_room(connection: Connection, participant: str) -> None:
    waiting = select(enquiry.c.position).where(enquiry.c.participant == participant, enquiry.c.answer.is_(None))
    if len(connection.execute(waiting.limit(_MOST_OPEN)).all()) == _MOST_OPEN:
        message = f"{_MOST_OPEN} of your questions wait for an answer already"
        raise UsageError(message, hint="nothing was kept; overdue ones stand on the hub's public page")


def _due(programme: Programme, filed_at: datetime) -> tuple[str, str]:
    """Return until when an answer is due, and the rule that says so: the law packs' soonest day, or witting's own where they set none."""
    rows = combine(packs_of(programme)).deadlines
    found = first_due(rows, "answer_request", event="request_received", started_at=filed_at, place=programme.jurisdiction)
    own = filed_at + timedelta(days=OWN_DAYS)
    if found is None or found.due_at.replace(microsecond=0) > own:
        return rfc3339(own), OWN_RULE
    return rfc3339(found.due_at.replace(microsecond=0)), found.citation


def _state(row: Row[Any], now: datetime) -> DeadlineState:
    due_at = parse_rfc3339(row.due_at)
    since = parse_rfc3339(row.filed_at)
    due = Due(row="", act="answer_request", citation=row.citation, started_at=since, due_at=due_at, work_by=due_at.date())
    return due.state(now)


def _titles(connection: Connection) -> dict[str, str]:
    return {record.programme.id: record.programme.title for record in programmes_in_force(connection)}


def _shown(hub: Hub, connection: Connection, *, row: Row[Any]) -> EnquiryShown:
    position = row.answer_position
    return EnquiryShown(
        number=row.position,
        kind=row.kind,
        text=row.body,
        filed_at=row.filed_at,
        due_at=row.due_at,
        citation=row.citation,
        proof=hub.journal.prove(connection, row.position, is_opened=True),
        answer=row.answer or "",
        answered_at=row.answered_at or "",
        answer_proof=None if position is None else hub.journal.prove(connection, position, is_opened=True),
    )
