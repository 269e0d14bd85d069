"""What the browser extension says, read strictly: JSON of a page's world becomes raw types, or nothing at all.

Pages are strangers: a message that isn't exactly as agreed is refused whole. Doesn't know sockets or which page is lent. Invariant: what
comes out has whole-pixel boxes inside sane bounds, parents before children, and no more than NODE_LIMIT nodes.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, get_args

import msgspec

from witting.terms.clock import Clock
from witting.terms.geometry import Rect
from witting.terms.raw import RawFocus, RawNode, RawPage, RawPageScroll, RawTree
from witting.terms.tree import NodeState

NODE_LIMIT = 2000
_BOUND_PX = 32_000
_OLDEST_NS = 10_000_000_000  # a page's own time is believed within these ten seconds
_STATES = frozenset(get_args(NodeState))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_Text = Annotated[str, msgspec.Meta(max_length=8000)]
_Word = Annotated[str, msgspec.Meta(max_length=400)]
_Number = Annotated[float, msgspec.Meta(ge=-1e7, le=1e7)]
_Index = Annotated[int, msgspec.Meta(ge=-1, le=NODE_LIMIT)]


class _Node(msgspec.Struct):
    ref: _Index
    parent: _Index
    role: _Word
    name: _Text = ""
    value: _Text = ""
    states: tuple[_Word, ...] = ()
    box: tuple[_Number, _Number, _Number, _Number] = (0, 0, 0, 0)
    tag: _Word = ""
    key: _Word = ""


class _Origin(msgspec.Struct):
    x: _Number
    y: _Number
    scale: Annotated[float, msgspec.Meta(gt=0, le=16)] = 1.0
    measured: bool = False


class _Snapshot(msgspec.Struct):
    url: _Text
    origin: _Origin
    nodes: Annotated[tuple[_Node, ...], msgspec.Meta(max_length=NODE_LIMIT)]


class _Message(msgspec.Struct, tag_field="type", kw_only=True):
    t: float  # milliseconds of wall clock
    tab: int = 0
    incognito: bool = True  # unless said otherwise
    arrived_ns: int = 0


class _Tree(_Message, tag="tree"):
    tree: _Snapshot
    why: _Word = ""
    id: int = -1


class _Focus(_Message, tag="focus"):
    secure: bool
    field: _Word


class _Navigation(_Message, tag="navigation"):
    url: _Text
    title: _Text = ""
    what: Literal["open", "tab"] = "open"


class _Form(_Message, tag="form"):
    url: _Text
    title: _Text = ""


class _Left(_Message, tag="left"):
    url: _Text = ""
    title: _Text = ""


class _Scroll(_Message, tag="scroll"):
    url: _Text
    x: _Number
    y: _Number
    part: bool = False


class _Control(_Message, tag="control"):
    do: Literal["pause", "resume"]


class _Nothing(_Message, tag="none"):
    id: int


_decoder = msgspec.json.Decoder(_Tree | _Focus | _Navigation | _Form | _Left | _Scroll | _Control | _Nothing)


@dataclass(frozen=True, slots=True, repr=False)
class PageTree:
    """A page's tree with what only the browser knows of it."""

    raw: RawTree
    tab: int
    probe: int  # the probe it answers, -1 = none
    is_before_press: bool  # read as a button went down, before the page felt it
    is_settled: bool  # read after what happened had its effect, so that it shows where the focus is
    origin: tuple[int, int]  # screen pixels of the viewport's top left corner
    is_measured: bool  # whether that place was measured by a real pointer event


@dataclass(frozen=True, slots=True, repr=False)
class PageFocus:
    """Which field of a page has the keyboard."""

    raw: RawFocus
    tab: int
    is_in_page: bool  # False while the browser's own bars, or another window, have the keyboard


@dataclass(frozen=True, slots=True)
class NoPage:
    """The extension's answer to a probe when no lent page is open."""

    probe: int


