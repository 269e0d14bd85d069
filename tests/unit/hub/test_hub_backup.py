"""A backup brings back nothing that was erased since: withdrawals and retention are replayed before the restored hub answers."""

from pathlib import Path
from typing import Any

import pytest
from hub_ground import Ground
from litestar.testing import TestClient

from witting.hub.app import create_app
from witting.hub.backup import REPLAY_FILE, make_backup, restore_backup
from witting.hub.config import load_config
from witting.hub.database import reading
from witting.hub.erased import Erased, erasures_path, note_erased, read_erased
from witting.hub.hub import open_hub_at
from witting.hub.log_store import SqlLogStore
from witting.hub.vault import Vault
from witting.ledger.log import check_store, verifier_key
from witting.terms.errors import IntegrityError, UsageError


def catalogue(data_dir: Path) -> list[str]:
    """Return the sessions that a hub's vault gives out."""
    vault = Vault.open(data_dir)
    try:
        return [row.session_id for row in vault.catalogue("office-help")]
    finally:
        vault.close()


@pytest.mark.promise("P13")
def test_what_was_erased_since_is_not_brought_back(ground: Ground, tmp_path: Path) -> None:
    """One leaves, one takes a session and one a kind back, one session's time is up: after the restore each is as it was, bytes too."""
    gone, part, kind, old, stays = (ground.lender() for _ in range(5))
    people = {"gone": gone, "part": part, "kind": kind, "old": old}
    sessions = {name: ground.store(who, purposes=("train",)) for name, who in people.items()}
    kept = ground.store(stays, purposes=("train",))
    assert make_backup(ground.hub, tmp_path / "backup") > 5
    heads = [(ground.config.objects_dir / name).read_bytes()[:64] for name in ground.hub.objects.sizes(sessions["gone"])]
    ground.clock.advance(seconds=5)
    ground.leave(gone)
    ground.leave(part, sessions=[sessions["part"]])
    ground.post("/v1/withdrawals", kind.withdrawal(ground.now(), streams=("screen",)))
    ground.vault.erase([sessions["old"]])
    done = restore_backup(tmp_path / "backup", erasures_path(ground.config), data_dir=tmp_path / "restored")
    assert (done.withdrawals, done.sessions, done.unknown) == (3, 1, 0)
    files = {file: file.read_bytes() for file in (tmp_path / "restored").rglob("*") if file.is_file()}
    assert not [file for file, data in files.items() if any(head in data for head in heads)]
    restored = open_hub_at(tmp_path / "restored", clock=ground.clock)
    try:
        vault = Vault(restored)
        assert {row.session_id for row in vault.catalogue("office-help")} == {kept, sessions["kind"]}
        assert {type(record).__name__ for record in vault.read(sessions["kind"])} & {"Frame", "Tile"} == set()
        with reading(restored.engine) as connection:
            checkpoint, verifier = restored.journal.checkpoint(connection), verifier_key(stays.offer.log_origin, stays.offer.signing_key)
            assert check_store(SqlLogStore(connection), checkpoint, verifier=verifier) > 5
    finally:
        restored.close()


@pytest.mark.promise("P13")
def test_a_restore_that_was_cut_is_finished_before_the_hub_answers(ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before anything was replayed, the restored folder still has its list, and serving it replays first."""
    person = ground.lender()
    ground.store(person, purposes=("train",))
    make_backup(ground.hub, tmp_path / "backup")
    ground.leave(person)

    class CrashError(BaseException):
        """The process is gone, as far as the code can tell."""

    def crash(*_: Any) -> None:
        raise CrashError

    with monkeypatch.context() as patched:
        patched.setattr("witting.hub.backup.withdraw", crash)
        with pytest.raises(CrashError):
            restore_backup(tmp_path / "backup", erasures_path(ground.config), data_dir=tmp_path / "restored")
    assert (tmp_path / "restored" / REPLAY_FILE).exists()
    with TestClient(create_app(load_config(tmp_path / "restored"), clock=ground.clock), base_url="http://127.0.0.1"):
        assert not (tmp_path / "restored" / REPLAY_FILE).exists()
    assert catalogue(tmp_path / "restored") == []


def test_without_the_list_nothing_is_restored(ground: Ground, tmp_path: Path) -> None:
    """A list that is missing or damaged, a folder that exists, or no backup: refused by name, nothing written."""
    make_backup(ground.hub, tmp_path / "backup")
    damaged = tmp_path / "damaged.jsonl"
    damaged.write_bytes(b'{"at": 3}\n')
    for missing in (tmp_path / "none.jsonl", damaged):
        with pytest.raises(IntegrityError, match="list of erasures"):
            restore_backup(tmp_path / "backup", missing, data_dir=tmp_path / "there")
    empty = tmp_path / "empty.jsonl"
    empty.write_bytes(b"")
    with pytest.raises(UsageError, match="holds no backup"):
        restore_backup(tmp_path, empty, data_dir=tmp_path / "there")
    with pytest.raises(UsageError, match="exists"):
        restore_backup(tmp_path / "backup", empty, data_dir=tmp_path / "backup")
    with pytest.raises(UsageError, match="exists"):
        make_backup(ground.hub, tmp_path / "backup")
    assert not (tmp_path / "there").exists()


def test_withdrawals_of_what_came_after_the_backup_are_counted(ground: Ground, tmp_path: Path) -> None:
    """Somebody who joined and left after the backup isn't in it: nothing to do, and the restore says so."""
    make_backup(ground.hub, tmp_path / "backup")
    ground.leave(ground.lender())
    done = restore_backup(tmp_path / "backup", erasures_path(ground.config), data_dir=tmp_path / "restored")
    assert (done.withdrawals, done.unknown) == (0, 1)


def test_the_list_is_on_the_disk_and_bears_a_cut(ground: Ground) -> None:
    """A withdrawal sent twice is in the list once; a last line cut by a crash is left out; the file is its owner's alone."""
    person = ground.lender()
    statement = person.withdrawal(ground.now())
    for _ in range(2):
        ground.post("/v1/withdrawals", statement)
    path = erasures_path(ground.config)
    assert [erased.withdrawal for erased in read_erased(path)] == [statement]
    assert path.stat().st_mode & 0o777 == 0o600
    note_erased(ground.config, Erased(at=ground.now(), sessions=("a" * 32,)))
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    assert len(read_erased(path)) == 2
