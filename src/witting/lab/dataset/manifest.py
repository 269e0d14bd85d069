"""The manifest of a dataset version: what is in it, named by digests, and the one root that names them all.

Invariant: sessions stand in order of their id; the root is the RFC 6962 root over their digests, so the same sessions have the same root.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from witting.ledger.log import leaf_hash, root_of
from witting.terms.errors import IntegrityError, UsageError
from witting.terms.work import DatasetManifest, DatasetSession

MANIFEST_FILE = "manifest.json"
REPLACED_FILE = "replaced_by.json"
KEYS_FOLDER = "keys"
STEPS_FOLDER = "steps.lance"
EPISODES_FOLDER = "episodes.lance"


class Replacement(msgspec.Struct, frozen=True):
    """What stands where a version was that people left: which one to use."""

    dataset_id: str
    path: str


class Difference(NamedTuple):
    """What changed between two dataset versions, by session id."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]  # in both, with other rows


def dataset_id(programme_id: str, version: int) -> str:
    """Return the name of a dataset version."""
    return f"{programme_id}@{version}"


def root_over(sessions: Sequence[DatasetSession]) -> str:
    """Return the RFC 6962 root (hex) over the sessions' digests in order of their id."""
    ordered = sorted(sessions, key=lambda session: session.session_id)
    return root_of([leaf_hash(bytes.fromhex(session.digest)) for session in ordered]).hex()


def read_manifest(path: Path) -> DatasetManifest:
    """Return the manifest of the dataset in `path`.

    Raises:
        UsageError: there is none.
        IntegrityError: it can't be read.
    """
    try:
        return msgspec.json.decode((path / MANIFEST_FILE).read_bytes(), type=DatasetManifest)
    except FileNotFoundError:
        message = f"{path} holds no dataset"
        raise UsageError(message, hint="give the folder that `witting dataset build` wrote") from None
    except msgspec.MsgspecError:
        message = f"the manifest in {path} can't be read"
        raise IntegrityError(message, hint="restore it, or build the dataset again") from None


def write_manifest(path: Path, manifest: DatasetManifest) -> None:
    """Write the manifest for people and programs to read."""
    (path / MANIFEST_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")


def replacement_of(path: Path) -> Replacement | None:
    """Return which version replaced the one in `path`, None while it is in use."""
    try:
        return msgspec.json.decode((path / REPLACED_FILE).read_bytes(), type=Replacement)
    except FileNotFoundError:
        return None


def difference(old: DatasetManifest, new: DatasetManifest) -> Difference:
    """Return what changed from one version to another."""
    before = {session.session_id: session.digest for session in old.sessions}
    after = {session.session_id: session.digest for session in new.sessions}
    return Difference(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(sorted(name for name in before.keys() & after.keys() if before[name] != after[name])),
    )
