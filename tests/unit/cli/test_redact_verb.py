"""`witting redact` on files, pipes and what can't be used."""

import io
import json
import sys
from pathlib import Path

import pytest


def test_a_file_of_texts(witting, tmp_path: Path) -> None:
    """Texts come out redacted, one line for each."""
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "Save"}\n{"text": "mail to anna.muster@example.org"}\n', encoding="utf-8")
    run = witting("redact", "--jsonl", source, target)
    assert (run.code, run.out, run.err) == (0, f"2 lines redacted into {target}\n", "")
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [line["text"] for line in lines] == ["Save", "mail to ⟨EMAIL_1⟩"]
    assert lines[1]["findings"] == [{"kind": "email", "start": 8, "end": 31}]


def test_a_pipe(witting, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash reads from standard input and writes to standard output."""
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, write_through=True))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"text": "call +49 30 901820"}\n')))
    assert witting("redact", "--jsonl", "--posture", "balanced", "-", "-").code == 0
    sys.stdout.flush()
    assert json.loads(written.getvalue())["findings"][0]["kind"] == "phone"


def test_a_bad_line_leaves_no_file(witting, tmp_path: Path) -> None:
    """One line that can't be read: the error names its number, quotes nothing, and no half file is left."""
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "Save"}\nKunigunde\n', encoding="utf-8")
    run = witting("redact", "--jsonl", source, target)
    assert run.code == 2
    assert run.err.startswith("witting: error: line 2 isn't what was asked for\nhint: ")
    assert "unigunde" not in run.err
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_the_source_is_never_overwritten(witting, tmp_path: Path) -> None:
    """Source and target must differ."""
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "Save"}\n', encoding="utf-8")
    run = witting("redact", "--jsonl", source, source)
    assert (run.code, source.read_text(encoding="utf-8")) == (2, '{"text": "Save"}\n')
    assert "the same file" in run.err


def test_a_programme_adds_its_words_and_patterns(witting, tmp_path: Path) -> None:
    """With a programme its code names and customer numbers are masked too, in its posture unless another is named."""
    programme, source, target = tmp_path / "office.toml", tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    assert witting("programme", "new", programme).code == 0
    source.write_text('{"text": "Bluebird: number SMP-123456"}\n', encoding="utf-8")
    assert witting("redact", "--jsonl", "--posture", "balanced", "--programme", programme, source, target).code == 0
    found = json.loads(target.read_text(encoding="utf-8"))["findings"]
    assert [(one["kind"], one["start"], one["end"]) for one in found] == [("special", 0, 8), ("special", 17, 27)]
    assert witting("redact", "--jsonl", "--programme", programme, source, target).code == 0
    assert [one["kind"] for one in json.loads(target.read_text(encoding="utf-8"))["findings"]] == ["special", "special"]


def test_a_programme_is_for_texts(witting, tmp_path: Path) -> None:
    """With a picture it is refused, and so is a programme whose pattern can't be searched for, by name."""
    programme, source = tmp_path / "office.toml", tmp_path / "in"
    witting("programme", "new", programme)
    source.write_text("{}\n", encoding="utf-8")
    assert witting("redact", "--image", "--programme", programme, source, tmp_path / "out").code == 2
    programme.write_text(programme.read_text(encoding="utf-8").replace("'\\bSMP-\\d{6}\\b'", "'('"), encoding="utf-8")
    run = witting("redact", "--jsonl", "--programme", programme, source, tmp_path / "out")
    assert run.code == 2
    assert "`redaction_patterns[0]` is no RE2 expression" in run.err
