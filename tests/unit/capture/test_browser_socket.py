"""The socket that the browser's native host connects to: good words pass, garbage is counted, nobody can break it."""

import json
import os
import socket
import stat
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from witting.device.capture.browser import BrowserSource, Word
from witting.device.capture.native_host import Frames, frame
from witting.device.capture.page_messages import NoPage
from witting.terms.errors import CaptureError
from witting.terms.raw import RawPage


@pytest.fixture
def source(tmp_path):
    """Give a listening source."""
    made = BrowserSource(tmp_path / "run" / "browser.sock", app_of=lambda processes: "chromium" if os.getpid() in processes else "")
    yield made
    made.close()


@pytest.fixture
def host(source, tmp_path):
    """Give a connected native host, its first words from the recorder read."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(5)
    connection.connect(str(tmp_path / "run" / "browser.sock"))
    assert read_all(source) == []
    assert hear(connection)[0]["type"] == "state"
    yield connection
    connection.close()


def read_all(source: BrowserSource) -> list[object]:
    """Return what has arrived, looked for twice so that accepting and reading both happen."""
    return [message for _ in range(2) for message in source.read()]


def hear(connection: socket.socket) -> list[dict]:
    """Return what the recorder said."""
    return [json.loads(message) for message in Frames().feed(connection.recv(1 << 16))]


def test_only_this_user_may_connect(source, tmp_path):
    """The socket's mode and its folder's keep other users of the machine out."""
    path = tmp_path / "run" / "browser.sock"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_host_is_told_what_is_lent_as_it_connects_and_as_it_changes(source, host):
    """The extension knows at once which sites are lent, and when recording pauses."""
    source.tell(Word(recording=True, sites=("https://a.example.org",)))
    source.tell(Word(recording=True, sites=("https://a.example.org",)))
    source.tell(Word(recording=True, paused=True))
    time.sleep(0.01)
    assert [(said["recording"], said["paused"], said["sites"]) for said in hear(host)] == [
        (True, False, ["https://a.example.org"]), (True, True, []),
    ]  # fmt: skip


def test_a_page_and_the_answer_to_a_probe_come_through(source, host):
    """A message split at any byte is read once it is whole."""
    page = frame(
        json.dumps({"type": "navigation", "t": 0, "url": "https://a.example.org/", "title": "A", "tab": 4, "incognito": False}).encode()
    )
    host.sendall(page[:7])
    assert read_all(source) == []
    host.sendall(page[7:] + frame(json.dumps({"type": "none", "id": source.probe(), "t": 0}).encode()))
    first, second = read_all(source)
    assert isinstance(first, RawPage)
    assert second == NoPage(1)
    assert hear(host) == [{"type": "probe", "id": 1}]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(st.binary(max_size=60), min_size=1, max_size=5))
def test_garbage_is_counted_and_the_next_good_word_still_heard(source, host, bodies):
    """However much nonsense an extension sends, what follows it is read."""
    before = source.garbage
    host.sendall(b"".join(frame(body) for body in bodies) + frame(b'{"type":"none","id":9,"t":0}'))
    assert read_all(source) == [NoPage(9)]
    assert source.garbage == before + len(bodies)


def test_a_length_that_can_t_be_ends_the_connection_and_nothing_else(source, host, tmp_path):
    """A stream whose framing is lost is closed; another host can still connect."""
    host.sendall(b"\xff\xff\xff\xff" + b"x" * 100)
    assert read_all(source) == []
    assert source.garbage == 1
    assert host.recv(10) == b""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
        other.connect(str(tmp_path / "run" / "browser.sock"))
        assert read_all(source) == []
        assert source.is_connected


def test_a_host_that_goes_in_the_middle_of_a_word_is_forgotten(source, host):
    """A browser that is closed leaves nothing behind."""
    host.sendall(b"\x40\x00\x00\x00{")
    host.close()
    assert read_all(source) == []
    assert read_all(source) == []
    assert not source.is_connected


def test_two_recorders_don_t_share_a_socket_and_a_dead_one_s_is_taken_over(source, tmp_path):
    """A second recorder is told that one runs; what a killed recorder left is no hindrance."""
    path = tmp_path / "run" / "browser.sock"
    with pytest.raises(CaptureError, match="another recorder"):
        BrowserSource(path, app_of=lambda _: "")
    left = tmp_path / "run" / "left.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(left))
    BrowserSource(left, app_of=lambda _: "").close()
    assert not left.exists()
