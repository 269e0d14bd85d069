"""OWAMcap recordings, real ones of three versions and made ones with faults, come in whole or name what is missing."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from mcap.writer import Writer

from witting.actions import reduce
from witting.lab.importing import ImportedSession, Problem
from witting.lab.importing.owa_mcap import read
from witting.terms.work import Action


def mcap_of(messages: list[tuple[float, str, Any]]) -> bytes:
    """Return an OWAMcap file of these messages (seconds, topic, content)."""
    stream = io.BytesIO()
    writer = Writer(stream)
    writer.start()
    channels: dict[str, int] = {}
    for at, topic, told in messages:
        if topic not in channels:
            schema = writer.register_schema(name=topic, encoding="jsonschema", data=b"{}")
            channels[topic] = writer.register_channel(topic=topic, message_encoding="json", schema_id=schema)
        writer.add_message(channels[topic], log_time=int(at * 1e9), data=json.dumps(told).encode(), publish_time=int(at * 1e9))
    writer.finish()
    return stream.getvalue()


def button(at: float, x: int, y: int, *, pressed: bool, name: str = "left") -> tuple[float, str, Any]:
    """A button event."""
    return at, "mouse", {"event_type": "click", "x": x, "y": y, "button": name, "pressed": pressed}


def key(at: float, vk: int, kind: str = "press") -> tuple[float, str, Any]:
    """A key event."""
    return at, "keyboard", {"event_type": kind, "vk": vk}


def actions(folder: Path) -> list[Action]:
    """Return the actions of the only session in a folder."""
    (session,) = [one for one in read(folder) if isinstance(one, ImportedSession)]
    return reduce(session.records)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("0.4.2", [("type", "test text"), ("click", ""), ("key", "ctrl+s"), ("click", ""), ("key", "ctrl+c")]),
        ("0.5.1", [("type", "test text"), ("click", ""), ("key", "ctrl+c")]),
        ("example", [("click", ""), ("type", "tenstoremisled"), ("key", "Escape"), ("click", ""), ("click", ""), ("key", "ctrl+c")]),
    ],
)
def test_real_recordings_of_three_versions(public_data: Path, tmp_path: Path, name: str, expected: list[tuple[str, str]]) -> None:
    """What people did in real recordings of three versions comes out as they did it."""
    file = public_data / "owa-mcap" / f"{name}.mcap"
    if not file.is_file():
        pytest.skip("the recordings (owa-mcap) are absent from the public data")
    (tmp_path / file.name).write_bytes(file.read_bytes())
    told = [(one.kind, one.text or one.key) for one in actions(tmp_path) if one.kind != "switch_app"]
    assert told == expected


def test_snapshots_of_state_mend_lost_events(tmp_path: Path) -> None:
    """A lost release of a button or of shift is mended by the next snapshot: the click is whole and later text isn't in capitals."""
    (tmp_path / "a.mcap").write_bytes(
        mcap_of(
            [
                button(1, 5, 6, pressed=True),
                (1.5, "mouse/state", {"x": 5, "y": 6, "buttons": []}),
                key(2, 160),
                key(2.1, 65),
                (2.5, "keyboard/state", {"buttons": [65]}),
                key(3, 66),
            ]
        )
    )
    assert [(one.kind, one.x, one.text) for one in actions(tmp_path)] == [("click", 5, ""), ("type", 0, "Ab")]


def test_file_cut_short_is_named_and_what_stands_before_is_kept(tmp_path: Path) -> None:
    """Half a file gives half the session and says that it breaks off; a file that is none gives nothing but its name."""
    whole = [*[one for n in range(400) for one in (button(1 + n, n, 6, pressed=True), button(1.2 + n, n, 6, pressed=False))]]
    data = mcap_of(whole)
    (tmp_path / "a.mcap").write_bytes(data[: len(data) // 2])
    (tmp_path / "b.mcap").write_bytes(b"no such thing")
    (tmp_path / "c.mcap").write_bytes(
        mcap_of([button(1, 5, 6, pressed=True), (2, "mouse", {"event_type": "click"}), button(3, 5, 6, pressed=False)])
    )
    both = list(read(tmp_path))
    problems = [(one.file, one.reason.split(" (")[0]) for one in both if isinstance(one, Problem)]
    assert ("a.mcap", "breaks off") in problems
    assert [file for file, _ in problems if file == "b.mcap"]
    assert ("c.mcap", "1 messages lack what they need") in problems
    kept = [one for one in both if isinstance(one, ImportedSession)]
    assert [len(reduce(one.records)) > 0 for one in kept][-1]


def test_buttons_wheel_and_windows(tmp_path: Path) -> None:
    """The wheel counts up as positive there and down here; a window that only changes its star isn't another one."""
    (tmp_path / "a.mcap").write_bytes(
        mcap_of(
            [
                (1, "window", {"title": "notes.txt - Editor", "rect": [0, 0, 1, 1], "hWnd": 1}),
                (2, "window", {"title": "*notes.txt - Editor", "rect": [0, 0, 1, 1], "hWnd": 1}),
                (3, "mouse", {"event_type": "scroll", "x": 1, "y": 2, "dx": 0, "dy": -2}),
                button(5, 1, 2, pressed=True, name="right"),
                button(5.1, 1, 2, pressed=False, name="right"),
            ]
        )
    )
    assert [(one.kind, one.app, one.dy) for one in actions(tmp_path)] == [
        ("switch_app", "Editor", 0),
        ("scroll", "Editor", 2),
        ("right_click", "Editor", 0),
    ]
