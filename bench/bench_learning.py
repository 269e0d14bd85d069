"""Live success of one policy on demonstrations of many tasks, against controls without data, and its growth with the data.

Usage: bench_learning.py [--quick] [--data DIR] [--keep DIR] [--processes N]. DIR has the shape of data/miniwob-demos
($WITTING_DATA/miniwob-demos, else ../shared/data/miniwob-demos); its tasks are read from it, whatever they are. People are split by
sitting: the policy learns from the training part; live seeds were never recorded. What was trained and played is kept in --keep
(bench/out/learning), and taken up when it is there.
"""

import os
import sys
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from figures import OUT, write
from witting.demo.plots import Bar, plot_curve
from witting.lab.dataset import open_dataset
from witting.lab.dataset.splits import split_of
from witting.lab.evaluate import Agent, PolicyAgent, agent_of, evaluate, load_rollouts, summarise, wilson
from witting.lab.evaluate.agents import PLAIN_AGENTS
from witting.lab.importing import import_dataset, importer
from witting.lab.learn import TrainingConfig, load_card, train
from witting.lab.learn.examples import page_of, usable
from witting.policy.bundle import BUNDLE_FILE
from witting.policy.decode import CONFIG_FILE
from witting.policy.onnx_policy import CARD_FILE, POLICY_FILE, OnnxPolicy
from witting.terms.work import Episode, Rollout

REPO = Path(__file__).resolve().parent.parent
CURVE = (5, 30, 100, 500)
SEED_BASE = 1_000_000
BARS = {
    "click-checkboxes-soft": 90, "click-tab-2-hard": 96, "social-media": 70, "email-inbox-nl-turk": 75, "enter-time": 70,
    "choose-date-nodelay": 70,
}  # fmt: skip
MEAN_BAR, ABOVE_BAR, CPU_MINUTES_BAR = 80, 18, 30
MOMENTS = 200


class Plan(NamedTuple):
    """How much is measured."""

    seeds: int  # trainings of the whole
    curve: tuple[int, ...]  # demonstrations of each task
    episodes: int  # live, for each agent and task
    controls: int  # the same for those that learnt from nobody


FULL = Plan(3, CURVE, 100, 50)
QUICK = Plan(1, (5, 30), 10, 10)


class Job(NamedTuple):
    """One agent to be trained, if it learns, and played."""

    name: str
    most: int  # demonstrations of each task; 0 = a control that learns nothing
    seed: int
    live: int
    tasks: tuple[str, ...]
    folder: Path
    config: TrainingConfig


def main() -> None:
    """Import, train, play on two processes, and write figures and curve."""
    plan = QUICK if "--quick" in sys.argv else FULL
    data = Path(_option("--data") or Path(os.environ.get("WITTING_DATA", REPO.parent / "shared" / "data")) / "miniwob-demos")
    if not data.is_dir():
        print(f"bench learning: left out, {data} isn't there")
        return
    keep = Path(_option("--keep") or OUT / "learning")
    started = time.monotonic()
    by_task = _demonstrations(data, keep)
    jobs = _jobs(by_task, plan, keep)
    with ProcessPoolExecutor(int(_option("--processes") or 2), mp_context=get_context("spawn")) as pool:
        list(pool.map(_run, jobs))
    _report(jobs, by_task, seconds=time.monotonic() - started)


def _option(name: str) -> str:
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else ""


def _demonstrations(data: Path | None, keep: Path) -> dict[str, list[Episode]]:
    """Return the right demonstrations of the training part, by task: the last part of their page's address."""
    dataset = keep / "dataset"
    if data is not None and not dataset.is_dir():
        form = importer("miniwob-demos")
        import_dataset(form.source, form.read(data), out_dir=dataset)
    found: dict[str, list[Episode]] = defaultdict(list)
    for episode in usable(open_dataset(dataset).episodes(), frozenset()):
        if split_of(episode.participant) == "train":
            found[page_of(episode).rpartition("/")[2]].append(episode)
    return dict(sorted(found.items()))


def _jobs(by_task: dict[str, list[Episode]], plan: Plan, keep: Path) -> list[Job]:
    tasks = tuple(by_task)

    def job(name: str, most: int, *, seed: int = 0, live: int = plan.controls, **told: Any) -> Job:
        return Job(name, most, seed, live, tasks, keep / name.replace(" ", "-"), TrainingConfig(**told))

    return [
        *(job(f"all seed {seed}", sys.maxsize, seed=seed, live=plan.episodes) for seed in range(plan.seeds)),
        *(job(f"first {count}", count) for count in plan.curve),
        job("untrained", 3, least_updates=1, most_updates=1),
        *(job(name, 0) for name in PLAIN_AGENTS),
    ]


def _first(by_task: dict[str, list[Episode]], most: int) -> list[Episode]:
    return list(chain.from_iterable(found[:most] for found in by_task.values()))


def _run(job: Job) -> None:
    """Train, if that is to be done and isn't yet, and play."""
    model = job.folder / "model"
    if job.most and not (model / "recipe.json").is_file():
        by_task = _demonstrations(None, job.folder.parent)
        train(_first(by_task, job.most), model, seed=job.seed, config=job.config)
    agent: Agent = PolicyAgent(model, name=job.name) if job.most else agent_of(job.name)
    if not (job.folder / "run" / "report.json").is_file():
        evaluate([agent], job.tasks, episodes=job.live, seed_base=SEED_BASE, out=job.folder / "run")
    print(f"played: {job.name}", flush=True)


