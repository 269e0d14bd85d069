"""A log proof checked with nothing but the standard library and Ed25519: short enough to be read by whoever has to trust it.

Shares no line with the rest of the log on purpose: it can be copied out and run where witting isn't installed.
"""

import base64
import hashlib
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def verify_offline(proof: str | bytes, verifier: str) -> bytes:
    """Return the entry proven by a LogProof in JSON, under a C2SP verifier key `name+hash+base64`.

    Raises:
        ValueError: the proof doesn't hold.
        cryptography.exceptions.InvalidSignature: the checkpoint isn't genuine.
    """
    facts = json.loads(proof)
    entry = base64.b64decode(facts["entry"])
    path = [base64.b64decode(one) for one in facts["hashes"]]
    name, key_hash, key = verifier.split("+", 2)
    public = base64.b64decode(key)
    if public[0] != 1 or hashlib.sha256(f"{name}\n".encode() + public).hexdigest()[:8] != key_hash:
        raise ValueError("not an Ed25519 verifier key")
    text, _, signatures = facts["checkpoint"].rpartition("\n\n")
    ours = [base64.b64decode(line.split(" ")[2]) for line in signatures.splitlines() if line.startswith(f"— {name} ")]
    signature = next((one for one in ours if one[:4].hex() == key_hash), b"")
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature[4:], text.encode() + b"\n")
    origin, size, root = text.split("\n")[:3]
    index, last, current = int(facts["index"]), int(size) - 1, hashlib.sha256(b"\0" + entry).digest()
    if origin != name or not 0 <= index <= last:
        raise ValueError("another log, or an entry beyond its end")
    while last:
        if index & 1 or index < last:  # there is a sibling on this level
            if not path:
                raise ValueError("the proof is too short")
            pair = path.pop(0) + current if index & 1 else current + path.pop(0)
            current = hashlib.sha256(b"\1" + pair).digest()
        index, last = index >> 1, last >> 1
    if path or current != base64.b64decode(root):
        raise ValueError("the entry doesn't lead to the signed root")
    return entry
