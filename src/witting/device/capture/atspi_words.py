"""AT-SPI's numbers in the words of `witting.terms.tree`: roles and states.

Source: atspi-constants.h of at-spi2-core 2.46. Knows nothing of D-Bus. Invariant: a role that isn't listed becomes "group", which shows
no pixel by itself, and whatever draws itself is marked opaque.
"""

from witting.terms.tree import NodeState

PASSWORD_TEXT, APPLICATION = 40, 75
FOCUSED, SHOWING, EDITABLE, ACTIVE = 12, 25, 7, 1

_ROLES = {
    7: "checkbox", 8: "menuitem", 11: "combobox", 16: "dialog", 29: "text", 32: "option", 33: "menuitem", 35: "menuitem", 37: "tab",
    PASSWORD_TEXT: "textbox", 43: "button", 44: "radio", 45: "menuitem", 51: "slider", 52: "textbox", 56: "option", 57: "text", 58: "text",
    60: "textbox", 61: "textbox", 62: "button", 64: "text", 73: "text", 79: "textbox", 81: "text", 83: "heading", 88: "link", 91: "option",
    116: "text", 130: "checkbox", 6: "image", 18: "image", 26: "image", 27: "image", 80: "image",
}  # fmt: skip
_OPAQUE_ROLES = frozenset({6, 18, 25, 60, 78, 80, 82, 95})  # canvases, terminals, embedded documents
_STATES: dict[int, NodeState] = {
    4: "checked", EDITABLE: "editable", 10: "expanded", FOCUSED: "focused", 17: "multiline", 20: "checked", 23: "selected",
}  # fmt: skip
_SENSITIVE = 24
_SINGLE_VALUE_ROLES = frozenset({"textbox", "combobox"})


def role_word(role: int) -> str:
    """Return the word for a role's number."""
    return _ROLES.get(role, "group")


def is_opaque(role: int) -> bool:
    """Whether what a role shows isn't told by its tree."""
    return role in _OPAQUE_ROLES


def has_value(word: str) -> bool:
    """Whether a node of this role holds text that isn't its name."""
    return word in _SINGLE_VALUE_ROLES


def state_words(bits: int, *, is_secure: bool, role: int) -> tuple[NodeState, ...]:
    """Return the states that matter, in a fixed order."""
    found: list[NodeState] = list(dict.fromkeys(word for bit, word in _STATES.items() if bits >> bit & 1))
    if not bits >> _SENSITIVE & 1:
        found.append("disabled")
    if is_secure:
        found.append("secure")
    if is_opaque(role):
        found.append("opaque")
    return tuple(found)
