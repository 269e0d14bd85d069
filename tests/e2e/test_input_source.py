"""The input source on a real X server: layouts that change in mid-session, dead keys, bursts without a loss, and what wakes it."""

import contextlib
import os
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import xcffib
import xcffib.xinput
import xcffib.xproto as xp

from witting.device.capture.input_settings import InputSettingsSource
from witting.device.capture.input_x11 import InputSource
from witting.device.capture.x11 import XDisplay
from witting.terms.raw import RawKey, RawMove
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.x11 import wait_for

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def desktop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DesktopSession]:
    """A desktop for the file's tests."""
    with DesktopSession(tmp_path_factory.mktemp("desktop")) as session:
        yield session


@pytest.fixture
def source(desktop: DesktopSession) -> Iterator[InputSource]:
    """A source that was open for a while."""
    opened = InputSource(desktop.display)
    yield opened
    opened.close()


def layout(desktop: DesktopSession, *words: str) -> None:
    """Change the keyboard's layout, as a person does in mid-session."""
    subprocess.run(["setxkbmap", *words], check=True, env={**os.environ, **desktop.env}, capture_output=True, timeout=20)


def type_and_read(desktop: DesktopSession, source: InputSource, text: str) -> str:
    """Type with the layout in force and return what was heard."""
    with Hands(desktop.display, seed=3) as hands:
        hands.type_text(text)
    heard: list[str] = []

    def has_all() -> bool:
        source.rang()
        heard.extend(item.text for item in source.read_now() if isinstance(item, RawKey) and item.pressed and item.text)
        return len("".join(heard)) >= len(text)

    wait_for("what was typed", has_all, seconds=15)
    return "".join(heard)


@pytest.mark.parametrize(("words", "text"), [(("de",), "zyöäüß"), (("fr",), "azqwmé"), (("us",), "zyqwa;")])
def test_a_layout_that_changes_while_recording_is_read_anew(
    desktop: DesktopSession, source: InputSource, words: tuple[str, ...], text: str
) -> None:
    """The same keys mean other letters after setxkbmap, and are heard as what they typed."""
    layout(desktop, *words)
    assert type_and_read(desktop, source, text) == text
    layout(desktop, "us")


def test_groups_switch_without_a_new_map(desktop: DesktopSession, source: InputSource) -> None:
    """With two layouts at once the state of each event says which of them is in force."""
    layout(desktop, "us,de")
    assert type_and_read(desktop, source, "zy") == "zy"
    layout(desktop, "us")


@pytest.mark.parametrize(("rate_hz", "count"), [(2000, 6000), (125, 250)])
def test_a_burst_loses_nothing_and_moves_are_read_many_at_a_time(
    desktop: DesktopSession, source: InputSource, rate_hz: int, count: int
) -> None:
    """Every move comes out once, in order, at its place; reads are few, because the bell of moves is off while the pointer moves."""
    with Hands(desktop.display, seed=4) as hands:
        points = [(60 + i * 7 % 700, 60 + i * 3 % 400) for i in range(count)]
        moving = threading.Thread(target=hands.trace, args=(points,), kwargs={"rate_hz": rate_hz})
        moving.start()
        heard, reads, deadline = [], 0, time.monotonic() + 60
        while len(heard) < count and time.monotonic() < deadline:
            source.rang()
            if source.next_deadline_ns is not None and source.next_deadline_ns <= time.monotonic_ns():
                reads += 1
                heard += [(item.x, item.y) for item in source.read() if isinstance(item, RawMove)]
            time.sleep(0.005)
        moving.join()
    assert (len(heard), [(i, a, b) for i, (a, b) in enumerate(zip(heard, points, strict=False)) if a != b][:3]) == (count, [])
    assert reads < count / 4


def moved(source: InputSource, count: int, *, seconds: float = 20) -> tuple[list[tuple[int, int]], bool]:
    """Return the moves that come until `count` are there or it has been quiet for long, and whether a loss was told."""
    heard: list[tuple[int, int]] = []
    has_told, last = False, time.monotonic()
    while len(heard) < count and time.monotonic() - last < seconds / 10:
        found = [(item.x, item.y) for item in source.read_now() if isinstance(item, RawMove)]
        heard += found
        has_told = has_told or source.may_have_lost
        last = time.monotonic() if found else last
        time.sleep(0.01)
    return heard, has_told


