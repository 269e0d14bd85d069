"""The trees of what is in front: the last one seen, which was kept last, and what was asked for.

Doesn't redact. Invariant: a tree is given out for a front only if it is of that app and page, and a page's tree takes part in pictures only
if its place on the screen was measured.
"""

from dataclasses import dataclass, replace

from witting.device.capture.atspi import NativeTree
from witting.device.capture.page_messages import PageTree
from witting.device.recorder.fronts import Front
from witting.device.recorder.lending import origin_of
from witting.device.recorder.sources import Ticket
from witting.terms.geometry import Rect
from witting.terms.raw import RawNode, RawTree

_NEAR_NS = 20_000_000  # a page's word of a press is about a press of the server's within this
_FAR_PX = 32_000
_PLACES_REMEMBERED = 32


@dataclass(frozen=True, slots=True, repr=False)
class SeenTree:
    """A tree with what is needed to judge it."""

    raw: RawTree
    ticket: Ticket | None  # the question it answers
    place: tuple[int, str, str]  # the front it is of
    page_origin: tuple[int, int] | None  # of pages whose place was measured
    is_placed: bool  # whether boxes are where the pixels are
    is_before_press: bool = False
    is_settled: bool = True  # whether it shows where the focus is

    @property
    def page_area(self) -> Rect | None:
        """Where the page may show, None for native windows."""
        return None if self.page_origin is None else Rect(*self.page_origin, _FAR_PX, _FAR_PX)

    @property
    def focus(self) -> tuple[bool, bool]:
        """Whether the focused node is secure, and whether it is a field that takes text."""
        focused = [node for node in self.raw.nodes if "focused" in node.states]
        is_secure = any("secure" in node.states for node in focused)
        return is_secure, any(self._takes_text(node) for node in focused) and not is_secure

    def _takes_text(self, node: RawNode) -> bool:
        """Whether text goes into a focused node; into what draws itself, nobody knows, but a native field may only be long."""
        is_known = "opaque" not in node.states or (self.raw.source == "atspi" and node.role == "textbox")
        return "editable" in node.states and is_known


def seen_page(tree: PageTree, front: Front, *, presses: list[int]) -> SeenTree:
    """Return a page's tree; one read as a button went down is dated just before that press."""
    raw = tree.raw
    if tree.is_before_press:
        press_ns = min(presses, key=lambda at_ns: abs(at_ns - raw.timestamp_ns), default=None)
        if press_ns is not None and abs(press_ns - raw.timestamp_ns) <= _NEAR_NS:
            raw = replace(raw, timestamp_ns=min(raw.timestamp_ns, press_ns - 1))
    return SeenTree(
        raw,
        ("page", tree.probe) if tree.probe >= 0 else None,
        front.place,
        tree.origin if tree.is_measured else None,
        tree.is_measured,
        tree.is_before_press,
        tree.is_settled,
    )


def seen_native(tree: NativeTree, front: Front) -> SeenTree | None:
    """Return a native app's tree of the window it was asked for; None when the app gave none."""
    if tree.raw is None or tree.raw.app != front.app:
        return None
    return SeenTree(tree.raw, ("atspi", tree.request), front.place, None, is_placed=True)


class Trees:
    """What was seen last, by front, and what was kept last."""

    def __init__(self) -> None:
        self._latest: dict[tuple[int, str, str], SeenTree] = {}
        self._kept: dict[str, RawTree] = {}

    def see(self, tree: SeenTree) -> None:
        """Take note of a tree."""
        self._latest.pop(tree.place, None)
        self._latest[tree.place] = tree
        while len(self._latest) > _PLACES_REMEMBERED:
            del self._latest[next(iter(self._latest))]

    def forget(self) -> None:
        """Take nothing seen so far for how things stand now."""
        self._latest.clear()

    def latest(self, front: Front) -> SeenTree | None:
        """Return the last tree of a window and page."""
        return self._latest.get(front.place)

    def is_news(self, raw: RawTree) -> bool:
        """Whether a tree differs from the one kept last of its app; takes it as kept."""
        last = self._kept.get(raw.app)
        if last is not None and (last.url, last.nodes) == (raw.url, raw.nodes):
            return False
        self._kept[raw.app] = raw
        return True


def is_of(tree: SeenTree, front: Front) -> bool:
    """Whether a tree shows the app, and the page, that is in front."""
    return tree.place == front.place and tree.raw.app == front.app and (not front.site or origin_of(tree.raw.url) == front.site)
