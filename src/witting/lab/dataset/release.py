"""Releases a dataset version again without the sessions of whoever left.

As each session is a file of its own, leaving is not copying it: the files of the others are linked into a new dataset that has no history,
no deletion vectors and no predicate that names anybody. Order: keys first, so that what left is unreadable from then on even if the rest is
cut short; then the new version; then the old one's bytes. Invariant: run again after a crash, it ends in the same place.
"""

import shutil
from collections.abc import Collection
from pathlib import Path

import msgspec

from witting.lab.dataset.build import BuildOptions, manifest_of, new_folder
from witting.lab.dataset.manifest import (
    EPISODES_FOLDER,
    KEYS_FOLDER,
    REPLACED_FILE,
    STEPS_FOLDER,
    Replacement,
    read_manifest,
    replacement_of,
    write_manifest,
)
from witting.lab.dataset.rows import EPISODES, STEPS
from witting.lab.dataset.table import take_fragments
from witting.ledger.seals import KeyStore
from witting.terms.errors import UsageError
from witting.terms.work import DatasetManifest


def release_without(path: Path, sessions: Collection[str], *, out_dir: Path, built_at: str = "") -> DatasetManifest:
    """Release the dataset in `path` as the next version in the new folder `out_dir`, without some sessions; return the new manifest.

    Of the old version only its manifest stays, without a name of who left, and a note of what replaced it; nothing of the sessions' rows
    and keys stays anywhere.

    Raises:
        UsageError: `out_dir` exists, none of the sessions is in the dataset, or another version replaced it already.
    """
    old = read_manifest(path)
    if not {session.session_id for session in old.sessions} & set(sessions):
        raise UsageError("none of these sessions is in the dataset", hint="see `witting dataset show`; nothing was changed")
    replacement = replacement_of(path)
    if replacement is not None:
        return _after_replacement(path, Path(replacement.path), sessions=sessions)
    keys = KeyStore(path / KEYS_FOLDER)
    for session_id in sessions:
        keys.destroy(session_id)
    if not _holds_successor(out_dir, old, sessions=sessions):
        keep = [number for number, session in enumerate(old.sessions) if keys.has(session.session_id)]
        options = BuildOptions(version=old.version + 1, replaces=old.dataset_id, built_at=built_at)
        new = manifest_of([old.sessions[number] for number in keep], old.programme_id, purpose=old.purpose, options=options)
        new = msgspec.structs.replace(new, source=old.source, licence=old.licence, left_out=old.left_out)
        with new_folder(out_dir) as folder:
            keys.share(folder / KEYS_FOLDER)
            take_fragments(path / STEPS_FOLDER, folder / STEPS_FOLDER, keep=keep, schema=STEPS)
            take_fragments(path / EPISODES_FOLDER, folder / EPISODES_FOLDER, keep=keep, schema=EPISODES)
            write_manifest(folder, new)
    new = read_manifest(out_dir)
    write_manifest(path, _without_names(old, sessions))
    (path / REPLACED_FILE).write_bytes(msgspec.json.encode(Replacement(new.dataset_id, str(out_dir.resolve()))))
    _erase(path)
    return new


def _without_names(old: DatasetManifest, sessions: Collection[str]) -> DatasetManifest:
    """Return the old manifest as it may stay: of who left only session ids and digests, which models and roots rest on."""
    kept = [
        msgspec.structs.replace(session, participant="", receipt_id="", parcel_id="") if session.session_id in sessions else session
        for session in old.sessions
    ]
    return msgspec.structs.replace(old, sessions=tuple(kept))


def _holds_successor(out_dir: Path, old: DatasetManifest, *, sessions: Collection[str]) -> bool:
    """Whether a run that was cut short got as far as the new version."""
    if not out_dir.exists():
        return False
    new = read_manifest(out_dir)
    return new.replaces == old.dataset_id and not {session.session_id for session in new.sessions} & set(sessions)


def _after_replacement(path: Path, successor: Path, *, sessions: Collection[str]) -> DatasetManifest:
    """Finish a release that had been made already; the sessions must have left by then."""
    new = read_manifest(successor)
    if {session.session_id for session in new.sessions} & set(sessions):
        message = f"{path} was replaced already, and the newer version still holds such a session"
        raise UsageError(message, hint=f"release {successor} without it")
    _erase(path)
    return new


def _erase(path: Path) -> None:
    """Unlink a version's keys and rows; those that the next version shares live on there, and what is gone already is fine."""
    for folder in (KEYS_FOLDER, STEPS_FOLDER, EPISODES_FOLDER):
        if (path / folder).exists():
            shutil.rmtree(path / folder)
