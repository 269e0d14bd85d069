"""`witting audit log --export` and `witting verify PATH`: what anybody needs who doesn't trust the hub, without a network."""

import json
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from click.testing import CliRunner, Result
from lent_hub import LentHub

from witting.audit.offline import Trust, check_export, check_proof_file, own_key
from witting.cli.audit import audit
from witting.cli.progress import Ticker
from witting.cli.verify import verify
from witting.device.enrolment import start_join
from witting.ledger.log import claimed, verifier_key, write_proof
from witting.ledger.log.checkpoint import checkpoint
from witting.terms.clock import rfc3339
from witting.terms.errors import IntegrityError, LogError, UsageError
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


@pytest.mark.parametrize(
    ("data", "error", "said"),
    [
        (b"x" * 1_000_001, UsageError, "isn't that large"),
        (b"\xff\xfe\x00", LogError, "no proof of a log entry"),
        (b"c2sp.org/tlog-proof@v1\nrubbish\n", LogError, "no proof of a log entry"),
        (b"", LogError, "no proof of a log entry"),
    ],
    ids=["large", "other bytes", "rubbish", "empty"],
)
def test_a_file_that_is_no_proof_is_refused(tmp_path: Path, data: bytes, error: type[Exception], said: str) -> None:
    """Too large, no text, another text, nothing: an error of its own before any check is told."""
    file = tmp_path / "some.tlog-proof"
    file.write_bytes(data)
    with pytest.raises(error, match=said):
        check_proof_file(file, Trust(log="hub.example.org/log+00000000+AAAA"))


def test_a_device_knows_its_hubs_key_by_its_invitation(lent_hub: LentHub, tmp_path: Path) -> None:
    """Where somebody joined the key is the invitation's; where nobody did there is none."""
    assert own_key(tmp_path) == ""
    person = lent_hub.join()
    start_join("http://127.0.0.1/join/token", tmp_path, hub=SimpleNamespace(offer=lambda _: person.offer), clock=lent_hub.clock)  # type: ignore[arg-type]
    assert own_key(tmp_path) == key_of(person)


def test_an_export_of_another_log_is_seen(lent_hub: LentHub, tmp_path: Path) -> None:
    """A log that is sound, but whose name isn't the one whose key was given, doesn't pass for it."""
    person = lent_hub.join()
    folder = tmp_path / "log"
    assert CliRunner().invoke(audit, ["log", "--data", str(lent_hub.data_dir), "--export", str(folder)]).exit_code == 0
    assert check_export(folder, Trust(log=key_of(person)))[0].holds
    other = verifier_key("another.example.org/log", person.offer.signing_key)
    assert not check_export(folder, Trust(log=other))[0].holds
    signed, keys = claimed((folder / "checkpoint").read_text()), lent_hub.hub.keys.signing
    renamed = checkpoint("another.example.org/log", signed.size, root=signed.root, signing_key=keys, name=person.offer.log_origin)
    (folder / "checkpoint").write_text(renamed)
    (found,) = check_export(folder, Trust(log=key_of(person)))
    assert (found.holds, found.evidence) == (False, "a checkpoint is of another log")


def test_progress_is_shown_to_whoever_watches(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the last line says that all is done; into a file nothing is written."""
    Ticker("entries")(5, 5)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    ticker = Ticker("entries")
    ticker(1, 2000)
    ticker(2000, 2000)
    assert capsys.readouterr().err == "\r2,000 of 2,000 entries\n"
