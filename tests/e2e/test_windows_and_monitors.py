"""Windows and monitors on a real X server: where they lie, on which monitor, plugged and unplugged, under several window managers."""

import subprocess
import time
from collections.abc import Sequence

import pytest
from recorded import adds_up, buttons, bytes_below, injected_buttons, middle

from witting.terms.events import PointerButton, Topology, WindowFocus, WindowLayout
from witting.terms.geometry import Rect
from witting.terms.session import Record
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme
from witting.testing.x11 import wait_for

pytestmark = pytest.mark.e2e

MOUSEPAD = lent_programme({"mousepad": ()})


def xrandr(desktop: DesktopSession, *arguments: str) -> None:
    """Change monitors as a person's settings would."""
    subprocess.run(["xrandr", *arguments], env={**desktop.env}, check=True, capture_output=True)


def topologies(records: Sequence[Record]) -> list[list[Rect]]:
    """Return the monitors' places, each time they were told."""
    return [[monitor.area for monitor in record.monitors] for record in records if isinstance(record, Topology)]


def layouts(records: Sequence[Record]) -> list[WindowLayout]:
    """Return the layouts."""
    return [record for record in records if isinstance(record, WindowLayout)]


@pytest.mark.promise("P6")
def test_layouts_tell_of_lent_windows_and_of_others_only_what_they_cover(desktop, tmp_path):
    """Two editors and a terminal over one: the editors with place and title, the terminal as a covered place and nothing else."""
    lender = Lender(tmp_path / "lent", MOUSEPAD)
    one, two = (desktop.start_mousepad(tmp_path / name) for name in ("one.txt", "two.txt"))
    with lender.start(desktop.env) as recorder:
        one.activate()
        time.sleep(0.5)
        argv = ["xterm", "-geometry", "40x10+0+0", "-T", "Thistledown payroll"]
        terminal = desktop.start_app(argv, app="xterm")
        desktop.screen.move(terminal.window, one.area().x + 60, y=one.area().y + 60)
        time.sleep(0.5)
        two.activate()
        wait_for("the layouts", lambda: recorder.status().produced.get("windows", 0) >= 5)
        time.sleep(0.5)
        assert recorder.stop() == 0
    area, covered = one.area(), terminal.area()
    for app in (one, two, terminal):
        app.process.terminate()
        app.process.wait()
    records = lender.records()
    told = layouts(records)
    assert {window.app for layout in told for window in layout.windows} <= {"mousepad", ""}
    last = {window.window: window for window in told[-1].windows if window.window}
    assert len(last) == 2
    assert area in {window.area for window in last.values()}
    assert told[-1].workspace == 0
    covers = [window for layout in told for window in layout.windows if not window.window]
    assert any(not cover.area.intersect(covered).is_empty for cover in covers)
    assert all(cover.title == cover.app == "" for cover in covers)
    focused = [record for record in records if isinstance(record, WindowFocus)]
    assert {record.window for record in focused} == set(last)
    assert {record.area for record in focused} >= {area}
    assert {record.workspace for record in focused} == {0}
    assert b"thistledown" not in bytes_below(lender.folder).lower()
    assert "thistledown" not in repr(records).lower()
    assert adds_up(records)


def test_logical_monitors_that_come_and_go_are_told_and_places_stay_exact(desktop, tmp_path):
    """A screen split into two monitors and back gives a topology each time, and clicks in between are where they were made."""
    lender = Lender(tmp_path / "lent", MOUSEPAD)
    editor = desktop.start_mousepad(tmp_path / "notes.txt")
    editor.activate()
    with lender.start(desktop.env) as recorder, Hands(desktop.display, seed=4, pace=2.0) as hands:
        hands.click(*middle(editor.area()))
        xrandr(desktop, "--setmonitor", "left", "640/160x800/200+0+0", "screen")
        xrandr(desktop, "--setmonitor", "right", "640/160x800/200+640+0", "none")
        hands.click(*middle(editor.area()))
        subprocess.run(["xrdb", "-merge"], input=b"Xft.dpi: 192\n", env={**desktop.env}, check=True)
        time.sleep(0.3)
        xrandr(desktop, "--delmonitor", "right")
        xrandr(desktop, "--delmonitor", "left")
        hands.click(*middle(editor.area()))
        time.sleep(0.5)
        assert recorder.stop() == 0
    subprocess.run(["xrdb", "-merge"], input=b"Xft.dpi: 96\n", env={**desktop.env}, check=True)
    editor.process.terminate()
    editor.process.wait()
    records = lender.records()
    told = topologies(records)
    assert told[0] == [Rect(0, 0, 1280, 800)]
    assert [Rect(0, 0, 640, 800), Rect(640, 0, 640, 800)] in told
    assert told[-1] == [Rect(0, 0, 1280, 800)]
    assert {monitor.scale for record in records if isinstance(record, Topology) for monitor in record.monitors} == {1.0, 2.0}
    assert buttons(records) == injected_buttons(hands.log)


