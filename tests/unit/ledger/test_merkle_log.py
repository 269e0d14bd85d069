"""The log over tiles equals the textbook tree, and its proofs hold for every entry and size."""

import hashlib
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from witting.ledger.log import (
    EMPTY_ROOT,
    Log,
    MemoryLogStore,
    TileId,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
    verify_subtree_consistency,
)
from witting.ledger.log.tree import range_hash
from witting.terms.errors import LogError


def textbook_root(entries: Sequence[bytes]) -> bytes:
    """Return the root by the recursion of RFC 6962 §2.1, written down as it stands there."""
    if len(entries) <= 1:
        return hashlib.sha256(b"\0" + entries[0]).digest() if entries else hashlib.sha256().digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return hashlib.sha256(b"\1" + textbook_root(entries[:split]) + textbook_root(entries[split:])).digest()


def entries_of(size: int) -> list[bytes]:
    """Return `size` distinct entries."""
    return [b"entry %d" % number for number in range(size)]


def log_of(size: int) -> Log:
    """Return a log of `size` distinct entries."""
    log = Log(MemoryLogStore())
    log.extend(entries_of(size))
    return log


BIG = 1400
BIG_LOG = log_of(BIG)
sizes = st.integers(1, BIG)


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_root_equals_the_textbook(entries: list[bytes]) -> None:
    """The root computed level by level and from tiles is the one RFC 6962 defines."""
    log = Log(MemoryLogStore())
    log.extend(entries)
    assert root_of([leaf_hash(entry) for entry in entries]) == log.root() == textbook_root(entries)


@settings(deadline=None)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=6))
def test_appending_in_any_portions_gives_one_log(portions: list[int]) -> None:
    """However entries arrive, one by one or in bulk, over tile edges or not, the tiles are the same."""
    in_portions = MemoryLogStore()
    entries = entries_of(sum(portions))
    first = 0
    for portion in portions:
        assert Log(in_portions).extend(entries[first : first + portion]) == first
        first += portion
    at_once = MemoryLogStore()
    Log(at_once).extend(entries)
    assert in_portions.tiles == at_once.tiles
    assert Log(in_portions).root() == textbook_root(entries)


@given(sizes, st.data())
def test_every_entry_can_be_proven(size: int, data: st.DataObject) -> None:
    """At every size every entry has a proof that holds, and holds for nothing else."""
    index = data.draw(st.integers(0, size - 1))
    proof, root, leaf = BIG_LOG.inclusion_proof(index, size), BIG_LOG.root(size), leaf_hash(b"entry %d" % index)
    verify_inclusion(index, size, leaf=leaf, proof=proof, root=root)
    other = data.draw(st.integers(0, size - 1).filter(lambda one: one != index)) if size > 1 else 1
    for wrong in (
        lambda: verify_inclusion(other, size, leaf=leaf, proof=proof, root=root),
        lambda: verify_inclusion(index, size, leaf=leaf_hash(b"entry"), proof=proof, root=root),
        lambda: verify_inclusion(index, size, leaf=leaf, proof=[*proof, leaf], root=root),
        lambda: verify_inclusion(index, size, leaf=leaf, proof=proof, root=EMPTY_ROOT),
        lambda: verify_inclusion(-1, size, leaf=leaf, proof=proof, root=root),
    ):
        with pytest.raises(LogError):
            wrong()


@given(sizes, sizes)
def test_growth_can_be_proven(one: int, two: int) -> None:
    """Any two sizes of one log are shown to be one log; with a changed root they aren't."""
    old, new = sorted((one, two))
    proof = BIG_LOG.consistency_proof(old, new)
    verify_consistency(old, new, old_root=BIG_LOG.root(old), new_root=BIG_LOG.root(new), proof=proof)
    with pytest.raises(LogError):
        verify_consistency(old, new, old_root=leaf_hash(b"x"), new_root=BIG_LOG.root(new), proof=proof)
    with pytest.raises(LogError):
        verify_consistency(old, new, old_root=BIG_LOG.root(old), new_root=leaf_hash(b"x"), proof=proof)
    with pytest.raises(LogError):
        verify_consistency(old, new, old_root=BIG_LOG.root(old), new_root=BIG_LOG.root(new), proof=[*proof, leaf_hash(b"x")])


