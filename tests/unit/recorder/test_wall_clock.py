"""A wall clock that is changed while recording: it decides nothing but the hour in the header, and what is lent by date."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorder_ground import Ground

import witting.device.recorder as room
from witting.terms.raw import RawKey, RawMove

WALL = {"now", "time", "time_ns", "today", "utcnow"}
MAY_ASK = {
    "session.py": "the hour of the header",
    "lending.py": "receipts and programmes run out by date",
}


def test_nobody_in_the_recorder_asks_for_the_time_of_day_but_for_dates():
    """Times of events, pauses, pictures and deadlines come from the clock that nobody can set."""
    asking = {}
    for path in Path(room.__file__).parent.glob("*.py"):
        calls = [
            node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        ]
        found = [ast.unparse(node.func) for node in calls if node.func.attr in WALL and not ast.unparse(node.func).endswith("fronts.now")]
        if found:
            asking[path.name] = found
    assert set(asking) == set(MAY_ASK), asking


def test_the_header_s_hour_is_all_that_a_recording_says_of_the_time_of_day():
    """Every other time in a record is counted since the machine was started."""
    from witting.terms.session import SessionHeader

    assert [name for name in SessionHeader.__struct_fields__ if name.endswith("_at")] == ["recorded_at"]


MS = 1_000_000
JUMPS = st.lists(st.integers(-3500, 20 * 3600), min_size=4, max_size=4)  # seconds; consent was given an hour ago


def play(jumps: list[int]) -> tuple[list[object], dict[str, dict[str, int]]]:
    """Record a little work, the civil clock set before each piece of it; return what was handed on and the counts."""
    ground = Ground()
    at_ns = ground.clock.monotonic_ns()
    ground.pipeline.hold(ground.front("mousepad", at_ns), at_ns)
    ground.focus.note(at_ns, "field", is_secure=False)
    begun = ground.clock.start
    for step, seconds in enumerate(jumps):
        ground.clock.start = begun + timedelta(seconds=seconds)
        ground.clock.advance(seconds=0.4)
        now_ns = ground.clock.monotonic_ns()
        for place in range(3):
            ground.pipeline.hold(RawMove(now_ns + place * MS, 5 + step, 5 + place), now_ns, owner=(1, "mousepad"))
        ground.pipeline.hold(RawKey(now_ns + 4 * MS, "a", "a", True, frozenset(), False), now_ns)
        ground.pipeline.release(now_ns)
    tally = ground.pipeline.tally
    return ground.finish(), {"produced": dict(tally.produced), "gapped": dict(tally.gapped)}


def contents(job: object) -> object:
    """Return what a job holds, field by field."""
    return type(job).__name__, [getattr(job, name) for name in (getattr(job, "__dataclass_fields__", None) or job.__struct_fields__)]


@given(JUMPS)
@settings(max_examples=25, deadline=None)
def test_a_clock_that_is_set_while_recording_changes_no_record_and_no_count(jumps: list[int]):
    """Set forward or back, at any moment, by any time within what is lent: the records and the counts are as without it."""
    jumped, still = play(jumps), play([0, 0, 0, 0])
    assert [contents(job) for job in jumped[0]] == [contents(job) for job in still[0]]
    assert len(still[0]) > len(jumps)
    assert jumped[1] == still[1]


@pytest.mark.promise("P8")
@pytest.mark.parametrize("days", [400, -400])
def test_a_clock_set_beyond_what_is_lent_by_date_stops_recording(days: int):
    """A clock that says the programme is over, or hasn't begun, is believed: nothing more is lent."""
    ground = Ground()
    at_ns = ground.clock.monotonic_ns()
    ground.front("mousepad", at_ns)
    assert ground.lending.refusal("pointer", "mousepad") is None
    ground.clock.start += timedelta(days=days)
    ground.clock.advance(seconds=5)
    assert ground.lending.refusal("pointer", "mousepad") is not None
    assert not ground.lending.is_in_force
