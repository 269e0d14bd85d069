"""Windows: a step with the pictures before it, opened from their seals at random.

Knows Lance rows and tiles, not batches. A window stays in its episode. Invariant: nothing unsealed is written; keys and
a bounded number of decoded tiles are all that is kept in memory.
"""

from collections import ChainMap, OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any, NamedTuple

import lance
import msgspec
import numpy as np
import xxhash
import zstandard
from numpy.typing import NDArray

from witting.actions.pictures import TILE_PX
from witting.lab.dataset import Dataset
from witting.lab.dataset.manifest import STEPS_FOLDER
from witting.lab.dataset.rows import Picture, action_of, picture_of
from witting.terms.errors import RecordError
from witting.terms.events import Frame, Tile
from witting.terms.work import Action, Episode

_COLUMNS = ["session_id", "episode_index", "step_index", "timestamp_ns", "action", "image"]
_TILE_BYTES = TILE_PX * TILE_PX * 3
KEPT_TILES = 4096  # decoded, 12 KiB each
KEPT_WHOLES = 256  # pictures that others rest on, as they were packed


class Window(NamedTuple):
    """A step and what was seen up to it."""

    episode_id: str
    step_index: int
    timestamp_ns: int
    instruction: str
    action: Action
    frames: tuple[NDArray[np.uint8], ...]  # oldest first, the last is the step's own; (height, width, 3) each


class _Place(NamedTuple):
    """Where a window's rows stand."""

    rows: tuple[int, ...]  # oldest first
    episode: Episode


class WindowSource:
    """The windows of a dataset's steps that have a picture, by number."""

    def __init__(self, dataset: Dataset, *, history: int = 0, sessions: Sequence[str] | None = None) -> None:
        self._rows = lance.dataset(str(dataset.path / STEPS_FOLDER))
        self._keys = {session.session_id: dataset.key(session.session_id) for session in dataset.manifest.sessions}
        self._first_rows = dataset.first_rows
        self.forget()
        self._places = self._find(dataset, history=history, wanted=None if sessions is None else frozenset(sessions))

    def __len__(self) -> int:
        return len(self._places)

    def forget(self) -> None:
        """Forget every decoded tile and whole picture."""
        self._tiles = _Tiles(KEPT_TILES)
        self._wholes: dict[int, dict[str, Tile]] = {}  # by row: what other pictures rest on

    def windows(self, numbers: Sequence[int]) -> list[Window]:
        """Return the windows of these numbers; rows that several of them hold are read and opened once.

        Raises:
            SealError: a session's key was destroyed, or a value was changed.
            RecordError: a picture is damaged.
        """
        places = [self._places[number] for number in numbers]
        rows = self._take(sorted({row for place in places for row in place.rows}))
        pictures = {row: picture_of(told, self._keys[told["session_id"]]) for row, told in rows.items()}
        wholes = self._take_wholes(rows, pictures)
        frames = {}
        for row, picture in pictures.items():
            if picture is None:
                raise RecordError("a step of a dataset lost its picture", hint="run `witting dataset check`")
            whole = wholes[self._first_rows[rows[row]["session_id"]] + picture.base] if picture.base >= 0 else {}
            frames[row] = self._tiles.assemble(picture.frame, ChainMap({tile.digest: tile for tile in picture.tiles}, whole))
        return [self._window(place, rows[place.rows[-1]], frames=frames) for place in places]

    def _take(self, numbers: Sequence[int]) -> dict[int, dict[str, Any]]:
        return dict(zip(numbers, self._rows.take(list(numbers), columns=_COLUMNS).to_pylist(), strict=True)) if numbers else {}

    def _take_wholes(self, rows: dict[int, dict[str, Any]], pictures: dict[int, Picture | None]) -> dict[int, dict[str, Tile]]:
        """Return the whole pictures that others rest on; a few hundred stay, still packed."""
        resting = {row: picture.base for row, picture in pictures.items() if picture is not None and picture.base >= 0}
        wanted = {self._first_rows[rows[row]["session_id"]] + base for row, base in resting.items()}
        known = self._wholes  # other threads may put another in its place
        missing = self._take(sorted(wanted - known.keys()))
        opened = {row: picture_of(told, self._keys[told["session_id"]]) for row, told in missing.items()}
        fresh = {row: {tile.digest: tile for tile in one.tiles} for row, one in opened.items() if one is not None}
        wholes = known | fresh
        self._wholes = wholes if len(wholes) < KEPT_WHOLES else fresh
        return wholes

    def episode(self, number: int) -> range:
        """Return the numbers of all windows of the episode that window `number` is in."""
        name = self._places[number].episode.episode_id
        first = last = number
        while first > 0 and self._places[first - 1].episode.episode_id == name:
            first -= 1
        while last + 1 < len(self._places) and self._places[last + 1].episode.episode_id == name:
            last += 1
        return range(first, last + 1)

    def _window(self, place: _Place, row: dict[str, Any], *, frames: dict[int, NDArray[np.uint8]]) -> Window:
        return Window(
            episode_id=place.episode.episode_id,
            step_index=row["step_index"],
            timestamp_ns=row["timestamp_ns"],
            instruction=place.episode.instruction,
            action=action_of(row, self._keys[row["session_id"]]),
            frames=tuple(frames[one] for one in place.rows),
        )

    def _find(self, dataset: Dataset, *, history: int, wanted: frozenset[str] | None) -> list[_Place]:
        """Return each window's rows; a history that begins before the episode is filled up with its first picture."""
        heads = {episode.episode_id: msgspec.structs.replace(episode, steps=()) for episode in dataset.heads()}
        table = self._rows.to_table(columns=["session_id", "episode_index", "frame_ns"]).to_pylist()
        places: list[_Place] = []
        run: list[int] = []
        name = ""
        for number, row in enumerate(table):
            here = f"{row['session_id']}-{row['episode_index']}"
            if here != name:
                name, run = here, []
            if row["frame_ns"] < 0 or (wanted is not None and row["session_id"] not in wanted):
                continue
            run.append(number)
            before = run[-1 - history :]
            places.append(_Place((*[before[0]] * (history + 1 - len(before)), *before), heads[here]))
        return places


