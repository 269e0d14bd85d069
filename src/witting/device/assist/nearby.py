"""What stands just before a thing on the screen: the words by which a person tells two fields or buttons of the same name apart.

Pure; over redacted and raw nodes alike. Invariant: words that belong to another control aren't a thing's own.
"""

from collections.abc import Sequence
from typing import Protocol

_FAR = 12  # nodes
_CONTROLS = frozenset({
    "button", "push button", "toggle button", "checkbox", "check box", "radio", "radio button", "link", "textbox", "entry", "combobox",
    "combo box", "option", "tab", "page tab", "menuitem", "menu item", "slider", "switch", "spinbutton", "spin button",
})  # fmt: skip
_TEXTS = frozenset({"text", "label", "static", "heading", "cell", "table cell", "rowheader", "columnheader"})


class _Node(Protocol):
    @property
    def role(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def parent(self) -> int: ...


def is_control(role: str) -> bool:
    """Whether a role is one that is clicked or filled in."""
    return role in _CONTROLS


def near(nodes: Sequence[_Node], index: int) -> str:
    """Return the nearest words before a node that aren't a control's, "" when there are none within twelve nodes."""
    for at in range(index - 1, max(-1, index - 1 - _FAR), -1):
        node = nodes[at]
        if node.role in _TEXTS and node.name.strip() and not _is_in_control(nodes, at):
            return node.name.strip()
    return ""


def _is_in_control(nodes: Sequence[_Node], index: int) -> bool:
    above = nodes[index].parent
    for _ in range(_FAR):
        if not 0 <= above < len(nodes):
            return False
        if nodes[above].role in _CONTROLS:
            return True
        above = nodes[above].parent
    return False
