"""The page on capture and `witting doctor` say the same of every stream, on each platform; on X11 on a real desktop."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from witting.device.capture.portable import PLATFORMS, standings
from witting.device.probes import NotThereError, Place, looks_at_streams
from witting.terms.events import STREAMS, Stream

REPO = Path(__file__).resolve().parents[2]
# what the page may say of a stream for what the doctor says of it here
FITS = {"works": {"works", "in part"}, "degraded": {"works", "in part"}, "impossible": {"impossible"}, "not verified": {"not verified"}}
NEEDS_MORE: dict[Stream, str] = {  # of a machine than a desktop, so that the doctor may say that it isn't there
    "pages": "a browser with the extension", "voice": "a microphone", "ui_tree": "an accessibility bus",
}  # fmt: skip


def on_the_page() -> dict[str, dict[str, str]]:
    """Return what the page says: by stream, then by platform."""
    spec = spec_from_file_location("docs_hooks", REPO / "docs/hooks.py")
    assert spec is not None
    assert spec.loader is not None
    hooks = module_from_spec(spec)
    spec.loader.exec_module(hooks)
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| (.+) \|$", hooks.streams_table(), re.MULTILINE)
    return {stream: dict(zip(PLATFORMS, said.split(" | "), strict=True)) for stream, said in rows}


def verdict(place: Place, stream: str, folder: Path) -> tuple[str, str]:
    """Return what the doctor says of a stream, and its hint."""
    try:
        dict(looks_at_streams(place, folder))[stream]()
    except NotThereError as error:
        return error.verdict, error.hint
    return "works", ""


def test_page_and_doctor_know_the_same_streams(tmp_path):
    """None is on one and not on the other, and each has a part of the page of its own or shared, with its name in it."""
    looked = {name for name, _ in looks_at_streams(Place("linux", {}), tmp_path)}
    assert set(on_the_page()) == set(STREAMS) == looked & set(STREAMS)
    headings = " ".join(re.findall(r"^### (.+)$", (REPO / "docs/capture.md").read_text(), re.MULTILINE)).lower()
    words = {"keys": "typing", "ui_tree": "what the window says", "screen": "pictures", "pages": "web pages", "voice": "voice notes"}
    assert [stream for stream in STREAMS if words.get(stream, stream) not in headings] == []


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize(("system", "platform"), [("win32", "Windows"), ("darwin", "macOS")])
def test_elsewhere_both_say_that_it_was_not_tried(stream, system, platform, tmp_path):
    """Not verified on the page, not verified by the doctor."""
    said, hint = verdict(Place(system, {}), stream, tmp_path)
    assert on_the_page()[stream][platform] in FITS[said]
    assert hint


@pytest.mark.parametrize("stream", [stream for stream in STREAMS if standings(stream)[PLATFORMS[1]] == "impossible"])
def test_what_wayland_gives_to_nobody_both_call_impossible(stream, tmp_path):
    """With sway's socket and without it."""
    for env in ({"SWAYSOCK": str(tmp_path / "ipc")}, {}):
        place = Place("linux", {"XDG_SESSION_TYPE": "wayland", "WAYLAND_DISPLAY": "wayland-1", **env})
        assert verdict(place, stream, tmp_path)[0] == on_the_page()[stream][PLATFORMS[1]] == "impossible"


@pytest.mark.e2e
@pytest.mark.parametrize("stream", STREAMS)
def test_on_a_real_desktop_what_the_page_promises_works(desktop, stream, tmp_path, monkeypatch):
    """Works on the page, works by the doctor; where more than a desktop is needed the doctor says how to get it."""
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "XDG_RUNTIME_DIR", "HOME"):
        monkeypatch.setenv(name, desktop.env[name])
    said, hint = verdict(Place("linux", dict(desktop.env)), stream, tmp_path)
    assert on_the_page()[stream][PLATFORMS[0]] == "works"
    assert said == "works" or (stream in NEEDS_MORE and hint)
