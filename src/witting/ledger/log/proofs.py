"""Inclusion and consistency proofs of RFC 6962 / RFC 9162 §2.1, and those of subtrees (draft-ietf-plants-merkle-tree-certs §4).

Making reads O(log² n) node hashes; verifying is pure. Invariant: a verifier returns only when the proof holds and is as long as it must
be; everything else raises. A consistency proof from an empty tree says nothing and is refused.
"""

import hashlib
from collections.abc import Sequence

from witting.ledger.log.tree import EMPTY_ROOT, HASH_BYTES, Node, node_hash, range_hash, split
from witting.terms.errors import LogError

_HINT = "don't trust this log copy; keep the checkpoint you have as evidence"


def inclusion_proof(index: int, size: int, *, node: Node) -> tuple[bytes, ...]:
    """Return the hashes that lead from leaf `index` to the root of the first `size` leaves, nearest first."""
    if not 0 <= index < size:
        raise LogError("a proof was asked for an entry that isn't in the tree", hint="ask for an index below the size")
    begin, end, path = 0, size, []
    while end - begin > 1:
        middle = begin + split(end - begin)
        if index < middle:
            path.append(range_hash(node, middle, end=end))
            end = middle
        else:
            path.append(range_hash(node, begin, end=middle))
            begin = middle
    return tuple(reversed(path))


def consistency_proof(old: int, new: int, *, node: Node) -> tuple[bytes, ...]:
    """Return the hashes that show that the tree of `old` leaves is the start of the one of `new`."""
    if not 0 < old <= new:
        raise LogError("a consistency proof needs an older size of at least 1 and at most the newer", hint="check the two sizes")
    begin, end, path = 0, new, []
    while old != end:
        middle = begin + split(end - begin)
        if old <= middle:
            path.append(range_hash(node, middle, end=end))
            end = middle
        else:
            path.append(range_hash(node, begin, end=middle))
            begin = middle
    if begin > 0:
        path.append(range_hash(node, begin, end=end))
    return tuple(reversed(path))


def verify_inclusion(index: int, size: int, *, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash stands at `index` of the tree of `size` leaves with this root.

    Raises:
        LogError: it doesn't follow.
    """
    verify_subtree_inclusion(index, (0, size), leaf=leaf, proof=proof, root=root)


def verify_consistency(old: int, new: int, *, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree (old, old_root) is the start of the tree (new, new_root).

    Raises:
        LogError: it doesn't follow, or `old` is 0.
    """
    if old <= 0:
        raise LogError("a consistency proof from an empty log says nothing", hint="keep a checkpoint with entries to compare from")
    verify_subtree_consistency((0, old), new, subtree_hash=old_root, root=new_root, proof=proof)


def verify_subtree_inclusion(index: int, subtree: tuple[int, int], *, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash stands at `index` of the log within the subtree [start, end) that has the hash `root`.

    Raises:
        LogError: it doesn't follow.
    """
    start, end = subtree
    _check_bounds(start, end)
    if len(leaf) != HASH_BYTES:
        _check_lengths((leaf,))
    if not start <= index < end:
        raise LogError("an inclusion proof names an entry outside its tree", hint=_HINT)
    place = index - start
    inner = (place ^ (end - start - 1)).bit_length()  # so many steps below the tree's right edge, then one for each tree to the left
    if len(proof) != inner + (place >> inner).bit_count() or not {HASH_BYTES}.issuperset(map(len, proof)):
        _check_lengths(proof)
        raise LogError("an inclusion proof is longer or shorter than its place in the tree", hint=_HINT)
    current, sha256, mark = leaf, hashlib.sha256, b"\1"  # node_hash, without a call for each of many
    for sibling in proof[:inner]:
        current = sha256(mark + sibling + current if place & 1 else mark + current + sibling).digest()
        place >>= 1
    for sibling in proof[inner:]:
        current = sha256(mark + sibling + current).digest()
    if current != root:
        raise LogError("an inclusion proof doesn't lead to the root", hint=_HINT)


def verify_subtree_consistency(subtree: tuple[int, int], size: int, *, subtree_hash: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the subtree [start, end) with the hash given is part of the tree of `size` leaves with this root; an empty one always is.

    Raises:
        LogError: it doesn't follow.
    """
    start, end = subtree
    if end > size:
        raise LogError("a consistency proof names a tree larger than the one it is to be part of", hint=_HINT)
    if 0 <= start == end and subtree_hash == EMPTY_ROOT and not proof:
        return
    _check_bounds(start, end)
    _check_lengths(proof)
    first, inner, outer = start, end - 1, size - 1
    while first != inner and (inner & 1 or inner == outer):
        first, inner, outer = first >> 1, inner >> 1, outer >> 1
    path = list(proof)
    if first != inner and not path:
        raise LogError("a consistency proof is too short", hint=_HINT)
    inner_hash = outer_hash = subtree_hash if first == inner else path.pop(0)
    for sibling in path:
        if outer == 0:
            raise LogError("a consistency proof is too long", hint=_HINT)
        if inner & 1 or inner == outer:
            inner_hash = node_hash(sibling, inner_hash) if first < inner else inner_hash
            outer_hash = node_hash(sibling, outer_hash)
            while inner & 1 == 0:
                first, inner, outer = first >> 1, inner >> 1, outer >> 1
        else:
            outer_hash = node_hash(outer_hash, sibling)
        first, inner, outer = first >> 1, inner >> 1, outer >> 1
    if outer != 0 or inner_hash != subtree_hash or outer_hash != root:
        raise LogError("a consistency proof doesn't lead to both roots", hint=_HINT)


def _check_bounds(start: int, end: int) -> None:
    width = end - start
    if start < 0 or width <= 0 or start & ((1 << (width - 1).bit_length()) - 1):
        raise LogError("a proof is about no tree: its bounds are empty or don't start a subtree", hint=_HINT)


def _check_lengths(hashes: Sequence[bytes]) -> None:
    if any(len(one) != HASH_BYTES for one in hashes):
        raise LogError("a proof holds a hash that isn't 32 bytes long", hint=_HINT)
