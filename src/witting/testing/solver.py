"""Plays MiniWoB episodes as a person would: reads the instruction, looks at the page, and acts with real pointer and keys.

Where things are is read from the page through the harness; what is done goes through `testing.hands`. Success is the page's own raw
reward, 1. A player uses what a person could know: the words on the page, and for "similar" words the page's own list. A tab that isn't
open isn't looked into.
"""

import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from witting.terms.errors import UsageError
from witting.testing.browser import Browser
from witting.testing.hands import Hands
from witting.testing.x11 import wait_for

_EPISODE_MS = 600_000  # the page's own limit is 10 s; lifted, and said so wherever rewards are reported
_BEGIN = """([seed, limit]) => {
  core.EPISODE_MAX_TIME = limit;
  Math.seedrandom(String(seed));
  core.startEpisodeReal();
  const said = core.getUtterance();
  return typeof said === 'string' ? said : said.utterance;
}"""
_FIND = """(selector) => [...document.querySelectorAll(selector)].flatMap((element) => {
  const box = [...element.getClientRects()].find((r) => r.width > 0 && r.height > 0);
  return box ? [{text: element.innerText.trim(), box: [box.x, box.y, box.width, box.height]}] : [];
})"""
_GROUPS = "() => SYNONYMS"
_ENDED = "() => WOB_DONE_GLOBAL ? {reward: WOB_RAW_REWARD_GLOBAL} : null"
_QUOTED = re.compile(r'"(.*?)"')
_ORDINALS = {"1st": 0, "2nd": 1, "3rd": 2}


@dataclass(frozen=True)
class Played:
    """One episode that was played."""

    instruction: str  # as the page states it
    reward: float  # raw reward of the page; 1 = solved
    seconds: float  # from opening the page to its verdict
    actions: int  # clicks and typings


@dataclass
class Player:
    """One person at one page."""

    browser: Browser
    hands: Hands
    chance: random.Random  # where in a box they click
    actions: int = field(default=0)  # clicks and typings so far

    def see(self, selector: str) -> list[dict[str, Any]]:
        """Return text and box of what is shown and fits a selector, in document order."""
        found: list[dict[str, Any]] = self.browser.evaluate(_FIND, selector)
        return found

    def click(self, thing: dict[str, Any]) -> None:
        """Click somewhere in the middle half of a thing."""
        x, y, width, height = thing["box"]
        area = self.browser.on_screen((x, y, width, height))
        self.hands.click(area.x + area.width * self.chance.uniform(0.3, 0.7), area.y + area.height * self.chance.uniform(0.35, 0.65))
        self.actions += 1

    def click_text(self, selector: str, text: str) -> None:
        """Click the first thing that says exactly `text`, as soon as it is shown."""
        self.click(
            wait_for("the words to click", lambda: next((one for one in self.see(selector) if one["text"] == text), None), seconds=5.0)
        )

    def click_first(self, selector: str) -> None:
        """Click the first thing that fits, as soon as it is shown."""
        self.click(wait_for("the thing to click", lambda: next(iter(self.see(selector)), None), seconds=5.0))

    def type(self, text: str) -> None:
        """Type into what has the keyboard."""
        self.hands.type_text(text)
        self.actions += 1


def _quoted(instruction: str) -> list[str]:
    return _QUOTED.findall(instruction)


def _click_button(player: Player, instruction: str) -> None:
    player.click_text("#area button", _quoted(instruction)[0])


def _click_link(player: Player, instruction: str) -> None:
    player.click_text("#area .alink", _quoted(instruction)[0])


def _click_option(player: Player, instruction: str) -> None:
    player.click_text("#boxes label", instruction.removeprefix("Select ").removesuffix(" and click Submit."))
    player.click_first("#subbtn")


def _click_checkboxes_soft(player: Player, instruction: str) -> None:
    asked = set(instruction.removeprefix("Select words similar to ").removesuffix(" and click Submit.").split(", "))
    wanted = {word for group in player.browser.evaluate(_GROUPS) if asked & set(group) for word in group}
    for label in player.see("#boxes label"):
        if label["text"] in wanted:
            player.click(label)
    player.click_first("#subbtn")


