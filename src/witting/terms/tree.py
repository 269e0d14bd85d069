"""The UI tree in its redacted form: one flat tuple of nodes in document order, parents by index."""

from typing import Literal

import msgspec

from witting.terms.findings import Finding
from witting.terms.geometry import Rect

TreeSource = Literal["page", "atspi", "dom_info"]  # dom_info: a benchmark page's own account of itself
NodeState = Literal[
    "focused", "checked", "selected", "disabled", "expanded", "editable", "secure", "opaque", "touched", "multiline",
]  # fmt: skip


class UiNode(msgspec.Struct, frozen=True):
    """One node: a role, what it says, where it is (screen pixels, visible part only; empty when hidden)."""

    ref: int  # index in UiTree.nodes
    parent: int  # ref of the parent, -1 for the root
    role: str  # lower case: button, checkbox, radio, link, textbox, combobox, option, tab, text, heading, image, group …
    name: str = ""  # accessible name or, for role "text", the text
    value: str = ""  # the current value of a field
    states: tuple[NodeState, ...] = ()
    box: Rect = Rect(0, 0, 0, 0)
    tag: str = ""  # HTML tag or toolkit class, lower case
    key: str = ""  # stable hints of the author: id and classes, redacted like text


class UiTree(msgspec.Struct, frozen=True, tag="tree"):
    """A redacted UI tree as it stood at `timestamp_ns`, named by the digest of its nodes."""

    timestamp_ns: int  # CLOCK_MONOTONIC
    digest: str  # 32 hex digits: xxh3-128 of the encoded nodes, see witting.terms.codec.tree_digest
    source: TreeSource
    app: str
    url: str
    nodes: tuple[UiNode, ...]
    findings: tuple[Finding, ...] = ()
