"""How a stored session is sealed: one fresh key each, wrapped by the hub's vault key; objects named by session and place.

Invariant: with the wrapped key gone, nobody can open the session's objects, whatever is left of their bytes.
"""

from collections.abc import Iterator

import zstandard

from witting.ledger.seals import open_object, seal_object
from witting.terms.codec import split_frames
from witting.terms.errors import RecordError

MAX_OBJECT_RECORDS_BYTES = 512 * 1024 * 1024
"""Most that one object may unpack to, so that a small parcel can't fill the hub's memory."""

_HINT = "make the parcel again and send it; nothing of this one was kept"
_FED_BYTES = 4096  # zstd makes at most 128 KiB of each 4 bytes, so one feed stays below 128 MiB


def wrap_key(vault_key: bytes, session_id: str, *, key: bytes) -> bytes:
    """Return a session's key sealed by the hub's."""
    return seal_object(vault_key, key, name=_key_name(session_id))


def unwrap_key(vault_key: bytes, session_id: str, *, wrapped: bytes) -> bytes:
    """Return a session's key.

    Raises:
        SealError: it was changed or is another session's.
    """
    return open_object(vault_key, wrapped, name=_key_name(session_id))


def seal_stored(key: bytes, session_id: str, *, ordinal: int, packed: bytes) -> bytes:
    """Return an object's packed records as they are stored."""
    return seal_object(key, packed, name=_object_name(session_id, ordinal))


def open_stored(key: bytes, session_id: str, *, ordinal: int, sealed: bytes) -> bytes:
    """Return the packed records of a stored object.

    Raises:
        SealError: it was changed, or is another session's or place's.
    """
    return open_object(key, sealed, name=_object_name(session_id, ordinal))


def unpack(packed: bytes) -> bytes:
    """Return the length-prefixed records in an object's one zstd frame.

    Raises:
        RecordError: it is no zstd frame, is cut, hides something behind it, or would unpack to more than an object may.
    """
    decompressor = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()
    parts, size = [], 0
    try:
        for start in range(0, len(packed), _FED_BYTES):
            if decompressor.eof:
                raise RecordError("an object holds more than its records", hint=_HINT)
            parts.append(decompressor.decompress(packed[start : start + _FED_BYTES]))
            size += len(parts[-1])
            if size > MAX_OBJECT_RECORDS_BYTES:
                raise RecordError("an object unpacks to more than one may hold", hint="send the session in more objects")
    except zstandard.ZstdError:
        raise RecordError("an object isn't packed as one", hint=_HINT) from None
    if not decompressor.eof or decompressor.unused_data:
        raise RecordError("an object is cut, or holds more than its records", hint=_HINT)
    return b"".join(parts)


def frames(packed: bytes) -> Iterator[bytes]:
    """Yield the encoded records of an object."""
    return split_frames(unpack(packed))


def _key_name(session_id: str) -> bytes:
    return b"witting-vault-key\0" + session_id.encode()


def _object_name(session_id: str, ordinal: int) -> bytes:
    return b"witting-vault\0" + session_id.encode() + b"\0" + ordinal.to_bytes(4, "little")
