"""The recorder on a real X server with a real editor: everything of what is lent, nothing of what isn't."""

import os
import signal
import time
from collections.abc import Iterator

import numpy as np
import pytest
from recorded import (
    MS,
    adds_up,
    buttons,
    bytes_below,
    end_of,
    frames,
    holes,
    injected_buttons,
    injected_moves,
    middle,
    moves,
    tiles,
    typed,
    wheels,
)

from witting.actions.pictures import assemble
from witting.device import control
from witting.terms.consent import Grant
from witting.terms.errors import UsageError
from witting.terms.events import PointerButton, PointerMove, TaskMark, WindowFocus
from witting.terms.geometry import Rect
from witting.terms.session import SessionHeader
from witting.testing.desktop import App, DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme
from witting.testing.x11 import wait_for

pytestmark = pytest.mark.e2e

MOUSEPAD = lent_programme({"mousepad": ()})
FILL = 0xA0


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
def lender(tmp_path) -> Lender:
    """Give a participant who lends the editor."""
    return Lender(tmp_path / "lent", MOUSEPAD)


def zigzag(area: Rect, count: int) -> list[tuple[int, int]]:
    """Return places inside an area, none twice in a row."""
    return [(area.x + 50 + (i * 7) % (area.width - 100), area.y + 80 + (i * 3) % (area.height - 160)) for i in range(count)]


def test_nothing_of_two_thousand_events_is_lost_and_each_button_is_where_it_was(desktop, editor, hands, lender):
    """Every move, button, detent and typed word of a lent app is recorded, in order, at its exact place and its own time."""
    with lender.start(desktop.env) as recorder:
        hands.trace(zigzag(editor.area(), 2000), rate_hz=1000)
        hands.click(*middle(editor.area()))
        hands.type_text("The order is ready.\n")
        hands.drag((editor.area().x + 60, editor.area().y + 90), (editor.area().x + 200, editor.area().y + 120))
        hands.scroll("down", 3)
        hands.press("ctrl+a")
        time.sleep(0.3)
        assert recorder.stop() == 0
    records = lender.records()
    assert moves(records) == injected_moves(hands.log)
    assert buttons(records) == injected_buttons(hands.log)
    assert wheels(records) == 3
    assert typed(records) == ["The order is ready.", "[Return]", "[ctrl+a]"]
    assert adds_up(records)
    seen = [record.timestamp_ns for record in records if isinstance(record, PointerMove | PointerButton)]
    done = [event.timestamp_ns for event in hands.log if event.kind == "move" or (event.kind.startswith("button") and event.button < 4)]
    late = np.array(sorted(seen)) - np.array(sorted(done))
    assert late.min() > -2 * MS  # the server's clock counts whole milliseconds
    assert np.median(late) < 50 * MS  # however busy the machine is; the benchmark prints the figure
    assert [record.reason for record in frames(records)].count("click") == 2


@pytest.mark.promise("P6")
def test_of_an_unlisted_app_not_a_byte_is_kept(desktop, editor, hands, lender):
    """Keys, title and pixels of a terminal that isn't lent are nowhere in the record nor on the disk; the hole says that they aren't."""
    with lender.start(desktop.env) as recorder:
        terminal = desktop.start_app(["xterm", "-geometry", "60x12+340+240", "-bg", "#12fe34", "-T", "Canary Thistledown"], app="xterm")
        hands.click(*middle(terminal.area()))
        hands.type_text("thistledown pays 4711\n")
        time.sleep(0.4)
        editor.activate()
        hands.click(editor.area().x + 60, editor.area().y + editor.area().height - 40)
        time.sleep(0.6)
        terminal.process.terminate()
        terminal.process.wait()
        recorder.stop()
    records = lender.records()
    said = repr(records).lower()
    assert "thistledown" not in said
    assert "4711" not in said
    assert b"thistledown" not in bytes_below(lender.folder).lower()
    assert all(record.app == "mousepad" for record in records if isinstance(record, WindowFocus))
    assert {gap.stream for gap in holes(records, "app_not_lent")} >= {"pointer", "keys", "windows"}
    assert [gap.count for gap in holes(records, "app_not_lent") if gap.stream == "keys"] == [1]
    for frame in frames(records):
        picture = assemble(frame, tiles(records)).astype(int)
        assert not ((abs(picture - np.array([0x12, 0xFE, 0x34])) < 8).all(axis=2)).any()
    assert adds_up(records)


