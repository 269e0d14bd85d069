"""Export for Minari, the Farama Foundation's datasets of episodes: one HDF5 file and its metadata.

An observation is a picture, where it lies on the screen, and the tree as JSON; an action is its numbers and the whole of it as JSON.
Pictures of all episodes have one size, as a space demands: smaller ones stand at the upper left, black beside them. They are kept lossless.
Minari wants one observation more than actions: the last is empty. Invariant: no step is left out.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from witting.lab.dataset import Dataset
from witting.lab.exporting.lerobot import ACTION, KINDS, vector_of
from witting.lab.exporting.pages import shots
from witting.terms.errors import MissingExtraError
from witting.terms.work import Episode

VERSION = "0.5.4"  # of the format, as its readers want it said
_BOUND = 2**53 - 1
_MOST_LETTERS = 100_000_000
_LETTERS = "".join(map(chr, range(32, 127)))


def write(dataset: Dataset, folder: Path) -> Counter[str]:
    """Write the episodes; every step can be told.

    Raises:
        MissingExtraError: `h5py` isn't installed.
    """
    try:
        import h5py
    except ModuleNotFoundError:
        raise MissingExtraError("Minari's files need the package h5py", hint="pip install 'witting[formats]'") from None
    (folder / "data").mkdir()
    size, steps, count = _largest(dataset), 0, 0
    with h5py.File(folder / "data" / "main_data.hdf5", "w", track_order=True) as file:
        for number, episode in enumerate(dataset.episodes()):
            _write_episode(
                h5py, file.create_group(f"episode_{number}"), parts=_parts(dataset, episode, size=size), about=_about(episode, number)
            )
            steps, count = steps + len(episode.steps), number + 1
    manifest = dataset.manifest
    told = {
        "total_episodes": count, "total_steps": steps, "data_format": "hdf5", "jpeg_encoding": False,
        "observation_space": json.dumps(_observations(size)), "action_space": json.dumps(_actions()),
        "dataset_id": f"witting/{manifest.programme_id or 'imported'}-v{manifest.version}", "minari_version": VERSION,
        "description": f"{manifest.dataset_id}, root {manifest.root}", "action_kinds": KINDS,
        "dataset_size": round((folder / "data" / "main_data.hdf5").stat().st_size / 1e6, 1),
    }  # fmt: skip
    (folder / "data" / "metadata.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    return Counter()


def _largest(dataset: Dataset) -> tuple[int, int]:
    found = [shot.pixels.shape for episode in dataset.episodes() for shot in shots(dataset, episode) if shot.pixels is not None]
    return max((one[0] for one in found), default=1), max((one[1] for one in found), default=1)


def _about(episode: Episode, number: int) -> dict[str, Any]:
    told = {"episode_id": episode.episode_id, "instruction": episode.instruction, "outcome": episode.outcome}
    return {"id": number, "total_steps": len(episode.steps), **told}


def _parts(dataset: Dataset, episode: Episode, *, size: tuple[int, int]) -> dict[str, dict[str, Any]]:
    """Return an episode's columns by group."""
    count = len(episode.steps)
    image: NDArray[np.uint8] = np.zeros((count + 1, *size, 3), np.uint8)
    area: NDArray[np.int64] = np.zeros((count + 1, 4), np.int64)
    trees: list[str] = [""] * (count + 1)
    for number, shot in enumerate(shots(dataset, episode)):
        tree = shot.step.observation.tree
        trees[number] = "" if tree is None else msgspec.json.encode(tree).decode()
        if shot.pixels is not None:
            image[number, : shot.pixels.shape[0], : shot.pixels.shape[1]] = shot.pixels
            area[number] = (shot.area.x, shot.area.y, shot.area.width, shot.area.height)
    actions = [step.action for step in episode.steps]
    ends = np.arange(1, count + 1) == count
    is_right = episode.score == 1.0 or (episode.score is None and episode.outcome == "done")
    return {
        "observations": {"image": image, "area": area, "tree": trees},
        "actions": {
            "numbers": np.array([vector_of(one) for one in actions], np.int64).reshape(count, len(ACTION)),
            "whole": [msgspec.json.encode(one).decode() for one in actions],
        },
        "infos": {
            "timestamp_ns": np.array([one.timestamp_ns for one in actions], np.int64),
            "end_ns": np.array([one.end_ns for one in actions], np.int64),
        },
        "": {"rewards": np.where(ends, float(is_right), 0.0), "terminations": ends, "truncations": np.zeros(count, bool)},
    }


def _write_episode(h5py: Any, group: Any, *, parts: dict[str, dict[str, Any]], about: dict[str, Any]) -> None:
    group.attrs.update(about)
    for name, columns in parts.items():
        place = group.create_group(name) if name else group
        for column, values in columns.items():
            if isinstance(values, list):
                place.create_dataset(column, data=values, dtype=h5py.string_dtype(encoding="utf-8"))
            else:
                packed = {"compression": "gzip", "chunks": (1, *values.shape[1:])} if column == "image" else {}
                place.create_dataset(column, data=values, **packed)


def _observations(size: tuple[int, int]) -> dict[str, Any]:
    height, width = size
    image = {"type": "Box", "dtype": "uint8", "shape": [height, width, 3], **_bounds((height, width, 3), low=0, high=255)}
    area = {"type": "Box", "dtype": "int64", "shape": [4], **_bounds((4,), low=-_BOUND, high=_BOUND)}
    return {"type": "Dict", "subspaces": {"image": image, "area": area, "tree": _text()}}


def _actions() -> dict[str, Any]:
    numbers = {"type": "Box", "dtype": "int64", "shape": [len(ACTION)], **_bounds((len(ACTION),), low=-_BOUND, high=_BOUND)}
    return {"type": "Dict", "subspaces": {"numbers": numbers, "whole": _text()}}


def _bounds(shape: tuple[int, ...], *, low: int, high: int) -> dict[str, Any]:
    return {"low": np.full(shape, low).tolist(), "high": np.full(shape, high).tolist()}


def _text() -> dict[str, Any]:
    return {"type": "Text", "max_length": _MOST_LETTERS, "min_length": 0, "charset": _LETTERS}
