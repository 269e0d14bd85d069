"""The shut door, tried from inside."""

import subprocess
import sys

import pytest

from witting.device.seccomp import has_seccomp, open_internet_sockets

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(not has_seccomp(), reason="this kernel or machine has no seccomp")]

TRY = "import socket, sys\ntry:\n  socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2)\nexcept PermissionError:\n  sys.exit(7)\n"


def inside(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own, since a shut door never opens again."""
    return subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def listener():
    """Give the port of a socket that listens on loopback, so that a connection would succeed."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        yield str(server.getsockname()[1])


def test_a_connection_succeeds_before_and_fails_after(listener):
    """The same connection that works at first is refused by the kernel once the door is shut, in the process and in its children."""
    assert inside(TRY, listener).returncode == 0
    shut = f"""
import subprocess, sys
from witting.device.seccomp import shut_network
shut_network()
assert subprocess.run([sys.executable, '-c', {TRY!r}, sys.argv[1]]).returncode == 7
"""
    assert inside(shut + TRY, listener).returncode == 7


@pytest.mark.promise("P10")
def test_every_thread_and_family_is_shut_and_unix_sockets_stay(listener):
    """IPv6, raw and netlink sockets are refused too, in threads that were there before; the display's and bus's sockets still work."""
    script = """
import socket, sys, threading
from witting.device.seccomp import is_network_shut, shut_network
go, seen = threading.Event(), []
def early():
    go.wait()
    try:
        socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2)
    except PermissionError:
        seen.append('refused')
thread = threading.Thread(target=early)
thread.start()
shut_network()
go.set()
thread.join()
assert seen == ['refused'], seen
assert is_network_shut()
for family in (socket.AF_INET6, socket.AF_INET, socket.AF_NETLINK, socket.AF_PACKET):
    try:
        socket.socket(family, socket.SOCK_RAW)
    except PermissionError:
        continue
    raise SystemExit(f'{family} is open')
a, b = socket.socketpair()
socket.socket(socket.AF_UNIX)
"""
    done = inside(script, listener)
    assert done.returncode == 0, done.stderr


def test_a_socket_that_was_open_before_is_found(listener):
    """A process that already holds an internet socket can't call its door shut."""
    script = """
import socket, sys
from witting.device.seccomp import open_internet_sockets, shut_network
from witting.terms.errors import CaptureError
held = socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2)
assert open_internet_sockets() == 1
try:
    shut_network()
except CaptureError:
    sys.exit(9)
"""
    assert inside(script, listener).returncode == 9
    assert open_internet_sockets() >= 1  # this process, which listens


def test_without_the_filter_the_recorder_doesn_t_start(tmp_path):
    """When libseccomp can't be loaded there is no recording, and the message says what to do."""
    script = """
import sys
sys.modules['pyseccomp'] = None
from pathlib import Path
from witting.device.recorder import RecorderConfig, save_config
import witting.device.recorder.__main__ as main
path = Path(sys.argv[1]) / 'recorder.json'
save_config(RecorderConfig(data_dir=sys.argv[1], programme='p', receipts='r', controller_key=b''), path)
sys.argv = ['recorder', '--config', str(path)]
sys.exit(main.main())
"""
    done = inside(script, str(tmp_path))
    assert done.returncode == 1
    assert "libseccomp" in done.stderr
    assert not (tmp_path / "spool").exists()
