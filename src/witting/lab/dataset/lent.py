"""A dataset version that may be used now: the gate was asked about every session before it is opened, and is asked again when asked to.

What uses people's recordings (learning, exporting) takes this and no path, so that it can't be called without the gate. Imported data was
lent to somebody else and rests on its licence: there is nobody to ask. Invariant: with one session that isn't lent nothing is opened.
"""

from pathlib import Path
from typing import Protocol

from witting.lab.dataset.reader import Dataset, open_dataset
from witting.terms.errors import NoConsentError
from witting.terms.work import DatasetManifest


class Gate(Protocol):
    """Who answers whether sessions are lent; the hub's vault does."""

    def lent(self, manifest: DatasetManifest) -> frozenset[str]:
        """Return those of a dataset's sessions that are lent for its purpose now."""
        ...


class LentDataset:
    """A dataset version and the gate that was asked about it."""

    def __init__(self, dataset: Dataset, gate: Gate | None) -> None:
        self.dataset = dataset
        self._gate = gate

    def check(self, *, exclude: frozenset[str] = frozenset()) -> None:
        """Ask the gate now about every session but those that are left out.

        Raises:
            NoConsentError: one isn't lent for the dataset's purpose, or there is nobody to ask.
        """
        manifest = self.dataset.manifest
        if manifest.source:
            return
        if self._gate is None:
            raise NoConsentError(
                "these are people's recordings, and no hub is named that says whether they are lent", hint="name it with --hub"
            )
        gone = {session.session_id for session in manifest.sessions} - self._gate.lent(manifest) - exclude
        if gone:
            message = f"{len(gone)} of {len(manifest.sessions)} sessions of {manifest.dataset_id} aren't lent for {manifest.purpose!r} now"
            raise NoConsentError(message, hint="`witting dataset release` makes a version without them; nothing was made of this one")


def open_lent(path: Path, gate: Gate | None, *, exclude: frozenset[str] = frozenset()) -> LentDataset:
    """Open the dataset version in `path` if all of it, but for sessions that are left out, is lent for its purpose now.

    Raises:
        NoConsentError: a session isn't lent, or there is nobody to ask.
        UsageError, IntegrityError: there is no dataset, or it can't be read.
    """
    lent = LentDataset(open_dataset(path), gate)
    lent.check(exclude=exclude)
    return lent