@pytest.mark.promise("P6")
def test_a_notification_over_a_lent_window_is_masked_and_its_clicks_are_not_kept(desktop, editor, hands, lender):
    """A pop-up that no window manager knows covers what lies below it, in pictures and for clicks alike."""
    area = editor.area()
    with lender.start(desktop.env) as recorder:
        popup = desktop.show_popup("your scan results are in", x=area.x + 40, y=area.y + 120, seconds=4)
        hands.click(area.x + area.width - 40, area.y + area.height - 40)
        hands.click(area.x + 100, area.y + 140)
        time.sleep(0.5)
        recorder.stop()
        popup.terminate()
        popup.wait()
    records = lender.records()
    assert [place[:2] for place in buttons(records)] == [(area.x + area.width - 40, area.y + area.height - 40)] * 2
    covered = [
        assemble(frame, tiles(records))[area.y + 122 : area.y + 170, area.x + 42 : area.x + 380]
        for frame in frames(records)
        if frame.reason == "click"
    ]
    assert covered
    assert all((pixels == FILL).all() for pixels in covered)


@pytest.mark.promise("P2")
def test_a_pause_lets_nothing_through_and_recording_goes_on_after_it(desktop, editor, hands, lender):
    """While paused nothing is recorded, not even how much was done; the hole says from when to when."""
    with lender.start(desktop.env) as recorder:
        hands.click(*middle(editor.area()))
        hands.type_text("before")
        time.sleep(0.3)
        assert control.pause(recorder.control_path).state == "paused"
        before = len(hands.log)
        hands.click(*middle(editor.area()))
        hands.type_text("whispered")
        time.sleep(0.3)
        paused_status = recorder.status()
        assert control.resume(recorder.control_path).state == "recording"
        while_paused = hands.log[before:]
        hands.click(*middle(editor.area()))
        hands.type_text("after")
        time.sleep(0.3)
        recorder.stop()
    records = lender.records()
    assert typed(records) == ["before", "after"]
    assert paused_status.produced.get("keys") == 1
    assert {(gap.stream, gap.count) for gap in holes(records, "paused")} >= {("keys", 0), ("pointer", 0), ("screen", 0)}
    first, last = while_paused[0].timestamp_ns, while_paused[-1].timestamp_ns
    assert not [record for record in records if isinstance(record, PointerMove | PointerButton) and first <= record.timestamp_ns <= last]


@pytest.mark.promise("P21")
def test_the_sign_is_on_the_screen_while_recording_and_a_click_on_it_pauses(desktop, editor, hands, lender):
    """The red sign shows as long as the recorder runs; clicking it pauses and resumes, and that click isn't recorded."""
    del editor
    unmanaged = desktop.screen.unmanaged()
    with lender.start(desktop.env) as recorder:
        (sign,) = [area for area in desktop.screen.unmanaged() if area not in unmanaged]
        hands.click(*middle(sign))
        wait_for("the pause", lambda: recorder.status().state == "paused")
        hands.click(*middle(sign))
        wait_for("recording", lambda: recorder.status().state == "recording")
        recorder.stop()
    assert sign not in desktop.screen.unmanaged()
    assert buttons(lender.records()) == []


@pytest.mark.promise("P21")
def test_a_sign_that_is_taken_away_ends_recording(desktop, editor, hands, lender):
    """A program that removes the sign stops the recorder instead of hiding it."""
    import xcffib

    del editor, hands
    x = xcffib.connect(display=desktop.display)
    root = x.get_setup().roots[0].root
    before = set(x.core.QueryTree(root).reply().children)
    with lender.start(desktop.env) as recorder:
        named = [wid for wid in set(x.core.QueryTree(root).reply().children) - before if b"witting" in _name(x, wid)]
        x.core.UnmapWindow(named[0])
        x.flush()
        assert recorder.process.wait(5) == 1
        assert "sign was taken off" in recorder.log.read_text()
    x.disconnect()
    assert end_of(lender.records()).reason == "sign_gone"


def _name(x, wid) -> bytes:
    """Return a window's name."""
    import xcffib.xproto as xp

    return bytes(x.core.GetProperty(False, wid, xp.Atom.WM_NAME, xp.Atom.STRING, 0, 16).reply().value.buf())


