"""A script's target → the node of a live tree that it means, or why none may be taken.

By role, accessible name, the author's hint and the words before it; never by a place. Pure. Invariant: two nodes that fit equally well are
none, and a name that changed is another thing.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from witting.device.acting.view import View
from witting.device.assist.nearby import near
from witting.device.assist.script import Target, filled
from witting.terms.raw import RawNode

_SAME_ROLE = {
    "push button": "button", "toggle button": "button", "check box": "checkbox", "switch": "checkbox", "radio button": "radio",
    "entry": "textbox", "searchbox": "textbox", "spinbutton": "textbox", "spin button": "textbox", "password": "textbox",
    "password text": "textbox", "combo box": "combobox", "page tab": "tab", "menu item": "menuitem", "menuitemcheckbox": "menuitem",
    "menuitemradio": "menuitem", "check menu item": "menuitem", "radio menu item": "menuitem", "tree item": "treeitem",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Located:
    """A target on the screen: which node, or why none."""

    index: int  # in the view's nodes, -1 = none
    why: str = ""  # in plain words, "" when it was found
    is_missing: bool = False  # nothing fits at all

    @property
    def is_found(self) -> bool:
        """Whether there is exactly one such node."""
        return self.index >= 0


def locate(target: Target, view: View, *, inputs: Mapping[str, str]) -> Located:
    """Return the one node that a target means."""
    name = _plain(filled(target.name, inputs))
    fits = [index for index, node in enumerate(view.nodes) if _same_role(node.role) == _same_role(target.role) and not node.box.is_empty]
    if name:
        fits = [index for index in fits if _plain(view.nodes[index].name) == name]
    elif target.hint:
        fits = [index for index in fits if view.nodes[index].key == target.hint]
    elif not target.near:
        fits = [index for index in fits if not _plain(view.nodes[index].name)] or fits
    if not fits:
        return Located(-1, f"there is no {target.role or 'thing'} of that name here", is_missing=True)
    fits = _narrowed(fits, lambda index: bool(target.hint) and view.nodes[index].key == target.hint)
    fits = _narrowed(fits, lambda index: bool(target.near) and _plain(near(view.nodes, index)) == _plain(target.near))
    fits = _without_wrappers(fits, view.nodes)
    if len(fits) > 1:
        return Located(-1, f"{len(fits)} things here are each the {target.role or 'thing'} that is meant")
    if not name and not target.hint and target.near and _plain(near(view.nodes, fits[0])) != _plain(target.near):
        return Located(-1, f"there is no {target.role or 'thing'} beside those words here", is_missing=True)
    return _judged(fits[0], view)


def _judged(index: int, view: View) -> Located:
    node = view.nodes[index]
    if "disabled" in node.states:
        return Located(-1, f"the {node.role} can't be used now")
    x, y = node.box.x + node.box.width // 2, node.box.y + node.box.height // 2
    if any(area.contains(x, y) for area in view.covers):
        return Located(-1, "another window lies over it")
    dialog = shut_out_by(index, view.nodes)
    if dialog is not None:
        return Located(-1, "a dialog stands before it")
    return Located(index)


def shut_out_by(index: int, nodes: Sequence[RawNode]) -> int | None:
    """Return the dialog that a node isn't in though one is open; None when nothing stands before it."""
    open_now = dialogs(nodes)
    return None if not open_now or any(_is_below(index, dialog, nodes=nodes) for dialog in open_now) else open_now[-1]


def dialogs(nodes: Sequence[RawNode]) -> list[int]:
    """Return the dialogs of a page that are in view; a native dialog is a window of its own."""
    said = ((index, {node.role, node.tag}) for index, node in enumerate(nodes) if index > 0 and not node.box.is_empty)
    return [index for index, names in said if names & {"dialog", "alertdialog"}]


def _is_below(index: int, above: int, *, nodes: Sequence[RawNode]) -> bool:
    while index > above:
        index = nodes[index].parent
    return index == above


def _narrowed(fits: list[int], fit: Callable[[int], bool]) -> list[int]:
    """Keep those that fit better, when some do and some don't."""
    better = [index for index in fits if fit(index)]
    return better or fits


def _without_wrappers(fits: list[int], nodes: Sequence[RawNode]) -> list[int]:
    """Leave out nodes that hold another of the same: a link within a link's own box is the same link."""
    return [index for index in fits if not any(other > index and _is_below(other, index, nodes=nodes) for other in fits)]


def _same_role(role: str) -> str:
    return _SAME_ROLE.get(role, role)


def _plain(text: str) -> str:
    """Return a name as two are compared: width, case and spaces don't matter."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
