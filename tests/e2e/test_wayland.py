"""The recorder in a real sway session, as a user that isn't root: windows, trees and pictures under the same gate; no input, ever."""

import time

import numpy as np
import pytest
from recorded import adds_up, bytes_below, end_of, frames, holes, tiles

from witting.actions.pictures import assemble
from witting.terms.errors import UsageError
from witting.terms.events import Clipboard, Gap, Key, PointerButton, PointerMove, PointerWheel, TextInput, WindowFocus
from witting.terms.session import SessionHeader
from witting.terms.tree import UiTree
from witting.testing.lender import Lender, lent_programme
from witting.testing.wayland import WaylandSession, lacks
from witting.testing.x11 import wait_for

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.skipif(bool(lacks()), reason=f"needs {lacks()} (deploy/debian-packages-more.txt)"),
]
INPUT = (PointerMove, PointerButton, PointerWheel, Key, TextInput, Clipboard)


@pytest.fixture
def session():
    """Give a sway session."""
    with WaylandSession() as found:
        yield found


@pytest.fixture
def lender(session) -> Lender:
    """Give a participant who lends the editor, all streams."""
    return Lender(session.folder / "lent", lent_programme({"mousepad": ()}))


def start_editor(session: WaylandSession, name: str, text: str = ""):
    """Open a file in the editor."""
    path = session.folder / "run" / name
    path.write_text(text)
    session.give(path)
    return session.start_app(["mousepad", "--disable-server", str(path)], app="mousepad")


def test_windows_trees_and_pictures_are_recorded_and_no_input(session, lender):
    """A lent editor alone in view gives windows, trees and pictures with something to see; no input, and the header says so."""
    start_editor(session, "plan.txt", "The order is ready")
    with session.record(lender, frame_interval_ms=500) as recorder:
        wait_for("pictures", lambda: recorder.status().kept.get("screen", 0) >= 1, seconds=40)
        recorder.stop()
    records = lender.records()
    header = records[0]
    assert isinstance(header, SessionHeader)
    assert header.platform == "linux-wayland-sway"
    assert set(header.streams) == {"windows", "pages", "ui_tree", "screen", "voice"}
    assert not any(isinstance(record, INPUT) for record in records)
    assert {record.app for record in records if isinstance(record, WindowFocus)} == {"mousepad"}
    assert any(node.name == "File" for record in records if isinstance(record, UiTree) for node in record.nodes)
    shown = [frame for frame in frames(records) if frame.masked_share < 1]
    assert shown
    pixels = assemble(shown[-1], tiles(records))
    assert pixels.shape == (800, 1280, 3)
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 8
    assert {"pointer", "keys", "clipboard"}.isdisjoint(end_of(records).produced)
    assert adds_up(records)


@pytest.mark.promise("P6")
def test_of_an_unlisted_app_nothing_is_kept(session, lender):
    """Title and pixels of a terminal that isn't lent are nowhere; beside it in view, the editor's pictures are masked wholly."""
    start_editor(session, "plan.txt")
    with session.record(lender, frame_interval_ms=500) as recorder:
        wait_for("the editor", lambda: recorder.status().app == "mousepad")
        session.start_app(["foot", "-T", "Canary Thistledown", "-o", "colors.background=12fe34", "sleep", "60"], app="foot")
        wait_for("the terminal", lambda: recorder.status().app == "")
        time.sleep(1.5)
        session.ask("[app_id=mousepad]", "focus")
        session.ask('[app_id="org.xfce.mousepad"]', "focus")
        wait_for("the editor again", lambda: recorder.status().app == "mousepad")
        time.sleep(1.5)
        recorder.stop()
    records = lender.records()
    assert "thistledown" not in repr(records).lower()
    assert b"thistledown" not in bytes_below(lender.folder).lower()
    assert holes(records, "app_not_lent")
    found = tiles(records)
    for frame in frames(records):
        assert not (assemble(frame, found) == (0x12, 0xFE, 0x34)).all(axis=2).any()
    assert adds_up(records)


@pytest.mark.promise("P6")
def test_while_a_stranger_could_draw_pictures_are_masked(session, lender):
    """A program that is connected without a window, as notification daemons are, may draw over anything: pictures are masked."""
    start_editor(session, "plan.txt", "The order is ready")
    session.launch(["wl-paste", "--watch", "true"])
    time.sleep(0.5)
    with session.record(lender, frame_interval_ms=500) as recorder:
        wait_for("pictures", lambda: recorder.status().kept.get("screen", 0) >= 1, seconds=40)
        recorder.stop()
    assert all(frame.masked_share == 1 for frame in frames(lender.records()))


@pytest.mark.promise("P21")
def test_without_its_sign_nothing_is_recorded(session, lender):
    """When the sign's program is ended, recording ends; where the sign can't be shown, none begins."""
    start_editor(session, "plan.txt")
    recorder = session.record(lender)
    sign = wait_for("the sign's program", lambda: _programs("wayland_sign.py"))
    _kill(sign)
    assert recorder.process.wait(15) != 0
    assert end_of(lender.records()).reason == "sign_gone"
    session.env["WAYLAND_DISPLAY"] = "wayland-none"
    with pytest.raises(UsageError, match="sign can't be shown"):
        session.record(lender)


@pytest.mark.promise("P2")
def test_a_pause_stops_everything(session, lender):
    """Nothing comes to be while paused; the hole is told in every stream that this desktop can give."""
    start_editor(session, "plan.txt")
    with session.record(lender, frame_interval_ms=500) as recorder:
        wait_for("the editor", lambda: recorder.status().app == "mousepad")
        assert recorder.tell("pause").state == "paused"
        before = recorder.status().produced
        time.sleep(1.5)
        assert recorder.status().produced == before
        recorder.tell("resume")
        recorder.stop()
    records = lender.records()
    assert any(isinstance(record, Gap) and record.reason == "paused" for record in records)
    assert adds_up(records)


def _programs(name: str) -> list[int]:
    from pathlib import Path

    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if name.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def _kill(processes: list[int]) -> None:
    import os

    for process in processes:
        os.kill(process, 9)
