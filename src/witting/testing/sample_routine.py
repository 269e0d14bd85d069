"""Sessions of a synthetic person who enters orders again and again, with other things between: for tests of whatever finds routines.

Knows no screen. Invariant: the same seed gives the same records; every value is invented, and what redaction would cover is covered.
"""

import random
from collections.abc import Iterator

from witting.terms.codec import tree_digest
from witting.terms.events import PageNavigation, PointerButton, TextInput, WindowFocus
from witting.terms.geometry import Rect
from witting.terms.session import Record, SessionEnd, SessionHeader
from witting.terms.tree import UiNode, UiTree
from witting.testing.sample_session import SITE

_SECOND = 1_000_000_000
_ASIDES = ("Help", "Calendar", "Search", "Settings", "Home", "Profile")
FIELDS = ("Customer", "Article", "Amount")
CUSTOMER, ARTICLE, AMOUNT = FIELDS


def order_page() -> tuple[UiNode, ...]:
    """Return the nodes of the page on which orders are entered."""
    fields = [
        UiNode(number, 0, "textbox", name, "", ("editable",), Rect(80, 100 * number, 300, 40), "input", f"order-{name.lower()}")
        for number, name in enumerate(FIELDS, 1)
    ]
    asides = [
        UiNode(5 + number, 0, "link", name, box=Rect(700, 100 * number + 100, 200, 40), tag="a") for number, name in enumerate(_ASIDES)
    ]
    page = UiNode(0, -1, "document", "Orders", box=Rect(0, 0, 1280, 800), tag="body")
    return (page, *fields, UiNode(4, 0, "button", "Save order", box=Rect(80, 420, 120, 40), tag="button"), *asides)


def order_records(header: SessionHeader, *, seed: int, times: int = 4, noise: float = 0.3) -> Iterator[Record]:
    """Yield a session in which an order is entered `times` times; between two deeds something else is clicked with chance `noise`.

    Customers are covered by redaction, articles vary, the amount is always the same. Fields are filled in some order.
    """
    rng = random.Random(seed)
    now = header.started_ns
    yield header
    yield WindowFocus(now, "chromium", "Orders")
    for number in range(times):
        now += 20 * _SECOND
        yield PageNavigation(now, f"{SITE}/orders/{100 + number}", "Orders")
        nodes = order_page()
        yield UiTree(now + 1, tree_digest(nodes), "page", "chromium", f"{SITE}/orders/{100 + number}", nodes)
        texts = {CUSTOMER: f"⟨NAME_{number + 1}⟩", ARTICLE: f"article {rng.randrange(100, 999)}", AMOUNT: "12"}
        for name in rng.sample(FIELDS, len(FIELDS)):
            now += 4 * _SECOND
            if rng.random() < noise:
                yield from _click(nodes, now, name=rng.choice(_ASIDES))
                now += 4 * _SECOND
            yield from _click(nodes, now, name=name)
            yield TextInput(now + _SECOND, now + 2 * _SECOND, texts[name])
        now += 4 * _SECOND
        yield from _click(nodes, now, name="Save order")
    yield SessionEnd(timestamp_ns=now + _SECOND, reason="stopped")


def _click(nodes: tuple[UiNode, ...], timestamp_ns: int, *, name: str) -> Iterator[Record]:
    box = next(node.box for node in nodes if node.name == name)
    for offset, pressed in ((0, True), (80_000_000, False)):
        yield PointerButton(timestamp_ns + offset, box.x + 5, box.y + 5, 1, pressed=pressed)
