"""The log in the hub's database: the same as in memory, and nothing in it can be changed unnoticed."""

from collections.abc import Callable

import msgspec
import pytest
from hub_ground import Ground
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from witting.hub import schema
from witting.hub.database import reading, writing
from witting.hub.log_store import SqlLogStore
from witting.ledger.log import (
    Log,
    MemoryLogStore,
    check_store,
    leaf_hash,
    open_checkpoint,
    root_of,
    verifier_key,
    verify_consistency,
    verify_proof,
)
from witting.terms.errors import LogError
from witting.terms.hub import LogProof


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 300), min_size=1, max_size=4), st.integers(0, 10**6))
def test_the_sql_store_is_the_memory_store(batches: list[int], place: int) -> None:
    """Whatever is appended in whatever batches, entries, tiles, roots and proofs are those of the store in memory."""
    engine = create_engine("sqlite://")
    schema.metadata.create_all(engine)
    with engine.begin() as connection:
        stores = (SqlLogStore(connection), MemoryLogStore())
        number = 0
        for size in batches:
            entries = [f"entry {number + n}".encode() for n in range(size)]
            number += size
            assert len({Log(store).extend(entries) for store in stores}) == 1
        sql, memory = map(Log, stores)
        assert sql.root() == memory.root()
        assert sql.inclusion_proof(place % number) == memory.inclusion_proof(place % number)
        assert all(stores[0].tile(tile) == data for tile, data in stores[1].tiles.items())
        assert stores[0].entries(0, number) == stores[1].entries
        with pytest.raises(IndexError):
            stores[0].entry(number)


def _flip(connection: Connection) -> None:
    """Change a byte of an entry."""
    entry = connection.execute(select(schema.log_entry.c.entry).where(schema.log_entry.c.position == 2)).scalar_one()
    connection.execute(update(schema.log_entry).where(schema.log_entry.c.position == 2).values(entry=entry[:-3] + b'0"}'))


def _remove(connection: Connection) -> None:
    """Take an entry out and close the gap."""
    connection.execute(delete(schema.deed).where(schema.deed.c.position == 2))
    connection.execute(delete(schema.log_entry).where(schema.log_entry.c.position == 2))
    for position in range(3, SqlLogStore(connection).size()):
        connection.execute(delete(schema.deed).where(schema.deed.c.position == position))
        connection.execute(update(schema.log_entry).where(schema.log_entry.c.position == position).values(position=position - 1))


def _swap(connection: Connection) -> None:
    """Have two entries change places."""
    rows = dict(connection.execute(select(schema.log_entry.c.position, schema.log_entry.c.entry)).all())
    for here, there in ((1, 2), (2, 1)):
        connection.execute(update(schema.log_entry).where(schema.log_entry.c.position == here).values(entry=rows[there]))


def _cut(connection: Connection) -> None:
    """Take the last entry off."""
    last = SqlLogStore(connection).size() - 1
    connection.execute(delete(schema.deed).where(schema.deed.c.position == last))
    connection.execute(delete(schema.log_entry).where(schema.log_entry.c.position == last))


def _tile(connection: Connection) -> None:
    """Overwrite the hashes."""
    connection.execute(update(schema.log_tile).values(hashes=bytes(32 * SqlLogStore(connection).size())))


def _rewrite(connection: Connection) -> None:
    """Change an entry and make the tiles fit it, as somebody who knows the format would."""
    entries = SqlLogStore(connection).entries(0, 1000)
    entries[2] = entries[2][:-3] + b'0"}'
    connection.execute(delete(schema.deed))
    connection.execute(delete(schema.log_entry))
    connection.execute(delete(schema.log_tile))
    Log(SqlLogStore(connection)).extend(entries)


