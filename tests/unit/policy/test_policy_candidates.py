"""What can be acted on: controls with their labels, free texts and pictures; never the instruction's own display."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import node, page, pages

from witting.policy.candidates import MOST_CANDIDATES, ROLES, candidate_at, candidates_of, instruction_display, role_of, subtree_ends
from witting.terms.geometry import Rect
from witting.terms.tree import UiNode, UiTree


@pytest.mark.parametrize(
    ("given_node", "role"),
    [
        (node(0, -1, "push button"), "button"),
        (node(0, -1, "check box"), "checkbox"),
        (node(0, -1, "group", states=("editable",)), "textbox"),
        (node(0, -1, "text", "x"), "text"),
        (node(0, -1, "text", "x", tag="label"), ""),
        (node(0, -1, "generic", tag="a"), "link"),
        (node(0, -1, "presentation", tag="button"), ""),
        (node(0, -1, "graphic"), "image"),
        (node(0, -1, "group", tag="circle"), "image"),
        (node(0, -1, "group", tag="div"), ""),
        (node(0, -1, "switch"), "checkbox"),
    ],
)
def test_roles_of_both_worlds_fall_into_groups(given_node: UiNode, role: str) -> None:
    """ARIA, AT-SPI and tags lead to one group; wrappers and labels to none."""
    assert role_of(given_node) == role


def test_a_labels_text_belongs_to_its_control() -> None:
    """`<label><input type=checkbox> Reply</label>` is one thing to click, and it says Reply."""
    tree = page(node(0, -1, "group", tag="label"), node(1, 0, "checkbox", tag="input"), node(2, 0, "text", "Reply"))
    found = candidates_of("Select Reply", tree)
    assert [(candidate.role, candidate.text) for candidate in found] == [("checkbox", "Reply")]
    assert candidate_at(found, tree, target=2) == candidate_at(found, tree, target=1) == 0


def test_a_label_around_two_controls_belongs_to_neither() -> None:
    """Where it isn't clear whose a text is, it stays a text of its own."""
    tree = page(node(0, -1, "group", tag="label"), node(1, 0, "checkbox"), node(2, 0, "checkbox"), node(3, 0, "text", "Both"))
    assert [candidate.role for candidate in candidates_of("x", tree)] == ["checkbox", "checkbox", "text"]


def test_the_text_of_a_button_is_no_candidate_of_its_own() -> None:
    """What lies inside a control is a part of it."""
    tree = page(node(0, -1, "button"), node(1, 0, "text", "Save"), node(2, 1, "image"))
    found = candidates_of("Save", tree)
    assert [(candidate.node.ref, candidate.text, candidate.parts) for candidate in found] == [(0, "Save", {0, 1, 2})]


def test_a_field_is_named_by_the_text_before_it() -> None:
    """An unnamed field takes the nearest text before it, within its surroundings, unless another control is between."""
    tree = page(
        node(0, -1, "group"),
        node(1, 0, "text", "City"),
        node(2, 0, "textbox"),
        node(3, 0, "textbox"),
        node(4, 0, "text", "Only for"),
        node(5, 0, "group"),
        node(6, 5, "group"),
        node(7, 6, "textbox"),
    )
    labels = {candidate.node.ref: candidate.label for candidate in candidates_of("x", tree) if candidate.role == "textbox"}
    assert labels == {2: "City", 3: "", 7: ""}


def test_a_named_field_keeps_its_name() -> None:
    """The accessible name goes before whatever text stands near."""
    tree = page(node(0, -1, "text", "City"), node(1, -1, "textbox", "Street"))
    assert candidates_of("x", tree)[1].label == "Street"


def test_the_pages_display_of_the_instruction_is_left_out() -> None:
    """What says what to do is nothing to act on; a control that says half of it is."""
    instruction = "Select the reply and archive boxes and click Submit"
    tree = page(node(0, -1, "group"), node(1, 0, "text", instruction), node(2, -1, "button", "Submit"), node(3, -1, "text", "reply"))
    assert [candidate.node.ref for candidate in candidates_of(instruction, tree)] == [2, 3]
    assert instruction_display("Click OK", ["Click OK"]) == -1  # too short to tell from a button that says so


@pytest.mark.parametrize(
    ("target", "point", "index"),
    [(1, None, 0), (0, None, 0), (4, (5, 95), 1), (4, None, -1), (99, None, -1), (99, (5, 95), 1), (99, (900, 900), -1)],
)
def test_a_click_leads_to_a_candidate(target: int, point: tuple[int, int] | None, index: int) -> None:
    """By the node itself, by the only candidate inside a wrapper, else by the smallest box under the pointer, else to none."""
    tree = page(
        node(0, -1, "group"),
        node(1, 0, "button", "Save"),
        node(2, -1, "group", box=Rect(0, 80, 200, 80)),
        node(3, 2, "button", "Big", box=Rect(0, 90, 60, 40)),
        node(4, 2, "group", box=Rect(0, 0, 1, 1)),
        node(5, 2, "button", "Other", box=Rect(0, 80, 200, 80)),
    )
    assert candidate_at(candidates_of("x", tree), tree, target=target, point=point) == index


def test_a_labels_text_leads_to_the_field_after_it() -> None:
    """A click on `City` beside its field means the field."""
    tree = page(node(0, -1, "label", "City", tag="label"), node(1, -1, "textbox"))
    found = candidates_of("x", page(node(0, -1, "text", "City"), node(1, -1, "textbox")))
    assert candidate_at(found, tree, target=0) in {0, 1}
    only_field = tuple(candidate for candidate in found if candidate.role == "textbox")
    assert candidate_at(only_field, tree, target=0) == 0


def test_candidates_end_somewhere() -> None:
    """A page of a thousand buttons offers the first two hundred."""
    tree = page(*(node(ref, -1, "button", f"b{ref}") for ref in range(1000)))
    assert [candidate.node.ref for candidate in candidates_of("x", tree)] == list(range(MOST_CANDIDATES))


@given(pages(), st.sampled_from(["Click Save", "Enter two words and reply all to ⟨NAME_1⟩", ""]))
def test_any_page_gives_candidates_that_are_there(tree: UiTree, instruction: str) -> None:
    """Each can be seen, has a group, is itself among its parts, stands in document order, and shares no part with another."""
    found = candidates_of(instruction, tree)
    refs = [candidate.node.ref for candidate in found]
    assert refs == sorted(set(refs))
    assert all(candidate.role in ROLES and not candidate.node.box.is_empty and candidate.node.ref in candidate.parts for candidate in found)
    parts = [ref for candidate in found for ref in candidate.parts]
    assert len(parts) == len(set(parts))
    assert all(candidate_at(found, tree, target=ref) == index for index, ref in enumerate(refs))


@given(pages())
def test_a_subtree_ends_after_its_last_descendant(tree: UiTree) -> None:
    """Every child lies inside its parent's range."""
    ends = subtree_ends(tree.nodes)
    assert all(ref < end <= len(tree.nodes) for ref, end in enumerate(ends))
    assert all(ends[ref] <= ends[each.parent] for ref, each in enumerate(tree.nodes) if each.parent >= 0)
