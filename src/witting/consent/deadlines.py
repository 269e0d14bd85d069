"""Deadlines that the law packs set: when each ends, by whose calendar, and how it stands now.

Pure but for the holidays that a library knows. Days are days of UTC. Invariant, held by a property test: under several packs a
deadline ends no later than under any of them alone.
"""

import calendar
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from witting.consent.packs.rows import EVENTS, Act, Deadline, Event
from witting.terms.errors import UsageError

if TYPE_CHECKING:
    from holidays import HolidayBase

DeadlineState = Literal["open", "due", "breached"]
_DAY = timedelta(days=1)
_WEEKEND = 5


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """One deadline that an event started."""

    row: str  # id of the pack's row
    act: Act
    citation: str
    started_at: datetime
    due_at: datetime  # it is breached after this
    work_by: date  # the last working day that isn't after it: somebody has to be there
    is_extended: bool = False

    def state(self, now: datetime) -> DeadlineState:
        """Return how it stands: `due` on its last day."""
        if now > self.due_at:
            return "breached"
        return "due" if now > self.due_at - _DAY else "open"


def due(row: Deadline, started_at: datetime, *, place: str, is_extended: bool = False) -> Due:
    """Return when a deadline that started at an aware time ends; the calendar of `place` counts where the row names none."""
    where = place if row.calendar == "programme" else row.calendar
    value = row.value + (row.extension if is_extended else 0)
    start = started_at.astimezone(UTC)
    if row.unit == "hours":
        end = start + timedelta(hours=value)
    else:
        end = datetime.combine(_add(start.date(), value, unit=row.unit, place=where), time.max, UTC)
    return Due(
        row=row.id,
        act=row.act,
        citation=row.citation,
        started_at=start,
        due_at=end,
        work_by=_working_day(end.date(), place=where),
        is_extended=is_extended and row.extension > 0,
    )


def deadlines_of(rows: Iterable[Deadline], event: Event, *, started_at: datetime, place: str) -> list[Due]:
    """Return every deadline that an event starts, the one that ends first at the head."""
    found = [due(row, started_at, place=place) for row in rows if row.start_event == event]
    return sorted(found, key=lambda each: (each.due_at, each.row))


def first_due(rows: Iterable[Deadline], act: Act, *, event: Event, started_at: datetime, place: str) -> Due | None:
    """Return the deadline for an act that ends first, None when no row sets one."""
    return next((each for each in deadlines_of(rows, event, started_at=started_at, place=place) if each.act == act), None)


def event_named(name: str) -> Event:
    """Return an event by its name.

    Raises:
        UsageError: no law pack knows such an event.
    """
    for event in EVENTS:
        if event == name:
            return event
    message = f"there is no event {name[:40]!r} that starts a deadline"
    raise UsageError(message, hint=f"the events are {', '.join(EVENTS)}")


def event_day(text: str) -> datetime:
    """Return the first moment of a day (UTC).

    Raises:
        UsageError: it is no day of the calendar.
    """
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        message = f"{text[:20]!r} is no day"
        raise UsageError(message, hint="write it as YYYY-MM-DD") from None


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later, or the last one of a shorter month."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def is_working_day(day: date, *, place: str) -> bool:
    """Whether people work on a day there: no weekend, no public holiday; where no calendar is known every weekday counts."""
    return day.weekday() < _WEEKEND and day not in _holidays(place, day.year)


def _add(day: date, value: int, *, unit: str, place: str) -> date:
    """Return the last day of a time that begins the day after."""
    if unit == "business_days":
        while value:
            day += _DAY
            value -= is_working_day(day, place=place)
        return day
    if unit in {"months", "years"}:
        return add_months(day, value * (12 if unit == "years" else 1))
    return day + value * (7 * _DAY if unit == "weeks" else _DAY)


def _working_day(day: date, *, place: str) -> date:
    """Return the last working day that isn't after `day`."""
    while not is_working_day(day, place=place):
        day -= _DAY
    return day


def _holidays(place: str, year: int) -> "HolidayBase | dict[date, str]":
    """Return the public holidays of a place; of its country where the library knows no such part of it."""
    import holidays

    country, _, part = place.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=part or None, years=year)
    except NotImplementedError:  # no calendar is known there: every weekday counts, so that a deadline ends sooner, never later
        return holidays.country_holidays(country, years=year) if part else {}
