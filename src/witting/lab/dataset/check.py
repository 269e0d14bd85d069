"""Checks a dataset version against its manifest by recomputing every digest and the root from what the seals hold.

Invariant: a dataset that passes holds exactly the rows its manifest names, none changed, none more, none fewer.
"""

from pathlib import Path

import pyarrow as pa

from witting.lab.dataset.manifest import dataset_id, root_over
from witting.lab.dataset.reader import open_dataset
from witting.lab.dataset.rows import digest_of_rows
from witting.terms.errors import IntegrityError
from witting.terms.work import DatasetManifest, DatasetSession

_HINT = "don't train on it; build it again from the vault"


def check(path: Path) -> DatasetManifest:
    """Return the manifest of the dataset in `path` after recomputing all digests and the root.

    Raises:
        IntegrityError: rows were changed, added, removed or moved, or the manifest was.
        SealError: a sealed value was changed, or a session's key is gone.
        UsageError: there is no dataset, or another version replaced it.
    """
    dataset = open_dataset(path)
    manifest = dataset.manifest
    names = [session.session_id for session in manifest.sessions]
    if names != sorted(set(names)) or manifest.dataset_id != dataset_id(manifest.programme_id, manifest.version):
        raise IntegrityError("a manifest's sessions aren't in order, or its name isn't its own", hint=_HINT)
    steps, heads = dataset.tables()
    for number, session in enumerate(manifest.sessions):
        _check_session(session, steps[number], heads=heads[number], key=dataset.key(session.session_id))
    if root_over(manifest.sessions) != manifest.root or sum(session.events for session in manifest.sessions) != manifest.events:
        raise IntegrityError("a manifest's root doesn't follow from its sessions", hint=_HINT)
    return manifest


def _check_session(session: DatasetSession, steps: pa.Table, *, heads: pa.Table, key: bytes) -> None:
    if {*steps.column("session_id").to_pylist(), *heads.column("session_id").to_pylist()} != {session.session_id}:
        raise IntegrityError("rows of one session stand under another", hint=_HINT)
    if (heads.num_rows, steps.num_rows) != (session.episodes, session.steps) or digest_of_rows(steps, heads, key=key) != session.digest:
        message = f"the rows of session {session.session_id[:8]} aren't those its manifest names"
        raise IntegrityError(message, hint=_HINT)
