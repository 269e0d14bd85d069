"""The bytes that RECORD sends on a connection of its own, and a cheap nudge that has the server send them.

After EnableContext the server answers without end; the answers are read here straight from the socket, many at once, because a library
call for each costs more than the events in it. Knows the X11 reply's head (protocol §1: length in 4-byte units at byte 4) and nothing
of what is in it. Invariant: answers come out whole and in order; half of one waits for the rest.

While the socket is full the server loses events: FlushClient of xserver 21.1 calls back to RECORD, which appends to the very buffer whose
length was taken before, and that length is then written over the new one. It happens when an app under the pointer doesn't read either.
The kernel charges some 768 bytes for an event of 64 that is sent alone, so that 277 events fill a socket.
"""

import os
import socket
import struct
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from witting.terms.errors import CaptureError

_HEAD_BYTES = 32
_LENGTH = struct.Struct("<BB2xI")  # kind, category, length of the body in 4-byte units
_REPLY = 1
_AT_ONCE_BYTES = 1 << 18
_GET_INPUT_FOCUS = struct.pack("<BxH", 43, 1)
_FOCUS = struct.Struct("<BBHII20x")  # kind, revert-to, sequence, length, focus
_SHARED_INFO_BYTES, _BUFFER_HEAD_BYTES, _LEAST_BYTES = 320, 256, 512  # what Linux adds to each piece, and how it rounds
_DEFAULT_ROOM = Path("/proc/sys/net/core/wmem_default")
_USUAL_ROOM_BYTES = 212_992
_FULL = 0.9
_GONE = "the session was closed; start recording again"


def _socket_of(connection: Any) -> socket.socket:
    """Return a connection's socket under a number of our own, not to be waited for."""
    found = socket.socket(fileno=os.dup(connection.get_file_descriptor()))
    found.setblocking(False)
    return found


class RecordStream:
    """The answers on `connection`, which nobody else reads any more; any thread may pull."""

    def __init__(self, connection: Any) -> None:
        self._socket = _socket_of(connection)
        self._room_bytes = _room_bytes()
        self._lock = threading.Lock()
        self._bytes = bytearray()
        self._answers: list[tuple[int, bytes]] = []  # category, body
        self._was_full = False
        self.fill = 0.0  # how full the socket was when it was emptied last
        self.came = 0.0  # how many sockets full came in all

    def pull(self) -> float:
        """Take what has arrived into memory; return how full the socket was, 1.0 = full.

        Raises:
            CaptureError: the server went away.
        """
        with self._lock:
            return self._pull()

    def bodies(self, category: int) -> Iterator[bytes]:
        """Yield the bodies of a category's answers that have arrived.

        Raises:
            CaptureError: the server went away.
        """
        with self._lock:
            self._pull()
            answers, self._answers = self._answers, []
        for found, body in answers:
            if found == category:
                yield body

    def take_overflow(self) -> bool:
        """Return whether the socket was full since this was asked last: then the server may have lost something."""
        was_full, self._was_full = self._was_full, False
        return was_full

    def close(self) -> None:
        """Give the number back."""
        self._socket.close()

    def _pull(self) -> float:
        while len(data := _received(self._socket)) > 0:
            self._bytes += data
            if len(data) < _AT_ONCE_BYTES:
                break
        at = charged_bytes = 0
        while len(self._bytes) - at >= _HEAD_BYTES:
            kind, found, length = _LENGTH.unpack_from(self._bytes, at)
            end = at + _HEAD_BYTES + (length * 4 if kind == _REPLY else 0)
            if end > len(self._bytes):
                break
            charged_bytes += charge(end - at)
            if kind == _REPLY:
                self._answers.append((found, bytes(self._bytes[at + _HEAD_BYTES : end])))
            at = end
        del self._bytes[:at]
        self.fill = charged_bytes / self._room_bytes
        self.came += self.fill
        self._was_full = self._was_full or self.fill >= _FULL
        return self.fill


@cache
def charge(piece_bytes: int) -> int:
    """Return what Linux charges a unix socket for a piece that is sent alone."""
    rounded = _LEAST_BYTES
    while rounded < piece_bytes + _SHARED_INFO_BYTES:
        rounded *= 2
    return rounded + _BUFFER_HEAD_BYTES


def _room_bytes() -> int:
    """Return what a socket of the server may hold."""
    try:
        return max(1, int(_DEFAULT_ROOM.read_text()))
    except (OSError, ValueError):
        return _USUAL_ROOM_BYTES


class Nudge:
    """Has the server empty RECORD's buffer without being waited for: a question whose answer is looked at the next time."""

    def __init__(self, connection: Any) -> None:
        connection.flush()
        self._socket = _socket_of(connection)

    def __call__(self) -> int | None:
        """Ask; return the window that had the input focus when it was asked last, None when that isn't answered yet.

        Raises:
            CaptureError: the server went away.
        """
        answers = _received(self._socket)
        try:
            self._socket.send(_GET_INPUT_FOCUS)
        except BlockingIOError:
            pass
        except OSError:
            raise CaptureError("the X server went away", hint=_GONE, code="server_gone") from None
        whole = len(answers) // _HEAD_BYTES * _HEAD_BYTES
        return int(_FOCUS.unpack_from(answers, whole - _HEAD_BYTES)[4]) if whole else None

    def close(self) -> None:
        """Give the number back."""
        self._socket.close()


def _received(source: socket.socket) -> bytes:
    """Return what lies in a socket."""
    try:
        data = source.recv(_AT_ONCE_BYTES)
    except BlockingIOError:
        return b""
    except OSError:
        data = b""
    if not data:
        raise CaptureError("the X server went away", hint=_GONE, code="server_gone")
    return data
