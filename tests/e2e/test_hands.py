"""Hands are real input: applications trust it, and the log says exactly what was done."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from witting.terms.errors import UsageError
from witting.testing.browser import Browser
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands, InjectedEvent, keysym_of
from witting.testing.miniwob_server import MiniwobServer
from witting.testing.x11 import wait_for

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def browser(desktop: DesktopSession, site: MiniwobServer) -> Iterator[Browser]:
    """Give a browser on a page that notes its events."""
    browser = desktop.start_chromium(site.page("target"))
    yield browser
    browser.close()


@pytest.fixture
def seen(browser: Browser, site: MiniwobServer) -> Any:
    """Give a function that waits for so many events and returns them as the page saw them."""
    browser.goto(site.page("target"))

    def events(count: int) -> list[list[Any]]:
        wait_for("the page's events", lambda: browser.evaluate("window.seen.length") >= count)
        found: list[list[Any]] = browser.evaluate("window.seen")
        return found

    return events


def test_a_page_trusts_hands_and_sees_them_where_the_log_says(desktop: DesktopSession, browser: Browser, seen: Any) -> None:
    """Clicks arrive as trusted events at the logged pixel, with the logged time to a few milliseconds."""
    with Hands(desktop.display, seed=3, pace=2) as hands:
        for x, y in ((200, 300), (640, 400), (900, 500)):
            hands.click(x, y)
        logged = [event for event in hands.log if event.kind in {"button_down", "button_up"}]
    events = seen(6)
    assert [(kind, trusted) for kind, trusted, *_ in events] == [("mousedown", True), ("mouseup", True)] * 3
    assert [(x, y) for _, _, x, y, _, _ in events] == [(event.x, event.y) for event in logged]
    lifted = time.time_ns() - time.monotonic_ns()
    late_ms = [at - (event.timestamp_ns + lifted) / 1e6 for (_, _, _, _, at, _), event in zip(events, logged, strict=True)]
    assert all(-5 < late < 25 for late in late_ms), late_ms


def test_typing_gives_one_key_for_each_character(desktop: DesktopSession, seen: Any) -> None:
    """The page sees the characters typed, with shift held for those that need it, and the log names their keysyms."""
    with Hands(desktop.display, seed=4, pace=2) as hands:
        hands.click(500, 600)
        hands.type_text("aZ9@")
        logged = [event for event in hands.log if event.kind == "key_down"]
    events = seen(2 + 12)
    downs = [key for kind, _, _, _, _, key in events if kind == "keydown"]
    assert downs == ["a", "Shift", "Z", "9", "Shift", "@"]
    assert [event.keysym for event in logged] == [keysym_of(key) for key in ("a", "shift", "Z", "9", "shift", "@")]


def test_wheel_double_and_right_click(desktop: DesktopSession, seen: Any) -> None:
    """The wheel, a double click and a right click arrive as what they are."""
    with Hands(desktop.display, seed=5, pace=2) as hands:
        hands.click(600, 500, count=2)
        hands.scroll("down", 2)
        hands.click(700, 600, button=3)
        hands.press("Escape")
    kinds = [kind for kind, *_ in seen(9)]
    assert kinds.count("dblclick") == 1
    assert kinds.count("wheel") >= 1
    assert kinds.count("contextmenu") == 1


def test_a_drag_holds_the_button_on_its_way(desktop: DesktopSession) -> None:
    """A drag logs press, moves, release, in this order."""
    with Hands(desktop.display, seed=6, pace=2) as hands:
        hands.drag((300, 400), (500, 450))
        kinds = [event.kind for event in hands.log]
        start = kinds.index("button_down")
        assert kinds[-1] == "button_up"
        assert set(kinds[start + 1 : -1]) == {"move"}
        assert (hands.log[start].x, hands.log[start].y) == (300, 400)
        assert (hands.log[-1].x, hands.log[-1].y) == (500, 450)


def test_the_log_is_also_a_file(desktop: DesktopSession, tmp_path: Path) -> None:
    """The ground truth on disk equals the one in memory, in order of time."""
    path = tmp_path / "truth.jsonl"
    with Hands(desktop.display, seed=7, pace=2, log_path=path) as hands:
        hands.move_to(400, 300)
        hands.press("ctrl+a")
        log = list(hands.log)
    assert [msgspec.json.decode(line, type=InjectedEvent) for line in path.read_text().splitlines()] == log
    assert [event.timestamp_ns for event in log] == sorted(event.timestamp_ns for event in log)
    assert len(log) > 8


def test_a_key_that_isn_t_there_is_refused(desktop: DesktopSession) -> None:
    """A character that the keyboard lacks raises instead of typing another."""
    with Hands(desktop.display, seed=8) as hands, pytest.raises(UsageError):
        hands.type_text("字")
