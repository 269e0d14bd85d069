"""A real hub passes its audit, and fails it when somebody tampers with its tables or folders."""

import sqlite3
from pathlib import Path

import msgspec
import pytest
from lent_hub import LentHub

from witting.audit.checks import check_hub, check_receipt
from witting.audit.evidence import Held
from witting.audit.hub_copy import held, read_hub
from witting.audit.report import failed
from witting.terms.work import DatasetManifest, DatasetSession, ModelCard


def release(lent_hub: LentHub, sessions: list[str], version: int, replaces: str = "") -> None:
    """Release a dataset of these sessions and train a model on it."""
    rows = {row.session_id: row for row in lent_hub.vault.catalogue("office-help", "train")}
    manifest = DatasetManifest(
        dataset_id=f"office-help@{version}",
        programme_id="office-help",
        version=version,
        built_at="2026-11-24T08:00:00Z",
        purpose="train",
        sessions=tuple(
            DatasetSession(
                session_id=session_id,
                participant=rows[session_id].participant,
                receipt_id=rows[session_id].receipt_id,
                parcel_id=rows[session_id].parcel_id,
                episodes=1,
                steps=1,
                digest="0" * 64,
            )
            for session_id in sorted(sessions)
        ),
        root="0" * 64,
        replaces=replaces,
    )
    lent_hub.vault.register_dataset(manifest)
    card = ModelCard(
        model_id=f"policy-{version}",
        dataset_id=manifest.dataset_id,
        dataset_root=manifest.root,
        sessions=tuple(sorted(sessions)),
        episodes=1,
        steps=1,
        seed=0,
        weights_sha256="0" * 64,
        created_at="2026-11-24T09:00:00Z",
        cpu_seconds=1.0,
        versions={},
        replaces=f"policy-{version - 1}" if replaces else "",
    )
    lent_hub.vault.register_model(card)


@pytest.mark.promise("P13")
@pytest.mark.promise("P17")
@pytest.mark.promise("P26")
def test_a_hub_passes_before_and_after_somebody_leaves(lent_hub: LentHub) -> None:
    """Two people lend, one leaves: each check holds, the receipt counts what was there, and lineage holds once it is released again."""
    stays, goes = lent_hub.join(), lent_hub.join()
    kept, gone = lent_hub.send(stays), lent_hub.send(goes)
    release(lent_hub, [kept, gone], 1)
    before = read_hub(lent_hub.data_dir)
    assert failed(check_hub(before)) == []
    assert len(before.stored) == len(before.receipts) == 2
    assert before.held[gone].objects >= 1
    receipt = lent_hub.leave(goes)
    after = read_hub(lent_hub.data_dir)
    assert after.deletions == (receipt,)
    assert check_receipt(receipt, before.held, after=after.held).holds
    assert [check.name for check in failed(check_hub(after, older=[before.checkpoint]))] == [
        "No dataset or model in use holds a session that was withdrawn"
    ]
    release(lent_hub, [kept], 2, replaces="office-help@1")
    assert failed(check_hub(read_hub(lent_hub.data_dir), older=[before.checkpoint, after.checkpoint])) == []


def _tamper(lent_hub: LentHub, statement: str) -> None:
    """Run a statement on the hub's database that changes something."""
    with sqlite3.connect(lent_hub.data_dir / "hub.sqlite") as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        assert connection.execute(statement).rowcount
    connection.close()


@pytest.mark.promise("P17")
@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("UPDATE log_entry SET entry = CAST(replace(entry, 'consent_given', 'consent_taken') AS BLOB)", "The log's entries lead"),
        ("UPDATE deed SET kind = 'session_read' WHERE kind = 'upload_stored'", "Every deed of the hub"),
        ("UPDATE session SET stored_at = '2020-01-01T00:00:00Z'", "Every stored session"),
        ("UPDATE consent SET status = 'withdrawn'", "Every stored session"),
        ("UPDATE session SET state = 'erased'", "What was erased is gone"),
    ],
)
def test_tampering_with_the_tables_is_seen(lent_hub: LentHub, statement: str, name: str) -> None:
    """Whoever changes the hub's tables by hand is found out by the check that is about it."""
    lent_hub.send(lent_hub.join())
    _tamper(lent_hub, statement)
    assert any(check.name.startswith(name) for check in failed(check_hub(read_hub(lent_hub.data_dir))))


@pytest.mark.promise("P13")
def test_an_object_that_is_nobodys_is_seen(lent_hub: LentHub) -> None:
    """A file in the object store that belongs to no stored session fails the check of erasure."""
    lent_hub.send(lent_hub.join())
    (lent_hub.data_dir / "objects" / ("9" * 32)).mkdir()
    (lent_hub.data_dir / "objects" / ("9" * 32) / "000000-copy").write_bytes(b"kept back")
    assert any("still there" in check.evidence for check in failed(check_hub(read_hub(lent_hub.data_dir))))


def test_reading_changes_nothing(lent_hub: LentHub) -> None:
    """Two readings of a hub are the same, and no deed is added by them."""
    lent_hub.send(lent_hub.join())
    first, second = read_hub(lent_hub.data_dir), read_hub(lent_hub.data_dir)
    assert msgspec.structs.replace(first, checkpoint="") == msgspec.structs.replace(second, checkpoint="")


def test_what_is_held_is_counted_on_disk(tmp_path: Path) -> None:
    """Files are counted per session as they lie there, at any depth, and keys with or without files."""
    (tmp_path / "one" / "deep").mkdir(parents=True)
    (tmp_path / "one" / "a").write_bytes(b"12345")
    (tmp_path / "one" / "deep" / "b").write_bytes(b"123")
    (tmp_path / "stray").write_bytes(b"1")
    assert held(tmp_path, ["one", "two"]) == {"": Held(1, 0, 1), "one": Held(2, 1, 8), "two": Held(0, 1, 0)}
