"""Checkpoints as signed notes (C2SP signed-note, tlog-checkpoint), Ed25519 only, and the check of a whole proof.

Knows nothing of stores. Invariant: a checkpoint opens only if the key asked for signed exactly these bytes; lines of other keys
are passed over, as witnesses add them. Sizes are decimal without leading zeros.
"""

import base64
import binascii
import hashlib
import re
from typing import NamedTuple

from witting.ledger.keys import SigningKey, verify_bytes
from witting.ledger.log.proofs import verify_inclusion
from witting.ledger.log.tree import HASH_BYTES, leaf_hash
from witting.terms.errors import LogError, SignatureError
from witting.terms.hub import LogProof

_ED25519 = b"\1"
_COSIGNATURE = b"\4"
_HINT = "don't trust this log copy; ask for a fresh checkpoint and compare"
_SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+=*)")
_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_MAX_NOTE_BYTES = 1_000_000
_MAX_SIGNATURES = 100
_KEY_HASH_BYTES = 4
_TIME_BYTES = 8
_BODY_LINES = 3


class Checkpoint(NamedTuple):
    """What a log says of itself."""

    origin: str  # the log's name
    size: int  # entries
    root: bytes  # 32 bytes


def verifier_key(name: str, public: bytes) -> str:
    """Return the C2SP text form of a public key: name, key hash in hex, base64 of type and key."""
    return f"{name}+{_key_hash(name, public).hex()}+{base64.b64encode(_ED25519 + public).decode()}"


def key_name(verifier: str) -> str:
    """Return the name in a C2SP verifier key of a log, after checking that it is one.

    Raises:
        LogError: it isn't.
    """
    return _parse_verifier(verifier)[0]


def check_cosigner(cosigner: str) -> str:
    """Return the name in a witness's C2SP key, after checking that it is one.

    Raises:
        LogError: it isn't.
    """
    return _parse_verifier(cosigner, kind=_COSIGNATURE)[0]


def sign_note(text: str, signing_key: SigningKey, *, name: str) -> str:
    """Return `text` as a signed note; it must end in a newline and hold no other control character."""
    if not text.endswith("\n") or _has_control(text) or not _NAME.fullmatch(name):
        raise ValueError("a note is plain text that ends in a newline, a key's name has no space or plus")
    signature = _key_hash(name, signing_key.public) + signing_key.sign_bytes(text.encode())
    return f"{text}\n— {name} {base64.b64encode(signature).decode()}\n"


def open_note(note: str, verifier: str) -> str:
    """Return the text of a note after checking the signature of the verifier key.

    Raises:
        LogError: no note, not signed by that key, or changed since.
    """
    name, public = _parse_verifier(verifier)
    text, signatures = _split_note(note)
    key_hash = _key_hash(name, public)
    ours = [signature[_KEY_HASH_BYTES:] for signer, signature in signatures if signer == name and signature.startswith(key_hash)]
    if not ours:
        raise LogError("a note isn't signed by the key expected", hint=_HINT)
    for signature in ours:
        try:
            verify_bytes(public, text.encode(), signature=signature)
        except SignatureError:
            raise LogError("a note's signature doesn't fit its text", hint=_HINT) from None
    return text