@pytest.mark.promise("P17")
@pytest.mark.parametrize("tamper", [_flip, _remove, _swap, _cut, _tile, _rewrite], ids=lambda one: one.__name__)
def test_a_changed_log_does_not_verify(ground: Ground, tamper: Callable[[Connection], None]) -> None:
    """An entry flipped, removed, moved, cut off, a tile changed, even the whole log rewritten: recomputing finds it."""
    for _ in range(2):
        ground.store(ground.lender(), purposes=("train",))
    verifier = verifier_key(ground.hub.journal.origin, ground.hub.keys.signing.public)
    with reading(ground.hub.engine) as connection:
        checkpoint = ground.hub.journal.checkpoint(connection)
        assert check_store(SqlLogStore(connection), checkpoint, verifier=verifier) == SqlLogStore(connection).size()
    with writing(ground.hub.engine) as connection:
        tamper(connection)
    with reading(ground.hub.engine) as connection, pytest.raises(LogError):
        check_store(SqlLogStore(connection), checkpoint, verifier=verifier)


@pytest.mark.promise("P17")
def test_anyone_recomputes_the_log_from_what_the_hub_serves(ground: Ground) -> None:
    """Entries fetched over HTTP lead to the root of the signed checkpoint, and an older checkpoint is the start of a newer."""
    verifier = verifier_key(ground.hub.journal.origin, ground.hub.keys.signing.public)
    older = open_checkpoint(ground.client.get("/v1/log/checkpoint").text, verifier)
    ground.store(ground.lender(), purposes=("train",))
    newer = open_checkpoint(ground.client.get("/v1/log/checkpoint").text, verifier)
    bundle, entries = ground.client.get(f"/v1/log/tile/entries/000.p/{newer.size}").content, []
    while bundle:
        size = int.from_bytes(bundle[:2], "big")
        entries.append(bundle[2 : 2 + size])
        bundle = bundle[2 + size :]
    assert root_of([leaf_hash(entry) for entry in entries]) == newer.root
    assert ground.client.get(f"/v1/log/tile/0/000.p/{newer.size}").content == b"".join(map(leaf_hash, entries))
    proof = msgspec.json.decode(ground.client.get(f"/v1/log/consistency/{older.size}/{newer.size}").content, type=list[bytes])
    verify_consistency(older.size, newer.size, old_root=older.root, new_root=newer.root, proof=proof)
    for index in range(newer.size):
        answer = msgspec.json.decode(ground.client.get(f"/v1/log/proof/{index}").content, type=LogProof)
        assert verify_proof(answer, ground.hub.keys.signing.public, origin=ground.hub.journal.origin) == entries[index]


@pytest.mark.promise("P18")
def test_the_public_log_opens_nothing(ground: Ground) -> None:
    """What anyone can fetch names no participant, session or reader, and a public proof carries no opening."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    list(ground.vault.read(session_id, reader="alex"))
    bundle = ground.client.get("/v1/log/tile/entries/000.p/5").content
    assert not [word for word in (person.pseudonym, session_id, "alex", person.receipt.receipt_id) if word.encode() in bundle]
    last = msgspec.json.decode(ground.client.get("/v1/log/proof/4").content, type=LogProof)
    assert last.opening == b""


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/009",
        "tile/9/000",
        "tile/x/000",
        "tile/entries/009.p/1",
        "tile/0/000",
        "tile/0/0",
        "tile/0/000.p/0",
        "tile/0/x000/000.p/1",
        "tile/0/000.p/200",
        "proof/999",
        "consistency/0/1",
        "consistency/1/999",
    ],
)
def test_what_the_log_does_not_hold_is_told_so(ground: Ground, path: str) -> None:
    """Tiles, proofs and sizes beyond the log get one clear line."""
    answer = ground.client.get(f"/v1/log/{path}")
    assert answer.status_code in {400, 422}
    assert set(answer.json()) == {"error", "hint", "exit_code"}


def test_a_deed_that_fails_leaves_no_entry(ground: Ground) -> None:
    """Entry and deed are one transaction: when a consent can't be taken, the log is as long as before."""
    person = ground.visitor()
    with reading(ground.hub.engine) as connection:
        before = SqlLogStore(connection).size()
    assert ground.post("/v1/consent", person.consent(ground.now(), grants=[])).status_code == 403
    with reading(ground.hub.engine) as connection:
        assert SqlLogStore(connection).size() == before


def test_a_row_can_be_entered_only_at_the_end(ground: Ground) -> None:
    """Two entries can't share a place."""
    with pytest.raises(IntegrityError), writing(ground.hub.engine) as connection:
        connection.execute(insert(schema.log_entry).values(position=0, entry=b"x"))
