"""The recorder's control socket, both ends, and the recorder's configuration."""

import json
import socket
import threading

import pytest

from witting.device import control
from witting.device.control import Command, ControlServer, RecorderStatus
from witting.device.recorder import RecorderConfig, load_config, save_config
from witting.terms.errors import UsageError


@pytest.fixture
def served(tmp_path):
    """Give a server that obeys in memory, served by a thread, and the commands it was given."""
    given: list[Command] = []

    def obey(command: Command) -> RecorderStatus:
        if command.do == "task" and not command.instruction:
            raise UsageError("a task needs words", hint="say what you do")
        given.append(command)
        return RecorderStatus(state="paused" if command.do == "pause" else "recording", kept={"keys": 3})

    server = ControlServer(tmp_path / "run" / "control.sock", obey)
    over = threading.Event()

    def serve() -> None:
        while not over.wait(0.005):
            server.serve()

    thread = threading.Thread(target=serve)
    thread.start()
    yield tmp_path / "run" / "control.sock", given
    over.set()
    thread.join()
    server.close()


def test_each_command_is_obeyed_and_answered(served):
    """Status, pause, resume, stop and a task reach the recorder and bring its status back."""
    path, given = served
    assert control.status(path).kept == {"keys": 3}
    assert control.pause(path).state == "paused"
    control.resume(path)
    control.stop(path)
    control.state_task(path, "begin", instruction="Book a train")
    assert [command.do for command in given] == ["status", "pause", "resume", "stop", "task"]
    assert given[-1].instruction == "Book a train"


def test_a_refusal_says_why_and_what_to_do(served):
    """An error of the recorder's is the caller's error, hint included."""
    with pytest.raises(UsageError, match="needs words") as caught:
        control.state_task(served[0], "begin")
    assert caught.value.hint == "say what you do"


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b"nonsense\n", b'{"do":"format"}\n', b'{"do":"status","more":1}\n', b"\xff\xfe\n"])
def test_a_line_that_is_no_command_gets_an_error_and_the_next_is_still_heard(served, line):
    """Garbage changes nothing and ends nothing."""
    path, given = served
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(5)
        connection.connect(str(path))
        connection.sendall(line + b'{"do":"status"}\n')
        with connection.makefile("rb") as reader:
            answers = [json.loads(reader.readline()) for _ in range(1 if line == b"\n" else 2)]
    assert answers[-1]["status"]["state"] == "recording"
    assert [answer["error"] for answer in answers[:-1]] == ["that is no command"] * (len(answers) - 1)
    assert len(given) == 1


def test_no_recorder_is_said_plainly(tmp_path):
    """Asking when none runs says how to start one."""
    with pytest.raises(UsageError, match="no recorder runs"):
        control.status(tmp_path / "control.sock")
    assert not control.is_running(tmp_path / "control.sock")


def test_a_configuration_survives_its_file_and_is_the_owner_s_only(tmp_path):
    """What `witting record` writes is what the recorder reads."""
    config = RecorderConfig(data_dir=str(tmp_path), programme="p", receipts="r", controller_key=b"\x00\xff", purposes=("train",))
    path = tmp_path / "run" / "recorder.json"
    save_config(config, path)
    assert load_config(path) == config
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["", "{}", '{"data_dir":"d","programme":"p","receipts":"r","controller_key":"","spy":true}', None])
def test_a_configuration_with_an_unknown_or_missing_key_is_refused(tmp_path, text):
    """No setting is taken that isn't known, and none is guessed."""
    path = tmp_path / "recorder.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UsageError):
        load_config(path)