@pytest.mark.promise("P2")
def test_withdrawal_ends_recording_within_a_second(desktop, editor, hands, lender):
    """From the moment consent is withdrawn to the end of the recorder's process passes less than a second, with its own exit status."""
    with lender.start(desktop.env) as recorder:
        hands.click(*middle(editor.area()))
        withdrawn = time.monotonic()
        lender.withdraw()
        assert recorder.process.wait(5) == 10
        assert time.monotonic() - withdrawn <= 1.0
    assert end_of(lender.records()).reason == "NoConsent"


@pytest.mark.promise("P5")
def test_a_changed_programme_ends_recording_and_keeps_it_from_starting(desktop, editor, hands, lender):
    """When the controller changes the programme, recording stops, and doesn't start again before people were asked."""
    del editor, hands
    with lender.start(desktop.env) as recorder:
        lender.change_programme()
        assert recorder.process.wait(5) == 11
    with pytest.raises(UsageError, match="ended with 11"):
        lender.start(desktop.env)
    assert len(lender.sessions()) == 1


@pytest.mark.promise("P1")
def test_without_consent_the_recorder_doesn_t_begin(desktop, tmp_path):
    """A participant who lent nothing, or withdrew, gets exit status 10 and no session."""
    withdrawn = Lender(tmp_path / "withdrawn", MOUSEPAD)
    withdrawn.withdraw()
    with pytest.raises(UsageError, match="ended with 10"):
        withdrawn.start(desktop.env)
    assert withdrawn.sessions() == []


def test_a_stream_that_isn_t_lent_isn_t_recorded(desktop, editor, hands, tmp_path):
    """Who lends the pointer and not the keys has no key in the record."""
    lender = Lender(tmp_path / "lent", MOUSEPAD, grants=[Grant("train", stream, "mousepad") for stream in ("pointer", "windows")])
    with lender.start(desktop.env) as recorder:
        hands.click(*middle(editor.area()))
        hands.type_text("quiet")
        time.sleep(0.3)
        recorder.stop()
    records = lender.records()
    header = records[0]
    assert isinstance(header, SessionHeader)
    assert header.streams == ("pointer", "windows")
    assert (typed(records), frames(records)) == ([], [])
    assert len(buttons(records)) == 2
    assert {gap.stream for gap in holes(records, "stream_not_lent")} >= {"keys", "screen"}


@pytest.mark.promise("P7")
def test_a_killed_recorder_leaves_a_readable_spool_and_no_plain_text(desktop, editor, hands, lender):
    """Kill -9 costs at most the last second; what is on the disk is sealed and can be read to the tear."""
    with lender.start(desktop.env) as recorder:
        hands.click(*middle(editor.area()))
        hands.type_text("delivery on Monday\n")
        control.state_task(recorder.control_path, "begin", instruction="Write about the delivery")
        time.sleep(1.6)
        os.kill(recorder.process.pid, signal.SIGKILL)
        recorder.process.wait()
    records = lender.records()
    assert isinstance(records[0], SessionHeader)
    assert typed(records) == ["delivery on Monday", "[Return]"]
    assert [record.state for record in records if isinstance(record, TaskMark)] == ["begin"]
    on_disk = bytes_below(lender.folder)
    assert b"delivery" not in on_disk
    with lender.start(desktop.env) as again:
        assert again.stop() == 0
    assert len(lender.sessions()) == 2


def test_keys_typed_into_a_screen_locker_are_not_the_front_app_s(desktop, editor, hands, lender):
    """A program that seizes the keyboard over the lent window gets its password, the record doesn't."""
    import xcffib

    with lender.start(desktop.env) as recorder:
        hands.click(*middle(editor.area()))
        time.sleep(0.3)
        x = xcffib.connect(display=desktop.display)
        root = x.get_setup().roots[0].root
        assert x.core.GrabKeyboard(True, root, 0, 1, 1).reply().status == 0
        hands.type_text("opensesame")
        time.sleep(0.2)
        x.core.UngrabKeyboard(0)
        x.flush()
        time.sleep(0.2)
        x.disconnect()
        recorder.stop()
    records = lender.records()
    assert typed(records) == []
    assert [gap.count for gap in holes(records, "focus_unknown") if gap.stream == "keys"] == [1]
