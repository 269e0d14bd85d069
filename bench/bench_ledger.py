"""How fast the ledger is: entries appended, proofs made and verified, whole logs recomputed, records sealed with and without fsync."""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench_gate import gate_figures
from figures import write
from ledger_leaving import leaving_figures
from witting.ledger.keys import SigningKey
from witting.ledger.log import (
    Log,
    MemoryLogStore,
    check_store,
    commit_entry,
    leaf_hash,
    new_salt,
    root_of,
    verifier_key,
    verify_inclusion,
    verify_offline,
    verify_proof,
)
from witting.ledger.seals import SealedReader, SealedWriter, new_key

ENTRIES = 100_000
PROOFS = 2_000
PEER_ENTRIES = 20_000
PEER_PROOFS = 4_000
MILLION = 1_000_000
RUNS = 3
ORIGIN = "hub.example.org/log"


def rate(count: int, work: Callable[[], object]) -> float:
    """Return how many a second, the median of several runs."""
    rates = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        rates.append(count / (time.perf_counter() - began))
    return statistics.median(rates)


def figure(name: str, value: float, unit: str, **more: object) -> dict[str, object]:
    """Return one figure; higher is better unless said otherwise."""
    return {"name": name, "value": value, "unit": unit, "sense": "higher", "bar": None, "peer": None, "runs": RUNS, **more}


def log_figures() -> list[dict[str, object]]:
    """Measure the Merkle log; the baseline recomputes a proof from all leaf hashes, as a log without tiles must."""
    entries = [commit_entry("session", {"number": number}, salt=new_salt()) for number in range(ENTRIES)]
    key = SigningKey.generate()
    verifier = verifier_key(ORIGIN, key.public)
    store = MemoryLogStore()
    log = Log(store)
    appended = rate(ENTRIES, lambda: Log(MemoryLogStore()).extend(entries))
    log.extend(entries)
    one_by_one = MemoryLogStore()
    single = rate(2_000, lambda: [Log(one_by_one).append(entry) for entry in entries[:2_000]])
    places = [number * 49_999 % ENTRIES for number in range(PROOFS)]
    made = rate(PROOFS, lambda: [log.inclusion_proof(place) for place in places])
    leaves = [leaf_hash(entry) for entry in entries]
    bare = rate(1, lambda: root_of(leaves))
    root, paths = log.root(), {place: log.inclusion_proof(place) for place in places}
    verified = rate(
        PROOFS, lambda: [verify_inclusion(place, ENTRIES, leaf=leaves[place], proof=paths[place], root=root) for place in places]
    )
    grown = rate(500, lambda: [log.consistency_proof(1 + number * 97, ENTRIES) for number in range(500)])
    proof = log.prove(places[7], ORIGIN, signing_key=key)
    data = json.dumps({"index": proof.index, **_as_json(proof.entry, proof.hashes), "checkpoint": proof.checkpoint})
    whole = rate(500, lambda: [verify_proof(proof, key.public, origin=ORIGIN) for _ in range(500)])
    offline = rate(500, lambda: [verify_offline(data, verifier) for _ in range(500)])
    signed = log.checkpoint(ORIGIN, key)
    audited = rate(ENTRIES, lambda: check_store(store, signed, verifier=verifier))
    peer = {"name": "proof from all leaf hashes, no tiles", "value": round(bare, 2)}
    return [
        figure("log entries appended in bulk", appended, unit="entries/s"),
        figure("log entries appended one by one", single, unit="entries/s"),
        figure(f"inclusion proofs made at {ENTRIES:,} entries", made, unit="proofs/s", peer=peer),
        figure("inclusion proofs verified", verified, unit="proofs/s"),
        figure("consistency proofs made", grown, unit="proofs/s"),
        figure("whole proofs verified with their checkpoint's signature", whole, unit="proofs/s"),
        figure("whole proofs verified by the 30 independent lines", offline, unit="proofs/s"),
        figure("entries recomputed against tiles and checkpoint", audited, unit="entries/s"),
    ]


