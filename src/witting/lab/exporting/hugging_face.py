"""Export for Hugging Face `datasets`: parquet, a row a step, pictures as its Image feature, the schema in the file."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from witting.lab.dataset import Dataset
from witting.lab.exporting.pages import Shot, png_of, shots

ROWS = 64  # in memory at once
_IMAGE = pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())])
_TEXTS = ("episode_id", "instruction", "outcome", "kind", "text", "key", "app", "url", "action", "tree")
_NUMBERS = ("step_index", "timestamp_ns", "end_ns", "x", "y", "to_x", "to_y", "dx", "dy", "target")


def write(dataset: Dataset, folder: Path) -> Counter[str]:
    """Write one parquet file for each split; every step can be told."""
    writers: dict[str, pq.ParquetWriter] = {}
    parts = {session.session_id: session.split or "train" for session in dataset.manifest.sessions}
    (folder / "data").mkdir()
    try:
        for part, rows in _batches(dataset, parts):
            if part not in writers:
                writers[part] = pq.ParquetWriter(folder / "data" / f"{part}-00000-of-00001.parquet", _schema(), compression="zstd")
            writers[part].write_table(pa.Table.from_pylist(rows, schema=_schema()))
    finally:
        for writer in writers.values():
            writer.close()
    return Counter()


def _batches(dataset: Dataset, parts: dict[str, str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for episode in dataset.episodes():
        rows = [_row(shot) for shot in shots(dataset, episode)]
        for start in range(0, len(rows), ROWS):
            yield parts[episode.session_id], rows[start : start + ROWS]


def _row(shot: Shot) -> dict[str, Any]:
    episode, action, tree = shot.episode, shot.step.action, shot.step.observation.tree
    told = {name: getattr(action, name) for name in (*_NUMBERS[1:], "kind", "text", "key", "app", "url")}
    image = None if shot.pixels is None else {"bytes": png_of(shot.pixels), "path": shot.name}
    return {
        **told,
        "episode_id": episode.episode_id,
        "instruction": episode.instruction,
        "outcome": episode.outcome,
        "step_index": shot.step.step_index,
        "action": msgspec.json.encode(action).decode(),
        "tree": "" if tree is None else msgspec.json.encode(tree).decode(),
        "image": image,
    }


def _schema() -> pa.Schema:
    fields = [pa.field(name, pa.string()) for name in _TEXTS] + [pa.field(name, pa.int64()) for name in _NUMBERS]
    values: dict[str, Any] = {name: {"dtype": "string", "_type": "Value"} for name in _TEXTS}
    values |= {name: {"dtype": "int64", "_type": "Value"} for name in _NUMBERS} | {"image": {"_type": "Image"}}
    told = json.dumps({"info": {"features": values}})
    return pa.schema([*fields, pa.field("image", _IMAGE)], metadata={"huggingface": told})
