"""A script can be read, changed and checked, and asks before what can't be taken back."""

import ast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.assist.deeds import Symbol
from witting.device.assist.playwright_form import to_playwright
from witting.device.assist.routines import Routine, RoutineStep, Slot
from witting.device.assist.script import (
    Script,
    ScriptStep,
    Target,
    check,
    filled,
    from_yaml,
    inputs_in,
    is_irreversible,
    literal,
    script_of,
    to_yaml,
)
from witting.terms.errors import UsageError

PLACE = "desk.example.org/orders"


def routine(**changes: object) -> Routine:
    """Return a routine of three steps."""
    made = Routine(
        routine_id="0123456789ab",
        title="Orders",
        steps=(
            RoutineStep(
                symbol=Symbol("fill", "chromium", PLACE, "textbox", "Customer"), label="Customer", hint="customer", slot="customer"
            ),
            RoutineStep(symbol=Symbol("fill", "chromium", PLACE, "textbox", "Amount"), label="Amount", text="{12}", share=0.8),
            RoutineStep(symbol=Symbol("click", "chromium", PLACE, "button", "Send order"), label="Send order"),
        ),
        slots=(Slot(name="customer", label="Customer", kind="text", is_secret=True),),
        times=5,
        sessions=2,
        seconds=20.0,
    )
    return msgspec.structs.replace(made, **changes)


def test_a_script_says_what_is_done_to_what() -> None:
    """Targets by role, name and hint; inputs by name; no place on the screen."""
    script = script_of(routine())
    first, second, last = script.steps
    assert (first.on, first.text) == (Target(role="textbox", name="Customer", hint="customer"), "{customer}")
    assert (filled(second.text, {}), second.may_be_missing, second.asks) == ("{12}", True, False)
    assert (last.do, last.asks) == ("click", True)
    assert script.inputs[0].secret


def test_a_script_comes_back_from_its_file_as_it_was() -> None:
    """Writing and reading change nothing."""
    script = script_of(routine())
    assert from_yaml(to_yaml(script).encode()) == script


@given(st.text(max_size=40))
def test_any_text_can_stand_in_a_script(text: str) -> None:
    """Braces and all: what is written out is what is filled in, and names no input."""
    assert filled(literal(text), {}) == text
    assert inputs_in(literal(text)) == set()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"schema: 1", b"\xff\xfe\x00", b"{" * 5000, b"x" * 1_000_001, b"schema: 1\ntitle: x\nroutine: y\nsteps: []",
        b"schema: 2\ntitle: x\nroutine: y\nsteps: [{do: press, app: a, key: Return}]",
        b"schema: 1\ntitle: x\nroutine: y\nsteps: [{do: press, app: a}]",
        b"schema: 1\ntitle: x\nroutine: y\nsteps: [{do: click, app: a}]",
        b"schema: 1\ntitle: x\nroutine: y\nsteps: [{do: open, app: a}]",
        b"schema: 1\ntitle: x\nroutine: y\nsteps: [{do: press, app: a, key: Return, at: [3, 4]}]",
        b"schema: 1\ntitle: x\nroutine: y\nsteps: [{do: fill, app: a, on: {role: textbox}, text: '{who}'}]",
        b"schema: 1\ntitle: x\nroutine: y\nsteps: [{do: fill, app: a, on: {role: textbox}, text: '{'}]",
        b"schema: 1\ntitle: x\nroutine: y\ninputs: [{name: w}]\nsteps: [{do: fill, app: a, on: {role: textbox}, text: '{w.__class__}'}]",
        b"!!python/object/apply:os.system ['true']",
    ],
)  # fmt: skip
def test_a_wrong_file_gets_one_clear_line(data: bytes) -> None:
    """No script, too long, another schema, steps without what they need, coordinates, undeclared inputs, code: refused."""
    with pytest.raises(UsageError) as refused:
        from_yaml(data)
    assert refused.value.hint
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "label", ["Send", "Submit order", "Delete", "Jetzt kaufen", "Löschen", "Bezahlen", "Envoyer", "Eliminar", "OK", "Return", "Überweisen"]
)
def test_what_can_t_be_taken_back_is_known_in_four_languages(label: str) -> None:
    """Before these a person is asked."""
    assert is_irreversible(label)


@pytest.mark.parametrize("label", ["Search", "Next page", "Customer", "Okapi", "Weiter", "Aide", "Teller", ""])
def test_what_can_be_taken_back_isn_t_asked(label: str) -> None:
    """Looking and going on ask nothing."""
    assert not is_irreversible(label)


def test_a_person_adds_words_and_takes_none_away() -> None:
    """`ask_first` only adds."""
    assert is_irreversible("Search the archive", ["search"])
    assert is_irreversible("Send", [])
    changed = msgspec.structs.replace(routine().steps[2], label="Launch")
    assert script_of(routine(steps=(changed,)), ask_first=["launch"]).steps[0].asks


def test_the_playwright_program_is_python_that_asks() -> None:
    """The program parses, asks for secrets without showing them, and asks before it sends."""
    text = to_playwright(script_of(routine()), start_url="https://desk.example.org/orders")
    ast.parse(text)
    assert "customer = getpass('Customer: ')" in text.replace('"', "'").replace("' + '", "")
    assert "page.get_by_role('textbox', name='Customer').fill(customer)" in text
    assert text.index("input('Go on with '") < text.index("name='Send order').click()")


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_becomes_code(label: str, text: str) -> None:
    """Whatever a page called its buttons, the program does the same few calls."""
    step = ScriptStep(
        do="fill", app="chromium", place=PLACE, on=Target(role="textbox", name=literal(label), hint=label), text=literal(text)
    )
    script = Script(schema=1, title=label, routine="r", steps=(step,))
    check(script)
    program = ast.parse(to_playwright(script, start_url=text))
    names = {node.id for node in ast.walk(program) if isinstance(node, ast.Name)}
    assert names <= {"sync_playwright", "playwright", "page", "main", "__name__", "getpass", "input"}


def test_steps_outside_pages_are_no_playwright() -> None:
    """A step in another app can't be done by a browser's driver, and the person is told which one."""
    step = ScriptStep(do="press", app="mousepad", key="ctrl+s")
    with pytest.raises(UsageError, match="step 1"):
        to_playwright(Script(schema=1, title="t", routine="r", steps=(step,)), start_url="https://a.example.org")
