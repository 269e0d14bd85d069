"""The Merkle log's entries and tiles in the hub's database, over one connection: what a deed writes and its entry are one transaction.

Knows nothing of hashes or keys (`witting.ledger.log`). Invariant: entries are only ever inserted, at the position that follows.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, func, insert, select

from witting.hub.schema import log_entry, log_tile
from witting.ledger.log import TileId


class SqlLogStore:
    """A `LogStore` that sees and changes what its transaction does."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def size(self) -> int:
        """Return how many entries there are."""
        last = self._connection.execute(select(func.max(log_entry.c.position))).scalar()
        return 0 if last is None else int(last) + 1

    def entry(self, index: int) -> bytes:
        """Return an entry; raises IndexError beyond the size."""
        found = self._connection.execute(select(log_entry.c.entry).where(log_entry.c.position == index)).scalar()
        if found is None:
            message = f"the log has no entry {index}"
            raise IndexError(message)
        return bytes(found)

    def entries(self, first: int, count: int) -> list[bytes]:
        """Return up to `count` entries from `first` on."""
        rows = select(log_entry.c.entry).where(log_entry.c.position >= first, log_entry.c.position < first + count)
        return [bytes(entry) for entry in self._connection.execute(rows.order_by(log_entry.c.position)).scalars()]

    def tile(self, tile: TileId) -> bytes:
        """Return a tile as far as it is filled; empty when there is none."""
        level, position = tile
        found = self._connection.execute(
            select(log_tile.c.hashes).where(log_tile.c.level == level, log_tile.c.position == position)
        ).scalar()
        return b"" if found is None else bytes(found)

    def put(self, entries: Sequence[bytes], tiles: Mapping[TileId, bytes]) -> None:
        """Append entries and replace the tiles given."""
        first = self.size()
        self._connection.execute(insert(log_entry), [{"position": first + place, "entry": entry} for place, entry in enumerate(entries)])
        for (level, position), hashes in tiles.items():
            self._connection.execute(delete(log_tile).where(log_tile.c.level == level, log_tile.c.position == position))
            self._connection.execute(insert(log_tile).values(level=level, position=position, hashes=hashes))
