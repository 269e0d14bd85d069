"""From a folder of demonstrations to a policy that forgot somebody, by the verbs a researcher types, on tasks made up for it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from witting.lab.evaluate import TextMatchRule
from witting.lab.evaluate.cdp import Browser
from witting.lab.evaluate.miniwob import MiniWob, click_point

TASKS = ("click-link", "click-button")
SITTINGS = 4
pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(1800)]


def _demonstrate(folder: Path) -> None:
    """Write demonstrations of one click each, as the rule without data would do it, four sittings of four a task."""
    with Browser() as browser:
        world = MiniWob(browser)
        for task in TASKS:
            (folder / task).mkdir(parents=True)
            world.open(task)
            for seed in range(4 * SITTINGS):
                world.begin(seed)
                moment = world.look("dom_info")
                assert not isinstance(moment, float)
                action = TextMatchRule().act(moment.instruction, moment.tree, history=())
                x, y = click_point(moment.tree.nodes[action.target])
                dom = browser.evaluate("core.getDOMInfo()")
                states = [
                    {"time": 100 * number, "action": doing, "dom": dom}
                    for number, doing in enumerate(
                        [None, {"type": "mousedown", "x": x, "y": y, "timing": 1}, {"type": "mouseup", "x": x, "y": y, "timing": 1}]
                    )
                ]
                demo = {"taskName": task, "utterance": moment.instruction, "rawReward": 1, "states": states}
                (folder / task / f"2026-11-24_{seed % SITTINGS:010x}_d{seed:03}.json").write_text(json.dumps(demo))


def _witting(*words: object, cwd: Path) -> dict[str, Any]:
    """Run a verb with --json and return its answer."""
    run = subprocess.run(
        [sys.executable, "-m", "witting", *map(str, words), "--json"], cwd=cwd, env=os.environ.copy(), capture_output=True, check=False
    )
    assert run.returncode == 0, run.stderr.decode()
    told: dict[str, Any] = json.loads(run.stdout)
    return told


@pytest.mark.promise("P26")
def test_the_chain_by_verbs(tmp_path: Path) -> None:
    """Import, split, train, evaluate, compare, unlearn: each verb takes what the one before wrote, and who left is in nothing after."""
    _demonstrate(tmp_path / "demos")
    made = _witting("import", "miniwob-demos", "demos", cwd=tmp_path)
    assert (len(made["sessions"]), made["path"]) == (2 * SITTINGS, "datasets/miniwob-demos")
    parts = _witting("dataset", "splits", made["path"], cwd=tmp_path)["parts"]
    assert sum(map(len, parts.values())) == 2 * SITTINGS
    card = _witting("train", made["path"], "--seed", 3, "--threads", 1, "--slices", 2, "--size", "small", cwd=tmp_path)
    assert (card["episodes"], card["path"], card["seed"]) == (32, "models/miniwob-demos", 3)
    told = _witting(
        "evaluate", f"mine={card['path']}", "random", "miniwob", "--tasks", ",".join(TASKS), "--episodes", 6, "--seed", 500, cwd=tmp_path
    )
    total = {row["agent"]: row["successes"] for row in told["results"] if row["task"] == "total"}
    assert total["mine"] >= 8 > total["random"]
    rows = _witting("compare", "evaluation:mine", "evaluation:random", cwd=tmp_path)["tasks"]
    assert (rows[-1]["first"], rows[-1]["second"]) == (total["mine"], total["random"])
    leaving = card["sessions"][0]
    gone = _witting("unlearn", card["path"], "--session", leaving[:12], "--compare", cwd=tmp_path)
    assert gone["proof"]["holds"]
    assert leaving not in gone["card"]["sessions"]
    assert gone["card"]["weights_sha256"] != card["weights_sha256"]
