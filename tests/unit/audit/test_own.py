"""A participant checks their papers alone; whatever was changed is found, and nothing needs a network."""

import hashlib
import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from witting.audit.own import check_own
from witting.audit.report import failed
from witting.cli.verify import verify
from witting.consent.programme import load_programme, write_template
from witting.device.enrolment import ENROLMENT_FILE, Enrolment, offered_grants, start_join
from witting.device.leaving import RECEIPT_FILE, leave
from witting.device.outbox import Outbox
from witting.device.review import preview, summarise
from witting.device.sending import note_review, send_session
from witting.ledger.log import commit_entry
from witting.terms.errors import IntegrityError, NoConsentError
from witting.testing.memory_hub import MemoryHub
from witting.testing.sample_session import sample_header, sample_records

LINK, SESSION = "https://hub.example.org/join/inv-1", "5e" * 16


class Device:
    """Somebody's device in a programme, with one session sent."""

    def __init__(self, data_dir: Path, hub: MemoryHub) -> None:
        self.data_dir, self.hub = data_dir, hub
        enrolment = start_join(LINK, data_dir, hub=hub.client())
        enrolment.give_consent(offered_grants(enrolment.programme), hub=hub.client())
        self.enrolment = enrolment

    def send(self) -> None:
        """Record, review and send a session."""
        header = msgspec.structs.replace(
            sample_header(SESSION, receipt_id=self.enrolment.receipt.receipt_id),
            programme_id=self.enrolment.programme.id,
            programme_digest=self.enrolment.offer.programme_digest,
            purposes=("train",),
        )
        spool = self.enrolment.open_spool()
        _, *records, end = sample_records(header, frames=1)
        writer = spool.open_session(header)
        for record in records:
            writer.append(record)
        writer.close(end)
        shown = list(preview(spool, SESSION, marks=()))
        note_review(self.enrolment, spool, session_id=SESSION, content_digest=summarise(shown).content_digest)
        send_session(self.enrolment, SESSION, hub=self.hub.client())

    def edit(self, **changes: object) -> Enrolment:
        """Change the enrolment file by hand and read it again."""
        path = self.data_dir / ENROLMENT_FILE
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
        return Enrolment(self.data_dir)

    def kept(self) -> dict[str, object]:
        """Return what stands in the enrolment file."""
        return json.loads((self.data_dir / ENROLMENT_FILE).read_text())


@pytest.fixture
def device(tmp_path: Path) -> Device:
    """A device that joined."""
    write_template(tmp_path / "programme.toml")
    return Device(tmp_path / "data", MemoryHub(load_programme(tmp_path / "programme.toml")))


def broken(device: Device) -> set[str]:
    """Return the first words of the checks that don't hold."""
    return {" ".join(check.name.split()[:2]) for check in failed(check_own(device.data_dir))}


@pytest.mark.promise("P17")
def test_papers_in_order_pass(device: Device) -> None:
    """After joining and sending, every check holds and says how much it looked at."""
    device.send()
    found = check_own(device.data_dir)
    assert failed(found) == []
    assert [check.evidence for check in found][1:4:2] == ["1 receipts", "1 parcels"]
    assert check_own(device.data_dir, enrolment=device.enrolment) == found


def test_nothing_to_check_says_so(tmp_path: Path) -> None:
    """Where nothing of a programme lies, nothing is said to hold."""
    with pytest.raises(NoConsentError, match="nothing of a programme"):
        check_own(tmp_path)


def test_an_unreadable_enrolment_does_not_hold(device: Device) -> None:
    """An enrolment file that can't be read is a check that doesn't hold."""
    (device.data_dir / ENROLMENT_FILE).write_text("?")
    assert broken(device) == {"Your enrolment"}


def test_a_changed_notice_is_found(device: Device) -> None:
    """A notice or programme that isn't the one signed for is found, whether its digest was changed along or not."""
    offer = device.kept()["offer"]
    device.edit(offer={**offer, "notice_markdown": "Everything is recorded."})
    assert broken(device) == {"Notice and"}
    text = "Everything is recorded."
    device.edit(offer={**offer, "notice_markdown": text, "notice_digest": hashlib.sha256(text.encode()).hexdigest()})
    assert broken(device) == {"Notice and"}


def test_a_changed_receipt_is_found(device: Device) -> None:
    """A receipt that was changed by a byte is found, and nothing that rests on it is said to hold."""
    receipt = device.kept()["receipts"][0]
    device.edit(receipts=[{**receipt, "signature": "A" * 86 + "=="}])
    assert broken(device) == {"Notice and", "Your receipts", "Your consent"}


