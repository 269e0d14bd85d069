"""How fast events become actions and datasets, how fast they are read, and what leaving costs against rewriting."""

import csv
import gzip
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import lance

from figures import write
from witting.actions import reduce
from witting.lab.dataset import build, check, open_dataset, release_without
from witting.terms.events import Event, PointerButton, PointerMove, PointerWheel
from witting.terms.hub import CatalogueRow
from witting.terms.session import Record
from witting.testing.sample_session import sample_header, sample_records

SESSIONS = 20
FRAMES = 32
RUNS = 3
PURPOSE = "train-agents"
BUTTONS = {"Left": 1, "Right": 3}


def seconds(work: Callable[[], object]) -> float:
    """Return how long something takes, the median of several runs."""
    took = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def figure(name: str, value: float, unit: str, **more: object) -> dict[str, object]:
    """Return one figure; higher is better unless said otherwise."""
    return {"name": name, "value": value, "unit": unit, "sense": "higher", "bar": None, "peer": None, "runs": RUNS, **more}


class Shelf:
    """Sessions of synthetic people, as a vault gives them."""

    def __init__(self) -> None:
        names = [f"{number:032x}" for number in range(SESSIONS)]
        self.sessions = {name: list(sample_records(sample_header(name), frames=FRAMES)) for name in names}

    def catalogue(self, programme_id: str, purpose: str | None = None) -> list[CatalogueRow]:
        """Return a row for each session."""
        del purpose
        return [
            CatalogueRow(
                session_id=name, parcel_id="p", programme_id=programme_id, participant=name, receipt_id="r", purposes=(PURPOSE,),
                records=len(records), size_bytes=0, content_digest="", stored_at="",
            )
            for name, records in self.sessions.items()
        ]  # fmt: skip

    def read(self, session_id: str, *, purpose: str | None = None) -> Iterator[Record]:
        """Return a session's records."""
        del purpose
        return iter(self.sessions[session_id])


def real_pointer_sessions() -> list[list[Record]]:
    """Return the public Balabit mouse sessions as records; none where the data isn't there."""
    folder = Path(os.environ.get("WITTING_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data") / "balabit-mouse"
    return [_pointer_session(file) for file in sorted(folder.glob("*/*.csv.gz"))]


def _pointer_session(file: Path) -> list[Record]:
    records: list[Record] = []
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            at, x, y = int(float(row["client timestamp"]) * 1e9), int(row["x"]), int(row["y"])
            if row["button"] == "Scroll":
                records.append(PointerWheel(at, x, y, 0, 1 if row["state"] == "Down" else -1))
            elif row["state"] in {"Pressed", "Released"}:
                records.append(PointerButton(at, x, y, BUTTONS.get(row["button"], 2), row["state"] == "Pressed"))
            else:
                records.append(PointerMove(at, x, y))
    return records


def reduction_figures(shelf: Shelf) -> list[dict[str, object]]:
    """Measure the reduction on whole sessions and on real pointer paths."""
    whole = list(shelf.sessions.values())
    events = sum(isinstance(record, Event) for records in whole for record in records)
    found = [
        figure(
            "events reduced to actions, whole sessions", events / seconds(lambda: [reduce(records) for records in whole]), unit="events/s"
        )
    ]
    pointer = real_pointer_sessions()
    if pointer:
        count = sum(map(len, pointer))
        actions = sum(len(reduce(records)) for records in pointer)
        took = seconds(lambda: [reduce(records) for records in pointer])
        found.append(figure(f"pointer events reduced, {len(pointer)} real sessions", count / took, unit="events/s"))
        found.append(figure(f"pointer events for each action, of {count:,}", count / actions, unit="events/action", runs=1))
    return found


def permits(row: CatalogueRow, purpose: str) -> bool:
    """Permit what is lent."""
    return purpose in row.purposes


def dataset_figures(shelf: Shelf, folder: Path) -> list[dict[str, object]]:
    """Measure building, checking, reading and leaving; the baselines for leaving are Lance's own delete and a whole rebuild."""
    numbers = iter(range(1000))

    def new() -> Path:
        return folder / f"v{next(numbers)}"

    manifest = build(shelf, "p", purpose=PURPOSE, out_dir=folder / "base", permits=permits)
    built = seconds(lambda: build(shelf, "p", purpose=PURPOSE, out_dir=new(), permits=permits))
    steps = sum(session.steps for session in manifest.sessions)
    dataset = open_dataset(folder / "base")
    read = seconds(lambda: list(dataset.episodes()))
    checked = seconds(lambda: check(folder / "base"))
    places = [(episode.episode_id, step.step_index) for episode in dataset.episodes() for step in episode.steps][:: max(1, steps // 100)]
    shown = seconds(lambda: [dataset.picture(*place) for place in places])
    gone = [manifest.sessions[7].session_id]
    leaving, deleting, rebuilding = [], [], []
    for _ in range(RUNS):
        old = new()
        shutil.copytree(folder / "base", old)
        leaving.append(_took(lambda old=old: release_without(old, gone, out_dir=new())))
        deleting.append(_delete_with_lance(folder / "base" / "steps.lance", new(), gone[0]))
        rest = Shelf()
        del rest.sessions[gone[0]]
        rebuilding.append(_took(lambda rest=rest: build(rest, "p", purpose=PURPOSE, out_dir=new(), permits=permits)))
    bytes_of = sum(file.stat().st_size for file in (folder / "base").rglob("*") if file.is_file())
    rebuild = {"name": "rebuilding from the vault", "value": round(statistics.median(rebuilding), 4)}
    return [
        figure("dataset built", manifest.events / built, unit="events/s"),
        figure("dataset built", steps / built, unit="steps/s"),
        figure("dataset checked", steps / checked, unit="steps/s"),
        figure("steps read with their trees", steps / read, unit="steps/s"),
        figure("pictures read at random", len(places) / shown, unit="pictures/s"),
        figure("bytes for each step, picture and tree sealed", bytes_of / steps, unit="bytes", sense="lower", runs=1),
        figure(f"one of {SESSIONS} sessions left", statistics.median(leaving), unit="s", sense="lower", peer=rebuild),
        figure("the same by Lance delete, compact, cleanup", statistics.median(deleting), unit="s", sense="lower"),
    ]


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _delete_with_lance(base: Path, folder: Path, session_id: str) -> float:
    """Return how long Lance's own way takes to leave no byte of a session in the table of steps."""
    shutil.copytree(base, folder)
    table = lance.dataset(str(folder))
    sealed = table.to_table(columns=["action"], filter=f"session_id = '{session_id}'").column(0)[0].as_py()
    began = time.perf_counter()
    table.delete(f"session_id = '{session_id}'")
    table.optimize.compact_files(materialize_deletions=True, materialize_deletions_threshold=0.0)
    table.cleanup_old_versions(older_than=timedelta(0), delete_unverified=True)
    took = time.perf_counter() - began
    assert not any(sealed in file.read_bytes() for file in folder.rglob("*") if file.is_file())
    return took


if __name__ == "__main__":
    shelf = Shelf()
    with tempfile.TemporaryDirectory() as scratch:
        write("dataset", [*reduction_figures(shelf), *dataset_figures(shelf, Path(scratch))])
