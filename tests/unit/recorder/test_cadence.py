"""The pace of typing: coarse counts and nothing else, and only for whoever asked for it by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorder_ground import SITE, Ground, receipt

from witting.consent.programme import programme_digest
from witting.device.privacy import Redactor
from witting.device.recorder.cadence import AT_LEAST_NS, STEP_MS, STEPS, CadenceCounts
from witting.device.recorder.lending import Lending
from witting.device.recorder.pipeline import Pipeline
from witting.terms.events import STREAMS, USUAL_STREAMS, Cadence, Gap
from witting.terms.fields import load_fields
from witting.terms.raw import RawCadence, RawKey
from witting.testing.lender import lent_programme

MS = 1_000_000
MINUTE = 60_000 * MS
T0 = 20_000 * MS
INTERVALS = st.lists(st.integers(1, 3_000), min_size=1, max_size=300)


@pytest.mark.promise("P19")
@given(INTERVALS)
def test_no_step_is_finer_than_50_ms_and_no_count_younger_than_a_minute(intervals_ms: list[int]) -> None:
    """Whatever the pace: steps of 50 ms, whole minutes, at least 60 s of typing in each histogram, and no order in it."""
    counts, at_ns, told = CadenceCounts(), T0, []
    for interval_ms in intervals_ms:
        at_ns += interval_ms * MS
        told += counts.key(at_ns)
    for one in told:
        assert one.step_ms == STEP_MS >= 50
        assert len(one.counts) == STEPS
        assert one.timestamp_ns % MINUTE == one.end_ns % MINUTE == 0
        assert (
            sum(min(index + 1, 40) * STEP_MS * MS * count for index, count in enumerate(one.counts[:-1])) + one.counts[-1] * 2_000 * MS
            >= AT_LEAST_NS
        )
    typed_ns = sum(ms * MS for ms in intervals_ms[1:] if ms < 2_000)
    assert len(told) <= typed_ns // AT_LEAST_NS
    counts.give_up()
    assert counts.give_up() is None


@given(st.permutations([60, 110, 160, 210, 400, 900] * 3))
def test_order_can_not_be_read_from_counts(intervals_ms: list[int]) -> None:
    """The same intervals in another order give the same histogram."""
    told = []
    for order in (intervals_ms, sorted(intervals_ms)):
        counts, at_ns = CadenceCounts(), T0
        counts.key(at_ns)
        for interval_ms in [*order, *[1999] * 40]:
            at_ns += interval_ms * MS
            told += counts.key(at_ns)
    assert told[0] == told[1]


def test_the_record_has_no_place_for_a_key() -> None:
    """Two times, a step and counts are all that there is; the fields say what it is never for."""
    assert Cadence.__struct_fields__ == ("timestamp_ns", "end_ns", "step_ms", "counts")
    meanings = " ".join(field.meaning for field in load_fields() if field.stream == "cadence")
    assert "never which keys, and never to tell who you are or how well you work" in meanings


def typing(ground: Ground, text: str, *, step_ms: int = 200) -> None:
    """Type into the plain field of the lent editor."""
    ground.front("mousepad", T0 - 200 * MS)
    ground.focus.note(T0 - 100 * MS, "text", is_secure=False)
    for number, letter in enumerate(text):
        ground.pipeline.hold(RawKey(T0 + number * step_ms * MS, letter, letter, pressed=True), T0)


@pytest.mark.promise("P1")
def test_everything_never_means_the_pace() -> None:
    """Neither a programme that asks for all streams nor a person who lends all of them has it."""
    assert set(STREAMS) - set(USUAL_STREAMS) == {"cadence"}
    assert "cadence" not in {stream for purpose in lent_programme({"mousepad": ()}).purposes for stream in purpose.streams}
    ground = Ground()
    typing(ground, "a" * 400)
    assert not [job for job in ground.finish() if isinstance(job, RawCadence) or (isinstance(job, Gap) and job.stream == "cadence")]


def paced() -> Ground:
    """Return a ground whose participant lends the pace of typing and nothing else."""
    programme = lent_programme({"mousepad": (), "chromium": (SITE,)}, streams=("pointer", "cadence"))
    ground = Ground()
    mine = receipt(ground.clock, streams=("cadence",), programme_digest=programme_digest(programme))
    ground.lending = Lending([mine], programme, purposes=(), clock=ground.clock)
    ground.pipeline = Pipeline(ground.lending, ground.fronts, focus=ground.focus, sink=ground)
    return ground


def test_a_minute_of_plain_typing_becomes_one_histogram() -> None:
    """300 intervals of 200 ms are 300 in the step from 200 to 250; what is left over at the end is a hole."""
    ground = paced()
    typing(ground, "a" * 320)
    jobs = ground.finish()
    (counts,) = [job for job in jobs if isinstance(job, RawCadence)]
    assert counts.counts == tuple(300 if step == 4 else 0 for step in range(STEPS))
    assert Redactor().event(counts) == Cadence(counts.timestamp_ns, counts.end_ns, STEP_MS, counts.counts)
    assert [(gap.reason, gap.count) for gap in jobs if isinstance(gap, Gap) and gap.stream == "cadence"] == [("too_little", 1)]


@pytest.mark.promise("P7")
def test_secret_fields_and_chords_are_not_paced() -> None:
    """What goes into a secret field leaves no trace in the counts, nor do shortcuts and repeats of a held key."""
    ground = paced()
    typing(ground, "q")
    ground.focus.note(T0 + MS, "secret", is_secure=True)
    for number in range(400):
        ground.pipeline.hold(RawKey(T0 + (200 + 200 * number) * MS, "q", "q", pressed=True), T0)
    assert not [job for job in ground.finish() if isinstance(job, RawCadence)]
    held = paced()
    typing(held, "")
    for number in range(400):
        held.pipeline.hold(RawKey(T0 + 200 * number * MS, "q", "q", pressed=True, is_repeat=number > 0), T0)
    assert {(type(job), job.stream) for job in held.finish()} == {(Gap, "keys")}
