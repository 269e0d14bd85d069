"""Days and times of day, however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.policy.moments import MONTHS, Day, day_of, is_same_moment, month_of, time_of


@given(st.dates())
def test_a_day_written_either_way_is_the_same(date) -> None:
    """Year first or month first, with or without leading zeros, it is one day."""
    day = Day(date.year, date.month, date.day)
    year = f"{date.year:04}"
    assert day_of(date.isoformat()) == day_of(f"{date.month}/{date.day}/{year}") == day_of(f"{date.month:02}/{date.day:02}/{year}") == day
    assert is_same_moment(date.isoformat(), f"{date.month}/{date.day}/{year}")
    assert is_same_moment(f"{date.month:02}{date.day:02}{year}", f"{date.month:02}/{date.day:02}/{year}")


@given(st.times())
def test_a_time_of_day_written_either_way_is_the_same(time) -> None:
    """By twelve or by twenty-four hours it is one time."""
    half = "PM" if time.hour >= 12 else "AM"
    assert (
        time_of(f"{(time.hour - 1) % 12 + 1}:{time.minute:02} {half}")
        == time_of(f"{time.hour:02}:{time.minute:02}")
        == (time.hour, time.minute)
    )


@pytest.mark.parametrize("text", ["", "13/13/2011", "2011-00-04", "3/32/2011", "25:00", "3:60", "12", "1/2/11", "noon", "0639"])
def test_what_is_none_is_none(text: str) -> None:
    """A text that is no day and no time is not read as one."""
    assert day_of(text) is None
    assert time_of(text) is None


def test_a_day_first_is_read_where_it_must_be() -> None:
    """A first number above twelve can't be a month."""
    assert day_of("24.12.2011") == Day(2011, 12, 24)


def test_different_moments_differ() -> None:
    """Another day, another time and equal short numbers aren't the same moment."""
    assert not is_same_moment("2011-03-04", "04/03/2011")
    assert not is_same_moment("6:39 PM", "6:39 AM")
    assert not is_same_moment("12", "12")
    assert not is_same_moment("hello", "hello")


def test_months_have_their_names() -> None:
    """Each month is known by its name, whatever its case, and nothing else is."""
    assert [month_of(month.title()) for month in MONTHS] == list(range(1, 13))
    assert month_of("Mayor") == month_of("") == 0
    assert Day(2016, 12, 1).months + 1 == Day(2017, 1, 1).months
