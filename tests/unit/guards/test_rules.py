"""A participant's own rules: quiet hours and limits, which only ever tighten."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.guards import OwnRules, load_rules, rules_path, save_rules
from witting.device.guards.rules import is_quiet, next_turn, parse_span, tightened
from witting.terms.errors import UsageError
from witting.terms.programme import Limits

LIMIT = st.one_of(st.none(), st.integers(-5, 120))


def at(hour, minute=0):
    """Return a time of one day."""
    return datetime(2026, 11, 24, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "quiet", "loud"),
    [("18:00-08:00", (18, 23, 0, 7), (8, 12, 17)), ("12:00-13:00", (12,), (11, 13, 0)), ("00:00-00:00", (0, 12, 23), ())],
)
def test_quiet_hours_hold_from_their_first_minute_to_before_their_last(span, quiet, loud):
    """Over midnight as well as within a day, and all day when they begin and end together."""
    rules = OwnRules(quiet=(span,))
    assert all(is_quiet(rules, at(hour)) for hour in quiet)
    assert not any(is_quiet(rules, at(hour)) for hour in loud)


@given(st.lists(st.tuples(st.integers(0, 1439), st.integers(0, 1439)), min_size=1, max_size=3), st.integers(0, 1439))
def test_between_two_turns_nothing_changes(spans, minute):
    """Who waits for the next turn misses none: quiet or not, it stays so until then."""
    rules = OwnRules(quiet=tuple(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in spans))
    now = at(minute // 60, minute % 60)
    turn = next_turn(rules, now)
    assert turn is not None
    assert now < turn <= now + timedelta(days=1)
    steps = int((turn - now).total_seconds() // 60)
    assert {is_quiet(rules, now + timedelta(minutes=step)) for step in range(0, steps, 7)} == {is_quiet(rules, now)}


def test_without_quiet_hours_there_is_no_turn():
    """Nobody is woken for nothing."""
    assert next_turn(OwnRules(), at(9)) is None


@pytest.mark.parametrize("text", ["", "18-8", "24:00-08:00", "18:00", "18:60-19:00", "18:00-08:00 x"])
def test_what_are_no_hours_is_refused(text):
    """A slip of the pen is told, not guessed at."""
    with pytest.raises(UsageError, match="no hours"):
        parse_span(text)


def test_rules_are_read_as_they_were_written(tmp_path):
    """What a person set is what holds, and only they can read it."""
    rules = OwnRules(quiet=("18:00-08:00",), battery_percent=40, corner="bottom-left")
    assert load_rules(tmp_path) == OwnRules()
    save_rules(tmp_path, rules)
    assert load_rules(tmp_path) == rules
    assert rules_path(tmp_path).stat().st_mode & 0o777 == 0o600


@pytest.mark.promise("P8")
@pytest.mark.parametrize("text", ["{", '{"quiet": "x"}', '{"quiet": ["25:00-26:00"]}', '{"loud": []}'])
def test_rules_that_cannot_be_read_keep_everything_quiet(tmp_path, text):
    """A broken file never counts as no rule: nothing is recorded until it is mended."""
    rules_path(tmp_path).write_text(text)
    assert all(is_quiet(load_rules(tmp_path), at(hour)) for hour in range(24))


@pytest.mark.promise("P22")
@given(st.builds(Limits, battery_percent=st.integers(0, 100), cpu_percent=st.integers(1, 100), disk_mb_per_day=st.integers(1, 5000)),
       LIMIT, LIMIT, LIMIT)  # fmt: skip
def test_a_limit_of_ones_own_only_tightens(limits, battery, cpu, disk):
    """Whatever stands in a person's file, no limit becomes looser than the programme's, nor than their own."""
    merged = tightened(limits, OwnRules(battery_percent=battery, cpu_percent=cpu, disk_mb_per_day=disk))
    assert merged.battery_percent >= max(limits.battery_percent, battery or 0)
    assert merged.cpu_percent <= min(limits.cpu_percent, max(1, cpu) if cpu is not None else 100)
    assert merged.disk_mb_per_day <= min(limits.disk_mb_per_day, max(1, disk) if disk is not None else 10**9)
