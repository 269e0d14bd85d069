"""Times and places mean one thing."""

import time
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from witting.terms.clock import SystemClock, parse_rfc3339, rfc3339
from witting.terms.events import Gap
from witting.terms.geometry import Rect

SIDES = st.integers(-50, 50)
RECTS = st.builds(Rect, SIDES, SIDES, SIDES, SIDES)


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1)), st.integers(-12, 12))  # noqa: DTZ001 - made aware below
def test_times_round_trip_to_the_second(naive: datetime, hours: int) -> None:
    """A written time is UTC, and reads back as the same second, whatever zone it was given in."""
    moment = naive.replace(tzinfo=timezone(timedelta(hours=hours)))
    assert parse_rfc3339(rfc3339(moment)) == moment.replace(microsecond=0)
    assert rfc3339(moment).endswith("Z")


def test_the_systems_clock_is_the_systems() -> None:
    """The clock that runs outside tests gives CLOCK_MONOTONIC and aware UTC."""
    before = time.monotonic_ns()
    assert before <= SystemClock().monotonic_ns() <= time.monotonic_ns()
    assert abs(SystemClock().now() - datetime.now(UTC)) < timedelta(seconds=5)


@given(RECTS, RECTS, SIDES, SIDES)
def test_the_shared_part_is_in_both(first: Rect, second: Rect, x: int, y: int) -> None:
    """A pixel lies in the shared part exactly when it lies in both."""
    assert first.intersect(second).contains(x, y) == (first.contains(x, y) and second.contains(x, y))


@given(RECTS, SIDES, SIDES)
def test_an_empty_box_holds_nothing(box: Rect, x: int, y: int) -> None:
    """A box without width or height holds no pixel."""
    assert not (box.is_empty and box.contains(x, y))
    assert box.is_empty == (box.width <= 0 or box.height <= 0)


def test_a_gap_begins_when_its_hole_does() -> None:
    """A gap sorts among events by its beginning."""
    assert Gap("paused", "screen", 5, 9).timestamp_ns == 5
