"""Erasing: use stops, entry first, then key, then bytes; counted as a scan finds them; carried through whatever happens."""

import base64
from typing import Any

import msgspec
import pytest
from hub_ground import Ground
from sqlalchemy import func, select, text

from witting.hub import schema, staging
from witting.hub.database import reading, writing
from witting.hub.door.withdrawals import withdraw
from witting.hub.jobs import Job, OutsideStep, Step
from witting.hub.jobs import steps as steps_module
from witting.hub.log_store import SqlLogStore
from witting.hub.vault import Vault, erasure
from witting.ledger.keys import SigningKey, open_signed
from witting.ledger.log import check_store, open_entry, verifier_key, verify_proof
from witting.terms.consent import DeletionReceipt, Withdrawal
from witting.terms.errors import UsageError
from witting.terms.hub import DeedsAnswer, LogProof, WithdrawalAnswer


class CrashError(BaseException):
    """The process is gone, as far as the code can tell."""


def _wrapped_keys(ground: Ground) -> list[bytes]:
    """Return the wrapped keys in the database."""
    with reading(ground.hub.engine) as connection:
        return [bytes(key) for key in connection.execute(select(schema.vault_key.c.wrapped)).scalars()]


def _count(ground: Ground, table: Any) -> int:
    """Return how many rows a table has."""
    with reading(ground.hub.engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _found_anywhere(ground: Ground, needles: list[bytes]) -> list[str]:
    """Return the files below the hub's folder that hold any of these bytes, raw, hex or base64."""
    forms = [form for needle in needles for form in (needle, needle.hex().encode(), base64.b64encode(needle)[2:-4])]
    return [name for name, data in ground.bytes_kept().items() if any(form in data for form in forms)]


def test_what_comes_in_between_is_unlinked_too(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """An object that a commit under way puts there after the unlinking is gone before the receipt is signed."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    place = next(number for number, step in enumerate(erasure.STEPS) if step.name == "unlink")
    real = erasure.STEPS[place]

    def late(hub: Any, job: Job) -> Any:
        done = real.run(hub, job)
        hub.objects.put(session_id, 99, data=b"late")
        return done

    monkeypatch.setattr(erasure, "STEPS", (*erasure.STEPS[:place], OutsideStep(real.name, late), *erasure.STEPS[place + 1 :]))
    ground.leave(person)
    assert ground.hub.objects.sizes() == {}


@pytest.mark.promise("P13")
def test_erased_means_nothing_is_found(ground: Ground) -> None:
    """After a withdrawal neither key nor object nor catalogue entry is found by a raw search of every file, SQLite and its log included."""
    person, other = ground.lender(), ground.lender()
    session_id = ground.store(person, purposes=("train",))
    (row,) = ground.vault.catalogue(ground.programme.id)
    (wrapped,) = _wrapped_keys(ground)
    kept = ground.store(other, purposes=("train",))
    objects = [(ground.config.objects_dir / name).read_bytes() for name in ground.hub.objects.sizes(session_id)]
    needles = [wrapped, *[data[:64] for data in objects], row.content_digest.encode()]
    assert _found_anywhere(ground, needles)
    receipt = ground.leave(person)
    assert _found_anywhere(ground, needles) == []
    assert receipt.sessions == (session_id,)
    assert [row.session_id for row in ground.vault.catalogue(ground.programme.id)] == [kept]
    assert list(ground.vault.read(kept))


@pytest.mark.promise("P13")
def test_the_receipt_counts_what_a_scan_found(ground: Ground) -> None:
    """Objects, keys and bytes of the deletion receipt equal those counted on the disk before."""
    person = ground.lender()
    for _ in range(2):
        ground.store(person, purposes=("train",))
    sizes = [file.stat().st_size for file in ground.config.objects_dir.rglob("*") if file.is_file()]
    receipt = ground.leave(person)
    assert (receipt.objects, receipt.bytes_erased, receipt.keys_destroyed) == (len(sizes), sum(sizes), 2)
    assert len(sizes) > 2
    assert not [file for file in ground.config.objects_dir.rglob("*") if file.is_file()]


@pytest.mark.promise("P13")
def test_the_entry_comes_before_the_deed_and_the_log_still_verifies(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the first key goes, the log already says that it will; afterwards the whole log verifies from its entries."""
    person = ground.lender()
    ground.store(person, purposes=("train",))
    seen: list[tuple[int, int]] = []

    def look(step: Step) -> Step:
        def run(hub: Any, connection: Any, job: Job) -> Any:
            kinds = connection.execute(select(func.count()).select_from(schema.deed).where(schema.deed.c.kind == "erasure")).scalar_one()
            seen.append((kinds, len(hub.objects.sizes())))
            return step.run(hub, connection, job)

        return Step(step.name, run)

    steps = tuple(look(step) if step.name == "destroy_keys" else step for step in erasure.STEPS)
    monkeypatch.setattr(erasure, "STEPS", steps)
    answer = ground.ask("/v1/withdrawals", person.withdrawal(ground.now()), WithdrawalAnswer)
    ((entries, objects),) = seen
    assert (entries, objects > 0) == (1, True)
    receipt = open_signed(answer.receipt, "deletion", statement_type=DeletionReceipt, key=person.offer.signing_key)
    withdrawal = verify_proof(answer.proof, person.offer.signing_key, origin=person.offer.log_origin)
    said = msgspec.json.decode(answer.proof.opening)
    assert open_entry(withdrawal, said["fields"], salt=bytes.fromhex(said["salt"])) == "withdrawal"
    assert receipt.log_index == answer.proof.index + 1
    proof = msgspec.json.decode(ground.client.get(f"/v1/log/proof/{receipt.log_index}").content, type=LogProof)
    assert b'"erasure"' in verify_proof(proof, person.offer.signing_key, origin=person.offer.log_origin)
    with reading(ground.hub.engine) as connection:
        checkpoint = ground.hub.journal.checkpoint(connection)
        assert (
            check_store(SqlLogStore(connection), checkpoint, verifier=verifier_key(person.offer.log_origin, person.offer.signing_key)) > 5
        )


def test_one_session_can_be_taken_back(ground: Ground) -> None:
    """Withdrawing one session leaves the others and the consent as they are."""
    person = ground.lender()
    first, second = ground.store(person, purposes=("train",)), ground.store(person, purposes=("train",))
    receipt = ground.leave(person, sessions=[first])
    assert (receipt.sessions, receipt.keys_destroyed) == ((first,), 1)
    assert [row.session_id for row in ground.vault.catalogue(ground.programme.id)] == [second]
    assert ground.store(person, purposes=("train",))


@pytest.mark.promise("P2")
def test_leaving_works_without_anything_stored_and_twice(ground: Ground) -> None:
    """Who never sent anything gets a receipt over nothing; the same withdrawal again gets the same answer."""
    person = ground.lender()
    statement = person.withdrawal(ground.now())
    first = ground.ask("/v1/withdrawals", statement, WithdrawalAnswer)
    again = ground.ask("/v1/withdrawals", statement, WithdrawalAnswer)
    assert first.receipt == again.receipt
    receipt = open_signed(first.receipt, "deletion", statement_type=DeletionReceipt, key=person.offer.signing_key)
    assert (receipt.sessions, receipt.objects, receipt.keys_destroyed, receipt.bytes_erased) == ((), 0, 0, 0)


@pytest.mark.promise("P2")
def test_who_left_sends_nothing_more(ground: Ground) -> None:
    """After leaving, neither a new session nor an upload under way gets in, and what was under way is gone."""
    person = ground.lender()
    parcel, objects = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    state = ground.open(person, parcel)
    ground.put(state, objects, most=2)
    receipt = ground.leave(person)
    assert (receipt.sessions, receipt.objects) == ((parcel.session_id,), 2)
    assert staging.staged_uploads(ground.config) == []
    digest = state.missing[2]
    assert ground.client.put(f"/v1/uploads/{state.upload_id}/objects/{digest}", content=objects[digest]).json()["exit_code"] == 10
    assert ground.commit(state).json()["exit_code"] == 10
    assert ground.post("/v1/uploads", person.intent(parcel, at=ground.now())).json()["exit_code"] == 10


def test_a_withdrawn_session_stays_out(ground: Ground) -> None:
    """A session taken back, sent before or not, can't be sent again although consent goes on."""
    person = ground.lender()
    records = ground.records(person, purposes=("train",))
    parcel, objects = person.pack(records, at=ground.now())
    ground.send(person, parcel, objects)
    ground.leave(person, sessions=[parcel.session_id])
    unsent, _ = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    assert ground.leave(person, sessions=[unsent.session_id, parcel.session_id]).sessions == (unsent.session_id,)
    for one in (parcel, unsent, person.pack(records, at=ground.now())[0]):
        assert ground.post("/v1/uploads", person.intent(one, at=ground.now())).json()["exit_code"] == 10
    assert ground.store(person, purposes=("train",))


@pytest.mark.parametrize("who", ["stranger", "other"])
def test_nobody_withdraws_for_somebody_else(ground: Ground, who: str) -> None:
    """A withdrawal that isn't signed by the participant, or names another's session, changes nothing."""
    person, other = ground.lender(), ground.lender()
    session_id = ground.store(person, purposes=("train",))
    if who == "stranger":
        statement = msgspec.json.decode(person.withdrawal(ground.now()).payload, type=Withdrawal)
        refused = ground.post("/v1/withdrawals", SigningKey.generate().sign("withdrawal", statement))
    else:
        refused = ground.post("/v1/withdrawals", other.withdrawal(ground.now(), sessions=[session_id]))
    assert refused.json()["exit_code"] == 14
    assert list(ground.vault.read(session_id))


def test_a_withdrawal_of_no_consent_is_told_so(ground: Ground) -> None:
    """Whoever the hub doesn't know gets a clear answer, as does a withdrawal of ids that can't be."""
    person = ground.lender()
    unknown = msgspec.structs.replace(msgspec.json.decode(person.withdrawal(ground.now()).payload, type=Withdrawal), receipt_id="0" * 32)
    assert ground.post("/v1/withdrawals", person.key.sign("withdrawal", unknown)).json()["exit_code"] == 10
    assert ground.post("/v1/withdrawals", person.withdrawal(ground.now(), sessions=["../x"])).json()["exit_code"] == 2


_AFTER = [step.name for step in erasure.STEPS]


def _crashing(name: str, when: str) -> tuple[Step | OutsideStep, ...]:
    """Return the steps of an erasure, of which one dies before or after it did its work."""

    def crash(step: Step | OutsideStep) -> Step | OutsideStep:
        def run(*arguments: Any) -> Any:
            if when == "after":
                step.run(*arguments)
            raise CrashError

        return step._replace(run=run) if step.name == name else step

    return tuple(map(crash, erasure.STEPS))


@pytest.mark.promise("P13")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", _AFTER)
def test_an_erasure_cut_anywhere_is_finished_at_the_next_start(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, name: str, when: str
) -> None:
    """Killed before or after any step: use has stopped already, the next start does the rest, the counts are those of the beginning."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    objects = len(ground.hub.objects.sizes())
    statement = person.withdrawal(ground.now())
    with monkeypatch.context() as patched:
        patched.setattr(erasure, "STEPS", _crashing(name, when))
        with pytest.raises(CrashError):
            withdraw(ground.hub, statement)
    assert ground.vault.catalogue(ground.programme.id) == []
    assert erasure.resume_erasures(ground.hub) == 1
    assert erasure.resume_erasures(ground.hub) == 0
    answer = ground.ask("/v1/withdrawals", statement, WithdrawalAnswer)
    receipt = open_signed(answer.receipt, "deletion", statement_type=DeletionReceipt, key=person.offer.signing_key)
    assert (receipt.sessions, receipt.objects, receipt.keys_destroyed) == ((session_id,), objects, 1)
    assert (ground.hub.objects.sizes(), _count(ground, schema.vault_key), _count(ground, schema.vault_object)) == ({}, 0, 0)


def test_a_step_that_another_process_did_is_not_done_again(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes resuming the same erasure write one log entry."""
    person = ground.lender()
    ground.store(person, purposes=("train",))
    with monkeypatch.context() as patched:
        patched.setattr(erasure, "STEPS", _crashing("count", "before"))
        with pytest.raises(CrashError):
            withdraw(ground.hub, person.withdrawal(ground.now()))
    real = erasure.STEPS[0]
    (job_id,) = erasure.open_jobs(ground.hub, erasure.ERASURE)

    def meanwhile(hub: Any, connection: Any, job: Job) -> Any:
        return real.run(hub, connection, job)

    original = steps_module._run_inside

    def race(hub: Any, job: Job, *, step: Step) -> None:
        if step.name == "count":
            original(hub, job, step=Step("count", meanwhile))
        original(hub, job, step=step)

    monkeypatch.setattr(steps_module, "_run_inside", race)
    erasure.finish_erasure(ground.hub, job_id)
    with reading(ground.hub.engine) as connection:
        erasures = select(func.count()).select_from(schema.deed).where(schema.deed.c.kind == "erasure")
        assert connection.execute(erasures).scalar_one() == 1


def test_a_reader_in_the_way_delays_but_does_not_lose_an_erasure(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody's long read keeps old rows in the write-ahead log no receipt is given; the same request later gets it."""
    monkeypatch.setattr(erasure, "_SCRUB_TRIES", 2)
    monkeypatch.setattr(erasure, "_SCRUB_PAUSE_S", 0.0)
    person = ground.lender()
    ground.store(person, purposes=("train",))
    (wrapped,) = _wrapped_keys(ground)
    statement = person.withdrawal(ground.now())
    with ground.hub.engine.begin() as reader:
        reader.execute(text("SELECT count(*) FROM session"))
        waiting = ground.post("/v1/withdrawals", statement)
        assert (waiting.status_code, waiting.json()["exit_code"]) == (503, 13)
    assert ground.ask("/v1/withdrawals", statement, WithdrawalAnswer)
    assert _found_anywhere(ground, [wrapped]) == []


def test_no_receipt_is_signed_while_something_is_left(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the store still lists an object, the erasure isn't said to be done."""
    person = ground.lender()
    ground.store(person, purposes=("train",))
    statement = person.withdrawal(ground.now())
    with monkeypatch.context() as patched:
        patched.setattr(type(ground.hub.objects), "remove", lambda *_: False)
        assert ground.post("/v1/withdrawals", statement).json()["exit_code"] == 14
    assert ground.ask("/v1/withdrawals", statement, WithdrawalAnswer)
    assert ground.hub.objects.sizes() == {}


def test_a_key_that_is_still_there_keeps_the_receipt_back(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a key row survives its deletion, the erasure isn't said to be done."""
    person = ground.lender()
    ground.store(person, purposes=("train",))
    spared = Step("destroy_keys", lambda _hub, _connection, _job: True)
    monkeypatch.setattr(erasure, "STEPS", tuple(spared if step.name == spared.name else step for step in erasure.STEPS))
    assert ground.post("/v1/withdrawals", person.withdrawal(ground.now())).json()["exit_code"] == 14


def test_the_steward_erases_with_the_same_steps(ground: Ground) -> None:
    """Erasing from the vault gives one receipt for each participant, and unknown sessions stop it before anything is touched."""
    one, two = ground.lender(), ground.lender()
    sessions = [ground.store(one, purposes=("train",)), ground.store(two, purposes=("train",))]
    with pytest.raises(UsageError, match="1 of 3"):
        ground.vault.erase([*sessions, "0" * 32])
    receipts = [
        open_signed(signed, "deletion", statement_type=DeletionReceipt, key=ground.hub.keys.signing.public)
        for signed in Vault(ground.hub).erase(sessions, why="retention")
    ]
    assert {receipt.participant for receipt in receipts} == {one.pseudonym, two.pseudonym}
    assert ground.hub.objects.sizes() == {}
    assert ground.vault.erase([]) == []


def test_what_was_stored_cannot_be_opened_from_the_log_any_more(ground: Ground) -> None:
    """The hub keeps no opening of the entry about an erased upload; reads and the withdrawal stay open to the person."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    list(ground.vault.read(session_id))
    ground.leave(person)
    shown = ground.ask("/v1/deeds", person.deeds_request(ground.now()), DeedsAnswer)
    assert [deed.kind for deed in shown.deeds] == ["consent_given", "session_read", "withdrawal", "erasure"]
    assert all(deed.proof.opening for deed in shown.deeds)
    with reading(ground.hub.engine) as connection:
        assert connection.execute(select(schema.deed.c.opening).where(schema.deed.c.kind == "upload_stored")).scalars().all() == [b""]


def test_the_database_overwrites_what_it_deletes(ground: Ground) -> None:
    """SQLite runs with secure_delete, a write-ahead log and foreign keys on every connection."""
    with writing(ground.hub.engine) as connection:
        values = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("secure_delete", "journal_mode", "foreign_keys")}
    assert values == {"secure_delete": 1, "journal_mode": "wal", "foreign_keys": 1}
