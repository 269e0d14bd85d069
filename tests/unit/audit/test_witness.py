"""The witness: it cosigns what continues the log it saw, refuses everything else by name, and forgets nothing (P17)."""

import dataclasses
import hashlib
import os
import signal
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lent_hub import LentHub

from witting.audit.hub_copy import export_log
from witting.audit.offline import Trust, check_export
from witting.audit.report import failed
from witting.audit.witness import RefusedError, Witness, make_witness, trust_log
from witting.audit.witness_server import WitnessServer, serve_witness
from witting.cli.witness import witness as verb
from witting.hub.database import reading
from witting.hub.hub import Hub
from witting.hub.witnessing import Watch, catch_up
from witting.ledger.keys import SigningKey
from witting.ledger.log import Log, MemoryLogStore, claimed, open_cosignature, verifier_key
from witting.ledger.log.witness_request import read_request, write_request
from witting.terms.errors import HubUnreachableError, LogError, StoreLockedError, UsageError

KEY, ORIGIN = SigningKey.from_seed(bytes(range(32))), "hub.example.org/log"
VERIFIER = verifier_key(ORIGIN, KEY.public)

pytestmark = pytest.mark.promise("P17")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a witness that knows one log."""
    made = tmp_path / "witness"
    make_witness(made, "council.example.org/witness")
    assert trust_log(made, VERIFIER) == ORIGIN
    return made


def grown(*batches: list[bytes]) -> Log:
    """Return a log of these entries."""
    log = Log(MemoryLogStore())
    for batch in batches:
        log.extend(batch)
    return log


def request(log: Log, *, old: int, key: SigningKey = KEY, origin: str = ORIGIN) -> str:
    """Return the request to cosign a log as it stands."""
    proof = log.consistency_proof(old) if 0 < old < log.size else ()
    return write_request(log.checkpoint(origin, key), old=old, proof=proof)


def refusal(witness: Witness, body: str) -> tuple[str, int]:
    """Return by what name and status a request is refused."""
    with pytest.raises(RefusedError) as refused:
        witness.add_checkpoint(body)
    return refused.value.code, refused.value.status


@given(st.lists(st.integers(0, 400), min_size=1, max_size=5))
def test_a_log_that_only_grows_is_cosigned_each_time(tmp_path_factory: pytest.TempPathFactory, steps: list[int]) -> None:
    """Whatever the sizes, each state that continues the last gets a line that opens under the witness's key, also after a restart."""
    folder = tmp_path_factory.mktemp("witness")
    make_witness(folder, "w")
    trust_log(folder, VERIFIER)
    log, old = grown(), 0
    for step in steps:
        log.extend([f"{log.size + place}".encode() for place in range(step)])
        witness = Witness(folder)
        note = log.checkpoint(ORIGIN, KEY)
        line = witness.add_checkpoint(request(log, old=old))
        assert open_cosignature(note + line, witness.verifier) > 0
        assert witness.latest(hashlib.sha256(ORIGIN.encode()).hexdigest()) == note + line
        old = log.size


def test_what_is_no_continuation_is_refused_by_name(folder: Path) -> None:
    """Fork of equal or larger size, rollback, replay, unknown log, foreign signature: each its own name and status; the state stays."""
    witness = Witness(folder)
    log = grown([b"a", b"b", b"c"])
    witness.add_checkpoint(request(log, old=0))
    kept = witness.latest(hashlib.sha256(ORIGIN.encode()).hexdigest())
    fork = grown([b"a", b"B", b"c"])
    assert refusal(witness, request(fork, old=3)) == ("fork", 422)
    fork.extend([b"d", b"e"])
    assert refusal(witness, request(fork, old=3)) == ("fork", 422)
    assert refusal(witness, request(grown([b"a"]), old=0)) == ("rollback", 409)
    assert refusal(witness, request(grown([b"a", b"b", b"c", b"d"]), old=2)) == ("stale", 409)
    assert refusal(witness, request(log, old=0)) == ("stale", 409)
    assert refusal(witness, request(log, old=4)) == ("malformed", 400)
    assert refusal(witness, request(log, old=3, origin="other.example.org")) == ("unknown_origin", 404)
    assert refusal(witness, request(log, old=3, key=SigningKey.generate())) == ("not_signed", 403)
    longer = grown([b"a", b"b", b"c", b"d"])
    for bad in ((), longer.consistency_proof(2), (bytes(32),) * 3):
        assert refusal(witness, write_request(longer.checkpoint(ORIGIN, KEY), old=3, proof=bad)) == ("fork", 422)
    assert witness.latest(hashlib.sha256(ORIGIN.encode()).hexdigest()) == kept
    witness.add_checkpoint(request(longer, old=3))


