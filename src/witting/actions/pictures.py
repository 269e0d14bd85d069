"""Frames → pixels: puts the tiles of a frame together again. Needs numpy and zstandard; nothing else here does.

A tile is the zstd of 64 by 64 RGB bytes; tiles stand row by row, those at the right and lower edge are padded with zeros.
Invariant: a picture is whole or not given at all: each tile is there and is what its name says.
"""

from collections.abc import Mapping

import numpy as np
import xxhash
import zstandard
from numpy.typing import NDArray

from witting.terms.errors import RecordError
from witting.terms.events import Frame, Tile

TILE_PX = 64
_TILE_BYTES = TILE_PX * TILE_PX * 3
_NAME_BYTES = 16
_HINT = "the rest of the session is still readable; run `witting verify`"


def assemble(frame: Frame, tiles: Mapping[str, Tile]) -> NDArray[np.uint8]:
    """Return the picture of a frame, RGB uint8 of shape (height_px, width_px, 3); `tiles` by digest.

    Raises:
        RecordError: a tile is missing or damaged, or the frame names another number of tiles than its size needs.
    """
    rows, columns = -(-frame.height_px // TILE_PX), -(-frame.width_px // TILE_PX)
    if len(frame.tiles) != rows * columns * _NAME_BYTES:
        raise RecordError("a frame names another number of tiles than its size needs", hint=_HINT)
    picture = np.empty((rows * TILE_PX, columns * TILE_PX, 3), dtype=np.uint8)
    opened: dict[str, NDArray[np.uint8]] = {}
    for place in range(rows * columns):
        digest = frame.tiles[place * _NAME_BYTES : (place + 1) * _NAME_BYTES].hex()
        if digest not in opened:
            opened[digest] = pixels_of(tiles.get(digest), digest)
        row, column = divmod(place, columns)
        picture[row * TILE_PX : (row + 1) * TILE_PX, column * TILE_PX : (column + 1) * TILE_PX] = opened[digest]
    return picture[: frame.height_px, : frame.width_px]


def pixels_of(tile: Tile | None, digest: str) -> NDArray[np.uint8]:
    """Return the pixels of the tile that must have this digest, shape (64, 64, 3).

    Raises:
        RecordError: there is none, or its bytes aren't what it is named after.
    """
    if tile is None:
        raise RecordError("a frame names a tile that the session doesn't hold", hint=_HINT)
    try:
        data = zstandard.ZstdDecompressor().decompress(tile.data, max_output_size=_TILE_BYTES)
    except zstandard.ZstdError:
        raise RecordError("a tile can't be decompressed", hint=_HINT) from None
    if len(data) != _TILE_BYTES or xxhash.xxh3_128_hexdigest(data) != digest:
        raise RecordError("a tile's pixels aren't those it is named after", hint=_HINT)
    return np.frombuffer(data, dtype=np.uint8).reshape(TILE_PX, TILE_PX, 3)
