"""The server's answers out of a socket's bytes: whole, in order, and no more than came."""

import itertools
import socket
import struct
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.capture.record_stream import Nudge, RecordStream
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
