"""The device's hands belong to one run at a time, chords are read as people write them, and the person at the terminal decides."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.cli.routine_run import Terminal
from witting.device.acting.alone import alone
from witting.device.acting.fingers import keys_of
from witting.device.acting.run import Question
from witting.device.capture.keymap import keysym_named, name_of
from witting.terms.errors import UsageError


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    """The second is told that another is running; when the first ends the hands are free again."""
    with alone(tmp_path), pytest.raises(UsageError, match="another routine is running"), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass


def test_while_a_recording_goes_on_nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recorder that answers, paused or not, keeps runs from beginning."""
    monkeypatch.setattr("witting.device.control.is_running", lambda path: path == tmp_path / "run" / "control.sock")
    with pytest.raises(UsageError, match="a recording is going on"), alone(tmp_path):
        pass


@pytest.mark.parametrize(
    ("chord", "keys"),
    [
        ("Return", ["Return"]),
        ("ctrl+s", ["ctrl", "s"]),
        ("ctrl+shift+Tab", ["ctrl", "shift", "Tab"]),
        ("+", ["plus"]),
        ("ctrl++", ["ctrl", "plus"]),
    ],
)
def test_a_chord_is_read_as_people_write_it(chord: str, keys: list[str]) -> None:
    """A plus between keys joins them, one at the end is the key of that name."""
    assert keys_of(chord) == keys


@given(st.integers(0x20, 0x10FFFF).filter(lambda code: not 0x7F <= code < 0xA0 and not 0xD800 <= code < 0xE000))
def test_every_character_has_a_keysym_that_is_called_so_again(code: int) -> None:
    """Name and number lead to each other, for characters and for what names of keysyms say."""
    keysym = keysym_named(chr(code))
    assert keysym
    name = name_of(keysym)
    assert not name or keysym_named(name) == keysym


def test_what_is_no_key_has_no_keysym() -> None:
    """Unknown names are 0, never a key that wasn't meant."""
    assert [keysym_named(name) for name in ("", "No_Such_Key", "U12", "UZZZZ")] == [0, 0, 0, 0]
    assert keysym_named("U20AC") == 0x010020AC
    assert keysym_named("Return") == 0xFF0D


def answering(answer: bool | None) -> Callable[..., bool]:  # noqa: FBT001 - it is the answer
    """Return a prompt that gives an answer, None = the terminal is gone."""

    def confirm(text: str, **options: Any) -> bool:
        assert options["default"] is False
        assert "save" in text
        if answer is None:
            raise click.Abort
        return answer

    return confirm


@pytest.mark.parametrize(("answer", "expected"), [(True, True), (False, False), (None, False)])
@pytest.mark.parametrize("kind", ["irreversible", "yours", "taken_over"])
def test_no_answer_is_a_no(answer: bool | None, kind: Any, *, expected: bool) -> None:  # noqa: FBT001 - given by place
    """Yes goes on; no, and a terminal that is gone, don't."""
    person = Terminal(answering(answer), is_quiet=True)
    assert person.may_go_on(Question(kind, 1, "save it")) is expected


def test_a_program_hears_no_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json nothing but the outcome is on the output."""
    Terminal(answering(True), is_quiet=True).hears(1, 2, sentence="click x")
    assert capsys.readouterr().out == ""
    Terminal(answering(True), is_quiet=False).hears(1, 2, sentence="click x")
    assert capsys.readouterr().out == "  1/2  click x\n"
