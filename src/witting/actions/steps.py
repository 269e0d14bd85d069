"""Actions → steps: what was to be seen before each action, and which node of it the action was aimed at.

An observation is the last tree of the action's app, and the last frame, that stood before the action began: never one that the action
itself may have changed. Knows nothing of tasks. Invariant: an observation is never younger than its action.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import zip_longest

import msgspec

from witting.actions.reduce import reduce
from witting.actions.screens import Screens
from witting.terms.events import Frame, PageNavigation
from witting.terms.session import Record
from witting.terms.tree import UiNode, UiTree
from witting.terms.work import POINTED, Action, ActionKind, Observation, Step

ALTERNATIVES = 4
_TYPED: frozenset[ActionKind] = frozenset({"type", "key"})
_INTERACTIVE = frozenset(
    {
        "button", "link", "checkbox", "radio", "textbox", "password", "combobox", "option", "tab", "menuitem", "slider", "switch",
        "push button", "toggle button", "check box", "radio button", "entry", "text entry", "password text", "menu item",
        "check menu item", "radio menu item", "list item", "page tab", "combo box", "spin button", "terminal", "treeitem", "searchbox",
    },
)  # fmt: skip
_OVERLAYS = frozenset({"dialog", "alertdialog", "alert", "menu", "popup menu"})


def steps(records: Sequence[Record]) -> list[Step]:
    """Return the steps of a session in order; `step_index` counts from 0."""
    seen = _Seen(records)
    made: list[Step] = []
    actions = reduce(records)
    for action, following in zip_longest(actions, actions[1:]):
        tree = seen.tree_before(action)
        seen.note(action)
        observation = Observation(tree=tree, frame_ns=seen.frame_before(action), screen=seen.screens.at(action.timestamp_ns))
        made.append(Step(step_index=len(made), observation=observation, action=_aimed(action, tree, seen=seen, following=following)))
    return made


def _aimed(action: Action, tree: UiTree | None, *, seen: "_Seen", following: Action | None) -> Action:
    """Return the action with its target, what else could have been meant, and what the field held when typing was over."""
    if tree is None:
        return action
    target = seen.target(action, tree)
    if action.kind in POINTED:
        _, *others = targets_at(tree, action.x, y=action.y) or [-1]
        return msgspec.structs.replace(action, target=target, alternatives=tuple(others[:ALTERNATIVES]))
    value = seen.value_after(action, tree.nodes[target], following=following) if action.kind == "type" and target >= 0 else ""
    return msgspec.structs.replace(action, target=target, value=value)


def hit_test(tree: UiTree, x: int, *, y: int) -> int:
    """Return the ref of the node that a click at (x, y) is for, -1 when no node is there."""
    return next(iter(targets_at(tree, x, y=y)), -1)


def targets_at(tree: UiTree, x: int, *, y: int) -> list[int]:
    """Return the refs of the nodes that a click at (x, y) may be for, likeliest first; empty when no node is there.

    The smallest node under the point decides; what is interactive around it goes before it, and a dialog covers what it doesn't hold.
    """
    under = [node for node in tree.nodes if node.box.contains(x, y)]
    covers = [node.ref for node in under if node.role in _OVERLAYS or node.tag == "dialog"]
    if covers:
        under = [node for node in under if covers[-1] in (node.ref, *_ancestors(tree, node))]
    if not under:
        return []
    by_size = sorted(under, key=_smallness)
    interactive = [node.ref for node in by_size if is_interactive(node)]
    around = [ref for ref in _ancestors(tree, by_size[0]) if is_interactive(tree.nodes[ref])]
    return list(dict.fromkeys([*interactive, *around, *(node.ref for node in by_size)]))


def is_interactive(node: UiNode) -> bool:
    """Whether a node is there to be acted on."""
    return node.role in _INTERACTIVE or "editable" in node.states


def focused(tree: UiTree) -> int:
    """Return the ref of the node that has the keyboard, the innermost if several say so; -1 when none does."""
    return max((node.ref for node in tree.nodes if "focused" in node.states), default=-1)


def _smallness(node: UiNode) -> tuple[int, int]:
    return node.box.width * node.box.height, -node.ref


def _ancestors(tree: UiTree, node: UiNode) -> list[int]:
    """Return the refs above a node, nearest first; a tree that loops ends at the loop."""
    found: list[int] = []
    above = node.parent
    while 0 <= above < len(tree.nodes) and above not in found:
        found.append(above)
        above = tree.nodes[above].parent
    return found


class _Seen:
    """What could be seen when, and where the pointer last acted."""

    def __init__(self, records: Sequence[Record]) -> None:
        trees = sorted((record for record in records if isinstance(record, UiTree)), key=lambda tree: tree.timestamp_ns)
        self._apps = {tree.app: [one for one in trees if one.app == tree.app] for tree in {one.app: one for one in trees}.values()}
        self._apps[""] = trees
        self._frames = sorted((record for record in records if isinstance(record, Frame)), key=lambda frame: frame.timestamp_ns)
        self.screens = Screens(records)
        self._opened = sorted(record.timestamp_ns for record in records if isinstance(record, PageNavigation))
        self._pointed: Action | None = None
        self._moved_ns = -1  # when a key last moved the focus

    def tree_before(self, action: Action) -> UiTree | None:
        """Return the last tree of the action's app before it began, unless its page was left since."""
        trees = self._apps.get(action.app, self._apps[""])
        place = bisect_right(trees, action.timestamp_ns, key=lambda tree: tree.timestamp_ns)
        if place == 0:
            return None
        tree = trees[place - 1]
        if tree.timestamp_ns < self.screens.since(action.timestamp_ns):
            return None  # its boxes lie on a screen that is no more
        opened = bisect_right(self._opened, action.timestamp_ns)
        is_older_page = tree.source == "page" and opened > 0 and tree.timestamp_ns < self._opened[opened - 1]
        return None if is_older_page and action.url not in ("", tree.url) else tree

    def frame_before(self, action: Action) -> int:
        """Return the time of the last frame not later than the action, -1 when there is none.

        Of several monitors the one counts on which the pointer acts, or acted last.
        """
        place = bisect_right(self._frames, action.timestamp_ns, key=lambda frame: frame.timestamp_ns)
        spot = action if action.kind in POINTED else self._pointed
        since = self.screens.since(action.timestamp_ns)
        for frame in reversed(self._frames[:place]):
            if frame.timestamp_ns < since:
                return -1
            if frame.area.is_empty or spot is None or frame.area.contains(spot.x, spot.y):
                return frame.timestamp_ns
        return -1

    def note(self, action: Action) -> None:
        """Remember what moves the focus."""
        if action.kind in POINTED:
            self._pointed = action
        elif action.kind == "key" and "Tab" in action.key:
            self._moved_ns = action.timestamp_ns

    def target(self, action: Action, tree: UiTree) -> int:
        """Return the ref that an action is aimed at, -1 for actions that are aimed at nothing."""
        if action.kind in POINTED:
            return hit_test(tree, action.x, y=action.y)
        return self._typing_target(action, tree) if action.kind in _TYPED else -1

    def value_after(self, action: Action, field: UiNode, *, following: Action | None) -> str:
        """Return what a field held in the last tree after it was typed into and not after something else was done; empty if none tells."""
        trees = self._apps.get(action.app, self._apps[""])
        place = len(trees) if following is None else bisect_right(trees, following.timestamp_ns, key=lambda tree: tree.timestamp_ns)
        for tree in reversed(trees[:place]):
            if tree.timestamp_ns < action.end_ns:
                return ""
            same = [
                node for node in tree.nodes if (node.role, node.tag, node.key, node.name) == (field.role, field.tag, field.key, field.name)
            ]
            nearest = min(same, key=lambda node: abs(node.box.x - field.box.x) + abs(node.box.y - field.box.y), default=None)
            if nearest is not None:
                return nearest.value
        return ""

    def _typing_target(self, action: Action, tree: UiTree) -> int:
        """Return the focused node, or the one last clicked when the tree is older than that click or names no focus."""
        clicked_ns = self._pointed.timestamp_ns if self._pointed else -1
        if tree.timestamp_ns < self._moved_ns < action.timestamp_ns and self._moved_ns > clicked_ns:
            return -1  # Tab went somewhere that no tree has shown yet
        has_focus = focused(tree)
        clicked = hit_test(tree, self._pointed.x, y=self._pointed.y) if self._pointed else -1
        is_stale = tree.timestamp_ns <= clicked_ns and clicked >= 0 and is_interactive(tree.nodes[clicked])
        return clicked if is_stale or has_focus < 0 else has_focus
