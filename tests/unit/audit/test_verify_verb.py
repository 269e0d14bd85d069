"""`witting audit log --export` and `witting verify PATH`: what anybody needs who doesn't trust the hub, without a network."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from lent_hub import LentHub

from witting.cli.audit import audit
from witting.cli.progress import Ticker
from witting.cli.verify import verify
from witting.ledger.log import verifier_key, write_proof
from witting.terms.clock import rfc3339
from witting.terms.errors import IntegrityError, UsageError
from witting.terms.hub import DeedsAnswer
from witting.testing.sender import Sender, body

pytestmark = pytest.mark.promise("P17")


def run(*arguments: object) -> Result:
    """Run `witting verify`."""
    return CliRunner().invoke(verify, [str(argument) for argument in arguments])


def key_of(person: Sender) -> str:
    """Return the log's key as an invitation brought it."""
    return verifier_key(person.offer.log_origin, person.offer.signing_key)


def test_an_exported_log_is_recomputed_by_anybody(lent_hub: LentHub, tmp_path: Path) -> None:
    """Written out, checked, and found broken once a byte of an entry changed; a folder in use isn't written into."""
    person = lent_hub.join()
    lent_hub.send(person)
    folder = tmp_path / "log"
    export = ["log", "--data", str(lent_hub.data_dir), "--export", str(folder)]
    assert json.loads(CliRunner().invoke(audit, [*export, "--json"]).stdout)["entries"] == 4
    passed = run(folder, "--key", key_of(person), "--data", tmp_path / "nobody")
    assert passed.exit_code == 0, passed.output
    assert "4 entries" in passed.stdout
    assert isinstance(CliRunner().invoke(audit, export).exception, UsageError)
    bundle = folder / "tile/entries/000.p/4"
    bundle.write_bytes(bundle.read_bytes().replace(b"upload_stored", b"upload_stoned"))
    broken = run(folder, "--key", key_of(person), "--data", tmp_path / "nobody")
    assert isinstance(broken.exception, IntegrityError)
    assert "BROKEN" in broken.stdout


def test_a_saved_proof_is_verified_by_anybody(lent_hub: LentHub, tmp_path: Path) -> None:
    """A participant's .tlog-proof says to whoever gets it what the log holds; it needs the log's key and no hub."""
    person = lent_hub.join()
    asked = body(person.deeds_request(rfc3339(lent_hub.clock.now())))
    (deed,) = msgspec.json.decode(lent_hub.client.post("/v1/deeds", content=asked).content, type=DeedsAnswer).deeds
    file = tmp_path / "consent.tlog-proof"
    file.write_text(write_proof(deed.proof), "utf-8")
    passed = run(file, "--key", key_of(person), "--data", tmp_path / "nobody")
    assert passed.exit_code == 0, passed.output
    assert "consent_given" in passed.stdout
    assert person.pseudonym in passed.stdout
    assert isinstance(run(file, "--data", tmp_path / "nobody").exception, UsageError)
    assert isinstance(run(file, "--key", "x+y+z", "--data", tmp_path / "nobody").exception, IntegrityError)


def test_progress_is_shown_to_whoever_watches(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the last line says that all is done; into a file nothing is written."""
    Ticker("entries")(5, 5)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    ticker = Ticker("entries")
    ticker(1, 2000)
    ticker(2000, 2000)
    assert capsys.readouterr().err == "\r2,000 of 2,000 entries\n"
