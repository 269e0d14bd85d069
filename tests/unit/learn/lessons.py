"""Tiny synthetic episodes: a page of buttons, and the one that the instruction names is clicked."""

import hashlib
import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from witting.terms.codec import tree_digest
from witting.terms.geometry import Rect
from witting.terms.tree import UiNode, UiTree
from witting.terms.work import Action, Episode, Observation, Step

NAMES = ("Send", "Cancel", "Archive", "Reply", "Forward", "Delete", "Print", "Save", "Share", "Move")


class HashedWords:
    """Stands in for the sentence model: each word a fixed unit vector, unlike words far apart."""

    def vectors(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit row of width 384 per word."""
        rows = [np.random.default_rng(int.from_bytes(hashlib.sha256(w.encode()).digest()[:4], "big")).normal(size=384) for w in words]
        found = np.array(rows, np.float32).reshape(len(words), 384)
        return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)


def page(names: Sequence[str], timestamp_ns: int = 1) -> UiTree:
    """Return a page of buttons below each other."""
    root = UiNode(ref=0, parent=-1, role="group", box=Rect(0, 0, 400, 400), tag="div")
    buttons = [
        UiNode(ref=i, parent=0, role="button", name=name, box=Rect(10, 30 * i, 90, 24), tag="button") for i, name in enumerate(names, 1)
    ]
    nodes = (root, *buttons)
    return UiTree(timestamp_ns=timestamp_ns, digest=tree_digest(nodes), source="page", app="chromium", url="", nodes=nodes)


def episode(seed: int, session: str) -> Episode:
    """Return an episode in which the named button is clicked and the person then says that they are done."""
    draw = random.Random(seed)
    names = draw.sample(NAMES, 4)
    target = draw.randrange(1, 5)
    tree = page(names, seed * 1000)
    click = Action(kind="click", timestamp_ns=seed * 1000 + 5, end_ns=seed * 1000 + 6, x=20, y=30 * target + 5, target=target)
    stop = Action(kind="stop", timestamp_ns=seed * 1000 + 9, end_ns=seed * 1000 + 9)
    seen = Observation(tree=tree)
    steps = (Step(step_index=0, observation=seen, action=click), Step(step_index=1, observation=seen, action=stop))
    instruction = f'Click the "{names[target - 1]}" button.'
    return Episode(
        episode_id=f"{session}-{seed}", session_id=session, participant=f"p-{session}", instruction=instruction,
        outcome="done", started_ns=seed * 1000, ended_ns=seed * 1000 + 10, steps=steps,
    )  # fmt: skip


def episodes(count: int = 36, sessions: int = 3) -> list[Episode]:
    """Return episodes spread over sessions."""
    return [episode(seed, f"session{seed % sessions}") for seed in range(1, count + 1)]
