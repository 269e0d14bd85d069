"""The native messaging host: carries messages between the browser's extension and the recorder's unix socket.

Chromium starts it with the extension; it waits for the recorder for as long as the browser runs. Both sides frame alike: 4 bytes of
little-endian length, then JSON. Doesn't know: what a message says. Holds: nothing is kept or written; a message that comes while no
recorder is there is dropped; when the recorder goes, the extension is told at once that nothing is recorded. Standard library only,
run by path with `-I -S`, so that it starts in 20 ms. Protocol: https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging
"""

import os
import select
import socket
import struct
import sys
import time

LENGTH = struct.Struct("<I")
MAX_BYTES = 16 * 1024 * 1024  # a message above this is a fault, not a page
WAIT_S = 1.0  # between two looks for a recorder
OFF = b'{"type":"state","recording":false,"paused":false,"sites":[]}'
WITHDRAWN = b'{"type":"state","recording":false,"paused":false,"sites":[],"withdrawn":true}'


class Frames:
    """Whole messages out of a byte stream."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages complete after `data`; ValueError when one is longer than `MAX_BYTES`."""
        self._bytes += data
        messages = []
        while len(self._bytes) >= LENGTH.size:
            (size,) = LENGTH.unpack_from(self._bytes)
            if size > MAX_BYTES:
                message = f"a message of {size} bytes is too long"
                raise ValueError(message)
            if len(self._bytes) < LENGTH.size + size:
                break
            messages.append(bytes(self._bytes[LENGTH.size : LENGTH.size + size]))
            del self._bytes[: LENGTH.size + size]
        return messages


def frame(message: bytes) -> bytes:
    """Return `message` behind its length."""
    return LENGTH.pack(len(message)) + message


def stamp(message: bytes, now_ns: int) -> bytes:
    """Return a JSON object with `arrived_ns` (CLOCK_MONOTONIC) added as its last member; b"" when it is no object."""
    body = message.rstrip()
    if not body.startswith(b"{") or not body.endswith(b"}"):
        return b""
    comma = b"" if body[1:-1].strip() == b"" else b","
    return body[:-1] + comma + b'"arrived_ns":%d}' % now_ns


def _connect(path: str) -> socket.socket | None:
    recorder = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        recorder.connect(path)
    except OSError:
        recorder.close()
        return None
    return recorder


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


class Bridge:
    """Both ends and what is half-read from them."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._mark = os.path.join(os.path.dirname(os.path.dirname(path)), "withdrawn")  # noqa: PTH118, PTH120  pathlib costs 10 ms of start
        self._is_withdrawn = False  # whether the browser was told so
        self._recorder: socket.socket | None = None
        self._from_browser = Frames()
        self._from_recorder = Frames()

    def run(self) -> None:
        """Carry messages until the browser closes its end."""
        while self._step():
            pass

    def _step(self) -> bool:
        if self._recorder is None:
            self._recorder, self._from_recorder = _connect(self._path), Frames()
            self._tell_withdrawal()
        ends = [0] if self._recorder is None else [0, self._recorder.fileno()]
        ready, _, _ = select.select(ends, [], [], WAIT_S if self._recorder is None else None)
        if 0 in ready and not self._browser_spoke():
            return False
        if self._recorder is not None and self._recorder.fileno() in ready:
            self._recorder_spoke(self._recorder)
        return True

    def _browser_spoke(self) -> bool:
        data = os.read(0, 1 << 16)
        for message in self._from_browser.feed(data):
            stamped = stamp(message, time.monotonic_ns())
            if self._recorder is None or not stamped:
                continue
            try:
                self._recorder.sendall(frame(stamped))
            except OSError:
                self._lose_recorder()
        return bool(data)

    def _recorder_spoke(self, recorder: socket.socket) -> None:
        try:
            data = recorder.recv(1 << 16)
            messages = self._from_recorder.feed(data)
        except (OSError, ValueError):
            data, messages = b"", []
        for message in messages:
            _write(1, frame(message))
        if not data:
            self._lose_recorder()

    def _tell_withdrawal(self) -> None:
        """While no recorder is there: say once that consent ended, so that the extension gives back its sites."""
        is_withdrawn = self._recorder is None and os.path.exists(self._mark)  # noqa: PTH110
        if is_withdrawn and not self._is_withdrawn:
            _write(1, frame(WITHDRAWN))
        self._is_withdrawn = is_withdrawn

    def _lose_recorder(self) -> None:
        if self._recorder is not None:
            self._recorder.close()
            self._recorder = None
            _write(1, frame(OFF))


def main(arguments: list[str]) -> int:
    """Carry messages for the socket named first in `arguments` (Chromium appends the extension's origin)."""
    try:
        Bridge(arguments[0]).run()
    except (BrokenPipeError, ValueError):
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
