"""Episodes ↔ rows: what of a step is a plain column, what is sealed, and the digest that names a session's rows.

Plain are only what picks rows: opaque session id, places and times, the kind of action. Everything said, seen or typed is sealed with the
session's own key, each value bound to its place. Invariant: the digest is taken over what the seals hold, so the same session gives the
same digest however often it is sealed; without the session's key nothing of it but counts and times can be read.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa
import zstandard

from witting.ledger.log import leaf_hash, root_of
from witting.ledger.seals import open_object, seal_object
from witting.terms.errors import IntegrityError
from witting.terms.events import Frame, Tile
from witting.terms.geometry import Rect
from witting.terms.session import Record
from witting.terms.tree import UiTree
from witting.terms.work import Action, Episode, Observation, Step

STEPS = pa.schema(
    [
        pa.field("session_id", pa.string(), nullable=False),
        pa.field("episode_index", pa.int32(), nullable=False),
        pa.field("step_index", pa.int32(), nullable=False),
        pa.field("timestamp_ns", pa.int64(), nullable=False),
        pa.field("recorded_at", pa.string(), nullable=False),
        pa.field("frame_ns", pa.int64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("screen", pa.string(), nullable=False),
        pa.field("action", pa.binary(), nullable=False),
        pa.field("tree", pa.large_binary()),
        pa.field("image", pa.large_binary()),
    ]
)
EPISODES = pa.schema(
    [
        pa.field("session_id", pa.string(), nullable=False),
        pa.field("episode_index", pa.int32(), nullable=False),
        pa.field("steps", pa.int32(), nullable=False),
        pa.field("episode", pa.binary(), nullable=False),
    ]
)
_UNKNOWN_SCREEN = "0,0,0,0"  # of datasets from before the column was
_encode = msgspec.msgpack.encode


REBASE_PICTURES = 16  # at most so many pictures in a row rest on one


class Picture(msgspec.Struct, frozen=True, array_like=True):
    """A frame with the tiles it is made of, each once; of those that another picture of the session holds, only where that one stands."""

    frame: Frame
    tiles: tuple[Tile, ...]
    base: int = -1  # the row, counted within the session, of a whole picture that holds the other tiles; -1 = this one is whole


@dataclass(frozen=True, slots=True)
class SessionRows:
    """The sealed rows of one session, ready to be written."""

    steps: pa.Table
    episodes: pa.Table
    digest: str  # RFC 6962 root (hex) over the digests of the rows before sealing


@dataclass(frozen=True, slots=True)
class _Row:
    """One row before sealing."""

    columns: Mapping[str, int | str]  # the plain ones
    sealed: Mapping[str, bytes | None]  # by column name

    def digest(self) -> bytes:
        """Return the sha256 of this row; each value with its length, so that no two values run into one another."""
        digest = hashlib.sha256()
        for value in (*self.columns.values(), *self.sealed.values()):
            data = b"" if value is None else value if isinstance(value, bytes) else str(value).encode()
            digest.update(len(data).to_bytes(8, "little") + data)
        return digest.digest()

    def close(self, key: bytes) -> dict[str, int | str | bytes | None]:
        """Return the row as it is stored."""
        sealed = {name: None if data is None else seal_object(key, data, name=self._name(name)) for name, data in self.sealed.items()}
        return {**self.columns, **sealed}

    def open(self, key: bytes) -> "_Row":
        """Return the row that this stored one was."""
        opened = {name: None if data is None else open_object(key, data, name=self._name(name)) for name, data in self.sealed.items()}
        return _Row(self.columns, opened)

    def _name(self, column: str) -> bytes:
        """Return what a value is bound to: its session, its place, its column."""
        place = (self.columns["session_id"], self.columns["episode_index"], self.columns.get("step_index", ""))
        return "\0".join(["witting-dataset", *map(str, place), column]).encode()


def session_rows(episodes: Sequence[Episode], records: Sequence[Record], *, recorded_at: str, key: bytes) -> SessionRows:
    """Return the sealed rows of a session's episodes with their pictures."""
    pictures = _Pictures(records)  # asked row by row
    digests: list[bytes] = []
    heads: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for episode in episodes:
        episode_index = int(episode.episode_id.rpartition("-")[2])
        head = _head_row(episode, episode_index)
        digests.append(head.digest())
        heads.append(head.close(key))
        for step in episode.steps:
            row = _step_row(
                step, episode, episode_index=episode_index, recorded_at=recorded_at, image=pictures.at(step.observation.frame_ns)
            )
            digests.append(row.digest())
            rows.append(row.close(key))
    return SessionRows(pa.Table.from_pylist(rows, schema=STEPS), pa.Table.from_pylist(heads, schema=EPISODES), _root(digests))


def digest_of_rows(steps: pa.Table, episodes: pa.Table, *, key: bytes) -> str:
    """Return the root over the digests of stored rows, recomputed from what their seals hold.

    Raises:
        SealError: a value was changed, moved, or belongs to another key.
    """
    digests: list[bytes] = []
    by_episode = _by_episode(steps)
    for stored in episodes.to_pylist():
        head = _stored(stored, ("episode",)).open(key)
        digests.append(head.digest())
        rows = by_episode.get(stored["episode_index"], ())
        digests += [_stored(row, ("action", "tree", "image")).open(key).digest() for row in rows]
    return _root(digests)