def peer_figures() -> list[dict[str, object]]:
    """Measure appending and verifying beside pymerkle 7 on the same entries, in this very run."""
    from pymerkle import InmemoryTree
    from pymerkle import verify_inclusion as peer_verify

    entries = [commit_entry("session", {"number": number}, salt=new_salt()) for number in range(PEER_ENTRIES)]
    theirs, store = InmemoryTree(algorithm="sha256"), MemoryLogStore()
    peer_appended = rate(PEER_ENTRIES, lambda: _append_all(InmemoryTree, entries))
    appended = rate(PEER_ENTRIES, lambda: Log(MemoryLogStore()).extend(entries))
    for entry in entries:
        theirs.append_entry(entry)
    log = Log(store)
    log.extend(entries)
    places = [number * 997 % PEER_ENTRIES for number in range(PEER_PROOFS)]
    leaves, root = [leaf_hash(entry) for entry in entries], log.root()
    assert root == theirs.get_root()
    paths = {place: log.inclusion_proof(place) for place in places}
    proofs = {place: theirs.prove_inclusion(place + 1, PEER_ENTRIES) for place in places}
    verified = rate(
        PEER_PROOFS, lambda: [verify_inclusion(place, PEER_ENTRIES, leaf=leaves[place], proof=paths[place], root=root) for place in places]
    )
    peer_verified = rate(PEER_PROOFS, lambda: [peer_verify(theirs.get_leaf(place + 1), root, proofs[place]) for place in places])
    name = "pymerkle 7"
    return [
        figure("entries appended", appended, "entries/s", bar="4x peer", peer={"name": name, "value": round(peer_appended)}),
        figure("entries appended, ratio", appended / peer_appended, "x", bar=4),
        figure("inclusion verified", verified, "proofs/s", bar="2x peer", peer={"name": name, "value": round(peer_verified)}),
        figure("inclusion verified, ratio", verified / peer_verified, "x", bar=2),
    ]


def _append_all(kind: Callable[..., Any], entries: list[bytes]) -> None:
    tree = kind(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)


def million_figures(folder: Path) -> list[dict[str, object]]:
    """Measure a hub's log of a million entries: its bytes in SQLite, and the 30 independent lines on a proof of it, without any store."""
    from witting.hub.config import HubConfig
    from witting.hub.database import migrate, open_engine, writing
    from witting.hub.log_store import SqlLogStore

    engine = open_engine(HubConfig(data_dir=folder))
    migrate(engine)
    key, before = SigningKey.generate(), (folder / "hub.sqlite").stat().st_size
    began = time.perf_counter()
    for _ in range(MILLION // 50_000):
        with writing(engine) as connection:
            Log(SqlLogStore(connection)).extend([commit_entry("session_read", {}, salt=new_salt()) for _ in range(50_000)])
    took = time.perf_counter() - began
    with writing(engine) as connection:
        proof = Log(SqlLogStore(connection)).prove(MILLION // 3, ORIGIN, signing_key=key)
    engine.dispose()
    size = sum(file.stat().st_size for file in folder.glob("hub.sqlite*") if not file.name.endswith("-wal")) - before
    data = json.dumps({"index": proof.index, **_as_json(proof.entry, proof.hashes), "checkpoint": proof.checkpoint})
    verifier = verifier_key(ORIGIN, key.public)
    offline = rate(200, lambda: [verify_offline(data, verifier) for _ in range(200)])
    return [
        figure("a million entries and their tiles in SQLite", size / 1e6, "MB", sense="lower", bar=150, runs=1),
        figure("entries made, committed to and stored in SQLite, 50,000 a transaction", MILLION / took, "entries/s", runs=1),
        figure("proofs of a million-entry log verified offline by the 30 lines", offline, "proofs/s"),
        figure("such a proof as JSON", len(data) / 1e3, "kB", sense="lower", runs=1),
    ]


def _as_json(entry: bytes, hashes: tuple[bytes, ...]) -> dict[str, object]:
    from base64 import b64encode

    return {"entry": b64encode(entry).decode(), "hashes": [b64encode(one).decode() for one in hashes]}


def seal_figures(folder: Path) -> list[dict[str, object]]:
    """Measure sealed streams; the baseline writes the same records plainly."""
    records = [os.urandom(100) * 10 for _ in range(5_000)]
    key = new_key()

    def seal(*, each: int) -> None:
        with (folder / "sealed").open("wb") as file, SealedWriter(file, key) as writer:
            for number, record in enumerate(records):
                writer.append(record)
                if each and number % each == 0:
                    writer.sync()

    def plain() -> None:
        with (folder / "plain").open("wb") as file:
            for record in records:
                file.write(len(record).to_bytes(4, "little") + record)
            file.flush()
            os.fsync(file.fileno())

    def unseal() -> None:
        with (folder / "sealed").open("rb") as file:
            assert sum(1 for _ in SealedReader(file, key, must_be_closed=True)) == len(records)

    peer = {"name": "the same records unsealed", "value": round(rate(len(records), plain))}
    return [
        figure("1 kB records sealed, one sync at the end", rate(len(records), lambda: seal(each=0)), unit="records/s", peer=peer),
        figure("1 kB records sealed, a sync every 100", rate(len(records), lambda: seal(each=100)), unit="records/s"),
        figure("1 kB records opened", rate(len(records), unseal), unit="records/s"),
    ]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        figures = [*peer_figures(), *million_figures(Path(scratch)), *gate_figures(), *leaving_figures()]
        write("ledger", [*figures, *log_figures(), *seal_figures(Path(scratch))])
