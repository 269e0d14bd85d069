"""Programme and records for tests of figures about groups."""

from witting.terms.codec import tree_digest
from witting.terms.events import PointerButton
from witting.terms.geometry import Rect
from witting.terms.session import SessionHeader
from witting.terms.tree import UiNode, UiTree
from witting.testing.participant import sample_programme
from witting.testing.sample_session import SITE, sample_header

S = 1_000_000_000
PROGRAMME = sample_programme()
ORDERS = f"{SITE}/orders"


def header() -> SessionHeader:
    """Return the header of a session on a screen of 1280 by 800."""
    return sample_header("5e" * 16)


def click(second: float, x: int = 100, y: int = 100) -> list[PointerButton]:
    """Return a click."""
    at = int(second * S)
    return [PointerButton(at, x, y, 1, pressed=True), PointerButton(at + S // 20, x, y, 1, pressed=False)]


def tree(second: float, *named: tuple[str, str], app: str = "chromium", url: str = ORDERS) -> UiTree:
    """Return a tree of nodes by role and name, each below the one before on the screen."""
    nodes = [UiNode(0, -1, "document", box=Rect(0, 0, 1280, 800))]
    nodes += [UiNode(number, 0, role, name, box=Rect(80, 60 * number, 400, 50)) for number, (role, name) in enumerate(named, 1)]
    return UiTree(int(second * S), tree_digest(tuple(nodes)), "page" if url else "atspi", app, url, tuple(nodes))
