"""What the doctor says of streams where there is no X11 session, and that no stream is left out."""

import pytest

from witting.device.probes import NotThereError, Place, looks_at_streams
from witting.terms.events import STREAMS

GLOBAL = {"pointer", "keys", "cadence", "windows", "screen", "clipboard"}


def verdict(place: Place, stream: str, tmp_path) -> str:
    """Return what a stream's look says, without saying how."""
    try:
        dict(looks_at_streams(place, tmp_path))[stream]()
    except NotThereError as error:
        return error.verdict if error.hint else "no hint"
    return "works"


def test_every_stream_has_a_look(tmp_path):
    """A stream that is added is looked at too."""
    assert {name for name, _ in looks_at_streams(Place("linux", {}), tmp_path)} >= {*STREAMS, "cadence"}


@pytest.mark.parametrize("stream", sorted(GLOBAL))
@pytest.mark.parametrize(
    "env", [{"XDG_SESSION_TYPE": "wayland", "DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0"}, {"XDG_SESSION_TYPE": "wayland"}]
)
def test_on_wayland_other_programs_cannot_be_recorded(stream, env, tmp_path):
    """With or without an X server beside it, nothing of other programs' input is promised."""
    assert verdict(Place("linux", env), stream, tmp_path) == "impossible"


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_on_systems_that_were_not_tried_nothing_is_said_to_work(system, tmp_path):
    """Windows and macOS are called not verified, stream by stream."""
    assert {verdict(Place(system, {}), name, tmp_path) for name, _ in looks_at_streams(Place(system, {}), tmp_path)} == {"not verified"}


def test_an_x11_session_with_a_wayland_socket_beside_it_is_x11():
    """A display that is set, and no word of Wayland, counts as X11."""
    assert not Place("linux", {"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}).is_wayland
    assert not Place("linux", {"XDG_SESSION_TYPE": "x11"}).is_wayland
