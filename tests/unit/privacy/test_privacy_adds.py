"""What a programme adds to be masked: words and patterns. It takes nothing away, and no text makes it slow."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from witting.consent.patterns import LONGEST_PATTERN, PatternRefusedError, compile_pattern
from witting.consent.programme import programme_digest, read_programme, write_template
from witting.device.privacy import Adds, RedactionError, Redactor, detectors, texts

SLOW_IN_PYTHON = r"(a+)+$"


@pytest.mark.parametrize("posture", ["strict", "balanced"])
def test_patterns_are_masked_wherever_they_stand(posture: str) -> None:
    """A customer number is a special value in a sentence, twice, and beside letters of more than one byte."""
    redactor = Redactor(posture, adds=Adds(patterns=(r"\bSMP-\d{3}\b",)), seed=b"k")  # type: ignore[arg-type]
    raw = "Größe für SMP-123 und SMP-123, nicht XSMP-1"
    done = redactor.text(raw)
    found = [raw[one.start : one.end] for one in done.findings if one.detector == "programme_pattern"]
    assert found == ["SMP-123", "SMP-123"]
    assert done.text.count("⟨SPECIAL_1⟩") == 2


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.sampled_from([r"\d+", "a", r"\w{2}", "[^x]", r"\p{Lu}"]))
def test_adding_never_uncovers(raw: str, pattern: str) -> None:
    """Whatever is added, every character that was covered without it is covered with it."""
    spans = [
        {place for one in Redactor("balanced", adds=adds, seed=b"k").text(raw).findings for place in range(one.start, one.end)}
        for adds in (Adds(), Adds(patterns=(pattern,)))
    ]
    assert spans[0] <= spans[1]


@pytest.mark.parametrize(
    "written", ["", " ", "(", "a**", r"(x)\1", "(?<=a)b", "(?!a)b", "x?", "^", "x" * (LONGEST_PATTERN + 1), r"(\pL{1,40}){1,25}y"]
)
def test_what_cannot_be_searched_for_is_refused(written: str) -> None:
    """Blank, broken, unbounded or empty patterns, and what RE2 doesn't know, are refused in one line."""
    with pytest.raises(PatternRefusedError) as caught:
        compile_pattern(written)
    assert len(str(caught.value).splitlines()) == 1


def test_no_text_makes_a_pattern_slow() -> None:
    """A pattern that takes Python years on forty letters takes no time on twenty thousand."""
    redactor = Redactor("balanced", adds=Adds(patterns=(SLOW_IN_PYTHON,)), seed=b"k")
    begun = time.process_time()
    redactor.text("a" * 19_000 + "!")
    assert time.process_time() - begun < 1


def test_a_programme_without_patterns_keeps_its_digest(tmp_path: Path) -> None:
    """Receipts of before patterns were known stay in force; a new pattern is another programme."""
    path = tmp_path / "office.toml"
    write_template(path)
    text = path.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("redaction_patterns"))
    without, empty = read_programme(text.replace(line, "")), read_programme(text.replace(line, "redaction_patterns = []"))
    assert programme_digest(without) == programme_digest(empty) != programme_digest(read_programme(text))


@pytest.mark.promise("P8")
def test_what_takes_too_long_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A detector that returns, but late, costs the item, and the error says nothing of it."""

    def slow(_: object) -> list[object]:
        begun = time.thread_time()
        while time.thread_time() - begun < 0.03:
            pass
        return []

    monkeypatch.setattr(texts, "LONGEST_S", 0.01)
    monkeypatch.setattr(detectors, "RULES", (slow,))
    with pytest.raises(RedactionError, match="took too long") as caught:
        Redactor("strict", seed=b"k").text("Kunigunde")
    assert "unigunde" not in f"{caught.value!r} {caught.value.hint}"
