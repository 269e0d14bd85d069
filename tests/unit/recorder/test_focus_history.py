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
    assert [verdict(made, at_ms) for at_ms in (800, 999, 1005, 1031, 5000)] == ["plain", "plain", "secure", "secure", "secure"]
    moved_by_itself = history(("field", 0, "a"), ("secret", 1030))
    assert [verdict(moved_by_itself, at_ms) for at_ms in (925, 935)] == ["plain", "secure"]


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
        moved = [when for what, when in events if what in {"disturb", "forget"}]
        words = [(when, what) for what, when in events if what != "disturb"]
        before = [what for when, what in words if when <= at_ms]
        later = next(((when, what) for when, what in words if when > at_ms), (None, ""))
        if before[-1] == "forget":
            assert later[1] == "field"
            assert not [when for when in moved if at_ms < when <= later[0]]
        else:
            assert before[-1] == "field"
        near = [when for when, what in words if what == "secret" and at_ms - 30 <= when <= at_ms + 100]
        assert all(any(at_ms < at <= when for at in moved) for when in near)
        confirmed = max((when for when, what in words if what in {"field", "secret"}), default=-1)
        assert all(when <= confirmed for when in moved if when <= at_ms)


@pytest.mark.promise("P7")
def test_the_first_word_after_a_disturbance_decides_about_the_keys_in_between():
    """However late an app says that its password field has the focus, what was typed since the click isn't kept."""
    made = history(("field", 0, "a"), ("disturb", 1000), ("secret", 1300))
    assert [verdict(made, at_ms) for at_ms in (990, 1001, 1150, 1299)] == ["plain", "secure", "secure", "secure"]


@pytest.mark.promise("P7")
def test_an_early_word_of_the_old_field_doesn_t_let_keys_through_that_went_to_the_new_one():
    """An app that was asked just after the click may answer from before it; the password field's own word, however late, decides."""
    made = history(("field", 0, "a"), ("disturb", 1000), ("tree", 1002, "plain"), ("secret", 1250))
    assert [verdict(made, at_ms) for at_ms in (990, 1015, 1240)] == ["plain", "secure", "secure"]
    by_itself = history(("field", 0, "a"), ("disturb", 1000), ("tree", 1050, "plain"), ("secret", 3000))
    assert [verdict(by_itself, at_ms) for at_ms in (2000, 2950)] == ["plain", "secure"]


def test_where_only_looks_tell_a_look_after_a_further_disturbance_says_nothing_of_before():
    """A terminal that shows what is typed now may have hidden what was typed before the last Return."""
    made = history(("tree", 0, "plain"), ("disturb", 1000), ("disturb", 1200), ("tree", 1450, "plain"))
    assert [made.verdict_at(at_ms * MS, is_strict=True)[0] for at_ms in (900, 1100, 1300, 1500)] == ["plain", "unknown", "plain", "plain"]
    assert made.verdict_at(1100 * MS)[0] == "plain"


@pytest.mark.promise("P7")
def test_a_look_taken_before_return_was_read_is_none_of_after_it():
    """Input is read some milliseconds late: what a terminal showed meanwhile is how it was before the command."""
    made = FocusHistory()
    made.confirm(500 * MS, is_secure=False, is_field=True, is_exact=False)
    made.confirm(1003 * MS, is_secure=False, is_field=True, is_exact=False)
    made.retract(1000 * MS)
    made.disturb(1000 * MS)
    assert made.is_disturbed
    assert made.verdict_at(1010 * MS, is_strict=True)[0] == "unknown"
    made.confirm(1250 * MS, is_secure=False, is_field=True, is_exact=False)
    assert [made.verdict_at(at_ms * MS, is_strict=True)[0] for at_ms in (900, 1010, 1300)] == ["plain"] * 3


def test_keys_typed_before_the_first_word_of_a_new_window_are_its_field_s():
    """Nothing moved the focus between the key and the word."""
    made = history(("field", 0, "a"), ("forget", 1000), ("field", 1040, "b"))
    assert made.verdict_at(1020 * MS) == ("plain", "b")
    assert verdict(history(("field", 0, "a"), ("forget", 1000), ("disturb", 1030), ("field", 1040, "b")), 1020) == "unknown"
