"""Live evaluation: every agent plays the same seeds of the same tasks in a real browser; rollouts are kept one a line.

Knows agents and the environment. Success is raw reward 1 and nothing less; a browser that dies or hangs is started again and its episode
counts as failed. An evaluation that was cut short goes on where it was. Invariant: what a report says can be computed again from the
rollouts beside it.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Self

import msgspec

from witting.lab.evaluate.agents import Agent
from witting.lab.evaluate.cdp import Browser, BrowserError
from witting.lab.evaluate.intervals import pass_hat, wilson
from witting.lab.evaluate.miniwob import EPISODE_LIMIT_MS, MOST_STEPS, MiniWob, page_of
from witting.lab.evaluate.replay import Watched, replay_svg
from witting.terms.errors import UsageError
from witting.terms.work import PolicyAction, Rollout

Progress = Callable[[str, str, int, int], None]  # agent, task, episodes done, episodes in all
ROLLOUTS_FILE, REPORT_FILE, RUN_FILE, PICTURES_DIR, REPLAYS_DIR = "rollouts.jsonl", "report.json", "run.json", "pictures", "replays"
_REPLAYS = 3  # failures of the first agent on each task
_TIMES = (1, 2, 4, 8)
TOTAL = "total"


class TaskResult(msgspec.Struct, frozen=True, kw_only=True):
    """One agent on one task, or on all of them (`task` = "total")."""

    task: str
    agent: str
    episodes: int
    successes: int
    low: float  # Wilson 95 % interval of the success rate
    high: float
    mean_steps: float
    errors: int = 0  # episodes lost with the browser, counted as failures
    pass_hat: dict[str, float] = {}  # k -> chance that k episodes of a task all succeed; of all tasks: their mean

    @property
    def rate(self) -> float:
        """The success rate."""
        return self.successes / self.episodes if self.episodes else 0.0


class EvaluationReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an evaluation found, and how it was run."""

    agents: tuple[str, ...]
    tasks: tuple[str, ...]
    episodes: int  # for each agent and task
    seed_base: int
    most_steps: int
    episode_limit_ms: int  # the benchmark's own limit is 10,000
    seconds: float
    results: tuple[TaskResult, ...]
    pictures: dict[str, str] = {}  # task -> PNG beside the report, the moment before a success
    replays: dict[str, tuple[str, ...]] = {}  # task -> SVG beside the report, failures of the first agent step by step

    def result(self, agent: str, task: str = TOTAL) -> TaskResult:
        """Return one agent's result on one task, by default on all.

        Raises:
            KeyError: no such agent or task was evaluated.
        """
        for found in self.results:
            if found.agent == agent and found.task == task:
                return found
        raise KeyError(task)