def episodes_of_rows(steps: pa.Table, episodes: pa.Table, *, key: bytes) -> Iterator[Episode]:
    """Yield the episodes in stored rows; `steps` needs no image column.

    Raises:
        SealError: a value was changed, moved, or belongs to another key.
        IntegrityError: an episode has another number of steps than it says.
    """
    by_episode = _by_episode(steps)
    for stored in episodes.to_pylist():
        head = _stored(stored, ("episode",)).open(key)
        rows = by_episode.get(stored["episode_index"], ())
        if len(rows) != stored["steps"]:
            raise IntegrityError("an episode of a dataset lacks steps", hint="build the dataset again from the vault")
        facts = msgspec.msgpack.decode(head.sealed["episode"] or b"", type=Episode)
        yield msgspec.structs.replace(facts, steps=tuple(_step(_stored(row, ("action", "tree")).open(key)) for row in rows))


def picture_of(row: Mapping[str, Any], key: bytes) -> Picture | None:
    """Return the picture in a stored row of STEPS, None when the step has none.

    Raises:
        SealError: it was changed, moved, or belongs to another key.
    """
    image = _stored(row, ("image",)).open(key).sealed["image"]
    return None if image is None else msgspec.msgpack.decode(image, type=Picture)


def action_of(row: Mapping[str, Any], key: bytes) -> Action:
    """Return the action in a stored row of STEPS.

    Raises:
        SealError: it was changed, moved, or belongs to another key.
    """
    return msgspec.msgpack.decode(_stored(row, ("action",)).open(key).sealed["action"] or b"", type=Action)


def head_of(row: Mapping[str, Any], key: bytes) -> Episode:
    """Return the episode in a stored row of EPISODES, without its steps.

    Raises:
        SealError: it was changed, moved, or belongs to another key.
    """
    return msgspec.msgpack.decode(_stored(row, ("episode",)).open(key).sealed["episode"] or b"", type=Episode)


def _head_row(episode: Episode, episode_index: int) -> _Row:
    facts = msgspec.structs.replace(episode, steps=())
    columns: dict[str, int | str] = {"session_id": episode.session_id, "episode_index": episode_index, "steps": len(episode.steps)}
    return _Row(columns, {"episode": _encode(facts)})


def _step_row(step: Step, episode: Episode, *, episode_index: int, recorded_at: str, image: bytes | None) -> _Row:
    tree = step.observation.tree
    columns: dict[str, int | str] = {
        "session_id": episode.session_id,
        "episode_index": episode_index,
        "step_index": step.step_index,
        "timestamp_ns": step.action.timestamp_ns,
        "recorded_at": recorded_at,
        "frame_ns": step.observation.frame_ns,
        "kind": step.action.kind,
        "screen": ",".join(map(str, msgspec.structs.astuple(step.observation.screen))),
    }
    sealed = {"action": _encode(step.action), "tree": None if tree is None else zstandard.compress(_encode(tree), 3), "image": image}
    return _Row(columns, sealed)


def _step(row: _Row) -> Step:
    tree = row.sealed["tree"]
    return Step(
        step_index=int(row.columns["step_index"]),
        observation=Observation(
            tree=None if tree is None else msgspec.msgpack.decode(zstandard.decompress(tree), type=UiTree),
            frame_ns=int(row.columns["frame_ns"]),
            screen=Rect(*map(int, str(row.columns.get("screen", _UNKNOWN_SCREEN)).split(","))),
        ),
        action=msgspec.msgpack.decode(row.sealed["action"] or b"", type=Action),
    )


def _stored(row: Mapping[str, Any], sealed: tuple[str, ...]) -> _Row:
    """Return a row as read from the dataset, its sealed columns told from its plain ones."""
    plain = {name: value for name, value in row.items() if name not in ("episode", "action", "tree", "image")}
    return _Row(plain, {name: row[name] for name in sealed})


def _root(digests: Sequence[bytes]) -> str:
    """Return the root over row digests: each episode's head before its steps."""
    return root_of([leaf_hash(digest) for digest in digests]).hex()


def _by_episode(steps: pa.Table) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in steps.to_pylist():
        found.setdefault(row["episode_index"], []).append(row)
    return found


class _Pictures:
    """The frames of a session, encoded for the rows that are made one after another."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._frames = {record.timestamp_ns: record for record in records if isinstance(record, Frame)}
        self._tiles = {record.digest: record for record in records if isinstance(record, Tile)}
        self._row = -1  # the one asked for last
        self._base = -1  # row of the last whole picture, -1 before there is one
        self._held: frozenset[str] = frozenset()  # names of its tiles
        self._rested = 0  # pictures that rest on it

    def at(self, frame_ns: int) -> bytes | None:
        """Return the encoded Picture of the frame at this time for the next row, None when there is none.

        Raises:
            IntegrityError: the session lacks one of its tiles.
        """
        self._row += 1
        frame = self._frames.get(frame_ns)
        if frame is None:
            return None
        names = dict.fromkeys(frame.tiles[start : start + 16].hex() for start in range(0, len(frame.tiles), 16))
        if not names.keys() <= self._tiles.keys():
            raise IntegrityError("a session's frame names tiles it doesn't hold", hint="leave the session out with --exclude")
        own = [name for name in names if name not in self._held]
        if self._base < 0 or len(own) > len(names) // 2 or self._rested >= REBASE_PICTURES:
            self._base, self._held, self._rested = self._row, frozenset(names), 0
            return _encode(Picture(frame, tuple(self._tiles[name] for name in names)))
        self._rested += 1
        return _encode(Picture(frame, tuple(self._tiles[name] for name in own), self._base))
