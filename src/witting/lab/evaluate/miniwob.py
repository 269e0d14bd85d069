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
from witting.policy.dom_info import tree_from_dom_info
from witting.policy.moments import day_of, time_of
from witting.policy.page_tree import snapshot_script, tree_from_snapshot
from witting.terms.errors import MissingExtraError, UsageError
from witting.terms.tree import TreeSource, UiNode, UiTree
from witting.terms.work import PolicyAction

EPISODE_LIMIT_MS = 120_000
MOST_STEPS = 15
TASK_AREA = (0, 0, 160, 210)  # CSS pixels
_CHROME = frozenset({"#reward-display", "#click-canvas", "#sync-task-cover"})
_BEGIN = """(async () => {
  Math.seedrandom(%s); core.EPISODE_MAX_TIME = %d; core.startEpisodeReal();
  for (let i = 0; i < 100 && !WOB_TASK_READY; i++) await new Promise(done => setTimeout(done, 10));
  if (document.activeElement && document.activeElement !== document.body) document.activeElement.blur();
  wittingSnapshot.reset();
  return WOB_TASK_READY;
})()"""
_LOOK = """new Promise(done => setTimeout(() => done(WOB_DONE_GLOBAL
  ? {reward: WOB_RAW_REWARD_GLOBAL} : {instruction: core.getUtterance(), seen: %s}), 0))"""
_SEEN = {"page": "wittingSnapshot(document)", "dom_info": "core.getDOMInfo()"}


_FIELD = """(() => {
  const field = document.elementFromPoint(%f, %f);
  if (field instanceof HTMLSelectElement) field.focus();
  return field && field.type || "";
})()"""
_SCROLL = """(() => {
  const y = %f;
  let place = document.elementFromPoint(80, 130);
  const scrolls = (one) => one.scrollHeight > one.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(one).overflowY);
  while (place && !scrolls(place)) place = place.parentElement;
  if (!place) return 0;
  const { top, bottom } = place.getBoundingClientRect();
  if (y > top && y < bottom) return 0;
  const before = place.scrollTop;
  place.scrollTop += y - (top + bottom) / 2;
  return place.scrollTop - before;
})()"""
_UNCOVERED = """(() => {
  const [x, y, left, top, width, height] = [%f, %f, %f, %f, %f, %f];
  const is = (at) => {
    for (let one = document.elementFromPoint(at[0], at[1]); one; one = one.parentElement) {
      const box = one.getBoundingClientRect();
      if (Math.max(Math.abs(box.left - left), Math.abs(box.top - top), Math.abs(box.width - width), Math.abs(box.height - height)) < 1.5)
        return true;
    }
    return false;
  };
  if (is([x, y])) return null;
  for (const down of [0.5, 0.2, 0.8]) for (const across of [0.15, 0.85, 0.5, 0.05, 0.95]) {
    const at = [left + across * width, top + down * height];
    if (is(at)) return at;
  }
  return null;
})()"""
_BY_PARTS = frozenset({"date", "time"})  # their parts take digits one by one, from the first part on
_FIRST_PART_PX = 8


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

    def look(self, observation: TreeSource = "page") -> Moment | float:
        """Return what is to be seen, by that account of the page, or the raw reward once the episode has ended."""
        told = self._browser.evaluate(_LOOK % _SEEN.get(observation, _SEEN["page"]))
        if "reward" in told:
            return float(told["reward"])
        seen, instruction = told["seen"], told["instruction"]
        if observation == "dom_info":
            tree = tree_from_dom_info(seen, 0)
        else:
            tree = tree_from_snapshot({**seen, "nodes": without_chrome(seen["nodes"])}, 0)
        return Moment(instruction if isinstance(instruction, str) else instruction["utterance"], tree)

    def act(self, action: PolicyAction, tree: UiTree) -> None:
        """Do `action` with trusted input."""
        if action.kind in {"click", "type"} and 0 <= action.target < len(tree.nodes):
            point = self._reach(*click_point(tree.nodes[action.target]), node=tree.nodes[action.target])
            field = self._browser.evaluate(_FIELD % point) if action.kind == "type" else ""
            if field != "select-one":  # a click would open its list above the page
                self._browser.click(tree.nodes[action.target].box.x + _FIRST_PART_PX if field in _BY_PARTS else point[0], point[1])
            if action.kind == "type" and field in {*_BY_PARTS, "select-one"}:
                self._browser.type_keys(as_parts(action.text) if field in _BY_PARTS else action.text)
            elif action.kind == "type":
                self._browser.type_text(action.text)
        elif action.kind == "key":
            self._browser.press(action.key)

    def _reach(self, x: float, y: float, *, node: UiNode) -> tuple[float, float]:
        """Scroll what is at (x, y) into view, as a person would; return where it is then, beside what covers it."""
        y -= (moved := float(self._browser.evaluate(_SCROLL % y)))
        box = (node.box.x, node.box.y - moved, node.box.width, node.box.height)
        told = self._browser.evaluate(_UNCOVERED % (x, y, *box))
        return (float(told[0]), float(told[1])) if told else (x, y)

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


def as_parts(text: str) -> str:
    """Return the keys that enter a day or time of day into a browser's own field, as it takes them in the United States."""
    day, time = day_of(text), time_of(text)
    if day is not None:
        return f"{day.month:02}{day.day:02}{day.year:04}"
    if time is not None:
        hour, minute = time
        return f"{(hour - 1) % 12 + 1:02}{minute:02}{'PM' if hour >= 12 else 'AM'}"  # noqa: PLR2004 - noon
    return text


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
