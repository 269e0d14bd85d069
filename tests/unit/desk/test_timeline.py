"""The timeline: rows as a person would tell them, in the order of the records, with every placeholder set apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.desk.timeline import clock, split_text, timeline
from witting.terms.events import Gap, Key, PointerButton, PointerMove, TextInput
from witting.terms.session import Record
from witting.testing.sample_session import sample_header, sample_records

SECOND = 1_000_000_000


def _labels(*records: Record) -> list[str]:
    """Return the labels of the rows that the records make."""
    return [row.label for row in timeline(records, 0)]


def _button(at_ns: int, x: int, y: int, *, pressed: bool, button: int = 1) -> PointerButton:
    """Return a press or release."""
    return PointerButton(at_ns, x, y, button, pressed=pressed)


def test_press_and_release_make_one_click_and_a_moved_one_a_drag() -> None:
    """A click is one row, a press released elsewhere a drag, and the moves within it are part of it."""
    click = (_button(1, 5, 5, pressed=True), _button(2, 5, 5, pressed=False))
    drag = (_button(3, 5, 5, pressed=True), PointerMove(4, 7, 7), _button(5, 9, 9, pressed=False))
    assert _labels(*click, *drag) == ["Clicked at 5, 5, left button", "Dragged from 5, 5 to 9, 9, left button"]


def test_nothing_held_back_is_lost() -> None:
    """A press whose release isn't there, a release without a press and trailing moves still make rows."""
    assert _labels(_button(1, 5, 5, pressed=True, button=3)) == ["Clicked at 5, 5, right button"]
    assert _labels(_button(1, 5, 5, pressed=False)) == ["Clicked at 5, 5, left button"]
    assert _labels(PointerMove(1, 1, 1), PointerMove(2, 2, 2)) == ["Pointer moved, 2 points, to 2, 2"]
    assert _labels(_button(1, 5, 5, pressed=True), _button(2, 6, 6, pressed=True, button=2)) == [
        "Clicked at 5, 5, left button",
        "Clicked at 6, 6, middle button",
    ]


def test_rows_stand_in_the_order_of_the_records() -> None:
    """What was moved before a key stands before it, what came after stands after it."""
    labels = _labels(PointerMove(1, 1, 1), Key(2, "Return"), PointerMove(3, 2, 2), TextInput(4, 5, "a"), Gap("paused", "keys", 6, 7, 2))
    assert labels == [
        "Pointer moved, 1 point, to 1, 1",
        "Pressed",
        "Pointer moved, 1 point, to 2, 2",
        "Typed",
        "Left out: 2 items of typing, because you had paused",
    ]


def test_every_record_of_a_session_is_within_some_row() -> None:
    """Taking rows out by their times reaches every record that can be taken out: no record lies outside all rows."""
    records = list(sample_records(sample_header("5e" * 16), frames=3))
    rows = list(timeline(records, SECOND))
    for record in records:
        at_ns = getattr(record, "timestamp_ns", None)
        if at_ns is not None:
            assert any(row.from_ns <= at_ns <= row.to_ns for row in rows) or type(record).__name__ == "Topology"


@given(st.text())
def test_splitting_loses_no_text(text: str) -> None:
    """Put together again, plain parts and placeholders are the text, whatever it holds."""
    joined = "".join(part.text for part in split_text(text) if not part.is_placeholder)
    assert joined == text or "⟨" in text


def test_placeholders_are_set_apart() -> None:
    """A placeholder is a part of its own, named by kind and number; a bracket that is none stays text."""
    parts = split_text("Dear ⟨NAME_2⟩, ⟨EMAIL_1⟩⟨FIELD⟩ ⟨x")
    assert [(part.text, part.is_placeholder) for part in parts] == [
        ("Dear ", False), ("name 2", True), (", ", False), ("email 1", True), ("field", True), (" ⟨x", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("elapsed", "text"),
    [(0, "0:00.0"), (-5, "0:00.0"), (59_990_000_000, "0:59.9"), (127_400_000_000, "2:07.4"), (3_600 * SECOND, "60:00.0")],
)
def test_times_are_minutes_and_seconds(elapsed: int, text: str) -> None:
    """A time reads as on a player, and never before the beginning."""
    assert clock(elapsed) == text
