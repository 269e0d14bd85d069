"""Core device events, 32 bytes each, as RECORD carries them."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from witting.device.capture.input_x11 import EventDecoder
from witting.device.capture.keymap import KeyMap
from witting.device.capture.server_clock import ServerClock
from witting.terms.raw import RawButton, RawKey, RawMove, RawWheel
from witting.testing.clock import FakeClock

WRAP_MS = 1 << 32
KEYMAP = KeyMap(38, 2, keysyms=[0x61, 0x41], modifier_keycodes=[0] * 8)


def event(kind: int, detail: int, time_ms: int, x: int = 0, y: int = 0) -> bytes:
    """Return a core event's bytes; the server's layout, X11 protocol appendix B."""
    return struct.pack("<BBHIIIIhhhhHBx", kind, detail, 0, time_ms, 1, 1, 0, x, y, 0, 0, 0, 1)


def decode(body: bytes) -> list[object]:
    """Decode with a clock that stands at one minute."""
    clock = FakeClock(elapsed_ns=60_000_000_000)
    return list(EventDecoder(ServerClock(clock), KEYMAP).events(body))


def test_every_kind_of_event_keeps_its_place_and_time():
    """Motion, buttons and wheel come out with the exact place the server gave and its millisecond."""
    body = (
        event(6, 0, 59_001, 3, 4)
        + event(4, 1, 59_002, 5, 6)
        + event(5, 1, 59_003, 5, 6)
        + event(4, 5, 59_004, 7, 8)
        + event(5, 5, 59_005, 7, 8)
    )
    assert decode(body) == [
        RawMove(59_001_000_000, 3, 4),
        RawButton(59_002_000_000, 5, 6, 1, pressed=True),
        RawButton(59_003_000_000, 5, 6, 1, pressed=False),
        RawWheel(59_004_000_000, 7, 8, 0, 1),
    ]


def test_a_place_left_of_or_above_the_screen_isn_t_clamped():
    """Places are signed: what lies outside isn't turned into an edge click."""
    (move,) = decode(event(6, 0, 59_000, -3, -4))
    assert (move.x, move.y) == (-3, -4)


def test_a_held_key_is_marked_as_repeating_until_it_is_released():
    """Auto-repeat is told from pressing again."""
    body = b"".join(event(kind, 38, 59_000 + i) for i, kind in enumerate((2, 2, 2, 3, 2)))
    keys = [key for key in decode(body) if isinstance(key, RawKey)]
    assert [(key.pressed, key.is_repeat) for key in keys] == [(True, False), (True, True), (True, True), (False, False), (True, False)]


def test_synthetic_marks_and_torn_ends_are_taken_in_stride():
    """The sent-event bit is ignored, and half an event at the end of a reply raises nothing."""
    assert len(decode(event(6 | 0x80, 0, 59_000) + event(6, 0, 59_000)[:17])) == 1


@given(before_ms=st.integers(0, 3000), gaps=st.lists(st.integers(0, 400), min_size=2, max_size=40))
def test_the_wrap_of_the_servers_clock_leaves_order_and_distances(before_ms: int, gaps: list[int]):
    """After 49.7 days the server counts from zero again: events around it come out in order, as far apart as they were made."""
    first_ms = 2 * WRAP_MS - before_ms
    made_ms = [first_ms + sum(gaps[:place]) for place in range(len(gaps))]
    clock = FakeClock(elapsed_ns=(made_ms[-1] + 5) * 1_000_000)
    body = b"".join(event(6, 0, at_ms % WRAP_MS, place, 4) for place, at_ms in enumerate(made_ms))
    found = list(EventDecoder(ServerClock(clock), KEYMAP).events(body))
    assert [(move.timestamp_ns, move.x) for move in found] == [(at_ms * 1_000_000, place) for place, at_ms in enumerate(made_ms)]
