"""The first page says what the recorder says, and its buttons reach the recorder."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from witting.device.control import Command, ControlServer, RecorderStatus
from witting.testing.participant import Participant


@pytest.fixture
def asked() -> list[Command]:
    """Return what was asked of the recorder."""
    return []


@pytest.fixture
def recorder(person: Participant, asked: list[Command]) -> Iterator[list[RecorderStatus]]:
    """Let a recorder of three states answer where the desk looks for one; returns its present status."""
    person.join()
    status = [RecorderStatus(state="recording", session_id="5e" * 16, kept={"pointer": 120, "screen": 4}, gapped={"keys": 7})]
    states = {"pause": "paused", "resume": "recording", "stop": "stopping"}

    def obey(command: Command) -> RecorderStatus:
        asked.append(command)
        status[0] = msgspec.structs.replace(status[0], state=states.get(command.do, status[0].state))
        return status[0]

    (person.data_dir / "run").mkdir(mode=0o700)
    server = ControlServer(person.data_dir / "run" / "control.sock", obey)
    is_over = threading.Event()

    def serve() -> None:
        while not is_over.wait(0.005):
            server.serve()

    thread = threading.Thread(target=serve)
    thread.start()
    yield status
    is_over.set()
    thread.join(5)
    server.close()


@pytest.mark.promise("P21")
def test_the_page_says_recording_while_it_records(browser: TestClient[Any], recorder: list[RecorderStatus]) -> None:
    """State and counts on the page and in what its script asks each second are the recorder's own."""
    page = browser.get("/").text
    assert 'data-state="recording"' in page
    assert '<strong id="count-pointer">120</strong>' in page
    assert browser.get("/state").json() == {"state": "recording", "counts": {"pointer": "120", "screen": "4", "gapped": "7"}}


@pytest.mark.promise("P2")
def test_pausing_going_on_and_stopping_reach_the_recorder(
    browser: TestClient[Any], post: Callable[..., Any], recorder: list[RecorderStatus]
) -> None:
    """Each button changes what the recorder does, and the page then offers the way back; pausing asks for no end time."""
    assert "Go on" in post("/pause").text
    assert recorder[0].state == "paused"
    assert "Pause" in post("/resume").text
    assert recorder[0].state == "recording"
    post("/stop")
    assert recorder[0].state == "stopping"
    assert browser.get("/state").json()["state"] == "stopping"


@pytest.mark.promise("P21")
def test_a_voice_note_is_begun_and_ended_by_buttons(
    browser: TestClient[Any], post: Callable[..., Any], recorder: list[RecorderStatus], asked: list[Command]
) -> None:
    """Who lends voice notes has a button; while the microphone is open the page says so; the sound is kept only if the box is ticked."""
    assert "Speak a note" in browser.get("/").text
    recorder[0] = msgspec.structs.replace(recorder[0], is_listening=True)
    page = post("/voice/begin").text
    assert "Your microphone is open" in page
    recorder[0] = msgspec.structs.replace(recorder[0], is_listening=False)
    assert "Noted" in post("/voice/end").text
    post("/voice/begin", keep="1")
    told = [(command.do, command.keep_sound) for command in asked if command.do.startswith("voice")]
    assert told == [("voice_begin", False), ("voice_end", False), ("voice_begin", True)]


def test_without_a_recorder_the_page_says_not_recording(browser: TestClient[Any], post: Callable[..., Any], person: Participant) -> None:
    """Where no recorder answers nothing is recorded, and a button pressed too late says so."""
    person.join()
    assert "Not recording" in browser.get("/").text
    answer = post("/pause")
    assert (answer.status_code, "No recorder runs" in answer.text) == (400, True)
