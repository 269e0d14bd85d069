"""Whoever leaves is in no byte of the next version, nor in any that stays of the old one."""

import errno
import os
from pathlib import Path

import pytest
from shelf import IDS, PROGRAMME, PURPOSE, Shelf, bytes_below, everything, marker

from witting.lab.dataset import build, check, open_dataset, read_manifest, release_without
from witting.lab.dataset.table import fragment_tables
from witting.ledger.seals import KeyStore
from witting.terms.errors import UsageError

GONE = IDS[1]

pytestmark = [pytest.mark.promise("P13"), pytest.mark.promise("P26")]


def test_release_is_the_same_as_never_having_had_them(built: Path, tmp_path: Path) -> None:
    """The next version has the root, the sessions and the episodes of a dataset that never saw who left."""
    before = [episode for episode in open_dataset(built).episodes() if episode.session_id != GONE]
    new = release_without(built, [GONE], out_dir=tmp_path / "v2")
    never = build(Shelf((IDS[0], IDS[2])), PROGRAMME, purpose=PURPOSE, out_dir=tmp_path / "never", permits=everything)
    assert (new.root, new.sessions, new.events) == (never.root, never.sessions, never.events)
    assert (new.dataset_id, new.replaces) == ("sample-programme@2", "sample-programme@1")
    assert check(tmp_path / "v2") == new
    assert list(open_dataset(tmp_path / "v2").episodes()) == before
    assert open_dataset(tmp_path / "v2").picture(f"{IDS[2]}-1", 0) is not None


def test_nothing_of_who_left_stays(built: Path, tmp_path: Path) -> None:
    """No file's bytes, no key, no participant and no name in any Lance file of theirs is left in either version."""
    rows = [row for row in read_manifest(built).sessions if row.session_id == GONE]
    theirs = fragment_tables(built / "steps.lance")[IDS.index(GONE)].to_pylist()
    sealed = [value[:64] for step in theirs for value in (step["action"], step["tree"], step["image"])]
    assert all(value in bytes_below(built) for value in sealed[:3])
    key_file = (built / "keys" / f"{GONE}.key").read_bytes()
    release_without(built, [GONE], out_dir=tmp_path / "v2")
    left = bytes_below(tmp_path)
    for trace in (*sealed, key_file, marker(GONE).encode(), rows[0].participant.encode()):
        assert trace not in left
    assert GONE.encode() not in bytes_below(tmp_path / "v2")
    assert sorted(file.name for file in built.iterdir()) == ["manifest.json", "replaced_by.json"]


def test_old_version_says_what_replaced_it(built: Path, tmp_path: Path) -> None:
    """The old version can't be opened again; its manifest stays for the models that were made of it, with root and digests as they were."""
    old = read_manifest(built)
    release_without(built, [GONE], out_dir=tmp_path / "v2")
    with pytest.raises(UsageError, match="replaced by sample-programme@2") as caught:
        open_dataset(built)
    assert str(tmp_path / "v2") in caught.value.hint
    stays = read_manifest(built)
    assert (stays.root, [one.digest for one in stays.sessions]) == (old.root, [one.digest for one in old.sessions])


def test_each_session_stays_a_file_of_its_own(built: Path, tmp_path: Path) -> None:
    """Leaving costs no rewriting: the others' files are the same bytes, and the next person can leave as cheaply."""
    files = {file.name: file.stat().st_ino for file in (built / "steps.lance" / "data").iterdir()}
    release_without(built, [GONE], out_dir=tmp_path / "v2")
    kept = {file.name: file.stat().st_ino for file in (tmp_path / "v2" / "steps.lance" / "data").iterdir()}
    assert len(kept) == 2
    assert kept.items() < files.items()
    third = release_without(tmp_path / "v2", [IDS[0]], out_dir=tmp_path / "v3")
    assert [session.session_id for session in third.sessions] == [IDS[2]]
    assert (third.version, third.replaces) == (3, "sample-programme@2")


def test_everybody_may_leave(built: Path, tmp_path: Path) -> None:
    """When the last one leaves, an empty version stays that says so."""
    new = release_without(built, IDS, out_dir=tmp_path / "v2")
    assert (new.sessions, list(open_dataset(tmp_path / "v2").episodes())) == ((), [])
    assert check(tmp_path / "v2") == new


def test_other_file_system_is_copied_to(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where files can't be linked they are copied."""
    real = os.link

    def link(old: Path, new: Path) -> None:
        if str(old).endswith(".lance"):
            raise OSError(errno.EXDEV, "another file system")
        real(old, new)

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", link)
        release_without(built, [GONE], out_dir=tmp_path / "v2")
    check(tmp_path / "v2")


@pytest.mark.parametrize("sessions", [[], ["0" * 32]])
def test_nobody_leaving_changes_nothing(built: Path, tmp_path: Path, sessions: list[str]) -> None:
    """A release without anyone of the dataset is refused and the dataset stays as it is."""
    with pytest.raises(UsageError):
        release_without(built, sessions, out_dir=tmp_path / "v2")
    check(built)


def test_existing_folder_is_refused_after_the_keys_are_gone(built: Path, tmp_path: Path) -> None:
    """Even when the new version can't be written, who left can't be read from then on."""
    (tmp_path / "v2").mkdir()
    with pytest.raises(UsageError):
        release_without(built, [GONE], out_dir=tmp_path / "v2")
    assert not KeyStore(built / "keys").has(GONE)
    assert [session.session_id for session in release_without(built, [GONE], out_dir=tmp_path / "v3").sessions] == [IDS[0], IDS[2]]


@pytest.mark.parametrize("stage", ["take_fragments", "write_manifest", "_without_names", "_erase"])
def test_release_cut_short_is_finished_by_the_next_call(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    """Wherever a release was cut, calling it again ends in the same place, and in between who left can't be read."""

    def cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"witting.lab.dataset.release.{stage}", cut)
        with pytest.raises(KeyboardInterrupt):
            release_without(built, [GONE], out_dir=tmp_path / "v2")
    assert not (built / "keys" / f"{GONE}.key").exists()
    new = release_without(built, [GONE], out_dir=tmp_path / "v2")
    assert check(tmp_path / "v2") == new
    assert marker(GONE).encode() not in bytes_below(tmp_path)
    assert sorted(file.name for file in built.iterdir()) == ["manifest.json", "replaced_by.json"]
    assert release_without(built, [GONE], out_dir=tmp_path / "v2") == new


def test_key_destroyed_earlier_counts_as_having_left(built: Path, tmp_path: Path) -> None:
    """Somebody whose key is gone from a release that was cut short is left out of the next, whoever that one is for."""
    KeyStore(built / "keys").destroy(IDS[0])
    assert [session.session_id for session in release_without(built, [GONE], out_dir=tmp_path / "v2").sessions] == [IDS[2]]


def test_version_replaced_for_others_sends_to_the_newer_one(built: Path, tmp_path: Path) -> None:
    """Who is still in the newer version leaves that one, not the one it replaced."""
    release_without(built, [GONE], out_dir=tmp_path / "v2")
    with pytest.raises(UsageError, match="newer version"):
        release_without(built, [IDS[0]], out_dir=tmp_path / "v3")
