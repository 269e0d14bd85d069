"""The sign on a real screen: on every monitor, on top of whatever comes, in the corner where a person wants it."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import xcffib
import xcffib.composite
import xcffib.xproto as xp
from recorded import adds_up, holes

from witting.device import control
from witting.device.capture.sign import HEIGHT_PX, Sign
from witting.device.guards import load_rules
from witting.terms.events import Gap
from witting.terms.geometry import Rect
from witting.testing.desktop import App, DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme
from witting.testing.x11 import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.promise("P21")]

PROGRAMME = lent_programme({"mousepad": ()})
RED, YELLOW = Sign("recording", "Mousepad").colour, Sign("paused").colour


@pytest.fixture(scope="module")
def editor(desktop: DesktopSession, tmp_path_factory: pytest.TempPathFactory) -> App:
    """Give an editor with an empty file."""
    return desktop.start_mousepad(tmp_path_factory.mktemp("notes") / "plan.txt")


@pytest.fixture
def lender(tmp_path: Path, editor: App) -> Lender:
    """Give a participant who lends the editor, which is in front."""
    editor.activate()
    return Lender(tmp_path / "lent", PROGRAMME)


@pytest.fixture
def x(desktop: DesktopSession) -> Iterator[xcffib.Connection]:
    """Give another program's connection to the display."""
    connection = xcffib.connect(display=desktop.display)
    yield connection
    connection.disconnect()


def signs(x: xcffib.Connection) -> list[Rect]:
    """Return where the sign stands, leftmost first."""
    found = []
    for wid in x.core.QueryTree(x.get_setup().roots[0].root).reply().children:
        try:
            name = bytes(x.core.GetProperty(False, wid, xp.Atom.WM_NAME, xp.Atom.STRING, 0, 16).reply().value.buf())
            place = x.core.GetGeometry(wid).reply()
        except xcffib.xproto.WindowError:
            continue
        if name == b"witting" and place.height == HEIGHT_PX:
            found.append(Rect(place.x, place.y, place.width, place.height))
    return sorted(found, key=lambda area: (area.x, area.y))


def share(x: xcffib.Connection, area: Rect, colour: tuple[int, int, int]) -> float:
    """Return how much of an area of the screen has a colour, by a screenshot of it."""
    place = (area.x, area.y, area.width, area.height)
    reply = x.core.GetImage(xp.ImageFormat.ZPixmap, x.get_setup().roots[0].root, *place, 0xFFFFFFFF).reply()
    pixels = np.frombuffer(bytes(reply.data.buf()), np.uint8).reshape(area.height, area.width, 4)[:, :, 2::-1]
    return float((np.abs(pixels.astype(int) - colour).max(axis=2) < 12).mean())


def cover(x: xcffib.Connection, area: Rect, *, is_stubborn: bool = False) -> int:
    """Put a window that no window manager touches over an area; a stubborn one rises whenever it is covered itself."""
    window, root = x.generate_id(), x.get_setup().roots[0]
    mask = xp.CW.BackPixel | xp.CW.OverrideRedirect | xp.CW.EventMask
    place = (area.x - 20, max(0, area.y - 20), area.width + 40, area.height + 40, 0)
    events = xp.EventMask.VisibilityChange if is_stubborn else 0
    x.core.CreateWindow(24, window, root.root, *place, xp.WindowClass.InputOutput, root.root_visual, mask, [0x0000FF, 1, events])
    x.core.MapWindow(window)
    x.flush()
    return window


def test_the_sign_looks_as_it_should(desktop, lender, x):
    """Red in the corner while the lent window is in front, yellow while paused, gone when recording is over; and small."""
    with lender.start(desktop.env) as recorder:
        (area,) = wait_for("the sign", lambda: signs(x))
        assert wait_for("red", lambda: share(x, area, RED) > 0.5)
        assert area.width * area.height < 0.01 * 1280 * 800
        control.pause(recorder.control_path)
        (area,) = signs(x)
        assert wait_for("yellow", lambda: share(x, area, YELLOW) > 0.5)
        recorder.stop()
    assert signs(x) == []


