"""Signed checkpoints and offline proofs: what a participant keeps verifies with no connection, or is refused."""

import base64
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.ledger.keys import SigningKey
from witting.ledger.log import (
    Log,
    MemoryLogStore,
    checkpoint,
    open_checkpoint,
    open_note,
    sign_note,
    verifier_key,
    verify_offline,
    verify_proof,
)
from witting.terms.errors import LogError
from witting.terms.hub import LogProof

KEY = SigningKey.from_seed(bytes(range(32)))
ORIGIN = "hub.example.org/log"
VERIFIER = verifier_key(ORIGIN, KEY.public)


def proof_for(index: int, size: int) -> LogProof:
    """Return the proof of entry `index` in a log of `size`."""
    log = Log(MemoryLogStore())
    log.extend([b"entry %d" % number for number in range(size)])
    return log.prove(index, ORIGIN, signing_key=KEY)


@given(st.integers(0, 2**62), st.binary(min_size=32, max_size=32))
def test_checkpoint_round_trip(size: int, root: bytes) -> None:
    """What a checkpoint says reads back under its key."""
    text = checkpoint(ORIGIN, size, root=root, signing_key=KEY, name=ORIGIN)
    assert open_checkpoint(text, VERIFIER) == (ORIGIN, size, root)


@given(st.data())
def test_changed_checkpoint_is_refused(data: st.DataObject) -> None:
    """A checkpoint with one character changed, added or removed doesn't open as anything else than what was signed."""
    text = checkpoint(ORIGIN, 7, root=bytes(32), signing_key=KEY, name=ORIGIN)
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("0A1\n —+/="))
    changed = data.draw(st.sampled_from([text[:place] + letter + text[place:], text[:place] + letter + text[place + 1 :], text[:place]]))
    try:
        assert open_checkpoint(changed, VERIFIER) == (ORIGIN, 7, bytes(32))
    except LogError:
        return
    assert changed == text or changed.startswith(text.rpartition("—")[0])  # only base64 padding may differ


@pytest.mark.parametrize(
    "body",
    [
        f"{ORIGIN}\n7\n",
        f"{ORIGIN}\n07\n{base64.b64encode(bytes(32)).decode()}\n",
        f"{ORIGIN}\n-7\n{base64.b64encode(bytes(32)).decode()}\n",
        f"{ORIGIN}\nseven\n{base64.b64encode(bytes(32)).decode()}\n",
        f"{ORIGIN}\n7\n{base64.b64encode(bytes(31)).decode()}\n",
        f"{ORIGIN}\n7\n***\n",
        f"\n7\n{base64.b64encode(bytes(32)).decode()}\n",
    ],
)
def test_signed_text_that_is_no_checkpoint_is_refused(body: str) -> None:
    """A genuine signature under something else doesn't make it a checkpoint."""
    with pytest.raises(LogError):
        open_checkpoint(sign_note(body, KEY, name=ORIGIN), VERIFIER)


def test_lines_that_other_logs_add_are_kept() -> None:
    """Extension lines after the root don't stop a checkpoint from opening (C2SP)."""
    body = f"{ORIGIN}\n7\n{base64.b64encode(bytes(32)).decode()}\nextension of tomorrow\n"
    assert open_checkpoint(sign_note(body, KEY, name=ORIGIN), VERIFIER).size == 7


def test_signatures_of_witnesses_are_passed_over() -> None:
    """A note that others signed too opens under ours; one that only others signed doesn't."""
    note = sign_note("text\n", KEY, name=ORIGIN)
    witness = SigningKey.generate()
    cosigned = note + sign_note("text\n", witness, name="witness.example.org").rpartition("\n\n")[2]
    assert open_note(cosigned, VERIFIER) == open_note(cosigned, verifier_key("witness.example.org", witness.public)) == "text\n"
    with pytest.raises(LogError):
        open_note(note, verifier_key("witness.example.org", witness.public))
    with pytest.raises(LogError):
        open_note(sign_note("text\n", witness, name=ORIGIN), VERIFIER)


