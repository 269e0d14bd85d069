"""A dataset whose rows, keys or manifest were touched doesn't pass."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import lance
import msgspec
import pyarrow as pa
import pytest
from shelf import IDS

from witting.lab.dataset import check, difference, open_dataset, read_manifest
from witting.lab.dataset.manifest import write_manifest
from witting.terms.errors import IntegrityError, SealError, UsageError
from witting.terms.work import DatasetManifest, DatasetSession

Rows = list[dict[str, object]]
Change = Callable[[Rows], Rows]


def rewrite(path: Path, change: Change, *, table: str = "steps.lance", order: Sequence[str] = IDS) -> None:
    """Write a dataset's rows again with a change, one fragment for each session in the order given."""
    from lance.fragment import LanceFragment

    dataset = lance.dataset(str(path / table))
    rows = change(dataset.to_table().to_pylist())
    parts = [[row for row in rows if row["session_id"] == session] for session in order]
    shutil.rmtree(path / table)
    made = [
        LanceFragment.create(str(path / table), pa.Table.from_pylist(part, schema=dataset.schema), fragment_id=0) for part in parts if part
    ]
    lance.LanceDataset.commit(str(path / table), lance.LanceOperation.Overwrite(dataset.schema, made))


def flip(rows: Rows) -> Rows:
    """Flip one bit of one sealed action."""
    sealed = bytearray(rows[3]["action"])  # type: ignore[call-overload]
    sealed[-1] ^= 1
    return [*rows[:3], {**rows[3], "action": bytes(sealed)}, *rows[4:]]


def swap_values(rows: Rows) -> Rows:
    """Put one step's picture under another."""
    return [{**rows[0], "image": rows[1]["image"]}, *rows[1:]]


CHANGES: dict[str, Change] = {
    "untouched": lambda rows: rows,
    "flipped": flip,
    "swapped": swap_values,
    "removed": lambda rows: rows[1:],
    "repeated": lambda rows: [rows[0], *rows],
    "reordered": lambda rows: [rows[1], rows[0], *rows[2:]],
    "emptied": lambda rows: [{**rows[0], "tree": None}, *rows[1:]],
    "retold": lambda rows: [{**rows[0], "kind": "stop"}, *rows[1:]],
    "retimed": lambda rows: [{**rows[0], "timestamp_ns": 1}, *rows[1:]],
    "session removed": lambda rows: [row for row in rows if row["session_id"] != IDS[0]],
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_rows_do_not_pass(built: Path, change: str) -> None:
    """Any step flipped, moved, removed, repeated or retold fails the check; writing the same rows again doesn't."""
    rewrite(built, CHANGES[change])
    if change == "untouched":
        assert check(built) == read_manifest(built)
        return
    with pytest.raises(IntegrityError):
        check(built)


def test_episode_that_lost_steps_is_not_given(built: Path) -> None:
    """A learner doesn't get a shortened episode in silence."""
    rewrite(built, lambda rows: rows[1:])
    with pytest.raises(IntegrityError, match="lacks steps"):
        list(open_dataset(built).episodes())


def test_episode_rows_are_checked_too(built: Path) -> None:
    """An episode whose head is gone fails the check."""
    rewrite(built, lambda rows: rows[1:], table="episodes.lance")
    with pytest.raises(IntegrityError):
        check(built)


def swapped_sessions(manifest: DatasetManifest) -> dict[str, object]:
    """Let two sessions trade places in the files' order."""
    first, second, third = manifest.sessions
    renamed = msgspec.structs.replace(second, digest=first.digest), msgspec.structs.replace(first, digest=second.digest)
    return {"sessions": (msgspec.structs.replace(renamed[0]), msgspec.structs.replace(renamed[1]), third)}


MANIFESTS: dict[str, Callable[[DatasetManifest], dict[str, object]]] = {
    "root": lambda _: {"root": "0" * 64},
    "events": lambda _: {"events": 1},
    "name": lambda _: {"dataset_id": "other@1"},
    "order": lambda manifest: {"sessions": manifest.sessions[::-1]},
    "fewer": lambda manifest: {"sessions": manifest.sessions[1:]},
    "traded": swapped_sessions,
    "digest": lambda manifest: {"sessions": (msgspec.structs.replace(manifest.sessions[0], digest="0" * 64), *manifest.sessions[1:])},
    "counts": lambda manifest: {"sessions": (msgspec.structs.replace(manifest.sessions[0], steps=1), *manifest.sessions[1:])},
}


@pytest.mark.parametrize("change", MANIFESTS)
def test_changed_manifest_does_not_pass(built: Path, change: str) -> None:
    """A manifest that was edited fails the check."""
    manifest = read_manifest(built)
    write_manifest(built, msgspec.structs.replace(manifest, **MANIFESTS[change](manifest)))
    with pytest.raises(IntegrityError):
        check(built)


def test_files_in_another_order_do_not_pass(built: Path) -> None:
    """One session's file in another's place fails."""
    rewrite(built, lambda rows: rows, order=IDS[::-1])
    with pytest.raises(IntegrityError, match="under another"):
        check(built)


@pytest.mark.promise("P13")
def test_without_its_key_a_session_is_gone(built: Path) -> None:
    """A session whose key was destroyed can't be read by episodes, pictures or check."""
    from witting.ledger.seals import KeyStore

    KeyStore(built / "keys").destroy(IDS[0])
    dataset = open_dataset(built)
    for read in (lambda: list(dataset.episodes()), lambda: dataset.picture(f"{IDS[0]}-0", 0), lambda: check(built)):
        with pytest.raises(SealError):
            read()


def test_folder_without_a_dataset_is_said_to_have_none(tmp_path: Path) -> None:
    """A wrong path is a usage error, a damaged manifest an integrity one."""
    with pytest.raises(UsageError):
        open_dataset(tmp_path)
    (tmp_path / "manifest.json").write_bytes(b"{")
    with pytest.raises(IntegrityError):
        open_dataset(tmp_path)


def test_difference_names_who_came_left_and_changed() -> None:
    """Two versions are compared by session and by digest."""

    def version(**digests: str) -> DatasetManifest:
        sessions = tuple(
            DatasetSession(session_id=name, participant="", receipt_id="", parcel_id="", episodes=1, steps=1, digest=digest)
            for name, digest in digests.items()
        )
        return DatasetManifest(dataset_id="p@1", programme_id="p", version=1, built_at="", purpose="", sessions=sessions, root="")

    assert difference(version(a="1", b="2", c="3"), version(b="2", c="4", d="5")) == (("d",), ("a",), ("c",))
