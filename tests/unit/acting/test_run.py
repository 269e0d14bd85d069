"""Runs of scripts on a desk in memory: what is done, what is asked, and that nothing is done after a stop."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from witting.device.acting.drawing import draw, plan
from witting.device.acting.run import Outcome, Question, Run, checked_inputs, settled_view
from witting.device.acting.view import View
from witting.device.assist.script import Input, Script, ScriptStep, Target
from witting.terms.errors import UsageError
from witting.terms.geometry import Rect
from witting.terms.raw import RawNode
from witting.testing.fake_desk import APP, FakeDesk, page, take_over

PLACE = "desk.example.org/orders/#"
THINGS = (
    RawNode(0, 0, "textbox", "Article", states=("editable",)),
    RawNode(0, 0, "textbox", "Amount", states=("editable",)),
    RawNode(0, 0, "checkbox", "Express"),
    RawNode(0, 0, "button", "Add line"),
    RawNode(0, 0, "button", "Save order"),
)
STEPS = (
    ScriptStep(do="fill", app=APP, place=PLACE, on=Target(role="textbox", name="Article"), text="{article}"),
    ScriptStep(do="fill", app=APP, place=PLACE, on=Target(role="textbox", name="Amount"), text="{amount}"),
    ScriptStep(do="click", app=APP, place=PLACE, on=Target(role="checkbox", name="Express")),
    ScriptStep(do="click", app=APP, place=PLACE, on=Target(role="button", name="Add line")),
    ScriptStep(do="click", app=APP, place=PLACE, on=Target(role="button", name="Save order"), asks=True),
)
SCRIPT = Script(schema=1, title="Orders", routine="0" * 12, inputs=(Input(name="article"), Input(name="amount")), steps=STEPS)
INPUTS = {"article": "blue paint", "amount": "12"}


@dataclass
class Person:
    """Says yes or no to each kind of question, and keeps them."""

    says: dict[str, bool] = field(default_factory=dict)
    asked: list[Question] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def hears(self, number: int, of: int, *, sentence: str) -> None:
        """Keep what was told."""
        self.heard.append(f"{number}/{of} {sentence}")

    def may_go_on(self, question: Question) -> bool:
        """Answer."""
        self.asked.append(question)
        return self.says.get(question.kind, True)


def run(desk: FakeDesk, person: Person | None = None, *, script: Script = SCRIPT, first: int = 1) -> Outcome:
    """Run a script without patience."""
    inputs = {one.name: INPUTS[one.name] for one in script.inputs}
    return Run(script, inputs, desk=desk, person=person or Person(), patience_s=0.02).play(first=first)


def desk(**changes: object) -> FakeDesk:
    """Return a desk with the orders page in front."""
    return FakeDesk(page(*THINGS), **changes)  # type: ignore[arg-type]


def test_a_run_does_every_step_once_in_order() -> None:
    """Each field is clicked and filled, each button clicked, the last one after a yes."""
    here, person = desk(), Person()
    assert run(here, person) == Outcome(end="done", done=5, of=5)
    assert here.deeds == ["click Article", "type", "click Amount", "type", "click Express", "click Add line", "click Save order"]
    assert [(question.kind, question.number) for question in person.asked] == [("irreversible", 5)]
    assert here.saved == 1
    assert here.shown[-1] == "step 5 of 5"
    assert len(person.heard) == 5
    assert "{article}" in person.heard[0]
    assert "blue paint" not in "".join(person.heard)


def test_a_no_leaves_what_can_t_be_taken_back_undone() -> None:
    """Whoever says no has nothing saved."""
    here = desk()
    assert run(here, Person({"irreversible": False})) == Outcome(end="declined", done=4, of=5, why="you said no")
    assert here.saved == 0


def test_it_asks_by_what_a_thing_is_called_when_an_input_names_it() -> None:
    """A choice that says "Delete" is asked though the script says nothing of it."""
    step = ScriptStep(do="click", app=APP, on=Target(role="button", name="{what}"))
    script = Script(schema=1, title="x", routine="", inputs=(Input(name="what"),), steps=(step,))
    here, person = FakeDesk(page(RawNode(0, 0, "button", "Delete order"), RawNode(0, 0, "button", "Show lines"))), Person()
    Run(script, {"what": "Delete order"}, desk=here, person=person, patience_s=0.02).play()
    Run(script, {"what": "Show lines"}, desk=here, person=person, patience_s=0.02).play()
    assert [question.kind for question in person.asked] == ["irreversible"]


def test_a_participant_s_own_words_ask_too() -> None:
    """`ask_first` of the person's rules adds to the list."""
    here, person = desk(), Person()
    Run(SCRIPT, INPUTS, desk=here, person=person, ask_first=("add",), patience_s=0.02).play()
    assert [question.number for question in person.asked] == [4, 5]


