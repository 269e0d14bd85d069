"""The desktop suite as a Gymnasium environment: real applications, real input, the action space of a policy.

Knows the session, hands and accessibility bus. An observation is the instruction and the tree of the window in front; nothing tells what
the checker looks at. Reward is 1 once the state is right, and the episode ends there. Invariant: an episode's files are fresh, and its
applications are ended with it.
"""

import os
import select
import string
import tempfile
import time
from pathlib import Path
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces

from witting.device.capture.atspi import AtspiSource, NativeTree
from witting.terms.codec import tree_digest
from witting.terms.errors import UsageError
from witting.terms.raw import RawTree
from witting.terms.tree import UiNode, UiTree
from witting.terms.work import PolicyAction
from witting.testing.desktop import App, DesktopSession
from witting.testing.desktop_suite.tasks import TASKS, DesktopTask, State
from witting.testing.hands import Hands
from witting.testing.x11 import wait_for

MOST_STEPS = 20
KINDS = ("click", "type", "key", "stop")
_MOST_LETTERS, _MOST_NODES = 4000, 100_000
_ANSWER_S, _TREE_S, _SETTLE_S, _LOOK_S = 1.0, 3.0, 5.0, 0.1  # waits end as soon as there is something to see
_REACT_S, _SWITCH_S = 0.15, 0.6  # what an application takes to react to a key, and to come to the front, at least
_PACE = 1.5
Observation = dict[str, Any]


