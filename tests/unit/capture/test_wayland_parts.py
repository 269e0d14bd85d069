"""Wayland's parts without a compositor: its words are cut and read rightly, and whatever is uncertain covers the whole screen."""

import contextlib
import json
import select
import socket
import struct
import threading
from pathlib import Path

import numpy as np
import pytest

from witting.device.capture import wayland_windows
from witting.device.capture.stacking import visible_parts
from witting.device.capture.wayland_display import WaylandDisplay
from witting.device.capture.wayland_ipc import SwayIpc
from witting.device.capture.wayland_screen import WaylandScreen, read_ppm
from witting.device.capture.wayland_windows import WaylandStack, WaylandWindows, app_of, connections_at
from witting.device.probes import NotThereError, Place, looks_at_streams
from witting.device.recorder.wayland_sources import NoInput
from witting.terms.errors import CaptureError
from witting.terms.geometry import Rect
from witting.testing.x11 import wait_for

SCREEN = Rect(0, 0, 1280, 800)
OUTPUTS = [{"name": "A-1", "active": True, "rect": {"x": 0, "y": 0, "width": 1280, "height": 800}, "scale": 1.0}, {"active": False}]


def view(number: int, app: str = "mousepad", *, area: Rect = SCREEN, focused: bool = False, visible: bool = True, pid: int = 50) -> dict:
    """Return a window as the compositor describes one."""
    box = {"x": area.x, "y": area.y, "width": area.width, "height": area.height}
    inner = {"x": 0, "y": 0, "width": area.width, "height": area.height}
    words = {"id": number, "type": "con", "pid": pid, "app_id": app, "name": f"title {number}", "rect": box, "window_rect": inner}
    return {**words, "focused": focused, "visible": visible, "nodes": [], "floating_nodes": []}


def tree(*views: dict) -> dict:
    """Return a tree with these windows on workspace 3."""
    workspace = {"type": "workspace", "num": 3, "nodes": list(views), "floating_nodes": []}
    return {"type": "root", "nodes": [{"type": "output", "nodes": [workspace], "floating_nodes": []}], "floating_nodes": []}


class Compositor:
    """A compositor made up of a listening socket."""

    def __init__(self, path: Path):
        self.tree = tree()
        self.told: list[socket.socket] = []
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen(4)
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, connection):
        with connection, contextlib.suppress(OSError, struct.error):
            self._answer(connection)

    def _answer(self, connection):
        while header := connection.recv(14):
            _, length, kind = struct.unpack("=6sII", header)
            connection.recv(length) if length else b""
            if kind == 2:
                self.told.append(connection)
            answer = json.dumps({2: {"success": True}, 3: OUTPUTS, 4: self.tree}[kind]).encode()
            connection.sendall(struct.pack("=6sII", b"i3-ipc", len(answer), kind) + answer)

    def tell(self, kind: int, body: dict):
        """Tell of an event, in two pieces."""
        data = json.dumps(body).encode()
        whole = struct.pack("=6sII", b"i3-ipc", len(data), 0x80000000 + kind) + data
        self.told[-1].sendall(whole[:9])
        self.told[-1].sendall(whole[9:])

    def close(self):
        """Go away."""
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for connection in self.told:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(0.3)


@pytest.fixture
def compositor(tmp_path):
    """Give a made-up compositor."""
    found = Compositor(tmp_path / "ipc")
    yield found
    found.close()


@pytest.fixture
def display(compositor, tmp_path):
    """Give a display that speaks to it."""
    opened = WaylandDisplay(str(tmp_path / "ipc"))
    yield opened
    opened.close()
    opened.close()


def test_the_window_in_front_is_the_focused_one(compositor, display):
    """App, title, place, workspace and process of the focused window; nobody when none is."""
    windows = WaylandWindows(display)
    compositor.tree = tree(view(1), view(2, "org.gnome.TextEditor", focused=True, area=Rect(10, 20, 300, 200), pid=77))
    front = windows.read_front(5)
    assert (front.app, front.title, front.window_id, front.area) == ("texteditor", "title 2", 2, Rect(10, 20, 300, 200))
    assert (windows.process_id, windows.workspace, windows.title_of(1), windows.process_of(1)) == (77, 3, "title 1", 50)
    compositor.tree = tree(view(1))
    assert (windows.read_front(6).app, windows.process_id) == ("", 0)


def test_events_in_pieces_are_put_together(compositor, display):
    """A focus event tells which window came to the front, though it arrives in two pieces."""
    windows = WaylandWindows(display)
    compositor.tree = tree(view(1, focused=True))
    compositor.tell(3, {"change": "focus", "container": view(1)})
    found = []
    while not found:
        found = [window for event in display.events() if (window := windows.handle(event)) is not None]
    assert found[0].window_id == 1


