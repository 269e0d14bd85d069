"""The desktop suite in real applications: what solves a task is rewarded; doing nothing, and what almost solves it, isn't."""

from collections.abc import Iterator, Sequence

import gymnasium
import pytest

from witting.terms.work import PolicyAction
from witting.testing.desktop_suite import TASKS, DesktopEnv

pytestmark = pytest.mark.e2e
QUICK = "append-line"


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[DesktopEnv]:
    """Give the environment of a task."""
    env = DesktopEnv(request.param)
    yield env
    env.close()


def play(env: DesktopEnv, deeds: Sequence[PolicyAction]) -> tuple[float, bool]:
    """Do deeds until the episode ends, then stop; return the last reward and whether it ended."""
    reward, is_over = 0.0, False
    for deed in (*deeds, PolicyAction(kind="stop")):
        if not is_over:
            _, reward, terminated, truncated, _ = env.step(deed)
            is_over = terminated or truncated
    return reward, is_over


@pytest.mark.parametrize(
    "world", [pytest.param(name, marks=() if name == QUICK else pytest.mark.slow) for name in TASKS], indirect=True, ids=list(TASKS)
)
def test_the_right_deeds_alone_are_rewarded(world: DesktopEnv) -> None:
    """On fresh files each time: the oracle gets 1, nobody's doing nothing and nobody's almost-right deeds get anything."""
    assert isinstance(world, gymnasium.Env)
    first, _ = world.reset(seed=3)
    assert world.observation_space.contains(first)
    assert play(world, []) == (0.0, True)
    world.reset(seed=3)
    assert play(world, world.near_miss()) == (0.0, True)
    world.reset(seed=4)
    assert play(world, world.oracle()) == (1.0, True)
