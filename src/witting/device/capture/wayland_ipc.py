"""The compositor's own words on Wayland: sway's (and i3's) IPC over a unix socket.

Two connections: one is asked and answers at once, one tells of events. Doesn't know what is looked for. Follows sway-ipc(7). Invariant: a
compositor that goes, or that says what isn't JSON, is a CaptureError.
"""

import json
import os
import socket
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from witting.terms.errors import CaptureError

_MAGIC = b"i3-ipc"
_HEADER = struct.Struct("=6sII")
_KINDS = {"subscribe": 2, "outputs": 3, "tree": 4, "version": 7}
_EVENTS = {0x80000000: "workspace", 0x80000003: "window", 0x80000006: "shutdown"}
_PATIENCE_S = 3.0
_GONE = "the compositor went away"


@dataclass(frozen=True, slots=True, repr=False)
class SwayEvent:
    """Something the compositor told: `change` of a kind, and the node it is about."""

    kind: str
    change: str
    node: dict[str, Any]


def find_socket() -> str:
    """Return where the compositor listens, "" when this is no sway session."""
    path = os.environ.get("SWAYSOCK", "")
    return path if path and Path(path).exists() else ""


class SwayIpc:
    """A compositor that is asked, and listened to.

    Raises:
        CaptureError: nothing answers there.
    """

    def __init__(self, path: str, events: Sequence[str] = ("workspace", "window", "shutdown")) -> None:
        self._asked, self._told = _connect(path), _connect(path)
        self._waiting = bytearray()
        _send(self._told, "subscribe", payload=json.dumps(list(events)).encode())
        _, answer = _receive(self._told)
        if not (isinstance(answer, dict) and answer.get("success")):
            raise CaptureError("the compositor refused to tell of windows", hint="record in a sway session")
        self._told.setblocking(False)

    def fileno(self) -> int:
        """Return the connection that tells, for select."""
        return self._told.fileno()

    def ask(self, what: str) -> Any:
        """Return the answer to one of: tree, outputs, version.

        Raises:
            CaptureError: the compositor went away.
        """
        _send(self._asked, what, payload=b"")
        return _receive(self._asked)[1]

    def events(self) -> Iterator[SwayEvent]:
        """Yield what was told since the last call.

        Raises:
            CaptureError: the compositor went away.
        """
        try:
            while piece := self._told.recv(65_536):
                self._waiting += piece
        except BlockingIOError:
            pass
        except OSError:
            raise CaptureError(_GONE, hint="the session was closed; start recording again") from None
        else:
            raise CaptureError(_GONE, hint="the session was closed; start recording again")
        while (message := _cut(self._waiting)) is not None:
            kind, body = message
            if kind in _EVENTS and isinstance(body, dict):
                yield SwayEvent(_EVENTS[kind], str(body.get("change", "")), body.get("container") or body.get("current") or {})

    def close(self) -> None:
        """End both connections."""
        self._asked.close()
        self._told.close()


def _connect(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(_PATIENCE_S)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        raise CaptureError("no compositor answers", hint="record in a sway session, where SWAYSOCK is set") from None
    return connection


def _send(connection: socket.socket, what: str, *, payload: bytes) -> None:
    try:
        connection.sendall(_HEADER.pack(_MAGIC, len(payload), _KINDS[what]) + payload)
    except OSError:
        raise CaptureError(_GONE, hint="the session was closed; start recording again") from None


def _receive(connection: socket.socket) -> tuple[int, Any]:
    waiting = bytearray()
    try:
        while (message := _cut(waiting)) is None:
            piece = connection.recv(1 << 20)
            if not piece:
                break
            waiting += piece
    except OSError:
        message = None
    if message is None:
        raise CaptureError(_GONE, hint="the session was closed; start recording again")
    return message


def _cut(waiting: bytearray) -> tuple[int, Any] | None:
    """Take a whole message off the front, None while there is none."""
    if len(waiting) < _HEADER.size:
        return None
    magic, length, kind = _HEADER.unpack_from(waiting)
    if magic != _MAGIC:
        raise CaptureError("the compositor's words can't be read", hint="record in a sway session")
    end = _HEADER.size + length
    if len(waiting) < end:
        return None
    try:
        body = json.loads(bytes(waiting[_HEADER.size : end]))
    except ValueError:
        raise CaptureError("the compositor's words can't be read", hint="record in a sway session") from None
    del waiting[:end]
    return kind, body