def test_a_secure_field_is_its_person_s() -> None:
    """A password field is never clicked or typed into; the person is asked to do it."""
    here = desk()
    here.nodes = page(replace(THINGS[0], states=("editable", "secure")), *THINGS[1:])
    person = Person()
    assert run(here, person).end == "done"
    assert "click Article" not in here.deeds
    assert person.asked[0].kind == "yours"
    assert run(FakeDesk(here.nodes), Person({"yours": False})).end == "declined"


@pytest.mark.parametrize(
    ("changes", "why", "done"),
    [
        ({"app": "xterm"}, "chromium isn't in front", 0),
        ({"url": "https://desk.example.org/help"}, "another page", 0),
        ({"why_not": "the screen is locked"}, "locked", 0),
        ({"covers": (Rect(0, 0, 800, 600),)}, "another window", 0),
        ({"is_deaf": True}, "doesn't take the keyboard", 0),
    ],
)
def test_nothing_is_done_where_it_may_not_be(changes: dict[str, object], why: str, done: int) -> None:
    """Another app, another page, a locked screen, something over it: no deed, and it is said why."""
    here = desk(**changes)
    outcome = run(here)
    assert (outcome.end, outcome.done) == ("stopped", done)
    assert why in outcome.why
    assert "type" not in here.deeds
    assert here.saved == 0
    if "app" in changes:
        assert here.deeds[0] == "bring chromium"


def test_what_isn_t_in_view_is_looked_for_by_scrolling() -> None:
    """Down to the end and up to the beginning; what stays missing ends the run."""
    here = FakeDesk(page(*THINGS[1:]))
    assert run(here).why == "there is no textbox of that name here"
    assert here.deeds == ["scroll down", "scroll up"]

    class Long(FakeDesk):
        """A page whose first field comes into view with the second turn of the wheel."""

        def scroll(self, *, is_down: bool) -> None:
            """Turn the wheel, and show more."""
            super().scroll(is_down=is_down)
            self.nodes = page(*THINGS) if self.deeds.count("scroll down") > 1 else page(*THINGS[1:], RawNode(0, 0, "text", "more"))

    assert run(Long(page(*THINGS[1:]))).end == "done"


def test_a_step_that_is_often_left_out_may_be_missing() -> None:
    """`may_be_missing` goes on without it; a thing that is there but can't be used still stops the run."""
    script = Script(schema=1, title="x", routine="", inputs=SCRIPT.inputs, steps=(replace_step(STEPS[2], may_be_missing=True), *STEPS[3:4]))
    assert run(FakeDesk(page(*THINGS[3:])), script=script) == Outcome(end="done", done=2, of=2)
    broken = page(replace(THINGS[2], states=("disabled",)), *THINGS[3:])
    assert run(FakeDesk(broken), script=script).why == "the checkbox can't be used now"


def replace_step(step: ScriptStep, **changes: object) -> ScriptStep:
    """Return a step with some of it changed."""
    import msgspec

    return msgspec.structs.replace(step, **changes)


def test_a_slow_effect_is_waited_for_and_none_is_not() -> None:
    """What shows a few looks later is fine; a click that changes nothing stops the run."""
    here = desk(looks_until_effect=2)
    assert Run(SCRIPT, INPUTS, desk=here, person=Person(), patience_s=1).play().end == "done"
    deaf = desk()
    deaf.before_deed = lambda one: setattr(one, "is_deaf", len(one.deeds) >= 4)
    outcome = run(deaf)
    assert (outcome.done, outcome.why) == (2, "nothing changed")
    assert deaf.saved == 0


def test_a_text_of_several_lines_doesn_t_go_into_a_field_of_one() -> None:
    """A line break would be Return, which sends forms."""
    outcome = Run(SCRIPT, {**INPUTS, "article": "a\nb"}, desk=(here := desk()), person=Person(), patience_s=0.02).play()
    assert "several lines" in outcome.why
    assert here.deeds == []


def test_whoever_takes_over_may_hand_back() -> None:
    """After a yes the same step is checked anew and done; after a no nothing more is."""
    here, times = desk(), []

    def once(one: FakeDesk) -> None:
        if len(one.deeds) == 4 and not times:
            times.append(1)
            take_over(one)

    here.before_deed = once
    person = Person()
    assert run(here, person).end == "done"
    assert [question.kind for question in person.asked] == ["taken_over", "irreversible"]
    gone = desk()
    gone.before_deed = lambda one: take_over(one) if len(one.deeds) == 4 else None
    outcome = run(gone, Person({"taken_over": False}))
    assert (outcome.end, outcome.done) == ("taken_over", 2)
    assert len(gone.deeds) == 4


