"""Dates and times of day in the ways people write them, so that one written two ways is known to be the same.

Knows numbers and English month names, no task. A date with the month first is read as in the United States unless that can't be; where a
reading is uncertain there is none.
"""

import re
from typing import NamedTuple

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?\s*([ap]m?)?", re.IGNORECASE)
_DIGITS = re.compile(r"\d{6,8}")
_NOON = 12


class Day(NamedTuple):
    """A day of the calendar."""

    year: int
    month: int
    day: int

    @property
    def months(self) -> int:
        """Months since year 0, to count between two."""
        return self.year * 12 + self.month - 1


def day_of(text: str) -> Day | None:
    """Return the day that `text` is, None when it is none."""
    if match := _ISO.fullmatch(text.strip()):
        year, month, day = map(int, match.groups())
    elif match := _SLASHED.fullmatch(text.strip()):
        month, day, year = map(int, match.groups())
        month, day = (day, month) if month > len(MONTHS) else (month, day)
    else:
        return None
    return Day(year, month, day) if 1 <= month <= len(MONTHS) and 1 <= day <= 31 else None  # noqa: PLR2004 - days of a month


def time_of(text: str) -> tuple[int, int] | None:
    """Return hour and minute of the time of day that `text` is, None when it is none."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    hour, minute, half = int(match.group(1)), int(match.group(2)), (match.group(3) or "").lower()[:1]
    if half:
        hour = hour % _NOON + (_NOON if half == "p" else 0)
    return (hour, minute) if hour < 24 and minute < 60 else None  # noqa: PLR2004 - hours and minutes


def month_of(text: str) -> int:
    """Return the number of the month that a word names, 0 for none."""
    word = text.strip().casefold()
    return MONTHS.index(word) + 1 if word in MONTHS else 0


def is_same_moment(one: str, other: str) -> bool:
    """Whether two texts are the same day or time of day, or one is the digits of the other as they are typed into a date field."""
    for read in (day_of, time_of):
        first, second = read(one), read(other)
        if first is not None and first == second:
            return True
    return any(_DIGITS.fullmatch(a) is not None and a == re.sub(r"\D", "", b) and a != b for a, b in ((one, other), (other, one)))
