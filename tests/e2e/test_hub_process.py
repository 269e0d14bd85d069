"""A real hub process: killed in the middle of anything, tampered with, asked to erase."""

import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hub_process import HubProcess, session
from sqlalchemy import create_engine, text

from witting.hub.vault import Vault
from witting.ledger.log import (
    Log,
    MemoryLogStore,
    check_store,
    open_checkpoint,
    verifier_key,
    verify_consistency,
    verify_offline,
    verify_proof,
)
from witting.terms.clock import rfc3339
from witting.terms.errors import HubUnreachableError, IntegrityError, LogError, NoConsentError, SealError
from witting.terms.hub import LogProof
from witting.testing.sender import Sender

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub's folder just after it was made and given its programme, to be copied."""
    made = HubProcess(tmp_path_factory.mktemp("blank") / "hub")
    made.make()
    return made.data_dir


@pytest.fixture
def hub(blank: Path, tmp_path: Path) -> Iterator[HubProcess]:
    """A hub that is being served; ended afterwards, however the test left it."""
    shutil.copytree(blank, tmp_path / "hub")
    served = HubProcess(tmp_path / "hub").start()
    yield served
    served.stop()


def _now() -> str:
    """Return the time as it is written."""
    return rfc3339(datetime.now(UTC))


def _kill_after(hub: HubProcess, seconds: float) -> threading.Thread:
    """Have the hub killed a moment from now."""

    def kill() -> None:
        time.sleep(seconds)
        hub.kill()

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def _interrupted(hub: HubProcess, seconds: float, act: Callable[[], object]) -> bool:
    """Do something while the hub is killed in the middle of it; return whether it came through."""
    killer = _kill_after(hub, seconds)
    try:
        act()
    except HubUnreachableError:
        return False
    else:
        return True
    finally:
        killer.join()
        hub.start()


@pytest.mark.promise("P9")
def test_a_hub_killed_in_the_middle_of_sending_gets_the_parcel_once(hub: HubProcess) -> None:
    """Killed after a few objects, the hub later asks only for what is missing, stores the session once and answers the same twice."""
    person = hub.lender(_now())
    records = session(person, _now(), frames=6)
    parcel, objects = person.pack(records, at=_now(), per_object=10)
    sent: list[int] = []

    def kill_after_three(size: int) -> None:
        sent.append(size)
        if len(sent) == 3:
            hub.kill()

    with pytest.raises(HubUnreachableError):
        hub.upload(person, parcel, objects, at=_now(), on_sent=kill_after_three)
    hub.start()
    rest: list[int] = []
    first = hub.upload(person, parcel, objects, at=_now(), on_sent=rest.append)
    assert len(sent) + len(rest) == len(parcel.objects)
    assert hub.upload(person, parcel, objects, at=_now()) == first
    with contextlib.closing(Vault.open(hub.data_dir)) as vault:
        assert list(vault.read(parcel.session_id)) == records


@pytest.mark.parametrize("milliseconds", [2, 10, 25, 60])
def test_a_commit_cut_anywhere_is_done_whole_or_not_at_all(hub: HubProcess, milliseconds: int) -> None:
    """Killed while it checks, seals or writes, the hub has the session or hasn't, and takes it when asked again; an orphan has no key."""
    person = hub.lender(_now())
    parcel, objects = person.pack(session(person, _now(), frames=12), at=_now(), per_object=4)
    remaining = [len(parcel.objects)]

    def cut_before_the_commit(_: int) -> None:
        remaining[0] -= 1
        if remaining[0] == 0:
            threads.append(_kill_after(hub, milliseconds / 1000))

    threads: list[threading.Thread] = []
    with contextlib.suppress(HubUnreachableError):
        hub.upload(person, parcel, objects, at=_now(), on_sent=cut_before_the_commit)
    threads[0].join()
    hub.start()
    answer = hub.upload(person, parcel, objects, at=_now())
    verify_proof(answer.proof, person.offer.signing_key, origin=person.offer.log_origin)
    with contextlib.closing(Vault.open(hub.data_dir)) as vault:
        assert len(vault.catalogue("office-help")) == 1
        assert len(list(vault.read(parcel.session_id))) == parcel.records
    # a piece that was written in the last moment has no key and no row; `witting hub prune` sweeps it once it is old enough
    assert len(parcel.objects) <= len(hub.stored_files()) <= len(parcel.objects) + 1


