"""Where a key went, judged when word of the focus has come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.recorder.focus import FocusHistory

MS = 1_000_000


def history(*events: tuple) -> FocusHistory:
    """Return a history of (what, milliseconds, …)."""
    made = FocusHistory()
    for what, at_ms, *more in events:
        if what == "field":
            made.note(at_ms * MS, *more, is_secure=False)
        elif what == "secret":
            made.note(at_ms * MS, "pw", is_secure=True)
        elif what == "tree":
            made.confirm(at_ms * MS, is_secure=more[0] == "secure", is_field=more[0] == "plain")
        else:
            getattr(made, what)(at_ms * MS)
    return made


def verdict(made: FocusHistory, at_ms: int) -> str:
    """Return what is known of a key at a time."""
    return made.verdict_at(at_ms * MS)[0]


@pytest.mark.promise("P8")
def test_nothing_known_is_unknown():
    """A key before any word of the focus isn't kept."""
    assert verdict(history(), 5) == "unknown"


def test_a_plain_field_takes_keys_until_something_may_have_moved_the_focus():
    """After a click nothing is known until the page or app has said something later than the click."""
    made = history(("field", 0, "a"), ("disturb", 1000))
    assert (verdict(made, 900), verdict(made, 1010)) == ("plain", "unknown")
    made.confirm(1040 * MS, is_secure=False, is_field=True)
    assert made.verdict_at(1010 * MS) == ("plain", "a")


@pytest.mark.promise("P7")
def test_keys_just_before_word_of_a_secure_field_are_taken_for_secure():
    """A key sent right after the click that landed in the password field isn't kept, though the word came later."""
    made = history(("field", 0, "a"), ("disturb", 1000), ("secret", 1030))
    assert [verdict(made, at_ms) for at_ms in (800, 1005, 1031, 5000)] == ["plain", "secure", "secure", "secure"]


def test_after_a_secure_field_the_next_plain_one_takes_keys_again():
    """Leaving the password field ends the hole, a clock's width later."""
    made = history(("secret", 0), ("disturb", 500), ("field", 520, "b"))
    assert [verdict(made, at_ms) for at_ms in (400, 519, 521)] == ["secure", "secure", "plain"]


def test_another_window_makes_everything_unknown_again():
    """What was known of the last window says nothing of this one."""
    made = history(("field", 0, "a"), ("forget", 1000))
    assert verdict(made, 1500) == "unknown"
    made.confirm(1100 * MS, is_secure=False, is_field=True)
    assert verdict(made, 1500) == "plain"


def test_a_tree_without_a_focused_field_takes_no_text():
    """Keys that no field takes, a page's shortcuts for instance, aren't typing."""
    assert verdict(history(("field", 0, "a"), ("disturb", 10), ("tree", 50, "nothing")), 60) == "unknown"


@pytest.mark.promise("P8")
@given(
    st.lists(st.tuples(st.sampled_from(["field", "secret", "forget", "disturb"]), st.integers(0, 500)), max_size=12), st.integers(0, 500)
)
def test_plain_is_only_said_of_a_field_that_was_confirmed_after_every_disturbance(events, at_ms):
    """No order of events lets a key through that came after a disturbance nobody answered, or near a secure field."""
    events = sorted(events, key=lambda event: event[1])
    made = history(*[(what, when, "a") if what == "field" else (what, when) for what, when in events])
    if verdict(made, at_ms) == "plain":
        before = [what for what, when in events if when <= at_ms and what != "disturb"]
        assert before[-1] == "field"
        assert not [when for what, when in events if what == "secret" and at_ms - 30 <= when <= at_ms + 100]
        confirmed = max((when for what, when in events if what in {"field", "secret"}), default=-1)
        assert all(when <= confirmed for what, when in events if what in {"disturb", "forget"} and when <= at_ms)
