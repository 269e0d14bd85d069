"""Lance on disk: one fragment, hence one file, for each session; fragments stand in the order of the manifest.

Knows rows only as tables. Invariant: a dataset is committed once, from whole fragments, and has one version: no history keeps what left.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lance
import pyarrow as pa
from lance.fragment import LanceFragment


def write_fragment(folder: Path, table: pa.Table) -> Any:
    """Write a table as one new fragment, not yet part of the dataset, and return its metadata."""
    return LanceFragment.create(str(folder), table, fragment_id=0)


def commit(folder: Path, schema: pa.Schema, *, fragments: Sequence[Any]) -> None:
    """Make a dataset of exactly these fragments, in this order."""
    lance.LanceDataset.commit(str(folder), lance.LanceOperation.Overwrite(schema, list(fragments)))


def drop_uncommitted(folder: Path, fragments: Sequence[Any]) -> None:
    """Unlink the files of fragments that never became part of the dataset."""
    for fragment in fragments:
        for file in _files(folder, fragment):
            file.unlink()


def fragment_tables(folder: Path, *, columns: Sequence[str] | None = None) -> "FragmentTables":
    """Return the fragments of a dataset for reading, one table each."""
    return FragmentTables(lance.dataset(str(folder)), columns)


class FragmentTables:
    """Reads one fragment at a time."""

    def __init__(self, dataset: Any, columns: Sequence[str] | None) -> None:
        self._fragments = dataset.get_fragments()
        known = set(dataset.schema.names)  # one that an earlier version wrote lacks what came later
        self._columns = None if columns is None else [name for name in columns if name in known]

    def __len__(self) -> int:
        return len(self._fragments)

    def __getitem__(self, number: int) -> pa.Table:
        """Return the rows of fragment `number`."""
        return self._fragments[number].to_table(columns=self._columns)


def take_fragments(old: Path, new: Path, *, keep: Sequence[int], schema: pa.Schema) -> None:
    """Make the dataset `new` of some fragments of `old`; their files are linked, or copied where that can't be, never read."""
    fragments = lance.dataset(str(old)).get_fragments()
    kept = [fragments[number].metadata for number in keep]
    (new / "data").mkdir(parents=True)
    for fragment in kept:
        for file in _files(old, fragment):
            try:
                os.link(file, new / "data" / file.name)
            except OSError:  # another file system
                shutil.copy2(file, new / "data" / file.name)
    commit(new, schema, fragments=kept)


def _files(folder: Path, fragment: Any) -> list[Path]:
    return [folder / "data" / file.path for file in fragment.files]
