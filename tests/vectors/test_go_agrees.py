"""Go's golang.org/x/mod/sumdb (Debian packages golang-go, golang-golang-x-mod-dev) agrees on random logs; it shares no line with ours."""

import base64
import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from witting.ledger.keys import SigningKey
from witting.ledger.log import Log, MemoryLogStore, open_checkpoint, verifier_key

LIBRARY = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog/tlog.go")
ORIGIN = "hub.example.org/log"
TREES = 1_000
LARGEST = 700  # entries: beyond two tiles
Case = dict[str, Any]
pytestmark = [pytest.mark.slow, pytest.mark.promise("P17")]


@pytest.fixture(scope="module")
def ask_go(tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[Case]], list[Case]]:
    """Return what Go says of some cases, asked in one run of a program built once."""
    if shutil.which("go") is None or not LIBRARY.exists():
        pytest.skip("golang-go and golang-golang-x-mod-dev aren't installed: the log was NOT compared with Go's here")
    folder = tmp_path_factory.mktemp("go")
    shutil.copy(Path(__file__).with_name("cross_check.go"), folder / "main.go")
    settings = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(folder / "cache"), "GOFLAGS": "", "CGO_ENABLED": "0"}
    environment = {**os.environ, **settings}
    subprocess.run(["go", "build", "-o", "check", "main.go"], cwd=folder, env=environment, check=True, timeout=170)

    def ask(cases: list[Case]) -> list[Case]:
        told = "\n".join(map(json.dumps, cases))
        done = subprocess.run([folder / "check"], input=told, capture_output=True, text=True, check=True, timeout=170)
        return [json.loads(line) for line in done.stdout.splitlines()]

    return ask


def encoded(data: bytes) -> str:
    """Return bytes as Go's JSON takes them."""
    return base64.b64encode(data).decode()


def case_of(seed: int) -> Case:
    """Return a random log with its checkpoint, tiles and two proofs."""
    dice = random.Random(seed)
    size = dice.choice([1, 2, 3, 255, 256, 257, 512]) if seed % 20 == 0 else dice.randint(1, LARGEST)
    entries = [dice.randbytes(dice.randint(0, 40)) for _ in range(size)]
    key, store = SigningKey.from_seed(dice.randbytes(32)), MemoryLogStore()
    log = Log(store)
    for first in range(0, size, step := dice.randint(1, size)):
        log.extend(entries[first : first + step])
    index, old = dice.randrange(size), dice.randint(1, size)
    tiles = {f"{level}/{place:03}": encoded(data) for (level, place), data in store.tiles.items()}
    return {
        "Entries": [encoded(entry) for entry in entries],
        "Key": verifier_key(ORIGIN, key.public),
        "Checkpoint": log.checkpoint(ORIGIN, key),
        "Index": index,
        "Inclusion": [encoded(one) for one in log.inclusion_proof(index)],
        "Old": old,
        "OldRoot": encoded(log.root(old)),
        "Consistency": [encoded(one) for one in log.consistency_proof(old)],
        "Tiles": tiles,
    }


def test_go_agrees_on_a_thousand_random_logs(ask_go: Callable[[list[Case]], list[Case]]) -> None:
    """Root, tiles, both proofs and the signed checkpoint of 1,000 logs are Go's, and a note that Go signed opens here."""
    cases = [case_of(seed) for seed in range(TREES)]
    answers = ask_go(cases)
    assert [answer["Wrong"] for answer in answers if answer["Wrong"]] == []
    assert len(answers) == TREES
    for case, answer in zip(cases, answers, strict=True):
        theirs = open_checkpoint(answer["Note"], answer["Key"])
        assert (theirs.origin, theirs.size) == (ORIGIN, len(case["Entries"]))


@pytest.mark.parametrize("part", ["Entries", "Checkpoint", "Inclusion", "OldRoot", "Consistency", "Tiles"])
def test_go_would_say_so(ask_go: Callable[[list[Case]], list[Case]], part: str) -> None:
    """The comparison can fail: whatever part of a log is another, Go says that it is wrong."""
    case = case_of(7)
    other = case_of(8)
    (answer,) = ask_go([{**case, part: other[part]}])
    assert answer["Wrong"]
