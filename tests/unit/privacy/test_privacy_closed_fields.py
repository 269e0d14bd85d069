"""Fields of somebody who doesn't lend what they type: no value, no text inside, no pixel; the rest of the page stays."""

import pytest

from witting.device.privacy.fields import close_fields
from witting.terms.raw import RawNode, RawTree


def closed(*nodes: RawNode) -> tuple[RawNode, ...]:
    """Return the nodes of a closed tree."""
    return close_fields(RawTree(1, "page", "chromium", "", nodes)).nodes


@pytest.mark.promise("P7")
def test_a_closed_tree_holds_nothing_of_a_field() -> None:
    """The value goes, and the names of all that lies inside, however deep; a label that repeats the value goes too."""
    nodes = closed(
        RawNode(0, -1, "document", "Page"),
        RawNode(1, 0, "textbox", "Notes", value="Kunigunde"),
        RawNode(2, 1, "text", "Kunigunde"),
        RawNode(3, 2, "text", "Kunigunde"),
        RawNode(4, 0, "group", "Kunigunde", value="Kunigunde", states=("editable",)),
    )
    assert "Kunigunde" not in [text for node in nodes for text in (node.name, node.value)]
    assert [node.name for node in nodes] == ["Page", "Notes", "", "", ""]


def test_pictures_mask_a_closed_field_whole() -> None:
    """Field and content are opaque, once; what lies beside the field is as it was."""
    beside = RawNode(2, 0, "text", "Save")
    nodes = closed(RawNode(0, -1, "document"), RawNode(1, 0, "entry", states=("opaque", "focused")), beside, RawNode(3, 1, "text", "x"))
    assert [node.states for node in nodes] == [(), ("opaque", "focused"), (), ("opaque",)]
    assert nodes[2] is beside
