"""Which thing on the screen a script means, and when none may be taken."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.acting.targets import dialogs, locate
from witting.device.acting.view import View
from witting.device.assist.nearby import near
from witting.device.assist.script import Target
from witting.terms.geometry import Rect
from witting.terms.raw import RawNode
from witting.testing.fake_desk import page

FIELD = RawNode(0, 0, "textbox", "Amount", states=("editable",), key="#amount")
SAVE = RawNode(0, 0, "button", "Save order")
HELP = RawNode(0, 0, "button", "Help")


def view(*things: RawNode, **more: object) -> View:
    """Return a view of a page of things."""
    return View("chromium", "https://desk.example.org/orders", page(*things), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("target", "things", "expected"),
    [
        (Target(role="button", name="Save order"), (FIELD, SAVE, HELP), 2),
        (Target(role="push button", name="SAVE  ORDER"), (FIELD, SAVE, HELP), 2),  # another toolkit's word for it, case, spaces
        (Target(role="button", name="\uff28\uff45\uff4c\uff50"), (SAVE, HELP), 2),  # full width
        (Target(role="textbox", hint="#amount"), (FIELD, SAVE), 1),  # no name: by the author's hint
        (Target(role="textbox"), (FIELD, SAVE), 1),  # the only one
        (Target(role="button", name="{which}"), (SAVE, HELP), 2),  # an input names it
        (Target(role="button", name="Save order", hint="#second"), (SAVE, replace(SAVE, key="#second")), 2),
        (
            Target(role="button", name="Delete", near="Ben"),
            (
                RawNode(0, 0, "text", "Ada"),
                RawNode(0, 0, "button", "Delete"),
                RawNode(0, 0, "text", "Ben"),
                RawNode(0, 0, "button", "Delete"),
            ),
            4,
        ),
    ],
)
def test_the_one_thing_that_is_meant_is_found(target: Target, things: tuple[RawNode, ...], expected: int) -> None:
    """By role and name, then by hint, then by the words before it."""
    found = locate(target, view(*things), inputs={"which": "help"})
    assert found.is_found, found.why
    assert found.index == expected


@pytest.mark.parametrize(
    ("target", "things", "why", "is_missing"),
    [
        (Target(role="button", name="Save"), (SAVE,), "no button of that name", True),  # a beginning isn't the name
        (Target(role="link", name="Save order"), (SAVE,), "no link of that name", True),
        (Target(role="textbox", hint="#price"), (FIELD,), "no textbox of that name", True),
        (Target(role="button", name="Save order"), (SAVE, SAVE), "2 things", False),
        (Target(role="button"), (SAVE, HELP), "2 things", False),
        (Target(role="button", name="Save order"), (replace(SAVE, states=("disabled",)),), "can't be used", False),
        (
            Target(role="textbox", near="Price"),
            (RawNode(0, 0, "text", "Amount"), replace(FIELD, name="", key="")),
            "beside those words",
            True,
        ),
        (
            Target(role="button", name="Save order"),
            (SAVE, RawNode(0, 0, "dialog", "Sign in")),
            "a dialog stands before it",
            False,
        ),
    ],
)
def test_in_doubt_nothing_is_taken(target: Target, things: tuple[RawNode, ...], why: str, *, is_missing: bool) -> None:
    """A changed name, two that fit, one that can't be used, a dialog before it: none, and it is said why."""
    found = locate(target, view(*things), inputs={})
    assert not found.is_found
    assert why in found.why
    assert found.is_missing is is_missing


def test_what_another_window_lies_over_isn_t_taken() -> None:
    """A notification over the middle of a button stops the run; one over its edge doesn't."""
    button = Target(role="button", name="Save order")
    here = view(SAVE, covers=(Rect(100, 40, 100, 60),))
    assert locate(button, here, inputs={}).why == "another window lies over it"
    assert locate(button, view(SAVE, covers=(Rect(225, 40, 50, 60),)), inputs={}).is_found


def test_what_is_in_the_dialog_can_be_clicked() -> None:
    """A dialog shuts out the page, not itself."""
    root, first, box = page(SAVE, RawNode(0, 0, "group", "Sure?", tag="dialog"))
    inside = RawNode(3, 2, "button", "Yes", box=Rect(10, 10, 20, 20))
    here = View("chromium", "https://desk.example.org/", (root, first, box, inside))
    assert dialogs(here.nodes) == [2]
    assert locate(Target(role="button", name="Yes"), here, inputs={}).index == 3
    assert not locate(Target(role="button", name="Save order"), here, inputs={}).is_found


def test_a_thing_within_itself_is_one_thing() -> None:
    """A link that holds a link of the same name, as toolkits draw them, is taken once, at its inner place."""
    root, outer = page(RawNode(0, 0, "link", "Orders"))
    inner = RawNode(2, 1, "link", "Orders", box=Rect(50, 45, 20, 10))
    assert locate(Target(role="link", name="Orders"), View("chromium", "", (root, outer, inner)), inputs={}).index == 2


def test_words_of_another_control_aren_t_a_thing_s_own() -> None:
    """A button's text isn't the label of the field after it."""
    root, button = page(HELP)
    text = RawNode(2, 1, "text", "Help", box=Rect(0, 0, 5, 5))
    last = RawNode(3, 0, "textbox", box=Rect(0, 50, 5, 5))
    assert near((root, button, text, last), 3) == ""
    assert near((root, replace(text, ref=1, parent=0), last), 2) == "Help"
    assert near((root,), 0) == ""


names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)


@given(st.lists(names, min_size=1, max_size=12), st.data())
def test_a_name_finds_itself_or_nothing(said: list[str], data: st.DataObject) -> None:
    """Whatever stands on the screen: what is found has the name that was asked for, and two of the same are none."""
    wanted = data.draw(st.sampled_from(said))
    target = Target(role="button", name=wanted.replace("{", "{{").replace("}", "}}"))
    things = [RawNode(0, 0, "button", name) for name in said]
    found = locate(target, view(*things), inputs={})
    if found.is_found:
        assert said[found.index - 1] in said
        assert locate(target, view(*things, RawNode(0, 0, "button", said[found.index - 1])), inputs={}).why.startswith("2 things")
    else:
        assert "things here" in found.why


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 500)), min_size=3, max_size=3, unique=True))
def test_where_things_stand_doesn_t_matter(places: list[tuple[int, int]]) -> None:
    """Moved anywhere, in any order on the screen, the same things are found."""
    things = [replace(node, box=Rect(x, y, 20, 20)) for node, (x, y) in zip((FIELD, SAVE, HELP), places, strict=True)]
    here = view(*things)
    assert locate(Target(role="button", name="Save order"), here, inputs={}).index == 2
    assert locate(Target(role="textbox", name="Amount"), here, inputs={}).index == 1
