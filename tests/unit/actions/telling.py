"""Short words for telling a session: events at milliseconds, trees of nodes."""

from collections.abc import Sequence

from witting.terms.codec import tree_digest
from witting.terms.events import Event, Key, PointerButton, PointerMove, PointerWheel, TaskMark, TextInput, WindowFocus
from witting.terms.geometry import Rect
from witting.terms.tree import NodeState, UiNode, UiTree

MS = 1_000_000


def press(at: int, x: int = 10, y: int = 10, button: int = 1) -> PointerButton:
    """A button goes down."""
    return PointerButton(at * MS, x, y, button, pressed=True)


def release(at: int, x: int = 10, y: int = 10, button: int = 1) -> PointerButton:
    """A button comes up."""
    return PointerButton(at * MS, x, y, button, pressed=False)


def click(at: int, x: int = 10, y: int = 10, button: int = 1) -> list[Event]:
    """A button goes down and comes up 80 ms later."""
    return [press(at, x, y, button), release(at + 80, x, y, button)]


def move(at: int, x: int = 10, y: int = 10) -> PointerMove:
    """The pointer passes."""
    return PointerMove(at * MS, x, y)


def wheel(at: int, dy: int = 1, x: int = 10, y: int = 10, dx: int = 0) -> PointerWheel:
    """The wheel turns."""
    return PointerWheel(at * MS, x, y, dx, dy)


def key(at: int, name: str, *, up: bool = False) -> Key:
    """A key goes down, or up."""
    return Key(at * MS, name, not up)


def typed(at: int, end: int, text: str) -> TextInput:
    """Text is typed."""
    return TextInput(at * MS, end * MS, text)


def window(at: int, app: str) -> WindowFocus:
    """An app comes to the front."""
    return WindowFocus(at * MS, app, "a title")


def mark(at: int, state: str = "begin", instruction: str = "") -> TaskMark:
    """A task begins or ends."""
    return TaskMark(at * MS, state, instruction)  # type: ignore[arg-type]


def node(
    ref: int,
    parent: int,
    role: str,
    box: Sequence[int] = (0, 0, 100, 100),
    *,
    states: Sequence[NodeState] = (),
    name: str = "",
    tag: str = "",
) -> UiNode:
    """A node of a tree."""
    return UiNode(ref, parent, role, name, "", tuple(states), Rect(*box), tag)


def tree(at: int, *nodes: UiNode, app: str = "", url: str = "") -> UiTree:
    """A tree as it stood."""
    return UiTree(at * MS, tree_digest(nodes), "page", app, url, nodes)
