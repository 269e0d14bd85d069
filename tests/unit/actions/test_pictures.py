"""Pictures come back from tiles pixel by pixel, or not at all."""

import msgspec
import numpy as np
import pytest
import xxhash
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from witting.actions.pictures import TILE_PX, assemble
from witting.terms.errors import RecordError
from witting.terms.events import Frame, Tile


def cut(picture: NDArray[np.uint8]) -> tuple[Frame, dict[str, Tile]]:
    """Return a picture as a frame and its tiles, the edges padded with zeros."""
    height, width = picture.shape[:2]
    padded = np.pad(picture, ((0, -height % TILE_PX), (0, -width % TILE_PX), (0, 0)))
    tiles, names = {}, []
    for top in range(0, height, TILE_PX):
        for left in range(0, width, TILE_PX):
            raw = padded[top : top + TILE_PX, left : left + TILE_PX].tobytes()
            names.append(xxhash.xxh3_128_hexdigest(raw))
            tiles[names[-1]] = Tile(names[-1], zstandard.compress(raw))
    return Frame(0, "start", width, height, bytes.fromhex("".join(names)), 0.0), tiles


def drawn(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    """Return a picture of noise."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@given(st.integers(1, 200), st.integers(1, 200), st.integers(0, 5))
def test_picture_round_trip(height: int, width: int, seed: int) -> None:
    """A picture of any size comes back as it was."""
    picture = drawn(height, width, seed)
    assert np.array_equal(assemble(*cut(picture)), picture)


def test_missing_tile_is_refused() -> None:
    """A frame isn't shown with a hole that nobody declared."""
    frame, tiles = cut(drawn(100, 100))
    tiles.popitem()
    with pytest.raises(RecordError, match="doesn't hold"):
        assemble(frame, tiles)


@pytest.mark.parametrize("data", [b"", b"garbage", zstandard.compress(b"short"), zstandard.compress(bytes(64 * 64 * 3))])
def test_damaged_tile_is_refused(data: bytes) -> None:
    """Pixels that aren't what the tile is named after are refused."""
    frame, tiles = cut(drawn(64, 64))
    name = next(iter(tiles))
    with pytest.raises(RecordError):
        assemble(frame, {name: Tile(name, data)})


def test_tile_of_another_size_is_refused() -> None:
    """A tile that is what its name says but no 64 by 64 pixels isn't shown."""
    raw = b"not a tile's pixels"
    name = xxhash.xxh3_128_hexdigest(raw)
    with pytest.raises(RecordError):
        assemble(Frame(0, "start", 64, 64, bytes.fromhex(name), 0.0), {name: Tile(name, zstandard.compress(raw))})


def test_tile_that_swells_is_refused() -> None:
    """A tile that would decompress to more than a tile isn't decompressed."""
    frame, tiles = cut(drawn(64, 64))
    name = next(iter(tiles))
    with pytest.raises(RecordError):
        assemble(frame, {name: Tile(name, zstandard.compress(bytes(10_000_000)))})


def test_frame_with_another_number_of_tiles_is_refused() -> None:
    """A frame whose size and tiles don't agree isn't guessed at."""
    frame, tiles = cut(drawn(100, 100))
    with pytest.raises(RecordError, match="number of tiles"):
        assemble(msgspec.structs.replace(frame, width_px=200), tiles)
