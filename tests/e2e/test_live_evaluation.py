"""Agents act live in a real Chromium; a solved episode reads reward 1, and chance is far from it."""

import re
from pathlib import Path

import msgspec
import pytest

from witting.lab.evaluate import RandomClicker, TextMatchRule, evaluate, load_rollouts, wilson
from witting.lab.evaluate.cdp import Browser
from witting.lab.evaluate.miniwob import MiniWob
from witting.terms.errors import UsageError
from witting.terms.work import PolicyAction

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


def _act(world: MiniWob, kind: str, role: str, *, text: str = "", key: str = "", below_px: int = -1) -> None:
    """Do something to the first node of a role, of some author's hint, that lies below a line."""
    moment = world.look("dom_info")
    assert not isinstance(moment, float)
    target = next(node.ref for node in moment.tree.nodes if node.role == role and key in node.key and node.box.y > below_px)
    world.act(PolicyAction(kind=kind, target=target, text=text), moment.tree)  # type: ignore[arg-type]


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("task", "role", "asked"),
    [
        ("enter-date", "textbox", r"\d+/\d+/\d+"),
        ("enter-time", "textbox", r"\d+:\d+ [AP]M"),
        ("choose-list", "combobox", r"(?<=Select ).+(?= from)"),
    ],
)
def test_days_times_and_choices_are_entered_as_an_instruction_says_them(task: str, role: str, asked: str) -> None:
    """A browser's date and time fields and lists take what an instruction says, with real input, and the page finds it right."""
    with Browser() as browser:
        world = MiniWob(browser)
        world.open(task)
        for seed in range(3):
            world.begin(seed)
            moment = world.look("dom_info")
            assert not isinstance(moment, float)
            _act(world, "type", role, text=re.search(asked, moment.instruction).group())  # type: ignore[union-attr]
            _act(world, "click", "button")
            assert world.look() == 1.0


@pytest.mark.e2e
def test_what_lies_below_is_scrolled_to() -> None:
    """A page names things below the part that can be seen; whoever acts on one has it scrolled into sight first."""
    with Browser() as browser:
        world = MiniWob(browser)
        world.open("social-media")
        world.begin(1)
        before = world.look("dom_info")
        assert not isinstance(before, float)
        hidden = next(node for node in before.tree.nodes if node.key == ".body" and node.box.y > 210)
        world.act(PolicyAction(kind="click", target=hidden.ref), before.tree)
        after = world.look("dom_info")
        assert not isinstance(after, float)
        assert 50 < after.tree.nodes[hidden.ref].box.y < 200
