"""Rests of the pointer: which element was under it, by the number of a redacted node."""

import pytest

from witting.device.privacy import Redactor
from witting.terms.events import Hover
from witting.terms.geometry import Rect
from witting.terms.raw import RawHover, RawNode, RawTree


@pytest.mark.parametrize(("ref", "expected"), [(0, 0), (1, -1), (-1, -1)])
def test_a_rest_names_a_node_of_the_redacted_tree_or_none(ref: int, expected: int) -> None:
    """Only the number of a node that the redacted tree has is kept, with that tree's digest; never what the node says."""
    raw = RawTree(1, "page", "chromium", "", (RawNode(0, -1, "text", "To: Kunigunde"),))
    whole = Redactor(keeps=("path",))
    tree = whole.tree(raw)
    rest = whole.hover(RawHover(2, 3, 4, 5, ref, raw), tree)
    assert (rest.ref, rest.tree_digest) == (expected, tree.digest if expected >= 0 else "")
    assert whole.hover(RawHover(2, 3, 4, 5, ref, raw), None).ref == -1
    assert "unigunde" not in repr(rest)


@pytest.mark.promise("P7")
def test_a_reduced_rest_is_the_middle_of_a_part_and_a_class_of_time() -> None:
    """Where within a part the pointer rested, and for how long exactly, isn't kept; a rest on nothing known is counted and not told."""
    raw = RawTree(1, "page", "chromium", "", (RawNode(0, -1, "button", "Save", box=Rect(100, 40, 60, 20)),))
    reduced = Redactor()
    tree = reduced.tree(raw)
    rests = [reduced.hover(RawHover(2, 2 + ms * 1_000_000, x, 45, 0, raw), tree) for ms, x in ((1100, 104), (1900, 155))]
    assert rests == [Hover(0, 1_000_000_000, 130, 50, 0, tree.digest)] * 2
    assert reduced.hover(RawHover(2, 900_000_000, 500, 500, -1, None), tree) is None
    assert reduced.hover(RawHover(2, 900_000_000, 500, 500, 0, None), None) is None
    assert reduced.reduced == 2
