"""What a log entry says, to whoever was given what opens it: its fields and salt, beside a proof that the log holds it.

Pure; knows nothing of stores. Invariant: fields are returned only after the entry was shown to be in the log and to commit to them.
"""

import msgspec

from witting.ledger.log.checkpoint import verify_proof
from witting.ledger.log.entries import Field, open_entry
from witting.terms.errors import LogError
from witting.terms.hub import LogProof


class Opening(msgspec.Struct, frozen=True):
    """What opens a log entry: whoever has it can show what the entry says."""

    fields: dict[str, Field]
    salt: str  # 32 bytes, hex


class Said(msgspec.Struct, frozen=True):
    """What a proven entry says."""

    kind: str  # which deed
    fields: dict[str, Field]  # what it commits to


def read_opening(data: bytes) -> Opening:
    """Return an opening from its JSON.

    Raises:
        LogError: it is none.
    """
    try:
        opening = msgspec.json.decode(data, type=Opening)
        bytes.fromhex(opening.salt)
    except (msgspec.MsgspecError, ValueError):
        raise LogError("a log entry came without what opens it", hint="ask the programme's contact what it is") from None
    return opening


def open_proof(proof: LogProof, public: bytes, *, origin: str) -> Said:
    """Return what a proven entry says, after checking that the log of `origin` holds it and that it commits to its opening.

    Raises:
        LogError: the proof doesn't hold, or the entry says something else than its opening.
    """
    entry = verify_proof(proof, public, origin=origin)
    opening = read_opening(proof.opening)
    return Said(open_entry(entry, opening.fields, salt=bytes.fromhex(opening.salt)), opening.fields)
