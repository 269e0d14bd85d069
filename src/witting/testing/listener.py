"""The recorder's end of the extension's wire, in memory: listens on a unix socket, says what is lent, keeps what comes.

Doesn't know: recording. Holds: the wire is that of witting.device.capture.native_host. What it keeps is raw, so it lives in tests only.
"""

import json
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from witting.device.capture.native_host import Frames, frame
from witting.testing.x11 import wait_for


class Listener:
    """Where the native host connects to; a context manager. Each connection is told the state first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.messages: list[dict[str, Any]] = []
        self.connections = 0
        self._state: dict[str, Any] = {"type": "state", "recording": False, "paused": False, "sites": []}
        self._peer: socket.socket | None = None
        self._lock = threading.Lock()
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._server.bind(str(path))
        self._server.listen(1)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def say(self, message: dict[str, Any]) -> None:
        """Send a message to the extension, if it is connected."""
        with self._lock:
            if message["type"] == "state":
                self._state = message
            if self._peer:
                self._peer.sendall(frame(json.dumps(message).encode()))

    def lend(self, *sites: str, recording: bool = True, paused: bool = False) -> None:
        """Say that these origins are lent, and whether it records."""
        self.say({"type": "state", "recording": recording, "paused": paused, "sites": list(sites)})

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return what came of one type, in order."""
        return [message for message in self.messages if message["type"] == kind]

    def wait(self, kind: str, *, seconds: float = 8.0, **fields: object) -> dict[str, Any]:
        """Return the last message of a type whose fields are these, once there is one."""

        def found() -> dict[str, Any] | None:
            fitting = [m for m in self.of(kind) if all(m.get(name) == value for name, value in fields.items())]
            return fitting[-1] if fitting else None

        return wait_for(f"a {kind} message", found, seconds=seconds)

    def wait_connected(self, count: int = 1) -> None:
        """Wait until the native host has connected so many times."""
        wait_for("the native host", lambda: self.connections >= count)

    def hang_up(self) -> None:
        """End the connection, as a recorder that ends does; the native host may come again."""
        with self._lock:
            if self._peer:
                self._peer.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """Hang up and remove the socket; stopping twice is harmless."""
        if not self._thread.is_alive():
            return
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.hang_up()
        self._thread.join()
        self.path.unlink(missing_ok=True)

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._server.accept()
            except OSError:
                return
            with self._lock:
                self._peer = peer
                peer.sendall(frame(json.dumps(self._state).encode()))
            self.connections += 1
            self._read(peer)
            with self._lock:
                self._peer = None
                peer.close()

    def _read(self, peer: socket.socket) -> None:
        frames = Frames()
        while True:
            try:
                data = peer.recv(1 << 16)
            except OSError:
                return
            if not data:
                return
            self.messages += [json.loads(message) for message in frames.feed(data)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
