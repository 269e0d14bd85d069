"""Recording that is held back, by a person or by itself, on a real screen: nothing is stored, the reason is said, and it goes on."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from recorded import adds_up, buttons, bytes_below, end_of, frames, holes, middle, typed

from witting.device import control
from witting.device.control import Command, send_command
from witting.device.guards import OwnRules, save_rules
from witting.terms.events import Gap, TaskMark
from witting.testing.desktop import App, DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme
from witting.testing.services import PrivateBus, Services
from witting.testing.x11 import wait_for

pytestmark = pytest.mark.e2e
PROGRAMME = lent_programme({"mousepad": ()})


@pytest.fixture(scope="module")
def editor(desktop: DesktopSession, tmp_path_factory: pytest.TempPathFactory) -> App:
    """Give an editor with an empty file."""
    return desktop.start_mousepad(tmp_path_factory.mktemp("notes") / "plan.txt")


@pytest.fixture
def hands(desktop: DesktopSession, editor: App) -> Iterator[Hands]:
    """Give hands, with the editor in front."""
    editor.activate()
    with Hands(desktop.display, seed=5, pace=2.0) as pair:
        yield pair


@pytest.fixture
def lender(tmp_path: Path) -> Lender:
    """Give a participant who lends the editor."""
    return Lender(tmp_path / "lent", PROGRAMME)


@pytest.fixture
def services(desktop: DesktopSession) -> Iterator[Services]:
    """Give made-up services on the system bus that the recorder finds."""
    with PrivateBus() as bus, Services(bus.address) as made_up:
        made_up.add_login()
        desktop.env["DBUS_SYSTEM_BUS_ADDRESS"] = bus.address
        yield made_up
        del desktop.env["DBUS_SYSTEM_BUS_ADDRESS"]


def size_of(lender: Lender) -> int:
    """Return the bytes of the session's file."""
    return sum(path.stat().st_size for path in (lender.folder / "spool").glob("*.session"))


@pytest.mark.promise("P2")
def test_after_a_pause_is_acknowledged_nothing_more_is_stored(desktop, editor, hands, lender):
    """What was done before the pause is on the disk when it answers; from then on the session's file doesn't grow, however much is done."""
    with lender.start(desktop.env) as recorder:
        for turn in range(4):
            hands.click(*middle(editor.area()))
            hands.type_text("some words ")
            paused = control.pause(recorder.control_path)
            acknowledged_ns, size = time.monotonic_ns(), size_of(lender)
            assert paused.state == "paused"
            hands.click(*middle(editor.area()))
            hands.type_text("never")
            time.sleep(0.3 if turn else 1.2)
            assert size_of(lender) == size
            spool = lender.spool()
            last = max(getattr(record, "timestamp_ns", 0) for record in spool.read(spool.sessions()[-1].session_id))
            assert last < acknowledged_ns
            control.resume(recorder.control_path)
        recorder.stop()
    assert not any("never" in text for text in typed(lender.records()))
    assert adds_up(lender.records())


@pytest.mark.promise("P24")
def test_a_session_whose_key_somebody_destroyed_ends(desktop, editor, hands, lender):
    """Recording stops by itself when its file or key isn't what it should be, and says so."""
    with lender.start(desktop.env) as recorder:
        hands.click(*middle(editor.area()))
        (key,) = [path for path in (lender.folder / "keys").glob("*.key") if len(path.stem) == 32]
        key.unlink()
        hands.click(*middle(editor.area()))
        assert recorder.process.wait(10) == 14
    assert "changed or taken away" in recorder.log.read_text()


@pytest.mark.promise("P23")
def test_each_reason_of_the_machine_holds_recording_back_and_lets_it_go_on(desktop, editor, hands, lender, services):
    """Locked, asleep and on a low battery nothing is recorded, each for its own reason, and afterwards it goes on by itself."""
    reasons = {
        "locked": (lambda: services.lock(is_locked=True), lambda: services.lock(is_locked=False), "screen_locked"),
        "suspended": (lambda: services.sleep(is_beginning=True), lambda: services.sleep(is_beginning=False), "suspended"),
        "low_battery": (
            lambda: services.add_battery(percent=9, on_battery=True),
            lambda: services.add_battery(percent=9, on_battery=False),
            "low_battery",
        ),
    }  # fmt: skip
    services.add_battery(percent=80, on_battery=True)
    with lender.start(desktop.env) as recorder:
        for reason, (begin, end, _) in reasons.items():
            begin()
            wait_for(reason, lambda reason=reason: recorder.status().holds == (reason,))
            said = recorder.status()
            assert (said.state, said.why, bool(said.because)) == ("paused", reason, True)
            assert control.resume(recorder.control_path).state == "paused"
            hands.click(*middle(editor.area()))
            end()
            wait_for("recording", lambda: recorder.status().state == "recording")
        hands.click(*middle(editor.area()))
        time.sleep(0.4)
        recorder.stop()
    records = lender.records()
    assert len(buttons(records)) == 2
    for _, _, gap in reasons.values():
        assert {(hole.stream, hole.count) for hole in holes(records, gap)} >= {("keys", 0), ("pointer", 0)}
    assert adds_up(records)