@pytest.mark.slow
def test_a_monitor_that_is_plugged_in_mid_session_counts_from_then_on(tmp_path):
    """Xorg with a second output: plugged, the topology has both and clicks on it are beyond the first; unplugged, it is gone."""
    lender = Lender(tmp_path / "lent", MOUSEPAD)
    with DesktopSession(server="Xorg") as desktop:
        editor = desktop.start_mousepad(tmp_path / "notes.txt")
        editor.activate()
        with lender.start(desktop.env) as recorder:
            xrandr(desktop, "--addmode", "DUMMY1", "1024x768")
            xrandr(desktop, "--output", "DUMMY1", "--mode", "1024x768", "--right-of", "DUMMY0")
            desktop.screen.move(editor.window, 1400, y=100)
            time.sleep(0.5)
            with Hands(desktop.display, seed=4, pace=2.0) as hands:
                hands.click(*middle(editor.area()))
                time.sleep(1.0)
                xrandr(desktop, "--output", "DUMMY1", "--off")
                xrandr(desktop, "--fb", "1280x800")
                desktop.screen.move(editor.window, 100, y=100)
                time.sleep(0.5)
                hands.click(*middle(editor.area()))
                time.sleep(1.0)
            assert recorder.stop() == 0
    records = lender.records()
    told = topologies(records)
    assert told[0] == [Rect(0, 0, 1280, 800)]
    assert [Rect(0, 0, 1280, 800), Rect(1280, 0, 1024, 768)] in told
    assert told[-1] == [Rect(0, 0, 1280, 800)]
    presses = [record for record in records if isinstance(record, PointerButton) and record.pressed]
    assert [press.x > 1280 for press in presses] == [True, False]
    assert adds_up(records)


@pytest.mark.slow
@pytest.mark.parametrize("manager", ["", "twm"])
def test_without_a_window_manager_that_tells_the_focus_says_what_is_in_front(tmp_path, manager):
    """With none, or one from before EWMH, the window that has the input focus is the one in front, and what isn't lent stays out."""
    lender = Lender(tmp_path / "lent", MOUSEPAD)
    (tmp_path / "twmrc").write_text("RandomPlacement\nNoTitle\n")
    with DesktopSession(manager="") as desktop:
        if manager:
            desktop.launch([manager, "-f", str(tmp_path / "twmrc")])
        for argv in (
            ["mousepad", "--disable-server", str(tmp_path / "n.txt")],
            ["xterm", "-T", "Thistledown", "-geometry", "40x9+700+500"],
        ):
            desktop.launch(argv)
        editor, terminal = (_window(desktop, name) for name in ("n.txt", "Thistledown"))
        with lender.start(desktop.env) as recorder, Hands(desktop.display, seed=4, pace=2.0) as hands:
            for window, text in ((terminal, "thistle"), (editor, "order"), (terminal, "down"), (editor, "ready")):
                subprocess.run(["xdotool", "windowraise", window, "windowfocus", "--sync", window], env=desktop.env, check=True)
                time.sleep(0.4)
                hands.type_text(text)
            time.sleep(0.6)
            assert recorder.stop() == 0
    records = lender.records()
    focused = [record.app for record in records if isinstance(record, WindowFocus)]
    assert len(focused) >= 2
    assert set(focused) == {"mousepad"}
    assert {window.app for layout in layouts(records) for window in layout.windows} <= {"mousepad", ""}
    assert "thistle" not in repr(records).lower()
    assert adds_up(records)


def _window(desktop: DesktopSession, title: str) -> str:
    """Return the number of the window of a title, as xdotool takes it."""

    def find() -> str:
        argv = ["xdotool", "search", "--onlyvisible", "--name", title]
        found = subprocess.run(argv, env=desktop.env, capture_output=True, text=True, check=False)
        return found.stdout.strip().split("\n")[-1]

    return wait_for(title, find)
