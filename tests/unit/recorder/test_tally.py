"""The books: holes merged over runs, and nothing uncounted."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from witting.device.recorder.tally import Tally
from witting.terms.events import STREAMS

SECOND = 1_000_000_000
steps = st.lists(
    st.tuples(st.sampled_from(STREAMS[:3]), st.sampled_from(["keep", "app_not_lent", "secure_field"]), st.integers(0, 20 * SECOND)),
    max_size=60,
)


@given(steps)
def test_everything_produced_is_kept_or_in_a_hole(run):
    """Produced = kept + gapped for each stream, whatever happened in which order, and each hole spans its drops."""
    tally, gaps, kept, now = Tally(), [], Counter(), 0
    for stream, what, later in run:
        now += later
        tally.produce(stream)
        if what == "keep":
            kept[stream] += 1
            gaps += tally.end_hole(stream)
        else:
            gaps += tally.drop(stream, what, timestamp_ns=now)
    gaps += tally.end_all()
    counted = Counter()
    for gap in gaps:
        counted[gap.stream] += gap.count
        assert gap.from_ns <= gap.to_ns
    assert counted == tally.gapped
    assert tally.produced == kept + counted
    assert tally.end_all() == []


def test_a_run_of_drops_is_one_hole():
    """A thousand events over an unlisted app are one Gap with their count."""
    tally = Tally()
    ended = [gap for i in range(1000) for gap in tally.drop("pointer", "app_not_lent", timestamp_ns=i)]
    (gap,) = tally.end_all()
    assert (ended, gap.count, gap.from_ns, gap.to_ns) == ([], 1000, 0, 999)


def test_another_reason_begins_another_hole():
    """Why something isn't here is told for each part of it."""
    tally = Tally()
    tally.drop("keys", "app_not_lent", timestamp_ns=1)
    (first,) = tally.drop("keys", "secure_field", timestamp_ns=2)
    assert first.reason == "app_not_lent"


def test_a_hole_is_written_down_after_half_a_minute():
    """A crash can hide half a minute of a hole at most."""
    tally = Tally()
    ended = [gap for i in range(32) for gap in tally.drop("pointer", "app_not_lent", timestamp_ns=i * SECOND)]
    assert [(gap.from_ns, gap.to_ns, gap.count) for gap in ended] == [(0, 29 * SECOND, 30)]


def test_drops_far_apart_are_two_holes():
    """What was kept between two holes in time isn't said to be missing."""
    tally = Tally()
    tally.drop("pointer", "app_not_lent", timestamp_ns=0)
    (gap,) = tally.drop("pointer", "app_not_lent", timestamp_ns=3 * SECOND)
    assert (gap.from_ns, gap.to_ns) == (0, 0)


def test_a_hole_that_hides_a_secret_doesn_t_tell_how_long_it_took_to_type():
    """Of a password it is told when it began, not when it ended."""
    tally = Tally()
    tally.drop("keys", "secure_field", timestamp_ns=5 * SECOND + 123)
    tally.drop("keys", "secure_field", timestamp_ns=6 * SECOND + 9, count=0)
    (gap,) = tally.end_all()
    assert (gap.from_ns, gap.to_ns, gap.count) == (5 * SECOND + 123, 5 * SECOND + 123, 1)