@pytest.mark.promise("P13")
@pytest.mark.parametrize("milliseconds", [0, 5, 15, 40])
def test_leaving_is_carried_through_a_killed_hub(hub: HubProcess, milliseconds: int) -> None:
    """Killed anywhere in an erasure, the hub finishes it at its start; the same withdrawal gets the receipt, and nothing is found."""
    person = hub.lender(_now())
    parcel, objects = person.pack(session(person, _now(), frames=8), at=_now())
    hub.upload(person, parcel, objects, at=_now())
    needles = _needles(hub)
    assert all(needle in hub.bytes_kept() for needle in needles)
    statement = person.withdrawal(_now())

    def withdraw() -> None:
        with hub.client() as client:
            client.withdraw(statement)

    _interrupted(hub, milliseconds / 1000, withdraw)
    with hub.client() as client:
        answer = client.withdraw(statement)
    verify_proof(answer.proof, person.offer.signing_key, origin=person.offer.log_origin)
    kept = hub.bytes_kept()
    assert not any(needle in kept for needle in needles)


def _needles(hub: HubProcess) -> list[bytes]:
    """Return bytes that must not be found after an erasure: wrapped keys, contents of objects, content digests."""
    engine = create_engine(f"sqlite:///{hub.data_dir / 'hub.sqlite'}")
    with engine.connect() as connection:
        keys = [bytes(key) for key in connection.execute(text("SELECT wrapped FROM vault_key")).scalars()]
        digests = [digest.encode() for digest in connection.execute(text("SELECT content_digest FROM session")).scalars()]
    engine.dispose()
    objects = [file.read_bytes()[:80] for file in hub.stored_files()]
    assert keys
    assert objects
    return [*keys, *digests, *objects]


@pytest.mark.promise("P13")
def test_erased_means_no_byte_is_found(hub: HubProcess) -> None:
    """A raw search of the running hub's folder, SQLite's own files included, finds nothing of an erased session, all of another's."""
    person, other = hub.lender(_now()), hub.lender(_now())
    for one in (person, other):
        hub.upload(one, *one.pack(session(one, _now()), at=_now()), at=_now())
    sizes = [file.stat().st_size for file in hub.stored_files()]
    before = set(_needles(hub))
    receipt = hub.leave(person, _now())
    after = set(_needles(hub))
    kept = hub.bytes_kept()
    assert before - after
    assert not any(needle in kept for needle in before - after)
    assert all(needle in kept for needle in after)
    left = [file.stat().st_size for file in hub.stored_files()]
    assert (receipt.objects, receipt.bytes_erased, receipt.keys_destroyed) == (len(sizes) - len(left), sum(sizes) - sum(left), 1)
    assert hub.stop() == 0
    assert not any(needle in hub.bytes_kept() for needle in before - after)


@pytest.mark.promise("P17")
def test_the_log_verifies_from_its_entries_and_not_after_tampering(hub: HubProcess) -> None:
    """Entries fetched over HTTP rebuild the signed root; with one entry changed on disk they don't, and an old checkpoint shows it."""
    person = hub.lender(_now())
    verifier = verifier_key(person.offer.log_origin, person.offer.signing_key)
    with hub.client() as client:
        older = client.checkpoint()
    hub.upload(person, *person.pack(session(person, _now()), at=_now()), at=_now())
    with hub.client() as client:
        newer = client.checkpoint()
        first, last = open_checkpoint(older, verifier), open_checkpoint(newer, verifier)
        verify_consistency(first.size, last.size, old_root=first.root, new_root=last.root, proof=client.consistency(first.size, last.size))
        proofs = [client.proof(index) for index in range(last.size)]
    for proof in proofs:
        assert verify_offline(msgspec.json.encode(proof), verifier) == proof.entry
    store = _rebuilt(proofs)
    assert check_store(store, newer, verifier=verifier) == last.size
    hub.stop()
    engine = create_engine(f"sqlite:///{hub.data_dir / 'hub.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE log_entry SET entry = (SELECT entry FROM log_entry WHERE position = 0) WHERE position = 1"))
    engine.dispose()
    hub.start()
    with hub.client() as client:
        changed = [client.proof(index) for index in range(last.size)]
    with pytest.raises(LogError):
        verify_proof(changed[1], person.offer.signing_key, origin=person.offer.log_origin)
    with pytest.raises(LogError):
        check_store(_rebuilt(changed), newer, verifier=verifier)


