"""Signatures hold for one statement, one kind, one key; boxes open for one holder."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.ledger.keys import BoxKey, SigningKey, canonical, digest_of, open_signed, seal_to, verify_bytes
from witting.terms.errors import SealError, SignatureError
from witting.terms.session import Signed

KEY = SigningKey.from_seed(bytes(range(32)))
OTHER = SigningKey.from_seed(bytes(32))


class Note(msgspec.Struct, frozen=True):
    """A statement with the kinds of field that real ones have."""

    text: str
    number: int = 0
    data: bytes = b""
    items: tuple[str, ...] = ()


class WiderNote(msgspec.Struct, frozen=True):
    """The same statement as a newer version may write it."""

    text: str
    added_later: str = ""


notes = st.builds(
    Note,
    text=st.text(),
    number=st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1),
    data=st.binary(),
    items=st.lists(st.text(), max_size=4).map(tuple),
)


@given(notes)
def test_signed_statement_opens_to_what_was_signed(note: Note) -> None:
    """Whatever is signed opens to exactly that."""
    assert open_signed(KEY.sign("note", note), "note", statement_type=Note, key=KEY.public) == note


@given(notes, notes)
def test_digest_names_one_statement(one: Note, two: Note) -> None:
    """Two statements share a digest only when they're equal."""
    assert (digest_of(one) == digest_of(two)) == (one == two)


def test_canonical_form_sorts_keys_and_encodes_bytes() -> None:
    """A statement has the one RFC 8785 form that anyone can recompute."""
    assert canonical(Note("é", 3, b"\0\1")) == '{"data":"AAE=","items":[],"number":3,"text":"é"}'.encode()


@given(notes, st.data())
def test_changed_payload_is_refused(note: Note, data: st.DataObject) -> None:
    """One flipped bit anywhere in payload, key or signature is refused."""
    signed = KEY.sign("note", note)
    field = data.draw(st.sampled_from(["payload", "key", "signature"]))
    original = bytearray(getattr(signed, field))
    place = data.draw(st.integers(0, len(original) * 8 - 1))
    original[place // 8] ^= 1 << place % 8
    changed = msgspec.structs.replace(signed, **{field: bytes(original)})
    with pytest.raises(SignatureError):
        open_signed(changed, "note", statement_type=Note)


def test_signature_of_another_kind_is_refused() -> None:
    """A statement signed as one kind can't be passed off as another, not even by renaming it."""
    signed = KEY.sign("receipt", Note("x"))
    with pytest.raises(SignatureError):
        open_signed(signed, "consent", statement_type=Note)
    with pytest.raises(SignatureError):
        open_signed(msgspec.structs.replace(signed, kind="consent"), "consent", statement_type=Note)


def test_another_signer_is_refused_when_one_is_expected() -> None:
    """A genuine signature of the wrong person doesn't count."""
    with pytest.raises(SignatureError):
        open_signed(OTHER.sign("note", Note("x")), "note", statement_type=Note, key=KEY.public)


@pytest.mark.parametrize(
    "payload",
    [
        b'{"text": "x"}',  # a space
        b'{"text":"x","number":1}',  # keys out of order
        b'{"text":"x","text":"y"}',  # a key twice
        b'{"text":1}',  # another type
        b"{",
        b"\xff",
        b"[]",
    ],
)
def test_signed_bytes_that_are_no_canonical_statement_are_refused(payload: bytes) -> None:
    """Even a genuine signature doesn't make ambiguous bytes a statement."""
    signed = Signed(kind="note", payload=payload, key=KEY.public, signature=KEY.sign_bytes(b"note\0" + payload))
    with pytest.raises(SignatureError) as caught:
        open_signed(signed, "note", statement_type=Note)
    assert caught.value.hint


def test_statement_of_a_newer_version_still_opens() -> None:
    """A field that this version doesn't know isn't a reason to refuse a signature that holds."""
    assert open_signed(KEY.sign("note", WiderNote("x", "new")), "note", statement_type=Note).text == "x"


def test_signing_key_survives_its_seed_and_shows_no_secret() -> None:
    """A key can be kept as its seed, and printing it doesn't give it away."""
    fresh = SigningKey.generate()
    assert SigningKey.from_seed(fresh.seed).public == fresh.public != SigningKey.generate().public
    assert fresh.seed.hex() not in repr(fresh)
    assert fresh.seed.hex() not in repr(BoxKey.from_seed(fresh.seed))


def test_rfc8032_vector() -> None:
    """The signature is Ed25519 as RFC 8032 §7.1 test 2 has it."""
    key = SigningKey.from_seed(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    assert key.public.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    signature = key.sign_bytes(b"\x72")
    assert signature.hex().startswith("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da")
    verify_bytes(key.public, b"\x72", signature=signature)


@pytest.mark.parametrize("public", [b"", b"short", bytes(33)])
def test_impossible_key_is_refused_as_a_bad_signature(public: bytes) -> None:
    """A key that is none gets the same clear refusal as a wrong one."""
    with pytest.raises(SignatureError):
        verify_bytes(public, b"x", signature=bytes(64))


@given(st.binary(max_size=200))
def test_box_opens_for_its_holder_only(data: bytes) -> None:
    """What is sealed to a public key opens with its secret half and with no other."""
    holder = BoxKey.generate()
    sealed = seal_to(holder.public, data)
    assert BoxKey.from_seed(holder.seed).open(sealed) == data
    with pytest.raises(SealError):
        BoxKey.generate().open(sealed)


@pytest.mark.parametrize("cut", [0, 10, 47, 60])
def test_cut_or_changed_box_is_refused(cut: int) -> None:
    """A box that was cut or flipped doesn't open."""
    holder = BoxKey.generate()
    sealed = seal_to(holder.public, b"twenty bytes of data")
    with pytest.raises(SealError):
        holder.open(sealed[:cut])
    flipped = bytearray(sealed)
    flipped[cut] ^= 1
    with pytest.raises(SealError):
        holder.open(bytes(flipped))


@pytest.mark.promise("P29")
def test_signature_errors_carry_no_content() -> None:
    """A refused statement's text isn't in the error."""
    signed = msgspec.structs.replace(KEY.sign("note", Note("CANARY-7731")), signature=bytes(64))
    with pytest.raises(SignatureError) as caught:
        open_signed(signed, "note", statement_type=Note)
    assert "CANARY" not in json.dumps([str(caught.value), caught.value.hint])
