# ruff: noqa: RUF001 - look-alike and full-width letters are what is tested
"""Normalisation: what hides a value is undone, and every character knows where it came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.privacy import Redactor
from witting.device.privacy.normalise import normalise


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("anna\u200b@exa\u200dmple.org", "anna@example.org"),
        ("ａｎｎａ＠ｅｘａｍｐｌｅ．ｏｒｇ", "anna@example.org"),
        ("аnnа@example.org", "anna@example.org"),
        ("４１１１ １１１１", "4111 1111"),
        ("٤١١١", "4111"),
        ("so\u00adft", "soft"),
        ("\u202eabc\u202c", "abc"),
        ("a\u00a0b\u2009c", "a b c"),
        ("a\x00b\x1bc", "a b c"),
        ("ﬁle", "file"),
        ("e\u0301te\u0301", "été"),
        ("x\u2028y\rz", "x\ny\nz"),
        ("\ue000\U000e0041x", "x"),
    ],
)
def test_hidden_forms_become_plain(raw: str, plain: str) -> None:
    """Zero-width, full-width, look-alike, control and private characters don't hide a value from the rules."""
    assert normalise(raw).text == plain


def test_whole_words_of_another_script_stay() -> None:
    """Russian and Greek text isn't turned into Latin nonsense: only tokens that mix scripts are folded."""
    assert normalise("Привет мир, καλημέρα").text == "Привет мир, καλημέρα"


def test_placeholder_brackets_lose_their_meaning() -> None:
    """A page can't write a placeholder: its brackets become others."""
    assert normalise("⟨EMAIL_2⟩").text == "‹EMAIL_2›"


def test_offsets_lead_back_to_the_source() -> None:
    """A span of the result names the span of the input, invisible characters included."""
    raw = "x \u200bａ\u200bnna! y"
    done = normalise(raw)
    start = done.text.index("anna")
    begin, end = done.source(start, start + 4)
    assert raw[begin:end] == "ａ\u200bnna"


@given(st.text(max_size=200))
def test_offsets_are_valid_for_any_text(raw: str) -> None:
    """Offsets exist for each character, grow, and stay inside the input."""
    done = normalise(raw)
    assert len(done.text) == len(done.starts) == len(done.ends)
    assert all(0 <= start < end <= len(raw) for start, end in zip(done.starts, done.ends, strict=True))
    assert list(done.starts) == sorted(done.starts)
    assert "⟨" not in done.text
    assert "⟩" not in done.text


@given(st.text(max_size=200))
def test_normalising_twice_changes_nothing_visible(raw: str) -> None:
    """The result holds no invisible or control character any more."""
    once = normalise(raw).text
    assert all(c.isprintable() or c in "\n\t" for c in normalise(once).text)


@pytest.mark.promise("P7")
@pytest.mark.parametrize("written", ["12%20Oak%20Trail", "Anna%20Kowalczyk", "4111%201111%201111%201111"])
def test_an_escaped_space_hides_nothing(written: str) -> None:
    """What an address bar writes with `%20` is read with spaces, and findings still point into the text as it came."""
    done = Redactor("strict", seed=b"k").text(f"see {written} now")
    assert written.split("%20")[1] not in done.text
    assert (done.findings[0].start, done.findings[-1].end) == (4, 4 + len(written))
    assert normalise("a%20b%20").text == "a b "
