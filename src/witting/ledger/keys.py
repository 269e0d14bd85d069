"""Signing keys (Ed25519), box keys (X25519) and signed statements.

A statement is signed as its RFC 8785 bytes, so that one statement has one set of bytes and one digest. Knows nothing of who holds
a key or where it is kept (`witting.ledger.seals.KeyStore`). Invariant: what `open_signed` returns was signed, byte for byte, by the key
named, as the kind asked for.
"""

import hashlib
import json
from typing import TypeVar

import msgspec
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from witting.terms.errors import SealError, SignatureError
from witting.terms.session import Signed

T = TypeVar("T")

_HINT = "don't use it; ask its sender for a fresh copy"


def canonical(statement: msgspec.Struct) -> bytes:
    """Return the RFC 8785 JSON of a statement; bytes fields stand as base64, integers beyond 2^53 are refused.

    Raises:
        ValueError: a value has no place in RFC 8785 JSON.
    """
    return rfc8785.dumps(msgspec.to_builtins(statement, str_keys=True))


def digest_of(statement: msgspec.Struct) -> str:
    """Return the SHA-256 (hex) of the RFC 8785 bytes of a statement."""
    return hashlib.sha256(canonical(statement)).hexdigest()


class SigningKey:
    """An Ed25519 key pair; its `repr` shows no secret."""

    __slots__ = ("_private",)

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @classmethod
    def generate(cls) -> "SigningKey":
        """Return a fresh key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        """Return the key that the 32 bytes `seed` stand for."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def seed(self) -> bytes:
        """The 32 secret bytes."""
        return self._private.private_bytes_raw()

    @property
    def public(self) -> bytes:
        """The 32 public bytes."""
        return self._private.public_key().public_bytes_raw()

    def sign_bytes(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature over `message`."""
        return self._private.sign(message)

    def sign(self, kind: str, statement: msgspec.Struct) -> Signed:
        """Return the statement signed as `kind`; a signature of one kind is none of another."""
        payload = canonical(statement)
        return Signed(kind=kind, payload=payload, key=self.public, signature=self.sign_bytes(_signed_bytes(kind, payload)))


def verify_bytes(public: bytes, message: bytes, *, signature: bytes) -> None:
    """Check an Ed25519 signature.

    Raises:
        SignatureError: it isn't one of `public` over `message`.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise SignatureError("a signature doesn't fit its statement and key", hint=_HINT) from None


def open_signed(signed: Signed, kind: str, *, statement_type: type[T], key: bytes | None = None) -> T:
    """Return the statement in `signed` after checking kind, signer and signature; without `key`, any signer will do.

    Raises:
        SignatureError: another kind, another signer, a signature that doesn't fit, or bytes that aren't the statement's canonical form.
    """
    if signed.kind != kind:
        message = f"a statement signed as another kind was given as a {kind!r}"
        raise SignatureError(message, hint=_HINT)
    if key is not None and signed.key != key:
        message = f"the {kind!r} was signed by another key than the one expected"
        raise SignatureError(message, hint=_HINT)
    verify_bytes(signed.key, _signed_bytes(kind, signed.payload), signature=signed.signature)
    try:
        statement = msgspec.json.decode(signed.payload, type=statement_type)
        is_canonical = rfc8785.dumps(json.loads(signed.payload)) == signed.payload
    except (msgspec.MsgspecError, ValueError):
        message = f"the signed {kind!r} can't be read as one"
        raise SignatureError(message, hint=_HINT) from None
    if not is_canonical:
        message = f"the signed {kind!r} isn't in its one canonical form"
        raise SignatureError(message, hint=_HINT)
    return statement


def _signed_bytes(kind: str, payload: bytes) -> bytes:
    return kind.encode() + b"\0" + payload


class BoxKey:
    """An X25519 key pair that opens what was sealed to its public half; its `repr` shows no secret."""

    __slots__ = ("_private",)

    def __init__(self, private: PrivateKey) -> None:
        self._private = private

    @classmethod
    def generate(cls) -> "BoxKey":
        """Return a fresh key."""
        return cls(PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> "BoxKey":
        """Return the key that the 32 bytes `seed` stand for."""
        return cls(PrivateKey(seed))

    @property
    def seed(self) -> bytes:
        """The 32 secret bytes."""
        return bytes(self._private)

    @property
    def public(self) -> bytes:
        """The 32 public bytes."""
        return bytes(self._private.public_key)

    def open(self, sealed: bytes) -> bytes:
        """Return what `seal_to` sealed to this key.

        Raises:
            SealError: it was changed, cut, or sealed to another key.
        """
        try:
            return SealedBox(self._private).decrypt(sealed)
        except (CryptoError, ValueError, TypeError):
            raise SealError("a sealed box doesn't open with this key", hint=_HINT) from None


def seal_to(public: bytes, data: bytes) -> bytes:
    """Return `data` sealed to the holder of the 32-byte public box key."""
    return SealedBox(PublicKey(public)).encrypt(data)