def ways(count: int) -> list[tuple[int, int]]:
    """Return different places, one after the other."""
    return [(10 + i % 1000, 10 + i // 1000) for i in range(count)]


@contextlib.contextmanager
def app_that_hangs(desktop: DesktopSession) -> Iterator[None]:
    """Have a window under the pointer whose program wants to hear each move and reads none: the server's socket to it is full."""
    app = xcffib.connect(display=desktop.display)
    screen, window = app.get_setup().roots[0], app.generate_id()
    mask = xp.CW.OverrideRedirect | xp.CW.EventMask
    kind = (xp.WindowClass.InputOutput, screen.root_visual)
    app.core.CreateWindow(screen.root_depth, window, screen.root, 0, 0, 1100, 700, 0, *kind, mask, [1, xp.EventMask.PointerMotion])
    app.core.MapWindow(window)
    app.core.GetInputFocus().reply()
    with Hands(desktop.display, seed=7) as hands:
        hands.trace(ways(3000), rate_hz=10_000)
    yield
    app.disconnect()


def test_who_reads_late_misses_nothing(desktop: DesktopSession, source: InputSource) -> None:
    """A second in which nobody hears the bell, with 2,000 moves in it after a rest, loses none."""
    points = ways(2000)
    with Hands(desktop.display, seed=6) as hands:
        hands.trace(points, rate_hz=2000)
    assert moved(source, len(points)) == (points, False)


def test_an_app_that_hangs_under_the_pointer_has_nothing_lost(desktop: DesktopSession) -> None:
    """While an app reads nothing the server sends our events one by one and loses what doesn't fit in the socket: it always fits."""
    with app_that_hangs(desktop):
        source, points = InputSource(desktop.display), ways(2000)
        with Hands(desktop.display, seed=8) as hands:
            hands.trace(points, rate_hz=1000)  # nobody reads meanwhile
        heard, _ = moved(source, len(points))
        source.close()
    assert (len(heard), heard == points) == (2000, True)


def test_what_the_server_may_have_lost_is_told(desktop: DesktopSession) -> None:
    """Where not even the thread that empties the socket came in time, events are missing, and that is said."""
    with app_that_hangs(desktop):
        source, points = InputSource(desktop.display), ways(3000)
        source._drain.close()
        source._drain = SimpleNamespace(hurry=list, close=list)  # nobody empties the socket
        with Hands(desktop.display, seed=9) as hands:
            hands.trace(points, rate_hz=2000)
        heard, has_told = moved(source, len(points))
        assert (len(heard) < len(points), has_told) == (True, True)
        assert moved(source, 1, seconds=2) == ([], False)
        source.close()


def test_a_resting_pointer_costs_nothing(desktop: DesktopSession, source: InputSource, tmp_path: Path) -> None:
    """After some glances in vain nothing is due any more until the bell rings again, and then nothing was missed."""
    with Hands(desktop.display, seed=5) as hands:
        hands.move_to(300, 300)

        def rests() -> bool:
            if source.next_deadline_ns is not None and source.next_deadline_ns <= time.monotonic_ns():
                source.read()
            return source.next_deadline_ns is None

        source.rang()
        wait_for("the pointer's rest", rests, seconds=15)
        hands.trace([(310, 310)], rate_hz=100)
        heard: list[RawMove] = []

        def has_heard() -> bool:
            source.rang()
            heard.extend(item for item in source.read_now() if isinstance(item, RawMove))
            return bool(heard)

        wait_for("the next move", has_heard, seconds=15)
    assert [(move.x, move.y) for move in heard] == [(310, 310)]


def test_settings_say_what_the_server_says_and_a_new_device_is_heard(desktop: DesktopSession) -> None:
    """Acceleration and key repeat as `xset` sets them, kinds of devices without names; plugging one in is told once."""
    display = XDisplay(desktop.display)
    subprocess.run(["xset", "m", "5/2", "7", "r", "rate", "300", "20"], check=True, env={**os.environ, **desktop.env}, timeout=20)
    source = InputSettingsSource(display)
    found = source.settings
    assert (found.accel_numerator, found.accel_denominator, found.accel_threshold_px) == (5, 2, 7)
    assert (found.has_repeat, found.repeat_delay_ms, found.repeat_interval_ms) == (True, 300, 50)
    assert {"mouse", "keyboard"} <= set(found.devices)
    name = b"second\0\0"
    change = struct.pack("<HHHBB", 1, (8 + len(name)) // 4, 6, 1, 1) + name  # AddMaster, length, length of name, send core, enable
    with xinput_request(desktop, 43, struct.pack("<Bxxx", 1) + change):
        wait_until_heard(source, display)
    assert len(source.settings.devices) > len(found.devices)
    display.close()


@pytest.mark.parametrize(("name", "value", "said"), [
    ("libinput Natural Scrolling Enabled", b"\1", {"natural_scroll": "on"}),
    ("libinput Accel Profile Enabled", b"\0\1", {"accel_profile": "flat"}),
])  # fmt: skip
def test_a_property_of_a_pointing_device_that_changes_is_told(
    desktop: DesktopSession, name: str, value: bytes, said: dict[str, str]
) -> None:
    """What libinput's driver sets on a real server's device is in the settings at once; other devices stay as they were."""
    display = XDisplay(desktop.display)
    source = InputSettingsSource(display)
    assert all(getattr(device, field) == "unknown" for device in source.settings.pointers for field in said)
    devices = display.connection(xcffib.xinput.key).XIQueryDevice(0).reply().infos
    mouse = next(info.deviceid for info in devices if info.type == 3)
    head = struct.pack("<HBBIII", mouse, 0, 8, display.atom(name), 19, len(value))  # replace, 8 bits, INTEGER
    with xinput_request(desktop, 57, head + value.ljust(4, b"\0")):
        wait_until_heard(source, display)
    told = [device for device in source.settings.pointers if all(getattr(device, field) == word for field, word in said.items())]
    assert len(told) == 1
    display.close()


@contextlib.contextmanager
def xinput_request(desktop: DesktopSession, minor: int, body: bytes) -> Iterator[None]:
    """Send a request that the library doesn't make, and keep its connection for the block."""
    other = xcffib.connect(display=desktop.display)
    opcode = other.core.QueryExtension(len("XInputExtension"), "XInputExtension").reply().major_opcode
    with socket.socket(fileno=os.dup(other.get_file_descriptor())) as wire:
        wire.setblocking(True)
        wire.sendall(struct.pack("<BBH", opcode, minor, 1 + len(body) // 4) + body)
    yield
    other.disconnect()


def wait_until_heard(source: InputSettingsSource, display: XDisplay) -> None:
    """Wait until the settings are others than before."""
    heard: list[bool] = []

    def has_heard() -> bool:
        heard.extend(source.handle(event) for event in display.events())
        return any(heard)

    wait_for("a change of the settings", has_heard, seconds=30)
