"""The figures of an evaluation: intervals as published, pairs counted once, and a report that its rollouts give again."""

import math
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.lab.evaluate.comparing import compare_rollouts
from witting.lab.evaluate.evaluation import ROLLOUTS_FILE, TOTAL, EvaluationReport, load_rollouts, summarise
from witting.lab.evaluate.intervals import mcnemar, pass_hat, wilson
from witting.terms.errors import UsageError
from witting.terms.work import Rollout

COUNTS = st.integers(0, 400).flatmap(lambda episodes: st.tuples(st.integers(0, episodes), st.just(episodes)))


def rollout(task: str = "click", agent: str = "a", seed: int = 1, *, is_success: bool = True, error: str = "") -> Rollout:
    """Return one episode."""
    return Rollout(task=task, agent=agent, seed=seed, reward=float(is_success), is_success=is_success, steps=2, seconds=0.1, error=error)


@pytest.mark.parametrize(
    ("successes", "episodes", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (0, 0, 0, 1),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_intervals_are_those_that_were_published(successes: int, episodes: int, low: float, high: float) -> None:
    """Newcombe (1998), table I, method 3: the four examples there, and both ends."""
    assert wilson(successes, episodes) == pytest.approx((low, high), abs=5e-5)


@given(COUNTS)
def test_an_interval_holds_its_rate_and_mirrors(count: tuple[int, int]) -> None:
    """The rate lies inside, the ends are shares, and failures have the mirrored interval."""
    successes, episodes = count
    low, high = wilson(successes, episodes)
    assert 0 <= low < high <= 1
    assert low - 1e-12 <= (successes / episodes if episodes else 0.5) <= high + 1e-12
    assert wilson(episodes - successes, episodes) == pytest.approx((1 - high, 1 - low))


@given(COUNTS)
def test_more_episodes_make_an_interval_narrower(count: tuple[int, int]) -> None:
    """The same rate from four times the episodes is surer."""
    successes, episodes = count
    low, high = wilson(successes, episodes)
    surer_low, surer_high = wilson(4 * successes, 4 * episodes)
    assert surer_high - surer_low <= high - low
    assert (surer_high - surer_low < high - low) or not episodes


@pytest.mark.parametrize(("successes", "episodes"), [(3, 2), (-1, 2), (0, -1)])
def test_impossible_counts_are_refused(successes: int, episodes: int) -> None:
    """No interval is made up for more successes than episodes."""
    with pytest.raises(ValueError, match="between 0"):
        wilson(successes, episodes)


@pytest.mark.parametrize(("first", "second", "p_value"), [(0, 0, 1), (5, 5, 1), (0, 5, 0.0625), (1, 9, 22 / 1024), (10, 0, 2 / 1024)])
def test_pairs_are_tested_exactly(first: int, second: int, p_value: float) -> None:
    """The sign test's tail on both sides, never above 1."""
    assert mcnemar(first, second) == pytest.approx(p_value)


@given(st.integers(0, 60), st.integers(0, 60))
def test_neither_agent_is_favoured(first: int, second: int) -> None:
    """Swapping the agents changes no p value, and it is a probability of the binomial tail."""
    assert mcnemar(first, second) == mcnemar(second, first)
    pairs = first + second
    tail = sum(math.comb(pairs, count) * 0.5**pairs for count in range(min(first, second) + 1))
    assert mcnemar(first, second) == pytest.approx(min(1, 2 * tail))


@pytest.mark.parametrize(
    ("successes", "episodes", "times", "share"), [(4, 4, 4, 1.0), (3, 4, 1, 0.75), (3, 4, 2, 0.5), (1, 4, 2, 0.0), (0, 1, 1, 0.0)]
)
def test_pass_hat_counts_choices(successes: int, episodes: int, times: int, share: float) -> None:
    """pass^k is the share of choices of k episodes that hold successes only (Yao et al., tau-bench)."""
    assert pass_hat(successes, episodes, times=times) == pytest.approx(share)


@pytest.mark.parametrize("times", [0, -1, 5])
def test_pass_hat_tells_nothing_of_more_than_were_played(times: int) -> None:
    """Of four episodes nobody can say how five would go."""
    with pytest.raises(ValueError, match="at least k"):
        pass_hat(2, 4, times=times)


def test_only_shared_seeds_are_compared() -> None:
    """A seed that one side alone played counts for neither; each task has its row, then all together."""
    first = [rollout("x", "a", 1), rollout("x", "a", 2, is_success=False), rollout("y", "a", 1), rollout("x", "a", 9)]
    second = [rollout("x", "b", 1, is_success=False), rollout("x", "b", 2, is_success=False), rollout("y", "b", 1), rollout("z", "b", 1)]
    rows = compare_rollouts(first, second)
    assert [(row.task, row.episodes, row.first, row.second, row.only_first, row.only_second) for row in rows] == [
        ("x", 2, 1, 0, 1, 0),
        ("y", 1, 1, 1, 0, 0),
        (TOTAL, 3, 2, 1, 1, 0),
    ]
    assert [row.p_value for row in rows] == [1.0, 1.0, 1.0]


def test_runs_that_share_nothing_are_not_compared() -> None:
    """Different seeds tell nothing of each other, and the hint says how to play the same."""
    with pytest.raises(UsageError) as caught:
        compare_rollouts([rollout(seed=1)], [rollout(seed=2)])
    assert "--seed-base" in caught.value.hint


PLAYED = st.lists(
    st.builds(
        rollout,
        st.sampled_from(["x", "y"]),
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 99),
        is_success=st.booleans(),
        error=st.sampled_from(["", "the browser ended"]),
    ),
    max_size=40,
)


@given(PLAYED)
def test_a_report_adds_up(played: list[Rollout]) -> None:
    """Each agent's total is the sum of its tasks, and every rollout is counted once."""
    results = list(summarise(played))
    for name in {one.agent for one in played}:
        own = [result for result in results if result.agent == name]
        total = next(result for result in own if result.task == TOTAL)
        parts = [result for result in own if result.task != TOTAL]
        assert (total.episodes, total.successes, total.errors) == tuple(
            sum(getattr(part, what) for part in parts) for what in ("episodes", "successes", "errors")
        )
        assert total.low <= total.rate + 1e-4
        assert total.rate <= total.high + 1e-4
    assert sum(result.episodes for result in results if result.task == TOTAL) == len(played)


def test_a_report_is_asked_by_agent_and_task() -> None:
    """Without a task all tasks count; what wasn't evaluated isn't answered with something else."""
    results = tuple(summarise([rollout("x", "a"), rollout("y", "a", is_success=False)]))
    report = EvaluationReport(
        agents=("a",), tasks=("x", "y"), episodes=1, seed_base=1, most_steps=15, episode_limit_ms=1, seconds=1, results=results
    )
    assert report.result("a").rate == 0.5
    assert report.result("a", "y").successes == 0
    for agent, task in (("b", "x"), ("a", "z")):
        with pytest.raises(KeyError):
            report.result(agent, task)


def test_rollouts_come_back_as_they_were_played(tmp_path: Path) -> None:
    """One a line, and a folder that holds none, or a broken one, is told in one error."""
    played = [rollout(seed=seed, error="x" * seed) for seed in range(3)]
    (tmp_path / ROLLOUTS_FILE).write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in played))
    assert load_rollouts(tmp_path) == played
    (tmp_path / ROLLOUTS_FILE).write_bytes(b'{"task": "x"}\n')
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(UsageError, match="can't be read"):
            load_rollouts(folder)
