"""A socket for this user's processes: who isn't this user, doesn't read or went away is dropped, and nothing waits."""

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from witting.device import local_socket
from witting.device.local_socket import LocalServer, Peer
from witting.terms.errors import CaptureError


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalServer]:
    """A server that listens."""
    made = LocalServer(tmp_path / "run" / "control")
    yield made
    made.close()


def dial(server: LocalServer) -> socket.socket:
    """Return a connection to a server; a read waits for ten seconds at most."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(10)
    connection.connect(str(server._path))
    return connection


def told(server: LocalServer) -> list[tuple[bytes, bool]]:
    """Return what arrived, with whether its peer is open."""
    return [(data, peer.is_open) for peer, data in server.poll()]


def test_only_this_user_can_reach_it(server: LocalServer) -> None:
    """Folder and socket are this user's alone, whatever the umask; a peer is known by the kernel's word."""
    assert stat.S_IMODE(server._path.stat().st_mode) == 0o600
    assert stat.S_IMODE(server._path.parent.stat().st_mode) == 0o700
    with dial(server):
        assert told(server) == [(b"", True)]
        (peer,) = server.peers
        assert (peer.process_id, peer.user_id) == (os.getpid(), os.getuid())


def test_another_users_process_is_shut_out(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who belongs to somebody else hears nothing, is told of to nobody, and finds the door shut."""
    monkeypatch.setattr(local_socket.os, "getuid", lambda: os.geteuid() + 1)
    with dial(server) as connection:
        assert told(server) == []
        assert server.peers == ()
        assert connection.recv(1) == b""


def test_words_come_and_go_and_the_end_is_told_once(server: LocalServer) -> None:
    """A new peer, what it says, what it is answered, and that it went: each is told, in this order, and nothing after."""
    with dial(server) as connection:
        assert told(server) == [(b"", True)]
        connection.sendall(b"status\n")
        assert told(server) == [(b"status\n", True)]
        server.peers[0].send(b"recording\n")
        assert connection.recv(100) == b"recording\n"
        assert told(server) == []
    assert told(server) == [(b"", False)]
    assert (told(server), server.peers) == ([], ())


def test_a_peer_that_does_not_read_is_given_up(server: LocalServer) -> None:
    """Answers that nobody takes fill the kernel's buffer and no more: then the peer is closed, and others are served on."""
    with dial(server) as deaf, dial(server) as other:
        told(server)
        told(server)
        first = server.peers[0]
        for _ in range(10_000):
            first.send(b"x" * 4096)
            if not first.is_open:
                break
        assert not first.is_open
        other.sendall(b"here")
        deaf.sendall(b"late")
        assert sorted(told(server)) == [(b"", False), (b"here", True)]
        assert len(server.peers) == 1


def test_a_peer_that_is_gone_is_no_error() -> None:
    """Sending to and reading from a connection that was reset ends the peer, quietly."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    peer = Peer(ours)
    theirs.close()
    peer.send(b"x")
    assert not peer.is_open
    ours.close()
    assert peer.receive() == b""


def test_one_recorder_listens_and_a_dead_ones_socket_is_taken_over(tmp_path: Path) -> None:
    """While one listens another is refused; what a killed one left behind is no obstacle; closing removes it, twice if need be."""
    path = tmp_path / "control"
    first = LocalServer(path)
    with pytest.raises(CaptureError, match="another recorder listens"):
        LocalServer(path)
    first._listener.close()  # as a kill leaves it: the file stays
    assert path.exists()
    second = LocalServer(path)
    second.close()
    second.close()
    assert not path.exists()
    path.write_text("no socket at all")
    LocalServer(path).close()


def test_a_path_that_no_socket_can_have_is_refused(tmp_path: Path) -> None:
    """Longer than the kernel's name for sockets: said before anything is made."""
    path = tmp_path / ("x" * 120) / "control"
    with pytest.raises(CaptureError, match="too long") as caught:
        LocalServer(path)
    assert "shorter" in caught.value.hint
    assert not path.parent.exists()
