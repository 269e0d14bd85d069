"""Which nodes of a UI tree can be acted on, and what each says.

Knows roles and geometry, not tasks. A candidate is a control, or a piece of text or a picture that belongs to no control; the text
of a label belongs to its control. Candidates stand in document order, so that no absolute position decides anything. The page's
own display of the instruction is left out: it says what to do and is nothing to act on.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from witting.policy.tokens import folded_words
from witting.terms.tree import UiNode, UiTree

MOST_CANDIDATES = 200
_SHORTEST_DISPLAY = 4  # words
_DISPLAY_SHARE = 0.8
_ROLE_GROUPS = {
    "push button": "button", "toggle button": "button", "check box": "checkbox", "switch": "checkbox", "radio button": "radio",
    "entry": "textbox", "searchbox": "textbox", "password": "textbox", "password text": "textbox", "spinbutton": "textbox",
    "spin button": "textbox", "combo box": "combobox", "listitem option": "option", "page tab": "tab", "menu item": "menuitem",
    "menuitemcheckbox": "menuitem", "menuitemradio": "menuitem", "check menu item": "menuitem", "slider": "slider",
    "treeitem": "option", "tree item": "option", "img": "image", "graphic": "image", "icon": "image", "static": "text",
    "label": "text", "heading": "text",
}  # fmt: skip
_CONTROLS = frozenset({"button", "checkbox", "radio", "link", "textbox", "combobox", "option", "tab", "menuitem", "slider"})
_CONTROL_TAGS = {"button": "button", "input": "textbox", "textarea": "textbox", "select": "combobox", "a": "link", "option": "option"}
_PICTURE_TAGS = frozenset({"svg", "path", "circle", "rect", "polygon", "ellipse", "line", "img", "image"})
ROLES = ("button", "checkbox", "radio", "link", "textbox", "combobox", "option", "tab", "menuitem", "slider", "text", "image")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node that a policy may act on."""

    node: UiNode
    role: str  # one of ROLES
    text: str  # what it says: name, own text, or its label's
    label: str  # for fields: the text that names it
    parts: frozenset[int] = field(default_factory=frozenset)  # refs of nodes that belong to it, its own included


def takes_text(candidate: Candidate) -> bool:
    """Whether text can be given to a candidate: typed into a field, or naming the choice of a list."""
    return "editable" in candidate.node.states or candidate.role == "combobox"


def role_of(node: UiNode) -> str:
    """Return the group of a node's role: one of ROLES, or an empty string when it can't be acted on by itself."""
    if "editable" in node.states:
        return "textbox"
    role = _ROLE_GROUPS.get(node.role, node.role)
    if node.tag == "label":
        return ""  # a label is a way to its control
    if role in _CONTROLS:
        return role
    if node.tag in _CONTROL_TAGS and role not in {"presentation", "none"}:
        return _CONTROL_TAGS[node.tag]
    return "image" if role == "image" or node.tag in _PICTURE_TAGS else ("text" if role == "text" else "")


def subtree_ends(nodes: Sequence[UiNode]) -> list[int]:
    """Return for each node the index after its last descendant (nodes stand in document order)."""
    ends = list(range(1, len(nodes) + 1))
    for index in range(len(nodes) - 1, 0, -1):
        parent = nodes[index].parent
        if 0 <= parent < index:
            ends[parent] = max(ends[parent], ends[index])
    return ends


def texts_below(nodes: Sequence[UiNode], ends: Sequence[int]) -> list[str]:
    """Return for each node all text at and below it, in document order."""
    own = [node.name if node.role == "text" or ends[node.ref] == node.ref + 1 else "" for node in nodes]
    return [" ".join(text for text in own[index : ends[index]] if text) for index in range(len(nodes))]


def instruction_display(instruction: str, texts: Sequence[str], *, controls: Sequence[bool] = ()) -> int:
    """Return the ref of the node that shows the instruction itself, -1 when the page doesn't; what holds `controls` shows none."""
    asked = Counter(folded_words(instruction))
    size = sum(asked.values())
    best, best_share = -1, _DISPLAY_SHARE
    if size < _SHORTEST_DISPLAY:
        return best
    for index, text in enumerate(texts):
        if (controls and controls[index]) or not size / 2 < len(text.split()) + 1 < 2 * size + 2:
            continue
        words = Counter(folded_words(text))
        share = sum((words & asked).values()) / max(size, sum(words.values()))
        if share >= best_share:
            best, best_share = index, share
    return best


