"""`witting record`, `pause`, `resume`, `stop` and `doctor` as a person calls them, on a device that has joined."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from witting.device import control
from witting.device.enrolment import Enrolment
from witting.terms.events import TaskMark
from witting.testing.desktop import DesktopSession
from witting.testing.participant import Participant
from witting.testing.x11 import wait_for

pytestmark = pytest.mark.e2e


@pytest.fixture
def enrolled(tmp_path: Path) -> Enrolment:
    """Give a device that joined a programme whose hub is in memory."""
    return Participant(tmp_path / "data").join()


def witting(desktop: DesktopSession, *words: str) -> subprocess.CompletedProcess[str]:
    """Call a verb on the desktop."""
    return subprocess.run(
        [sys.executable, "-m", "witting", *words],
        env={**os.environ, **desktop.env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_session_from_record_to_stop(desktop, enrolled):
    """A person starts recording with a task, pauses, goes on and stops; each verb says what came of it, as JSON if asked."""
    data = str(enrolled.data_dir)
    begun = witting(desktop, "record", "Book a train", "--data", data, "--detach", "--json")
    assert begun.returncode == 0, begun.stderr
    assert json.loads(begun.stdout)["state"] == "recording"
    again = witting(desktop, "record", "--data", data)
    assert (again.returncode, "runs already" in again.stderr) == (2, True)
    assert json.loads(witting(desktop, "pause", "--data", data, "--json").stdout)["state"] == "paused"
    assert json.loads(witting(desktop, "resume", "--data", data, "--json").stdout)["state"] == "recording"
    time.sleep(0.4)
    assert "stopped" in witting(desktop, "stop", "--data", data).stdout
    wait_for("the end", lambda: not control.is_running(enrolled.data_dir / "run" / "control.sock"))
    spool = enrolled.open_spool()
    (session,) = spool.sessions()
    wait_for("the spool", lambda: not spool.info(session.session_id).is_recording)
    assert [record.instruction for record in spool.read(session.session_id) if isinstance(record, TaskMark)] == ["Book a train"]
    stopped = witting(desktop, "stop", "--data", data)
    assert (stopped.returncode, "no recorder runs" in stopped.stderr) == (2, True)


def test_recording_in_the_foreground_ends_with_ctrl_c(desktop, enrolled):
    """In the foreground the verb becomes the recorder; Ctrl-C closes the session cleanly."""
    process = subprocess.Popen(
        [sys.executable, "-m", "witting", "record", "--data", str(enrolled.data_dir)],
        env={**os.environ, **desktop.env},
        stdout=subprocess.DEVNULL,
    )
    path = enrolled.data_dir / "run" / "control.sock"
    wait_for("the recorder", lambda: control.is_running(path))
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    assert len(enrolled.open_spool().sessions()) == 1


@pytest.mark.promise("P1")
def test_without_an_enrolment_or_after_leaving_nothing_begins(desktop, enrolled, tmp_path):
    """On a device that joined nothing, or left, `record` ends with status 10 and leaves nothing behind."""
    none = witting(desktop, "record", "--data", str(tmp_path / "nothing"))
    assert (none.returncode, (tmp_path / "nothing").exists()) == (10, False)
    enrolled.mark_withdrawn()
    assert witting(desktop, "record", "--data", str(enrolled.data_dir)).returncode == 10
    assert enrolled.open_spool().sessions() == []


def test_doctor_says_what_holds_and_what_doesn_t(desktop, enrolled, tmp_path):
    """On a whole desktop everything holds; without a display it says what to do and ends with status 1."""
    well = witting(desktop, "doctor", "--data", str(enrolled.data_dir), "--json")
    assert well.returncode == 0, well.stdout
    assert all(check["holds"] for check in json.loads(well.stdout)["checks"])
    ill = subprocess.run(
        [sys.executable, "-m", "witting", "doctor", "--data", str(tmp_path / "nothing"), "--json"],
        env={name: value for name, value in os.environ.items() if name not in {"DISPLAY", "DBUS_SESSION_BUS_ADDRESS"}},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ill.returncode == 1
    assert all(check["hint"] for check in json.loads(ill.stdout)["checks"] if not check["holds"])