def seconds_until_seen(x: xcffib.Connection, area: Callable[[], Rect], colour: tuple[int, int, int]) -> float:
    """Return how long after now the last screenshot was taken on which the sign doesn't show yet."""
    began = last = time.monotonic()
    while share(x, area(), colour) <= 0.5:
        last = time.monotonic()
        assert last < began + 15.0
        time.sleep(0.01)
    return last - began


def test_a_window_over_the_sign_hides_it_for_less_than_a_second(desktop, lender, x):
    """Neither a pop-up that no window manager knows nor a window over the whole screen keeps the sign from view; if one did, it is told."""
    with lender.start(desktop.env) as recorder:
        (area,) = wait_for("the sign", lambda: signs(x))
        popup = cover(x, area)
        took = [seconds_until_seen(x, lambda: area, RED)]
        x.core.DestroyWindow(popup)
        x.flush()
        full = desktop.start_app(["xterm", "-fullscreen", "-T", "whole screen"], app="xterm")
        took.append(seconds_until_seen(x, lambda: signs(x)[0], Sign("recording").colour))
        wait_for("recording", lambda: recorder.status().state == "recording")
        full.process.terminate()
        full.process.wait()
        recorder.stop()
    print(f"seconds until the sign showed again: {took}")
    assert max(took) < 1.0 or holes(lender.records(), "sign_hidden")


def test_a_sign_that_stays_covered_pauses_recording_and_says_so(desktop, lender, x):
    """Against a window that always rises again recording pauses within about a second, says why, and goes on when the sign is back."""
    with lender.start(desktop.env) as recorder:
        (area,) = wait_for("the sign", lambda: signs(x))
        fighter = subprocess.Popen(
            [sys.executable, "-c", _FIGHTER, json.dumps([area.x, area.y, area.width, area.height])],
            env={**desktop.env},
            stdout=subprocess.PIPE,
        )
        assert fighter.stdout is not None
        try:
            fighter.stdout.readline()
            status = wait_for("the pause", lambda: (said := recorder.status()).why == "sign_hidden" and said, seconds=30.0)
        finally:
            fighter.terminate()
            fighter.wait()
            fighter.stdout.close()
        assert (status.state, "covered" in status.because) == ("paused", True)
        wait_for("recording", lambda: recorder.status().state == "recording")
        recorder.stop()
    assert {gap.stream for gap in holes(lender.records(), "sign_hidden")} >= {"pointer", "keys", "screen"}
    assert adds_up(lender.records())


# Covers an area and rises every millisecond, however often something else does.
_FIGHTER = """
import json, sys, time, xcffib, xcffib.xproto as xp
x = xcffib.connect()
left, top, width, height = json.loads(sys.argv[1])
root = x.get_setup().roots[0]
window = x.generate_id()
mask = xp.CW.BackPixel | xp.CW.OverrideRedirect
x.core.CreateWindow(24, window, root.root, left, top, width, height, 0, 1, root.root_visual, mask, [255, 1])
x.core.MapWindow(window)
x.flush()
print("there", flush=True)
while True:
    x.core.ConfigureWindow(window, xp.ConfigWindow.StackMode, [xp.StackMode.Above])
    x.core.GetInputFocus().reply()
    time.sleep(0.001)
"""


def test_under_a_compositor_the_stack_is_looked_at(desktop, lender, x):
    """Where the server doesn't tell of covers because windows are composited, the sign rises all the same."""
    root = x.get_setup().roots[0].root
    owner = x.generate_id()
    x.core.CreateWindow(0, owner, root, -9, -9, 1, 1, 0, xp.WindowClass.InputOnly, 0, 0, [])
    atom = x.core.InternAtom(False, 13, "_NET_WM_CM_S0").reply().atom
    x.core.SetSelectionOwner(owner, atom, 0)
    composite = x(xcffib.composite.key)
    composite.QueryVersion(0, 4).reply()
    composite.RedirectSubwindows(root, xcffib.composite.Redirect.Automatic)
    x.flush()
    try:
        with lender.start(desktop.env) as recorder:
            (area,) = wait_for("the sign", lambda: signs(x))
            popup = cover(x, area)
            took = seconds_until_seen(x, lambda: area, RED)
            x.core.DestroyWindow(popup)
            x.flush()
            recorder.stop()
    finally:
        composite.UnredirectSubwindows(root, xcffib.composite.Redirect.Automatic)
        x.core.DestroyWindow(owner)
        x.flush()
    assert took < 1.0 or holes(lender.records(), "sign_hidden")


