"""The desktop session of tests and demo: real, several at once, and gone without a trace."""

import os
import time
from pathlib import Path

import pytest
from PIL import Image

from witting.terms.errors import MissingExtraError
from witting.testing import desktop as desktop_module
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.miniwob_server import MiniwobServer
from witting.testing.x11 import DesktopError, wait_for

pytestmark = pytest.mark.e2e


def _marked(mark: str) -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.append((folder / "comm").read_text().strip())
        except OSError:
            continue
    return found


def test_a_session_leaves_nothing() -> None:
    """When a session ends, none of its processes and no temporary file is left, not even of an app that ignores being asked."""
    with DesktopSession() as session:
        mark = session.env["WITTING_DESKTOP"]
        session.launch(["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"], log="stubborn")
        session.start_xterm()
        assert {"Xvfb", "openbox", "dbus-daemon", "xterm"} <= set(_marked(mark))
    assert _marked(mark) == []
    assert not session.folder.exists()


def test_a_session_that_fails_to_start_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """When a part doesn't come up, what was already started is ended."""
    marks = []

    def fail(bus: str) -> bool:
        raise DesktopError("the accessibility bus didn't come up")

    monkeypatch.setattr(desktop_module, "_has_accessibility", fail)
    session = DesktopSession()
    with pytest.raises(DesktopError), session:
        pass
    marks += _marked(session.env["WITTING_DESKTOP"])
    assert marks == []


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Debian's packages the error says what is missing and how to get it."""
    monkeypatch.setattr(desktop_module.shutil, "which", lambda name: None if name == "openbox" else f"/usr/bin/{name}")
    with pytest.raises(MissingExtraError, match="openbox") as caught, DesktopSession():
        pass
    assert "make setup" in caught.value.hint


def test_two_sessions_side_by_side(desktop: DesktopSession) -> None:
    """Two sessions have displays, homes and windows of their own."""
    with DesktopSession() as other:
        assert other.display != desktop.display
        assert other.env["HOME"] != desktop.env["HOME"]
        other.start_xterm()
        assert [window.app for window in other.screen.windows()] == ["xterm"]
        assert [window.app for window in desktop.screen.windows()] == []


def test_typing_reaches_a_native_app(desktop: DesktopSession, tmp_path: Path) -> None:
    """What hands type into mousepad and save is what the file then holds, shifted characters included."""
    file = tmp_path / "note.txt"
    file.write_text("")
    pad = desktop.start_mousepad(file)
    with Hands(desktop.display, seed=1, pace=2) as hands:
        area = pad.area()
        hands.click(area.x + area.width / 2, area.y + area.height / 2)
        hands.type_text('Dear Ms. Ndiaye,\n"42%" of it = (a+b)*{c}; see you@example.org!')
        hands.press("ctrl+s")
        wait_for("the saved file", lambda: file.read_text().endswith("org!\n") or file.read_text().endswith("org!"))
    assert file.read_text().strip() == 'Dear Ms. Ndiaye,\n"42%" of it = (a+b)*{c}; see you@example.org!'
    os.kill(pad.process.pid, 15)
    wait_for("the window to go", lambda: pad.area().is_empty)


def test_an_unlisted_app_comes_to_the_front_and_goes_back(desktop: DesktopSession, tmp_path: Path) -> None:
    """Windows can be brought to the front, one over the other."""
    (tmp_path / "front.txt").write_text("front")
    pad = desktop.start_mousepad(tmp_path / "front.txt")
    terminal = desktop.start_xterm()
    for app in (terminal, pad, terminal):
        app.activate()
        assert desktop.screen.active() == app.window.id
        assert desktop.screen.windows()[-1].id == app.window.id


def test_a_notification_pops_over_everything(desktop: DesktopSession, tmp_path: Path) -> None:
    """A notification is on the screen at once, where it was asked to be, unmanaged, and goes by itself."""
    before = tmp_path / "before.png"
    desktop.screenshot(before)
    managed = [window.id for window in desktop.screen.windows()]
    desktop.show_popup("Lunch with Anneke at noon?", x=700, y=500, seconds=0.8)
    popup = desktop.screen.unmanaged()[-1]
    assert (popup.x, popup.y) == (700, 500)
    assert [window.id for window in desktop.screen.windows()] == managed
    time.sleep(0.1)
    desktop.screenshot(tmp_path / "after.png")
    box = (popup.x, popup.y, popup.x + popup.width, popup.y + popup.height)
    with Image.open(tmp_path / "after.png") as after, Image.open(before) as earlier:
        colours = after.crop(box).getcolors()
        assert {(255, 247, 214), (32, 32, 32)} <= {colour for _, colour in colours or []}
        assert after.crop(box).tobytes() != earlier.crop(box).tobytes()
    wait_for("the notification to go", lambda: popup not in desktop.screen.unmanaged())


def test_the_browser_window_is_where_it_says(desktop: DesktopSession, site: MiniwobServer, tmp_path: Path) -> None:
    """Chromium's window has the size asked for, and a box of the page is found at that place of the screen."""
    browser = desktop.start_chromium(site.page("target"))
    window = desktop.screen.find("chromium")
    assert window
    assert (window.area.width, window.area.height) == (1024, 720)
    box = browser.box_of("#target")
    wait_for("the page to be painted", lambda: _is_blue(desktop, tmp_path / "page.png", (box.x, box.y)))
    for x, y, is_blue in ((0, 0, True), (box.width - 1, box.height - 1, True), (-1, 0, False), (0, -1, False), (box.width, 0, False)):
        assert _is_blue(desktop, tmp_path / "page.png", (box.x + x, box.y + y)) == is_blue
    browser.close()


def _is_blue(desktop: DesktopSession, path: Path, point: tuple[int, int]) -> bool:
    desktop.screenshot(path)
    with Image.open(path) as picture:
        return picture.getpixel(point) == (0, 0x66, 0xCC)