def test_a_dialog_after_the_last_step_is_told() -> None:
    """A run whose last click brings up a dialog isn't called done."""

    class Asking(FakeDesk):
        """Opens a dialog when something is saved."""

        def click(self, node: RawNode, how: object) -> None:
            """Click, and ask once saved."""
            super().click(node, how)  # type: ignore[arg-type]
            if "Save" in node.name:
                self.nodes = (*self.nodes, RawNode(len(self.nodes), 0, "dialog", "Failed", box=Rect(0, 0, 9, 9)))

    assert run(Asking(page(*THINGS))).why == "a dialog opened that wasn't there before"


def test_keys_are_pressed_where_nothing_stands_open() -> None:
    """A chord has no target: it goes to the page that was expected, not to a dialog on it."""
    script = Script(schema=1, title="x", routine="", steps=(ScriptStep(do="press", app=APP, place=PLACE, key="ctrl+f"),))
    here = desk()
    assert run(here, script=script).end == "done"
    assert here.deeds == ["press ctrl+f"]
    here.nodes = page(*THINGS, RawNode(0, 0, "alertdialog", "Sure?"))
    assert run(here, script=script).why == "a dialog stands open"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "needs to be told"),
        ({"article": "a"}, "'amount'"),
        ({**INPUTS, "other": "x"}, "no input"),
        ({**INPUTS, "amount": ""}, "'amount'"),
    ],
)
def test_inputs_are_checked_before_anything_is_done(given: dict[str, str], why: str) -> None:
    """A missing, empty or unknown input is told by name; its value never is."""
    with pytest.raises(UsageError, match=why):
        checked_inputs(SCRIPT, given)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 7), st.sampled_from(["take", "deaf", "gone", "twice", "lock", "app", "dialog"]), st.booleans())
def test_whatever_goes_wrong_when_nothing_irreversible_happens_unasked(at: int, what: str, says: bool) -> None:  # noqa: FBT001 - drawn
    """At any deed anything may go wrong: nothing is saved without a yes to that step, and never twice."""

    def wrong(one: FakeDesk) -> None:
        if len(one.deeds) != at:
            return
        if what == "take":
            take_over(one)
        one.is_deaf = what == "deaf"
        one.why_not = "the screen is locked" if what == "lock" else ""
        one.app = "xterm" if what == "app" else one.app
        nodes = one.nodes
        if what == "gone":
            one.nodes = nodes[:3]
        elif what == "twice":
            one.nodes = (*nodes, replace(nodes[5], ref=6))
        elif what == "dialog":
            one.nodes = (*nodes, RawNode(len(nodes), 0, "dialog", "x", box=Rect(0, 0, 9, 9)))

    here, person = desk(), Person({"irreversible": says, "taken_over": False})
    here.before_deed = wrong
    outcome = run(here, person)
    asked = [question for question in person.asked if question.kind == "irreversible"]
    assert here.saved <= (1 if says and asked else 0)
    assert (outcome.end == "done") <= (here.saved == 1)


def test_a_dry_run_says_where_and_draws_it() -> None:
    """Steps that can be done now have a place, others a reason; the drawing holds no text of the screen."""
    nodes = page(*THINGS[:3], THINGS[4], RawNode(0, 0, "text", "Ada Example owes 12 euro"))
    here = FakeDesk(nodes)
    view = settled_view(SCRIPT, inputs=INPUTS, desk=here, patience_s=0.02)
    planned = plan(SCRIPT, view, inputs=INPUTS, asked=(3,))
    assert [one.note for one in planned] == ["", "", "asks first", "there is no button of that name here", "asks first"]
    assert planned[3].box is None
    drawn = draw(planned, view)
    assert drawn.count("<circle") == 4
    assert "Ada Example" not in drawn
    assert here.deeds == []
    assert "svg" in draw([], View())


def test_a_dry_run_brings_the_app_and_marks_what_is_the_person_s() -> None:
    """The first step's app is brought to the front; a secure field is marked as theirs."""
    here = FakeDesk(page(replace(THINGS[0], states=("secure",))), app="xterm")
    view = settled_view(SCRIPT, inputs=INPUTS, desk=here, patience_s=0.02)
    assert "bring chromium" in here.deeds
    here.app = APP
    assert plan(SCRIPT, here.look(), inputs=INPUTS)[0].note == "you type this one yourself"
    assert plan(SCRIPT, view, inputs=INPUTS)[0].note == "chromium isn't in front"
