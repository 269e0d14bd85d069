"""The log after a crash at any write of a deed, and against whoever guesses what its entries say."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hub_ground import Ground
from sqlalchemy import event, func, select

from witting.hub import schema
from witting.hub.database import reading
from witting.hub.door.consent import give_consent
from witting.hub.door.withdrawals import withdraw
from witting.hub.log_store import SqlLogStore
from witting.hub.vault.erasure import resume_erasures
from witting.ledger.log import check_store, commit_entry, read_opening, verifier_key
from witting.terms.hub import ConsentAnswer, WithdrawalAnswer

MOST_WRITES = 60


class CrashError(BaseException):
    """The process is gone, as far as the code can tell."""


@contextmanager
def dying_at(ground: Ground, write: int) -> Iterator[list[int]]:
    """Die before the given write of the database, counted from 1; the list says how many there were."""
    seen = [0]

    def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            seen[0] += 1
            if seen[0] == write:
                raise CrashError

    event.listen(ground.hub.engine, "before_cursor_execute", look)
    try:
        yield seen
    finally:
        event.remove(ground.hub.engine, "before_cursor_execute", look)


def check_sound(ground: Ground) -> int:
    """Recompute the log from its entries, see that each has its deed, and return how many there are."""
    verifier = verifier_key(ground.hub.journal.origin, ground.hub.keys.signing.public)
    with reading(ground.hub.engine) as connection:
        size = check_store(SqlLogStore(connection), ground.hub.journal.present(connection), verifier=verifier)
        assert connection.execute(select(func.count()).select_from(schema.deed)).scalar_one() == size
    return size


@pytest.mark.promise("P17")
def test_a_crash_at_any_write_of_consent_leaves_a_sound_log(ground: Ground) -> None:
    """Whichever write the process dies at, log, deeds and consents are as before, and the same statement is taken once afterwards."""
    person = ground.visitor()
    statement, before, cut = person.consent(ground.now()), check_sound(ground), 0
    for write in range(1, MOST_WRITES):
        with dying_at(ground, write) as seen:
            try:
                give_consent(ground.hub, statement)
            except CrashError:
                cut += 1
        if seen[0] < write:
            break
        assert check_sound(ground) == before
    assert cut > 3
    assert check_sound(ground) == before + 1
    assert ground.ask("/v1/consent", statement, ConsentAnswer)
    assert check_sound(ground) == before + 1


@pytest.mark.promise("P13")
@pytest.mark.promise("P17")
def test_a_crash_at_any_write_of_a_withdrawal_is_carried_through(ground: Ground) -> None:
    """A withdrawal that dies at its first write, then at its second, and so on to the last ends with one entry each and nothing left."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    statement, before = person.withdrawal(ground.now()), check_sound(ground)
    for write in itertools.count(1):
        with dying_at(ground, write):
            try:
                withdraw(ground.hub, statement)
                break
            except CrashError:
                assert check_sound(ground) - before in {0, 1, 2}
        assert write < MOST_WRITES
    assert write > 10
    assert resume_erasures(ground.hub) == 0
    assert check_sound(ground) == before + 2  # the withdrawal and the erasure
    assert ground.hub.objects.sizes(session_id) == {}
    assert ground.ask("/v1/withdrawals", statement, WithdrawalAnswer).receipt.kind == "deletion"


def guesses(ground: Ground, *, salts: dict[int, bytes]) -> set[int]:
    """Return the entries that whoever knows every field of every deed finds by trying, under the salts given."""
    with reading(ground.hub.engine) as connection:
        deeds = connection.execute(select(schema.deed)).all()
        entries = {index: SqlLogStore(connection).entry(index) for index in range(len(deeds))}
    return {
        index
        for deed in deeds
        for index, entry in entries.items()
        if commit_entry(deed.kind, read_opening(deed.opening).fields, salt=salts.get(index, bytes(32))) == entry
    }


@pytest.mark.promise("P18")
def test_knowing_every_field_opens_no_entry_without_its_salt(ground: Ground) -> None:
    """A dictionary with the right kind and fields of every deed in it hits nothing; with the salts the same attack hits them all."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    list(ground.vault.read(session_id, purpose="train", reader="alex"))
    with reading(ground.hub.engine) as connection:
        rows = connection.execute(select(schema.deed.c.position, schema.deed.c.opening)).all()
    salts = {row.position: bytes.fromhex(read_opening(row.opening).salt) for row in rows}
    assert len(set(salts.values())) == len(salts) >= 5
    assert guesses(ground, salts={}) == set()
    assert guesses(ground, salts=salts) == set(salts)
