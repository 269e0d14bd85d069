"""The published vectors of RFC 6962 logs: transparency-dev's proofs, Tessera's log, the C2SP note."""

import base64
import json
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
from witting.terms.errors import LogError

Case = dict[str, Any]
TESSERA_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


@pytest.fixture(scope="module")
def vectors(public_data: Path) -> Path:
    """Return the folder of published log vectors."""
    folder = public_data / "tlog-vectors"
    if not folder.is_dir():
        pytest.skip("the published log vectors (tlog-vectors) are absent from the public data")
    return folder


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


@pytest.mark.promise("P17")
@pytest.mark.parametrize(
    ("name", "check", "at_least"),
    [
        ("merkle-inclusion", inclusion, 60),
        ("merkle-consistency", consistency, 60),
        ("merkle-subtreeinclusion", subtree_inclusion, 130),
        ("merkle-subtreeconsistency", subtree_consistency, 80),
    ],
)
def test_published_proofs(vectors: Path, name: str, check: Callable[[Case], None], at_least: int) -> None:
    """Every published proof is accepted or refused as its authors say."""
    cases: list[Case] = json.loads((vectors / f"{name}.json").read_text(encoding="utf-8"))
    wrong = []
    for case in cases:
        try:
            check(case)
            is_refused = False
        except LogError:
            is_refused = True
        if is_refused != case["wantErr"]:
            wrong.append(case["name"])
    assert wrong == []
    assert len(cases) >= at_least
    assert {case["wantErr"] for case in cases} == {True, False}


def tessera_entries(vectors: Path, size: int) -> list[bytes]:
    """Return the entries of Tessera's log from its bundle: u16 big endian length, then the bytes."""
    if size == 0:
        return []
    data, entries, place = (vectors / "tessera-log/tile/entries/000.p" / str(size)).read_bytes(), [], 0
    while place < len(data):
        end = place + 2 + int.from_bytes(data[place : place + 2], "big")
        entries.append(data[place + 2 : end])
        place = end
    return entries


@pytest.mark.parametrize("size", range(16))
def test_log_of_another_implementation(vectors: Path, size: int) -> None:
    """Tessera's entries give Tessera's tile, root and signed checkpoint at every size."""
    entries = tessera_entries(vectors, size)
    checkpoint = open_checkpoint((vectors / f"tessera-log/checkpoint.{size}").read_text(encoding="utf-8"), TESSERA_KEY)
    store = MemoryLogStore()
    Log(store).extend(entries)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/log/testdata", size)
    assert Log(store).root() == root_of([leaf_hash(entry) for entry in entries]) == checkpoint.root
    if size:
        assert store.tile((0, 0)) == (vectors / "tessera-log/tile/0/000.p" / str(size)).read_bytes()
    else:
        assert checkpoint.root == EMPTY_ROOT


def test_published_note(vectors: Path) -> None:
    """The note of the C2SP specification opens under its key, and not once a letter changed."""
    key, _, note = (vectors / "signed-note.txt").read_text(encoding="utf-8").partition("\n")
    assert open_note(note, key) == "This is an example message.\n"
    with pytest.raises(LogError):
        open_note(note.replace("example message", "altered message"), key)
