"""Which templates of presidio-research a person read, the model learns from, and nobody and nothing saw: one rule for all scripts.

Read: `template_id` divisible by five, and three that were seen first. Unread: of the others those whose SHA-256 of `template ID` begins
with a byte below 85 (a third). Learnt from: the rest and the read ones; nobody looks at the rest either.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

DATA = Path(os.environ.get("WITTING_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
SEEN_FIRST = {87, 104, 106}
PARTS = ("unread", "learnt", "read")
_THIRD = 85


def part_of(template: int) -> str:
    """Return the part a template belongs to."""
    if template % 5 == 0 or template in SEEN_FIRST:
        return "read"
    return "unread" if hashlib.sha256(f"template {template}".encode()).digest()[0] < _THIRD else "learnt"


def load_texts(*parts: str) -> list[dict[str, Any]]:
    """Return the samples of the parts."""
    samples = json.loads((DATA / "presidio-research" / "synth_shared.json").read_text(encoding="utf-8"))
    return [sample for sample in samples if part_of(sample["template_id"]) in parts]
