"""The log over a store of entries and tiles (C2SP tlog-tiles: 256 hashes of 32 bytes each, eight tree levels apart).

A store only keeps bytes: `MemoryLogStore` here, SQL in the hub. `Log` computes; it holds no state of its own, so one made over a
transaction sees what that transaction sees. Invariant: entries and the tiles that follow from them are put together or not at all.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from witting.ledger.keys import SigningKey
from witting.ledger.log.checkpoint import checkpoint, open_checkpoint
from witting.ledger.log.proofs import consistency_proof, inclusion_proof
from witting.ledger.log.tree import HASH_BYTES, Node, leaf_hash, range_hash, root_of
from witting.terms.errors import LogError
from witting.terms.hub import LogProof

TileId = tuple[int, int]
"""Tile level (0 holds leaf hashes, level n the hashes of 256^n leaves) and index within the level."""

_TILE_LEVELS = 8
_TILE_HASHES = 1 << _TILE_LEVELS
_TILE_BYTES = _TILE_HASHES * HASH_BYTES
_CHECKED_AT_ONCE = 16 * _TILE_HASHES


class LogStore(Protocol):
    """Keeps entries and tiles; computes nothing."""

    def size(self) -> int:
        """Return how many entries there are."""
        ...

    def entry(self, index: int) -> bytes:
        """Return an entry; raises IndexError beyond the size."""
        ...

    def tile(self, tile: TileId) -> bytes:
        """Return a tile as far as it is filled, a multiple of 32 bytes up to 8,192; empty when there is none."""
        ...

    def put(self, entries: Sequence[bytes], tiles: Mapping[TileId, bytes]) -> None:
        """Append entries and replace the tiles given, in one transaction."""
        ...


class MemoryLogStore:
    """A store in memory, for tests and for recomputing a log from its entries."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []
        self.tiles: dict[TileId, bytes] = {}

    def size(self) -> int:
        """Return how many entries there are."""
        return len(self.entries)

    def entry(self, index: int) -> bytes:
        """Return an entry; raises IndexError beyond the size."""
        return self.entries[index]

    def tile(self, tile: TileId) -> bytes:
        """Return a tile as far as it is filled; empty when there is none."""
        return self.tiles.get(tile, b"")

    def put(self, entries: Sequence[bytes], tiles: Mapping[TileId, bytes]) -> None:
        """Append entries and replace the tiles given."""
        self.entries.extend(entries)
        self.tiles.update(tiles)


