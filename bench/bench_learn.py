"""Success live against the number of demonstrations, on a dataset that `make demo` left; controls without data in the same run.

Usage: bench_learn.py [DATASET]; without one, demo/lab/dataset-2 of the last `make demo`.
"""

import sys
import tempfile
from pathlib import Path

from figures import write
from witting.demo.learning import TASKS
from witting.lab.dataset import open_dataset
from witting.lab.evaluate import PolicyAgent, RandomClicker, TextMatchRule, evaluate
from witting.lab.learn import train

EPISODES = 25
SHARES = (8, 3, 1)  # every so many-th episode


def main() -> None:
    """Train on growing shares, evaluate all beside the controls, and write the figures."""
    dataset = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("demo/lab/dataset-2")
    if not dataset.is_dir():
        print(f"bench learn: left out, {dataset} isn't there; run `make demo` first or name a dataset")
        return
    episodes = list(open_dataset(dataset).episodes())
    with tempfile.TemporaryDirectory() as folder:
        agents, cards = [], []
        for share in SHARES:
            out = Path(folder) / str(share)
            cards.append(train(episodes[::share], out, seed=0))
            agents.append(PolicyAgent(out, name=f"{len(episodes[::share])} episodes"))
        report = evaluate([*agents, RandomClicker(), TextMatchRule()], TASKS, episodes=EPISODES, out=Path(folder) / "run")
    rule = report.result("text-match")
    peer = {"name": "text-match rule", "value": round(100 * rule.rate, 1)}
    figures: list[dict[str, object]] = [
        {
            "name": f"live success after {agent.name}",
            "value": round(100 * report.result(agent.name).rate, 1),
            "unit": "%",
            "sense": "higher",
            "bar": None,
            "peer": peer,
            "runs": report.result(agent.name).episodes,
        }
        for agent in agents
    ]
    chance = report.result("random")
    figures += [
        {
            "name": "live success of a random clicker",
            "value": round(100 * chance.rate, 1),
            "unit": "%",
            "sense": "higher",
            "runs": chance.episodes,
        },
        {"name": "training on all of them", "value": cards[-1].cpu_seconds, "unit": "CPU s", "sense": "lower", "runs": 1},
    ]
    write("learn", figures)


main()
