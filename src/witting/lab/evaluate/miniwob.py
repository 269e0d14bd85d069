"""MiniWoB++ tasks as an environment: the pages of the PyPI package `miniwob`, unchanged, over `file://`.

Knows the benchmark's own globals, not agents. Success is raw reward 1. Two things differ from the benchmark's page and are said in every
report: the time limit of 10 s is lifted to 120 s, and at most 15 steps are taken. The benchmark's display of rewards is no part of an
observation, as in its own `core.getDOMInfo()`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from witting.lab.evaluate.cdp import Browser
from witting.policy.page_tree import snapshot_script, tree_from_snapshot
from witting.terms.errors import MissingExtraError, UsageError
from witting.terms.tree import UiNode, UiTree
from witting.terms.work import PolicyAction

EPISODE_LIMIT_MS = 120_000
MOST_STEPS = 15
TASK_AREA = (0, 0, 160, 210)  # CSS pixels
SUITE = (
    "click-checkboxes-soft", "click-tab-2-hard", "click-option", "enter-text", "click-button", "click-link", "login-user",
    "focus-text-2", "click-dialog-2", "click-button-sequence",
)  # fmt: skip
_CHROME = frozenset({"#reward-display", "#click-canvas", "#sync-task-cover"})
_BEGIN = """(async () => {
  Math.seedrandom(%s); core.EPISODE_MAX_TIME = %d; core.startEpisodeReal();
  for (let i = 0; i < 100 && !WOB_TASK_READY; i++) await new Promise(done => setTimeout(done, 10));
  if (document.activeElement && document.activeElement !== document.body) document.activeElement.blur();
  wittingSnapshot.reset();
  return WOB_TASK_READY;
})()"""
_LOOK = """new Promise(done => setTimeout(() => done(WOB_DONE_GLOBAL
  ? {reward: WOB_RAW_REWARD_GLOBAL} : {instruction: core.getUtterance(), snapshot: wittingSnapshot(document)}), 0))"""


@dataclass(frozen=True, slots=True)
class Moment:
    """What an agent sees."""

    instruction: str
    tree: UiTree


def page_of(task: str) -> Path:
    """Return the page of `task`.

    Raises:
        UsageError: there is no such task.
    """
    page = pages_dir() / f"{task}.html"
    if "/" in task or not page.is_file():
        message = f"there is no MiniWoB task of the name {task!r}"
        raise UsageError(message, hint="`witting evaluate --help` lists the suite")
    return page


class MiniWob:
    """The environment: one task's page in one browser."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._task = ""

    def open(self, task: str) -> None:
        """Load the page of `task`.

        Raises:
            UsageError: there is no such task.
        """
        if task == self._task:
            return
        self._browser.navigate(page_of(task).as_uri())
        self._browser.evaluate(f"{snapshot_script()}\n;wittingSnapshot.watch(document)")
        self._task = task

    def begin(self, seed: int) -> None:
        """Start the episode that belongs to `seed`."""
        self._browser.evaluate(_BEGIN % (json.dumps(str(seed)), EPISODE_LIMIT_MS))

    def look(self) -> Moment | float:
        """Return what is to be seen, or the raw reward once the episode has ended."""
        seen = self._browser.evaluate(_LOOK)
        if "reward" in seen:
            return float(seen["reward"])
        tree = tree_from_snapshot({**seen["snapshot"], "nodes": without_chrome(seen["snapshot"]["nodes"])}, 0)
        instruction = seen["instruction"]
        return Moment(instruction if isinstance(instruction, str) else instruction["utterance"], tree)

    def act(self, action: PolicyAction, tree: UiTree) -> None:
        """Do `action` with trusted input."""
        if action.kind in {"click", "type"} and 0 <= action.target < len(tree.nodes):
            self._browser.click(*click_point(tree.nodes[action.target]))
        if action.kind == "type":
            self._browser.type_text(action.text)
        elif action.kind == "key":
            self._browser.press(action.key)

    def picture(self) -> bytes:
        """Return the task area as PNG."""
        return self._browser.picture(TASK_AREA)


def pages_dir() -> Path:
    """Return where the installed benchmark keeps its pages.

    Raises:
        MissingExtraError: it isn't installed.
    """
    from importlib.util import find_spec

    found = find_spec("miniwob")
    if found is None or found.origin is None:
        raise MissingExtraError("the MiniWoB++ pages aren't installed", hint="pip install 'witting[lab]'")
    return Path(found.origin).parent / "html" / "miniwob"


def click_point(node: UiNode) -> tuple[float, float]:
    """Return the middle of a node; of text that may run over several lines, the middle of its first."""
    box = node.box
    return box.x + box.width / 2, box.y + (min(box.height, 12) if node.role == "text" else box.height) / 2


def without_chrome(nodes: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """Return the nodes without the benchmark's own display, numbered anew."""
    kept: list[dict[str, object]] = []
    refs: dict[object, int] = {-1: -1}
    for node in nodes:
        parent = node["parent"]
        is_chrome = parent not in refs or bool(_CHROME & set(str(node["key"]).split()))
        if not is_chrome:
            refs[node["ref"]] = len(kept)
            kept.append({**node, "ref": len(kept), "parent": refs[parent]})
    return kept
