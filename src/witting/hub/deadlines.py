"""What is due when at the hub, and which row of which law says so: questions, what has to leave what, erasures, the programme's own days.

Days are computed when they are looked at, by the packs and the calendar of each programme's place. Names no person. Invariant: nothing that
started a deadline and isn't done is left out, and what comes first stands first.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

import msgspec
from sqlalchemy import Connection, select

from witting.consent.deadlines import DeadlineState, Due, deadlines_of
from witting.consent.packs.combining import combine
from witting.consent.packs.loading import packs_of
from witting.consent.packs.rows import Act, Event
from witting.consent.packs.validity import ends_on
from witting.hub import schema
from witting.hub.consents import ProgrammeRecord, programmes_in_force
from witting.hub.enquiries import OWN_RULE, open_lines
from witting.hub.vault.recalls import recalls
from witting.terms.clock import parse_rfc3339
from witting.terms.programme import Programme

ACTS: dict[Act, str] = {
    "answer_request": "Answer",
    "confirm_request": "Confirm that it came in",
    "stop_use": "Stop using it",
    "erase": "Erase",
    "tell_authority": "Tell the authority",
    "await_authority": "Wait for the authority",
    "give_copy": "Give everybody a copy",
    "assess_again": "Assess the risks again",
    "notify_again": "Give notice again",
    "update_policy": "Bring the policy up to date",
    "tell_people": "Tell the people concerned",
    "tell_recipients": "Tell whoever got it",
}


class DeadlineLine(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is due."""

    what: str  # in plain words
    about: str  # what started it; never whom
    programme: str  # title
    started_on: str  # YYYY-MM-DD
    due_on: str
    work_by: str  # the last working day there that isn't after it
    state: DeadlineState
    row: str  # of the law pack
    citation: str


def deadline_lines(connection: Connection, now: datetime) -> list[DeadlineLine]:
    """Return everything that is due, what is due first at the head."""
    records = programmes_in_force(connection)
    by_title = {record.programme.title: record.programme for record in records}
    found = [line for record in records for line in _own_days(record, now)]
    for one in open_lines(connection, now):
        about = f"{'Question' if one.kind == 'question' else 'Finding'} {one.number}"
        found += _lines(by_title.get(one.programme), "request_received", about=about, started_on=one.filed_on, now=now)
        if one.citation == OWN_RULE:
            found.append(_own_answer(one.programme, about=about, started_on=one.filed_on, due_on=one.due_on, state=one.state))
    for recall in recalls(connection):
        found.append(
            DeadlineLine(
                what="Tell whoever got it" if recall.kind == "export" else "Make it anew without what was taken back",
                about=f"{recall.kind} {recall.name}",
                programme="",
                started_on=recall.opened_at[:10],
                due_on=recall.due_at[:10],
                work_by=recall.due_at[:10],
                state=_state(parse_rfc3339(recall.due_at), now),
                row="",
                citation=recall.citation,
            )
        )
    found += _erasures(connection, records, now=now)
    return sorted(found, key=lambda line: (line.due_on, line.what, line.about, line.row))


def _own_days(record: ProgrammeRecord, now: datetime) -> Iterator[DeadlineLine]:
    """Yield what a programme's own days start: written, changed, ended; and until when each law pack is trusted."""
    programme = record.programme
    days: tuple[tuple[Event, date | None], ...] = (
        ("prepared", programme.prepared_on),
        ("changed", programme.changed_on),
        ("processing_ended", programme.ends_on if programme.ends_on < now.date() else None),
    )
    for event, day in days:
        if day is not None:
            yield from _lines(programme, event, about=f"The programme, {event.replace('_', ' ')}", started_on=str(day), now=now)
    for pack in packs_of(programme):
        end = ends_on(pack)
        looked = min(row.verified_on for row in pack.rows)
        yield DeadlineLine(
            what="Hold the law pack against its sources, or recording stops",
            about=f"Law pack {pack.id}",
            programme=programme.title,
            started_on=str(looked),
            due_on=str(end),
            work_by=str(end),
            state=_state(datetime.combine(end, time(), UTC), now),
            row=pack.id,
            citation="witting's own promise: no law is rested on that nobody looked at for two years",
        )


def _erasures(connection: Connection, records: list[ProgrammeRecord], *, now: datetime) -> Iterator[DeadlineLine]:
    """Yield what erasures that aren't finished are due by; which programme's they are isn't read, so each programme's law counts."""
    table = schema.job
    for opened_at in connection.execute(select(table.c.opened_at).where(table.c.is_done.is_(False))).scalars():
        for record in records:
            yield from _lines(record.programme, "withdrawn", about="An erasure under way", started_on=opened_at[:10], now=now)


def _lines(programme: Programme | None, event: Event, *, about: str, started_on: str, now: datetime) -> Iterator[DeadlineLine]:
    """Yield every deadline that an event of a day starts under a programme's packs."""
    if programme is None:  # no version of it is in force any more
        return
    started_at = datetime.combine(date.fromisoformat(started_on), time(), UTC)
    rows = combine(packs_of(programme)).deadlines
    for due in deadlines_of(rows, event, started_at=started_at, place=programme.jurisdiction):
        yield _line(due, programme.title, about=about, now=now)


def _line(due: Due, title: str, *, about: str, now: datetime) -> DeadlineLine:
    return DeadlineLine(
        what=ACTS[due.act],
        about=about,
        programme=title,
        started_on=str(due.started_at.date()),
        due_on=str(due.due_at.date()),
        work_by=str(due.work_by),
        state=due.state(now),
        row=due.row,
        citation=due.citation,
    )


def _own_answer(programme: str, *, about: str, started_on: str, due_on: str, state: DeadlineState) -> DeadlineLine:
    """Return witting's own day for an answer, where no law sets a sooner one."""
    return DeadlineLine(
        what=ACTS["answer_request"],
        about=about,
        programme=programme,
        started_on=started_on,
        due_on=due_on,
        work_by=due_on,
        state=state,
        row="",
        citation=OWN_RULE,
    )


def _state(due_at: datetime, now: datetime) -> DeadlineState:
    return Due(row="", act="erase", citation="", started_at=due_at, due_at=due_at, work_by=due_at.date()).state(now)
