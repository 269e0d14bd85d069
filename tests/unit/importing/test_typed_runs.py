"""Other recorders' keys become runs of typing and named keys: nothing typed is lost, nothing erased is kept."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.lab.importing.imported import Problem
from witting.lab.importing.pynput_events import PynputReader, key_of, lines_of, nanoseconds
from witting.lab.importing.typing import TypedRuns
from witting.terms.events import Key, PointerButton, PointerMove, PointerWheel, TextInput

LETTERS = st.sampled_from("abcXYZ äß€1!")
DEEDS = st.lists(st.one_of(LETTERS, st.just("BackSpace"), st.sampled_from(["Return", "Left", "F5"])), max_size=40)


def typed(*names: str) -> list[Key | TextInput]:
    """Return the events of keys pressed a second apart; one character is a key that types it."""
    runs = TypedRuns()
    found = [event for at, name in enumerate(names) for event in runs.press(name, at, text=name if len(name) == 1 else "")]
    return found + runs.flush()


@given(DEEDS)
def test_runs_hold_what_a_field_would(deeds: list[str]) -> None:
    """Replaying what came out gives the text that a plain field would show, whatever is typed, erased and entered."""
    field, told = "", ""
    for name in deeds:
        if name == "BackSpace":
            field = field[:-1]
        elif len(name) == 1:
            field += name
    for event in typed(*deeds):
        if isinstance(event, TextInput):
            told += event.text
        elif event.key == "BackSpace":
            told = told[:-1]
    assert told == field


@given(DEEDS)
def test_every_key_is_in_a_run_or_named(deeds: list[str]) -> None:
    """Times run forward, and each key that types nothing is there by its name, in order."""
    events = typed(*deeds)
    named = [event.key for event in events if isinstance(event, Key) and event.key != "BackSpace"]
    assert named == [name for name in deeds if len(name) > 1 and name != "BackSpace"]
    begins = [event.timestamp_ns for event in events]
    assert begins == sorted(begins)
    assert all(event.text for event in events if isinstance(event, TextInput))


@pytest.mark.parametrize(
    ("held", "name", "text", "expected"),
    [
        (("ctrl",), "s", "s", ["ctrl+s"]),
        (("shift", "ctrl"), "S", "S", ["ctrl+shift+S"]),
        (("super",), "e", "e", ["super+e"]),
        (("shift",), "A", "A", ["A"]),
        (("altgr", "ctrl"), "e", "€", ["€"]),  # Windows tells AltGr as ctrl and alt
        (("shift",), "Left", "", ["shift+Left"]),
        (("ctrl",), "BackSpace", "", ["ctrl+BackSpace"]),
        (("caps_lock",), "Return", "\r", ["Return"]),
        ((), "BackSpace", "", ["BackSpace"]),  # nothing of this run to erase
    ],
)
def test_what_is_held_makes_a_chord_or_doesnt(held: tuple[str, ...], name: str, text: str, expected: list[str]) -> None:
    """Ctrl, alt and super make chords, in one order; shift and AltGr write; modifiers alone are no event."""
    for given_ in (None, held):
        runs = TypedRuns()
        if given_ is None:
            assert [event for one in held for event in runs.press(one, 0)] == []
        events = [*runs.press(name, 1, text=text, modifiers=given_), *runs.flush()]
        assert [event.text if isinstance(event, TextInput) else event.key for event in events] == expected


def test_a_modifier_counts_until_it_is_let_go() -> None:
    """Released, or missing from a snapshot of what is held: then keys write again."""
    runs = TypedRuns()
    runs.press("ctrl", 0)
    runs.press("shift", 0)
    assert (runs.is_chord, runs.is_shifted) == (True, True)
    runs.hold_only(["shift"])
    assert (runs.is_chord, runs.is_shifted) == (False, True)
    runs.release("shift")
    runs.release("never held")
    assert not runs.is_shifted
    assert [*runs.press("a", 5, text="a"), *runs.flush()] == [TextInput(5, 5, "a")]


@pytest.mark.parametrize(
    ("name", "key", "text"),
    [
        ("a", "a", "a"),
        ("A", "a", "A"),
        ("Key.enter", "Return", ""),
        ("space", "space", " "),
        ("Key.ctrl_l", "ctrl", ""),
        ("cmd_r", "super", ""),
        ("alt_gr", "altgr", ""),
        ("f11", "F11", ""),
        ("page_down", "Next", ""),
        ("media_next", "media_next", ""),
        ("ß", "ß", "ß"),
    ],
)
def test_keys_of_pynput_have_names_of_ours(name: str, key: str, text: str) -> None:
    """By its keysym, with what it types; a key without another name keeps its own."""
    assert key_of(name) == (key, text)


@pytest.mark.parametrize(("said", "expected"), [(1.5, 1_500_000_000), ("2", 2_000_000_000), (0, 0), (-1, -1_000_000_000)])
def test_times_are_nanoseconds(said: object, expected: int) -> None:
    """Seconds as numbers or as text."""
    assert nanoseconds(said) == expected


@pytest.mark.parametrize("said", [None, [], math.nan, math.inf, "soon", ""])
def test_what_is_no_time_is_refused(said: object) -> None:
    """Nothing, a list, a word, infinity."""
    with pytest.raises(ValueError, match=r".*"):
        nanoseconds(said)


GOOD: list[dict[str, Any]] = [
    {"time_stamp": 1, "action": "move", "x": 10.4, "y": 20.6},
    {"time_stamp": 2, "action": "click", "x": 11, "y": 21, "button": "left", "pressed": True},
    {"time_stamp": 3, "action": "click", "button": "Button.right", "pressed": False},
    {"time_stamp": 4, "action": "scroll", "x": -5, "y": 99999, "dx": 0, "dy": 2},
    {"time_stamp": 5, "action": "press", "name": "Key.shift"},
    {"time_stamp": 5, "action": "press", "name": "H"},
    {"time_stamp": 6, "action": "release", "name": "Key.shift"},
    {"time_stamp": 7, "action": "press", "name": "i"},
]
BAD: list[dict[str, Any]] = [
    {},
    {"action": "move", "x": 1, "y": 1},
    {"time_stamp": "soon", "action": "move"},
    {"time_stamp": 1, "action": "dance"},
    {"time_stamp": 1, "action": "click", "button": "elbow", "pressed": True},
    {"time_stamp": 1, "action": "click", "button": "left"},
    {"time_stamp": 1, "action": "scroll", "dx": "much", "dy": 1},
    {"time_stamp": 1, "action": "move", "x": "left", "y": 1},
    {"time_stamp": 1, "action": "move", "x": math.inf, "y": 1},
    {"time_stamp": 1, "action": "press"},
]


@given(st.lists(st.sampled_from(BAD), max_size=6), st.integers(0, len(GOOD)))
def test_lines_that_lack_something_are_counted_and_the_others_kept(bad: list[dict[str, Any]], place: int) -> None:
    """Wherever they stand, broken lines cost themselves: points, buttons, turns and the typed word are as they were told."""
    reader = PynputReader()
    events = list(reader.events([*GOOD[:place], *bad, *GOOD[place:]]))
    assert reader.broken == len(bad)
    assert [event for event in events if not isinstance(event, TextInput)] == [
        PointerMove(1_000_000_000, 10, 21),
        PointerButton(2_000_000_000, 11, 21, 1, pressed=True),
        PointerButton(3_000_000_000, 11, 21, 3, pressed=False),
        PointerWheel(4_000_000_000, -5, 99999, 0, -2),
    ]
    assert "".join(event.text for event in events if isinstance(event, TextInput)) == "Hi"


def test_lines_that_cannot_be_read_are_named_once(tmp_path: Path) -> None:
    """Half a line, another kind of value, other bytes: counted together, with the file's name; empty lines are nothing."""
    file = tmp_path / "a" / "events.jsonl"
    file.parent.mkdir()
    file.write_bytes(b'\n{"action": "move"}\n{"act\n[1]\n7\n\xff\xfe\nnull\n' + json.dumps({"x": "ä"}).encode())
    told = list(lines_of(file, tmp_path))
    assert told[:2] == [{"action": "move"}, {"x": "ä"}]
    assert told[2:] == [Problem("a/events.jsonl", "4 lines can't be read")]
