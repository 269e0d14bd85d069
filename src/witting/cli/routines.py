"""`witting routines`: what a participant does again and again, found on this machine in their own recordings."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from witting.cli.options import data_option, json_option, show
from witting.cli.routine_run import run

if TYPE_CHECKING:
    from witting.device.assist.finding import Routines
    from witting.device.assist.routines import Routine


@click.group(invoke_without_command=True)
@data_option
@json_option
@click.option("--all", "with_forbidden", is_flag=True, help="List those you forbade too.")
@click.pass_context
def routines(ctx: click.Context, data: Path, *, as_json: bool, with_forbidden: bool) -> None:
    """List what you do again and again: how often, how long it takes, in which steps.

    Found in the recordings on this machine, on this machine; nothing of it is sent. It needs your yes to help at your desk, which is a
    purpose of its own. Delete a recording and what only it showed is gone from here too.
    """
    from witting.device.assist.telling import tell_length

    ctx.obj = data
    if ctx.invoked_subcommand is not None:
        return
    mine = _open(data)
    found = _find(mine, as_json=as_json, with_forbidden=with_forbidden)
    lines = [
        f"{one.routine_id}  {one.times:>3} times  {tell_length(one.seconds):>8} each  {len(one.steps):>2} steps  {one.title}"
        for one in found
    ]
    lines += [f"in {tip.app} you clicked {tip.label!r} {tip.clicks} times: {tip.keys} does the same" for tip in mine.tips]
    if mine.unread:
        lines.append(f"{mine.unread} recordings couldn't be read; `witting episodes` says which")
    nothing = "nothing comes back often enough yet: a routine needs three steps and three times"
    tips = [tip._asdict() for tip in mine.tips]
    show({"routines": [_answer(one) for one in found], "tips": tips, "unread": mine.unread}, "\n".join(lines) or nothing, as_json=as_json)


@routines.command("show")
@click.argument("routine")
@json_option
@click.pass_obj
def show_routine(data: Path, routine: str, *, as_json: bool) -> None:
    """Show the steps of ROUTINE, and what varies from one time to the next."""
    from witting.device.assist.telling import tell_length

    found = _open(data).get(routine)
    answer = _answer(found)
    lines = [f"{found.title}: {found.times} times in {found.sessions} recordings, about {tell_length(found.seconds)} each", ""]
    lines += [f"{number:>3}. {sentence}" for number, sentence in enumerate(answer["steps"], 1)]
    show(answer, "\n".join(lines), as_json=as_json)


@routines.command()
@click.argument("routine")
@click.argument("title")
@json_option
@click.pass_obj
def name(data: Path, routine: str, *, title: str, as_json: bool) -> None:
    """Call ROUTINE by a TITLE of your own; an empty one gives its first name back."""
    mine = _open(data)
    found = mine.get(routine)
    mine.name(found.routine_id, title)
    show({"routine_id": found.routine_id, "title": title}, f"{found.routine_id} is called {title!r}", as_json=as_json)


@routines.command()
@click.argument("routine")
@click.option("--undo", is_flag=True, help="Allow it again.")
@json_option
@click.pass_obj
def forbid(data: Path, routine: str, *, undo: bool, as_json: bool) -> None:
    """Never show, suggest or run ROUTINE."""
    mine = _open(data)
    found = mine.get(routine)
    mine.forbid(found.routine_id, is_forbidden=not undo)
    text = f"{found.routine_id} is {'allowed again' if undo else 'forbidden'}"
    show({"routine_id": found.routine_id, "is_forbidden": not undo}, text, as_json=as_json)


@routines.command("leave-out")
@click.argument("routine")
@click.argument("step", type=int)
@json_option
@click.pass_obj
def leave_out(data: Path, routine: str, *, step: int, as_json: bool) -> None:
    """Take STEP, a number that `show` prints, out of ROUTINE."""
    mine = _open(data)
    found = mine.get(routine)
    mine.leave_out(found, step)
    show({"routine_id": found.routine_id, "step": step}, f"step {step} is out of {found.routine_id}", as_json=as_json)


@routines.command()
@json_option
@click.pass_obj
def forget(data: Path, *, as_json: bool) -> None:
    """Erase all you said about your routines: names, what is forbidden, steps left out. Recordings stay."""
    had = _open(data).forget()
    show({"erased": had}, "erased: key destroyed, then the file" if had else "nothing was said about any", as_json=as_json)


@routines.command()
@click.argument("routine")
@click.option("--as", "form", type=click.Choice(["yaml", "playwright"]), default="yaml", show_default=True, help="In which form.")
@click.option("--start", metavar="URL", help="Where the Playwright program begins.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it there instead of printing it.")
@json_option
@click.pass_obj
def export(data: Path, routine: str, *, form: str, start: str | None, out: Path | None, as_json: bool) -> None:
    """Write ROUTINE as a script that you can read and change. It holds no secrets: what was covered is asked each time."""
    from witting.device.assist.playwright_form import to_playwright
    from witting.device.assist.script import script_of, to_yaml
    from witting.terms.errors import UsageError

    script = script_of(_open(data).get(routine))
    if form == "playwright" and not start:
        raise UsageError("where does it begin?", hint="--start https://… says which page the program opens first")
    text = to_playwright(script, start or "") if form == "playwright" else to_yaml(script)
    if out is not None and out.exists():
        message = f"{out.name} is there already; nothing was written"
        raise UsageError(message, hint="choose another name, or remove it first")
    if out is not None:
        out.write_text(text, encoding="utf-8")
    show({"script": text, "out": str(out or "")}, f"written to {out}" if out is not None else text.rstrip("\n"), as_json=as_json)


routines.add_command(run)


def _open(data: Path) -> "Routines":
    from witting.device.assist.finding import Routines
    from witting.device.enrolment import Enrolment

    return Routines(Enrolment(data))


def _find(mine: "Routines", *, as_json: bool, with_forbidden: bool) -> "list[Routine]":
    """Find the routines, with progress on the error stream where somebody is watching."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=as_json) as bar:
        task = bar.add_task("looking through your recordings")
        return mine.find(lambda done, of: bar.update(task, completed=done, total=of), with_forbidden=with_forbidden)


def _answer(routine: "Routine") -> dict[str, Any]:
    from witting.device.assist.telling import tell

    return {
        "routine_id": routine.routine_id,
        "title": routine.title,
        "times": routine.times,
        "sessions": routine.sessions,
        "seconds": routine.seconds,
        "steps": [tell(step, routine) for step in routine.steps],
        "slots": [{"name": slot.name, "label": slot.label, "kind": slot.kind, "is_secret": slot.is_secret} for slot in routine.slots],
    }