def _report(jobs: list[Job], by_task: dict[str, list[Episode]], *, seconds: float) -> None:
    """Print and write what came of it."""
    rollouts = {job.name: load_rollouts(job.folder / "run") for job in jobs}
    whole = [one for job in jobs if job.name.startswith("all") for one in rollouts[job.name]]
    free = [name for name in ("untrained", *PLAIN_AGENTS) if name in rollouts]
    cpu = max(load_card(job.folder / "model").cpu_seconds for job in jobs if job.name.startswith("all"))
    figures = [_figure("live success, all tasks, all seeds", whole, bar=MEAN_BAR, peer=_best(free, rollouts))]
    above = 0
    for task, demonstrations in by_task.items():
        played = [one for one in whole if one.task == task]
        best = _best(free, {name: [one for one in rollouts[name] if one.task == task] for name in free})
        above += 100 * _rate(played) > float(str(best["value"]))
        figures.append(_figure(f"{task}, {len(demonstrations)} demonstrations", played, bar=BARS.get(task), peer=best))
    total = next(result for result in summarise(_renamed(whole)) if result.task == "total")
    size, step = _cost(jobs[0].folder / "model", by_task)
    figures += [
        {"name": "bundle beside the text encoder", "value": size, "unit": "MB", "sense": "lower", "bar": 5},
        {"name": "a step, its strings cached", "value": step, "unit": "CPU ms, median", "sense": "lower", "bar": 20, "runs": MOMENTS},
        {
            "name": "tasks above the best control without data",
            "value": above,
            "unit": f"of {len(by_task)}",
            "sense": "higher",
            "bar": ABOVE_BAR,
        },
        {"name": "whole training", "value": round(cpu / 60, 1), "unit": "CPU minutes", "sense": "lower", "bar": CPU_MINUTES_BAR},
        {"name": "steps an episode", "value": total.mean_steps, "unit": "steps", "sense": "lower", "runs": total.episodes},
        *(
            {"name": f"pass^{times}", "value": round(100 * share, 1), "unit": "%", "sense": "higher", "runs": total.episodes}
            for times, share in total.pass_hat.items()
        ),
        *(_figure(f"live success, {name}", rollouts[name]) for name in (*(job.name for job in jobs if "first" in job.name), *free)),
        {"name": "this bench", "value": round(seconds / 60, 1), "unit": "minutes", "sense": "lower", "bar": 90},
    ]
    write("learning", figures)
    points = [(len(_first(by_task, job.most)), _bar(rollouts[job.name])) for job in jobs if "first" in job.name]
    points.append((len(_first(by_task, sys.maxsize)), _bar(whole)))
    controls = {name: _rate(rollouts[name]) for name in free if name != "untrained"}
    plot_curve(REPO / "docs" / "images" / "learning-curve.svg", points=points, controls=controls)


def _cost(model: Path, by_task: dict[str, list[Episode]]) -> tuple[float, float]:
    """Return the size of a policy's bundle in MB and what a step costs on one core in CPU ms, once its strings were met."""
    policy, spent = OnnxPolicy.load(model), []
    seen = [(one.instruction, step.observation.tree) for one in _first(by_task, sys.maxsize) for step in one.steps[:1]]
    moments = [(instruction, tree) for instruction, tree in seen if tree is not None]
    for instruction, tree in moments[:: max(1, len(moments) // MOMENTS)][:MOMENTS]:
        policy.act(instruction, tree)
        started = time.process_time()
        policy.act(instruction, tree)
        spent.append(1000 * (time.process_time() - started))
    size = sum((model / name).stat().st_size for name in (POLICY_FILE, CONFIG_FILE, CARD_FILE, BUNDLE_FILE))
    return round(size / 1e6, 2), round(median(spent), 1)


def _renamed(rollouts: list[Rollout]) -> list[Rollout]:
    """Return the rollouts as one agent's."""
    from msgspec.structs import replace

    return [replace(one, agent="all") for one in rollouts]


def _rate(rollouts: list[Rollout]) -> float:
    return sum(one.is_success for one in rollouts) / max(1, len(rollouts))


def _bar(rollouts: list[Rollout]) -> Bar:
    return Bar(_rate(rollouts), *wilson(sum(one.is_success for one in rollouts), len(rollouts)))


def _best(names: list[str], rollouts: dict[str, list[Rollout]]) -> dict[str, object]:
    name = max(names, key=lambda one: _rate(rollouts[one]))
    return {"name": name, "value": round(100 * _rate(rollouts[name]), 1)}


def _figure(name: str, rollouts: list[Rollout], *, bar: int | None = None, peer: dict[str, object] | None = None) -> dict[str, object]:
    """Return a success rate with its interval."""
    low, high = wilson(sum(one.is_success for one in rollouts), len(rollouts))
    return {
        "name": f"{name} [{100 * low:.0f}, {100 * high:.0f}]", "value": round(100 * _rate(rollouts), 1), "unit": "%", "sense": "higher",
        "bar": bar, "peer": peer, "runs": len(rollouts),
    }  # fmt: skip


if __name__ == "__main__":
    main()