def checkpoint(origin: str, size: int, *, root: bytes, signing_key: SigningKey, name: str) -> str:
    """Return the signed checkpoint of a log: origin, size, root."""
    return sign_note(f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n", signing_key, name=name)


def open_checkpoint(text: str, verifier: str) -> Checkpoint:
    """Return what a signed checkpoint says, after checking its signature.

    Raises:
        LogError: not signed by that key, changed, or no checkpoint.
    """
    return _parse(open_note(text, verifier))


def claimed(text: str) -> Checkpoint:
    """Return what a checkpoint says of itself, without checking who signed it.

    Raises:
        LogError: it is no checkpoint.
    """
    return _parse(_split_note(text)[0])


def claimed_size(text: str) -> int:
    """Return how many entries a checkpoint claims, without checking who signed it."""
    return claimed(text).size


def cosigner_key(name: str, public: bytes) -> str:
    """Return the C2SP text form of a witness's public key (tlog-cosignature, Ed25519)."""
    return f"{name}+{_key_hash(name, public, kind=_COSIGNATURE).hex()}+{base64.b64encode(_COSIGNATURE + public).decode()}"


def cosign(text: str, signing_key: SigningKey, *, name: str, timestamp: int) -> str:
    """Return the line by which a witness says that it saw this checkpoint at a POSIX time (C2SP tlog-cosignature).

    Raises:
        LogError: it is no checkpoint.
    """
    body = _split_note(text)[0]
    _parse(body)
    signature = timestamp.to_bytes(_TIME_BYTES, "big") + signing_key.sign_bytes(_cosigned(body, timestamp))
    key_hash = _key_hash(name, signing_key.public, kind=_COSIGNATURE)
    return f"— {name} {base64.b64encode(key_hash + signature).decode()}\n"


def open_cosignature(text: str, cosigner: str) -> int:
    """Return when the witness of this key saw a checkpoint (POSIX time), after checking its cosignature.

    Raises:
        LogError: the witness didn't sign it, or what it signed was changed.
    """
    name, public = _parse_verifier(cosigner, kind=_COSIGNATURE)
    body, signatures = _split_note(text)
    key_hash = _key_hash(name, public, kind=_COSIGNATURE)
    ours = [data[_KEY_HASH_BYTES:] for signer, data in signatures if signer == name and data.startswith(key_hash)]
    if not ours:
        raise LogError(
            "a checkpoint isn't cosigned by the witness", hint="fetch a newer one; if it stays so, ask whoever holds the witness"
        )
    _parse(body)
    times = []
    for data in ours:
        timestamp = int.from_bytes(data[:_TIME_BYTES], "big")
        try:
            verify_bytes(public, _cosigned(body, timestamp), signature=data[_TIME_BYTES:])
        except SignatureError:
            raise LogError("a witness's cosignature doesn't fit its checkpoint", hint=_HINT) from None
        times.append(timestamp)
    return max(times)


def _cosigned(body: str, timestamp: int) -> bytes:
    return f"cosignature/v1\ntime {timestamp}\n{body}".encode()


def _parse(body: str) -> Checkpoint:
    lines = body.removesuffix("\n").split("\n")
    if len(lines) < _BODY_LINES or not all(lines) or not _SIZE.fullmatch(lines[1]):
        raise LogError("a signed note is no checkpoint", hint=_HINT)
    root = _decode(lines[2])
    if len(root) != HASH_BYTES:
        raise LogError("a checkpoint's root isn't 32 bytes long", hint=_HINT)
    return Checkpoint(lines[0], int(lines[1]), root)


def verify_proof(proof: LogProof, public: bytes, *, origin: str) -> bytes:
    """Return the proven entry after checking, without any connection, that the log of `origin` holds it.

    Raises:
        LogError: the checkpoint isn't of that log and key, or the entry doesn't lead to its root.
    """
    return verify_proof_under(proof, verifier_key(origin, public))


def verify_proof_under(proof: LogProof, verifier: str) -> bytes:
    """Return the proven entry after checking that the log of the C2SP verifier key, which is named as its log, holds it."""
    signed = open_checkpoint(proof.checkpoint, verifier)
    if signed.origin != _parse_verifier(verifier)[0]:
        raise LogError("a checkpoint is of another log", hint=_HINT)
    verify_inclusion(proof.index, signed.size, leaf=leaf_hash(proof.entry), proof=proof.hashes, root=signed.root)
    return proof.entry


def _key_hash(name: str, public: bytes, *, kind: bytes = _ED25519) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:_KEY_HASH_BYTES]


def _parse_verifier(verifier: str, *, kind: bytes = _ED25519) -> tuple[str, bytes]:
    name, _, rest = verifier.partition("+")
    key_hash, _, encoded = rest.partition("+")
    key = _decode(encoded)
    public = key[1:]
    if len(key) != 1 + HASH_BYTES or key[:1] != kind or _key_hash(name, public, kind=kind).hex() != key_hash:
        raise LogError("a verifier key isn't an Ed25519 one in C2SP form", hint="copy it again from the programme's page")
    return name, public


def _split_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return a note's text and its (name, key hash + signature) lines."""
    text, found, tail = note.rpartition("\n\n")
    if not found or not tail.endswith("\n") or len(note) > _MAX_NOTE_BYTES or _has_control(note):
        raise LogError("a text is no signed note", hint=_HINT)
    lines = tail.removesuffix("\n").split("\n")
    matches = [_SIGNATURE.fullmatch(line) for line in lines[: _MAX_SIGNATURES + 1]]
    if len(lines) > _MAX_SIGNATURES or not all(matches):
        raise LogError("a note has a line that is no signature", hint=_HINT)
    return text + "\n", [(match[1], _decode(match[2])) for match in matches if match]


def _has_control(text: str) -> bool:
    return any(ord(character) < ord(" ") and character != "\n" for character in text)


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise LogError("base64 in a note or key can't be read", hint=_HINT) from None
