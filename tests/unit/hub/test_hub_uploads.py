"""Parcels at the door: taken whole or not at all, once, and only as they were signed."""

import errno
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zstandard
from hub_ground import Ground, example_programme
from sqlalchemy import func, select

from witting.hub import objects as objects_module
from witting.hub import schema, staging
from witting.hub.database import reading
from witting.hub.door import uploads
from witting.hub.programmes import add_programme
from witting.hub.vault import sealing
from witting.ledger.keys import SigningKey
from witting.ledger.log import open_entry, verify_proof
from witting.ledger.seals import new_key, seal_object
from witting.terms.codec import encode_record, frame_record
from witting.terms.errors import IntegrityError, NoConsentError
from witting.terms.events import PageForm, PointerMove, Tile, WindowFocus
from witting.terms.hub import ConsentAnswer, ParcelAnswer, UploadIntent
from witting.terms.session import Parcel, Record, SealedObject, SessionEnd, SessionHeader
from witting.terms.tree import UiTree
from witting.testing.sender import Sender

Objects = dict[str, bytes]


def _nothing_stored(ground: Ground) -> bool:
    """Whether neither vault, staging nor store holds anything."""
    with reading(ground.hub.engine) as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (schema.session, schema.vault_key, schema.vault_object, schema.upload)
        ]
    return not any(counts) and not ground.hub.objects.sizes() and not staging.staged_uploads(ground.config)


def _repack(person: Sender, ground: Ground, records: list[Record], header: SessionHeader | None = None) -> tuple[Parcel, Objects]:
    """Return a parcel of these records under the session's own header or another."""
    return person.pack([header or records[0], *records[1:]], at=ground.now())


def test_a_stored_session_reads_back_as_it_was_reviewed(ground: Ground) -> None:
    """What a participant reviewed and sent is, record for record, what the vault gives to a reader."""
    person = ground.lender()
    records = ground.records(person, purposes=("train",))
    parcel, objects = person.pack(records, at=ground.now())
    response = ground.send(person, parcel, objects)
    assert response.status_code == 200, response.text
    answer = msgspec.json.decode(response.content, type=ParcelAnswer)
    entry = verify_proof(answer.proof, person.offer.signing_key, origin=person.offer.log_origin)
    said = msgspec.json.decode(answer.proof.opening)
    assert open_entry(entry, said["fields"], salt=bytes.fromhex(said["salt"])) == "upload_stored"
    assert list(ground.vault.read(parcel.session_id)) == records


@pytest.mark.promise("P11")
def test_what_is_stored_is_ciphertext_under_another_key(ground: Ground) -> None:
    """Neither a word of the session nor an object as it was sent is found in the hub's folder, and staging is empty."""
    person = ground.lender()
    parcel, objects = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    ground.send(person, parcel, objects)
    kept = b"".join(ground.bytes_kept().values())
    assert b"Add the new contact" not in kept
    assert not any(data[40:80] in kept for data in objects.values())
    assert staging.staged_uploads(ground.config) == []


@pytest.mark.promise("P9")
def test_the_same_parcel_twice_is_stored_once(ground: Ground) -> None:
    """Intent and commit sent again get the same answer, ask for nothing and store nothing more."""
    person = ground.lender()
    parcel, objects = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    first = ground.send(person, parcel, objects)
    before = ground.hub.objects.sizes()
    state = ground.open(person, parcel)
    assert state.missing == ()
    assert ground.commit(state).content == first.content
    assert ground.hub.objects.sizes() == before


def test_a_broken_off_upload_goes_on_where_it_was(ground: Ground) -> None:
    """After a break only what is missing is asked for, and an early commit says how much that is."""
    person = ground.lender()
    parcel, objects = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    state = ground.open(person, parcel)
    ground.put(state, objects, most=1)
    early = ground.commit(state)
    assert (early.status_code, early.json()["exit_code"]) == (400, 2)
    again = ground.open(person, parcel)
    assert again.upload_id == state.upload_id
    assert set(again.missing) == set(state.missing[1:])
    ground.put(again, objects)
    assert ground.commit(again).status_code == 200


