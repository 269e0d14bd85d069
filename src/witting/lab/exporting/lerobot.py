"""Export for LeRobot, version 3 of its format: parquet of all steps, meta beside it, pictures as its image feature.

The format wants pictures of one size and frames at a steady rate. Smaller pictures stand at the upper left of the largest one, black beside
it, and `observation.area` says where on the screen the true part lies; a second is a step, and `timestamp_ns` says when it was in truth.
Numbers of an action are in `action`, as `ACTION` names them; its words are in columns of their own. Invariant: no step is left out.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from witting.lab.dataset import Dataset
from witting.lab.exporting.pages import Shot, png_of, shots
from witting.terms.work import Action, ActionKind, Episode

VERSION = "v3.0"
KINDS: tuple[str, ...] = get_args(ActionKind)
ACTION = ("kind", "x", "y", "to_x", "to_y", "dx", "dy")
_FILE = "chunk-000/file-000.parquet"
_IMAGE = pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())])
_NUMBERS = ("timestamp_ns", "end_ns", "frame_index", "episode_index", "index", "task_index")
_TEXTS = ("action.text", "action.key", "action.whole", "observation.tree")
_AREA = ("x", "y", "width", "height")
_BATCH = 64  # rows in memory at once


class _Size(NamedTuple):
    """Of the pictures; nothing where there are none."""

    height: int
    width: int


def write(dataset: Dataset, folder: Path) -> Counter[str]:
    """Write data and meta; every step can be told."""
    size = _largest(dataset)
    tasks: dict[str, int] = {}
    rows: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    vectors: list[list[float]] = []
    schema = _schema(size)
    (folder / "data" / _FILE).parent.mkdir(parents=True)
    with pq.ParquetWriter(folder / "data" / _FILE, schema, compression="zstd") as writer:
        for number, episode in enumerate(dataset.episodes()):
            task = tasks.setdefault(episode.instruction, len(tasks))
            first = len(vectors)
            for row in _rows(dataset, episode, size=size):
                rows.append({**row, "episode_index": number, "index": len(vectors), "task_index": task})
                vectors.append(row["action"])
                if len(rows) == _BATCH:
                    writer.write_table(pa.Table.from_pylist(rows, schema=schema))
                    rows = []
            told.append(_episode(episode, number, first=first, end=len(vectors)))
        writer.write_table(pa.Table.from_pylist(rows, schema=schema))
    _write_meta(folder / "meta", size, tasks=list(tasks), told=told, vectors=np.array(vectors, np.float64))
    return Counter()


def _largest(dataset: Dataset) -> _Size:
    """Return the size that every picture fits into."""
    found = [shot.pixels.shape for episode in dataset.episodes() for shot in shots(dataset, episode) if shot.pixels is not None]
    return _Size(max((one[0] for one in found), default=0), max((one[1] for one in found), default=0))


def _rows(dataset: Dataset, episode: Episode, *, size: _Size) -> Iterator[dict[str, Any]]:
    for number, shot in enumerate(shots(dataset, episode)):
        action, tree = shot.step.action, shot.step.observation.tree
        has_picture = shot.pixels is not None
        row = {
            "action": vector_of(action),
            "action.text": action.text,
            "action.key": action.key,
            "action.whole": msgspec.json.encode(action).decode(),
            "observation.tree": "" if tree is None else msgspec.json.encode(tree).decode(),
            "observation.area": [getattr(shot.area, name) if has_picture else 0 for name in _AREA],
            "timestamp": float(number),
            "timestamp_ns": action.timestamp_ns,
            "end_ns": action.end_ns,
            "frame_index": number,
        }
        yield {**row, "observation.image": {"bytes": _framed(shot, size), "path": shot.name}} if size.height else row


def vector_of(action: Action) -> list[float]:
    """Return an action's numbers, as `ACTION` names them; its kind by its place in `KINDS`."""
    return [float(KINDS.index(action.kind)), *(float(getattr(action, name)) for name in ACTION[1:])]


