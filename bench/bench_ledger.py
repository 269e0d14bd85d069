"""How fast the ledger is: entries appended, proofs made and verified, whole logs recomputed, records sealed with and without fsync."""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from figures import write
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
        write("ledger", [*log_figures(), *seal_figures(Path(scratch))])
