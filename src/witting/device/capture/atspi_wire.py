"""The accessibility bus's bytes (D-Bus specification, "Message Protocol"): many calls in one write, answers cut out of the stream.

What an answer holds is decoded by who asked, because decoding whole trees field by field cost more than all else that is recorded.
Doesn't know trees. Invariant: messages come out whole and in order; half of one waits for the rest.
"""

import socket
import struct
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from jeepney import Message
from jeepney.io.blocking import DBusConnection

from witting.terms.errors import CaptureError

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL, DESTINATION, SENDER, SIGNATURE = range(1, 9)

_NATIVE = ord("l") if sys.byteorder == "little" else ord("B")
_HEAD = struct.Struct("=4BIII")  # order, kind, flags, version, length of the body, serial, length of the fields
_U32 = struct.Struct("=I")
_TEXTS = frozenset(b"so")
_AT_ONCE_BYTES = 1 << 17


class Packet:
    """One message: its kind and head; `raw` from `body_at` on is what it holds."""

    __slots__ = ("_fields", "body_at", "kind", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        _, self.kind, _, _, _, _, length = _HEAD.unpack_from(raw)
        self.body_at = _aligned(_HEAD.size + length)
        self._fields = _fields_of(raw, _HEAD.size + length)

    def text(self, field: int) -> str:
        """Return a head field's text, "" when it has none."""
        found = self._fields.get(field, "")
        return found if isinstance(found, str) else ""

    @property
    def answers(self) -> int:
        """The serial of the call that this answers, -1 when it is no answer."""
        found = self._fields.get(REPLY_SERIAL, -1)
        return found if isinstance(found, int) else -1

    def values(self) -> tuple[Any, ...]:
        """Return everything that it holds."""
        return tuple(Message.from_buffer(self.raw).body)


class Wire:
    """A connection that was opened by jeepney and is read here from now on."""

    def __init__(self, connection: DBusConnection) -> None:
        self._connection = connection
        left = connection.parser.buf
        self._bytes = bytearray(left.read(left.bytes_buffered) if left.bytes_buffered else b"")

    def fileno(self) -> int:
        """Return the socket, for select."""
        return int(self._connection.sock.fileno())

    def send(self, messages: Sequence[Message]) -> list[int]:
        """Send messages in one write; returns their serials.

        Raises:
            CaptureError: the bus went away.
        """
        serials = [next(self._connection.outgoing_serial) for _ in messages]
        data = b"".join(message.serialise(serial=serial) for message, serial in zip(messages, serials, strict=True))
        try:
            self._connection.sock.sendall(data)
        except OSError:
            raise _gone() from None
        return serials

    def packets(self) -> Iterator[Packet]:
        """Yield the messages that have arrived.

        Raises:
            CaptureError: the bus went away, or speaks in another byte order.
        """
        while True:
            try:
                data = self._connection.sock.recv(_AT_ONCE_BYTES, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
            except OSError:
                raise _gone() from None
            if not data:
                raise _gone()
            self._bytes += data
        at = 0
        while (size := _size_of(self._bytes, at)) and at + size <= len(self._bytes):
            yield Packet(bytes(memoryview(self._bytes)[at : at + size]))
            at += size
        del self._bytes[:at]

    def close(self) -> None:
        """Leave the bus."""
        self._connection.close()


def _size_of(data: bytearray, at: int) -> int:
    """Return how long the message that begins at `at` is, 0 when not enough of it is there to say."""
    if len(data) - at < _HEAD.size:
        return 0
    order, _, _, _, body, _, fields = _HEAD.unpack_from(data, at)
    if order != _NATIVE:
        raise _gone()
    return _aligned(_HEAD.size + int(fields)) + int(body)


def _fields_of(raw: bytes, end: int) -> dict[int, str | int]:
    """Return the head fields that are texts, signatures or numbers."""
    found: dict[int, str | int] = {}
    at = _HEAD.size
    while at < end:
        code, kind, at = raw[at], raw[at + 2], at + 4
        if kind == ord("g"):
            size, at = raw[at], at + 1
        else:
            (size,), at = _U32.unpack_from(raw, at), at + 4
        if kind == ord("g") or kind in _TEXTS:
            found[code] = str(raw[at : at + size], "utf-8", "replace")
            at += size + 1
        else:
            found[code] = size
        at = _aligned(at)
    return found


def _aligned(at: int) -> int:
    return (at + 7) & ~7


def _gone() -> CaptureError:
    return CaptureError("the accessibility bus went away", hint="start recording again")
