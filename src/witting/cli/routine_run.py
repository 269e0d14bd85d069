"""`witting routines run`: does a routine, or a script of one, step by step, while its person watches."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from witting.cli.options import json_option, show

if TYPE_CHECKING:
    from witting.device.acting.run import Outcome, Question
    from witting.device.assist.script import Script
    from witting.device.enrolment import Enrolment

_WORDS = {
    "irreversible": "This can't be taken back: {}. Do it?",
    "yours": "This is for you alone: {}. Do it yourself, then say yes to go on. Done?",
    "taken_over": "You took over before: {}. Go on with it now?",
}


@click.command("run")
@click.argument("routine")
@click.option("--input", "given", multiple=True, metavar="NAME=VALUE", help="What an input says this time; asked for where it is missing.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done in what is in front now.")
@click.option("--picture", type=click.Path(path_type=Path, dir_okay=False), help="With --dry-run: draw it there, as SVG.")
@click.option("--from", "first", type=click.IntRange(min=1), default=1, show_default=True, help="The step to begin with.")
@json_option
@click.pass_obj
def run(data: Path, routine: str, *, given: Sequence[str], dry_run: bool, picture: Path | None, first: int, as_json: bool) -> None:
    """Do ROUTINE, an id or the file of a script, in the window that is in front.

    Each step is looked for, checked, done and checked again. Anything unexpected ends the run; what can't be taken back is asked first;
    fields for passwords are yours. Touch mouse or keyboard and it stops. It runs only in apps and on sites that you
    lent for help at your desk.
    """
    from witting.device.enrolment import Enrolment

    enrolment = Enrolment(data)
    script = _script(enrolment, routine)
    inputs = _inputs(script, given, may_ask=not as_json)
    if dry_run:
        _plan(enrolment, script, inputs, picture=picture, as_json=as_json)
        return
    outcome = _play(enrolment, script, inputs, first=first, as_json=as_json)
    text = f"{outcome.end.replace('_', ' ')}: {outcome.done} of {outcome.of} steps" + (f"; {outcome.why}" if outcome.why else "")
    show(_answer(outcome), text, as_json=as_json)
    if outcome.end != "done":
        raise click.exceptions.Exit(1)


def _script(enrolment: "Enrolment", name: str) -> "Script":
    from witting.device.assist.finding import Routines
    from witting.device.assist.script import from_yaml, script_of
    from witting.device.guards import load_rules
    from witting.terms.errors import UsageError

    mine = Routines(enrolment)
    path = Path(name)
    script = (
        from_yaml(path.read_bytes()) if path.is_file() else script_of(mine.get(name), ask_first=load_rules(enrolment.data_dir).ask_first)
    )
    if script.routine in mine.said.forbidden:
        raise UsageError("you forbade this routine", hint="`witting routines forbid ID --undo` allows it again")
    return script


def _inputs(script: "Script", given: Sequence[str], *, may_ask: bool) -> dict[str, str]:
    from witting.terms.errors import UsageError

    inputs = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign:
            raise UsageError("an input was given without a value", hint="--input NAME=VALUE")
        inputs[name] = value
    for wanted in script.inputs:
        if may_ask and wanted.name not in inputs:
            inputs[wanted.name] = click.prompt(wanted.label or wanted.name, hide_input=wanted.secret, err=True)
    return inputs


def _play(enrolment: "Enrolment", script: "Script", inputs: dict[str, str], *, first: int, as_json: bool) -> "Outcome":
    from witting.device.acting.alone import alone
    from witting.device.acting.live import LiveDesk, display_name
    from witting.device.acting.run import Run
    from witting.device.guards import load_rules

    ask_first = load_rules(enrolment.data_dir).ask_first
    with alone(enrolment.data_dir), LiveDesk(enrolment, display_name()) as desk:
        return Run(script, inputs, desk=desk, person=Terminal(click.confirm, is_quiet=as_json), ask_first=ask_first).play(first=first)


def _plan(enrolment: "Enrolment", script: "Script", inputs: dict[str, str], *, picture: Path | None, as_json: bool) -> None:
    from witting.device.acting.alone import alone
    from witting.device.acting.drawing import draw, plan
    from witting.device.acting.live import LiveDesk, display_name
    from witting.device.acting.run import checked_inputs, settled_view

    inputs = checked_inputs(script, inputs)
    with alone(enrolment.data_dir), LiveDesk(enrolment, display_name()) as desk:
        view = settled_view(script, inputs=inputs, desk=desk)
    planned = plan(script, view, inputs=inputs)
    if picture is not None:
        picture.write_text(draw(planned, view), encoding="utf-8")
    lines = [f"{one.number:>3}. {one.sentence}" + (f"  ({one.note})" if one.note else "") for one in planned]
    steps = [
        {
            "number": one.number,
            "sentence": one.sentence,
            "note": one.note,
            "box": [one.box.x, one.box.y, one.box.width, one.box.height] if one.box else None,
        }
        for one in planned
    ]
    show({"steps": steps, "picture": str(picture or "")}, "\n".join(lines), as_json=as_json)


def _answer(outcome: "Outcome") -> dict[str, object]:
    return {"end": outcome.end, "done": outcome.done, "of": outcome.of, "why": outcome.why}


class Terminal:
    """The person at a terminal; with `is_quiet` nothing is said and the questions go to the error stream."""

    def __init__(self, confirm: Callable[..., bool], *, is_quiet: bool) -> None:
        self._confirm = confirm
        self._is_quiet = is_quiet

    def hears(self, number: int, of: int, *, sentence: str) -> None:
        """Say which step comes."""
        if not self._is_quiet:
            click.echo(f"{number:>3}/{of}  {sentence}")

    def may_go_on(self, question: "Question") -> bool:
        """Ask; no answer at all is a no."""
        try:
            return self._confirm(_WORDS[question.kind].format(question.sentence), default=False, err=True)
        except click.Abort:
            return False
