"""A tree of Windows UI Automation, as OpenCUA's recorder writes it → a UI tree in witting's words.

Knows control types and rectangles. Invariant: nodes stand in document order; a node without a rectangle has an empty box.
"""

from collections.abc import Mapping
from typing import Any

from witting.terms.codec import tree_digest
from witting.terms.errors import RecordError
from witting.terms.geometry import Rect
from witting.terms.tree import UiNode, UiTree

MOST_NODES = 20_000
_ROLES = {
    "ButtonControl": "button", "SplitButtonControl": "button", "CheckBoxControl": "checkbox", "RadioButtonControl": "radio",
    "EditControl": "textbox", "ComboBoxControl": "combobox", "HyperlinkControl": "link", "ListItemControl": "option",
    "MenuItemControl": "menuitem", "TabItemControl": "tab", "TreeItemControl": "option", "SliderControl": "slider",
    "TextControl": "text", "ImageControl": "image", "WindowControl": "window", "DocumentControl": "document",
    "HeaderItemControl": "button", "SpinnerControl": "textbox", "MenuControl": "group",
}  # fmt: skip


def tree_from_windows(root: Mapping[str, Any], timestamp_ns: int, *, app: str = "") -> UiTree:
    """Return the tree below a UI Automation element.

    Raises:
        RecordError: it isn't one.
    """
    nodes: list[UiNode] = []
    waiting: list[tuple[Mapping[str, Any], int]] = [(root, -1)]
    try:
        while waiting and len(nodes) < MOST_NODES:
            raw, parent = waiting.pop()
            ref = len(nodes)
            nodes.append(_node(raw, ref, parent=parent))
            waiting += [(child, ref) for child in reversed(raw.get("Children") or ())]
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        message = f"a UI Automation tree can't be read ({type(error).__name__})"
        raise RecordError(message, hint="it must have Name, ControlType, BoundingRectangle and Children") from None
    told = tuple(nodes)
    return UiTree(timestamp_ns=timestamp_ns, digest=tree_digest(told), source="atspi", app=app, url="", nodes=told)


def _node(raw: Mapping[str, Any], ref: int, *, parent: int) -> UiNode:
    kind = str(raw.get("ControlType", ""))
    box = raw.get("BoundingRectangle") or {}
    left, top, right, bottom = (int(box.get(side, 0)) for side in ("left", "top", "right", "bottom"))
    role = _ROLES.get(kind, "group")
    return UiNode(
        ref=ref,
        parent=parent,
        role=role,
        name=str(raw.get("Name") or ""),
        value=str(raw.get("Value") or ""),
        states=("editable",) if role == "textbox" else (),
        box=Rect(left, top, max(0, right - left), max(0, bottom - top)),
        tag=kind.removesuffix("Control").lower(),
    )
