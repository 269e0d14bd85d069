"""A group of synthetic people at work, with planted ways, troubles and routines that known shares of them have, and habits of their own.

For tests and measures of figures about groups. Invariant: the same seed gives the same people; every page and word is invented.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from witting.terms.codec import tree_digest
from witting.terms.events import Hover, Key, PageForm, PageNavigation, PointerButton, TaskMark, TextInput, WindowFocus
from witting.terms.geometry import Rect
from witting.terms.session import Record, SessionHeader
from witting.terms.tree import UiNode, UiTree
from witting.testing.sample_session import SITE, sample_header

_SECOND = 1_000_000_000
_PLACE = f"{SITE}/"
BROWSER, EDITOR = "chromium", "mousepad"
PLANTED: dict[tuple[str, ...], float] = {
    ("paths", f"{_PLACE}orders", f"{_PLACE}invoices"): 0.9,
    ("paths", EDITOR, f"{_PLACE}orders"): 0.8,
    ("places", f"{_PLACE}orders", "30 seconds to 2 minutes"): 0.85,
    ("tasks", "enter an order", "30 seconds to 2 minutes"): 0.8,
    ("ways", EDITOR, "save", "pointer"): 0.75,
    ("ways", BROWSER, "next field", "keys"): 0.7,
    ("troubles", f"{_PLACE}invoices", "error"): 0.8,
    ("troubles", f"{_PLACE}orders", "repeated submit"): 0.7,
    ("troubles", EDITOR, "undo burst"): 0.6,
    ("spots", BROWSER, "bottom", "right"): 0.8,
    ("routines", "click button add a row", "fill in customer", "fill in amount"): 0.7,
}
"""What is planted, and the share of people who have it; the rarer a thing, the more people it takes to show it."""
LISTED: dict[tuple[str, ...], float] = {("listed", EDITOR, SITE): 0.95, ("listed", SITE, EDITOR): 0.95}
"""The same for the fixed list, which only small groups get."""
_ROUND = ("click button add a row", "fill in customer", "fill in amount")
_FIELDS = {"Customer": Rect(80, 200, 400, 40), "Amount": Rect(80, 260, 400, 40)}
_BUTTONS = {"Add a row": Rect(80, 320, 120, 40), "Send": Rect(700, 700, 120, 40)}


@dataclass
class Worker:
    """One person: what of the planted they do, and a page of their own that nobody else opens."""

    number: int
    seed: int = 1
    shares: Mapping[tuple[str, ...], float] = field(default_factory=lambda: PLANTED | LISTED)
    does: frozenset[tuple[str, ...]] = field(init=False)
    own_page: str = field(init=False)

    def __post_init__(self) -> None:
        """Draw this person's habits."""
        chance = random.Random(f"{self.seed}-{self.number}")
        self.does = frozenset(key for key, share in self.shares.items() if chance.random() < share)
        self.own_page = "".join(chance.choice("abcdefghijklmnop") for _ in range(7))

    def session(self, session_id: str = "5e" * 16, *, header: SessionHeader | None = None) -> list[Record]:
        """Return a session of this person at work."""
        head = header or sample_header(session_id, purpose="group_figures")
        return [head, *_Day(self).records()]


def group(people: int, *, seed: int = 1, shares: Mapping[tuple[str, ...], float] | None = None) -> list[Worker]:
    """Return a group of people."""
    return [Worker(number, seed, PLANTED | LISTED if shares is None else shares) for number in range(people)]