@dataclass(frozen=True, slots=True)
class PageControl:
    """What the person clicked in the extension's own page."""

    do: Literal["pause", "resume"]


PageMessage = PageTree | PageFocus | RawPage | RawPageScroll | PageControl | NoPage


def read_message(data: bytes, app: str, *, clock: Clock) -> PageMessage | None:
    """Return what a message says of a page in the browser `app`; None when it is garbage."""
    try:
        message = _decoder.decode(data)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError):
        return None
    at_ns = monotonic_of(message.t, message.arrived_ns, clock=clock)
    match message:
        case _Tree():
            return _tree(message, app, at_ns=at_ns)
        case _Control():
            return PageControl(message.do)
        case _Nothing():
            return NoPage(message.id)
    return _of_page(message, at_ns)


def _of_page(message: _Focus | _Scroll | _Navigation | _Form | _Left, at_ns: int) -> PageMessage:
    match message:
        case _Focus():
            is_in_page = not (message.secure and not message.field)
            return PageFocus(RawFocus(at_ns, "page", message.field, message.secure), message.tab, is_in_page)
        case _Scroll():
            x, y = round(message.x), round(message.y)
            return RawPageScroll(at_ns, message.url, x, y, message.part, message.tab, message.incognito)
    return RawPage(at_ns, message.url, message.title, message.tab, message.incognito, _what(message))


def _what(message: _Navigation | _Form | _Left) -> Literal["navigation", "tab", "form", "left"]:
    if isinstance(message, _Form):
        return "form"
    if isinstance(message, _Left):
        return "left"
    return "tab" if message.what == "tab" else "navigation"


def monotonic_of(wall_ms: float, arrived_ns: int, *, clock: Clock) -> int:
    """Return the CLOCK_MONOTONIC of a page's wall-clock time; its arrival, or now, when that can't be."""
    now_ns = clock.monotonic_ns()
    arrived = arrived_ns if now_ns - _OLDEST_NS <= arrived_ns <= now_ns else now_ns
    if not math.isfinite(wall_ms):
        return arrived
    wall_now_ms = (clock.now() - _EPOCH) / timedelta(milliseconds=1)
    at_ns = now_ns - round((wall_now_ms - wall_ms) * 1_000_000)
    return min(at_ns, arrived) if at_ns >= arrived - _OLDEST_NS else arrived


def _tree(message: _Tree, app: str, *, at_ns: int) -> PageTree | None:
    snapshot = message.tree
    nodes = tuple(_node(node, snapshot.origin) for node in snapshot.nodes)
    if any(node.ref != index or node.parent >= index for index, node in enumerate(nodes)):
        return None
    raw = RawTree(at_ns, "page", app, snapshot.url, nodes, message.incognito)
    origin = (round(snapshot.origin.x), round(snapshot.origin.y))
    why = message.why
    is_settled = why in {"probe", "mutation"}
    return PageTree(raw, message.tab, message.id, why == "pointerdown", is_settled, origin, snapshot.origin.measured)


def _node(node: _Node, origin: _Origin) -> RawNode:
    states: tuple[NodeState, ...] = tuple(state for state in node.states if state in _STATES)  # type: ignore[misc]  # checked here
    value = "" if "secure" in states else node.value
    return RawNode(node.ref, node.parent, node.role, node.name, value, states, _on_screen(node.box, origin), node.tag, node.key)


def _on_screen(box: tuple[float, float, float, float], origin: _Origin) -> Rect:
    """Return CSS pixels of the viewport as screen pixels."""
    x, y, width, height = box
    left, top = _pixel(origin.x + x * origin.scale), _pixel(origin.y + y * origin.scale)
    right, bottom = _pixel(origin.x + (x + width) * origin.scale), _pixel(origin.y + (y + height) * origin.scale)
    return Rect(left, top, max(0, right - left), max(0, bottom - top))


def _pixel(value: float) -> int:
    return max(-_BOUND_PX, min(_BOUND_PX, math.floor(value + 0.5)))
