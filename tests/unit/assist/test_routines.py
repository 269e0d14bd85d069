"""A routine is read as steps with slots, and holds no value that varies."""

import msgspec
import pytest

from witting.actions import steps
from witting.device.assist.deeds import deeds_of
from witting.device.assist.routines import Routine, find_routines
from witting.device.assist.telling import tell, tell_length
from witting.testing.sample_routine import order_records
from witting.testing.sample_session import sample_header


@pytest.fixture(scope="module")
def routine() -> Routine:
    """Return the routine of somebody who enters orders, found in three recordings."""
    sessions = [deeds_of(steps(list(order_records(sample_header(f"{seed}e" * 16), seed=seed)))) for seed in range(3)]
    (found,) = find_routines(sessions)
    return found


def test_the_orders_are_found_with_their_steps(routine: Routine) -> None:
    """Twelve orders in three recordings, fields in any order, other clicks between: one routine, every one counted."""
    assert (routine.times, routine.sessions) == (12, 3)
    assert {step.label for step in routine.steps} >= {"Customer", "Article", "Amount", "Save order"}
    assert routine.steps[-1].label == "Save order"
    assert routine.title == "Save order in desk.example.org/orders/#"
    assert 10 < routine.seconds < 60


def test_what_varies_is_a_slot_and_what_doesn_t_is_text(routine: Routine) -> None:
    """The article is a slot, the amount is written out."""
    said = {step.label: (step.text, step.slot) for step in routine.steps if step.symbol.what == "fill"}
    assert said["Article"] == ("", "article")
    assert said["Amount"] == ("12", "")
    assert all(step.is_anywhere for step in routine.steps if step.label == "Article")


@pytest.mark.promise("P7")
def test_what_was_covered_is_asked_each_time(routine: Routine) -> None:
    """The customer's name, covered by redaction, is a secret slot; no placeholder and no value stands anywhere in the routine."""
    secret = {slot.name: slot.is_secret for slot in routine.slots}
    assert secret == {"customer": True, "article": False}
    encoded = msgspec.json.encode(routine).decode()
    assert "NAME_" not in encoded
    assert "article " not in encoded


def test_each_step_is_a_sentence(routine: Routine) -> None:
    """People read what is done, to what, where, and what varies."""
    told = [tell(step, routine) for step in routine.steps]
    assert (
        "fill what “customer” says into textbox “Customer” in desk.example.org/orders/# (asked each time, sometimes earlier or later)"
        in told
    )
    assert told[-1] == "click button “Save order” in desk.example.org/orders/#"
    assert [tell_length(seconds) for seconds in (5, 89, 90, 600)] == ["5 s", "89 s", "2 min", "10 min"]


def test_the_same_steps_have_the_same_id(routine: Routine) -> None:
    """Names that a person gave hold as long as the steps stay the same, in whichever recordings they are found."""
    sessions = [deeds_of(steps(list(order_records(sample_header(f"{seed}e" * 16), seed=seed)))) for seed in range(4, 7)]
    (again,) = find_routines(sessions)
    assert again.routine_id == routine.routine_id
