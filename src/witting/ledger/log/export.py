"""A log as a folder of files (C2SP tlog-tiles): written once from a store, read again by whoever checks it without a network.

Knows no database. Invariant: nothing in the folder is trusted; `check_store` recomputes it from its entries against a key that came from
elsewhere.
"""

from collections.abc import Callable
from pathlib import Path

from witting.ledger.log.checkpoint import claimed_size
from witting.ledger.log.store import LogStore, TileId
from witting.ledger.log.tiles import TILE_WIDTH, pack_entries, split_entries, tile_name
from witting.ledger.log.tree import HASH_BYTES
from witting.terms.errors import LogError, UsageError

CHECKPOINT_FILE = "checkpoint"
KEYS_FILE = "verifier-keys"
_HINT = "ask for the export again; keep this one as evidence"
Progress = Callable[[int, int], None]
"""Told how many of how many entries are done."""


def write_export(store: LogStore, folder: Path, *, checkpoint: str, keys: tuple[str, ...], on_progress: Progress | None = None) -> int:
    """Write a log into a fresh folder: checkpoint, tiles, entries, and the keys it says are its own; return how many entries.

    Raises:
        UsageError: the folder holds something.
    """
    if folder.exists() and any(folder.iterdir()):
        message = f"{folder} isn't empty"
        raise UsageError(message, hint="name a folder that isn't there yet")
    size = claimed_size(checkpoint)
    for first in range(0, size, TILE_WIDTH):
        entries = [store.entry(index) for index in range(first, min(first + TILE_WIDTH, size))]
        _write(folder, "entries", index=first // TILE_WIDTH, data=pack_entries(entries), width=len(entries))
        if on_progress is not None:
            on_progress(first + len(entries), size)
    level, hashes = 0, size
    while hashes:
        for index in range(-(-hashes // TILE_WIDTH)):
            width = min(TILE_WIDTH, hashes - index * TILE_WIDTH)
            _write(folder, str(level), index=index, data=store.tile((level, index))[: width * HASH_BYTES], width=width)
        level, hashes = level + 1, hashes // TILE_WIDTH
    (folder / KEYS_FILE).write_text("".join(f"{key}\n" for key in keys), encoding="utf-8")
    (folder / CHECKPOINT_FILE).write_text(checkpoint, encoding="utf-8")
    return size


class FolderLogStore:
    """The log in a folder, as `check_store` reads it; how many entries there should be is what its checkpoint claims."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.checkpoint = _text(folder / CHECKPOINT_FILE)
        self._size = claimed_size(self.checkpoint)
        self._bundle: tuple[int, list[bytes]] = (-1, [])

    def keys(self) -> tuple[str, ...]:
        """Return the keys that the export itself says are the log's and its witness's; anybody could have written them."""
        return tuple(_text(self._folder / KEYS_FILE).split())

    def size(self) -> int:
        """Return how many entries there should be."""
        return self._size

    def entry(self, index: int) -> bytes:
        """Return an entry; raises LogError when its bundle is missing, cut, or holds another number of entries."""
        number, place = divmod(index, TILE_WIDTH)
        if self._bundle[0] != number:
            width = min(TILE_WIDTH, self._size - number * TILE_WIDTH)
            data = self._read(tile_name("entries", number, width=width))
            self._bundle = (number, split_entries(data, width=width))
        return self._bundle[1][place]

    def tile(self, tile: TileId) -> bytes:
        """Return a tile as far as it is filled; raises LogError when its file is missing."""
        level, index = tile
        width = min(TILE_WIDTH, (self._size >> (8 * level)) - index * TILE_WIDTH)
        return self._read(tile_name(str(level), index, width=width)) if width > 0 else b""

    def put(self, entries: object, tiles: object) -> None:
        """Refuse: an export is only read."""
        del entries, tiles
        raise LogError("an exported log can't be added to", hint="append at the hub")

    def _read(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except OSError:
            message = f"{name} of the exported log is missing"
            raise LogError(message, hint=_HINT) from None


def _write(folder: Path, level: str, *, index: int, data: bytes, width: int) -> None:
    file = folder / tile_name(level, index, width=width)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        message = f"{file.name} of the exported log is missing"
        raise LogError(message, hint=_HINT) from None
    except UnicodeDecodeError:
        message = f"{file.name} of the exported log is no text"
        raise LogError(message, hint=_HINT) from None
