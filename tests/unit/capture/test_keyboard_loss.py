"""Who has the keyboard, by the events of the window in front: a seizure, focus given away, and their end."""

import itertools
from types import SimpleNamespace

import pytest
import xcffib.xproto as xp

from witting.device.capture.windows import WindowSource, is_loss, is_release

FRONT, OTHER = 7, 8
NORMAL, GRAB, UNGRAB, WHILE_GRABBED = xp.NotifyMode.Normal, xp.NotifyMode.Grab, xp.NotifyMode.Ungrab, xp.NotifyMode.WhileGrabbed
ANCESTOR, INFERIOR, NONLINEAR, POINTER = (
    xp.NotifyDetail.Ancestor,
    xp.NotifyDetail.Inferior,
    xp.NotifyDetail.Nonlinear,
    xp.NotifyDetail.Pointer,
)


def focus(kind: type, mode: int, detail: int = NONLINEAR, window: int = FRONT) -> object:
    """Return a focus event."""
    return kind.synthetic(detail, window, mode)


@pytest.fixture
def windows() -> WindowSource:
    """Give a source of a display that a window manager looks after, with a window in front."""
    source = WindowSource.__new__(WindowSource)
    source.front = SimpleNamespace(window_id=FRONT)
    source.is_keyboard_seized = False
    source._is_managed = True
    return source


@pytest.mark.parametrize(
    ("mode", "detail", "is_lost"),
    [
        (NORMAL, NONLINEAR, True), (NORMAL, ANCESTOR, True), (NORMAL, INFERIOR, False), (NORMAL, POINTER, False),
        (GRAB, NONLINEAR, True), (GRAB, INFERIOR, True), (WHILE_GRABBED, NONLINEAR, True), (UNGRAB, NONLINEAR, False),
    ],
)  # fmt: skip
def test_keys_are_nobodys_once_the_focus_leaves_the_window(windows: WindowSource, mode: int, detail: int, *, is_lost: bool):
    """A seizure or focus given to another window takes the keyboard away; focus that goes to a part of the same window doesn't."""
    event = focus(xp.FocusOutEvent, mode, detail)
    assert is_loss(event) is is_lost
    assert windows.is_seized_by([event]) is is_lost
    windows.handle(event)
    assert windows.is_keyboard_seized is is_lost


@pytest.mark.parametrize("mode", [NORMAL, GRAB, UNGRAB, WHILE_GRABBED])
def test_focus_that_comes_back_gives_the_keyboard_back(windows: WindowSource, mode: int):
    """Whatever took it, word that the window has the focus again ends it; only the end of a seizure is a release."""
    windows.handle(focus(xp.FocusOutEvent, NORMAL))
    event = focus(xp.FocusInEvent, mode)
    assert not is_loss(event)
    assert is_release(event) is (mode == UNGRAB)
    windows.handle(event)
    assert windows.is_keyboard_seized is False


def test_other_windows_words_say_nothing_of_the_one_in_front(windows: WindowSource):
    """Focus that another window loses or gets changes nothing."""
    windows.handle(focus(xp.FocusOutEvent, GRAB))
    for kind, mode in itertools.product((xp.FocusInEvent, xp.FocusOutEvent), (NORMAL, GRAB, UNGRAB)):
        event = focus(kind, mode, window=OTHER)
        windows.handle(event)
        assert windows.is_keyboard_seized
    windows.handle(focus(xp.FocusInEvent, NORMAL))
    assert not windows.is_seized_by([focus(xp.FocusOutEvent, GRAB, window=OTHER)])
