"""Files of texts, redacted line by line."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from witting.device.privacy import Redactor
from witting.device.privacy.lines import redact_lines
from witting.terms.errors import RedactionError, UsageError


def _one(text: str, posture: str = "strict") -> dict[str, object]:
    """Return the answer to one line."""
    (line,) = redact_lines([json.dumps({"text": text}).encode()], posture)  # type: ignore[arg-type]
    assert line.endswith(b"\n")
    return json.loads(line)


def test_a_line_has_its_text_and_its_findings() -> None:
    """What was found is told by kind and place in the text that came in, never by value."""
    answer = _one("Write to anna.muster@example.org today", "balanced")
    assert answer == {"text": "Write to ⟨EMAIL_1⟩ today", "findings": [{"kind": "email", "start": 9, "end": 32}]}


def test_lines_are_sessions_of_their_own() -> None:
    """What one line says of a person changes no other line, and numbers begin anew."""
    line = json.dumps({"text": "mail b@example.org", "id": 3}).encode()
    first, second = redact_lines([line, line])
    assert first == second
    assert b"EMAIL_1" in first


@pytest.mark.parametrize(
    "bad", [b"", b"\n", b"Kunigunde", b"[]", b"{}", b'{"text": 7}', b'{"text": null}', b'{"text": "\xff"}', b'{"text": "x"} Kunigunde']
)
def test_a_bad_line_is_named_by_number_alone(bad: bytes) -> None:
    """The error says where, and quotes nothing; lines before it have been given."""
    lines = redact_lines([b'{"text": "Save"}', bad])
    assert json.loads(next(lines))["text"] == "Save"
    with pytest.raises(UsageError, match=r"^line 2 isn't what was asked for$") as raised:
        next(lines)
    assert "unigunde" not in str(raised.value) + raised.value.hint
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


def test_a_line_on_which_a_detector_fails_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that trips stops the file there, names the line, and nothing of the line is written."""

    def trip(*_: object) -> None:
        raise RedactionError("redaction stopped in text (ValueError)")

    monkeypatch.setattr(Redactor, "text", trip)
    with pytest.raises(RedactionError, match=r"^line 1: redaction stopped"):
        next(redact_lines([b'{"text": "Kunigunde"}']))


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=80), posture=st.sampled_from(["strict", "balanced"]))
def test_offsets_lie_in_the_text_that_came_in(text: str, posture: str) -> None:
    """Findings are in order, don't overlap and end inside the text, whatever was invisible in it."""
    answer = _one(text, posture)
    ends = [0]
    for found in answer["findings"]:  # type: ignore[attr-defined]
        assert ends[-1] <= found["start"] < found["end"] <= len(text)
        ends.append(found["end"])
