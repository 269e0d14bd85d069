"""Lookups of windows on other systems with made-up libraries, the ports that all classes share, and what is said of other systems."""

import ctypes
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from witting.device.capture import portable, ports
from witting.device.capture.portable_windows import NOBODY, PortableWindows, look_up_macos, look_up_windows, lookup_here
from witting.device.recorder import loop
from witting.terms.errors import CaptureError
from witting.terms.events import STREAMS
from witting.terms.geometry import Rect


def user32(window: int):
    """Return Windows' user32 with one window."""

    def text(_, buffer, __):
        buffer.value = "Orders"

    def process(_, place):
        ctypes.cast(place, ctypes.POINTER(ctypes.c_ulong)).contents.value = 77

    def rect(_, place):
        ctypes.cast(place, ctypes.POINTER(ctypes.c_long * 4)).contents[:] = [10, 20, 110, 220]

    return SimpleNamespace(GetForegroundWindow=lambda: window, GetWindowTextW=text, GetWindowThreadProcessId=process, GetWindowRect=rect)


def kernel32(path: str):
    """Return Windows' kernel32 that knows one program."""

    def name(_, __, buffer, ___):
        buffer.value = path
        return bool(path)

    return SimpleNamespace(OpenProcess=lambda *_: 1, QueryFullProcessImageNameW=name, CloseHandle=lambda _: 1)


def test_a_window_of_windows_is_named_by_its_program():
    """App, title, place and process; nobody when no window is in front, and no app when its program can't be found out."""
    found = PortableWindows(lambda: look_up_windows(user32(5), kernel32("C:\\Program Files\\Office\\EXCEL.EXE")))
    front = found.read_front(9)
    assert (front.timestamp_ns, front.app, front.title, front.window_id, front.area) == (9, "excel", "Orders", 5, Rect(10, 20, 100, 200))
    assert found.process_id == 77
    assert look_up_windows(user32(0), kernel32("")) == NOBODY
    assert look_up_windows(user32(5), kernel32("")).app == ""


def test_a_window_of_macos_is_named_by_its_bundle():
    """The first window of the app in front on the normal layer; an app without one has a name and no place."""
    url = SimpleNamespace(path=lambda: "/Applications/Safari.app")
    app = SimpleNamespace(processIdentifier=lambda: 7, bundleURL=lambda: url)
    workspace = SimpleNamespace(frontmostApplication=lambda: app)
    bounds = {"X": 1, "Y": 2, "Width": 3, "Height": 4}
    windows = [
        {"kCGWindowOwnerPID": 7, "kCGWindowLayer": 25, "kCGWindowNumber": 1},
        {"kCGWindowOwnerPID": 7, "kCGWindowLayer": 0, "kCGWindowNumber": 2, "kCGWindowName": "Orders", "kCGWindowBounds": bounds},
    ]
    found = look_up_macos(workspace, lambda: windows)
    assert (found.app, found.title, found.window_id, found.process_id, found.area) == ("safari", "Orders", 2, 7, Rect(1, 2, 3, 4))
    assert look_up_macos(workspace, list).window_id == 0
    assert look_up_macos(SimpleNamespace(frontmostApplication=lambda: None), list) == NOBODY


def test_on_linux_there_is_no_portable_lookup():
    """Linux has sources of its own, so the portable lookup refuses instead of guessing."""
    with pytest.raises(CaptureError):
        lookup_here()


@pytest.mark.parametrize(
    ("system", "platform", "is_verified"), [("linux", "linux", True), ("win32", "windows", False), ("darwin", "macos", False)]
)
def test_what_was_not_tried_is_not_said_to_work(system, platform, *, is_verified):
    """Only where the tests run is a platform verified; elsewhere recording is refused and the reason said."""
    found = portable.status(system)
    assert (found.platform, found.is_verified) == (platform, is_verified)
    assert (found.recording == "works") is is_verified
    assert found.why


def test_every_stream_stands_somewhere_and_input_is_impossible_on_wayland():
    """Each stream has a word for each platform; none is said to work where nothing was tried, and Wayland's input is impossible."""
    for stream in STREAMS:
        standing = portable.standings(stream)
        assert tuple(standing) == portable.PLATFORMS
        assert {standing["Windows"], standing["macOS"]} == {"not verified"}
    assert set(portable.impossible_on_wayland()) == {"pointer", "keys", "cadence", "clipboard"}


@pytest.mark.parametrize(
    ("port", "classes"),
    [
        (ports.InputPort, ("input_x11.InputSource", "portable_input.PortableInput", "recorder.wayland_sources.NoInput")),
        (
            ports.ScreenPort,
            ("screen.ScreenSource", "portable_screen.PortableScreen", "wayland_screen.WaylandScreen"),
        ),
        (
            ports.WindowPort,
            ("windows.WindowSource", "portable_windows.PortableWindows", "wayland_windows.WaylandWindows"),
        ),
        (ports.IndicatorPort, ("indicator.Indicator", "wayland_indicator.WaylandIndicator")),
        (ports.DisplayPort, ("x11.XDisplay", "wayland_display.WaylandDisplay")),
    ],
)
def test_every_desktop_has_the_same_ports(port, classes):
    """Each class of each desktop has every method that the recorder uses of its role."""
    import importlib

    wanted = {name for name, value in vars(port).items() if not name.startswith("_") and (callable(value) or isinstance(value, property))}
    for path in classes:
        module, _, name = (path if path.startswith("recorder.") else f"capture.{path}").rpartition(".")
        found = getattr(importlib.import_module(f"witting.device.{module}"), name)
        assert {one for one in wanted if not hasattr(found, one)} == set(), path


def test_the_loop_asks_nothing_of_a_desktop_that_is_not_in_its_ports():
    """What loop, observer and warden use of input stands in the port, so that a desktop without it can't be forgotten."""
    sources = Path(loop.__file__).parent
    used = {name for path in sources.glob("*.py") for name in re.findall(r"_sources\.input\.(\w+)", path.read_text())}
    assert used <= set(dir(ports.InputPort)) | set(ports.InputPort.__annotations__)