class _Tiles:
    """Decoded tiles by name, the least lately used forgotten first; safe to share between threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, NDArray[np.uint8]] = OrderedDict()
        self._lock = Lock()

    def assemble(self, frame: Frame, tiles: Mapping[str, Tile]) -> NDArray[np.uint8]:
        """Return a frame's picture, (height, width, 3).

        Raises:
            RecordError: a tile is missing or damaged.
        """
        rows, columns = -(-frame.height_px // TILE_PX), -(-frame.width_px // TILE_PX)
        if len(frame.tiles) != rows * columns * 16:
            raise RecordError("a frame names another number of tiles than its size needs", hint="run `witting dataset check`")
        picture = np.empty((rows, TILE_PX, columns, TILE_PX, 3), np.uint8)
        names = [frame.tiles[start : start + 16].hex() for start in range(0, len(frame.tiles), 16)]
        decoder = zstandard.ZstdDecompressor()
        decoded = {name: self._tile(name, tiles, decoder=decoder) for name in dict.fromkeys(names)}
        for number, name in enumerate(names):
            picture[number // columns, :, number % columns] = decoded[name]
        return picture.reshape(rows * TILE_PX, columns * TILE_PX, 3)[: frame.height_px, : frame.width_px]

    def _tile(self, name: str, tiles: Mapping[str, Tile], *, decoder: zstandard.ZstdDecompressor) -> NDArray[np.uint8]:
        with self._lock:
            known = self._kept.get(name)
            if known is not None:
                self._kept.move_to_end(name)
                return known
        made = _decoded(tiles.get(name), decoder)
        with self._lock:
            self._kept[name] = made
            if len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        return made


def _decoded(tile: Tile | None, decoder: zstandard.ZstdDecompressor) -> NDArray[np.uint8]:
    """Return a tile's pixels after checking that they are what its name says."""
    try:
        raw = b"" if tile is None else decoder.decompress(tile.data, max_output_size=_TILE_BYTES)
    except zstandard.ZstdError:
        raw = b""
    if tile is None or len(raw) != _TILE_BYTES or xxhash.xxh3_128_hexdigest(raw) != tile.digest:
        raise RecordError("a tile of a dataset is missing or damaged", hint="run `witting dataset check`")
    return np.frombuffer(raw, np.uint8).reshape(TILE_PX, TILE_PX, 3)
