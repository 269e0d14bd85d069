"""What `Cache.GetItems` says, as raw nodes: which are in view, in document order, with places and values.

Pure. Doesn't ask anything of anyone. Invariant: only nodes of the active window are kept, parents come before children, and a secure node
has no value.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from witting.device.capture.atspi_words import ACTIVE, APPLICATION, SHOWING, has_value, role_word, state_words
from witting.terms.geometry import Rect
from witting.terms.raw import RawNode
from witting.terms.tree import NodeState

NODE_LIMIT = 2000
_TEXT_LIMIT = 4000  # characters; longer values are cut and marked opaque
_NAME_LIMIT = 400
_DEPTH_LIMIT = 100
_BORDER_PX = 2
_TEXT_INTERFACE = "org.a11y.atspi.Text"

Ref = tuple[str, str]  # name on the bus, object path


@dataclass(frozen=True, slots=True, repr=False)
class Item:
    """One accessible as the cache describes it."""

    ref: Ref
    parent: Ref
    index: int  # among its parent's children, -1 = unknown
    name: str
    role: int  # AT-SPI's number
    states: int  # AT-SPI's bits
    has_text: bool  # whether it has a text that can be asked for


def read_items(items: Iterable[Sequence[Any]]) -> dict[Ref, Item]:
    """Return the cache's items by reference."""
    found = {}
    for ref, _, parent, index, _, interfaces, name, role, _, states in items:
        bits = sum(word << 32 * place for place, word in enumerate(states))
        has_text = _TEXT_INTERFACE in interfaces and takes_text(role)
        found[tuple(ref)] = Item(tuple(ref), tuple(parent), index, name, role, bits, has_text)
    return found


def takes_text(role: int) -> bool:
    """Whether a node of this role holds text that can be asked for."""
    return has_value(role_word(role))


def windows_of(items: Mapping[Ref, Item]) -> list[Item]:
    """Return the app's windows that are in view."""
    return [item for item in items.values() if item.role != APPLICATION and item.states >> SHOWING & 1 and _is_window(item, items)]


def the_window_at(places: Sequence[Rect], windows: Sequence[Item], *, areas: Sequence[Rect]) -> Ref | None:
    """Return the one window that lies at one of the places; None when none does, or several do."""
    found = [window.ref for window, area in zip(windows, areas, strict=True) if any(_is_near(area, place) for place in places)]
    return found[0] if len(found) == 1 else None


def showing(items: Mapping[Ref, Item], window: Ref | None = None) -> list[Item]:
    """Return the items in view that belong to a window, by default to the active one; none when no window of the app is active."""
    chosen = {item.ref for item in items.values() if (item.ref == window if window else item.states >> ACTIVE & 1)}
    return [item for item in items.values() if item.states >> SHOWING & 1 and _window_above(item, items) in chosen]


def in_document_order(items: Sequence[Item]) -> list[Item]:
    """Return the items parents first, each parent's children by index."""
    children: dict[Ref, list[Item]] = {}
    known = {item.ref for item in items}
    for item in items:
        children.setdefault(item.parent if item.parent in known else ("", ""), []).append(item)
    ordered: list[Item] = []
    waiting = sorted(children.get(("", ""), []), key=lambda item: item.index, reverse=True)
    while waiting and len(ordered) < NODE_LIMIT:
        item = waiting.pop()
        ordered.append(item)
        waiting += sorted(children.get(item.ref, []), key=lambda child: child.index, reverse=True)
    return ordered


def to_raw(items: Sequence[Item], boxes: Sequence[Rect], *, values: Mapping[Ref, str], secure: frozenset[Ref]) -> tuple[RawNode, ...]:
    """Return raw nodes for items in document order; boxes are screen pixels, cut to their parents'."""
    places = {item.ref: place for place, item in enumerate(items)}
    clips: list[Rect | None] = []  # what bounds each node's children
    nodes: list[RawNode] = []
    for item, box in zip(items, boxes, strict=True):
        parent = places.get(item.parent, -1)
        clip = clips[parent] if parent >= 0 else None
        shown = box if clip is None or _floats(item) else box.intersect(clip)
        clips.append(clip if box.is_empty or _floats(item) else shown)
        value = values.get(item.ref, "")
        nodes.append(_node(item, ref=len(nodes), parent=parent, box=shown, value=value, is_secure=item.ref in secure))
    return tuple(nodes)


def _node(item: Item, *, ref: int, parent: int, box: Rect, value: str, is_secure: bool) -> RawNode:
    word = role_word(item.role)
    states: tuple[NodeState, ...] = state_words(item.states, is_secure=is_secure, role=item.role)
    if len(value) > _TEXT_LIMIT or len(item.name) > _NAME_LIMIT:
        states += ("opaque",)
    text = "" if is_secure else value[:_TEXT_LIMIT]
    return RawNode(ref, parent, word, item.name[:_NAME_LIMIT], text, states, box)


def _floats(item: Item) -> bool:
    """Whether a node's place isn't bounded by its parent's, nor its children's by its own: menus open beside it, pages below a tab."""
    return role_word(item.role) in {"menuitem", "tab"}


def _window_above(item: Item, items: Mapping[Ref, Item]) -> Ref | None:
    """Climb to the window, the last node below the application."""
    for _ in range(_DEPTH_LIMIT):
        if _is_window(item, items):
            return item.ref
        item = items[item.parent]
    return None


def _is_window(item: Item, items: Mapping[Ref, Item]) -> bool:
    parent = items.get(item.parent)
    return parent is None or parent.role == APPLICATION


def _is_near(one: Rect, other: Rect) -> bool:
    """Whether two boxes are the same but for a pixel or two of border."""
    pairs = ((one.x, other.x), (one.y, other.y), (one.width, other.width), (one.height, other.height))
    return all(abs(a - b) <= _BORDER_PX for a, b in pairs)
