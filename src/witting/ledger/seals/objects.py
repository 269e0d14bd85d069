"""Single sealed objects: XChaCha20-Poly1305 with a random nonce in front; the object's name is authenticated with it.

Knows nothing of files or keys' whereabouts. Invariant: an object opens only whole, unchanged, under its own name and key.
"""

import secrets

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_ABYTES,
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
)
from nacl.exceptions import CryptoError

from witting.terms.errors import SealError

KEY_BYTES = 32
_NONCE_BYTES: int = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
_OVERHEAD_BYTES: int = _NONCE_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES


def new_key() -> bytes:
    """Return 32 fresh secret bytes."""
    return secrets.token_bytes(KEY_BYTES)


def seal_object(key: bytes, data: bytes, *, name: bytes) -> bytes:
    """Return nonce (24 bytes) + ciphertext of `data`, bound to `name`."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(data, name, nonce, key)


def open_object(key: bytes, sealed: bytes, *, name: bytes) -> bytes:
    """Return what `seal_object` sealed.

    Raises:
        SealError: changed, cut, under another name, or of another key.
    """
    if len(sealed) < _OVERHEAD_BYTES:
        message = f"a sealed object of {len(sealed)} bytes is too short to be one"
        raise SealError(message, hint="fetch it again; nothing of it was used")
    try:
        return crypto_aead_xchacha20poly1305_ietf_decrypt(sealed[_NONCE_BYTES:], name, sealed[:_NONCE_BYTES], key)
    except CryptoError:
        raise SealError("a sealed object was changed or belongs to another key or name", hint="nothing of it was used") from None
