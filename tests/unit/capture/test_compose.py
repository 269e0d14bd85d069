"""Sequences of keys make what the locale's table says, or nothing."""

import pytest

from witting.device.capture import compose
from witting.device.capture.compose import Composer, begins_sequence, locale_name
from witting.device.recorder.typist import Typist
from witting.terms.raw import RawKey


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of en_US.UTF-8, whatever the machine's locale."""
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.setenv(name, "en_US.UTF-8")
    compose._table.cache_clear()


def typed(*keys: str) -> list[tuple[str, bool]]:
    """Return the runs that these keys, pressed in a plain field, make."""
    typist = Typist()
    signs = {"apostrophe": "'", "space": " ", "dead_acute": "\u0301", "dead_circumflex": "\u0302"}
    for number, name in enumerate(keys):
        typist.press(RawKey(number, name, signs.get(name, name if len(name) == 1 else ""), pressed=True), "plain", field="field")
    return [(run.text, run.is_uncertain) for run in typist.flush()]


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (("c", "a", "f", "Multi_key", "apostrophe", "e"), "café"),
        (("dead_acute", "e"), "é"),
        (("dead_acute", "space"), "'"),
        (("dead_circumflex", "dead_circumflex"), "^"),
        (("Multi_key", "s", "s", "x"), "ßx"),
        (("a", "Multi_key", "BackSpace", "b"), "ab"),
    ],
)
def test_a_sequence_makes_what_the_table_says(keys: tuple[str, ...], text: str) -> None:
    """Compose and dead keys give one character; a sequence given up with BackSpace gives none and removes none."""
    assert typed(*keys) == [(text, False)]


def test_a_sequence_that_comes_to_nothing_makes_the_run_uncertain() -> None:
    """Applications differ in what they do with it, so the whole run is marked."""
    assert typed("a", "Multi_key", "q", "q", "b") == [("aqb", True)]


@pytest.mark.promise("P8")
def test_without_a_table_compose_is_never_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No library: dead keys still join their letter, a Compose sequence makes the run uncertain."""
    monkeypatch.setattr(compose, "_library", lambda: None)
    assert Composer().feed("Multi_key").state == "broken"
    assert typed("dead_acute", "e") == [("é", False)]
    ((_, is_uncertain),) = typed("Multi_key", "apostrophe", "e")
    assert is_uncertain


def test_only_such_keys_begin_a_sequence() -> None:
    """Letters, spaces and editing keys are no part of one, and leave no state behind."""
    composer = Composer()
    assert [composer.feed(key).state for key in ("a", "space", "BackSpace", "F5")] == ["none"] * 4
    assert not begins_sequence("apostrophe")
    composer.feed("Multi_key")
    composer.reset()
    assert composer.feed("e").state == "none"


def test_the_locale_is_that_of_posix(monkeypatch: pytest.MonkeyPatch) -> None:
    """LC_ALL before LC_CTYPE before LANG; C without any; a locale without a table takes that of en_US."""
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert locale_name() == "de_DE.UTF-8"
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name)
    assert locale_name() == "C"
    compose._table.cache_clear()
    assert typed("Multi_key", "apostrophe", "e") == [("é", False)]
