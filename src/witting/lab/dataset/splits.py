"""Splits, duplicates and leaks: who goes where, which attempts say the same twice, and what of one part stands in another.

Splits are by participant and, where someone sat down more than once, all of their sittings go together; never by step. Invariant: adding or
taking away people moves nobody else, because a participant's place depends on their pseudonym and the seed alone.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec
import numpy as np

from witting.terms.tree import UiTree
from witting.terms.work import DatasetManifest, Episode, Step

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
VALIDATION_SHARE, TEST_SHARE = 0.1, 0.2
NEAR = 0.9  # share of shingles that two steps have in common
_SHINGLE = 3
_BANDS, _ROWS = 16, 4  # finds 9 of 10 alike in more than 99 of 100 cases, 5 of 10 in about half, which the exact share then decides


class Leak(NamedTuple):
    """Two steps of different splits that are nearly the same."""

    held: str  # episode id and step of the part that is held out
    other: str  # of the part that is learnt from
    likeness: float  # share of shingles in common


class LeakReport(NamedTuple):
    """What of the held-out parts stands in the training part too."""

    steps: int  # looked at, in held-out parts
    leaked: int  # of them, with a near duplicate in the training part
    examples: tuple[Leak, ...]  # the first few


def split_of(participant: str, *, seed: int = 0) -> Split:
    """Return where a participant's recordings go."""
    digest = hashlib.sha256(f"witting-split\0{seed}\0{participant}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    return "test" if place < TEST_SHARE else "validation" if place < TEST_SHARE + VALIDATION_SHARE else "train"


def splits(manifest: DatasetManifest, *, seed: int = 0) -> dict[Split, tuple[str, ...]]:
    """Return the session ids of each part."""
    parts: dict[Split, list[str]] = {name: [] for name in SPLITS}
    for session in manifest.sessions:
        parts[split_of(session.participant or session.session_id, seed=seed)].append(session.session_id)
    return {name: tuple(ids) for name, ids in parts.items()}


def mark_repeats(episodes: Sequence[Episode]) -> list[Episode]:
    """Return the episodes, those flagged `repeated` that say step by step what an earlier one of the same person says."""
    known: set[tuple[str, bytes]] = set()
    marked = []
    for episode in episodes:
        name = (episode.participant, _content(episode))
        is_repeat = name in known and "repeated" not in episode.flags
        marked.append(msgspec.structs.replace(episode, flags=(*episode.flags, "repeated")) if is_repeat else episode)
        known.add(name)
    return marked


def leaks(episodes: Iterable[Episode], *, seed: int = 0, examples: int = 5) -> LeakReport:
    """Compare every step of the held-out parts with the training part by what is shown and done.

    What is done: kind, text and key; what is shown: three nodes in a row of the tree, by role, name and value. Places don't count.
    """
    train: dict[tuple[int, bytes], set[int]] = defaultdict(set)
    kept: list[tuple[str, frozenset[int]]] = []
    held: list[tuple[str, frozenset[int]]] = []
    for episode in episodes:
        is_train = split_of(episode.participant or episode.session_id, seed=seed) == "train"
        for step in episode.steps:
            if step.observation.tree is None:
                continue
            named = f"{episode.episode_id}/{step.step_index}", _shingles(step, step.observation.tree)
            if is_train:
                for band in _bands(named[1]):
                    train[band].add(len(kept))
                kept.append(named)
            else:
                held.append(named)
    found = [leak for one in held if (leak := _nearest(one, kept, places=train)) is not None]
    return LeakReport(len(held), len(found), tuple(found[:examples]))


def _nearest(
    one: tuple[str, frozenset[int]], kept: Sequence[tuple[str, frozenset[int]]], *, places: Mapping[tuple[int, bytes], set[int]]
) -> Leak | None:
    for number in sorted({number for band in _bands(one[1]) for number in places.get(band, ())}):
        other = kept[number]
        likeness = len(one[1] & other[1]) / len(one[1] | other[1])
        if likeness >= NEAR:
            return Leak(one[0], other[0], round(likeness, 3))
    return None


def _shingles(step: Step, tree: UiTree) -> frozenset[int]:
    said = [f"{node.role}\0{node.name}\0{node.value}" for node in tree.nodes]
    action = step.action
    aimed = said[action.target] if 0 <= action.target < len(said) else ""
    rows = {"\1".join(said[place : place + _SHINGLE]) for place in range(max(1, len(said) - _SHINGLE + 1))}
    rows.add(f"{action.kind}\2{action.text}\2{action.key}\2{aimed}")
    return frozenset(int.from_bytes(hashlib.blake2b(row.encode(), digest_size=8).digest(), "big") for row in rows)


def _bands(shingles: frozenset[int]) -> list[tuple[int, bytes]]:
    """Return the MinHash bands by which sets that are alike are found without comparing all with all."""
    numbers = np.fromiter(shingles, np.uint64, len(shingles))
    least = ((numbers[:, None] * _ODD + _ODD) >> np.uint64(32)).min(axis=0)
    return [(band, least[band * _ROWS : (band + 1) * _ROWS].tobytes()) for band in range(_BANDS)]


_ODD = np.array(
    [int.from_bytes(hashlib.blake2b(bytes([row]), digest_size=8).digest(), "big") | 1 for row in range(_BANDS * _ROWS)], np.uint64
)


def _content(episode: Episode) -> bytes:
    """Return a digest of an episode's instruction, actions and what was shown, without times and places of the record."""
    digest = hashlib.sha256(episode.instruction.encode())
    for step in episode.steps:
        action = msgspec.structs.replace(step.action, timestamp_ns=0, end_ns=0, children=())
        shown = step.observation.tree.digest if step.observation.tree else ""
        digest.update(msgspec.msgpack.encode((action, shown)))
    return digest.digest()
