"""A steward writes, checks and shows a programme by the command line; errors are one line and an exit code."""

import json
from pathlib import Path

import pytest

from witting.consent.notice import make_notice
from witting.consent.programme import load_programme


@pytest.fixture
def file(tmp_path: Path, witting) -> Path:
    """A programme file as `programme new` writes it."""
    path = tmp_path / "office.toml"
    assert witting("programme", "new", path).code == 0
    return path


def test_a_new_programme_is_complete(file: Path, witting) -> None:
    """What `new` writes passes `check`, and `new` doesn't overwrite it."""
    run = witting("programme", "check", file)
    assert (run.code, run.err) == (0, "")
    assert "the notice can be made" in run.out
    again = witting("programme", "new", file)
    assert again.code == 2
    assert again.err.startswith("witting: error: ")
    assert "hint: " in again.err


def test_new_says_what_comes_next_and_speaks_json(tmp_path: Path, witting) -> None:
    """`new --json` names the file."""
    assert json.loads(witting("programme", "new", tmp_path / "x.toml", "--json").out) == {"file": str(tmp_path / "x.toml")}


@pytest.mark.promise("P4")
def test_check_lists_everything_and_fails(file: Path, witting) -> None:
    """`check` lists missing and doubtful fields, ends with exit code 2, and `notice` refuses."""
    file.write_text(file.read_text().replace('dpo_contact = "dpo@example.org"', 'dpo_contact = ""').replace('"DPIA-2026-03"', '""'))
    run = witting("programme", "check", file)
    assert run.code == 2
    assert "missing   dpo_contact is missing (GDPR Art. 13(1)(b))" in run.out
    assert "doubtful  dpia_id" in run.out
    assert "1 missing" in run.err
    data = json.loads(witting("programme", "check", file, "--json").out)
    assert not data["is_complete"]
    assert [problem["field"] for problem in data["problems"]] == ["dpo_contact", "dpia_id"]
    refused = witting("programme", "notice", file)
    assert (refused.code, refused.out) == (2, "")
    assert "`dpo_contact`" in refused.err


def test_an_unknown_key_is_named(file: Path, witting) -> None:
    """A mistyped key ends with exit code 2, one line that names it and one that says what to do."""
    file.write_text(file.read_text().replace("reaffirm_months", "reafirm_months"))
    run = witting("programme", "check", file)
    assert (run.code, run.out) == (2, "")
    assert run.err.splitlines() == [
        "witting: error: office.toml: unknown key `reafirm_months`",
        "hint: did you mean `reaffirm_months`? else remove it",
    ]


def test_notice_is_the_notice(file: Path, witting) -> None:
    """`notice` prints exactly what people will read, as markdown, HTML or JSON with its digest."""
    made = make_notice(load_programme(file))
    assert witting("programme", "notice", file).out == made.markdown
    assert witting("programme", "notice", file, "--html").out == made.html
    data = json.loads(witting("programme", "notice", file, "--json").out)
    assert (data["markdown"], data["digest"]) == (made.markdown, made.digest)
    assert data["reading_grade"] <= 8


def test_invite_prints_the_links(tmp_path: Path, witting, monkeypatch: pytest.MonkeyPatch) -> None:
    """`invite` prints one link a line, or JSON, and passes on what was asked."""
    from witting.hub import invitations

    asked = []
    monkeypatch.setattr(
        invitations, "create", lambda data, name, *, count: asked.append((data, name, count)) or ["https://hub.example.org/join/a", "b"]
    )
    assert witting("programme", "invite", "office-help", "--data", tmp_path, "--count", 2).out == "https://hub.example.org/join/a\nb\n"
    assert json.loads(witting("programme", "invite", "office-help", "--data", tmp_path, "--json").out)["links"][1] == "b"
    assert asked == [(tmp_path, "office-help", 2), (tmp_path, "office-help", 1)]


def test_inviting_into_no_hub_says_so(tmp_path: Path, witting) -> None:
    """A folder that holds no hub is named."""
    run = witting("programme", "invite", "office-help", "--data", tmp_path)
    assert run.code == 2
    assert "holds no hub" in run.err