def test_a_parcel_made_anew_replaces_the_unfinished_one(ground: Ground) -> None:
    """Reviewing again before the first sending came through leaves one session and no bytes of the first parcel."""
    person = ground.lender()
    records = ground.records(person, purposes=("train",))
    first, objects = person.pack(records, at=ground.now())
    ground.put(ground.open(person, first), objects)
    second, others = person.pack(records[:-4], at=ground.now())
    assert ground.send(person, second, others).status_code == 200
    assert staging.staged_uploads(ground.config) == []
    assert [row.parcel_id for row in ground.vault.catalogue(ground.programme.id)] == [second.parcel_id]


def test_a_stored_session_is_not_replaced_by_another_parcel(ground: Ground) -> None:
    """A session that is in the vault can't be overwritten, only withdrawn."""
    person = ground.lender()
    records = ground.records(person, purposes=("train",))
    ground.send(person, *person.pack(records, at=ground.now()))
    other, _ = person.pack(records[:-4], at=ground.now())
    assert ground.post("/v1/uploads", person.intent(other, at=ground.now())).json()["exit_code"] == 2


def test_another_parcel_under_a_known_id_is_refused(ground: Ground) -> None:
    """A parcel id names one parcel for good."""
    person = ground.lender()
    parcel, _ = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    ground.open(person, parcel)
    changed = msgspec.structs.replace(parcel, records=parcel.records + 1)
    assert ground.post("/v1/uploads", person.intent(changed, at=ground.now())).json()["exit_code"] == 14


def test_an_object_must_be_the_one_that_was_signed(ground: Ground) -> None:
    """Changed bytes, unknown digests and other sizes are refused one by one, and the right ones still get in."""
    person = ground.lender()
    parcel, objects = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    state = ground.open(person, parcel)
    digest = state.missing[0]
    path = f"/v1/uploads/{state.upload_id}/objects/"
    changed = objects[digest][:-1] + bytes([objects[digest][-1] ^ 1])
    assert ground.client.put(path + digest, content=changed).json()["exit_code"] == 14
    assert ground.client.put(path + digest, content=b"short").json()["exit_code"] == 2
    assert ground.client.put(path + "0" * 64, content=changed).json()["exit_code"] == 2
    ground.put(state, objects)
    assert ground.commit(state).status_code == 200


def test_a_parcel_must_be_signed_by_whom_it_names(ground: Ground) -> None:
    """Neither a stranger's signature, nor another participant's, nor an intent around somebody else's parcel gets in."""
    person, other = ground.lender(), ground.lender()
    parcel, _ = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    stranger = SigningKey.generate()
    for intent in (
        stranger.sign("upload", UploadIntent(parcel=stranger.sign("parcel", parcel), sent_at=ground.now())),
        other.key.sign("upload", UploadIntent(parcel=other.key.sign("parcel", parcel), sent_at=ground.now())),
        other.key.sign("upload", UploadIntent(parcel=person.key.sign("parcel", parcel), sent_at=ground.now())),
    ):
        assert ground.post("/v1/uploads", intent).json()["exit_code"] == 14
    unknown = msgspec.structs.replace(parcel, receipt_id="f" * 32)
    assert ground.post("/v1/uploads", person.intent(unknown, at=ground.now())).json()["exit_code"] == 10
    assert _nothing_stored(ground)


