"""What holds recording back, and the holes that it leaves."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from witting.device.guards import GAP_OF, SHORT, WORDS
from witting.device.guards.reasons import ONLY_A_PERSON_LIFTS
from witting.device.recorder.holds import Holds
from witting.terms.events import Gap


def test_every_reason_has_its_words_and_its_hole():
    """Whatever can hold recording back can be said on the sign, in full, and in the record."""
    assert WORDS.keys() == SHORT.keys() == GAP_OF.keys()
    assert set(WORDS) >= ONLY_A_PERSON_LIFTS
    assert all(len(words) <= 20 for words in SHORT.values())


def test_a_pause_leaves_one_hole_in_every_stream():
    """From the pause to going on there is a hole without a count: not even how much was done is told."""
    holds = Holds(("pointer", "keys"))
    assert holds.put("person", 10)
    assert holds.lift("person", 30) == [Gap("paused", "pointer", 10, 30, 0), Gap("paused", "keys", 10, 30, 0)]
    assert holds.leading is None


def test_what_came_first_stands_in_the_record_and_then_the_next():
    """A screen locked during a pause is told as a pause until that ends, and as a locked screen from then on."""
    holds = Holds(("keys",))
    assert holds.put("person", 10)
    assert not holds.put("locked", 20)
    assert holds.all == ("person", "locked")
    assert holds.lift("person", 30) == [Gap("paused", "keys", 10, 30, 0)]
    assert holds.lift("locked", 45) == [Gap("screen_locked", "keys", 30, 45, 0)]


def test_a_hold_that_goes_while_another_leads_leaves_no_hole_of_its_own():
    """A screen unlocked while the person still pauses ends nothing."""
    holds = Holds(("keys",))
    holds.put("person", 10)
    holds.put("locked", 20)
    assert holds.lift("locked", 30) == []
    assert holds.tell(40) == [Gap("paused", "keys", 10, 40, 0)]
    assert holds.tell(50) == [Gap("paused", "keys", 40, 50, 0)]


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(sorted(GAP_OF))), max_size=40))
def test_every_moment_of_a_hold_lies_in_exactly_one_hole(steps):
    """However holds come and go, the holes are as long as the time in which anything held, and none overlaps another."""
    holds, gaps, held_ns = Holds(("keys",)), [], 0
    for now_ns, (is_put, reason) in enumerate(steps, start=1):
        held_ns += holds.leading is not None
        if is_put:
            holds.put(reason, now_ns)
        else:
            gaps += holds.lift(reason, now_ns)
    held_ns += holds.leading is not None
    gaps += holds.tell(len(steps) + 1)
    assert sum(gap.to_ns - gap.from_ns for gap in gaps) == held_ns
    assert all(first.to_ns <= second.from_ns for first, second in itertools.pairwise(gaps))