def test_a_proof_of_something_else_is_found(device: Device) -> None:
    """A missing proof, one of another entry and one that was changed are found."""
    proof = device.kept()["proofs"][0]
    device.hub.log.append(commit_entry("consent_given", {}, salt=bytes(32)))
    other = device.hub.log.prove(device.hub.log.size - 1, "memory-hub", signing_key=device.hub.signing)
    for proofs in ([], [{**proof, "entry": "AAAA"}], [msgspec.to_builtins(other)]):
        device.edit(proofs=proofs)
        assert broken(device) == {"Your consent"}, proofs


def test_an_opening_must_open_its_entry(device: Device) -> None:
    """An opening that comes with a proof must open the entry, and must tell of this consent."""
    fields, salt = {"programme_digest": device.enrolment.offer.programme_digest, "notice_digest": "x"}, bytes(32)
    index = device.hub.log.append(commit_entry("consent_given", fields, salt=salt))
    proof = msgspec.to_builtins(device.hub.log.prove(index, "memory-hub", signing_key=device.hub.signing))
    for fields_told, salt_told in ((fields, salt.hex()), ({"notice_digest": "y"}, salt.hex()), (fields, "no hex")):
        opening = msgspec.to_builtins(msgspec.json.encode({"fields": fields_told, "salt": salt_told}))
        device.edit(proofs=[{**proof, "opening": opening}])
        assert broken(device) == {"Your consent"}


def test_a_parcel_that_the_log_does_not_hold_is_found(device: Device) -> None:
    """A proof of sending that is of another session, or was changed, is found."""
    device.send()
    outbox = Outbox(device.data_dir)
    sent = outbox.sent(SESSION)
    assert sent is not None
    outbox.settle(SESSION, msgspec.structs.replace(sent, answer=msgspec.structs.replace(sent.answer, session_id="6e" * 16)))
    assert broken(device) == {"What you"}
    bad = msgspec.structs.replace(sent.answer.proof, entry=b"{}")
    outbox.settle(SESSION, msgspec.structs.replace(sent, answer=msgspec.structs.replace(sent.answer, proof=bad)))
    assert broken(device) == {"What you"}


@pytest.mark.promise("P11")
def test_a_changed_session_is_found(device: Device) -> None:
    """A sealed session in which one byte was changed is found."""
    device.send()
    path = next((device.data_dir / "spool").glob("*.session"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    assert broken(device) == {"Your sealed"}


def test_a_session_that_cannot_be_read_at_all_is_named(device: Device) -> None:
    """One whose very beginning is broken doesn't hold, and its short name is said, so that it can be dropped."""
    device.send()
    path = next((device.data_dir / "spool").glob("*.session"))
    path.write_bytes(b"x" * 200)
    (check,) = failed(check_own(device.data_dir))
    assert path.stem[:8] in check.evidence


def test_a_session_without_its_end_holds_and_is_told(device: Device) -> None:
    """What a crash leaves isn't tampering: the check holds, and says that an end is missing."""
    device.send()
    path = next((device.data_dir / "spool").glob("*.session"))
    path.write_bytes(path.read_bytes()[:-10])
    checks = check_own(device.data_dir)
    assert failed(checks) == []
    assert "1 without its end" in " ".join(check.evidence for check in checks)


@pytest.mark.promise("P13")
def test_a_deletion_receipt_is_verified(device: Device) -> None:
    """After leaving, the deletion receipt alone is verified, by the command line too; a changed one fails with exit code 14."""
    device.send()
    leave(device.data_dir, hub=device.hub.client())
    good = CliRunner().invoke(verify, ["--data", str(device.data_dir), "--json"])
    assert good.exit_code == 0, good.output
    assert json.loads(good.stdout)["holds"]
    path = device.data_dir / RECEIPT_FILE
    path.write_bytes(path.read_bytes().replace(b'"log_origin":"memory-hub"', b'"log_origin":"another-hub"'))
    bad = CliRunner().invoke(verify, ["--data", str(device.data_dir)])
    assert isinstance(bad.exception, IntegrityError)
    assert bad.exception.exit_code == 14
    assert bad.stdout.startswith("BROKEN  Your deletion receipt")
    path.write_text("?")
    assert broken(device) == {"Your deletion"}