@pytest.mark.parametrize(
    "body",
    ["", "old 0\n\n", "old 00\n\nx\n", "old -1\n\nx\n", "new 0\n\nx\n", "old 0\nx\n\nnote\n", "old 0\n" + "AAAA\n" * 3 + "\nnote\n",
     "old 0\n" + ("A" * 43 + "=\n") * 64 + "\nnote\n", "old 0\n\n" + "x" * 100_001],
)  # fmt: skip
def test_what_is_no_request_is_refused(folder: Path, body: str) -> None:
    """Each malformed body gets status 400 and changes nothing."""
    assert refusal(Witness(folder), body) == ("malformed", 400)
    assert len(list(folder.glob("*.checkpoint"))) == 0


@given(st.binary(max_size=200))
def test_no_bytes_bring_the_reader_down(data: bytes) -> None:
    """Whatever comes is a request or refused by name."""
    try:
        old, proof, note = read_request(data.decode("utf-8", "replace"))
    except LogError:
        return
    assert old >= 0
    assert isinstance(proof, list)
    assert isinstance(note, str)


@pytest.mark.parametrize("stage", ["write", "fsync", "replace"])
def test_nothing_is_answered_before_it_is_on_the_disk(folder: Path, stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails at any write gives no cosignature; the next start has the state before, whole, and goes on from it."""
    log = grown([b"a"])
    Witness(folder).add_checkpoint(request(log, old=0))
    log.extend([b"b"])

    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk fails")

    with monkeypatch.context() as patched:
        patched.setattr(Path if stage == "replace" else os, stage, fail)
        with pytest.raises(OSError, match="disk fails"):
            Witness(folder).add_checkpoint(request(log, old=1))
    kept = Witness(folder).latest(hashlib.sha256(ORIGIN.encode()).hexdigest())
    assert kept is not None
    assert claimed(kept).size == 1
    Witness(folder).add_checkpoint(request(log, old=1))


def test_a_damaged_memory_is_no_fresh_start(folder: Path) -> None:
    """A state that can't be read stops the witness: it never cosigns as if it had seen nothing."""
    log = grown([b"a"])
    Witness(folder).add_checkpoint(request(log, old=0))
    (file,) = folder.glob("*.checkpoint")
    for data in (b"", b"x", file.read_bytes().replace(b"\n1\n", b"\n0\n")):
        file.write_bytes(data)
        with pytest.raises(StoreLockedError, match="can't be read"):
            Witness(folder).add_checkpoint(request(log, old=0))


def test_a_witness_is_made_once_and_a_logs_key_never_replaced(folder: Path, tmp_path: Path) -> None:
    """Its folder is its holder's alone; another key for a known log, a name that can't be one, and damaged settings are refused."""
    assert {oct(file.stat().st_mode & 0o777) for file in folder.iterdir()} == {"0o600"}
    with pytest.raises(UsageError, match="already"):
        make_witness(folder, "again")
    with pytest.raises(UsageError, match="another key"):
        trust_log(folder, verifier_key(ORIGIN, SigningKey.generate().public))
    with pytest.raises(LogError, match="verifier key"):
        trust_log(folder, "x+00000000+AAAA")
    for name in ("", "a b", "a+b"):
        with pytest.raises(UsageError, match="name"):
            make_witness(tmp_path / "other", name)
    with pytest.raises(UsageError, match="holds no witness"):
        Witness(tmp_path / "none")
    (folder / "witness.json").write_bytes(b"{}")
    with pytest.raises(StoreLockedError):
        Witness(folder)
    assert Witness.latest(object.__new__(Witness), "../../etc/passwd") is None


@pytest.fixture
def served(tmp_path: Path, lent_hub: LentHub) -> Iterator[WitnessServer]:
    """A witness of the hub's log, listening on loopback."""
    made = tmp_path / "council"
    make_witness(made, "council")
    trust_log(made, verifier_key(lent_hub.hub.config.origin, lent_hub.hub.keys.signing.public))
    with WitnessServer(Witness(made), "127.0.0.1", port=0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def with_witness(lent_hub: LentHub, server: WitnessServer) -> Hub:
    """Return the hub with this witness named."""
    named = {"witness_url": server.url, "witness_key": server.witness.verifier}
    return dataclasses.replace(lent_hub.hub, config=msgspec.structs.replace(lent_hub.hub.config, **named))


def test_a_hub_has_its_log_cosigned_and_everybody_sees_it(lent_hub: LentHub, served: WitnessServer, tmp_path: Path) -> None:
    """Checkpoint, proofs and export carry the cosignature; what came after it is proven in the newer state until it is cosigned too."""
    hub, key = with_witness(lent_hub, served), served.witness.verifier
    person = lent_hub.join()
    assert catch_up(hub) == 3
    assert catch_up(hub) == 3
    note = lent_hub.client.get("/v1/log/checkpoint").text
    assert open_cosignature(note, key) > 0
    lent_hub.send(person)
    with reading(hub.engine) as connection:
        older, newer = (hub.journal.prove(connection, index) for index in (2, 3))
    assert open_cosignature(older.checkpoint, key) > 0
    assert claimed(older.checkpoint).size == 3
    with pytest.raises(LogError, match="isn't cosigned"):
        open_cosignature(newer.checkpoint, key)
    assert catch_up(hub) == 4
    export_log(lent_hub.data_dir, tmp_path / "log")
    verifier = verifier_key(person.offer.log_origin, person.offer.signing_key)
    assert failed(check_export(tmp_path / "log", Trust(verifier, key))) == []
    path = f"{served.url}/{hashlib.sha256(hub.config.origin.encode()).hexdigest()}/checkpoint"
    with urllib.request.urlopen(path) as answer:  # noqa: S310 - loopback
        seen = answer.read()
    assert claimed(seen.decode()).size == 4


def test_a_hub_goes_on_without_its_witness_and_catches_up(lent_hub: LentHub, served: WitnessServer) -> None:
    """While it is away the standing says why and how many wait; back, one request has all of them."""
    hub = with_witness(lent_hub, served)
    away = dataclasses.replace(hub, config=msgspec.structs.replace(hub.config, witness_url="http://127.0.0.1:9"))
    watch = Watch(away)
    lent_hub.join()
    with pytest.raises(HubUnreachableError, match="can't be reached"):
        catch_up(away)
    watch.start()
    for _ in range(600):
        if watch.trouble:
            break
        threading.Event().wait(0.05)
    watch.stop()
    standing = watch.standing()
    assert standing is not None
    assert (standing.size, standing.behind, "can't be reached" in standing.trouble) == (0, 3, True)
    lent_hub.send(lent_hub.join())
    assert catch_up(hub) == 6
    standing = Watch(hub).standing()
    assert standing is not None
    assert (standing.size, standing.behind, standing.trouble) == (6, 0, "")
    assert standing.cosigned_at
    assert Watch(lent_hub.hub).standing() is None


def test_a_hub_that_lost_its_cosignatures_asks_where_the_witness_is(lent_hub: LentHub, served: WitnessServer) -> None:
    """After a restore without the newest cosignature the witness says what it saw; a log shorter than that is refused by name."""
    from sqlalchemy import delete

    from witting.hub import schema
    from witting.hub.database import writing

    hub = with_witness(lent_hub, served)
    lent_hub.join()
    catch_up(hub)
    with writing(hub.engine) as connection:
        connection.execute(delete(schema.cosignature))
    assert catch_up(hub) == 3
    lent_hub.join()
    catch_up(hub)
    with writing(hub.engine) as connection:
        connection.execute(delete(schema.cosignature))
        for table in (schema.consent, schema.deed, schema.log_entry, schema.log_tile):
            column = table.c.get("position") if table is not schema.log_tile else None
            connection.execute(delete(table) if column is None or table is schema.consent else delete(table).where(column >= 1))
        entry = connection.execute(schema.log_entry.select()).one().entry
        connection.execute(delete(schema.deed))
        connection.execute(delete(schema.log_entry))
        from witting.hub.log_store import SqlLogStore

        Log(SqlLogStore(connection)).extend([entry, b"another"])
    with pytest.raises(LogError, match="rolled back"):
        catch_up(hub)


def test_a_false_witness_is_not_kept(lent_hub: LentHub, served: WitnessServer) -> None:
    """A cosignature of another key than the one named isn't stored, and a refusal is told by its name."""
    hub = with_witness(lent_hub, served)
    lent_hub.join()
    other = msgspec.structs.replace(hub.config, witness_key=make_witness(lent_hub.data_dir.parent / "other", "other").verifier)
    with pytest.raises(LogError, match="isn't cosigned"):
        catch_up(dataclasses.replace(hub, config=other))
    with reading(hub.engine) as connection:
        assert hub.journal.cosigned(connection) is None
    unknown = dataclasses.replace(hub, journal=type(hub.journal)(hub.keys.signing, "another/log"))
    with pytest.raises(LogError, match="unknown_origin"):
        catch_up(unknown)


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [("/add-checkpoint", b"x", 400), ("/add-checkpoint", b"\xff", 400), ("/add-checkpoint", b"x" * 200_001, 413), ("/other", b"x", 404)],
)
def test_what_is_not_for_the_witness_is_told_so(served: WitnessServer, path: str, data: bytes, status: int) -> None:
    """Over HTTP too: each its status; it listens on a taken port for nobody."""
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(urllib.request.Request(served.url + path, data))  # noqa: S310 - loopback
    assert answer.value.code == status
    answer.value.close()
    with pytest.raises(UsageError, match="listened"):
        WitnessServer(served.witness, "127.0.0.1", port=served.server_address[1])


def test_a_witness_that_lost_its_memory_says_so_to_whoever_asks(lent_hub: LentHub, served: WitnessServer, tmp_path: Path) -> None:
    """With a state that can't be read the log is told what is the matter and what to do; nothing is cosigned."""
    origin, key = lent_hub.hub.config.origin, lent_hub.hub.keys.signing
    (tmp_path / "council" / f"{hashlib.sha256(origin.encode()).hexdigest()}.checkpoint").write_bytes(b"rubbish")
    body = request(grown([b"a"]), old=0, key=key, origin=origin).encode()
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(urllib.request.Request(served.url + "/add-checkpoint", body))  # noqa: S310 - loopback
    assert (answer.value.code, answer.value.read()) == (
        503,
        b"what the witness cosigned last can't be read; restore its folder; nothing was cosigned\n",
    )
    answer.value.close()


def test_a_witness_is_served_until_it_is_told_to_stop(folder: Path) -> None:
    """It says where it listens, answers, and at SIGTERM ends as asked; then nobody listens there."""
    urls: list[str] = []

    def look_and_stop() -> None:
        note = grown([b"a"])
        urllib.request.urlopen(urllib.request.Request(f"{urls[0]}/add-checkpoint", request(note, old=0).encode())).close()  # noqa: S310
        os.kill(os.getpid(), signal.SIGTERM)

    def ready(url: str) -> None:
        urls.append(url)
        threading.Thread(target=look_and_stop, daemon=True).start()

    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as ended:
            serve_witness(Witness(folder), "127.0.0.1", port=0, on_ready=ready)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert ended.value.code == 0
    assert Witness(folder).latest(hashlib.sha256(ORIGIN.encode()).hexdigest())
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(urls[0])  # noqa: S310 - loopback


def test_the_verb_makes_shows_and_trusts(tmp_path: Path) -> None:
    """`witting witness key` makes a key once, shows it again, and names the log that is watched; without a name it says what is missing."""

    def run(*words: object) -> Any:
        return CliRunner().invoke(verb, ["key", "--data", str(tmp_path / "w"), *map(str, words)])

    assert isinstance(run().exception, UsageError)
    made = run("--name", "council", "--json")
    assert made.exit_code == 0, made.output
    shown = msgspec.json.decode(run("--trust", VERIFIER, "--json").stdout)
    assert shown["logs"] == {ORIGIN: VERIFIER}
    assert shown["verifier_key"] == msgspec.json.decode(made.stdout)["verifier_key"]
    assert "watches" in run().stdout
