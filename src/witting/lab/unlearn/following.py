"""Carries a withdrawal on to what was made: recalled dataset versions are released again, recalled models trained again, old ones erased.

Each recall is a job in the hub's step table, so that it goes on after a crash where it was. Knows folders, no network; exports are with
others, who have to be told. Invariant: a job ends only after a search of the folders finds nothing of who left.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import msgspec

from witting.lab.dataset import open_lent, read_manifest, release_without
from witting.lab.dataset.manifest import replacement_of
from witting.lab.learn import load_card
from witting.lab.learn.recipe import STATE_FILE
from witting.lab.learn.training import Progress
from witting.lab.unlearn.finding import dataset_folders, found_in_datasets, found_in_models, model_folders
from witting.lab.unlearn.forgetting import Leaving, forget_sessions, leaving_of
from witting.ledger.keys import SigningKey
from witting.policy.relations import WordVectors
from witting.terms.errors import IntegrityError, StoreLockedError, UsageError
from witting.terms.hub import LogProof
from witting.terms.work import DatasetManifest, ModelCard, Recall

JOB = "recall"
STEPS = ("look", "make", "register", "erase", "look_again")
_LOCK_FILE = ".witting-follow.lock"


class Begun(Protocol):
    """Work that was begun and isn't done."""

    @property
    def job_id(self) -> str:
        """Its id."""
        ...

    @property
    def subject(self) -> Any:
        """What it is about."""
        ...


