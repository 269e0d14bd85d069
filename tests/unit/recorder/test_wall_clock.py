"""A wall clock that is changed while recording: it decides nothing but the hour in the header, and what is lent by date."""

import ast
from pathlib import Path

import witting.device.recorder as room

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
