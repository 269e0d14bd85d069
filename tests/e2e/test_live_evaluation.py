"""Agents act live in a real Chromium; a solved episode reads reward 1, and chance is far from it."""

from pathlib import Path

import msgspec
import pytest

from witting.lab.evaluate import RandomClicker, TextMatchRule, evaluate, load_rollouts, wilson
from witting.terms.errors import UsageError

TASKS = ("click-option", "enter-text", "login-user", "click-tab-2-hard")


@pytest.mark.e2e
def test_a_rule_beats_chance_on_the_same_seeds(tmp_path: Path) -> None:
    """The rule without data solves what it can read; the random clicker, on the same seeds, hardly anything; rollouts say so one by one."""
    report = evaluate([TextMatchRule(), RandomClicker()], TASKS, episodes=4, seed_base=5000, out=tmp_path)
    rule, chance = report.result("text-match"), report.result("random")
    assert rule.successes >= 12
    assert rule.successes > chance.successes
    assert rule.errors == chance.errors == 0
    rollouts = load_rollouts(tmp_path)
    assert len(rollouts) == 2 * 4 * len(TASKS)
    assert {rollout.seed for rollout in rollouts} == set(range(5000, 5004))
    assert all(rollout.is_success == (rollout.reward == 1.0) for rollout in rollouts)
    assert all(msgspec.json.decode(line)["agent"] for line in (tmp_path / "rollouts.jsonl").read_bytes().splitlines())
    assert any((tmp_path / name).stat().st_size > 1000 for name in report.pictures.values())


@pytest.mark.e2e
def test_an_evaluation_needs_agents_and_tasks(tmp_path: Path) -> None:
    """Without an agent, or with two of one name, nothing is run."""
    with pytest.raises(UsageError):
        evaluate([], TASKS, out=tmp_path)
    with pytest.raises(UsageError):
        evaluate([RandomClicker(), RandomClicker()], TASKS, out=tmp_path)


def test_the_interval_is_wilsons() -> None:
    """Known values of the Wilson score interval (Wilson 1927), 95 %."""
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(0, 10)[0] == pytest.approx(0.0)
    assert wilson(10, 10)[1] == pytest.approx(1.0)