@pytest.mark.parametrize(
    "change",
    [
        {"session_id": "../../etc"},
        {"parcel_id": "x"},
        {"objects": ()},
        {"objects": (SealedObject("../x", 10),)},
        {"objects": (SealedObject("a" * 64, 10), SealedObject("a" * 64, 10))},
        {"objects": (SealedObject("a" * 64, 0),)},
        {"objects": (SealedObject("a" * 64, 3 * 1024 * 1024),)},
        {"objects": tuple(SealedObject(f"{n:064x}", 1024 * 1024) for n in range(5))},
        {"records": 0},
        {"purposes": ()},
    ],
    ids=lambda change: f"{next(iter(change))}",
)
def test_names_and_sizes_that_cannot_be_are_refused_at_the_intent(make_ground: Callable[..., Ground], change: dict[str, Any]) -> None:
    """What would become a path or take too much room is refused before a byte is taken."""
    ground = make_ground(max_object_mib=2, max_parcel_mib=4)
    person = ground.lender()
    parcel, _ = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    changed = msgspec.structs.replace(parcel, **change)
    assert ground.post("/v1/uploads", person.intent(changed, at=ground.now())).json()["exit_code"] == 2
    assert _nothing_stored(ground)


def test_a_full_hub_takes_nothing(make_ground: Callable[..., Ground]) -> None:
    """Beyond its quota the hub says so at the intent and keeps nothing."""
    ground = make_ground(quota_gib=0)
    person = ground.lender()
    parcel, _ = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    refused = ground.post("/v1/uploads", person.intent(parcel, at=ground.now()))
    assert (refused.status_code, refused.json()["exit_code"]) == (507, 1)
    assert _nothing_stored(ground)


def test_a_body_beyond_the_limit_is_cut_off(make_ground: Callable[..., Ground]) -> None:
    """A statement or object larger than the hub takes isn't read to its end."""
    ground = make_ground(max_object_mib=1)
    person = ground.lender()
    parcel, _ = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    state = ground.open(person, parcel)
    large = b"x" * (5 * 1024 * 1024)
    assert ground.client.put(f"/v1/uploads/{state.upload_id}/objects/{state.missing[0]}", content=large).status_code == 413
    assert ground.client.post("/v1/consent", content=large).status_code == 413


def _wrong_header(ground: Ground, person: Sender, records: list[Record], **changes: Any) -> tuple[Parcel, Objects]:
    """Return a parcel that names what the receipt says while the header inside differs."""
    honest, _ = person.pack(records, at=ground.now())
    header = msgspec.structs.replace(records[0], **changes)
    parcel, objects = _repack(person, ground, records, header)
    same = {name: getattr(honest, name) for name in ("session_id", "receipt_id", "programme_id", "programme_digest", "purposes")}
    return msgspec.structs.replace(parcel, **same), objects


