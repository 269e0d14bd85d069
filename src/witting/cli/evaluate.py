"""`witting evaluate` and `witting compare`: agents live in a real browser, and two evaluations side by side."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from witting.terms.errors import UsageError

if TYPE_CHECKING:
    from witting.lab.evaluate import EvaluationReport
    from witting.terms.work import Rollout

_RUN = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="AGENT... SUITE")
@click.option("--episodes", type=click.IntRange(1), default=50, show_default=True, help="Episodes for each agent and task.")
@click.option("--tasks", default="", metavar="TASK,…", help="Only these of the suite, or of MiniWoB.")
@click.option(
    "--seed", "--seed-base", "seed_base", type=click.IntRange(0), default=1_000_000, show_default=True,
    help="The first seed; all agents get the same.",
)  # fmt: skip
@click.option("--out", type=_RUN, default=Path("evaluation"), show_default=True, help="Where rollouts, report and pictures go.")
@click.option("--signed-by", default="", metavar="KEY", help="Refuse policies that this key (hexadecimal digits) didn't sign.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def evaluate(names: tuple[str, ...], *, tasks: str, out: Path, signed_by: str, as_json: bool, **told: int) -> None:
    """Run each AGENT live on the tasks of SUITE and count successes, with 95 % intervals.

    AGENT is a folder that `witting train` wrote (or NAME=FOLDER), or a control that learnt from nobody: `random`, `text-match`, `meaning`.
    SUITE is `miniwob` (51 tasks that clicks, typing and keys can solve), `miniwob-quick` (ten of them), or names of MiniWoB tasks with
    commas between them. A policy of which a file was changed after it was signed is refused. Success is the page's raw reward of 1.
    Failures are kept in OUT as replays to watch (SVG); an episode whose browser hangs or dies counts as failed, and that is said.
    Interrupted, the same command goes on where it was.
    """
    import msgspec
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    from witting.cli.signing import public_key
    from witting.lab.evaluate import agent_of, tasks_of
    from witting.lab.evaluate import evaluate as evaluate_agents
    from witting.lab.evaluate.agents import PLAIN_AGENTS

    *agents, suite = names
    if not agents:
        raise UsageError("an evaluation needs at least one agent and a suite", hint="e.g. `witting evaluate MODEL random miniwob`")
    for agent in agents:
        if agent not in PLAIN_AGENTS and not Path(agent.rpartition("=")[2]).is_dir():
            message = f"there is no agent {agent}"
            raise UsageError(message, hint="`random`, `text-match`, `meaning`, or the folder that `witting train` wrote")
    chosen = tasks_of(suite, tasks)
    signer = public_key(signed_by) if signed_by else None
    players = [agent_of(agent, signer=signer) for agent in agents]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=as_json or not sys.stderr.isatty()) as bar:
        shown = bar.add_task("starting a browser", total=None)
        report = evaluate_agents(
            players,
            chosen,
            episodes=told["episodes"],
            seed_base=told["seed_base"],
            out=out,
            progress=lambda agent, task, done, total: bar.update(shown, description=f"{agent} on {task}", completed=done, total=total),
        )
    if as_json:
        print(msgspec.json.encode(report).decode())
    else:
        _print_report(report, out)


def _print_report(report: "EvaluationReport", out: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"Success on {report.episodes} episodes a task, 95 % intervals", title_justify="left")
    for column in ("task", *report.agents):
        table.add_column(column)
    for task in (*report.tasks, "total"):
        found = [report.result(agent, task) for agent in report.agents]
        table.add_row(task, *(f"{100 * one.rate:.0f} % ({100 * one.low:.0f} to {100 * one.high:.0f})" for one in found))
    console = Console()
    console.print(table)
    for agent in report.agents:
        total = report.result(agent)
        passes = ", ".join(f"pass^{times} {100 * share:.0f} %" for times, share in total.pass_hat.items())
        lost = f"; {total.errors} episodes lost with their browser, counted as failed" if total.errors else ""
        console.print(f"{agent}: {total.mean_steps:.1f} steps an episode; {passes}{lost}")
    limit = f"at most {report.most_steps} steps and {report.episode_limit_ms // 1000} s an episode (the benchmark's own limit is 10 s)"
    console.print(f"Success is the page's raw reward of 1; {limit}. Rollouts are in {out}.")
    if report.replays:
        console.print(f"{sum(map(len, report.replays.values()))} failures of {report.agents[0]} to watch: {out}/replays")


@click.command()
@click.argument("first", metavar="RUN")
@click.argument("second", metavar="RUN")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def compare(first: str, second: str, *, as_json: bool) -> None:
    """Compare two evaluations seed by seed. RUN is a folder that `witting evaluate` wrote; FOLDER:AGENT picks one of its agents."""
    import msgspec

    from witting.lab.evaluate.comparing import compare_rollouts

    rows = compare_rollouts(_rollouts(first), _rollouts(second))
    if as_json:
        print(msgspec.json.encode({"first": first, "second": second, "tasks": rows}).decode())
        return
    for row in rows:
        verdict = "differ" if row.p_value < 0.05 else "can't be told apart"  # noqa: PLR2004
        print(
            f"{row.task:<28} {row.first:>4} and {row.second:>4} of {row.episodes:<5} only one solved: {row.only_first}, {row.only_second}; "
            f"{verdict} (p {row.p_value:.3f})"
        )


def _rollouts(run: str) -> "list[Rollout]":
    """Return the rollouts of one agent of a run.

    Raises:
        UsageError: the run has several agents and none is named, or not the one that is.
    """
    from witting.lab.evaluate import load_rollouts

    folder, agent = (run, "") if Path(run).is_dir() else run.rsplit(":", 1) if ":" in run else (run, "")
    rollouts = load_rollouts(folder)
    agents = list(dict.fromkeys(rollout.agent for rollout in rollouts))
    agent = agent or (agents[0] if len(agents) == 1 else "")
    if agent not in agents:
        message = f"{folder} has the agents {', '.join(agents) or 'of nobody'}"
        raise UsageError(message, hint=f"say which: {folder}:{agents[0] if agents else 'AGENT'}")
    return [rollout for rollout in rollouts if rollout.agent == agent]
