"""Rests of the pointer: which element was under it, by the number of a redacted node."""

import pytest

from witting.device.privacy import Redactor
from witting.terms.raw import RawHover, RawNode, RawTree


@pytest.mark.parametrize(("ref", "expected"), [(0, 0), (1, -1), (-1, -1)])
def test_a_rest_names_a_node_of_the_redacted_tree_or_none(ref: int, expected: int, strict: Redactor) -> None:
    """Only the number of a node that the redacted tree has is kept, with that tree's digest; never what the node says."""
    raw = RawTree(1, "page", "chromium", "", (RawNode(0, -1, "text", "To: Kunigunde"),))
    tree = strict.tree(raw)
    rest = strict.hover(RawHover(2, 3, 4, 5, ref, raw), tree)
    assert (rest.ref, rest.tree_digest) == (expected, tree.digest if expected >= 0 else "")
    assert strict.hover(RawHover(2, 3, 4, 5, ref, raw), None).ref == -1
    assert "unigunde" not in repr(rest)
