"""The page's own view of itself, as the browser extension takes it, for whoever drives a browser without the extension.

Knows the snapshot's format and where its script lies; not who recorded what. Boxes stay in CSS pixels of the viewport, rounded.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from witting.terms.codec import tree_digest
from witting.terms.errors import RecordError
from witting.terms.geometry import Rect
from witting.terms.tree import NodeState, UiNode, UiTree

_STATES = frozenset(get_args(NodeState))
TREE_SCRIPT = "tree.js"
TREE_SCRIPTS = ("secrets.js", TREE_SCRIPT)  # in the order in which they are injected


def extension_dir() -> Path:
    """Return the folder of the browser extension: inside the installed package, or beside `src` in a checkout.

    Raises:
        RecordError: neither is there.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_extension", package.parents[1] / "extension"):
        if (folder / TREE_SCRIPT).is_file():
            return folder
    raise RecordError("the browser extension isn't part of this installation", hint="install witting from its wheel or a full checkout")


def snapshot_script() -> str:
    """Return the JavaScript that defines `wittingSnapshot(document)` in a page."""
    return "\n".join((extension_dir() / name).read_text(encoding="utf-8") for name in TREE_SCRIPTS)


def tree_from_snapshot(snapshot: Mapping[str, Any], timestamp_ns: int) -> UiTree:
    """Return the tree of a `wittingSnapshot`; nodes keep their refs.

    Raises:
        RecordError: it isn't a snapshot, or its nodes aren't in document order.
    """
    try:
        nodes = tuple(_node(raw) for raw in snapshot["nodes"])
        url = str(snapshot.get("url", ""))
    except (KeyError, OverflowError, TypeError, ValueError) as error:
        message = f"a page snapshot can't be read ({type(error).__name__})"
        raise RecordError(message, hint="the extension and witting must be of the same version") from None
    if any(node.ref != index or node.parent >= index for index, node in enumerate(nodes)):
        raise RecordError("a page snapshot's nodes aren't in document order", hint="the extension and witting must be of the same version")
    return UiTree(timestamp_ns=timestamp_ns, digest=tree_digest(nodes), source="page", app="chromium", url=url, nodes=nodes)


def _node(raw: Mapping[str, Any]) -> UiNode:
    left, top, width, height = (float(number) for number in raw["box"])
    states: tuple[NodeState, ...] = tuple(state for state in raw["states"] if state in _STATES)
    return UiNode(
        ref=int(raw["ref"]),
        parent=int(raw["parent"]),
        role=str(raw["role"]),
        name=str(raw["name"]),
        value=str(raw["value"]),
        states=states,
        box=Rect(round(left), round(top), round(left + width) - round(left), round(top + height) - round(top)),
        tag=str(raw["tag"]),
        key=str(raw["key"]),
    )
