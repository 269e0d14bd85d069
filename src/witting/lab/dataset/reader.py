"""Reads a dataset version: episodes in order, pictures at random.

Knows neither vault nor gate. Invariant: a version that people left can't be opened.
"""

from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

import lance
import numpy as np
from numpy.typing import NDArray

from witting.actions.pictures import assemble
from witting.lab.dataset.manifest import EPISODES_FOLDER, KEYS_FOLDER, STEPS_FOLDER, read_manifest, replacement_of
from witting.lab.dataset.rows import Picture, episodes_of_rows, head_of, picture_of
from witting.lab.dataset.table import FragmentTables, fragment_tables
from witting.ledger.seals import KeyStore
from witting.terms.errors import IntegrityError, UsageError
from witting.terms.geometry import Rect
from witting.terms.work import DatasetManifest, Episode

_FACTS = ("session_id", "episode_index", "step_index", "timestamp_ns", "frame_ns", "kind", "screen", "action", "tree")
_IMAGE = ("session_id", "episode_index", "step_index", "image")


class Dataset:
    """An open dataset version."""

    def __init__(self, path: Path, manifest: DatasetManifest) -> None:
        self.path = path
        self.manifest = manifest  # what is in it
        self._keys = KeyStore(path / KEYS_FOLDER)

    def episodes(self) -> Iterator[Episode]:
        """Yield every episode, session by session in order of their id; pictures stay where they are.

        Raises:
            SealError: a session's key was destroyed, or a value was changed.
            IntegrityError: the rows aren't those of the manifest.
        """
        steps, heads = self.tables(_FACTS)
        for number, session in enumerate(self.manifest.sessions):
            yield from episodes_of_rows(steps[number], heads[number], key=self._keys.key(session.session_id))

    def heads(self) -> Iterator[Episode]:
        """Yield every episode without its steps, in the same order.

        Raises:
            SealError: a session's key was destroyed, or a value was changed.
        """
        _, heads = self.tables(_FACTS)
        for number, session in enumerate(self.manifest.sessions):
            key = self._keys.key(session.session_id)
            yield from (head_of(row, key) for row in heads[number].to_pylist())

    def picture(self, episode_id: str, step_index: int) -> NDArray[np.uint8] | None:
        """Return what was to be seen before a step, RGB uint8 (height, width, 3); None when there is no picture of it.

        Raises:
            UsageError: there is no such step.
            SealError: the session's key was destroyed, or the picture was changed.
        """
        return self.shot(episode_id, step_index)[0]

    def shot(self, episode_id: str, step_index: int) -> tuple[NDArray[np.uint8] | None, Rect]:
        """Return the picture before a step and where on the screen it lies; None and an empty place when there is none.

        Raises:
            UsageError: there is no such step.
            SealError: the session's key was destroyed, or the picture was changed.
        """
        session_id, _, number = episode_id.rpartition("-")
        place = self._places.get((session_id, number, step_index))
        if place is None:
            raise UsageError("the dataset holds no such step", hint="take episode ids and steps from episodes()")
        picture = self._picture(place, session_id)
        if picture is None:
            return None, Rect(0, 0, 0, 0)
        frame = picture.frame
        tiles = [*picture.tiles]
        if picture.base >= 0:
            whole = self._picture(self.first_rows[session_id] + picture.base, session_id)
            tiles += whole.tiles if whole else ()
        area = Rect(0, 0, frame.width_px, frame.height_px) if frame.area.is_empty else frame.area
        return assemble(frame, {tile.digest: tile for tile in tiles}), area

    def tables(self, columns: tuple[str, ...] | None = None) -> tuple[FragmentTables, FragmentTables]:
        """Return the sealed rows of steps and of episodes, one table a session in the order of the manifest.

        Raises:
            IntegrityError: there are more or fewer than the manifest names.
        """
        found = fragment_tables(self.path / STEPS_FOLDER, columns=columns), fragment_tables(self.path / EPISODES_FOLDER)
        if not len(found[0]) == len(found[1]) == len(self.manifest.sessions):
            raise IntegrityError("a dataset holds other sessions than its manifest names", hint="build it again from the vault")
        return found

    @cached_property
    def first_rows(self) -> dict[str, int]:
        """The number of each session's first row of steps."""
        sessions = self.manifest.sessions
        starts = accumulate((session.steps for session in sessions), initial=0)
        return {session.session_id: start for session, start in zip(sessions, starts, strict=False)}

    def _picture(self, row: int, session_id: str) -> Picture | None:
        (told,) = self._steps.take([row], columns=list(_IMAGE)).to_pylist()
        return picture_of(told, self._keys.key(session_id))

    def key(self, session_id: str) -> bytes:
        """Return the key of a session's rows.

        Raises:
            SealError: it was destroyed.
        """
        return self._keys.key(session_id)

    @cached_property
    def _steps(self) -> Any:
        return lance.dataset(str(self.path / STEPS_FOLDER))

    @cached_property
    def _places(self) -> dict[tuple[str, str, int], int]:
        """Row number of each step."""
        rows = self._steps.to_table(columns=["session_id", "episode_index", "step_index"]).to_pylist()
        return {(row["session_id"], str(row["episode_index"]), row["step_index"]): place for place, row in enumerate(rows)}


def open_dataset(path: Path) -> Dataset:
    """Open the dataset version in `path`.

    Raises:
        UsageError: there is none, or people left it and another version replaced it.
        IntegrityError: its manifest can't be read.
    """
    manifest = read_manifest(path)
    replacement = replacement_of(path)
    if replacement is not None:
        message = f"{manifest.dataset_id} was replaced by {replacement.dataset_id}: people left it"
        raise UsageError(message, hint=f"use {replacement.path}")
    return Dataset(path, manifest)
