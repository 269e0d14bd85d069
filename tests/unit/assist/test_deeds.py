"""The same thing done twice is told twice the same."""

import msgspec
import pytest

from witting.actions import steps
from witting.device.assist.deeds import Symbol, deeds_of, place_of
from witting.terms.tree import UiNode, UiTree
from witting.terms.work import Action, ActionKind, Observation, Step
from witting.testing.sample_routine import order_records
from witting.testing.sample_session import SITE, sample_header

NODES = (
    UiNode(0, -1, "document", "Orders"),
    UiNode(1, 0, "textbox", "Customer", key="customer"),
    UiNode(2, 0, "link", "Order 4711"),
    UiNode(3, 0, "link", "⟨NAME_7⟩"),
)
TREE = UiTree(0, "0" * 32, "page", "chromium", f"{SITE}/orders/12?x=1", NODES)


def step(kind: ActionKind, target: int = -1, **more: object) -> Step:
    """Return a step on the order page."""
    action = msgspec.convert(
        {"kind": kind, "timestamp_ns": 10, "end_ns": 20, "app": "chromium", "url": TREE.url, "target": target, **more}, Action
    )
    return Step(step_index=0, observation=Observation(tree=TREE), action=action)


def test_clicking_a_field_and_typing_is_one_deed() -> None:
    """Filling a field is one deed, with what the field held in the end, however often one went on typing."""
    typed = [step("click", 1), step("type", 1, text="Bar"), step("type", 1, text="Bark", value="Bark & Co")]
    (deed,) = deeds_of(typed)
    assert deed.symbol == Symbol("fill", "chromium", "desk.example.org/orders/#", "textbox", "Customer")
    assert (deed.text, deed.hint, deed.label) == ("Bark & Co", "customer", "Customer")


def test_numbers_don_t_tell_things_apart() -> None:
    """Order 4711 and order 4712 are the same thing to do."""
    assert deeds_of([step("click", 2)])[0].symbol.name == "Order #"
    assert place_of("https://a.example.org:8080/x/12/y7/?q=3#z") == "a.example.org/x/#/y#"
    assert place_of("") == place_of("not an address") == ""


@pytest.mark.promise("P7")
def test_what_redaction_covered_is_no_name() -> None:
    """A thing named by what was covered is told as whichever thing of its kind."""
    assert deeds_of([step("click", 3)])[0].symbol == Symbol("click", "chromium", "desk.example.org/orders/#", "link", "*")


@pytest.mark.parametrize("kind", ["wait", "hover", "scroll", "stop"])
def test_what_changes_nothing_is_no_deed(kind: ActionKind) -> None:
    """Waiting, hovering, scrolling and the word that a task is done aren't steps of a routine."""
    assert deeds_of([step(kind)]) == []


def test_going_from_field_to_field_is_no_deed_and_a_chord_is_one() -> None:
    """Tab only moves; ctrl+s does something."""
    told = deeds_of([step("key", key="Tab"), step("key", key="shift+Tab"), step("key", key="ctrl+s")])
    assert [deed.symbol.name for deed in told] == ["ctrl+s"]


@pytest.mark.promise("P7")
def test_a_symbol_holds_nothing_that_was_typed() -> None:
    """Texts stand in `text` and nowhere else, over a whole recording."""
    told = deeds_of(steps(list(order_records(sample_header("5e" * 16), seed=3))))
    typed = {deed.text for deed in told if deed.text}
    assert len(typed) == 9
    assert not [deed for deed in told if any(text in part for text in typed for part in deed.symbol)]
