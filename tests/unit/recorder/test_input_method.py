"""What input methods make of keys is taken from the field, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.recorder.input_method import has_input_method, settle
from witting.device.recorder.typist import Typed
from witting.terms.geometry import Rect
from witting.terms.raw import RawNode, RawTree

RUN = Typed("nihao", 10, 20)


def tree(*values: str, at_ns: int = 30, states: tuple[str, ...] = ("editable", "focused")) -> RawTree:
    """Return a tree with fields that hold these values, the first of them focused."""
    nodes = [RawNode(i, -1, "textbox", "", value, states if i == 0 else ("editable",), Rect(0, 0, 9, 9)) for i, value in enumerate(values)]
    return RawTree(at_ns, "atspi", "mousepad", "", tuple(nodes))


def test_text_that_a_field_shows_is_what_was_typed() -> None:
    """An input method that let the keys through changes nothing."""
    assert settle(RUN, tree("well, nihao")) == RUN
    assert settle(RUN, tree("", "nihao")) == RUN


def test_text_that_no_field_shows_is_not_told() -> None:
    """The field's own value comes in its place, marked; with no field to ask there is no text."""
    assert settle(RUN, tree("你好")) == Typed("你好", 10, 20, is_uncertain=True)
    assert settle(RUN, tree()) == Typed("", 10, 20, is_uncertain=True)
    assert settle(RUN, tree("你好", states=("editable",))) == Typed("", 10, 20, is_uncertain=True)


@pytest.mark.promise("P8")
@pytest.mark.parametrize("state", ["secure", "opaque"])
def test_a_secret_field_is_never_asked(state: str) -> None:
    """Neither password fields nor fields that can't be read are taken for what was typed."""
    assert settle(RUN, tree("geheim", states=("editable", "focused", state))).text == ""


@given(st.text(min_size=1), st.text(), st.integers(0, 40))
def test_a_run_is_certain_only_if_a_later_tree_shows_it(text: str, value: str, at_ns: int) -> None:
    """Whatever stands in the field: certain means that it was read after the run and holds its text."""
    settled = settle(Typed(text, 10, 20), tree(value, at_ns=at_ns))
    assert settled.is_uncertain is not (at_ns >= 20 and text in value)
    if not settled.is_uncertain:
        assert settled.text == text


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"XMODIFIERS": "@im=ibus"}, True),
        ({"GTK_IM_MODULE": "fcitx"}, True),
        ({"GTK_IM_MODULE": "simple"}, False),
        ({"XMODIFIERS": "@im=none"}, False),
    ],
)
def test_sessions_say_whether_they_have_an_input_method(environment: dict[str, str], expected: bool) -> None:  # noqa: FBT001 - a parameter
    """The settings that toolkits read are the ones that are looked at."""
    assert has_input_method(environment) is expected
