"""The X server's 32-bit milliseconds as CLOCK_MONOTONIC."""

from hypothesis import given
from hypothesis import strategies as st

from witting.device.capture.server_clock import ServerClock, offset_between
from witting.testing.clock import FakeClock

WRAP_MS = 1 << 32


def clock_at(now_ms: int) -> FakeClock:
    """Return a clock that stands at `now_ms`."""
    return FakeClock(elapsed_ns=now_ms * 1_000_000)


@given(now_ms=st.integers(10_000, 1 << 45), age_ms=st.integers(0, 5000))
def test_a_recent_stamp_is_lifted_to_the_millisecond_it_was_made_in(now_ms, age_ms):
    """Whatever the uptime, an event of the last seconds gets its own time, wrap or no wrap."""
    stamped = ServerClock(clock_at(now_ms)).lift_ns((now_ms - age_ms) % WRAP_MS)
    assert stamped == (now_ms - age_ms) * 1_000_000


def test_stamps_on_both_sides_of_the_wrap_keep_their_order():
    """The stamp that follows 0xffffffff is one millisecond later, not 49.7 days earlier."""
    clock = ServerClock(clock_at(3 * WRAP_MS + 5))
    assert clock.lift_ns(0) - clock.lift_ns(WRAP_MS - 1) == 1_000_000


def test_a_stamp_is_never_later_than_now():
    """A server whose clock is a little ahead doesn't put events into the future."""
    clock = clock_at(50_000)
    assert ServerClock(clock).lift_ns(50_400) == clock.monotonic_ns()


@given(now_ms=st.integers(10_000_000, 1 << 45), offset_ms=st.integers(-5_000_000, 5_000_000))
def test_a_server_with_another_clock_is_measured_and_corrected(now_ms, offset_ms):
    """A server that counts from another zero still gives CLOCK_MONOTONIC times."""
    measured = offset_between((now_ms + offset_ms) % WRAP_MS, now_ms * 1_000_000)
    assert measured == (offset_ms if abs(offset_ms) > 100 else 0)
    lifted = ServerClock(clock_at(now_ms), offset_ms=measured).lift_ns((now_ms + measured - 7) % WRAP_MS)
    assert lifted == (now_ms - 7) * 1_000_000


@given(now_ms=st.integers(0, 2**34), age_ms=st.integers(0, 2**31 - 1), offset_ms=st.integers(-(2**33), 2**33))
def test_stamps_read_together_are_lifted_as_one_by_one(now_ms, age_ms, offset_ms):
    """Across any wrap and offset: the age of a stamp is its age, and never in the future."""
    lifted = ServerClock(clock_at(now_ms), offset_ms=offset_ms).lifter()((now_ms + offset_ms - age_ms) % 2**32)
    assert lifted == (now_ms - age_ms) * 1_000_000
