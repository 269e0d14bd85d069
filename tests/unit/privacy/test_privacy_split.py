"""Values cut over neighbouring nodes: each piece is masked, and what only stands side by side isn't."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.privacy import Redactor
from witting.device.privacy.detectors import Posture
from witting.device.privacy.split import split_values
from witting.terms.geometry import Rect
from witting.terms.raw import RawNode, RawTree

POSTURES: tuple[Posture, ...] = ("strict", "balanced")
VALUES = ("info@example.org", "service.team@mail.example.org", "DE89370400440532013000", "ghp_FrUMP48Y3TT3qdGAl47D1QxIasYzpaE1pU1L")
GLYPH_PX = 7


def line(*texts: str, gap_px: int = 0, role: str = "text", parent: int = 0) -> tuple[RawNode, ...]:
    """Return a page whose nodes stand beside each other on one line."""
    nodes, left = [RawNode(0, -1, "document", box=Rect(0, 0, 900, 600))], 10
    for number, text in enumerate(texts, start=1):
        nodes.append(RawNode(number, parent, role, text, box=Rect(left, 10, GLYPH_PX * len(text), 16)))
        left += GLYPH_PX * len(text) + gap_px
    return tuple(nodes)


def boxes(*values: str, states: tuple[str, ...] = ("editable",)) -> tuple[RawNode, ...]:
    """Return a page with one field for each value, side by side."""
    fields = (
        RawNode(number, 0, "textbox", value=value, states=states, box=Rect(40 * number, 10, 30, 30))  # type: ignore[arg-type]
        for number, value in enumerate(values, start=1)
    )
    return RawNode(0, -1, "document", box=Rect(0, 0, 900, 600)), *fields


def names(posture: Posture, nodes: tuple[RawNode, ...]) -> list[str]:
    """Return what the redacted tree says, without its document."""
    tree = Redactor(posture, seed=b"k").tree(RawTree(1, "page", "chromium", "", nodes))
    return [node.name or node.value for node in tree.nodes[1:]]


def is_masked(text: str) -> bool:
    """Whether a text is nothing but a placeholder."""
    return re.fullmatch(r"⟨[A-Z]+_\d+⟩", text) is not None


@pytest.mark.promise("P7")
@pytest.mark.parametrize("posture", POSTURES)
@given(value=st.sampled_from(VALUES), cuts=st.sets(st.integers(1, 15), min_size=1, max_size=5), before=st.sampled_from([(), ("Contact:",)]))
def test_a_value_cut_anywhere_is_masked_in_each_piece(posture: Posture, value: str, cuts: set[int], before: tuple[str, ...]) -> None:
    """Mail, account and token in touching nodes, as links and emphasis cut them: every piece is a placeholder."""
    edges = [0, *sorted(cuts), len(value)]
    pieces = [value[a:b] for a, b in pairwise(edges) if a < b]
    said = names(posture, line(*before, *pieces))
    assert all(is_masked(text) for text in said[len(before) :])


@pytest.mark.promise("P7")
@pytest.mark.parametrize("posture", POSTURES)
@pytest.mark.parametrize("gap_px", [0, 3, 12])
@pytest.mark.parametrize(
    "pieces",
    [
        ("4111", "1111", "1111", "1111"),
        ("378", "282246310005"),
        ("DE89", "3704", "0044", "0532", "0130", "00"),
        ("info", "@", "example.org"),
        ("info", "@example.org"),
    ],
)
def test_groups_that_stand_apart_are_one_value(posture: Posture, gap_px: int, pieces: tuple[str, ...]) -> None:
    """Whether the groups touch or a space is between them, all of them are masked."""
    assert all(is_masked(text) for text in names(posture, line(*pieces, gap_px=gap_px)))


@pytest.mark.promise("P7")
@pytest.mark.parametrize("posture", POSTURES)
@pytest.mark.parametrize(
    "values", [("4", "7", "1", "1"), ("1", "2", "3", "4", "5", "6"), ("A", "7", "B", "2", "C"), ("411", "111", "111", "111", "1111")]
)
def test_a_code_in_boxes_is_a_secret(posture: Posture, values: tuple[str, ...]) -> None:
    """One letter or group in each of several fields: no box shows what was typed into it."""
    assert all(is_masked(text) for text in names(posture, boxes(*values)))


def test_secure_boxes_stay_empty() -> None:
    """What a secure field holds isn't read for this either."""
    nodes = boxes("1", "2", "3", "4", states=("editable", "secure"))
    assert split_values(nodes) == {}
    assert names("strict", nodes) == ["", "", "", ""]


@pytest.mark.parametrize("gap_px", [0, 12])
@pytest.mark.parametrize(
    "texts",
    [
        tuple(str(day) for day in range(1, 32)),
        ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"),
        ("1", "2", "3", "next"),
        ("10:30", "Room 12", "45 min"),
        ("save", "the page", "at home"),
    ],
)
def test_what_only_stands_side_by_side_stays(texts: tuple[str, ...], gap_px: int) -> None:
    """A calendar, pages to turn and a table's cells are no value cut in pieces."""
    assert split_values(line(*texts, gap_px=gap_px)) == {}


def test_a_whole_value_beside_a_word_takes_the_word_with_it_nowhere() -> None:
    """A mail address in one node is masked there; its neighbours stay as they are."""
    assert names("balanced", line("Send to", "info@example.org", "now", gap_px=12)) == ["Send to", "⟨EMAIL_1⟩", "now"]


def test_texts_of_other_parents_are_not_joined() -> None:
    """Cells of different rows, and texts on different lines that don't touch, don't make a value."""
    cells = (
        RawNode(0, -1, "document"),
        RawNode(1, 0, "row"),
        RawNode(2, 1, "text", "info@"),
        RawNode(3, 0, "row"),
        RawNode(4, 3, "text", "example.org"),
    )
    assert split_values(cells) == {}
    below = RawNode(2, 0, "text", "1111 1111", box=Rect(10, 40, 60, 16))
    assert split_values((RawNode(0, -1, "document"), RawNode(1, 0, "text", "day 4111 1111 x", box=Rect(10, 10, 60, 16)), below)) == {}


@given(st.lists(st.tuples(st.sampled_from(["text", "textbox", "button", "group"]), st.text(max_size=20)), max_size=40))
def test_any_page_is_survived_and_only_its_own_texts_are_named(page: list[tuple[str, str]]) -> None:
    """Whatever stands in a tree, only texts that are there are named as pieces, never one alone."""
    nodes = tuple(RawNode(at, -1, role, text, value=text, box=Rect(at, 0, 1, 1)) for at, (role, text) in enumerate(page))
    found = split_values(nodes)
    assert all(page[at][0] == ("textbox" if what == "value" else "text") and page[at][1].strip() for at, what in found)
    assert len(found) != 1
