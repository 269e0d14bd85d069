"""Published vectors of RFC 6962 logs, or any folder of their shape: `pytest tests/vectors --vectors DIR`.

`merkle-inclusion.json` and its like hold proofs, `NAME-log/` a log's checkpoints, tiles and entries, `signed-note*.txt` a verifier key
above a note that it signs.
"""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from witting.ledger.log import (
    EMPTY_ROOT,
    Log,
    MemoryLogStore,
    leaf_hash,
    open_checkpoint,
    open_note,
    root_of,
    verify_consistency,
    verify_inclusion,
    verify_subtree_consistency,
    verify_subtree_inclusion,
)
from witting.ledger.log.tiles import TILE_WIDTH, split_entries, tile_name
from witting.terms.errors import LogError

Case = dict[str, Any]
TESSERA_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
KEY_IN_SOURCE = re.compile(r"[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*")
NUMBERED = re.compile(r"checkpoint\.(\d+)")


def decoded(text: str | None) -> bytes:
    """Return bytes from base64; nothing is no bytes."""
    return base64.b64decode(text or "")


def proof_of(case: Case) -> list[bytes]:
    """Return the hashes of a case's proof."""
    return [base64.b64decode(one) for one in case["proof"] or []]


def inclusion(case: Case) -> None:
    """Check one inclusion case."""
    verify_inclusion(case["leafIdx"], case["treeSize"], leaf=decoded(case["leafHash"]), proof=proof_of(case), root=decoded(case["root"]))


def consistency(case: Case) -> None:
    """Check one consistency case."""
    verify_consistency(case["size1"], case["size2"], old_root=decoded(case["root1"]), new_root=decoded(case["root2"]), proof=proof_of(case))


def subtree_inclusion(case: Case) -> None:
    """Check one case of inclusion in a subtree."""
    subtree = (case["start"], case["end"])
    verify_subtree_inclusion(case["leafIdx"], subtree, leaf=decoded(case["leafHash"]), proof=proof_of(case), root=decoded(case["root"]))


def subtree_consistency(case: Case) -> None:
    """Check one case of a subtree's place in a tree."""
    subtree = (case["start"], case["end"])
    verify_subtree_consistency(
        subtree, case["size"], subtree_hash=decoded(case["root1"]), root=decoded(case["root2"]), proof=proof_of(case)
    )


PROOFS: dict[str, Callable[[Case], None]] = {
    "merkle-inclusion.json": inclusion,
    "merkle-consistency.json": consistency,
    "merkle-subtreeinclusion.json": subtree_inclusion,
    "merkle-subtreeconsistency.json": subtree_consistency,
}


def is_refused(check: Callable[[Case], None], case: Case) -> bool:
    """Whether a case is refused, by the one error for it."""
    try:
        check(case)
    except LogError:
        return True
    return False


@pytest.mark.promise("P17")
@pytest.mark.parametrize("name", PROOFS)
def test_published_proofs(vectors: Path, name: str) -> None:
    """Every published proof is accepted or refused as its authors say."""
    if not (vectors / name).exists():
        pytest.skip(f"{vectors.name} has no {name}")
    cases: list[Case] = json.loads((vectors / name).read_text(encoding="utf-8"))
    assert cases
    assert [case["name"] for case in cases if is_refused(PROOFS[name], case) != case["wantErr"]] == []


def test_the_published_cases_are_all_there(vectors: Path, pytestconfig: pytest.Config) -> None:
    """The folder that comes with the project's data holds 354 proofs, right and wrong ones of each sort."""
    if pytestconfig.getoption("vectors"):
        pytest.skip("another folder was given")
    cases = {name: json.loads((vectors / name).read_text(encoding="utf-8")) for name in PROOFS}
    assert sum(map(len, cases.values())) == 354
    assert all({case["wantErr"] for case in some} == {True, False} for some in cases.values())


def key_of(vectors: Path, origin: str) -> str:
    """Return the verifier key of a log: the one that the folder's `SOURCE.md` names, or the one that is known."""
    source = vectors / "SOURCE.md"
    keys = [*KEY_IN_SOURCE.findall(source.read_text(encoding="utf-8") if source.exists() else ""), TESSERA_KEY]
    found = [str(key) for key in keys if key.startswith(f"{origin}+")]
    assert found, f"no key of {origin} is known"
    return found[0]


def entries_of(folder: Path, size: int) -> list[bytes]:
    """Return a log's first entries from its bundles; none where it was given in part."""
    widths = [min(TILE_WIDTH, size - first) for first in range(0, size, TILE_WIDTH)]
    bundles = [(folder / tile_name("entries", index, width=width), width) for index, width in enumerate(widths)]
    if not all(file.exists() for file, _ in bundles):
        return []
    return [entry for file, width in bundles for entry in split_entries(file.read_bytes(), width=width)]


def test_log_of_another_implementation(vectors: Path) -> None:
    """Another implementation's entries give its tiles, root and signed checkpoint at every size."""
    logs = [(folder, NUMBERED.fullmatch(file.name)) for folder in vectors.glob("*-log") for file in sorted(folder.iterdir())]
    numbered = [(folder, int(found[1])) for folder, found in logs if found]
    if not numbered:
        pytest.skip(f"{vectors.name} has no log with checkpoints")
    for folder, size in numbered:
        signed = (folder / f"checkpoint.{size}").read_text(encoding="utf-8")
        checkpoint = open_checkpoint(signed, key_of(vectors, signed.split("\n", 1)[0]))
        assert checkpoint.size == size
        if size == 0:
            assert checkpoint.root == EMPTY_ROOT
            continue
        entries = entries_of(folder, size)
        store = MemoryLogStore()
        Log(store).extend(entries)
        assert not entries or Log(store).root() == root_of([leaf_hash(entry) for entry in entries]) == checkpoint.root, size
        tile = folder / tile_name("0", 0, width=min(size, TILE_WIDTH))
        assert not entries or not tile.exists() or store.tile((0, 0)) == tile.read_bytes(), size


def test_published_notes(vectors: Path) -> None:
    """A published note opens under its key, and not once a letter changed."""
    notes = sorted(vectors.glob("signed-note*.txt"))
    if not notes:
        pytest.skip(f"{vectors.name} has no signed note")
    for file in notes:
        key, _, note = file.read_text(encoding="utf-8").partition("\n")
        text = open_note(note, key)
        assert note.startswith(text)
        changed = ("X" if note[0] != "X" else "Y") + note[1:]
        with pytest.raises(LogError):
            open_note(changed, key)