@pytest.mark.parametrize(
    ("changes", "exit_code"),
    [
        ({"session_id": "a" * 32}, 14),
        ({"receipt_id": "b" * 32}, 14),
        ({"programme_id": "other"}, 14),
        ({"programme_digest": "c" * 64}, 14),
        ({"purposes": ("evaluate_help",)}, 14),
        ({"recorded_at": "yesterday"}, 14),
        ({"recorded_at": "2026-11-24T06:00:00Z"}, 10),
        ({"recorded_at": "2026-11-24T12:00:00Z"}, 10),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else str(value),
)
def test_the_header_inside_must_be_what_the_parcel_says(ground: Ground, changes: dict[str, Any], exit_code: int) -> None:
    """A parcel around a session of another id, receipt, programme, purpose or time is thrown away whole."""
    person = ground.lender()
    parcel, objects = _wrong_header(ground, person, ground.records(person, purposes=("train",)), **changes)
    refused = ground.send(person, parcel, objects)
    assert refused.json()["exit_code"] == exit_code, refused.text
    assert _nothing_stored(ground)


def _reordered(records: list[Record]) -> list[Record]:
    """Two records changed places."""
    return [records[0], records[2], records[1], *records[3:]]


def _second_header(records: list[Record]) -> list[Record]:
    """The header stands twice."""
    return [records[0], records[0], *records[1:]]


def _after_the_end(records: list[Record]) -> list[Record]:
    """Something comes after the end."""
    return [*records, PointerMove(9, 9, 9)]


def _lying_tree(records: list[Record]) -> list[Record]:
    """Trees bear another digest than theirs."""
    return [msgspec.structs.replace(record, digest="0" * 32) if isinstance(record, UiTree) else record for record in records]


def _lying_tile(records: list[Record]) -> list[Record]:
    """Tiles bear another digest than theirs."""
    return [msgspec.structs.replace(record, digest="0" * 32) if isinstance(record, Tile) else record for record in records]


def _bad_tile(records: list[Record]) -> list[Record]:
    """Tiles can't be unpacked."""
    return [msgspec.structs.replace(record, data=b"no zstd") if isinstance(record, Tile) else record for record in records]


def _huge_tile(records: list[Record]) -> list[Record]:
    """Tiles unpack to far more than a tile."""
    bomb = zstandard.compress(bytes(50_000_000))
    return [msgspec.structs.replace(record, data=bomb) if isinstance(record, Tile) else record for record in records]


def _short_frame(records: list[Record]) -> list[Record]:
    """Frames name fewer tiles than they have."""
    return [msgspec.structs.replace(record, tiles=record.tiles[:16]) if hasattr(record, "tiles") else record for record in records]


@pytest.mark.parametrize(
    "spoil", [_second_header, _after_the_end, _lying_tree, _lying_tile, _bad_tile, _huge_tile, _short_frame], ids=lambda one: one.__name__
)
def test_records_that_contradict_themselves_are_refused(ground: Ground, spoil: Callable[[list[Record]], list[Record]]) -> None:
    """A second header, something after the end, a name that isn't its content's: the whole parcel is thrown away."""
    person = ground.lender()
    refused = ground.send(person, *person.pack(spoil(ground.records(person, purposes=("train",))), at=ground.now()))
    assert refused.json()["exit_code"] == 14, refused.text
    assert _nothing_stored(ground)


@pytest.mark.promise("P9")
@pytest.mark.parametrize("what", ["fewer", "reordered", "digest"])
def test_what_was_not_reviewed_is_not_stored(ground: Ground, what: str) -> None:
    """Records left out, moved, or under another content digest than the signed one aren't taken."""
    person = ground.lender()
    records = ground.records(person, purposes=("train",))
    signed, _ = person.pack(records, at=ground.now())
    parcel, objects = person.pack({"fewer": records[:-3], "reordered": _reordered(records)}.get(what, records), at=ground.now())
    digest = "0" * 64 if what == "digest" else signed.content_digest
    parcel = msgspec.structs.replace(parcel, content_digest=digest, records=signed.records)
    assert ground.send(person, parcel, objects).json()["exit_code"] == 14
    assert _nothing_stored(ground)


def _sealed_as(person: Sender, honest: Parcel, key: bytes, sealed: bytes) -> tuple[Parcel, Objects]:
    """Return a parcel of one object with these sealed bytes."""
    from witting.ledger.keys import seal_to

    digest = hashlib.sha256(sealed).hexdigest()
    changed = msgspec.structs.replace(honest, objects=(SealedObject(digest, len(sealed)),), sealed_key=seal_to(person.offer.box_key, key))
    return changed, {digest: sealed}


def _hidden_field() -> bytes:
    """Return an encoded record with one field that isn't declared."""
    return msgspec.msgpack.encode({"type": "move", "timestamp_ns": 1, "x": 1, "y": 1, "keystroke": "secret"})


@pytest.mark.parametrize(
    "packed",
    [
        b"no zstd at all",
        zstandard.compress(b"\1\0\0"),
        zstandard.compress(b"\5\0\0\0hello"),
        zstandard.compress(msgspec.msgpack.encode({"type": "raw_key", "keysym": "s"})),
        zstandard.compress((len(_hidden_field())).to_bytes(4, "little") + _hidden_field()),
        zstandard.compress(frame_record(PointerMove(1, 1, 1))) + b"hidden behind the frame",
        zstandard.compress(frame_record(PointerMove(1, 1, 1))) + bytes(10_000),
        zstandard.compress(frame_record(PointerMove(1, 1, 1)))[:-2],
        b"",
    ],
    ids=["no zstd", "cut", "no record", "undeclared type", "undeclared field", "trailing", "trailing far", "cut zstd", "empty"],
)
def test_what_has_no_declared_form_is_not_stored(ground: Ground, packed: bytes) -> None:
    """Garbage, types and fields that aren't declared, and bytes hidden behind an object's end never reach the vault."""
    person = ground.lender()
    honest, _ = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    key = new_key()
    parcel, objects = _sealed_as(person, honest, key, seal_object(key, packed, name=b"witting-object\0" + bytes(4)))
    refused = ground.send(person, parcel, objects)
    assert refused.json()["exit_code"] == 14, refused.text
    assert b"secret" not in refused.content
    assert _nothing_stored(ground)


def test_an_undeclared_field_in_a_whole_session_is_refused(ground: Ground) -> None:
    """One extra field in one record of an otherwise honest, correctly digested session: refused."""
    person = ground.lender()
    records = ground.records(person, purposes=("train",))
    honest, _ = person.pack(records, at=ground.now())
    data = b"".join(map(frame_record, records[:-1]))
    hidden = _hidden_field()
    data += len(hidden).to_bytes(4, "little") + hidden
    key = new_key()
    parcel, objects = _sealed_as(person, honest, key, seal_object(key, zstandard.compress(data), name=b"witting-object\0" + bytes(4)))
    parcel = msgspec.structs.replace(parcel, content_digest=hashlib.sha256(data).hexdigest())
    refused = ground.send(person, parcel, objects)
    assert (refused.json()["exit_code"], "isn't declared" in refused.text) == (14, True)
    assert encode_record(PointerMove(1, 1, 1)) not in refused.content


def test_an_object_sealed_for_another_place_is_refused(ground: Ground) -> None:
    """Objects can't be swapped: each is bound to its place in the parcel."""
    person = ground.lender()
    parcel, objects = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    swapped = (parcel.objects[1], parcel.objects[0], *parcel.objects[2:])
    assert ground.send(person, msgspec.structs.replace(parcel, objects=swapped), objects).json()["exit_code"] == 14


def test_a_key_sealed_to_another_hub_is_refused(ground: Ground) -> None:
    """A parcel this hub can't open isn't kept."""
    person = ground.lender()
    parcel, objects = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    assert ground.send(person, msgspec.structs.replace(parcel, sealed_key=bytes(80)), objects).json()["exit_code"] == 14
    assert _nothing_stored(ground)


def test_an_object_that_unpacks_to_too_much_is_refused(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small object can't be blown up to fill the hub's memory."""
    monkeypatch.setattr(sealing, "MAX_OBJECT_RECORDS_BYTES", 1000)
    person = ground.lender()
    refused = ground.send(person, *person.pack(ground.records(person, purposes=("train",)), at=ground.now()))
    assert (refused.json()["exit_code"], "unpacks" in refused.text) == (14, True)


@pytest.mark.promise("P6")
def test_an_app_that_is_not_lent_does_not_get_in(ground: Ground) -> None:
    """One window of an unlisted app makes the whole parcel void, and the answer doesn't say what was in it."""
    person = ground.lender()
    records = ground.records(person, purposes=("train",))
    records.insert(5, WindowFocus(2, "payroll", "Salary of somebody"))
    refused = ground.send(person, *person.pack(records, at=ground.now()))
    assert refused.json()["exit_code"] == 10
    assert "Salary" not in refused.text
    assert _nothing_stored(ground)


@pytest.mark.promise("P5")
@pytest.mark.parametrize("when", ["intent", "commit"])
def test_a_changed_programme_stops_uploads(ground: Ground, when: str) -> None:
    """What was recorded under an earlier version doesn't come in once a newer is in force, not even half-way."""
    person = ground.lender()
    parcel, objects = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    if when == "commit":
        state = ground.open(person, parcel)
        ground.put(state, objects)
    add_programme(ground.hub, example_programme(version=2))
    refused = ground.commit(state) if when == "commit" else ground.post("/v1/uploads", person.intent(parcel, at=ground.now()))
    assert (refused.status_code, refused.json()["exit_code"]) == (409, 11)
    assert _nothing_stored(ground)


def test_an_upload_id_that_is_not_known_opens_nothing(ground: Ground) -> None:
    """Objects and commits of an upload that was never begun, or was withdrawn, are refused."""
    assert ground.client.put(f"/v1/uploads/{'0' * 32}/objects/{'0' * 64}", content=b"x").json()["exit_code"] == 10
    assert ground.client.post(f"/v1/uploads/{'0' * 32}/commit").json()["exit_code"] == 10


@pytest.mark.parametrize("second", ["stored", "withdrawn"])
def test_an_object_that_comes_in_too_late_leaves_nothing(ground: Ground, monkeypatch: pytest.MonkeyPatch, second: str) -> None:
    """An object whose upload is stored or withdrawn while it comes in isn't left in staging."""
    person = ground.lender()
    parcel, objects = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    state = ground.open(person, parcel)
    ground.put(state, objects)
    real = staging.stage

    def late(*arguments: Any, **named: Any) -> None:
        if second == "stored":
            ground.commit(state)
        else:
            ground.leave(person)
        real(*arguments, **named)

    monkeypatch.setattr(uploads, "stage", late)
    digest = state.missing[0]
    ground.client.put(f"/v1/uploads/{state.upload_id}/objects/{digest}", content=objects[digest])
    assert staging.staged_uploads(ground.config) == []


@pytest.mark.parametrize("where", ["_check_and_seal", "_store"])
def test_the_same_commit_twice_at_once_is_one(ground: Ground, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """Two commits of one upload that cross get the same answer, and the session is stored once."""
    person = ground.lender()
    parcel, objects = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    state = ground.open(person, parcel)
    ground.put(state, objects)
    real, first = getattr(uploads, where), []

    def crossed(*arguments: Any, **named: Any) -> Any:
        if not first:
            first.append(None)
            first.append(uploads.commit_upload(ground.hub, state.upload_id))
        return real(*arguments, **named)

    monkeypatch.setattr(uploads, where, crossed)
    assert uploads.commit_upload(ground.hub, state.upload_id) == first[1]
    assert len(ground.hub.objects.sizes()) == len(parcel.objects)
    assert list(ground.vault.read(parcel.session_id))


@pytest.mark.parametrize("where", ["_check_and_seal", "_store"])
def test_leaving_in_the_middle_of_a_commit_wins(ground: Ground, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """A withdrawal taken while a commit is at work leaves nothing of the session."""
    person = ground.lender()
    parcel, objects = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    state = ground.open(person, parcel)
    ground.put(state, objects)
    real = getattr(uploads, where)

    def left(*arguments: Any, **named: Any) -> Any:
        ground.leave(person)
        return real(*arguments, **named)

    monkeypatch.setattr(uploads, where, left)
    with pytest.raises((NoConsentError, IntegrityError)):
        uploads.commit_upload(ground.hub, state.upload_id)
    assert ground.hub.objects.sizes() == {}
    assert staging.staged_uploads(ground.config) == []


@pytest.mark.promise("P5")
def test_consent_that_ends_in_the_middle_of_a_commit_counts(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate is asked inside the transaction that stores: what expired since the check isn't stored."""
    person = ground.lender()
    parcel, objects = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    state = ground.open(person, parcel)
    ground.put(state, objects)
    real = uploads._store

    def expired(*arguments: Any, **named: Any) -> Any:
        ground.clock.advance(days=400)
        return real(*arguments, **named)

    monkeypatch.setattr(uploads, "_store", expired)
    with pytest.raises(NoConsentError, match="expired"):
        uploads.commit_upload(ground.hub, state.upload_id)
    assert _nothing_stored(ground)


@pytest.mark.promise("P5")
def test_an_old_receipt_under_a_new_programme_is_refused(ground: Ground) -> None:
    """A parcel that names the version in force but a receipt for the version before doesn't get in."""
    person = ground.lender()
    add_programme(ground.hub, example_programme(version=2))
    parcel, _ = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    dressed = msgspec.structs.replace(parcel, programme_digest=ground.visitor().offer.programme_digest)
    refused = ground.post("/v1/uploads", person.intent(dressed, at=ground.now()))
    assert (refused.status_code, refused.json()["exit_code"]) == (409, 11)


@pytest.mark.parametrize("url", ["https://elsewhere.example.org/x", "http://[bad", "about:blank", ""])
def test_a_site_that_is_not_lent_does_not_get_in(ground: Ground, url: str) -> None:
    """One page of an unlisted site, or of no site at all, makes the whole parcel void."""
    person = ground.lender()
    records = ground.records(person, purposes=("train",))
    records.insert(5, PageForm(2, url))
    assert ground.send(person, *person.pack(records, at=ground.now())).json()["exit_code"] == 10
    assert _nothing_stored(ground)


def test_a_full_disk_keeps_the_upload_open(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the store can't be written, nothing half-written stays, and the same commit works once there is room."""
    person = ground.lender()
    parcel, objects = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    state = ground.open(person, parcel)
    ground.put(state, objects)
    real, calls = objects_module._sync, []

    def full(file: Path) -> None:
        calls.append(file)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "no space")
        real(file)

    monkeypatch.setattr(objects_module, "_sync", full)
    refused = ground.commit(state)
    assert (refused.status_code, refused.json()["exit_code"]) == (507, 1)
    assert ground.hub.objects.sizes() == {}
    monkeypatch.setattr(objects_module, "_sync", real)
    assert ground.commit(state).status_code == 200


def test_a_full_disk_leaves_no_part_of_an_object(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """An object that can't be staged whole isn't there at all."""
    person = ground.lender()
    parcel, objects = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    state = ground.open(person, parcel)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(staging.os, "fsync", full)
    refused = ground.client.put(f"/v1/uploads/{state.upload_id}/objects/{state.missing[0]}", content=objects[state.missing[0]])
    assert refused.status_code == 507
    assert staging.staged_sizes(ground.config, state.upload_id) == []


def test_an_object_that_rots_while_it_waits_is_found(ground: Ground) -> None:
    """A staged object changed on disk makes the commit fail whole."""
    person = ground.lender()
    parcel, objects = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    state = ground.open(person, parcel)
    ground.put(state, objects)
    file = ground.config.staging_dir / state.upload_id / state.missing[0]
    file.write_bytes(bytes([file.read_bytes()[0] ^ 1]) + file.read_bytes()[1:])
    assert ground.commit(state).json()["exit_code"] == 14
    assert _nothing_stored(ground)


def test_a_session_without_its_end_is_taken(ground: Ground) -> None:
    """A session that was cut by a crash, and reviewed as it is, can be lent too."""
    person = ground.lender()
    records = [record for record in ground.records(person, purposes=("train",)) if not isinstance(record, SessionEnd)]
    assert ground.send(person, *person.pack(records, at=ground.now())).status_code == 200


def test_a_narrower_choice_made_since_holds_for_what_was_recorded_before(ground: Ground) -> None:
    """What was recorded under a wider choice comes in only as far as the newest choice goes."""
    person = ground.lender()
    parcel, objects = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    state = ground.open(person, parcel)
    ground.put(state, objects)
    ground.clock.advance(seconds=60)
    grants = [grant for grant in person.receipt.grants if grant.stream != "screen"]
    ground.ask("/v1/consent", person.consent(ground.now(), grants=grants), ConsentAnswer)
    assert ground.commit(state).json()["exit_code"] == 10
    assert _nothing_stored(ground)
