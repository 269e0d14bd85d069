"""Real people's pointer paths (Balabit, public) reduce without a loss."""

import csv
import gzip
from pathlib import Path

import pytest

from witting.actions import reduction
from witting.terms.events import PointerButton, PointerMove, PointerWheel
from witting.terms.session import Record

BUTTONS = {"Left": 1, "Right": 3}


def session_of(file: Path) -> list[Record]:
    """Return a recorded session as records."""
    records: list[Record] = []
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            at, x, y = int(float(row["client timestamp"]) * 1e9), int(row["x"]), int(row["y"])
            if row["button"] == "Scroll":
                records.append(PointerWheel(at, x, y, 0, 1 if row["state"] == "Down" else -1))
            elif row["state"] in {"Pressed", "Released"}:
                records.append(PointerButton(at, x, y, BUTTONS.get(row["button"], 2), pressed=row["state"] == "Pressed"))
            else:
                records.append(PointerMove(at, x, y))
    return records


@pytest.mark.parametrize("user", ["user7", "user12", "user35"])
def test_real_sessions_are_reduced_whole(public_data: Path, user: str) -> None:
    """Tens of thousands of real events become hundreds of actions; each press and turn of the wheel is in one, or named as cut off."""
    folder = public_data / "balabit-mouse" / user
    if not folder.is_dir():
        pytest.skip("the public pointer sessions (balabit-mouse) are absent from the public data")
    for file in sorted(folder.glob("*.csv.gz"))[:2]:
        records = session_of(file)
        result = reduction(records)
        claimed = [child for action in result.actions for child in action.children]
        told = {number for number, record in enumerate(records) if not isinstance(record, PointerMove)}
        assert len(claimed) == len(set(claimed))
        assert told <= set(claimed) | {one.number for one in result.ignored}
        assert len(result.ignored) <= 0.02 * len(told) + 2
        assert {"click", "drag"} <= {action.kind for action in result.actions}
        assert len(records) > 5 * len(result.actions)
