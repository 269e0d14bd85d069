"""A unix socket that only this user's processes can speak to; who speaks is known by the kernel's word.

Knows bytes and connections, not what is said. Invariant: a peer of another user is shut out, a peer that doesn't read is dropped, and no
call here waits.
"""

import contextlib
import os
import selectors
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

from witting.terms.errors import CaptureError

_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid
_READ_BYTES = 1 << 18
_PATH_LIMIT = 107  # bytes, sockaddr_un


class Peer:
    """One connected process."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        self.process_id, self.user_id, _ = _CREDENTIALS.unpack(credentials)
        self.is_open = True

    def send(self, data: bytes) -> None:
        """Send, or give the peer up when it is gone or doesn't read."""
        try:
            sent = self._socket.send(data)
        except OSError:
            sent = -1
        if sent != len(data):
            self.is_open = False

    def receive(self) -> bytes:
        """Return what has arrived, b"" when the peer is gone."""
        try:
            return self._socket.recv(_READ_BYTES)
        except OSError:
            return b""


class LocalServer:
    """Listens at `path` (made 0600 in a folder made 0700).

    Raises:
        CaptureError: the path is too long, or another process listens there.
    """

    def __init__(self, path: Path) -> None:
        if len(os.fsencode(path)) > _PATH_LIMIT:
            message = f"{path} is too long for a socket"
            raise CaptureError(message, hint="choose a shorter data directory")
        self._path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear_stale(path)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.setblocking(False)
        before = os.umask(0o177)
        try:
            self._listener.bind(str(path))
        finally:
            os.umask(before)
        self._listener.listen(8)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._peers: dict[socket.socket, Peer] = {}

    @property
    def peers(self) -> tuple[Peer, ...]:
        """Who is connected now."""
        return tuple(self._peers.values())

    def fileno(self) -> int:
        """Return one descriptor that is readable when anything happened."""
        return int(self._selector.fileno())

    def poll(self) -> Iterator[tuple[Peer, bytes]]:
        """Yield what arrived: b"" with `is_open` true for a new peer, b"" with `is_open` false for one that went."""
        for key, _ in self._selector.select(0):
            if key.fileobj is self._listener:
                yield from self._accept()
            elif isinstance(key.fileobj, socket.socket):
                yield from self._read(key.fileobj)

    def close(self) -> None:
        """Stop listening, drop every peer, remove the path; closing twice is harmless."""
        for connection in list(self._peers):
            self._drop(connection)
        if self._listener.fileno() >= 0:
            self._selector.close()
            self._listener.close()
            self._path.unlink(missing_ok=True)

    def _accept(self) -> Iterator[tuple[Peer, bytes]]:
        with contextlib.suppress(BlockingIOError):
            connection, _ = self._listener.accept()
            connection.setblocking(False)
            peer = Peer(connection)
            if peer.user_id != os.getuid():
                connection.close()
                return
            self._peers[connection] = peer
            self._selector.register(connection, selectors.EVENT_READ)
            yield peer, b""

    def _read(self, connection: socket.socket) -> Iterator[tuple[Peer, bytes]]:
        peer = self._peers[connection]
        data = peer.receive() if peer.is_open else b""
        if data:
            yield peer, data
        if not data or not peer.is_open:
            peer.is_open = False
            self._drop(connection)
            yield peer, b""

    def _drop(self, connection: socket.socket) -> None:
        del self._peers[connection]
        self._selector.unregister(connection)
        connection.close()


def _clear_stale(path: Path) -> None:
    """Remove a socket that nobody listens at any more."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)
            return
    message = f"another recorder listens at {path}"
    raise CaptureError(message, hint="`witting stop` ends it")
