"""What counts as having stood still around a grab."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from witting.device.privacy.pixels import shown_mask
from witting.device.privacy.steady import is_masked, steady
from witting.terms.codec import tree_digest
from witting.terms.geometry import Rect
from witting.terms.raw import RawFrame
from witting.terms.tree import UiNode, UiTree

SCREEN = Rect(0, 0, 300, 200)
TEXT = UiNode(1, 0, "text", "Open file", box=Rect(10, 20, 80, 16))
CLOCK = UiNode(2, 0, "text", "9 sec", box=Rect(10, 60, 80, 16))
FIELD = UiNode(3, 0, "textbox", "E-mail", value="an", states=("focused",), box=Rect(10, 100, 80, 16))
NAME = UiNode(4, 0, "text", "⟨NAME_1⟩", box=Rect(10, 140, 80, 16))


def tree_at(time: int, *nodes: UiNode, url: str = "") -> UiTree:
    """Return a page tree read at `time`, with a document around the nodes."""
    every = (UiNode(0, -1, "document", box=SCREEN), *nodes)
    return UiTree(time, tree_digest(every), "page", "chromium", url, every)


def but(node: UiNode, **changes: object) -> UiNode:
    """Return a node with something changed."""
    return msgspec.structs.replace(node, **changes)


def shown(before: list[UiTree], after: list[UiTree]) -> NDArray[np.bool_]:
    """Return which pixels of a noisy screen may be shown."""
    pixels = np.random.default_rng(1).integers(0, 255, (SCREEN.height, SCREEN.width, 3), dtype=np.uint8)
    return shown_mask(RawFrame(10, "damage", pixels, (SCREEN,)), before, after=after)[0]


def is_seen(mask: NDArray[np.bool_], node: UiNode) -> bool:
    """Whether all of a node's box is shown; fails when only a part of it is."""
    box = node.box
    part = mask[box.y : box.y + box.height, box.x : box.x + box.width]
    assert part.all() or not part.any()
    return bool(part.all())


@pytest.mark.parametrize(
    "change",
    [{"states": ("focused", "touched", "checked")}, {"key": ".ui-state-hover"}, {"ref": 7, "parent": 6}],
    ids=["states", "class", "place in the tree"],
)
def test_focus_ticks_and_classes_leave_a_node_steady(change: dict[str, object]) -> None:
    """A node that only got the focus, a tick or a class, or that others were put before, is shown."""
    assert is_seen(shown([tree_at(5, TEXT)], [tree_at(15, but(TEXT, **change))]), TEXT)


def test_a_clock_that_ticks_hides_itself_only() -> None:
    """Text that changed in between isn't shown, what stands beside it is."""
    mask = shown([tree_at(5, TEXT, CLOCK, NAME)], [tree_at(15, TEXT, but(CLOCK, name="8 sec"), NAME)])
    assert is_seen(mask, TEXT)
    assert not is_seen(mask, CLOCK)
    assert not is_seen(mask, NAME)


@pytest.mark.promise("P8")
def test_what_is_typed_in_place_hides_its_field_only() -> None:
    """A field whose value may not be seen any longer is masked, whichever reading says so; the rest of the page is shown."""
    masked = but(FIELD, value="⟨EMAIL_1⟩")
    for before, after in ((FIELD, masked), (masked, FIELD)):
        mask = shown([tree_at(5, TEXT, before)], [tree_at(15, TEXT, after)])
        assert is_seen(mask, TEXT)
        assert not is_seen(mask, FIELD)


@pytest.mark.promise("P8")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([TEXT], [TEXT, NAME]),
        ([TEXT, NAME], [TEXT]),
        ([TEXT, NAME], [TEXT, but(NAME, box=Rect(10, 20, 80, 16))]),
        ([TEXT, NAME], [TEXT, but(NAME, role="link")]),
        ([TEXT], [TEXT, UiNode(4, 0, "group", states=("opaque",), box=Rect(0, 0, 9, 9))]),
    ],
    ids=["came", "went", "moved", "became another", "opaque group came"],
)
def test_if_something_unseeable_moved_nothing_is_shown(before: list[UiNode], after: list[UiNode]) -> None:
    """A masked node that came, went or moved may have been anywhere in between, so every pixel stays masked."""
    assert not shown([tree_at(5, *before)], [tree_at(15, *after)]).any()


def test_a_passed_text_that_moved_is_hidden_at_both_places() -> None:
    """What may be seen may move; where it stood and stands isn't shown."""
    moved = but(CLOCK, box=Rect(100, 60, 80, 16))
    mask = shown([tree_at(5, TEXT, CLOCK)], [tree_at(15, TEXT, moved)])
    assert is_seen(mask, TEXT)
    assert not is_seen(mask, CLOCK)
    assert not is_seen(mask, moved)


def test_containers_that_changed_hide_nothing() -> None:
    """A container that grew shows nothing by itself."""
    group = UiNode(2, 0, "group", box=Rect(0, 0, 200, 100))
    assert is_seen(shown([tree_at(5, TEXT, group)], [tree_at(15, TEXT, but(group, box=SCREEN))]), TEXT)


def test_the_nearest_readings_count() -> None:
    """Of several readings the last before and the first after the grab are compared; what only others had is hidden."""
    seen = steady(10, [tree_at(4, TEXT), tree_at(3, CLOCK)], after=[tree_at(15, TEXT), tree_at(19, CLOCK)])
    assert TEXT in seen.nodes
    assert seen.changed == (CLOCK, CLOCK)
    assert steady(10, [tree_at(11, TEXT)], after=[tree_at(15, TEXT)]).nodes == ()
    assert steady(10, [tree_at(5, TEXT)], after=[tree_at(9, TEXT)]).nodes == ()
    assert steady(10, [tree_at(5, TEXT)], after=[tree_at(15, TEXT, url="https://example.org/")]).nodes == ()


_boxes = st.builds(Rect, st.integers(0, 200), st.integers(0, 120), st.integers(1, 90), st.integers(1, 60))
_nodes = st.lists(
    st.builds(
        UiNode, st.just(1), st.just(0), st.sampled_from(["text", "textbox", "button", "image", "group"]),
        st.sampled_from(["", "Open", "⟨NAME_1⟩"]), st.sampled_from(["", "yes", "⟨EMAIL_1⟩"]),
        st.sampled_from([(), ("opaque",), ("secure",), ("focused",)]), _boxes,
    ),
    max_size=4,
)  # fmt: skip


@pytest.mark.promise("P8")
@settings(max_examples=150, deadline=None)
@given(_nodes, _nodes, _nodes)
def test_no_pixel_of_what_is_masked_on_either_side_is_shown(both: list[UiNode], old: list[UiNode], new: list[UiNode]) -> None:
    """Whatever two readings say, a box that is masked in one of them is wholly masked, and so is text that only one of them has."""
    mask = shown([tree_at(5, *both, *old)], [tree_at(15, *new, *both)])
    for node in (*both, *old, *new):
        if is_masked(node):
            assert not is_seen(mask, node)
