"""The lab's side of the story: a dataset from what was sent, a policy from the dataset, and the policy live against controls."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from witting.demo.organisation import Organisation
from witting.demo.plots import Bar, plot_curve, plot_success
from witting.demo.running import run_verb
from witting.demo.stage import Picture, Stage, Table
from witting.lab.evaluate import Agent, EvaluationReport, PolicyAgent, RandomClicker, TextMatchRule, evaluate
from witting.lab.learn import load_card, train
from witting.terms.work import ModelCard

TASKS = ("click-checkboxes-soft", "click-tab-2-hard", "click-option", "enter-text", "login-user")
SEED_BASE = 1_000_000  # far from the seeds that were recorded
_TRAINED, _RANDOM, _RULE = "trained agent", "random", "text-match"


@dataclass(frozen=True)
class Learned:
    """What the lab made."""

    dataset_dir: Path
    model_dir: Path
    card: ModelCard
    report: EvaluationReport
    plots: tuple[Picture, ...]
    text: str


def build(stage: Stage, organisation: Organisation) -> Path:
    """Build the dataset of the programme."""
    out = stage.out / "lab" / "dataset"
    log = stage.out / "logs" / "lab.log"
    started = time.monotonic()
    hub = ["--hub", str(organisation.data_dir)]
    made = run_verb(["dataset", "build", organisation.programme_id, str(out), "--purpose", "train", *hub], log=log)
    seconds = time.monotonic() - started
    stage.figure("dataset build, process start included", made["events"] / seconds, unit="events/s", sense="higher")
    sessions = made["sessions"]
    episodes, steps = (sum(session[count] for session in sessions) for count in ("episodes", "steps"))
    stage.say(f"dataset {made['dataset_id']}: {len(sessions)} sessions, {episodes} episodes, {steps} steps from {made['events']:,} events")
    checked = run_verb(["dataset", "check", str(out)], log=log, may_fail=True)
    stage.check(
        "the dataset is what its manifest says, digest by digest",
        holds="exit_code" not in checked,
        evidence=f"{len(sessions)} session digests and root {made['root'][:16]}… recomputed",
        test="tests/unit/dataset/test_dataset_check.py",
    )
    return out


def learn(stage: Stage, organisation: Organisation, *, dataset_dir: Path, episodes: int, tasks: Sequence[str]) -> Learned:
    """Train the policy, run it live beside the controls, and say what it gained."""
    model_dir = stage.out / "lab" / "model"
    hub = ["--hub", str(organisation.data_dir)]
    run_verb(["train", str(dataset_dir), str(model_dir), "--seed", "0", *hub], log=stage.out / "logs" / "lab.log")
    card = load_card(model_dir)
    stage.say(f"policy {card.model_id} learnt from {card.episodes} episodes, {card.steps} steps, in {card.cpu_seconds:.0f} CPU s")
    stage.figure("training", card.cpu_seconds, unit="CPU s", sense="lower")
    agents: list[Agent] = [PolicyAgent(model_dir, name=_TRAINED), RandomClicker(), TextMatchRule()]
    report = run_live(stage, agents, tasks=tasks, episodes=episodes, out=stage.out / "lab" / "evaluation")
    _tell(stage, report)
    plots, text = _curve(stage, dataset_dir, report=report, tasks=tasks)
    return Learned(dataset_dir, model_dir, card, report, plots, text)


def run_live(stage: Stage, agents: list[Agent], *, tasks: Sequence[str], episodes: int, out: Path) -> EvaluationReport:
    """Evaluate with a progress bar."""
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=stage.console, transient=True) as bar:
        shown = bar.add_task("live episodes", total=len(agents) * len(tasks) * episodes)
        report: EvaluationReport = evaluate(agents, tasks, episodes=episodes, seed_base=SEED_BASE, out=out, progress=_advance(bar, shown))
    return report


def _advance(bar: Progress, shown: object) -> Callable[[str, str, int, int], None]:
    def advance(agent: str, task: str, done: int, total: int) -> None:
        bar.update(shown, completed=done, total=total, description=f"{agent} on {task}")  # type: ignore[arg-type]

    return advance


def _tell(stage: Stage, report: EvaluationReport) -> None:
    rows = []
    for task in (*report.tasks, "total"):
        cells = [task]
        for agent in report.agents:
            result = report.result(agent, task)
            cells.append(f"{100 * result.rate:.0f} % ({100 * result.low:.0f} to {100 * result.high:.0f})")
            if task == "total" or agent == _TRAINED:
                stage.figure(f"success of {agent}, {task}", 100 * result.rate, unit="%", sense="higher")
        rows.append(tuple(cells))
        stage.say("  ".join(cells))
    stage.tables.append(
        Table(
            "Live success per task",
            ("task", *report.agents),
            tuple(rows),
            f"{report.episodes} episodes per task and agent on seeds nobody recorded, the same for all agents; Wilson 95 % intervals; "
            f"success is the page's raw reward of 1. The page's own limit of 10 s is lifted; at most {report.most_steps} steps.",
        )
    )
    trained, chance = report.result(_TRAINED), report.result(_RANDOM)
    stage.check(
        "the trained agent is better than random, beyond the intervals",
        holds=trained.low > chance.high,
        evidence=f"{100 * trained.rate:.0f} % [{100 * trained.low:.0f}, {100 * trained.high:.0f}] against "
        f"{100 * chance.rate:.0f} % [{100 * chance.low:.0f}, {100 * chance.high:.0f}], {trained.episodes} live episodes each",
        test="tests/e2e/test_live_evaluation.py",
    )
    for task, picture in list(report.pictures.items())[:2]:
        path = stage.out / "lab" / "evaluation" / picture
        stage.pictures.append(
            Picture(f"The trained agent at {task}", path, "The moment before its last action in a live episode that it solved.")
        )


def _curve(stage: Stage, dataset_dir: Path, *, report: EvaluationReport, tasks: Sequence[str]) -> tuple[tuple[Picture, ...], str]:
    """Train on one and on two sessions' worth of episodes too, and draw both plots."""
    from witting.lab.dataset import open_dataset

    all_episodes = list(open_dataset(dataset_dir).episodes())
    points = []
    for share in (0.1, 0.35):
        some = all_episodes[:: max(1, round(1 / share))]
        model = stage.out / "lab" / f"curve-{len(some)}"
        train(some, model, seed=0)
        small = run_live(
            stage, [PolicyAgent(model, name=_TRAINED)], tasks=tasks, episodes=20, out=stage.out / "lab" / f"curve-run-{len(some)}"
        )
        points.append((len(some), _bar(small, _TRAINED)))
    points.append((len(all_episodes), _bar(report, _TRAINED)))
    controls = {_RANDOM: report.result(_RANDOM).rate, _RULE: report.result(_RULE).rate}
    folder = stage.out / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    plot_curve(folder / "curve.png", points=points, controls=controls)
    bars = {agent: [_bar(report, agent, task=task) for task in tasks] for agent in report.agents}
    plot_success(folder / "success.png", tasks=list(tasks), agents=bars)
    trained, chance, rule = report.result(_TRAINED), report.result(_RANDOM), report.result(_RULE)
    learnt = load_card(stage.out / "lab" / "model").episodes
    text = (
        f"On seeds that nobody recorded, an agent trained on {learnt} episodes solved {100 * trained.rate:.0f} % of "
        f"{trained.episodes} live episodes; clicking at random solves {100 * chance.rate:.0f} %, and a rule without any data, which "
        f"clicks and types what the instruction says word by word, {100 * rule.rate:.0f} %."
    )
    success = f"Episodes solved per task, {report.episodes} each, Wilson 95 % intervals. The controls learnt from nobody."
    curve = (
        "Success on all tasks against the number of episodes learnt from: the first points on 20 live episodes per task, the last on all."
    )
    return (
        Picture("Success per task", folder / "success.png", success),
        Picture("Learning curve", folder / "curve.png", curve),
    ), text


def _bar(report: EvaluationReport, agent: str, *, task: str = "total") -> Bar:
    result = report.result(agent, task)
    return Bar(result.rate, result.low, result.high)
