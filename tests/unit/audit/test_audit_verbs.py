"""An auditor verifies, proves and searches by the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lent_hub import LentHub

from witting.cli.audit import audit
from witting.ledger.log import verify_offline
from witting.terms.errors import IntegrityError, LeakFoundError, UsageError


def run(*arguments: object) -> Result:
    """Run `witting audit` with some arguments."""
    return CliRunner().invoke(audit, [str(argument) for argument in arguments])


@pytest.mark.promise("P17")
def test_the_log_is_shown_and_verified(lent_hub: LentHub, tmp_path: Path) -> None:
    """`log` gives a checkpoint to keep; `verify` holds today's log and duties against it, and fails once a table was changed."""
    lent_hub.send(lent_hub.join())
    shown = json.loads(run("log", "--data", lent_hub.data_dir, "--json").stdout)
    assert [row["kind"] for row in shown["shown"]] == ["programme_created", "invitations_made", "consent_given", "upload_stored"]
    kept = tmp_path / "kept.note"
    kept.write_text(shown["checkpoint"])
    text = run("log", "--data", lent_hub.data_dir, "--last", 1).stdout
    assert "upload_stored" in text
    assert "consent_given" not in text
    assert "4 entries in all" in run("log", "--data", lent_hub.data_dir, "--last", 0).stdout
    lent_hub.send(lent_hub.join())
    passed = run("verify", "--data", lent_hub.data_dir, "--checkpoint", kept)
    assert passed.exit_code == 0, passed.output
    assert [line.split()[0] for line in passed.stdout.splitlines()] == ["holds"] * 7
    (lent_hub.data_dir / "objects" / "stray").write_bytes(b"1")
    broken = run("verify", "--data", lent_hub.data_dir, "--checkpoint", kept, "--json")
    assert isinstance(broken.exception, IntegrityError)
    assert broken.exception.exit_code == 14
    assert not json.loads(broken.stdout)["holds"]


@pytest.mark.promise("P18")
def test_a_proof_can_be_taken_away(lent_hub: LentHub) -> None:
    """`prove` prints a proof that a verifier without our log code accepts, and that says nothing of what the entry is about."""
    person = lent_hub.join()
    given = json.loads(run("prove", 2, "--data", lent_hub.data_dir, "--json").stdout)
    entry = verify_offline(json.dumps(given["proof"]), given["verifier_key"])
    assert b"consent_given" in entry
    assert person.pseudonym not in json.dumps(given)
    assert given["proof"]["opening"] == ""
    assert "verifier" in run("prove", 2, "--data", lent_hub.data_dir).stdout
    missing = run("prove", 99, "--data", lent_hub.data_dir)
    assert isinstance(missing.exception, UsageError)
    assert "no entry 99" in str(missing.exception)


@pytest.mark.promise("P25")
def test_an_auditor_files_a_finding(lent_hub: LentHub) -> None:
    """`file` gives the public number of the log entry; an unknown programme or an empty text is refused."""
    said = json.loads(run("file", "No backup is encrypted.", "--programme", "office-help", "--data", lent_hub.data_dir, "--json").stdout)
    assert f"Finding {said['number']}" in lent_hub.client.get("/enquiries").text
    for words in (("x", "--programme", "none"), ("", "--programme", "office-help")):
        assert isinstance(run("file", *words, "--data", lent_hub.data_dir).exception, UsageError)


def test_a_leak_is_told_by_kind_and_never_shown(tmp_path: Path) -> None:
    """`scan` ends with exit code 12 when a value is found, names kind, file and encoding, and prints no value."""
    values = tmp_path / "values.json"
    values.write_text(json.dumps({"email": ["jane@example.org"], "card": ["4111111111111111"]}))
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "clean").write_text("nothing")
    assert "0 found" in run("scan", folder, "--values", values).stdout
    (folder / "leaky").write_text("to jane@example.org")
    found = run("scan", folder, "--values", values)
    assert isinstance(found.exception, LeakFoundError)
    assert found.exception.exit_code == 12
    assert "email 1" in str(found.exception)
    assert "jane" not in found.output + str(found.exception)
    assert json.loads(run("scan", folder, "--values", values, "--json").stdout)["by_kind"] == {"email": 1, "card": 0}


@pytest.mark.promise("P29")
@pytest.mark.parametrize("text", ["not json", '{"pin": ["4711"]}', '["jane@example.org"]'])
def test_values_that_cannot_be_used_are_not_shown(tmp_path: Path, text: str) -> None:
    """A file of values that can't be used is refused without quoting it."""
    values = tmp_path / "values.json"
    values.write_text(text)
    refused = run("scan", tmp_path, "--values", values)
    assert isinstance(refused.exception, UsageError)
    assert "4711" not in str(refused.exception)
    assert "jane" not in str(refused.exception)
