"""The server's answers out of a socket's bytes: whole, in order, and no more than came."""

import contextlib
import itertools
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.capture import record_stream
from witting.device.capture.record_drain import FIRST_S, LEAST_S, MOST_S, next_wait_s
from witting.device.capture.record_stream import Nudge, RecordStream, charge
from witting.terms.errors import CaptureError


class Wire:
    """A connection to a server that says what the test says."""

    def __init__(self) -> None:
        self.ours, self.server = socket.socketpair()

    def get_file_descriptor(self) -> int:
        """Return our end."""
        return self.ours.fileno()

    def flush(self) -> None:
        """Have nothing to send."""

    def close(self) -> None:
        """Close both ends."""
        self.ours.close()
        self.server.close()


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A wire for one test."""
    made = Wire()
    yield made
    made.close()


def answer(body: bytes, *, category: int = 0) -> bytes:
    """Return an answer as RECORD sends it."""
    return struct.pack("<BBHI24x", 1, category, 7, len(body) // 4) + body


@given(
    bodies=st.lists(st.binary(max_size=12).map(lambda data: data * 4), max_size=8),
    cuts=st.lists(st.integers(1, 50), min_size=1, max_size=6),
)
def test_answers_come_out_whole_however_they_were_cut(bodies: list[bytes], cuts: list[int]) -> None:
    """Bytes that come in any pieces give the same bodies; other categories and events in between are passed over."""
    wire = Wire()
    stream = RecordStream(wire)
    sent = b"".join(answer(body) + answer(b"\0" * 8, category=4) + bytes([35]) + bytes(31) for body in bodies)
    found, at = [], 0
    for step in itertools.cycle(cuts):
        if at >= len(sent):
            break
        wire.server.sendall(sent[at : at + step])
        at += step
        found += list(stream.bodies(0))
    assert found == bodies
    assert list(stream.bodies(0)) == []
    stream.close()
    wire.close()


def test_a_server_that_went_away_is_told(wire: Wire) -> None:
    """Neither silence nor half an answer is taken for an end; a closed wire is an error with a name."""
    stream, nudge = RecordStream(wire), Nudge(wire)
    wire.server.sendall(answer(b"\0" * 32)[:40])
    assert list(stream.bodies(0)) == []
    wire.server.close()
    with pytest.raises(CaptureError, match="went away"):
        list(stream.bodies(0))
    with pytest.raises(CaptureError, match="went away"):
        nudge()
    stream.close()
    nudge.close()


def test_a_nudge_asks_and_tells_what_was_answered_before(wire: Wire) -> None:
    """Each nudge is one question of four bytes; the answer to the one before says who had the keyboard."""
    nudge = Nudge(wire)
    assert nudge() is None
    assert wire.server.recv(100) == struct.pack("<BxH", 43, 1)
    for window in (5, 77):
        wire.server.sendall(struct.pack("<BBHII20x", 1, 2, 1, 0, window))
    assert nudge() == 77
    nudge.close()


def test_what_was_pulled_by_another_comes_out_once_and_in_order(wire: Wire) -> None:
    """A thread that empties the socket takes nothing from who reads: the bodies wait in memory, and half an answer does too."""
    stream = RecordStream(wire)
    first, second = answer(b"abcd"), answer(b"efgh")
    wire.server.sendall(first + second[:10])
    assert stream.pull() > 0
    wire.server.sendall(second[10:])
    assert stream.pull() > 0
    assert stream.pull() == 0
    assert list(stream.bodies(0)) == [b"abcd", b"efgh"]
    assert list(stream.bodies(0)) == []
    stream.close()


def test_two_who_pull_at_once_leave_every_answer_whole(wire: Wire) -> None:
    """Whichever thread takes the bytes, each answer comes out once."""
    stream, count = RecordStream(wire), 4000
    is_over = threading.Event()

    def pull() -> None:
        while not is_over.is_set():
            stream.pull()

    threads = [threading.Thread(target=pull) for _ in range(2)]
    for thread in threads:
        thread.start()
    sender = threading.Thread(target=lambda: [wire.server.sendall(answer(struct.pack("<I", i))) for i in range(count)])
    sender.start()
    found: list[int] = []
    deadline = time.monotonic() + 30
    while len(found) < count and time.monotonic() < deadline:
        found += [struct.unpack("<I", body)[0] for body in stream.bodies(0)]
    is_over.set()
    for thread in [*threads, sender]:
        thread.join()
    assert found == list(range(count))
    stream.close()


def test_pieces_are_charged_as_the_kernel_does(wire: Wire) -> None:
    """As many pieces of an event's size as the estimate says fit into a socket, give or take a tenth."""
    room = record_stream._room_bytes()
    wire.server.setblocking(False)
    count = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            wire.server.send(answer(bytes(32)))
            count += 1
    assert 0.9 < count * charge(64) / room < 1.1
    stream = RecordStream(wire)
    assert stream.pull() >= 0.9
    assert (stream.take_overflow(), stream.take_overflow()) == (True, False)
    assert len(list(stream.bodies(0))) == count
    stream.close()


def test_a_socket_that_never_filled_is_no_overflow(wire: Wire) -> None:
    """Half of what fits is nothing to tell."""
    stream = RecordStream(wire)
    for _ in range(100):
        wire.server.sendall(answer(bytes(32)))
    assert 0.2 < stream.pull() < 0.6
    assert stream.take_overflow() is False
    stream.close()


@pytest.mark.parametrize("said", [None, b"", b"many", b"-5"])
def test_a_kernel_that_doesn_t_say_its_room_is_taken_for_a_usual_one(monkeypatch: pytest.MonkeyPatch, tmp_path, said: bytes | None) -> None:
    """Neither a missing nor a silly value makes the estimate divide by nothing."""
    path = tmp_path / "room"
    if said is not None:
        path.write_bytes(said)
    monkeypatch.setattr(record_stream, "_DEFAULT_ROOM", path)
    assert record_stream._room_bytes() >= 1


@given(wait_s=st.floats(LEAST_S, MOST_S), fill=st.floats(0, 5))
def test_the_fuller_the_socket_the_sooner_it_is_looked_at(wait_s: float, fill: float) -> None:
    """A wait stays within its bounds, at most doubles, gets shorter when a fifth came meanwhile, and more never makes it longer."""
    after_s = next_wait_s(wait_s, fill)
    assert LEAST_S <= after_s <= min(MOST_S, 2 * wait_s)
    assert after_s <= wait_s or fill <= 0.2
    assert fill == 0 or after_s >= next_wait_s(wait_s, fill + 0.1)


@pytest.mark.parametrize("events_per_s", [50, 500, 1000, 2000, 4000, 8000])
def test_at_a_steady_rate_the_socket_is_never_half_full_for_long(events_per_s: int) -> None:
    """Whatever a device's rate, after some looks the socket is found at a fifth or less, and the faster the emptier."""
    wait_s = FIRST_S
    for _ in range(8):
        fill = events_per_s * wait_s / 277
        wait_s = next_wait_s(wait_s, fill)
    assert events_per_s * wait_s / 277 <= 0.2 + 1e-9
    assert events_per_s < 1000 or wait_s < 0.04