def test_a_compositor_that_goes_ends_recording(compositor, display, tmp_path):
    """Silence for good, no socket, or other words than sway's are errors and no empty answers."""
    compositor.close()
    wait_for("the end", lambda: select.select([display], [], [], 0.1)[0])
    with pytest.raises(CaptureError):
        list(display.events())
    with pytest.raises(CaptureError, match="no compositor"):
        SwayIpc(str(tmp_path / "nothing"))
    with pytest.raises(CaptureError, match="no RECORD"):
        display.extension(None, "RECORD")


@pytest.mark.promise("P6")
@pytest.mark.parametrize(
    ("views", "connections", "is_shown"),
    [
        ([view(1)], 1, True),
        ([view(1)], 2, False),
        ([view(1)], -1, False),
        ([view(1), view(2, "foot", pid=51)], 2, False),
        ([view(1), view(2, "foot", pid=51, visible=False)], 2, True),
        ([view(1, area=Rect(0, 24, 1280, 776))], 1, False),
        ([], 0, False),
    ],
)
def test_only_a_window_alone_with_nobody_else_connected_is_shown(compositor, display, monkeypatch, views, *, connections, is_shown):
    """With a second window in view, an unknown program connected, or a window that isn't at the origin, nothing of a picture is lent."""
    monkeypatch.setattr(wayland_windows, "connections_at", lambda _: connections)
    monkeypatch.setattr(wayland_windows, "_helpers", set)
    compositor.tree = tree(*views)
    stack = WaylandStack(display, "/somewhere/wayland-1")
    stack.own_areas = (Rect(1000, 0, 280, 40),)
    parts = visible_parts(stack.read(), {1: SCREEN}, screen=SCREEN)
    region = parts.get(1, ())
    assert bool(region) is is_shown
    assert all(part.intersect(Rect(1000, 0, 280, 40)).is_empty for part in region)


def test_apps_are_named_as_programmes_list_them():
    """An app is its app_id in lower case, without its maker's domain; under Xwayland its class; without either nobody."""
    assert app_of({"app_id": "org.xfce.Mousepad"}) == "mousepad"
    assert app_of({"app_id": None, "window_properties": {"class": "XTerm"}}) == "xterm"
    assert app_of({}) == ""


def test_who_is_connected_is_counted(tmp_path):
    """Each program connected to a socket counts once; where nobody listens there is none."""
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(path))
        server.listen()
        client.connect(str(path))
        with server.accept()[0]:
            assert connections_at(str(path)) == 1
    assert connections_at(str(tmp_path / "none")) == 0


def test_pictures_have_their_colours_where_x11_has_them():
    """A P6 picture becomes blue, green, red, unused; anything else is an error."""
    pixels = read_ppm(b"P6\n2 1\n255\n" + bytes([1, 2, 3, 4, 5, 6]))
    assert np.array_equal(pixels, [[[3, 2, 1, 0], [6, 5, 4, 0]]])
    with pytest.raises(CaptureError):
        read_ppm(b"grim: no")


def test_without_grim_there_is_no_picture(monkeypatch):
    """A machine without grim gives an error that says what to install."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CaptureError):
        WaylandScreen().grab()


def test_there_is_no_input_and_none_is_made_up():
    """What stands where input stands elsewhere never has anything."""
    none = NoInput()
    none.rang()
    assert (none.read(), none.read_now()) == ([], [])
    assert (none.next_deadline_ns, none.keyboard_window, none.may_have_lost) == (None, 0, False)
    none.close()


def test_doctor_says_what_a_sway_session_gives(compositor, display, tmp_path):
    """Windows work, pictures in part, input is impossible with a hint; a Wayland session that isn't sway's gives none of it."""
    sway = Place("linux", {"XDG_SESSION_TYPE": "wayland", "WAYLAND_DISPLAY": "wayland-1", "SWAYSOCK": str(tmp_path / "ipc")})
    other = Place("linux", {"XDG_SESSION_TYPE": "wayland", "WAYLAND_DISPLAY": "wayland-1"})
    assert _verdict(sway, "windows", tmp_path) == "works"
    assert _verdict(sway, "screen", tmp_path) in {"degraded", "impossible"}
    for stream in ("pointer", "keys", "cadence", "clipboard"):
        assert _verdict(sway, stream, tmp_path) == "impossible"
    assert _verdict(other, "windows", tmp_path) == _verdict(other, "screen", tmp_path) == "impossible"


def _verdict(place: Place, stream: str, folder: Path) -> str:
    try:
        dict(looks_at_streams(place, folder))[stream]()
    except NotThereError as error:
        return error.verdict if error.hint else "no hint"
    return "works"
