"""Pages to act on, written as short lines, and a sentence model small enough to read."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from witting.policy.relations import Floats
from witting.terms.codec import tree_digest
from witting.terms.geometry import Rect
from witting.terms.tree import UiNode, UiTree

MEANINGS = {"car": (1, 0), "automobile": (0.98, 0.2), "tree": (0, 1), "oak": (0.2, 0.98), "banana": (-1, 0)}


class FewWords:
    """A sentence model of five words: car and automobile are near, tree and oak are, banana is near to nothing."""

    def vectors(self, words: Sequence[str]) -> Floats:
        """Return one row per word; zeros for a word that has none."""
        return np.array([MEANINGS.get(word, (0, 0)) for word in words], np.float32).reshape(-1, 2)


def page(*nodes: UiNode) -> UiTree:
    """Return the tree of these nodes."""
    return UiTree(timestamp_ns=1, digest=tree_digest(nodes), source="page", app="chromium", url="", nodes=nodes)


def node(ref: int, parent: int, role: str, name: str = "", **more: object) -> UiNode:
    """Return a node, on a line of its own where no box is given."""
    return UiNode(ref=ref, parent=parent, role=role, name=name, **{"box": Rect(0, 30 * ref, 80, 24), **more})  # type: ignore[arg-type]


ROLES = ("button", "checkbox", "radio", "textbox", "text", "label", "link", "image", "group", "option", "slider", "combobox")
WORDS = st.sampled_from(["", "Save", "two words", "⟨NAME_1⟩", "Reply all", "12", "Größe", "oak", "a, b"])


@st.composite
def pages(draw: st.DrawFn) -> UiTree:
    """Draw a page of up to fifteen nodes in document order."""
    nodes = []
    for ref in range(draw(st.integers(0, 15))):
        box = Rect(*draw(st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(0, 120), st.integers(0, 60))))
        states = tuple(draw(st.sets(st.sampled_from(["checked", "editable", "focused", "selected", "touched"]), max_size=2)))
        nodes.append(
            node(
                ref,
                draw(st.integers(-1, ref - 1)),
                draw(st.sampled_from(ROLES)),
                draw(WORDS),
                value=draw(WORDS),
                states=states,
                box=box,
                tag=draw(st.sampled_from(["", "label", "input", "svg", "div"])),
            )
        )
    return page(*nodes)