def candidates_of(instruction: str, tree: UiTree) -> tuple[Candidate, ...]:
    """Return what can be acted on in document order, at most 200."""
    nodes = tree.nodes
    ends = subtree_ends(nodes)
    texts = texts_below(nodes, ends)
    roles = [role_of(node) for node in nodes]
    shown = instruction_display(instruction, texts, controls=_holding_controls(roles, ends))
    hidden = range(shown, ends[shown]) if shown >= 0 else range(0)
    owners = _owners(nodes, ends, roles=roles)
    chosen = [index for index in range(len(nodes)) if owners[index] == index and index not in hidden and not nodes[index].box.is_empty]
    parts: dict[int, set[int]] = {index: set() for index in chosen[:MOST_CANDIDATES]}
    for index, owner in enumerate(owners):
        if owner in parts:
            parts[owner].add(index)
    found = []
    for index, members in parts.items():
        said = _said(nodes, texts, index=index, members=members)
        label = (
            said or _text_before(nodes, roles, owners=owners, index=index, hidden=hidden)
            if roles[index] in {"textbox", "combobox", "slider"}
            else ""
        )
        found.append(Candidate(nodes[index], roles[index], said or label, label, frozenset(members)))
    return tuple(found)


def _holding_controls(roles: Sequence[str], ends: Sequence[int]) -> list[bool]:
    """Return for each node whether it is a control or has one below it."""
    counts = [0, *accumulate(role in _CONTROLS for role in roles)]
    return [counts[end] > counts[index] for index, end in enumerate(ends)]


def _owners(nodes: Sequence[UiNode], ends: Sequence[int], *, roles: Sequence[str]) -> list[int]:
    """Return for each node the ref of the candidate it belongs to, itself included; -1 for plain containers."""
    owners = [-1] * len(nodes)
    for index, node in enumerate(nodes):
        above = owners[node.parent] if 0 <= node.parent < index else -1
        if above >= 0 and roles[above] in _CONTROLS:
            owners[index] = above
        elif roles[index]:
            owners[index] = index
    for index, node in enumerate(nodes):
        if node.tag == "label" or node.role == "label":
            inside = [at for at in range(index + 1, ends[index]) if owners[at] == at and roles[at] in _CONTROLS]
            if len(inside) == 1:
                for at in range(index, ends[index]):
                    owners[at] = inside[0]
    return owners


def _said(nodes: Sequence[UiNode], texts: Sequence[str], *, index: int, members: set[int]) -> str:
    """Return a candidate's own words: its name, the text in it, or the text of its label."""
    if nodes[index].name:
        return nodes[index].name
    return texts[index] or " ".join(nodes[at].name for at in sorted(members) if nodes[at].role == "text")


def _text_before(nodes: Sequence[UiNode], roles: Sequence[str], *, owners: Sequence[int], index: int, hidden: range) -> str:
    """Return the nearest text before a field that belongs to no control, within two levels of the field's ancestors."""
    limit = nodes[nodes[index].parent].parent if nodes[index].parent >= 0 else -1
    for at in range(index - 1, max(limit, -1), -1):
        if at in hidden or (roles[at] in _CONTROLS and owners[at] == at):
            return ""
        if roles[at] == "text" and nodes[at].name:
            return nodes[at].name
    return ""


def candidate_at(found: Sequence[Candidate], tree: UiTree, *, target: int, point: tuple[int, int] | None = None) -> int:
    """Return the index of the candidate that node `target` belongs to, else the smallest one under `point`, else -1.

    A label's text leads to the field after it, a wrapper to the only candidate inside it.
    """
    for index, candidate in enumerate(found):
        if target in candidate.parts:
            return index
    if 0 <= target < len(tree.nodes):
        node, end = tree.nodes[target], subtree_ends(tree.nodes)[target]
        inside = [index for index, candidate in enumerate(found) if target < candidate.node.ref < end]
        after = [index for index, candidate in enumerate(found) if candidate.node.ref > target and candidate.label == node.name]
        if node.tag == "label" and node.name and after:
            return after[0]
        if len(inside) == 1:
            return inside[0]
    if point is None:
        return -1
    under = [
        (candidate.node.box.width * candidate.node.box.height, index)
        for index, candidate in enumerate(found)
        if candidate.node.box.contains(*point)
    ]
    return min(under)[1] if under else -1