def _framed(shot: Shot, size: _Size) -> bytes:
    frame: NDArray[np.uint8] = np.zeros((*size, 3), np.uint8)
    if shot.pixels is not None:
        frame[: shot.pixels.shape[0], : shot.pixels.shape[1]] = shot.pixels
    return png_of(frame)


def _schema(size: _Size) -> pa.Schema:
    fields = [
        pa.field("action", pa.list_(pa.float32(), len(ACTION))),
        *(pa.field(name, pa.string()) for name in _TEXTS),
        pa.field("observation.area", pa.list_(pa.int64(), len(_AREA))),
        pa.field("timestamp", pa.float32()),
        *(pa.field(name, pa.int64()) for name in _NUMBERS),
    ]
    return pa.schema([*fields, *([pa.field("observation.image", _IMAGE)] if size.height else [])])


def _features(size: _Size) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {
        "action": {"dtype": "float32", "shape": [len(ACTION)], "names": list(ACTION)},
        **{name: {"dtype": "string", "shape": [1], "names": None} for name in _TEXTS},
        "observation.area": {"dtype": "int64", "shape": [len(_AREA)], "names": list(_AREA)},
        "timestamp": {"dtype": "float32", "shape": [1], "names": None},
        **{name: {"dtype": "int64", "shape": [1], "names": None} for name in _NUMBERS},
    }
    if size.height:
        found["observation.image"] = {"dtype": "image", "shape": [*size, 3], "names": ["height", "width", "channel"]}
    return found


def _episode(episode: Episode, number: int, *, first: int, end: int) -> dict[str, Any]:
    place = {"data/chunk_index": 0, "data/file_index": 0, "meta/episodes/chunk_index": 0, "meta/episodes/file_index": 0}
    told = {"episode_index": number, "tasks": [episode.instruction], "length": end - first, **place}
    return {**told, "dataset_from_index": first, "dataset_to_index": end, "episode_id": episode.episode_id, "outcome": episode.outcome}


def _write_meta(meta: Path, size: _Size, *, tasks: list[str], told: list[dict[str, Any]], vectors: NDArray[np.float64]) -> None:
    (meta / "episodes" / _FILE).parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(told), meta / "episodes" / _FILE)
    _write_tasks(meta / "tasks.parquet", tasks)
    info = {
        "codebase_version": VERSION, "robot_type": "computer", "total_episodes": len(told), "total_frames": len(vectors),
        "total_tasks": len(tasks), "chunks_size": 1000, "data_files_size_in_mb": 100, "video_files_size_in_mb": 200, "fps": 1,
        "splits": {"train": f"0:{len(told)}"}, "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
        "video_path": None, "features": _features(size), "action_kinds": KINDS,
    }  # fmt: skip
    (meta / "info.json").write_text(json.dumps(info, indent=1), encoding="utf-8")
    figures = {"min": vectors.min(0), "max": vectors.max(0), "mean": vectors.mean(0), "std": vectors.std(0)} if len(vectors) else {}
    stats = {"action": {**{name: value.tolist() for name, value in figures.items()}, "count": [len(vectors)]}}
    (meta / "stats.json").write_text(json.dumps(stats, indent=1), encoding="utf-8")


def _write_tasks(path: Path, tasks: list[str]) -> None:
    """Write the tasks as pandas keeps a table whose rows are named: LeRobot looks a task up by the name of its row."""
    index = "__index_level_0__"
    columns = [
        {"name": name, "field_name": name or index, "pandas_type": kind, "numpy_type": held, "metadata": None}
        for name, kind, held in (("task_index", "int64", "int64"), (None, "unicode", "object"))
    ]
    told = {"index_columns": [index], "column_indexes": [], "columns": columns, "pandas_version": "2.0.0"}
    table = pa.table({"task_index": pa.array(range(len(tasks)), pa.int64()), index: pa.array(tasks, pa.string())})
    pq.write_table(table.replace_schema_metadata({"pandas": json.dumps(told)}), path)
