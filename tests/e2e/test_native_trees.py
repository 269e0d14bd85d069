"""What native apps say of themselves over the accessibility bus, on real ones: fresh, behind others, too slow, and large."""

import itertools
import os
import select
import signal
import time
from collections.abc import Iterator

import pytest
from recorded import adds_up, frames, middle

from witting.device.capture.atspi import AtspiSource, NativeTree
from witting.device.capture.stacking import StackReader
from witting.device.capture.x11 import XDisplay
from witting.terms.geometry import Rect
from witting.terms.tree import UiTree
from witting.testing.desktop import App, DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme
from witting.testing.x11 import wait_for

pytestmark = pytest.mark.e2e

MOUSEPAD = lent_programme({"mousepad": ()})


@pytest.fixture
def bus(desktop: DesktopSession, monkeypatch: pytest.MonkeyPatch) -> Iterator[AtspiSource]:
    """Give a client of the session's accessibility bus."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", desktop.env["DBUS_SESSION_BUS_ADDRESS"])
    source = AtspiSource()
    yield source
    source.close()


def ask(bus: AtspiSource, app: App, *places: Rect, process_id: int = 0) -> NativeTree:
    """Ask for an app's tree once and wait for the answer, whatever it is."""
    number = bus.request_tree(process_id or app.process.pid, app.window.app, places=places)

    def answer() -> NativeTree | None:
        select.select([bus], [], [], 0.05)
        return next((one for one in bus.read() if isinstance(one, NativeTree) and one.request == number), None)

    return wait_for("the answer", answer)


def tree_of(bus: AtspiSource, app: App, *places: Rect) -> NativeTree:
    """Ask until there is a tree: a fresh app has none until its bridge has seen that somebody listens."""
    return wait_for("the tree", lambda: found if (found := ask(bus, app, *places)).raw is not None else None)


def end(*apps: App) -> None:
    """Close apps."""
    for app in apps:
        app.process.terminate()
        app.process.wait()


def test_an_app_that_was_there_before_anybody_listened_gives_its_tree(desktop, tmp_path, monkeypatch):
    """It says that it has no such method until a client has registered for an event; then its text and buttons are told."""
    (tmp_path / "order.txt").write_text("the order is ready\n")
    editor = desktop.start_mousepad(tmp_path / "order.txt")
    editor.activate()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", desktop.env["DBUS_SESSION_BUS_ADDRESS"])
    source = AtspiSource()
    tree = tree_of(source, editor).raw
    source.close()
    end(editor)
    assert any("the order is ready" in node.value for node in tree.nodes)
    assert {"menuitem", "textbox"} <= {node.role for node in tree.nodes}


@pytest.mark.promise("P8")
def test_the_tree_of_a_window_behind_is_told_by_its_place_and_no_other_is_taken_for_it(desktop, bus, tmp_path):
    """Of two editors the one behind gives its own text; a place where no window of the app lies gives none."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text(f"list {name}\n")
    one, two = (desktop.start_mousepad(tmp_path / f"{name}.txt") for name in ("one", "two"))
    two.activate()
    display = XDisplay(desktop.display)
    stack = StackReader(display).read()
    display.close()
    behind = next(window for window in stack if window.client_id == one.window.id)
    tree = tree_of(bus, one, behind.client_area, behind.area).raw
    nowhere = ask(bus, one, Rect(5, 5, 100, 100)).raw
    end(one, two)
    assert any("list one" in node.value for node in tree.nodes)
    assert not any("list two" in node.value for node in tree.nodes)
    assert nowhere is None


@pytest.mark.promise("P8")
def test_an_app_that_doesn_t_answer_is_pictured_masked_and_counted(desktop, tmp_path):
    """While the app hangs its pictures show nothing of it, and the status says how many; the recorder goes on."""
    lender = Lender(tmp_path / "lent", MOUSEPAD)
    (tmp_path / "plan.txt").write_text("the order is ready\n" * 5)
    editor = desktop.start_mousepad(tmp_path / "plan.txt")
    editor.activate()
    with lender.start(desktop.env) as recorder, Hands(desktop.display, seed=3, pace=2.0) as hands:
        wait_for("a picture", lambda: recorder.status().kept.get("screen"))
        before = recorder.status().unverified_frames
        os.kill(editor.process.pid, signal.SIGSTOP)
        stopped_ns = time.monotonic_ns()
        hands.click(*middle(editor.area()))
        wait_for("the count", lambda: recorder.status().unverified_frames > before)
        resumed_ns = time.monotonic_ns()
        os.kill(editor.process.pid, signal.SIGCONT)
        time.sleep(0.6)
        assert recorder.stop() == 0
    end(editor)
    records = lender.records()
    hung = [frame for frame in frames(records) if stopped_ns < frame.timestamp_ns < resumed_ns]
    assert hung
    assert all(frame.masked_share == 1 for frame in hung)
    assert adds_up(records)


def test_a_tree_that_doesn_t_change_is_kept_once(desktop, tmp_path):
    """However often the same window is asked, its tree stands in the record once for each state it was in."""
    lender = Lender(tmp_path / "lent", MOUSEPAD)
    editor = desktop.start_mousepad(tmp_path / "still.txt")
    editor.activate()
    with lender.start(desktop.env) as recorder, Hands(desktop.display, seed=3, pace=2.0) as hands:
        for step in range(5):
            hands.click(middle(editor.area())[0] + step, middle(editor.area())[1])
            time.sleep(0.6)
        assert recorder.stop() == 0
    end(editor)
    digests = [record.digest for record in lender.records() if isinstance(record, UiTree)]
    assert digests
    assert all(first != second for first, second in itertools.pairwise(digests))


@pytest.mark.slow
def test_an_office_suite_gives_a_large_tree(desktop, bus, tmp_path):
    """LibreOffice's hundreds of nodes in view come in one piece, or not at all."""
    app = desktop.start_app(
        ["soffice", "--calc", "--norestore", "--nologo", f"-env:UserInstallation=file://{tmp_path}/lo"], app="libreoffice"
    )
    app.activate()
    time.sleep(3)
    display = XDisplay(desktop.display)
    (process_id,) = display.cardinals(app.window.id, "_NET_WM_PID")
    display.close()
    tree = wait_for("the tree", lambda: ask(bus, app, process_id=process_id).raw, seconds=60)
    os.kill(process_id, signal.SIGTERM)
    app.process.wait()
    assert len(tree.nodes) > 100
    assert {"button", "menuitem"} <= {node.role for node in tree.nodes}
