"""The page as MiniWoB's own `core.getDOMInfo()` tells it → a UI tree in witting's words: for its demos, and for whoever drives it live.

Knows tags and input types, no task. Boxes are CSS pixels of the viewport, rounded outward never; secrets are treated as everywhere: a
password field says that it is one and not what it holds. Invariant: nodes stand in document order, refs count from 0.
"""

from collections.abc import Mapping
from typing import Any

from witting.terms.codec import tree_digest
from witting.terms.errors import RecordError
from witting.terms.geometry import Rect
from witting.terms.tree import NodeState, UiNode, UiTree

MOST_NODES = 5000
_ICON_PX = 48
_ROLES = {
    "button": "button", "a": "link", "textarea": "textbox", "select": "combobox", "option": "option", "img": "image", "svg": "image",
    "label": "label", "h1": "heading", "h2": "heading", "h3": "heading", "h4": "heading", "t": "text", "body": "document",
    "canvas": "image", "circle": "image", "rect": "image", "polygon": "image", "path": "image", "line": "image", "text": "text",
}  # fmt: skip
_INPUTS = {
    "checkbox": "checkbox", "radio": "radio", "button": "button", "submit": "button", "reset": "button", "password": "password",
    "range": "slider", "color": "button", "file": "button", "image": "button",
}  # fmt: skip
_NAMED_BY_CONTENT = frozenset({"button", "link", "option", "heading", "label"})
_SKIPPED = frozenset({"br", "script", "style"})


def tree_from_dom_info(dom: Mapping[str, Any], timestamp_ns: int, *, url: str = "") -> UiTree:
    """Return the tree of a `getDOMInfo` answer.

    Raises:
        RecordError: it isn't one.
    """
    nodes: list[UiNode] = []
    waiting: list[tuple[Mapping[str, Any], int]] = [(dom, -1)]
    try:
        while waiting and len(nodes) < MOST_NODES:
            raw, parent = waiting.pop()
            if str(raw["tag"]).lower() in _SKIPPED:
                continue
            ref = len(nodes)
            nodes.append(_node(raw, ref, parent=parent))
            waiting += [(child, ref) for child in reversed(raw["children"])]
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        message = f"a page's own description can't be read ({type(error).__name__})"
        raise RecordError(message, hint="it must be what MiniWoB's core.getDOMInfo() gives") from None
    told = tuple(nodes)
    return UiTree(timestamp_ns=timestamp_ns, digest=tree_digest(told), source="dom_info", app="chromium", url=url, nodes=told)


def _node(raw: Mapping[str, Any], ref: int, *, parent: int) -> UiNode:
    tag, _, kind = str(raw["tag"]).lower().partition("_")
    text = str(raw.get("text") or "")
    role = _role(tag, kind, has_text=bool(text))
    if role == "group" and not raw["children"] and _is_small(raw) and (raw.get("id") or _classes(raw)):
        role = "image"  # an icon: small, nothing in it, drawn by its style
    value = raw.get("value", "")
    is_shown = isinstance(value, str) and role not in {"password", "button"}
    name = text if role == "text" else _text_below(raw) if role in _NAMED_BY_CONTENT else ""
    return UiNode(
        ref=ref,
        parent=parent,
        role=role,
        name=str(value) if role == "button" and isinstance(value, str) and value else name,
        value=str(value) if is_shown else "",
        states=_states(raw, role),
        box=_box(raw),
        tag=tag,
        key=" ".join([*(f"#{raw[name]}" for name in ("id",) if raw.get(name)), *_classes(raw)]),
    )


def _is_small(raw: Mapping[str, Any]) -> bool:
    return float(raw["width"]) <= _ICON_PX and float(raw["height"]) <= _ICON_PX


def _role(tag: str, kind: str, *, has_text: bool) -> str:
    if tag == "input":
        return _INPUTS.get(kind, "textbox")
    return _ROLES.get(tag) or ("text" if has_text else "group")


def _states(raw: Mapping[str, Any], role: str) -> tuple[NodeState, ...]:
    told: list[tuple[NodeState, bool]] = [
        ("focused", bool(raw.get("focused"))),
        ("checked", raw.get("value") is True),
        ("editable", role in {"textbox", "password"}),
        ("secure", role == "password"),
        ("multiline", str(raw["tag"]).lower() == "textarea"),
        ("touched", bool(raw.get("tampered"))),
    ]
    return tuple(state for state, is_so in told if is_so)


def _box(raw: Mapping[str, Any]) -> Rect:
    left, top = float(raw["left"]), float(raw["top"])
    right, bottom = left + float(raw["width"]), top + float(raw["height"])
    return Rect(round(left), round(top), max(0, round(right) - round(left)), max(0, round(bottom) - round(top)))


def _classes(raw: Mapping[str, Any]) -> list[str]:
    classes = raw.get("classes", "")
    return [f".{name}" for name in classes.split()] if isinstance(classes, str) else []


def _text_below(raw: Mapping[str, Any]) -> str:
    found: list[str] = []
    waiting = [raw]
    while waiting:
        node = waiting.pop()
        found += [str(node["text"])] if node.get("text") else []
        waiting += reversed(node["children"])
    return " ".join(found)