def test_there_is_a_sign_on_every_monitor_as_they_come_and_go(desktop, lender, x):
    """Each monitor has its sign; one that is plugged in while recording gets one, one that goes takes it along."""
    with lender.start(desktop.env) as recorder:
        wait_for("one sign", lambda: len(signs(x)) == 1)
        xrandr(desktop, "--setmonitor", "left", "640/170x800/210+0+0", "screen")
        xrandr(desktop, "--setmonitor", "right", "640/170x800/210+640+0", "none")
        nudge(x)
        left, right = wait_for("two signs", lambda: signs(x) if len(signs(x)) == 2 else None)
        assert left.x + left.width <= 640 <= right.x
        xrandr(desktop, "--delmonitor", "right")
        xrandr(desktop, "--delmonitor", "left")
        nudge(x)
        wait_for("one sign", lambda: len(signs(x)) == 1)
        assert recorder.status().state == "recording"
        recorder.stop()


def xrandr(desktop: DesktopSession, *words: str) -> None:
    """Change the monitors."""
    subprocess.run(["xrandr", *words], env=desktop.env, check=True, capture_output=True)


def nudge(x: xcffib.Connection) -> None:
    """Have whoever watches the desktop's resources look again: some servers tell of logical monitors in no other way."""
    root = x.get_setup().roots[0].root
    x.core.ChangeProperty(xp.PropMode.Append, root, xp.Atom.RESOURCE_MANAGER, xp.Atom.STRING, 8, 0, b"")
    x.flush()


def test_dragged_to_another_corner_it_stays_there(desktop, lender, x):
    """A drag isn't a click: the sign stands in the corner where it was dropped, in the next session too, and recording went on."""
    with Hands(desktop.display, seed=3, pace=3.0) as hands:
        with lender.start(desktop.env) as recorder:
            (area,) = wait_for("the sign", lambda: signs(x))
            hands.drag((area.x + 40, area.y + 15), (200, 700))
            wait_for("the corner", lambda: signs(x) and signs(x)[0].x < 100 and signs(x)[0].y > 700)
            assert recorder.status().state == "recording"
            recorder.stop()
        assert load_rules(lender.folder).corner == "bottom-left"
        with lender.start(desktop.env) as recorder:
            wait_for("the corner", lambda: signs(x) and signs(x)[0].x < 100 and signs(x)[0].y > 700)
            recorder.stop()


def test_no_setting_hides_the_sign():
    """Nothing that a steward or a participant can set has to do with whether the sign is shown."""
    import msgspec

    from witting.device.guards import OwnRules
    from witting.device.recorder.config import RecorderConfig
    from witting.terms.programme import Programme

    def names(kind: type, seen: frozenset[type] = frozenset()) -> set[str]:
        found: set[str] = set()
        for field in msgspec.structs.fields(kind):
            found.add(field.name)
            for inner in _structs(field.type):
                if inner not in seen:
                    found |= names(inner, seen | {kind})
        return found

    settings = names(RecorderConfig) | names(Programme) | names(OwnRules)
    assert "corner" in settings
    assert [
        name
        for name in settings
        if any(word in name for word in ("sign", "indicator", "tray", "hide", "hidden", "show", "visible", "silent"))
    ] == []


def _structs(annotation: object) -> list[type]:
    """Return the structs that an annotation names, within containers too."""
    import typing

    import msgspec

    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return [annotation]
    return [found for part in typing.get_args(annotation) for found in _structs(part)]


def test_holes_of_a_hidden_sign_have_words():
    """What stands in the record can be said to the participant."""
    from witting.device.desk.words import GAPS

    assert Gap("sign_hidden", "keys", 1, 2, 0).reason in GAPS