def test_in_quiet_hours_nothing_is_recorded_from_the_start_on(desktop, editor, hands, lender):
    """A recorder that starts in quiet hours holds; when the person changes them it goes on at once, without a restart."""
    save_rules(lender.folder, OwnRules(quiet=("00:00-00:00",)))
    with lender.start(desktop.env) as recorder:
        assert (recorder.status().state, recorder.status().why) == ("paused", "quiet_hours")
        hands.click(*middle(editor.area()))
        hands.type_text("nobody hears")
        save_rules(lender.folder, OwnRules())
        wait_for("recording", lambda: recorder.status().state == "recording")
        hands.click(*middle(editor.area()))
        hands.type_text("aloud")
        time.sleep(0.4)
        save_rules(lender.folder, OwnRules(quiet=("00:00-00:00",)))
        wait_for("quiet", lambda: recorder.status().why == "quiet_hours")
        recorder.stop()
    records = lender.records()
    assert typed(records) == ["aloud"]
    assert len(buttons(records)) == 2
    assert len([hole for hole in holes(records, "quiet_hours") if hole.stream == "keys"]) == 2
    assert end_of(records).reason == "stopped"


@pytest.mark.promise("P13")
def test_the_last_minutes_are_forgotten_while_recording(desktop, editor, hands, lender):
    """Words, clicks, pictures and tasks of the minutes are gone from the disk, what comes after is recorded, and the counts add up."""
    with lender.start(desktop.env) as recorder:
        hands.click(*middle(editor.area()))
        hands.type_text("order seven chairs\n")
        time.sleep(1.0)
        wait_for("a picture", lambda: recorder.status().kept.get("screen", 0) > 0)
        old = next((lender.folder / "spool").glob("*.session")).read_bytes()
        control.state_task(recorder.control_path, "begin", instruction="Ask about chairs")
        hands.click(*middle(editor.area()))
        hands.type_text("half a sentence")
        forgotten = send_command(recorder.control_path, Command(do="forget", seconds=3600))
        assert forgotten.state == "recording"
        assert forgotten.forgotten.get("pointer", 0) > 0
        hands.click(*middle(editor.area()))
        hands.type_text("after all")
        time.sleep(0.6)
        recorder.stop()
    records = lender.records()
    assert typed(records) == ["after all"]
    assert [record for record in records if isinstance(record, TaskMark)] == []
    assert len(buttons(records)) == 2
    assert {hole.stream for hole in holes(records, "participant_removed")} >= {"pointer", "keys", "screen"}
    assert old[40:] not in bytes_below(lender.folder)
    assert frames(records)
    cut_ns = max(hole.to_ns for hole in holes(records, "participant_removed"))
    assert all(
        record.timestamp_ns >= cut_ns
        for record in records[1:]
        if not isinstance(record, Gap) and hasattr(record, "timestamp_ns") and type(record).__name__ != "Topology"
    )
    assert adds_up(records)


def test_forgetting_while_paused_leaves_it_paused(desktop, editor, hands, lender):
    """Who pauses first and then forgets isn't recorded afterwards."""
    with lender.start(desktop.env) as recorder:
        hands.click(*middle(editor.area()))
        hands.type_text("too much")
        control.pause(recorder.control_path)
        assert control.forget(recorder.control_path, 60).state == "paused"
        control.resume(recorder.control_path)
        time.sleep(0.3)
        recorder.stop()
    assert typed(lender.records()) == []
    assert adds_up(lender.records())


def test_a_recorder_that_is_killed_while_forgetting_leaves_all_or_nothing(desktop, editor, hands, lender):
    """Kill -9 in the midst of it: the session reads whole or cut, and the next recorder can begin."""
    with lender.start(desktop.env) as recorder:
        hands.trace([(editor.area().x + 50 + i % 300, editor.area().y + 90 + i % 200) for i in range(1500)], rate_hz=1000)
        time.sleep(1.2)
        asking = subprocess.Popen(
            [sys.executable, "-c", _FORGETTING,
             str(recorder.control_path)], stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_for("a beginning", lambda: list((lender.folder / "keys").glob("*.next.key")) or asking.poll() is not None)
        recorder.process.kill()
        recorder.process.wait()
        asking.wait()
    records = lender.records()
    moves = sum(type(record).__name__ == "PointerMove" for record in records)
    assert moves == 0 or moves > 1000
    removed = [hole for hole in holes(records, "participant_removed") if hole.stream == "pointer"]  # a picture in the making goes at once
    assert bool(removed) == (moves == 0)
    assert not list((lender.folder / "spool").glob("*-new"))
    with lender.start(desktop.env) as again:
        assert again.stop() == 0


@pytest.mark.promise("P23")
def test_over_the_days_bytes_recording_stops(desktop, lender):
    """A day's share that is used up holds recording from the start, with the reason."""
    folder = lender.folder / "spool"
    folder.mkdir(mode=0o700)
    (folder / f"{'0' * 32}.session").write_bytes(bytes(2_000_000))
    save_rules(lender.folder, OwnRules(disk_mb_per_day=1))
    with lender.start(desktop.env) as recorder:
        assert recorder.status().why == "over_disk"
        recorder.stop()


def test_the_x_server_that_goes_away_ends_the_session_by_name(tmp_path, lender):
    """A lost X server ends the session cleanly with its own reason, and on a new one recording can begin again."""
    with DesktopSession() as own:
        with lender.start(own.env) as recorder:
            server = next(process for process in own._processes if "Xvfb" in str(process.args))
            server.kill()
            assert recorder.process.wait(10) == 1
        assert end_of(lender.records()).reason == "server_gone"
    shutil.rmtree(own.folder, ignore_errors=True)
    with DesktopSession() as again, lender.start(again.env) as recorder:
        assert recorder.stop() == 0


_FORGETTING = """
import sys
from pathlib import Path
from witting.device import control
control.forget(Path(sys.argv[1]), 3600)
"""