class Register(Protocol):
    """Who says what is recalled, enters what was made, and carries work through a crash; the hub's vault does."""

    def recalls(self) -> list[Recall]:
        """Return what has to leave where."""
        ...

    def lent(self, manifest: DatasetManifest) -> frozenset[str]:
        """Return those of a dataset's sessions that are lent for its purpose now."""
        ...

    def register_dataset(self, manifest: DatasetManifest) -> LogProof:
        """Enter a dataset version."""
        ...

    def register_model(self, card: ModelCard) -> LogProof:
        """Enter a model."""
        ...

    def note_model_removed(self, model_id: str) -> LogProof:
        """Note that a recalled model was removed and nothing takes its place."""
        ...

    def begin_work(self, kind: str, *, subject: object, steps: Sequence[str]) -> str:
        """Write work down and return its id."""
        ...

    def unfinished_work(self, kind: str) -> Sequence[Begun]:
        """Return what was begun and isn't done, oldest first."""
        ...

    def do_work(self, job_id: str, *, steps: Mapping[str, Callable[[Mapping[str, Any]], object]]) -> dict[str, Any]:
        """Do what is left of a work, in order, and return what its steps said."""
        ...


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one recall."""

    kind: str  # dataset or model
    name: str  # what was recalled
    made: str  # what replaces it; empty = nothing was left to make
    path: str  # where that lies
    found: tuple[str, ...]  # what a search found of who left, before
    left: tuple[str, ...]  # and after; empty, or the job isn't done


@dataclass(frozen=True, slots=True)
class Lab:
    """Where the lab keeps what it makes, and how it learns."""

    folder: Path  # datasets and models lie somewhere below it
    words: WordVectors | None = None  # None = the usual ones
    signer: SigningKey | None = None  # who signs the models that are made
    progress: Progress = lambda _stage, _share: None


def follow_recalls(vault: Register, lab: Lab) -> tuple[Followed, ...]:
    """Make anew what was recalled and lies below the lab's folder, first what a crash cut; datasets before models.

    Raises:
        StoreLockedError: another process is doing so.
        IntegrityError: a search still finds something of who left.
    """
    with _alone(lab.folder):
        done = [_carry(vault, lab, job_id=job.job_id, recall=msgspec.convert(job.subject, Recall)) for job in vault.unfinished_work(JOB)]
        for kind in ("dataset", "model"):
            for recall in vault.recalls():
                if recall.kind == kind and _places(lab.folder, recall):
                    job_id = vault.begin_work(JOB, subject=recall, steps=STEPS)
                    done.append(_carry(vault, lab, job_id=job_id, recall=recall))
    return tuple(done)


def not_here(vault: Register, lab: Lab) -> tuple[Recall, ...]:
    """Return what is recalled and doesn't lie below the lab's folder."""
    return tuple(recall for recall in vault.recalls() if recall.kind != "export" and not _places(lab.folder, recall))


def _carry(vault: Register, lab: Lab, *, job_id: str, recall: Recall) -> Followed:
    work = _DatasetWork(vault, lab, recall) if recall.kind == "dataset" else _ModelWork(vault, lab, recall)
    steps = {"look": work.look, "make": work.make, "register": work.register, "erase": work.erase, "look_again": work.look_again}
    said = vault.do_work(job_id, steps=steps)
    made, path = said["make"]
    return Followed(kind=recall.kind, name=recall.name, made=made, path=path, found=tuple(said["look"]), left=tuple(said["look_again"]))


@dataclass(frozen=True, slots=True)
class _DatasetWork:
    vault: Register
    lab: Lab
    recall: Recall

    def look(self, _said: Mapping[str, Any]) -> object:
        return found_in_datasets(_places(self.lab.folder, self.recall), self.recall.sessions)

    def make(self, _said: Mapping[str, Any]) -> tuple[str, str]:
        """Release the version again, beside the first copy of it; every other copy is replaced by the same."""
        places = _places(self.lab.folder, self.recall)
        target = Path(next((known.path for known in map(replacement_of, places) if known), "") or _beside(places[0], self.recall))
        for place in places:
            old = read_manifest(place)
            gone = {session.session_id for session in old.sessions} - self.vault.lent(old)
            new = release_without(place, sorted({*gone, *self.recall.sessions}), out_dir=target)
        return new.dataset_id, str(target)

    def register(self, said: Mapping[str, Any]) -> int:
        return self.vault.register_dataset(read_manifest(Path(said["make"][1]))).index

    def erase(self, said: Mapping[str, Any]) -> bool:
        """Unlink rows and keys of the replaced version, which releasing did already unless it was cut."""
        for place in _places(self.lab.folder, self.recall):
            release_without(place, self.recall.sessions, out_dir=Path(said["make"][1]))
        return True

    def look_again(self, said: Mapping[str, Any]) -> object:
        self.erase(said)
        places = (*_places(self.lab.folder, self.recall), Path(said["make"][1]))
        return _nothing(found_in_datasets(places, self.recall.sessions), self.recall)


@dataclass(frozen=True, slots=True)
class _ModelWork:
    vault: Register
    lab: Lab
    recall: Recall

    def look(self, _said: Mapping[str, Any]) -> object:
        return found_in_models(_places(self.lab.folder, self.recall), self.recall.sessions)

    def make(self, _said: Mapping[str, Any]) -> tuple[str, str]:
        """Train the model again on the newest version of its dataset, beside it; nothing where nobody is left that it learnt from."""
        place = _places(self.lab.folder, self.recall)[0]
        card = load_card(place)
        dataset = _newest_dataset(self.lab.folder, card.dataset_id)
        there = {session.session_id for session in read_manifest(dataset).sessions} - set(self.recall.sessions) if dataset else set()
        gone = sorted(set(card.sessions) - there)
        if dataset is None or not set(card.sessions) & there:
            return "", ""
        target = _beside(place, self.recall)
        if not _is_made(target, card.model_id):
            leaving = replace(leaving_of(place, gone), signer=self.lab.signer)
            self._train(leaving, dataset, target=target)
        return load_card(target).model_id, str(target)

    def _train(self, leaving: Leaving, dataset: Path, *, target: Path) -> None:
        if target.exists() and not (target / STATE_FILE).is_file():
            shutil.rmtree(target)  # cut between training and saying what it replaces
        lent = open_lent(dataset, self.vault, exclude=leaving.without)
        forget_sessions(leaving, lent, out_dir=target, progress=self.lab.progress, words=self.lab.words)

    def register(self, said: Mapping[str, Any]) -> int:
        made, path = said["make"]
        if not made:
            return self.vault.note_model_removed(self.recall.name).index
        return self.vault.register_model(load_card(path)).index

    def erase(self, _said: Mapping[str, Any]) -> bool:
        for place in _places(self.lab.folder, self.recall):
            shutil.rmtree(place)
        return True

    def look_again(self, said: Mapping[str, Any]) -> object:
        self.erase(said)
        new = [Path(said["make"][1])] if said["make"][0] else []
        return _nothing(found_in_models([*_places(self.lab.folder, self.recall), *new], self.recall.sessions), self.recall)


def _nothing(found: tuple[str, ...], recall: Recall) -> tuple[str, ...]:
    """Return what a search found, which is to be nothing.

    Raises:
        IntegrityError: it found something.
    """
    if found:
        message = f"{len(found)} files still hold something of who left {recall.name}"
        raise IntegrityError(message, hint="see that nothing has them open, then give the same command again: it goes on")
    return found


def _places(folder: Path, recall: Recall) -> list[Path]:
    """Return where the recalled thing lies, every copy of it."""
    if recall.kind == "dataset":
        return [place for place in dataset_folders(folder) if read_manifest(place).dataset_id == recall.name]
    return [place for place in model_folders(folder) if load_card(place).model_id == recall.name]


def _beside(place: Path, recall: Recall) -> Path:
    """Return the one new folder for what replaces a recalled thing."""
    digest = hashlib.sha256(" ".join((recall.name, *recall.sessions)).encode()).hexdigest()[:8]
    return place.with_name(f"{place.name.split('-anew-')[0]}-anew-{digest}")


def _is_made(target: Path, old: str) -> bool:
    """Whether a model that replaces the old one lies there, whole."""
    try:
        return load_card(target).replaces == old
    except UsageError:
        return False


def _newest_dataset(folder: Path, dataset_id: str) -> Path | None:
    """Return where the version lies that took the place of a dataset, or the dataset itself."""
    places = [place for place in dataset_folders(folder) if read_manifest(place).dataset_id == dataset_id]
    if not places:
        return None
    place = places[0]
    while (next_one := replacement_of(place)) is not None:
        place = Path(next_one.path)
    return place


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lab's folder for this process."""
    descriptor = os.open(folder / _LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreLockedError("recalls are being followed in this folder already", hint="wait for the other process") from None
        yield
    finally:
        os.close(descriptor)