class _Day:
    """Writes one person's session, a second at a time."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._at = 2 * _SECOND
        self._url = ""
        self._app = ""

    def records(self) -> Iterator[Record]:
        """Yield the session, without its header."""
        does = self._worker.does
        yield from self._in_editor()
        yield from self._wait(0 if ("listed", EDITOR, SITE) in does or ("paths", EDITOR, f"{_PLACE}orders") in does else 400)
        yield from self._on_orders(is_first=True)
        yield from self._on_invoices()
        yield from self._on_own_page()

    def _in_editor(self) -> Iterator[Record]:
        does = self._worker.does
        yield from self._focus(EDITOR)
        yield from self._click("Send")
        if ("ways", EDITOR, "save", "pointer") in does:
            yield from self._tree({"Save": Rect(0, 20, 90, 20)}, role="menuitem")
            yield self._button(20, 30, pressed=True)
            yield self._button(20, 30, pressed=False)
        else:
            yield from self._key("ctrl+s")
        if ("troubles", EDITOR, "undo burst") in does:
            for _ in range(3):
                yield from self._key("ctrl+z")

    def _on_orders(self, *, is_first: bool) -> Iterator[Record]:
        does = self._worker.does
        yield from self._focus(BROWSER)
        starts_elsewhere = ("paths", EDITOR, f"{_PLACE}orders") not in does
        if starts_elsewhere:
            yield from self._open(self._worker.own_page)
            yield from self._click("Send")
        yield from self._open("orders")
        if is_first and ("tasks", "enter an order", "30 seconds to 2 minutes") in does:
            yield TaskMark(self._tick(), "begin", "Enter an order")
        yield from self._fields()
        if ("troubles", f"{_PLACE}orders", "repeated submit") in does:
            for _ in range(2):
                yield from self._click("Send")
                yield PageForm(self._tick(), f"{_PLACE}orders")
        is_long = ("places", f"{_PLACE}orders", "30 seconds to 2 minutes") in does or (
            "tasks",
            "enter an order",
            "30 seconds to 2 minutes",
        ) in does
        yield from self._wait(45 if is_long else 0)
        yield from self._click("Send")
        yield TaskMark(self._tick(), "done")

    def _fields(self) -> Iterator[Record]:
        does = self._worker.does
        by_keys = ("ways", BROWSER, "next field", "keys") in does
        rounds = 4 if ("routines", *_ROUND) in does else 1
        for _ in range(rounds):
            yield from self._click("Add a row")
            for name in _FIELDS:
                if by_keys:
                    yield from self._key("Tab")
                else:
                    yield from self._click(name)
                yield from self._tree(_FIELDS | _BUTTONS, focused=name)
                at = self._tick()
                yield TextInput(at, at + _SECOND // 2, "⟨WORD_1⟩")

    def _on_invoices(self) -> Iterator[Record]:
        does = self._worker.does
        yield from self._wait(0 if ("paths", f"{_PLACE}orders", f"{_PLACE}invoices") in does else 400)
        yield from self._open("invoices")
        if ("spots", BROWSER, "bottom", "right") in does:
            at = self._tick()
            yield Hover(at, at + 4 * _SECOND, 760, 720)
            self._at += 4 * _SECOND
        yield from self._click("Send")
        if ("troubles", f"{_PLACE}invoices", "error") in does:
            yield from self._tree({"Error: this number is not valid": Rect(400, 300, 400, 120)}, role="alertdialog")
            yield from self._tree(_FIELDS | _BUTTONS)

    def _on_own_page(self) -> Iterator[Record]:
        yield from self._wait(0 if ("listed", SITE, EDITOR) in self._worker.does else 400)
        yield from self._focus(EDITOR)
        yield from self._click("Send")
        yield from self._wait(400)
        yield from self._focus(BROWSER)
        yield from self._open(self._worker.own_page)
        yield from self._click("Send")

    def _tick(self) -> int:
        self._at += _SECOND
        return self._at

    def _wait(self, seconds: int) -> Iterator[Record]:
        self._at += seconds * _SECOND
        yield from ()

    def _focus(self, app: str) -> Iterator[Record]:
        self._app, self._url = app, ""
        yield WindowFocus(self._tick(), app, app.title())

    def _open(self, page: str) -> Iterator[Record]:
        self._url = f"{_PLACE}{page}"
        yield PageNavigation(self._tick(), self._url, page.title())

    def _key(self, key: str) -> Iterator[Record]:
        yield Key(self._tick(), key)
        yield Key(self._at + 50_000_000, key, pressed=False)

    def _click(self, name: str) -> Iterator[Record]:
        yield from self._tree(_FIELDS | _BUTTONS)
        box = (_BUTTONS | _FIELDS)[name]
        yield self._button(box.x + 20, box.y + 20, pressed=True)
        yield self._button(box.x + 20, box.y + 20, pressed=False)

    def _button(self, x: int, y: int, *, pressed: bool) -> PointerButton:
        at = self._tick() if pressed else self._at + 80_000_000
        return PointerButton(at, x, y, 1, pressed=pressed)

    def _tree(self, named: Mapping[str, Rect], *, role: str = "", focused: str = "") -> Iterator[Record]:
        nodes = [UiNode(0, -1, "document", "", box=Rect(0, 0, 1280, 800))]
        for name, box in named.items():
            plain = role or ("textbox" if name in _FIELDS else "button")
            nodes.append(UiNode(len(nodes), 0, plain, name, states=("focused",) if name == focused else (), box=box))
        yield UiTree(self._tick(), tree_digest(tuple(nodes)), "page" if self._url else "atspi", self._app, self._url, tuple(nodes))
