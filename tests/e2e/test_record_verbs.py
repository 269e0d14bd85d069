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


def test_doctor_says_of_every_stream_whether_it_works(desktop, enrolled, tmp_path):
    """On a whole desktop every stream of the screen works; without a display it says what to do and ends with status 1."""
    well = witting(desktop, "doctor", "--data", str(enrolled.data_dir), "--json")
    assert well.returncode == 0, well.stdout
    checks = {check["name"]: check for check in json.loads(well.stdout)["checks"]}
    assert {check["verdict"] for check in checks.values() if check["kind"] == "needed"} == {"works"}
    assert {name for name, check in checks.items() if check["verdict"] == "works"} >= {
        "pointer", "keys", "windows", "ui_tree", "screen", "clipboard", "sign on the screen",
    }  # fmt: skip
    assert checks["tray"]["verdict"] == "degraded"
    assert all(bool(check["hint"]) == (check["verdict"] != "works") for check in checks.values())
    ill = subprocess.run(
        [sys.executable, "-m", "witting", "doctor", "--data", str(tmp_path / "nothing"), "--json"],
        env={name: value for name, value in os.environ.items() if name not in {"DISPLAY", "DBUS_SESSION_BUS_ADDRESS"}},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ill.returncode == 1
    assert all(check["hint"] for check in json.loads(ill.stdout)["checks"] if check["verdict"] != "works")
    assert not (tmp_path / "nothing").exists()


def test_on_wayland_what_goes_on_in_other_programs_is_called_impossible(desktop, enrolled):
    """Even with an X server beside it, a Wayland session's global input is said to be impossible, never faked."""
    env = {**os.environ, **desktop.env, "XDG_SESSION_TYPE": "wayland", "WAYLAND_DISPLAY": "wayland-0"}
    command = [sys.executable, "-m", "witting", "doctor", "--data", str(enrolled.data_dir), "--json"]
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 1
    checks = {check["name"]: check for check in json.loads(run.stdout)["checks"]}
    for stream in ("pointer", "keys", "cadence", "windows", "screen"):
        assert checks[stream]["verdict"] == "impossible"
        assert "X11" in checks[stream]["hint"]


def test_the_systemd_unit_is_sound(enrolled, tmp_path):
    """The unit that joining writes passes systemd's own check, where that is there, and starts nothing without consent."""
    import shutil

    from witting.device.setup import install_unit

    unit = install_unit(enrolled, config_home=tmp_path / "config")
    text = unit.read_text()
    assert f"ConditionPathExists={enrolled.data_dir}/consent.json" in text
    assert f"ConditionPathExists=!{enrolled.data_dir}/withdrawn" in text
    assert "RestrictAddressFamilies=AF_UNIX" in text
    if shutil.which("systemd-analyze"):
        checked = subprocess.run(
            ["systemd-analyze", "verify", "--user", str(unit)], capture_output=True, text=True, timeout=30, check=False
        )
        assert "witting-recorder" not in checked.stderr, checked.stderr
