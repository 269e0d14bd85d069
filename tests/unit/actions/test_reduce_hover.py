"""Pointing to see is an action; the way to a click isn't."""

import pytest
from telling import MS, click, key, move, node, press, tree, typed

from witting.actions import reduce
from witting.terms.session import Record

MENU = node(0, -1, "menu item", (90, 40, 80, 20), name="File")
TIP = node(1, 0, "tooltip", (100, 70, 80, 20), name="Opens a file")
FAR = node(1, 0, "text", (900, 900, 40, 10), name="12:01")
PLAIN, TOLD, TICKED = (MENU,), (MENU, TIP), (MENU, FAR)


def hovers(records: list[Record]) -> list[tuple[int, int, tuple[int, ...]]]:
    """Return place and children of each hover."""
    return [(action.x, action.y, action.children) for action in reduce(records) if action.kind == "hover"]


def test_rest_that_something_answers_is_a_hover() -> None:
    """The pointer rests on a menu item, its tip shows up, the pointer goes on: one hover, with the move and the tree it is made of."""
    records: list[Record] = [tree(0, *PLAIN), move(10, 50, y=50), move(20, 100, y=50), tree(900, *TOLD), move(1500, 120, y=50)]
    assert hovers(records) == [(100, 50, (2, 3))]


@pytest.mark.parametrize(
    "records",
    [
        [tree(0, *PLAIN), move(20, 100, y=50), move(1500, 120, y=50)],  # nothing showed up
        [tree(0, *PLAIN), move(20, 100, y=50), tree(500, *TOLD), move(900, 120, y=50)],  # too short
        [tree(0, *PLAIN), move(20, 100, y=50), tree(900, *TICKED), move(1500, 120, y=50)],  # a clock far away
        [tree(0, *PLAIN), move(20, 100, y=50), tree(900, *TOLD), press(1500, 101, 51)],  # the way to a click
        [tree(0, *PLAIN), *click(10, 100, 50), move(95, 100, y=51), tree(900, *TOLD), move(1500, 120, y=50)],  # the click's doing
        [tree(0, *PLAIN), move(20, 100, y=50), typed(100, 800, "x"), tree(900, *TOLD), move(1500, 120, y=50)],  # typing's doing
        [tree(0, *PLAIN), press(10, 100, 50), move(20, 110, y=50), tree(2900, *TOLD), move(4500, 120, y=50)],  # dragging
        [tree(0, *PLAIN), move(20, 100, y=50), tree(5900, *TOLD), move(9500, 120, y=50)],  # long after
    ],
)
def test_what_is_no_hover(records: list[Record]) -> None:
    """A rest is a hover only when it was answered, there, and by nothing else that was done."""
    assert hovers(records) == []


def test_hover_does_not_part_typing() -> None:
    """A tip that shows up under a resting pointer in the middle of a thought splits no text."""
    records: list[Record] = [
        typed(0, 500, "hel"),
        tree(3000, *PLAIN),
        move(3010, 100, y=50),
        tree(3500, *TOLD),
        typed(6000, 6500, "lo"),
        key(7000, "Return"),
    ]
    assert [action.text for action in reduce(records) if action.kind == "type"] == ["hello"]
    assert len(hovers(records)) == 1


def test_hover_ends_when_its_answer_was_seen() -> None:
    """A hover lasts from the rest to the answer, so that what comes after isn't in it."""
    records: list[Record] = [tree(0, *PLAIN), move(20, 100, y=50), tree(900, *TOLD), move(1500, 120, y=50)]
    (action,) = [one for one in reduce(records) if one.kind == "hover"]
    assert (action.timestamp_ns, action.end_ns) == (20 * MS, 900 * MS)
