"""What `Cache.GetItems` says as raw nodes."""

import pytest

from witting.device.capture.atspi_nodes import in_document_order, read_items, showing, to_raw
from witting.device.capture.atspi_words import role_word
from witting.terms.geometry import Rect

APP, FRAME, LABEL, TEXT, PASSWORD, TERMINAL = 75, 23, 29, 61, 40, 60
SHOWING, ACTIVE, EDITABLE, FOCUSED, SENSITIVE = 1 << 25, 1 << 1, 1 << 7, 1 << 12, 1 << 24
ROOT, BUS = "root", ":1.7"


def row(name: str, parent: str, index: int, role: int, states: int, *, says: str = "", has_text: bool = False) -> tuple:
    """Return a row as the cache gives it."""
    interfaces = ["org.a11y.atspi.Accessible", *(["org.a11y.atspi.Text"] if has_text else [])]
    return ((BUS, name), (BUS, ROOT), (BUS, parent), index, 0, interfaces, says, role, "", [states & 0xFFFFFFFF, states >> 32])


ROWS = [
    row("second", "window", 1, TEXT, SHOWING | EDITABLE | FOCUSED | SENSITIVE, has_text=True),
    row("behind", "other", 0, LABEL, SHOWING, says="of a window behind"),
    row("first", "window", 0, LABEL, SHOWING | SENSITIVE, says="Total"),
    row("window", ROOT, 0, FRAME, SHOWING | ACTIVE | SENSITIVE, says="Bill"),
    row("other", ROOT, 1, FRAME, SHOWING),
    row("closed", "window", 2, LABEL, SENSITIVE, says="in a closed menu"),
    row(ROOT, "", -1, APP, 0, says="app"),
]


def nodes(rows, boxes=None, values=None, secure=()):
    """Return the raw nodes of rows."""
    items = in_document_order(showing(read_items(rows)))
    found = boxes or [Rect(0, 0, 50, 50)] * len(items)
    return to_raw(
        items, found, values={(BUS, name): text for name, text in (values or {}).items()}, secure=frozenset((BUS, name) for name in secure)
    )


def test_only_what_is_shown_in_the_active_window_is_kept_in_document_order():
    """Hidden menus and windows behind the active one aren't in the tree; children follow their parent by index."""
    found = nodes(ROWS, values={"second": "12 €"})
    assert [(node.role, node.name, node.value, node.parent) for node in found] == [
        ("group", "Bill", "", -1), ("text", "Total", "", 0), ("textbox", "", "12 €", 0),
    ]  # fmt: skip
    assert found[2].states == ("editable", "focused")


def test_an_app_without_an_active_window_has_no_tree():
    """An app in the background shows nothing of itself."""
    assert nodes([row("window", ROOT, 0, FRAME, SHOWING), row(ROOT, "", -1, APP, 0)]) == ()


@pytest.mark.promise("P7")
def test_a_secure_field_has_no_value_whatever_was_answered():
    """The text of a password field isn't in the tree even when it was asked for by mistake."""
    found = nodes([*ROWS, row("pin", "window", 3, PASSWORD, SHOWING, has_text=True)], values={"pin": "hunter2"}, secure=("pin",))
    assert [node.value for node in found if "secure" in node.states] == [""]


def test_boxes_are_cut_to_what_can_be_seen_of_them():
    """A node that reaches beyond its parent is only as large as its visible part."""
    found = nodes(ROWS, boxes=[Rect(0, 0, 40, 40), Rect(30, 30, 20, 20), Rect(-5, 0, 10, 10)])
    assert [node.box for node in found] == [Rect(0, 0, 40, 40), Rect(30, 30, 10, 10), Rect(0, 0, 5, 10)]


def test_text_longer_than_is_read_makes_its_field_opaque():
    """A field whose text was cut counts as unread, so that none of its pixels are shown."""
    (field,) = [node for node in nodes(ROWS, values={"second": "x" * 4001}) if node.role == "textbox"]
    assert "opaque" in field.states
    assert len(field.value) == 4000


def test_what_draws_itself_is_opaque_and_unknown_roles_are_groups():
    """A terminal's screen and a canvas are never taken for known text."""
    (terminal,) = [node for node in nodes([*ROWS, row("tty", "window", 4, TERMINAL, SHOWING)]) if "opaque" in node.states]
    assert terminal.role == "textbox"
    assert role_word(9999) == "group"


def test_a_cycle_of_parents_ends():
    """An app that names a node its own ancestor is no reason to hang."""
    assert nodes([row("a", "b", 0, LABEL, SHOWING | ACTIVE), row("b", "a", 0, LABEL, SHOWING | ACTIVE)]) == ()
