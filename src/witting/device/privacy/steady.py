"""What stood still on the screen around a grab: two readings of a tree, compared node by node.

Knows when a tree was read and which nodes it has; sees no pixels. A clock that ticks, a focus that moves or a style that follows
the pointer leave the rest of a page as it was. Invariant: a node is steady only if it was read before the grab and after it alike in
role, text, box and in whether it may be seen; and if anything that may not be seen came, went or moved, nothing is steady, because
nobody knows where it stood in between.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from witting.device.privacy.placeholders import has_placeholder
from witting.device.privacy.roles import CONTAINER_ROLES, PICTURE_ROLES, PICTURE_TAGS
from witting.terms.geometry import Rect
from witting.terms.tree import UiNode, UiTree

_Page = tuple[str, str, str]
_Face = tuple[str, str, str, str, Rect, bool]


@dataclass(frozen=True, slots=True)
class Steady:
    """The nodes around a grab."""

    nodes: tuple[UiNode, ...]  # read alike before and after
    changed: tuple[UiNode, ...]  # of either reading, what the other one doesn't have; and all of a tree that was read on one side only


def is_masked(node: UiNode) -> bool:
    """Whether a node's box must not be seen: something was found in its text, it is secure or opaque, or it is a picture."""
    if "secure" in node.states or "opaque" in node.states or node.role in PICTURE_ROLES or node.tag in PICTURE_TAGS:
        return True
    if has_placeholder(node.value):
        return True
    return has_placeholder(node.name) and node.role not in CONTAINER_ROLES


def steady(taken_ns: int, before: Sequence[UiTree], *, after: Sequence[UiTree]) -> Steady:
    """Return what stood still around a grab at `taken_ns`, and what didn't.

    A tree counts before the grab only if it was read then or earlier, and after it only if it was read then or later: a tree that is older
    than the pixels knows nothing of what was typed since. Of several readings the nearest ones count; the others' nodes have changed.
    """
    first = {_page(tree): tree for tree in sorted(before, key=_read_ns) if tree.timestamp_ns <= taken_ns}
    second = {_page(tree): tree for tree in sorted(after, key=_read_ns, reverse=True) if tree.timestamp_ns >= taken_ns}
    nodes: list[UiNode] = []
    for page in first.keys() & second.keys():
        kept, lost, come = _compare(first[page].nodes, second[page].nodes)
        if not (_stay(lost, come) and _stay(come, lost)):
            return Steady((), tuple(_telling(node for tree in (*before, *after) for node in tree.nodes)))
        nodes += kept
    faces = {_face(node) for node in nodes}
    changed = (
        node
        for tree in (*before, *after)
        for node in tree.nodes
        if _page(tree) not in first.keys() & second.keys() or _face(node) not in faces
    )
    return Steady(tuple(nodes), tuple(_telling(changed)))


def _compare(first: Sequence[UiNode], second: Sequence[UiNode]) -> tuple[list[UiNode], list[UiNode], list[UiNode]]:
    """Return the nodes that both readings have, those of the first only, those of the second only."""
    old, new = {_face(node) for node in first}, {_face(node) for node in second}
    kept = [node for node in first if _face(node) in new]
    return kept, [node for node in first if _face(node) not in new], [node for node in second if _face(node) not in old]


def _stay(changed: Sequence[UiNode], others: Sequence[UiNode]) -> bool:
    """Whether each changed node that may not be seen stands where a changed node of its kind stood in the other reading."""
    places = {(node.role, node.tag, node.box) for node in others}
    return all((node.role, node.tag, node.box) in places for node in changed if is_masked(node))


def _telling(nodes: Iterable[UiNode]) -> Iterator[UiNode]:
    """Leave out containers that show nothing by themselves."""
    return (node for node in nodes if node.role not in CONTAINER_ROLES or is_masked(node))


def _page(tree: UiTree) -> _Page:
    return tree.source, tree.app, tree.url


def _face(node: UiNode) -> _Face:
    """Return what two readings of an unchanged node share; focus, ticks and classes change no text."""
    return node.role, node.tag, node.name, node.value, node.box, is_masked(node)


def _read_ns(tree: UiTree) -> int:
    return tree.timestamp_ns
