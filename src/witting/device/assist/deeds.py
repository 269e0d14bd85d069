"""Steps → deeds: what was done to what, told so that the same thing done twice is told twice the same.

A deed is an action without where it happened on the screen and without what varies from one time to the next. Clicking a field and typing
into it is one deed, filling it; numbers in addresses are told as `#`. Waiting, hovering and scrolling aren't deeds. A pure function of
steps; knows no routines. Invariant: what was typed is in `text` and nowhere else, so that a symbol never holds it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from witting.device.assist.nearby import near
from witting.terms.tree import UiNode
from witting.terms.work import POINTED, ActionKind, Step

What = Literal["click", "double_click", "right_click", "drag", "fill", "press", "open", "switch_tab", "switch_app", "submit"]

_CLICKS: dict[ActionKind, What] = {
    "click": "click",
    "long_press": "click",
    "middle_click": "click",
    "double_click": "double_click",
    "triple_click": "double_click",
    "right_click": "right_click",
    "drag": "drag",
}
_PLACES: dict[ActionKind, What] = {
    "navigate": "open",
    "switch_tab": "switch_tab",
    "switch_app": "switch_app",
    "submit_form": "submit",
}
PLACEHOLDER = re.compile(r"⟨[A-Z_]+\d*⟩")  # what redaction put in a text's place
_NUMBERS = re.compile(r"\d+")
_MOVES = {"Tab", "shift+Tab", "shift+ISO_Left_Tab"}  # ways from field to field: what is filled tells them already


class Symbol(NamedTuple):
    """What two deeds have in common when they are the same deed."""

    what: What
    app: str
    place: str  # of a page its host and path, numbers told as #; "" elsewhere
    role: str
    name: str  # accessible name, or the author's hint where there is none; the chord of "press"; "*" = whichever

    @property
    def loose(self) -> "Symbol":
        """The same deed done to whichever thing of the kind."""
        return self._replace(name="*")


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing done, at one time."""

    symbol: Symbol
    label: str  # what the thing is called, as a person reads it
    hint: str  # the author's hint (id and classes), "" where there is none
    text: str  # what was typed or chosen, redacted; "" for other deeds
    began_ns: int
    ended_ns: int
    is_tick: bool = False  # ticks or chooses something whose order among its neighbours doesn't matter
    near: str = ""  # the words before it, by which two of the same name are told apart


def deeds_of(steps: Sequence[Step]) -> list[Deed]:
    """Return the deeds of a session's steps, in order."""
    return list(_joined(_told(steps)))


def place_of(url: str) -> str:
    """Return an address as routines tell places: host and path without query, every number as `#`."""
    parts = urlsplit(url)
    return _NUMBERS.sub("#", parts.netloc.partition(":")[0] + parts.path.rstrip("/")) if parts.netloc else ""


def _told(steps: Sequence[Step]) -> Iterator[Deed]:
    for step in steps:
        action, tree = step.action, step.observation.tree
        node = tree.nodes[action.target] if tree is not None and 0 <= action.target < len(tree.nodes) else None
        if action.kind in _PLACES:
            yield _deed(step, _PLACES[action.kind], name="", node=None)
        elif action.kind == "type":
            yield _deed(step, "fill", name=_name(node), node=node, text=action.value or action.text)
        elif action.kind == "key" and action.key not in _MOVES:
            yield _deed(step, "press", name=action.key, node=None)
        elif action.kind in POINTED and (what := _CLICKS.get(action.kind)):
            yield _deed(step, what, name=_name(node), node=node)


def _deed(step: Step, what: What, *, name: str, node: UiNode | None, text: str = "") -> Deed:
    action, tree = step.action, step.observation.tree
    place = place_of(action.url) if what != "switch_app" else ""
    role = node.role if node is not None else ""
    return Deed(
        Symbol(what, action.app, place, role, name),
        label=(node.name if node is not None else "") or name or place or action.app,
        hint=node.key if node is not None else "",
        text=text,
        began_ns=action.timestamp_ns,
        ended_ns=action.end_ns,
        near=near(tree.nodes, action.target) if tree is not None and node is not None else "",
        is_tick=node is not None and node.role in {"checkbox", "check box", "radio", "radio button", "switch", "option"},
    )


def _name(node: UiNode | None) -> str:
    """What tells a node from its neighbours: what it is called, else the author's hint; `*` when redaction covered it."""
    if node is None:
        return ""
    said = node.name or node.key
    return "*" if PLACEHOLDER.search(said) else _NUMBERS.sub("#", said)


def _joined(deeds: Iterator[Deed]) -> Iterator[Deed]:
    """Make one deed of a click into a field and what is typed there, and of typing that goes on in the same field."""
    before: Deed | None = None
    for deed in deeds:
        if before is not None and deed.symbol.what == "fill":
            spot = deed.symbol
            if before.symbol == spot._replace(what="click"):
                before = replace(deed, began_ns=before.began_ns)
                continue
            if before.symbol == spot:
                before = replace(
                    deed, began_ns=before.began_ns, text=deed.text if deed.text.startswith(before.text) else before.text + deed.text
                )
                continue
        if before is not None:
            yield before
        before = deed
    if before is not None:
        yield before
