"""Every deadline of every pack ends on the day it should, by the calendar it should, and its state turns on that day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.consent.deadlines import add_months, deadlines_of, due, first_due, is_working_day
from witting.consent.packs.loading import load_packs
from witting.consent.packs.rows import Deadline

DEADLINES = [row for pack in load_packs().values() for row in pack.rows if isinstance(row, Deadline)]
DAY = timedelta(days=1)
START = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ENDS = {
    "gdpr-12-3": "2026-12-24",
    "gdpr-17": "2026-12-24",
    "gdpr-19": "2026-12-24",
    "gdpr-21": "2026-12-24",
    "gdpr-33": "2026-11-27",
    "gdpr-36": "2027-01-19",
    "ico-12-3": "2026-12-24",
    "ico-33": "2026-11-27",
    "bipa-15-a-last": "2029-11-24",
    "ccpa-7021-confirm": "2026-12-10",  # Thanksgiving and the day after it are holidays there
    "ccpa-7021-answer": "2027-01-08",
    "ccpa-7026": "2026-12-17",
    "ccpa-policy-due": "2027-11-24",
    "admt-risk-again": "2029-11-24",
    "admt-risk-change": "2027-01-08",
    "on-copy": "2026-12-24",
    "on-copy-changed": "2026-12-24",
    "on-copy-hired": "2026-12-24",
}


def test_every_deadline_has_its_day_in_this_file() -> None:
    """A row with a deadline that this file doesn't know fails here."""
    assert {row.id for row in DEADLINES} == set(ENDS)


@pytest.mark.promise("P14")
@pytest.mark.parametrize("row", DEADLINES, ids=lambda row: row.id)
def test_a_deadline_turns_on_its_day(row: Deadline) -> None:
    """A day before its end it is open, on its end due, a day after breached; the end is the one counted by hand."""
    found = due(row, START, place="DE")
    assert str(found.due_at.date()) == ENDS[row.id]
    assert [found.state(found.due_at + shift) for shift in (-DAY, timedelta(0), DAY)] == ["open", "due", "breached"]
    assert found.state(found.due_at + timedelta(seconds=1)) == "breached"
    assert found.state(START) == "open"


@pytest.mark.promise("P14")
@pytest.mark.parametrize("row", [row for row in DEADLINES if row.extension], ids=lambda row: row.id)
def test_an_extension_only_counts_when_it_was_told(row: Deadline) -> None:
    """With reasons told in time a deadline ends later; without them it doesn't."""
    plain, longer = due(row, START, place="DE"), due(row, START, place="DE", is_extended=True)
    assert longer.due_at > plain.due_at
    assert (plain.is_extended, longer.is_extended) == (False, True)
    assert longer.state(plain.due_at + DAY) == "open"


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [("2026-01-31", 1, "2026-02-28"), ("2028-01-31", 1, "2028-02-29"), ("2026-12-15", 1, "2027-01-15"), ("2028-02-29", 12, "2029-02-28")],
)
def test_a_month_ends_on_the_same_day_or_the_months_last(start: str, months: int, end: str) -> None:
    """Months are months of the calendar; where the day doesn't exist the month's last day counts."""
    assert str(add_months(date.fromisoformat(start), months)) == end


@pytest.mark.parametrize(
    ("day", "place", "is_working"),
    [
        ("2026-12-24", "DE", True),
        ("2026-12-25", "DE", False),
        ("2026-11-28", "DE", False),  # a Saturday
        ("2026-06-04", "DE-BY", False),  # Corpus Christi, in Bavaria
        ("2026-06-04", "DE", True),
        ("2026-11-26", "US-CA", False),  # Thanksgiving
        ("2026-12-28", "GB-ENG", False),  # Boxing Day falls on a Saturday
        ("2026-12-25", "ZZ", True),  # no calendar is known: every weekday counts, which ends sooner
        ("2026-07-01", "CA-ON", False),
        ("2026-12-25", "US-XX", False),  # no such state: the country's own holidays
    ],
)
def test_working_days_follow_the_places_calendar(day: str, place: str, *, is_working: bool) -> None:
    """Weekends and the public holidays of the place aren't working days."""
    assert is_working_day(date.fromisoformat(day), place=place) is is_working


def test_somebody_has_to_be_there_in_time() -> None:
    """A deadline that ends on a holiday doesn't move; the last working day before it is named."""
    row = next(row for row in DEADLINES if row.id == "gdpr-12-3")
    found = due(row, datetime(2026, 11, 26, tzinfo=UTC), place="DE")
    assert (str(found.due_at.date()), str(found.work_by)) == ("2026-12-26", "2026-12-24")


def test_one_event_starts_several_deadlines() -> None:
    """A request under GDPR and CCPA is confirmed, and answered by the earlier of both days."""
    found = deadlines_of(DEADLINES, "request_received", started_at=START, place="US-CA")
    assert [each.due_at for each in found] == sorted(each.due_at for each in found)
    answer = first_due(DEADLINES, "answer_request", event="request_received", started_at=START, place="US-CA")
    assert answer is not None
    assert answer.row == "gdpr-12-3"
    assert first_due(DEADLINES, "assess_again", event="request_received", started_at=START, place="US-CA") is None


@given(row=st.sampled_from(DEADLINES), days=st.integers(0, 1500), late=st.integers(0, 86_399))
def test_a_deadline_never_ends_before_it_began(row: Deadline, days: int, late: int) -> None:
    """Whatever the day and hour: the end lies after the start, the working day not after the end, and later starts don't end sooner."""
    start = START + days * DAY + timedelta(seconds=late)
    found, next_day = due(row, start, place="DE"), due(row, start + DAY, place="DE")
    assert found.due_at > start
    assert found.work_by <= found.due_at.date()
    assert next_day.due_at >= found.due_at
