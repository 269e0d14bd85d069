# ruff: noqa: RUF001 - typographic marks and full width signs are what these rules are about
"""Words of a picture that stay masked for where they stand: channels, handles, repositories, titles, what is cut off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.privacy.doubts import doubtful, is_initials
from witting.device.privacy.lexicon import load_lexicon

pytestmark = pytest.mark.promise("P8")


def masked(text: str) -> str:
    """Return the words of a line that stay masked."""
    words = text.split()
    return " ".join(words[at] for at in sorted(doubtful(words, load_lexicon())))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("# deals", "deals"),
        ("#deals no offers here", "#deals"),
        ("Message #deals", "#deals"),
        ("@ bea", "bea"),
        ("ask @garden today", "@garden"),
        ("(@garden)", "(@garden)"),
        ("＃ deals", "deals"),
        ("granite-house/web", "granite-house/web"),
        ("/ web", "web"),
        ("design / release", "design release"),
        ("home › garden", "home garden"),
        ("see src/billing/invoice.py", "src/billing/invoice.py"),
        (r"C:\\garden\\letters", r"C:\\garden\\letters"),
        ("~/garden", "~/garden"),
    ],
)
def test_what_a_sign_says_is_a_place_or_a_person(line: str, expected: str) -> None:
    """Channels, handles, repositories, paths, breadcrumbs: the words beside the sign, however ordinary they are."""
    assert masked(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "yes and/or no", "on/off", "Page 1/2", "issue #434", "# 12", "#", "/", "12 / 40", "Open the file", "Total: 40",
        "Open…", "Settings", "New Folder", "Reply to all", "Der Tag", "a - b", "", "3/4 of it",
    ],
)  # fmt: skip
def test_what_an_interface_says_stays(line: str) -> None:
    """Two everyday words with a slash, numbers behind a sign, buttons that go on, titles of interfaces."""
    assert masked(line) == ""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Cinder Robotics", "Cinder Robotics"),
        ("we met Granite Architecture there", "Granite Architecture"),
        ("notes | Granite A...", "A..."),
        ("we met Granite there", "Granite"),
        ("Granite is a stone", ""),
        ("done. Granite is a stone", ""),
        ("Robotics: Granite", ""),
    ],
)
def test_names_of_teams_and_projects(line: str, expected: str) -> None:
    """Capitals within a line, or two of them side by side, that aren't frequent words or of an interface."""
    assert set(expected.split()) <= set(masked(line).split())
    if not expected:
        assert masked(line) == ""


def test_the_end_of_an_address_is_part_of_it() -> None:
    """Which floor somebody lives on, where a number follows; the word alone is a word."""
    assert masked("Calle Mayor, 12 Piso 3").endswith("Piso")
    assert masked("Apt. 14b") == "Apt."
    assert masked("a flat list of all floor plans") == ""


@pytest.mark.parametrize(("line", "expected"), [("Zwets…", "Zwets…"), ("write to gar...", "gar..."), ("Search...", "")])
def test_what_is_cut_off_is_not_known(line: str, expected: str) -> None:
    """Half a word may be half a name; a button that ends in dots is a button."""
    assert masked(line) == expected


@pytest.mark.parametrize("text", ["GN", "G.N.", "Ö", "JK"])
def test_initials(text: str) -> None:
    """One or two capitals alone are somebody's."""
    assert is_initials([text])


@pytest.mark.parametrize("words", [[], ["OK"], ["PM"], ["A", "B"], ["gn"], ["Gn"], ["GNX"], ["42"], ["X"]])
def test_no_initials(words: list[str]) -> None:
    """Marks of an interface, more than one word, small letters, numbers."""
    assert not is_initials(words)


@given(st.lists(st.text(max_size=9), max_size=12))
def test_any_words_are_survived_and_places_are_of_the_line(words: list[str]) -> None:
    """Whatever an engine may read, there is an answer, and it names words that are there."""
    assert doubtful(words, load_lexicon()) <= set(range(len(words)))


@given(st.lists(st.sampled_from(["Save", "the", "#", "file", "/", "deals", "@x", "12"]), max_size=8))
def test_a_word_behind_a_sign_is_never_shown(words: list[str]) -> None:
    """In whatever line: a word with letters right behind `#` or beside `/` stays masked."""
    found = doubtful(words, load_lexicon())
    for at, word in enumerate(words):
        if word.isalpha() and ((at and words[at - 1] in {"#", "/"}) or words[at + 1 : at + 2] == ["/"]):
            assert at in found