class DesktopEnv(gymnasium.Env[Observation, dict[str, Any]]):  # type: ignore[misc] # its package is huge: mypy doesn't look into it
    """One desktop in which tasks are set; close it, or use it as a context manager."""

    metadata: ClassVar[dict[str, Any]] = {"render_modes": []}

    def __init__(self, task: str) -> None:
        if task not in TASKS:
            message = f"there is no desktop task {task[:40]!r}"
            raise UsageError(message, hint=", ".join(TASKS))
        self.task: DesktopTask = TASKS[task]
        text = spaces.Text(_MOST_LETTERS, min_length=0, charset=string.printable)
        self.observation_space = spaces.Dict({"instruction": text, "nodes": spaces.Box(0, _MOST_NODES, (1,), np.int64)})
        places = spaces.Box(-1, _MOST_NODES, (1,), np.int64)
        self.action_space = spaces.Dict({"kind": spaces.Discrete(len(KINDS)), "target": places, "text": text, "key": text})
        self.tree: UiTree = _tree_of(None)  # of the window in front, as a policy takes it
        self.instruction = ""
        self._session: DesktopSession | None = None
        self._bus: AtspiSource | None = None
        self._apps: list[App] = []
        self._folder = Path()
        self._values: dict[str, str] = {}
        self._steps = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observation, dict[str, Any]]:
        """Set the task anew, by `seed`, and return what is seen."""
        super().reset(seed=seed, options=options)
        session = self._begin()
        self._end_apps()
        self._values = self.task.draw(int(self.np_random.integers(2**31)) if seed is None else seed)
        self._folder = Path(tempfile.mkdtemp(dir=session.folder, prefix="task-"))
        for name, content in self.task.files.items():
            (self._folder / name.format(**self._values)).write_text(content.format(**self._values), encoding="utf-8")
        for argv in self.task.apps:
            self._apps.append(session.start_app([one.format(folder=self._folder) for one in argv], app=argv[0]))
            self._apps[-1].activate()
            wait_for("the window in front", lambda: session.screen.active() == self._apps[-1].window.id)
        self.instruction, self._steps = self.task.instruction.format(**self._values), 0
        self._look(_TREE_S)
        return self._observed(), {"tree": self.tree}

    def step(self, action: dict[str, Any] | PolicyAction) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Do an action with real input; a policy's own actions are taken as they are."""
        told = action if isinstance(action, PolicyAction) else action_of(action)
        self._steps += 1
        if told.kind != "stop":
            self._do(told)
        is_done = self._becomes_done(told)
        self._look(_ANSWER_S)
        is_over = self._steps >= MOST_STEPS
        return self._observed(), float(is_done), is_done or told.kind == "stop", is_over and not is_done, {"tree": self.tree}

    def oracle(self) -> list[PolicyAction]:
        """Return what solves the task as it is set now."""
        return self.task.deeds(self.task.oracle, self._values)

    def near_miss(self) -> list[PolicyAction]:
        """Return what almost solves it."""
        return self.task.deeds(self.task.near_miss, self._values)

    def close(self) -> None:
        """End applications and session."""
        self._end_apps()
        if self._bus is not None:
            self._bus.close()
        if self._session is not None:
            self._session.stop()
        self._session = self._bus = None

    def _begin(self) -> DesktopSession:
        if self._session is None:
            self._session = DesktopSession().__enter__()
            before = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
            os.environ["DBUS_SESSION_BUS_ADDRESS"] = self._session.env["DBUS_SESSION_BUS_ADDRESS"]
            try:
                self._bus = AtspiSource()
            finally:
                os.environ.pop("DBUS_SESSION_BUS_ADDRESS")
                os.environ.update({} if before is None else {"DBUS_SESSION_BUS_ADDRESS": before})
        return self._session

    def _do(self, action: PolicyAction) -> None:
        assert self._session is not None  # noqa: S101 - reset comes first
        with Hands(self._session.display, seed=self._steps, pace=_PACE) as hands:
            if 0 <= action.target < len(self.tree.nodes):
                box = self.tree.nodes[action.target].box
                hands.click(box.x + box.width / 2, box.y + box.height / 2)
            if action.kind == "type":
                hands.type_text(action.text)
            elif action.kind == "key":
                hands.press(action.key)
        time.sleep(_SWITCH_S if "alt" in action.key else _REACT_S)

    def _becomes_done(self, action: PolicyAction) -> bool:
        """Whether the state is right now or soon: what was done takes a moment to reach a file."""
        state = State(folder=self._folder, values=self._values, shown=self._shown)
        is_early = action.kind == "stop" or self._steps < len(self.task.oracle)
        until = time.monotonic() + (_REACT_S if is_early else _SETTLE_S)
        while not (is_done := self.task.is_done(state)) and time.monotonic() < until:
            time.sleep(_LOOK_S)
        return is_done

    def _shown(self, name: str) -> str:
        """Return what the first text field of an application shows."""
        app = next((one for one in self._apps if one.window.app == name), None)
        raw = self._ask(app) if app is not None else None
        return next((node.value for node in raw.nodes if node.role == "textbox"), "") if raw is not None else ""

    def _look(self, patience_s: float) -> None:
        """Take the tree of the window in front; an application that has none gives an empty one."""
        until, raw = time.monotonic() + patience_s, None
        while raw is None and self._apps and time.monotonic() < until:
            raw = self._ask(self._front())
        self.tree = _tree_of(raw)

    def _front(self) -> App:
        assert self._session is not None  # noqa: S101 - reset comes first
        active = self._session.screen.active()
        return next((one for one in self._apps if one.window.id == active), self._apps[-1])

    def _ask(self, app: App) -> RawTree | None:
        assert self._bus is not None  # noqa: S101 - reset comes first
        number, until = self._bus.request_tree(app.process.pid, app.window.app), time.monotonic() + _ANSWER_S
        while time.monotonic() < until:
            select.select([self._bus], [], [], 0.05)
            for answer in self._bus.read():
                if isinstance(answer, NativeTree) and answer.request == number:
                    return answer.raw
        return None

    def _observed(self) -> Observation:
        return {"instruction": self.instruction, "nodes": np.array([len(self.tree.nodes)], np.int64)}

    def _end_apps(self) -> None:
        for app in self._apps:
            app.process.kill()
            app.process.wait()
        self._apps = []


def action_of(told: dict[str, Any]) -> PolicyAction:
    """Return an action of the environment's space as a policy's."""
    return PolicyAction(kind=KINDS[int(told["kind"])], target=int(told["target"][0]), text=told["text"], key=told["key"])  # type: ignore[arg-type]


def _tree_of(raw: RawTree | None) -> UiTree:
    fields = UiNode.__struct_fields__
    nodes = () if raw is None else tuple(UiNode(**{name: getattr(node, name) for name in fields}) for node in raw.nodes)
    app, at = ("", 0) if raw is None else (raw.app, raw.timestamp_ns)
    return UiTree(timestamp_ns=at, digest=tree_digest(nodes), source="atspi", app=app, url="", nodes=nodes)