def _click_tab_2_hard(player: Player, instruction: str) -> None:
    text = _quoted(instruction)[0]
    for tab in player.see("#area .ui-tabs-nav a"):
        if any(link["text"] == text for link in player.see("#area .alink")):
            break
        if tab["text"] != "1":  # the first one is open to begin with
            player.click(tab)
    player.click_text("#area .alink", text)


def _click_dialog_2(player: Player, instruction: str) -> None:
    label = _quoted(instruction)[0]
    if label == "x":
        player.click_first(".ui-dialog-titlebar button")
    else:
        player.click_text(".ui-dialog-buttonset button", label)


def _click_button_sequence(player: Player, _instruction: str) -> None:
    player.click_text("#area button", "ONE")
    player.click_text("#area button", "TWO")


def _enter_text(player: Player, instruction: str) -> None:
    player.click_first("#tt")
    player.type(_quoted(instruction)[0])
    player.click_first("#subbtn")


def _login_user(player: Player, instruction: str) -> None:
    for selector, text in zip(("#username", "#password"), _quoted(instruction), strict=True):
        player.click_first(selector)
        player.type(text)
    player.click_first("#subbtn")


def _enter_password(player: Player, instruction: str) -> None:
    for selector in ("#password", "#verify"):
        player.click_first(selector)
        player.type(_quoted(instruction)[0])
    player.click_first("#subbtn")


def _focus_text_2(player: Player, instruction: str) -> None:
    ordinal = next(place for word, place in _ORDINALS.items() if word in instruction)
    player.click(player.see("#area input")[ordinal])


_PLAYERS: dict[str, Callable[[Player, str], None]] = {
    "click-button": _click_button,
    "click-button-sequence": _click_button_sequence,
    "click-checkboxes-soft": _click_checkboxes_soft,
    "click-dialog-2": _click_dialog_2,
    "click-link": _click_link,
    "click-option": _click_option,
    "click-tab-2-hard": _click_tab_2_hard,
    "enter-password": _enter_password,
    "enter-text": _enter_text,
    "focus-text-2": _focus_text_2,
    "login-user": _login_user,
}
TASKS = tuple(_PLAYERS)


def open_episode(browser: Browser, task: str, *, seed: int, origin: str = "") -> str:
    """Open a task's page, begin the episode of `seed`, and return its instruction; `origin` is by default that of the open page."""
    if task not in _PLAYERS:
        message = f"nobody here can play {task}"
        raise UsageError(message, hint=f"choose one of {', '.join(TASKS)}")
    browser.goto(f"{origin or browser.evaluate('location.origin')}/miniwob/{task}.html?seed={seed}")
    instruction: str = browser.evaluate(_BEGIN, [seed, _EPISODE_MS])
    return instruction


def play_opened(browser: Browser, hands: Hands, *, task: str, instruction: str, seed: int) -> tuple[float, int]:
    """Play the episode that is open; return its raw reward and the number of actions."""
    player = Player(browser, hands, random.Random(seed))
    hands.pause(0.12, 0.25)  # reading
    _PLAYERS[task](player, instruction)
    verdict = wait_for("the page's verdict", lambda: browser.evaluate(_ENDED), seconds=5.0)
    return float(verdict["reward"]), player.actions


def play_episode(
    browser: Browser, hands: Hands, *, task: str, seed: int, origin: str = "", on_instruction: Callable[[str], None] | None = None
) -> Played:
    """Open and play one episode; `on_instruction` is told the instruction before anything is done, to state it to a recorder."""
    begun = time.monotonic()
    instruction = open_episode(browser, task, seed=seed, origin=origin)
    if on_instruction:
        on_instruction(instruction)
    reward, actions = play_opened(browser, hands, task=task, instruction=instruction, seed=seed)
    return Played(instruction, reward, time.monotonic() - begun, actions)