@pytest.mark.promise("P17")
@given(st.integers(2, 200), st.data())
def test_fork_cannot_be_proven_consistent(size: int, data: st.DataObject) -> None:
    """A log whose past was rewritten has no consistency proof with the log it was."""
    entries = entries_of(size)
    changed = data.draw(st.integers(0, size - 2))
    entries[changed] = b"rewritten"
    fork = Log(MemoryLogStore())
    fork.extend(entries)
    old = data.draw(st.integers(changed + 1, size))
    with pytest.raises(LogError):
        verify_consistency(old, size, old_root=BIG_LOG.root(old), new_root=fork.root(), proof=fork.consistency_proof(old))


@given(st.integers(0, 9), st.data())
def test_subtree_belongs_to_its_tree(level: int, data: st.DataObject) -> None:
    """A complete subtree and the tree it stands in verify with the proof that its place is made of."""
    width = 1 << level
    start = data.draw(st.integers(0, BIG // width - 1)) * width
    size = data.draw(st.integers(start + width, BIG))
    leaves = [leaf_hash(entry) for entry in entries_of(size)]

    def node(level: int, index: int) -> bytes:
        return root_of(leaves[index << level : (index + 1) << level])

    begin, end, path = 0, size, []
    while (begin, end) != (start, start + width):
        middle = begin + (1 << ((end - begin - 1).bit_length() - 1))
        if start < middle:
            path.append(range_hash(node, middle, end=end))
            end = middle
        else:
            path.append(range_hash(node, begin, end=middle))
            begin = middle
    verify_subtree_consistency(
        (start, start + width), size, subtree_hash=node(level, start >> level), root=BIG_LOG.root(size), proof=path[::-1]
    )


class _CountingStore(MemoryLogStore):
    """Counts what is read."""

    def __init__(self) -> None:
        super().__init__()
        self.entries_read = 0
        self.tiles_read: list[TileId] = []

    def entry(self, index: int) -> bytes:
        """Count a read of an entry."""
        self.entries_read += 1
        return super().entry(index)

    def tile(self, tile: TileId) -> bytes:
        """Count a read of a tile."""
        self.tiles_read.append(tile)
        return super().tile(tile)

    def put(self, entries: Sequence[bytes], tiles: Mapping[TileId, bytes]) -> None:
        """Keep."""
        super().put(entries, tiles)


def test_a_proof_reads_few_tiles_and_no_entries() -> None:
    """A proof from a log of 70,000 entries touches a handful of tiles, each once."""
    store = _CountingStore()
    log = Log(store)
    log.extend(entries_of(70_000))
    store.tiles_read.clear()
    proof = log.inclusion_proof(3_000)
    assert (store.entries_read, len(proof)) == (0, 17)
    assert len(store.tiles_read) == len(set(store.tiles_read)) <= 4
    store.tiles_read.clear()
    log.append(b"one more")
    assert len(store.tiles_read) <= 2
    assert set(store.tiles) >= {(0, 273), (1, 1), (2, 0)}


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0), (0, BIG + 1), (3, -1)])
def test_proof_beyond_the_log_is_refused(index: int, size: int) -> None:
    """Asking for what isn't there is an error, not a wrong proof."""
    with pytest.raises(LogError):
        BIG_LOG.inclusion_proof(index, size)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5), (1, BIG + 1)])
def test_consistency_of_impossible_sizes_is_refused(old: int, new: int) -> None:
    """There is no growth from nothing, backwards, or into the future."""
    with pytest.raises(LogError):
        BIG_LOG.consistency_proof(old, new)
    with pytest.raises(LogError):
        verify_consistency(old, new, old_root=EMPTY_ROOT, new_root=EMPTY_ROOT, proof=[])


@pytest.mark.parametrize("damage", [b"", bytes(31), bytes(256 * 32 + 32)])
def test_damaged_tile_is_named(damage: bytes) -> None:
    """A tile that is missing, cut or too long is reported by its number."""
    store = MemoryLogStore()
    log = Log(store)
    log.extend(entries_of(300))
    store.tiles[0, 0] = damage
    with pytest.raises(LogError, match="tile 0/0"):
        log.inclusion_proof(3)


def test_small_roots() -> None:
    """The root of nothing, of one and of two entries are those of RFC 6962."""
    assert Log(MemoryLogStore()).root() == EMPTY_ROOT == root_of([])
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root_of([leaf_hash(b"a"), leaf_hash(b"b")]) == node_hash(leaf_hash(b"a"), leaf_hash(b"b"))