@pytest.mark.promise("P4")
def test_check_tells_what_is_missing_pack_by_pack(file: Path, witting) -> None:
    """`check` lists every law pack of the place with its citation, and says that no lawyer has read it; --json holds the same."""
    file.write_text(
        file.read_text().replace('jurisdiction = "DE"', 'jurisdiction = "US-CA"').replace('"collective_agreement+consent"', '"consent"')
    )
    run = witting("programme", "check", file)
    assert run.code == 2
    assert "missing   policy_url is missing (Cal. Civ. Code § 1798.130)" in run.out
    assert "us-ca         California CCPA and ADMT regulations: 1 missing" in run.out
    assert "let a lawyer read them" in run.out
    data = json.loads(witting("programme", "check", file, "--json").out)
    assert {pack["pack"]: len(pack["problems"]) for pack in data["packs"]}["us-ca"] == 1
    assert data["problems"][0]["pack"] == "us-ca"


def test_diff_says_what_changed_and_who_is_asked_again(file: Path, tmp_path: Path, witting) -> None:
    """`diff` tells each change in one plain line, that all recording stops, and that the version must be raised."""
    newer = tmp_path / "newer.toml"
    newer.write_text(file.read_text().replace("hub_days = 180", "hub_days = 200").replace('"lend@example.org"', '"else@example.org"'))
    run = witting("programme", "diff", file, newer)
    assert run.code == 0
    assert "ask everyone   Kept on the server: 200 days, before 180." in run.out
    assert "ask nobody     The contact for participants changed from “lend@example.org” to “else@example.org”." in run.out
    assert "all recording stops until each person has answered" in run.out
    assert "must be higher than 1" in run.out
    data = json.loads(witting("programme", "diff", file, newer, "--json").out)
    assert [change["asks"] for change in data["changes"]] == ["everyone", "nobody"]
    assert (data["stops_recording"], data["is_newer"]) == (True, False)
    assert "Nothing changed." in witting("programme", "diff", file, file).out


def test_packs_are_listed(witting) -> None:
    """`packs` lists every law pack with where it holds."""
    run = witting("programme", "packs")
    assert "us-ny         New York Civil Rights Law 52-c (in_force, US-NY): 4 rows" in run.out
    assert len(json.loads(witting("programme", "packs", "--json").out)["packs"]) == len(run.out.splitlines())


@pytest.mark.promise("P14")
def test_deadlines_are_told_with_their_state(file: Path, witting) -> None:
    """`deadlines` says what is due after an event, until when, and how it stands; a wrong event or day is named."""
    run = witting("programme", "deadlines", file, "request_received", "--since", "2020-01-31")
    assert run.code == 0
    assert run.out.startswith("breached  2020-02-29 23:59")
    assert "GDPR Art. 12(3)) By 2020-02-28 at work." in run.out
    data = json.loads(witting("programme", "deadlines", file, "breach_known", "--json").out)
    assert [(one["row"], one["state"]) for one in data["deadlines"]] == [("gdpr-33", "open")]
    assert "sets a deadline" in witting("programme", "deadlines", file, "hired").out
    for words, said in ((("whenever",), "no event 'whenever'"), (("hired", "--since", "soon"), "'soon' is no day")):
        wrong = witting("programme", "deadlines", file, *words)
        assert wrong.code == 2
        assert said in wrong.err


def test_papers_and_notice_are_written_to_a_folder(file: Path, tmp_path: Path, witting, monkeypatch: pytest.MonkeyPatch) -> None:
    """`papers` counts the places left for a person; `notice --out` writes the exact text with its hash, and not over another."""
    run = witting("programme", "papers", file, "--out", tmp_path / "papers")
    assert run.code == 0
    assert "impact-assessment.md: 18 places that only a person can fill in" in run.out
    assert "agreement-annex.md" in run.out
    monkeypatch.setattr("witting.consent.papers.make_pdf", lambda _: b"%PDF")
    run = witting("programme", "notice", file, "--out", tmp_path / "notice", "--json")
    data = json.loads(run.out)
    assert data["files"]["office-help-1-notice-en.md"] == data["digest"]
    assert data["reading"]["grade"] <= 8
    file.write_text(file.read_text().replace("hub_days = 180", "hub_days = 181"))
    refused = witting("programme", "notice", file, "--out", tmp_path / "notice")
    assert refused.code == 2
    assert "says something else" in refused.err
