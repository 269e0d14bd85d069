"""Log entries as salted commitments: the log shows that something of a kind was recorded, never what or about whom.

An entry is the RFC 8785 JSON of its kind and of HMAC-SHA256(salt, kind and fields). Whoever has salt and fields can show what an
entry says; without the 32 random bytes of salt no guess of low-entropy fields can be tried; once the salt is destroyed, nobody can.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping

import rfc8785

from witting.terms.errors import LogError

SALT_BYTES = 32

Field = str | int | bool | tuple[str, ...] | None
"""What a committed field may hold."""


def new_salt() -> bytes:
    """Return 32 fresh random bytes; keep them beside the record that the entry is about, and destroy them with it."""
    return secrets.token_bytes(SALT_BYTES)


def commit_entry(kind: str, fields: Mapping[str, Field], *, salt: bytes) -> bytes:
    """Return the entry of `kind` that commits to `fields` under a 32-byte salt.

    Raises:
        ValueError: the salt isn't 32 bytes long.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt is 32 random bytes")
    committed = rfc8785.dumps({"kind": kind, "fields": dict(fields)})
    return rfc8785.dumps({"kind": kind, "commitment": hmac.new(salt, committed, hashlib.sha256).hexdigest()})


def open_entry(entry: bytes, fields: Mapping[str, Field], *, salt: bytes) -> str:
    """Return the kind of an entry after checking that it commits to `fields` under `salt`.

    Raises:
        LogError: it commits to something else.
    """
    kind = entry_kind(entry)
    if not hmac.compare_digest(entry, commit_entry(kind, fields, salt=salt)):
        raise LogError("a log entry doesn't commit to these fields", hint="compare the fields and salt with the receipt's")
    return kind


def entry_kind(entry: bytes) -> str:
    """Return the kind of an entry, the one thing it says in the clear.

    Raises:
        LogError: it is no entry.
    """
    try:
        kind = json.loads(entry)["kind"]
    except (ValueError, KeyError, TypeError):
        raise LogError("bytes in the log are no entry of this version", hint="don't trust this log copy") from None
    return str(kind)
