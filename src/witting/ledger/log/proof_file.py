"""A proof as one text file (C2SP tlog-proof): the index, the way to the root, the signed checkpoint with its cosignatures.

The entry, and for the person concerned what opens it, stand in the line of extra data, so that one file is enough. Knows no keys.
Invariant: what `read_proof` returns isn't trusted yet (`verify_proof`); a file not in the one form that `write_proof` writes is refused.
"""

import base64
import binascii
import re

import msgspec

from witting.ledger.log.tree import HASH_BYTES
from witting.terms.errors import LogError
from witting.terms.hub import LogProof

PROOF_SUFFIX = ".tlog-proof"
_MAGIC = "c2sp.org/tlog-proof@v1"
_MOST_HASHES = 63
_MOST_CHARACTERS = 1_000_000
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
_HINT = "save it again from the page it came from"


class _Extra(msgspec.Struct, frozen=True):
    """What stands in the line of extra data."""

    entry: bytes  # the log entry
    opening: bytes = b""  # what opens it; empty where it stays closed


def write_proof(proof: LogProof) -> str:
    """Return a proof as the text of a `.tlog-proof` file."""
    extra = base64.b64encode(msgspec.json.encode(_Extra(proof.entry, proof.opening))).decode()
    hashes = [base64.b64encode(one).decode() for one in proof.hashes]
    return "\n".join([_MAGIC, f"extra {extra}", f"index {proof.index}", *hashes, "", proof.checkpoint])


def read_proof(text: str) -> LogProof:
    """Return the proof in a `.tlog-proof` file; nothing of it is checked yet.

    Raises:
        LogError: it is no such file, or was cut.
    """
    head, found, checkpoint = text.partition("\n\n")
    magic, *lines = head.split("\n")
    if magic != _MAGIC or not found or not checkpoint.endswith("\n") or len(text) > _MOST_CHARACTERS:
        raise LogError("a file is no proof of a log entry (C2SP tlog-proof), or was cut", hint=_HINT)
    if not lines or not lines[0].startswith("extra "):
        raise LogError("a proof file doesn't hold the entry that it proves", hint=_HINT)
    extra = _extra(lines.pop(0).removeprefix("extra "))
    index = _INDEX.fullmatch(lines.pop(0)) if lines else None
    hashes = tuple(_decode(line) for line in lines)
    if index is None or len(hashes) > _MOST_HASHES or any(len(one) != HASH_BYTES for one in hashes):
        raise LogError("a proof file names no index, or has a line that is no hash", hint=_HINT)
    return LogProof(index=int(index[1]), entry=extra.entry, checkpoint=checkpoint, hashes=hashes, opening=extra.opening)


def _extra(text: str) -> _Extra:
    try:
        return msgspec.json.decode(_decode(text), type=_Extra)
    except msgspec.MsgspecError:
        raise LogError("a proof file doesn't hold the entry that it proves", hint=_HINT) from None


def _decode(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise LogError("base64 in a proof file can't be read", hint=_HINT) from None
    if base64.b64encode(data).decode() != text:
        raise LogError("base64 in a proof file isn't in its one form", hint=_HINT)
    return data
