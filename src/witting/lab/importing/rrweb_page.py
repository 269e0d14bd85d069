"""The page of an rrweb recording, kept up by its mutations, told as a UI tree when asked.

Knows rrweb's serialised nodes (type 2 elements, 3 texts). Invariant: a mutation that names a node nobody knows is refused, not guessed at.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from witting.policy.dom_info import tree_from_dom_info
from witting.terms.tree import UiTree

_DOCUMENT, _ELEMENT, _TEXT = 0, 2, 3
_UNSEEN = frozenset({"head", "script", "style", "meta", "link", "title", "noscript", "base", "template"})
_TICKED = frozenset({"checkbox", "radio"})


class Page:
    """A page as it stands."""

    def __init__(self, root: Mapping[str, Any] | None = None) -> None:
        self._nodes: dict[int, dict[str, Any]] = {}
        self._root = self._add(root, -1) if root is not None else 0

    def mutate(self, data: Mapping[str, Any]) -> None:
        """Take a mutation.

        Raises:
            KeyError: it names a node that isn't there.
        """
        for told in data.get("removes") or ():
            self._nodes[int(told["parentId"])]["children"].remove(int(told["id"]))
        for told in data.get("adds") or ():
            parent, following = int(told["parentId"]), told.get("nextId")
            siblings = self._nodes[parent]["children"]
            place = siblings.index(int(following)) if following is not None and int(following) in siblings else len(siblings)
            siblings.insert(place, self._add(told["node"], parent))
        for told in data.get("texts") or ():
            self._nodes[int(told["id"])]["text"] = str(told["value"] or "")
        for told in data.get("attributes") or ():
            self._nodes[int(told["id"])]["attributes"].update(told["attributes"])

    def value(self, node: int) -> str:
        """Return what a field holds."""
        return str(self._nodes[node]["attributes"].get("value") or "")

    def set_value(self, node: int, value: str, *, is_checked: bool) -> None:
        """Note what a field holds now."""
        self._nodes[node]["attributes"].update(value=value, checked=is_checked)

    def is_ticked(self, node: int) -> bool:
        """Whether a field is ticked, not typed into."""
        return str(self._nodes[node]["attributes"].get("type", "")) in _TICKED

    def tree(self, timestamp_ns: int, *, url: str, pointed: tuple[int, int, int] = (-1, 0, 0), focused: int = -1) -> UiTree:
        """Return the page; the node `pointed` = (id, x, y) has the pixel as its box, the node `focused` the keyboard."""
        told = next(self._told(self._root, pointed, focused=focused), {"tag": "BODY", "children": [], **_NOWHERE})
        return tree_from_dom_info(told, timestamp_ns, url=url)

    def _add(self, raw: Mapping[str, Any], parent: int) -> int:
        number = int(raw["id"])
        self._nodes[number] = {
            "type": int(raw["type"]),
            "tag": str(raw.get("tagName") or "").lower(),
            "attributes": dict(raw.get("attributes") or {}),
            "text": str(raw.get("textContent") or ""),
            "children": [],
            "parent": parent,
        }
        self._nodes[number]["children"] = [self._add(child, number) for child in raw.get("childNodes") or ()]
        return number

    def _told(self, number: int, pointed: tuple[int, int, int], *, focused: int) -> Iterator[dict[str, Any]]:
        """Yield a node as `getDOMInfo` would tell it; of a document its element, of what nobody sees nothing."""
        node = self._nodes.get(number)
        if node is None or node["tag"] in _UNSEEN or node["type"] not in {_DOCUMENT, _ELEMENT, _TEXT}:
            return
        below = [told for child in node["children"] for told in self._told(child, pointed, focused=focused)]
        box = {"left": pointed[1], "top": pointed[2], "width": 1, "height": 1} if number == pointed[0] else _NOWHERE
        if node["type"] == _DOCUMENT:
            yield from below
        elif node["type"] == _TEXT:
            if node["text"].strip():
                yield {"tag": "t", "text": node["text"].strip(), "children": [], **box}
        else:
            yield {**_element(node), "children": below, "focused": number == focused, **box}


_NOWHERE = {"left": 0, "top": 0, "width": 0, "height": 0}


def _element(node: Mapping[str, Any]) -> dict[str, Any]:
    attributes = node["attributes"]
    told: dict[str, Any] = {"tag": node["tag"].upper(), "id": attributes.get("id") or "", "classes": attributes.get("class") or ""}
    if node["tag"] == "input":
        kind = str(attributes.get("type") or "text")
        told["tag"] += f"_{kind}"
        told["value"] = bool(attributes.get("checked")) if kind in _TICKED else str(attributes.get("value") or "")
    elif node["tag"] in {"textarea", "select"}:
        told["value"] = str(attributes.get("value") or "")
    return told
