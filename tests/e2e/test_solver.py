"""The solver plays real MiniWoB episodes with real input, and the page itself says that they are solved."""

from collections.abc import Iterator

import pytest

from witting.terms.errors import UsageError
from witting.testing.browser import Browser
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.miniwob_server import MiniwobServer
from witting.testing.solver import TASKS, open_episode, play_episode

pytestmark = pytest.mark.e2e
SEEDS = (1, 2, 3, 4, 5)


@pytest.fixture(scope="module")
def browser(desktop: DesktopSession, site: MiniwobServer) -> Iterator[Browser]:
    """Give a browser."""
    browser = desktop.start_chromium(site.page("contact"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def hands(desktop: DesktopSession) -> Iterator[Hands]:
    """Give quick hands."""
    with Hands(desktop.display, seed=11, pace=2.5) as hands:
        yield hands


@pytest.mark.parametrize("task", TASKS)
def test_every_episode_is_solved(task: str, browser: Browser, hands: Hands) -> None:
    """Each task is solved on each of five seeds: raw reward 1."""
    told: list[str] = []
    played = [play_episode(browser, hands, task=task, seed=seed, on_instruction=told.append) for seed in SEEDS]
    assert [one.reward for one in played] == [1.0] * len(SEEDS)
    assert told == [one.instruction for one in played]
    assert all(one.actions >= 1 and one.instruction for one in played)


def test_the_same_seed_gives_the_same_episode(browser: Browser, site: MiniwobServer) -> None:
    """A seed fixes the instruction; another seed gives another."""
    first, again, other = (open_episode(browser, "enter-text", seed=seed, origin=site.origin) for seed in (21, 21, 22))
    assert first == again != other


def test_an_unsolved_episode_isn_t_called_solved(browser: Browser, hands: Hands, site: MiniwobServer) -> None:
    """Clicking Submit with nothing entered gets the page's verdict -1, so a reward of 1 means something."""
    open_episode(browser, "enter-text", seed=5, origin=site.origin)
    button = browser.box_of("#subbtn")
    hands.click(button.x + 10, button.y + 5)
    assert browser.evaluate("[WOB_DONE_GLOBAL, WOB_RAW_REWARD_GLOBAL]") == [True, -1]


def test_an_unknown_task_is_refused(browser: Browser) -> None:
    """A task that nobody can play is refused before any page is opened."""
    before = browser.page.url
    with pytest.raises(UsageError):
        open_episode(browser, "use-colorwheel", seed=1)
    assert browser.page.url == before