def evaluate(
    agents: Sequence[Agent],
    tasks: Sequence[str],
    *,
    episodes: int = 50,
    seed_base: int = 1_000_000,
    out: str | Path,
    progress: Progress | None = None,
) -> EvaluationReport:
    """Play `episodes` seeds from `seed_base` of each task with each agent; write rollouts, report and pictures into `out`.

    Raises:
        UsageError: no agent, no task, a task that doesn't exist, or two agents of one name.
    """
    names = [agent.name for agent in agents]
    if not agents or not tasks or len(set(names)) < len(names):
        raise UsageError("an evaluation needs agents of different names and at least one task", hint="name agents as NAME=FOLDER")
    for task in tasks:  # before anything of an earlier run is written over
        page_of(task)
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    rollouts = _taken_up(folder, agents, tasks=tasks, seeds=range(seed_base, seed_base + episodes))
    done = {(one.task, one.agent, one.seed) for one in rollouts}
    with _Stage() as stage, (folder / ROLLOUTS_FILE).open("wb") as log:
        log.writelines(msgspec.json.encode(one) + b"\n" for one in rollouts)
        for number, (task, agent, seed) in enumerate(_schedule(agents, tasks, seeds=range(seed_base, seed_base + episodes))):
            if (task, agent.name, seed) in done:
                continue
            wants_picture = agent is agents[0] and not _picture_of(folder, task).exists()
            rollout, picture, watched = stage.play(agent, task, seed=seed, wants_picture=wants_picture)
            if picture:
                _save(_picture_of(folder, task), picture)
            if agent is agents[0] and not rollout.is_success and len(_replays_of(folder, task)) < _REPLAYS:
                _save(folder / REPLAYS_DIR / f"{task}-{seed}.svg", replay_svg(watched, _verdict(rollout)).encode())
            rollouts.append(rollout)
            log.write(msgspec.json.encode(rollout) + b"\n")
            log.flush()
            if progress is not None:
                progress(agent.name, task, number + 1, len(agents) * len(tasks) * episodes)
    report = EvaluationReport(
        agents=tuple(names),
        tasks=tuple(tasks),
        episodes=episodes,
        seed_base=seed_base,
        most_steps=MOST_STEPS,
        episode_limit_ms=EPISODE_LIMIT_MS,
        seconds=round(time.monotonic() - started, 2),
        results=tuple(summarise(rollouts)),
        pictures={task: str(path.relative_to(folder)) for task in tasks if (path := _picture_of(folder, task)).exists()},
        replays={task: found for task in tasks if (found := tuple(str(one.relative_to(folder)) for one in _replays_of(folder, task)))},
    )
    (folder / REPORT_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
    return report


def _schedule(agents: Sequence[Agent], tasks: Sequence[str], *, seeds: range) -> Iterator[tuple[str, Agent, int]]:
    for task in tasks:
        for agent in agents:
            for seed in seeds:
                yield task, agent, seed


def _taken_up(folder: Path, agents: Sequence[Agent], *, tasks: Sequence[str], seeds: range) -> list[Rollout]:
    """Return what an unfinished run of the same agents, tasks and seeds played; clear the folder of any other run."""
    told = {
        "agents": [[agent.name, getattr(agent, "model_id", "")] for agent in agents], "tasks": list(tasks),
        "seeds": [seeds.start, seeds.stop], "most_steps": MOST_STEPS, "limit_ms": EPISODE_LIMIT_MS,
    }  # fmt: skip
    run = msgspec.json.encode(told)
    is_same = (folder / RUN_FILE).is_file() and (folder / RUN_FILE).read_bytes() == run and not (folder / REPORT_FILE).exists()
    if is_same and (folder / ROLLOUTS_FILE).is_file():
        return _whole_rollouts(folder / ROLLOUTS_FILE)
    for path in (folder / REPORT_FILE, *(folder / PICTURES_DIR).glob("*.png"), *(folder / REPLAYS_DIR).glob("*.svg")):
        path.unlink(missing_ok=True)
    (folder / RUN_FILE).write_bytes(run)
    return []


def _whole_rollouts(path: Path) -> list[Rollout]:
    """Return the rollouts of a file whose last line may be torn."""
    found = []
    for line in path.read_bytes().splitlines():
        try:
            found.append(msgspec.json.decode(line, type=Rollout))
        except (msgspec.DecodeError, msgspec.ValidationError):
            break
    return found


def _verdict(rollout: Rollout) -> str:
    return f"failed: {rollout.error}" if rollout.error else f"failed: the page gave {rollout.reward:g} after {rollout.steps} steps"


def _picture_of(folder: Path, task: str) -> Path:
    return folder / PICTURES_DIR / f"{task}.png"


def _replays_of(folder: Path, task: str) -> list[Path]:
    return [path for path in sorted((folder / REPLAYS_DIR).glob(f"{task}-*.svg")) if path.stem.removeprefix(f"{task}-").isdecimal()]


def _save(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


def summarise(rollouts: Sequence[Rollout]) -> Iterator[TaskResult]:
    """Yield one result per agent and task in order of appearance, then one per agent over all tasks."""
    groups: dict[tuple[str, str], list[Rollout]] = {}
    for rollout in rollouts:
        groups.setdefault((rollout.task, rollout.agent), []).append(rollout)
    for (task, agent), found in groups.items():
        yield _result(task, agent, rollouts=found)
    for agent in dict.fromkeys(rollout.agent for rollout in rollouts):
        yield _result(TOTAL, agent, rollouts=[rollout for rollout in rollouts if rollout.agent == agent])


def _result(task: str, agent: str, *, rollouts: Sequence[Rollout]) -> TaskResult:
    successes = sum(rollout.is_success for rollout in rollouts)
    low, high = wilson(successes, len(rollouts))
    return TaskResult(
        task=task,
        agent=agent,
        episodes=len(rollouts),
        successes=successes,
        low=round(low, 4),
        high=round(high, 4),
        mean_steps=round(sum(rollout.steps for rollout in rollouts) / len(rollouts), 2),
        errors=sum(bool(rollout.error) for rollout in rollouts),
        pass_hat=_pass_hats(rollouts),
    )


def _pass_hats(rollouts: Sequence[Rollout]) -> dict[str, float]:
    """Return pass^k by k: the mean over the tasks of the chance that k episodes all succeed."""
    tasks: dict[str, list[bool]] = {}
    for rollout in rollouts:
        tasks.setdefault(rollout.task, []).append(rollout.is_success)
    least = min(map(len, tasks.values()))
    return {
        str(times): round(sum(pass_hat(sum(won), len(won), times=times) for won in tasks.values()) / len(tasks), 4)
        for times in _TIMES
        if times <= least
    }


class _Stage:
    """The browser and its environment, started again when it dies."""

    def __init__(self) -> None:
        self._browser: Browser | None = None
        self._world: MiniWob | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()

    def _drop(self) -> None:
        if self._browser is not None:
            self._browser.close()
        self._browser = self._world = None

    def _open(self) -> MiniWob:
        if self._world is None:
            self._browser = Browser().__enter__()
            self._world = MiniWob(self._browser)
        return self._world

    def play(self, agent: Agent, task: str, *, seed: int, wants_picture: bool = False) -> tuple[Rollout, bytes, list[Watched]]:
        """Return how one episode went, a picture of the moment before its success if one is wanted, and what was done step by step."""
        started = time.monotonic()
        agent.begin(seed)
        watched: list[Watched] = []
        reward, picture, error = 0.0, b"", ""
        try:
            world = self._open()
            world.open(task)
            reward, picture = _episode(world, agent, seed=seed, watched=watched, wants_picture=wants_picture)
        except BrowserError as lost:
            error = str(lost)
            self._drop()
        is_success = reward == 1.0 and not error
        rollout = Rollout(
            task=task, agent=agent.name, seed=seed, reward=reward, is_success=is_success, steps=len(watched),
            seconds=round(time.monotonic() - started, 4), error=error,
        )  # fmt: skip
        return rollout, picture if is_success else b"", watched


def _episode(world: MiniWob, agent: Agent, *, seed: int, watched: list[Watched], wants_picture: bool) -> tuple[float, bytes]:
    """Play to the end or to the step limit; return raw reward (0 when it didn't end) and the last picture taken."""
    picture = b""
    steps: list[PolicyAction] = []
    world.begin(seed)
    moment = world.look(agent.observation)
    while not isinstance(moment, float) and len(steps) < MOST_STEPS:
        action = agent.act(moment.instruction, moment.tree, history=tuple(steps))
        if action.kind == "stop":
            break
        if wants_picture:
            picture = world.picture()
        steps.append(action)
        watched.append(Watched(moment.instruction, moment.tree, action))
        world.act(action, moment.tree)
        moment = world.look(agent.observation)
    return (moment if isinstance(moment, float) else 0.0), picture


def load_rollouts(run: str | Path) -> list[Rollout]:
    """Return the rollouts of a run's folder.

    Raises:
        UsageError: it holds none.
    """
    path = Path(run) / ROLLOUTS_FILE
    try:
        return [msgspec.json.decode(line, type=Rollout) for line in path.read_bytes().splitlines()]
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        message = f"{path} can't be read ({type(error).__name__})"
        raise UsageError(message, hint="give the folder that `witting evaluate --out` wrote") from None
