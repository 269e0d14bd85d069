"""The native host carries whole messages both ways, adds the time, keeps nothing, and says "off" when the recorder goes."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.capture import native_host
from witting.device.capture.native_host import MAX_BYTES, OFF, Frames, frame, stamp


@given(st.lists(st.binary(max_size=200), max_size=8), st.integers(1, 50))
def test_messages_survive_any_cut(messages: list[bytes], piece: int) -> None:
    """However a stream is cut, the same messages come out in order."""
    stream = b"".join(frame(message) for message in messages)
    frames, out = Frames(), []
    for start in range(0, len(stream), piece):
        out += frames.feed(stream[start : start + piece])
    assert out == messages


def test_a_message_that_is_too_long_is_refused() -> None:
    """A length beyond the limit ends the host instead of filling memory."""
    with pytest.raises(ValueError, match="too long"):
        Frames().feed((MAX_BYTES + 1).to_bytes(4, "little"))


@given(st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=8), max_size=4), st.integers(0, 2**62))
def test_a_stamp_adds_the_time_and_changes_nothing_else(message: dict[str, object], now_ns: int) -> None:
    """The message is the same object with its arrival added."""
    message.pop("arrived_ns", None)
    assert json.loads(stamp(json.dumps(message).encode(), now_ns)) == {**message, "arrived_ns": now_ns}


@pytest.mark.parametrize("garbage", [b"", b"[1]", b'"text"', b"null", b"{", b"12"])
def test_what_is_no_object_is_dropped(garbage: bytes) -> None:
    """Garbage isn't carried on."""
    assert stamp(garbage, 1) == b""


# ---- the program itself ----


class _Host:
    def __init__(self, path: Path) -> None:
        command = [sys.executable, "-I", "-S", str(native_host.__file__), str(path), "chrome-extension://x/"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdin
        assert self.process.stdout
        self.inlet: IO[bytes] = self.process.stdin
        self.outlet: IO[bytes] = self.process.stdout

    def say(self, message: dict[str, object]) -> None:
        self.inlet.write(frame(json.dumps(message).encode()))
        self.inlet.flush()

    def hear(self) -> bytes:
        size = int.from_bytes(self.outlet.read(4), "little")
        return self.outlet.read(size)

    def end(self) -> int:
        self.inlet.close()
        code = self.process.wait(5)
        self.outlet.close()
        return code


@pytest.fixture
def host(tmp_path: Path) -> Iterator[_Host]:
    """Give a running host that looks for a recorder at `tmp_path/socket`."""
    host = _Host(tmp_path / "socket")
    yield host
    host.end()


def _recorder(path: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(path))
    server.listen(1)
    server.settimeout(5)
    return server


def _read(peer: socket.socket) -> dict[str, object]:
    frames = Frames()
    while True:
        found = frames.feed(peer.recv(65536))
        if found:
            message: dict[str, object] = json.loads(found[0])
            return message


def test_messages_go_both_ways_with_the_time_of_arrival(host: _Host, tmp_path: Path) -> None:
    """A page's message reaches the recorder stamped on CLOCK_MONOTONIC; the recorder's reaches the browser unchanged."""
    with _recorder(tmp_path / "socket") as server, server.accept()[0] as peer:
        before = time.monotonic_ns()
        host.say({"type": "focus", "t": 1.5})
        message = _read(peer)
        assert {name: message[name] for name in ("type", "t")} == {"type": "focus", "t": 1.5}
        arrived = message["arrived_ns"]
        assert isinstance(arrived, int)
        assert before <= arrived <= time.monotonic_ns()
        peer.sendall(frame(b'{"type":"probe","id":3}'))
        assert host.hear() == b'{"type":"probe","id":3}'


@pytest.mark.promise("P8")
def test_when_the_recorder_goes_the_browser_is_told_off(host: _Host, tmp_path: Path) -> None:
    """The end of the recorder reaches the extension at once as "not recording", and a new recorder is found."""
    with _recorder(tmp_path / "socket") as server:
        server.accept()[0].close()
        assert host.hear() == OFF
        assert json.loads(OFF)["recording"] is False
        with server.accept()[0] as peer:
            host.say({"type": "left"})
            assert _read(peer)["type"] == "left"


def test_without_a_recorder_messages_are_dropped_and_nothing_is_written(host: _Host, tmp_path: Path) -> None:
    """With nobody there, what pages say goes nowhere: not to a file, not to a later recorder."""
    host.say({"type": "tree", "secret": "canary"})
    time.sleep(0.1)
    assert list(tmp_path.iterdir()) == []
    with _recorder(tmp_path / "socket") as server, server.accept()[0] as peer:
        host.say({"type": "left"})
        assert _read(peer)["type"] == "left"


def test_the_host_ends_with_the_browser(tmp_path: Path) -> None:
    """When the browser closes its end the host ends well; on garbage lengths it ends with a failure."""
    assert _Host(tmp_path / "none").end() == 0
    host = _Host(tmp_path / "none")
    os.write(host.inlet.fileno(), b"\xff\xff\xff\xff")
    assert host.process.wait(5) == 1
    host.end()
