"""A benchmark page's own account of itself, as a tree."""

from witting.policy.candidates import candidates_of, takes_text
from witting.policy.dom_info import tree_from_dom_info


def _tag(tag: str, *children: dict[str, object], size: tuple[int, int] = (20, 20), **more: object) -> dict[str, object]:
    """Return a node as `core.getDOMInfo()` gives it."""
    return {
        "tag": tag,
        "left": 0,
        "top": 0,
        "width": size[0],
        "height": size[1],
        "children": list(children),
        "id": "",
        "classes": "",
        **more,
    }


def test_a_small_thing_drawn_by_its_style_is_a_picture_to_click() -> None:
    """An icon has no words and nothing in it; large empty boxes and nameless ones are only room."""
    tree = tree_from_dom_info(
        _tag("BODY", _tag("SPAN", classes="trash"), _tag("SPAN"), _tag("DIV", classes="space", size=(160, 100)), size=(160, 210)), 1
    )
    assert [node.role for node in tree.nodes] == ["document", "image", "group", "group"]
    assert [candidate.node.key for candidate in candidates_of("Delete it", tree)] == [".trash"]


def test_it_says_whose_account_it_is() -> None:
    """A policy that learnt from it is shown the same account when it acts."""
    assert tree_from_dom_info(_tag("BODY"), 1).source == "dom_info"


def test_fields_and_lists_take_text_and_buttons_do_not() -> None:
    """Text can be given to a field and to a list of choices."""
    tree = tree_from_dom_info(_tag("BODY", _tag("INPUT_text", value=""), _tag("SELECT"), _tag("BUTTON", text="Go"), size=(160, 210)), 1)
    assert [takes_text(candidate) for candidate in candidates_of("Enter it", tree)] == [True, True, False]
