"""A desk in memory for runs of scripts: one page of fields, a tick box and buttons, of which single things can go wrong.

Knows no screen. Invariant: what was done to it stands in `deeds`, in order; what can't be taken back counts in `saved`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from witting.device.acting.view import Clicked, TakenOverError, View
from witting.terms.geometry import Rect
from witting.terms.raw import RawNode

APP, URL = "chromium", "https://desk.example.org/orders/7"


def _go_on(desk: "FakeDesk") -> None:
    """Let a deed be done."""


def page(*things: RawNode) -> tuple[RawNode, ...]:
    """Return nodes under one document, numbered, each with a place of its own."""
    root = RawNode(0, -1, "document", box=Rect(0, 0, 800, 600))
    placed = [
        replace(node, ref=index, parent=0, box=Rect(40, 40 * index, 200, 30) if node.box.is_empty else node.box)
        for index, node in enumerate(things, 1)
    ]
    return (root, *placed)


@dataclass
class FakeDesk:
    """A desk that does what it is told, but for `before_deed`, which may change it or raise as the person does."""

    nodes: tuple[RawNode, ...]
    app: str = APP
    url: str = URL
    why_not: str = ""
    covers: tuple[Rect, ...] = ()
    is_deaf: bool = False  # clicks change nothing
    looks_until_effect: int = 0  # so many looks later a deed shows
    before_deed: Callable[["FakeDesk"], None] = _go_on
    deeds: list[str] = field(default_factory=list)
    saved: int = 0
    shown: list[str] = field(default_factory=list)
    rests: int = 0
    _pending: list[tuple[int, tuple[RawNode, ...]]] = field(default_factory=list)
    _focused: int = -1

    def look(self) -> View:
        """Return what is in front now."""
        self._pending = [(left - 1, nodes) for left, nodes in self._pending]
        while self._pending and self._pending[0][0] < 0:
            self.nodes = self._pending.pop(0)[1]
        return View(self.app, self.url, () if self.why_not else self.nodes, self.why_not, self.covers)

    def bring(self, app: str) -> None:
        """Bring an app to the front."""
        self.deeds.append(f"bring {app}")

    def click(self, node: RawNode, how: Clicked) -> None:
        """Click a node: fields take the keyboard, boxes are ticked, buttons change a line of text."""
        self._do(f"{how} {node.name}")
        if "Save" in node.name:
            self.saved += 1
        if self.is_deaf:
            return
        states = tuple(state for state in node.states if state != "focused")
        if node.role == "checkbox":
            states = () if "checked" in states else ("checked",)
        now = replace(node, states=(*states, "focused"), value=node.value + "!" if node.role == "button" else node.value)
        cleared = [replace(one, states=tuple(state for state in one.states if state != "focused")) for one in self.nodes]
        if node.ref < len(cleared):  # it may have gone meanwhile
            cleared[node.ref] = now
            self._focused = node.ref
        self._become(tuple(cleared))

    def type_over(self, text: str) -> None:
        """Fill the field that has the keyboard."""
        self._do("type")
        nodes = list(self.nodes)
        nodes[self._focused] = replace(nodes[self._focused], value=text)
        self._become(tuple(nodes))

    def press(self, chord: str) -> None:
        """Press a chord."""
        self._do(f"press {chord}")

    def scroll(self, *, is_down: bool) -> None:
        """Turn the wheel."""
        self.deeds.append("scroll down" if is_down else "scroll up")

    def wait(self, seconds: float) -> None:
        """Go on at once."""

    def show(self, text: str) -> None:
        """Note what is said on the screen."""
        self.shown.append(text)

    def rest(self) -> Callable[[], None]:
        """Let the person answer."""
        self.rests += 1
        return lambda: None

    def _do(self, deed: str) -> None:
        self.before_deed(self)
        self.deeds.append(deed)

    def _become(self, nodes: tuple[RawNode, ...]) -> None:
        if self.looks_until_effect:
            self._pending.append((self.looks_until_effect, nodes))
        else:
            self.nodes = nodes


def take_over(desk: FakeDesk) -> None:
    """Be the person who touches the mouse."""
    del desk
    raise TakenOverError("you took over")
