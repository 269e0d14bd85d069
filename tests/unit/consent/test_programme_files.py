"""Programme files that can't be one: oversize, cut, of another sort, nested without end, with a broken date; each refused by name."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.consent.programme import MOST_BYTES, load_programme, read_programme
from witting.terms.errors import ProgrammeError

EXAMPLE = files("witting.consent").joinpath("example.toml").read_text("utf-8")
FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "oversize, 10 MB of comments": (lambda: EXAMPLE.encode() + b"# padding\n" * 1_000_000, "larger than"),
    "oversize by a byte": (lambda: EXAMPLE.encode() + b"#" * (MOST_BYTES + 1 - len(EXAMPLE.encode())), "larger than"),
    "oversize, one value of 10 MB": (lambda: EXAMPLE.encode() + b'x = "' + b"a" * 10_000_000 + b'"', "larger than"),
    "nested without end": (lambda: b"x = " + b"[" * 50_000, "nested too deep"),
    "another sort of file": (lambda: b"%PDF-1.7\n\xff\xfe\x00", "can't be read"),
    "UTF-16": (lambda: EXAMPLE.encode("utf-16"), "can't be read"),
    "empty": (lambda: b"", "schema"),
    "a day that isn't": (lambda: EXAMPLE.replace("starts_on = ", "starts_on = 2026-02-30 #", 1).encode(), "programme"),
    "a foreign file": (lambda: b'[project]\nname = "other"\nversion = "1"\n', "programme"),
    "twice the same key": (lambda: EXAMPLE.encode() + b"\nschema = 1\n", "programme"),
}


@pytest.mark.promise("P4")
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_can_be_no_programme_is_refused_by_name(tmp_path: Path, name: str) -> None:
    """One clear error names what is wrong and what to do; the file stays as it is."""
    make, said = FILES[name]
    path = tmp_path / "programme.toml"
    path.write_bytes(make())
    before = path.read_bytes()
    with pytest.raises(ProgrammeError, match=said) as caught:
        load_programme(path)
    assert caught.value.hint
    assert len(str(caught.value)) < 500
    assert path.read_bytes() == before


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    """At the limit a programme is a programme still."""
    path = tmp_path / "programme.toml"
    path.write_bytes(EXAMPLE.encode() + b"#" * (MOST_BYTES - len(EXAMPLE.encode())))
    assert load_programme(path) == read_programme(EXAMPLE)


def _hint(text: str) -> str:
    """Return the hint of a refusal; "read" for a text that is a programme."""
    try:
        read_programme(text)
    except ProgrammeError as error:
        return error.hint
    return "read"


@given(st.integers(0, len(EXAMPLE) - 1))
def test_a_cut_file_is_refused_or_says_what_it_lacks(end: int) -> None:
    """A file cut anywhere is a programme still, where only a comment or a default was lost, or is refused with what to do."""
    assert _hint(EXAMPLE[:end])


@given(st.integers(0, len(EXAMPLE) - 1), st.characters())
def test_a_changed_character_breaks_nothing_but_the_file(place: int, character: str) -> None:
    """Whatever single character is put anywhere, there is a programme or one clear refusal."""
    assert _hint(EXAMPLE[:place] + character + EXAMPLE[place + 1 :])
