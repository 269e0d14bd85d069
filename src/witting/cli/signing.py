"""Who signs a policy: the hub where people's recordings were learnt from, else whoever trains, by a key of their own."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from witting.hub.vault import Vault
    from witting.ledger.keys import SigningKey

KEY_NAME = "lab-signing"
_HEX_DIGITS = 64


def signing_key(vault: "Vault | None", own: "Path") -> "SigningKey":
    """Return the hub's key, which its desks know, or one's own below `own`, made at its first use."""
    from witting.ledger.keys import SigningKey
    from witting.ledger.seals import KeyStore

    if vault is not None:
        return vault.signing_key
    store = KeyStore(own / "lab-keys")
    if not store.has(KEY_NAME):
        store.keep(KEY_NAME, SigningKey.generate().seed)
    return SigningKey.from_seed(store.key(KEY_NAME))


def public_key(told: str) -> bytes:
    """Return the public key that a person wrote as hexadecimal digits.

    Raises:
        UsageError: it isn't one.
    """
    from witting.terms.errors import UsageError

    try:
        key = bytes.fromhex(told)
    except ValueError:
        key = b""
    if len(key) * 2 != _HEX_DIGITS:
        raise UsageError("the key after --signed-by isn't 64 hexadecimal digits", hint="`witting train` printed it: signed by …")
    return key