def test_one_false_signature_of_our_key_spoils_a_note() -> None:
    """A note with a genuine and a false line of the same key is refused."""
    false = sign_note("other\n", KEY, name=ORIGIN).rpartition("\n\n")[2]
    with pytest.raises(LogError):
        open_note(sign_note("text\n", KEY, name=ORIGIN) + false, VERIFIER)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n— name\n",
        "text\n\n— name ***\n",
        "te\0xt\n\n— name AAAA\n",
        "text\n\n— n AAAA",
        "t\n\n" + "— n AAAA\n" * 101,
    ],
)
def test_text_that_is_no_note_is_refused(note: str) -> None:
    """Garbage gets one clear line."""
    with pytest.raises(LogError) as caught:
        open_note(note, VERIFIER)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "name"), [("no newline", ORIGIN), ("tab\t\n", ORIGIN), ("x\n", "with space"), ("x\n", "with+plus"), ("x\n", "")]
)
def test_text_that_cannot_be_a_note_is_not_signed(text: str, name: str) -> None:
    """What no reader could parse isn't signed."""
    with pytest.raises(ValueError, match="note"):
        sign_note(text, KEY, name=name)


@pytest.mark.parametrize(
    "verifier", ["", "name", "name+00000000+AAAA", VERIFIER.replace("+", "+0", 1), "x" + VERIFIER, VERIFIER[:-4] + "!!!!"]
)
def test_mistyped_verifier_key_is_refused(verifier: str) -> None:
    """A verifier key whose hash doesn't fit its name and key is refused."""
    with pytest.raises(LogError):
        open_note(sign_note("text\n", KEY, name=ORIGIN), verifier)


@pytest.mark.promise("P17")
@given(st.integers(1, 300), st.data())
def test_proof_verifies_offline_by_two_independent_verifiers(size: int, data: st.DataObject) -> None:
    """The participant's copy proves their entry with no connection: by witting, and by thirty lines that share nothing with it."""
    index = data.draw(st.integers(0, size - 1))
    proof = proof_for(index, size)
    assert verify_proof(proof, KEY.public, origin=ORIGIN) == b"entry %d" % index
    assert verify_offline(msgspec.json.encode(proof), VERIFIER) == b"entry %d" % index


CHANGES: dict[str, Callable[[LogProof], dict[str, object]]] = {
    "entry": lambda _: {"entry": b"something else"},
    "index": lambda proof: {"index": proof.index + 1},
    "beyond": lambda _: {"index": 50},
    "short": lambda proof: {"hashes": proof.hashes[:-1]},
    "long": lambda proof: {"hashes": (*proof.hashes, bytes(32))},
    "order": lambda proof: {"hashes": proof.hashes[::-1]},
    "signature": lambda proof: {"checkpoint": proof.checkpoint.replace("\n13\n", "\n14\n")},
    "other signer": lambda _: {"checkpoint": checkpoint(ORIGIN, 13, root=bytes(32), signing_key=SigningKey.generate(), name=ORIGIN)},
    "other log": lambda proof: {
        "checkpoint": checkpoint(
            "other.example.org", 13, root=open_checkpoint(proof.checkpoint, VERIFIER).root, signing_key=KEY, name=ORIGIN
        )
    },
}


@pytest.mark.promise("P17")
@pytest.mark.parametrize("change", CHANGES)
def test_changed_proof_is_refused_by_both(change: str) -> None:
    """A proof with anything changed is refused by both verifiers."""
    from cryptography.exceptions import InvalidSignature

    proof = proof_for(4, 13)
    changed = msgspec.structs.replace(proof, **CHANGES[change](proof))
    with pytest.raises(LogError):
        verify_proof(changed, KEY.public, origin=ORIGIN)
    with pytest.raises((ValueError, InvalidSignature)):
        verify_offline(msgspec.json.encode(changed), VERIFIER)


def test_offline_verifier_refuses_a_wrong_key_name() -> None:
    """The short verifier checks that the key is the one whose hash it was given."""
    with pytest.raises(ValueError, match="verifier key"):
        verify_offline(msgspec.json.encode(proof_for(0, 1)), VERIFIER.replace("hub", "hab"))
