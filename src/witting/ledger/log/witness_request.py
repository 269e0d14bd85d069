"""The body of a request to cosign a checkpoint (C2SP tlog-witness `add-checkpoint`). Pure."""

import base64
import binascii
import re

from witting.ledger.log.tree import HASH_BYTES
from witting.terms.errors import LogError

_MALFORMED = "the request is none of C2SP tlog-witness"
_MOST_HASHES = 63
_MOST_CHARACTERS = 100_000
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


def write_request(note: str, *, old: int, proof: tuple[bytes, ...]) -> str:
    """Return the body of a request to cosign a checkpoint."""
    return "\n".join([f"old {old}", *(base64.b64encode(one).decode() for one in proof), "", note])


def read_request(body: str) -> tuple[int, list[bytes], str]:
    """Return old size, proof and checkpoint of a request; whether they hold is for the witness to see.

    Raises:
        LogError: it is no such request.
    """
    head, found, note = body.partition("\n\n")
    first, *lines = head.split("\n")
    old = _OLD.fullmatch(first)
    if old is None or not found or len(lines) > _MOST_HASHES or len(body) > _MOST_CHARACTERS:
        raise LogError(_MALFORMED, hint="nothing was cosigned")
    try:
        proof = [base64.b64decode(line, validate=True) for line in lines]
    except (binascii.Error, ValueError):
        raise LogError(_MALFORMED, hint="nothing was cosigned") from None
    if any(len(one) != HASH_BYTES for one in proof):
        raise LogError(_MALFORMED, hint="nothing was cosigned")
    return int(old[1]), proof, note