def _rebuilt(proofs: list[LogProof]) -> MemoryLogStore:
    """Return a log in memory made of these proofs' entries."""
    store = MemoryLogStore()
    Log(store).extend([proof.entry for proof in proofs])
    return store


def test_what_was_tampered_with_is_refused(hub: HubProcess) -> None:
    """A changed parcel, an object changed on the way or at rest: each is an integrity error, and nothing of it is used."""
    person = hub.lender(_now())
    parcel, objects = person.pack(session(person, _now()), at=_now())
    lying = msgspec.structs.replace(parcel, records=parcel.records - 1)
    with pytest.raises(IntegrityError):
        hub.upload(person, lying, objects, at=_now())
    damaged = {digest: data[:-1] + bytes([data[-1] ^ 1]) for digest, data in objects.items()}
    with pytest.raises(IntegrityError):
        hub.upload(person, parcel, damaged, at=_now())
    hub.upload(person, parcel, objects, at=_now())
    stored = hub.stored_files()[0]
    stored.write_bytes(stored.read_bytes()[:-1] + bytes([stored.read_bytes()[-1] ^ 1]))
    with contextlib.closing(Vault.open(hub.data_dir)) as vault, pytest.raises(SealError):
        list(vault.read(parcel.session_id))


@pytest.mark.promise("P15")
def test_the_lab_reads_beside_the_running_hub_and_the_person_sees_it(hub: HubProcess) -> None:
    """A read from another process is in the log that the running hub serves."""
    person = hub.lender(_now())
    parcel, objects = person.pack(session(person, _now()), at=_now())
    hub.upload(person, parcel, objects, at=_now())
    with hub.client() as client:
        before = client.checkpoint()
        with contextlib.closing(Vault.open(hub.data_dir)) as vault:
            assert list(vault.read(parcel.session_id, purpose="train", reader="alex"))
        verifier = verifier_key(person.offer.log_origin, person.offer.signing_key)
        assert open_checkpoint(client.checkpoint(), verifier).size == open_checkpoint(before, verifier).size + 1


def test_one_folder_is_served_once(hub: HubProcess) -> None:
    """A second process on the same folder ends with one clear line, and the first goes on."""
    status, said = hub.fails_to_serve()
    assert (status, "served already" in said) == (13, True)
    with hub.client() as client:
        assert client.checkpoint()


def test_a_taken_port_is_told_so(hub: HubProcess, blank: Path, tmp_path: Path) -> None:
    """A hub whose port somebody else listens on doesn't start and says what to do."""
    shutil.copytree(blank, tmp_path / "other")
    status, said = HubProcess(tmp_path / "other").fails_to_serve("--port", hub.url.rsplit(":", 1)[1])
    assert (status, "can't be listened on" in said) == (2, True)


def test_the_hub_writes_no_request_down(hub: HubProcess) -> None:
    """Neither its output nor any file holds an invitation's token, and who left is refused by the next request."""
    person: Sender = hub.lender(_now())
    hub.leave(person, _now())
    parcel, objects = person.pack(session(person, _now()), at=_now())
    with pytest.raises(NoConsentError):
        hub.upload(person, parcel, objects, at=_now())
    assert person.invite.encode() not in hub.bytes_kept()
    assert (hub.data_dir.parent / "hub.stderr").read_text() == ""
