"""Sealing at rest: single objects, crash-safe streams, and the store of the keys that open them."""

from witting.ledger.seals.keystore import Keyring, KeyStore, Protection, system_keyring
from witting.ledger.seals.objects import KEY_BYTES, new_key, open_object, seal_object
from witting.ledger.seals.stream import Ending, SealedReader, SealedWriter

__all__ = [
    "KEY_BYTES",
    "Ending",
    "KeyStore",
    "Keyring",
    "Protection",
    "SealedReader",
    "SealedWriter",
    "new_key",
    "open_object",
    "seal_object",
    "system_keyring",
]
