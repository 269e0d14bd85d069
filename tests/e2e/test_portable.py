"""The classes for Windows and macOS, run on X11: events in the order of the truth, pictures equal to the server's."""

import numpy as np
import pytest

from witting.device.capture.portable_screen import PortableScreen
from witting.device.capture.screen import ScreenSource
from witting.device.capture.x11 import XDisplay
from witting.terms.raw import RawButton, RawKey, RawMove, RawWheel
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.x11 import wait_for

pytest.importorskip("mss", reason="the extra `portable` isn't installed")
pytestmark = pytest.mark.e2e


@pytest.fixture
def hands(desktop: DesktopSession, monkeypatch):
    """Give hands on the display that pynput looks at."""
    monkeypatch.setenv("DISPLAY", desktop.display)
    desktop.start_xterm()
    with Hands(desktop.display, seed=2, pace=2.0) as pair:
        yield pair


def test_pynput_tells_in_order_what_was_done(hands: Hands):
    """Moves, buttons with their places, detents and keys come in the order of the injected truth; none is missing."""
    pytest.importorskip("Xlib", reason="pynput needs python-xlib here")
    pytest.importorskip("pynput", reason="the extra `portable` isn't installed")
    from witting.device.capture.portable_input import PortableInput

    source = PortableInput()
    told = []

    def read_until(count):
        hands.trace([(400 + len(told) % 2, 400), (402, 401)], rate_hz=100)  # the X server keeps RECORD's events until more come
        told.extend(source.read())
        return sum(not isinstance(item, RawMove) for item in told) >= count

    hands.trace([(100 + 7 * i % 400, 120 + 3 * i % 300) for i in range(200)], rate_hz=250)
    hands.click(300, 300)
    hands.click(320, 300, button=3)
    hands.press("Escape")
    hands.scroll("down", 2)
    hands.scroll("up", 1)
    hands.type_text("ab C\n")
    hands.press("ctrl+a")
    wait_for("all events", lambda: read_until(4 + 2 + 3 + 2 * 5 + 2 + 4))
    source.close()
    wait_for("pynput's end", lambda: hands.trace([(410, 410), (411, 410)], rate_hz=100) or hands.press("Escape") or source.is_ended)
    moves = [(item.x, item.y) for item in told if isinstance(item, RawMove)]
    truth = [(event.x, event.y) for event in hands.log if event.kind == "move"]
    assert in_order(moves, truth)
    assert truth[:150] == moves[:150]
    clicks = [(item.x, item.y, item.button, item.pressed) for item in told if isinstance(item, RawButton)]
    assert clicks == [(300, 300, 1, True), (300, 300, 1, False), (320, 300, 3, True), (320, 300, 3, False)]
    assert [(item.dx, item.dy) for item in told if isinstance(item, RawWheel)] == [(0, 1), (0, 1), (0, -1)]
    pressed = [item for item in told if isinstance(item, RawKey) and item.pressed]
    assert [item.text for item in pressed if item.text] == ["a", "b", " ", "C"]
    assert [item.keysym for item in pressed if not item.text] == ["Escape", "Shift_L", "Return", "Control_L", "a"]
    assert pressed[-1].modifiers == {"ctrl"}
    assert [item.timestamp_ns for item in told] == sorted(item.timestamp_ns for item in told)


def in_order(part: list, whole: list) -> bool:
    """Whether the items of `part` occur in `whole` in this order."""
    rest = iter(whole)
    return all(item in rest for item in part)


def test_mss_gives_the_servers_pixels(desktop: DesktopSession):
    """The portable picture equals X11's own, pixel by pixel, colours in the same places."""
    display = XDisplay(desktop.display)
    own, portable = ScreenSource(display), PortableScreen(display=desktop.display)

    def are_equal():
        one, two = own.grab().pixels, portable.grab().pixels
        return one.shape == two.shape and np.array_equal(one[:, :, :3], two[:, :, :3])

    wait_for("two pictures of a screen at rest", are_equal)
    assert portable.is_damaged
    portable.close()
    own.close()
    display.close()
