"""What a search of the lab's folders finds of somebody: keys and bytes in dataset versions, files of models that learnt from them.

Trusts no register and no earlier call: it looks. Invariant: what only names a session, so that roots and models can be checked (a manifest,
a card), isn't counted; what holds something of it is.
"""

import mmap
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from witting.lab.dataset.manifest import KEYS_FOLDER, MANIFEST_FILE, REPLACED_FILE, STEPS_FOLDER
from witting.lab.learn import load_card
from witting.ledger.seals import KeyStore
from witting.policy.onnx_policy import CARD_FILE, WEIGHTS_FILE

_NAMES_ONLY = {MANIFEST_FILE, "croissant.json", "DATASHEET.md"}


def dataset_folders(folder: Path) -> list[Path]:
    """Return every folder below one that is a dataset version, in use or replaced."""
    places = sorted(file.parent for file in folder.rglob(MANIFEST_FILE))
    return [place for place in places if (place / STEPS_FOLDER).is_dir() or (place / REPLACED_FILE).is_file()]


def model_folders(folder: Path) -> list[Path]:
    """Return every folder below one that holds a model."""
    return sorted(file.parent for file in folder.rglob(CARD_FILE) if (file.parent / WEIGHTS_FILE).is_file())


def found_in_datasets(places: Iterable[Path], sessions: Collection[str]) -> tuple[str, ...]:
    """Return what some dataset versions hold of some sessions: keys, and files with their rows."""
    return tuple(sorted(str(path) for place in places for path in _held(place, sessions)))


def found_in_models(places: Iterable[Path], sessions: Collection[str]) -> tuple[str, ...]:
    """Return the files of those models that learnt from some sessions."""
    learnt = [place for place in places if set(load_card(place).sessions) & set(sessions)]
    return tuple(sorted(str(file) for place in learnt for file in place.iterdir() if file.is_file()))


def _held(dataset: Path, sessions: Collection[str]) -> Iterator[Path]:
    if (dataset / KEYS_FOLDER).is_dir():
        keys = KeyStore(dataset / KEYS_FOLDER)
        yield from (dataset / KEYS_FOLDER / session for session in sessions if keys.has(session))
    needles = [session.encode() for session in sessions]
    for file in dataset.rglob("*"):
        if file.is_file() and file.name not in _NAMES_ONLY and _holds(file, needles):
            yield file


def _holds(file: Path, needles: Collection[bytes]) -> bool:
    if not file.stat().st_size:
        return False
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return any(data.find(needle) >= 0 for needle in needles)