class Log:
    """An append-only log; proofs read tiles, never all entries."""

    def __init__(self, store: LogStore) -> None:
        self._store = store

    @property
    def size(self) -> int:
        """How many entries there are."""
        return self._store.size()

    def entry(self, index: int) -> bytes:
        """Return an entry; raises IndexError beyond the size."""
        return self._store.entry(index)

    def append(self, entry: bytes) -> int:
        """Append one entry and return its index."""
        return self.extend([entry])

    def extend(self, entries: Sequence[bytes]) -> int:
        """Append entries in order and return the index of the first."""
        first = self._store.size()
        self._store.put(entries, _grown_tiles(self._store, first, hashes=[leaf_hash(entry) for entry in entries]))
        return first

    def root(self, size: int | None = None) -> bytes:
        """Return the root over the first `size` entries, or over all."""
        wanted = self._size(size)
        return range_hash(_node_reader(self._store), 0, end=wanted) if wanted else root_of(())

    def inclusion_proof(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """Return the proof that entry `index` is among the first `size` entries."""
        return inclusion_proof(index, self._size(size), node=_node_reader(self._store))

    def consistency_proof(self, old: int, new: int | None = None) -> tuple[bytes, ...]:
        """Return the proof that the log of `old` entries is the start of the one of `new`."""
        return consistency_proof(old, self._size(new), node=_node_reader(self._store))

    def checkpoint(self, origin: str, signing_key: SigningKey) -> str:
        """Return the signed checkpoint of the log as it stands; the key is named as the origin is."""
        return checkpoint(origin, self.size, root=self.root(), signing_key=signing_key, name=origin)

    def prove(self, index: int, origin: str, *, signing_key: SigningKey) -> LogProof:
        """Return all that is needed to verify entry `index` offline."""
        return LogProof(
            index=index,
            entry=self.entry(index),
            checkpoint=self.checkpoint(origin, signing_key),
            hashes=self.inclusion_proof(index),
        )

    def _size(self, size: int | None) -> int:
        if size is not None and not 0 <= size <= self.size:
            raise LogError("the log isn't that long", hint="ask for a size up to that of the newest checkpoint")
        return self.size if size is None else size


def check_store(store: LogStore, signed_checkpoint: str, *, verifier: str, on_progress: Callable[[int, int], None] | None = None) -> int:
    """Recompute the whole log from its entries against tiles and a signed checkpoint; return how many entries the checkpoint covers.

    `on_progress` is told how many of how many entries are done. Memory stays at the hashes: entries aren't kept.

    Raises:
        LogError: an entry was flipped, removed, moved or cut off, a tile doesn't follow from the entries, or the checkpoint isn't genuine.
    """
    wanted = open_checkpoint(signed_checkpoint, verifier)
    size = store.size()
    if size < wanted.size:
        message = f"the log holds {size} entries of the {wanted.size} it signed for"
        raise LogError(message, hint="restore the log from a backup")
    fresh = _Hashes()
    rebuilt = Log(fresh)
    for first in range(0, size, _CHECKED_AT_ONCE):
        end = min(first + _CHECKED_AT_ONCE, size)
        rebuilt.extend([store.entry(index) for index in range(first, end)])
        if on_progress is not None:
            on_progress(end, size)
    if rebuilt.root(wanted.size) != wanted.root:
        raise LogError("the log's entries don't lead to the root it signed", hint="keep this copy as evidence; compare with a witness")
    if any(store.tile(tile) != data for tile, data in fresh.tiles.items()):
        raise LogError("a tile of the log doesn't follow from its entries", hint="rebuild the tiles from the entries, which are sound")
    return wanted.size


class _Hashes(MemoryLogStore):
    """Keeps tiles and counts entries, for recomputing a log larger than memory."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def size(self) -> int:
        """Return how many entries there were."""
        return self._count

    def put(self, entries: Sequence[bytes], tiles: Mapping[TileId, bytes]) -> None:
        """Count entries and replace the tiles given."""
        self._count += len(entries)
        self.tiles.update(tiles)


def _grown_tiles(store: LogStore, size: int, *, hashes: Iterable[bytes]) -> dict[TileId, bytes]:
    """Return the tiles that change when leaf hashes are appended to a log of `size` entries."""
    grown: dict[TileId, bytes] = {}
    level, place, pending = 0, size, list(hashes)
    while pending:
        full: list[bytes] = []
        first_full = place // _TILE_HASHES
        while pending:
            tile, used = divmod(place, _TILE_HASHES)
            taken, pending = pending[: _TILE_HASHES - used], pending[_TILE_HASHES - used :]
            start = _tile(store, (level, tile), width=used) if used else b""
            grown[level, tile] = start + b"".join(taken)
            place += len(taken)
            if used + len(taken) == _TILE_HASHES:
                full.append(root_of(_hashes(grown[level, tile])))
        level, place, pending = level + 1, first_full, full
    return grown


def _node_reader(store: LogStore) -> Node:
    """Return a reader of node hashes that fetches each tile once."""
    fetched: dict[TileId, bytes] = {}

    def node(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, _TILE_LEVELS)
        tile, place = divmod(index << height, _TILE_HASHES)
        identifier = (tile_level, tile)
        width = place + (1 << height)
        if len(fetched.get(identifier, b"")) < width * HASH_BYTES:
            fetched[identifier] = _tile(store, identifier, width=width)
        return root_of(_hashes(fetched[identifier][place * HASH_BYTES : width * HASH_BYTES]))

    return node


def _tile(store: LogStore, tile: TileId, *, width: int) -> bytes:
    """Return a tile of which at least `width` hashes must be there."""
    data = store.tile(tile)
    if len(data) < width * HASH_BYTES or len(data) > _TILE_BYTES:
        message = f"tile {tile[0]}/{tile[1]} of the log is damaged or missing"
        raise LogError(message, hint="rebuild the tiles from the entries")
    return data


def _hashes(data: bytes) -> list[bytes]:
    return [data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)]
