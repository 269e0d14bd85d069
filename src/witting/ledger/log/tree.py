"""Merkle tree hashes of RFC 6962 §2.1 (SHA-256). Pure; knows nothing of where hashes are kept.

Invariant: a leaf's hash is never a node's (one byte in front tells them apart).
"""

import hashlib
from collections.abc import Callable, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Node = Callable[[int, int], bytes]
"""Reads the hash of the complete subtree of 2^level leaves that is number `index` of its level."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry, 32 bytes."""
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash over two subtrees, 32 bytes."""
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes in order; the root of nothing is the hash of nothing."""
    level = list(hashes)
    while len(level) > 1:
        pairs = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0] if level else EMPTY_ROOT


def range_hash(node: Node, begin: int, *, end: int) -> bytes:
    """Return the hash over the leaves begin to end (exclusive), put together from complete subtrees; `begin` starts a subtree."""
    width = end - begin
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return node(level, begin >> level)
    middle = begin + split(width)
    return node_hash(range_hash(node, begin, end=middle), range_hash(node, middle, end=end))


def split(width: int) -> int:
    """Return the largest power of two below `width` (RFC 6962: k), for width of at least 2."""
    return 1 << ((width - 1).bit_length() - 1)
