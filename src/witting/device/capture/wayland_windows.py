"""Windows of a sway session: which is in front, which are in view, and whether anything may lie over the one in front.

The compositor's tree has no pop-ups, notifications, launchers or bars (layer-shell surfaces), so it can't say what covers a window. What is
certain is taken instead: one window alone in view, at the origin of the screen, and no program connected to the compositor but those
whose windows are known. Doesn't know consent. Invariant: while that isn't certain, `read` has a cover over the whole screen, and nothing
of a picture is lent.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from witting.device.capture.stacking import Ghost, Stack, StackedWindow
from witting.device.capture.wayland_display import WaylandDisplay, may_be_about_outputs, rect_of
from witting.device.capture.wayland_ipc import SwayEvent
from witting.terms.geometry import Monitor, Rect
from witting.terms.raw import RawWindow

_NOBODY = RawWindow(0, "", "", 0, Rect(0, 0, 0, 0))
_OWN_HELPERS = frozenset({"swaybg", "swaybar"})  # they draw below windows, and in the space that windows leave


class WaylandWindows:
    """The window in front, as the compositor tells it."""

    def __init__(self, display: WaylandDisplay) -> None:
        self._display = display
        self.front = _NOBODY
        self.process_id = 0
        self.is_keyboard_seized = False
        self.workspace = -1
        self.changes = 0

    def read_front(self, timestamp_ns: int) -> RawWindow:
        """Ask which window is in front; returns it with the time given."""
        tree = self._display.ipc.ask("tree")
        node, self.workspace = next(((node, number) for node, number in _views(tree) if node.get("focused")), ({}, self.workspace))
        self.process_id = int(node.get("pid") or 0)
        area = client_area(node) if node else Rect(0, 0, 0, 0)
        self.front = RawWindow(
            timestamp_ns, app_of(node), str(node.get("name") or ""), int(node.get("id") or 0), area, workspace=self.workspace
        )
        return self.front

    def handle(self, event: Any) -> RawWindow | None:
        """Return the window that came to the front if the event says so; None otherwise."""
        if not isinstance(event, SwayEvent) or event.kind not in {"window", "workspace"}:
            return None
        self.changes += 1
        before = self.front.window_id
        front = self.read_front(self._display.now_ns())
        return front if front.window_id != before else None

    def watch(self, window: int) -> None:
        """Titles are told of without being asked for."""
        del window

    def process_of(self, window: int) -> int:
        """Return the process that owns a window, 0 when it isn't in view."""
        return next((int(node.get("pid") or 0) for node in self._nodes() if node.get("id") == window), 0)

    def title_of(self, window: int) -> str:
        """Return a window's title as it is now."""
        return next((str(node.get("name") or "") for node in self._nodes() if node.get("id") == window), "")

    def _nodes(self) -> Iterator[dict[str, Any]]:
        yield from (node for node, _ in _views(self._display.ipc.ask("tree")))


class WaylandStack:
    """The windows in view, bottom to top."""

    def __init__(self, display: WaylandDisplay, socket_path: str) -> None:
        self._display = display
        self._socket_path = socket_path
        self.own_processes: set[int] = set()  # our own programs that are connected to the compositor
        self.own_areas: tuple[Rect, ...] = ()  # where our sign lies
        self._stack: Stack | None = None

    def handle(self, event: Any) -> bool:
        """Take an event; True when windows may lie otherwise now."""
        if isinstance(event, SwayEvent):
            self._stack = None
            return True
        return False

    def current(self) -> Stack:
        """Return the stack as of the last event handled."""
        if self._stack is None:
            self._stack = self._read()[0]
        return self._stack

    def known(self) -> Stack | None:
        """Return the stack with all that may cover it."""
        return self.read()

    def read(self) -> Stack:
        """Return the stack now, with a cover over everything unless one window is alone in view and nobody else can draw."""
        stack, processes = self._read()
        sign = tuple(StackedWindow(-1, 0, "", area, Rect(0, 0, 0, 0), is_popup=True) for area in self.own_areas)
        if self._is_certain(stack, processes):
            return (*stack, *sign)
        screen = Rect(0, 0, self._display.width_px, self._display.height_px)
        return (*stack, StackedWindow(-2, 0, "", screen, Rect(0, 0, 0, 0), is_popup=True))

    def note(self, event: Any) -> None:
        """Take an event that was looked ahead at."""
        self.handle(event)

    def ghosts(self, now_ns: int) -> tuple[Ghost, ...]:
        """Return where windows were a moment ago: the compositor draws whole frames, so nowhere."""
        del now_ns
        return ()

    def _is_certain(self, stack: Stack, processes: set[int]) -> bool:
        if len(stack) != 1 or (stack[0].client_area.x, stack[0].client_area.y) != (0, 0):
            return False
        known = processes | self.own_processes | _helpers()
        return connections_at(self._socket_path) == len(known)

    def _read(self) -> tuple[Stack, set[int]]:
        tree = self._display.ipc.ask("tree")
        views = [node for node, _ in _views(tree)]
        processes = {int(node.get("pid") or 0) for node in views}
        shown = [node for node in views if node.get("visible")]
        full = [node for node in shown if node.get("fullscreen_mode")]
        return tuple(_stacked(node) for node in full or shown), processes


class WaylandTopology:
    """The monitors in force."""

    def __init__(self, display: WaylandDisplay) -> None:
        self._display = display
        self.monitors: tuple[Monitor, ...] = display.monitors()

    def handle(self, event: Any) -> bool:
        """Take an event; True when the monitors are others now."""
        if not may_be_about_outputs(event):
            return False
        before, self.monitors = self.monitors, self._display.monitors()
        return before != self.monitors


def app_of(node: dict[str, Any]) -> str:
    """Return a window's app: its app_id, or its class under Xwayland; in lower case, "" when it has none."""
    named = node.get("app_id") or (node.get("window_properties") or {}).get("class") or ""
    return str(named).lower().rpartition(".")[2] if str(named).startswith("org.") else str(named).lower()


def client_area(node: dict[str, Any]) -> Rect:
    """Return where a window's own content lies on the screen."""
    outer, inner = rect_of(node.get("rect")), rect_of(node.get("window_rect"))
    return Rect(outer.x + inner.x, outer.y + inner.y, inner.width, inner.height) if not inner.is_empty else outer


def _stacked(node: dict[str, Any]) -> StackedWindow:
    number = int(node.get("id") or 0)
    return StackedWindow(number, number, app_of(node), rect_of(node.get("rect")), client_area(node), is_popup=False)


def _views(node: dict[str, Any], workspace: int = -1) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield every window of a tree, tiled ones before floating ones, with its workspace's number."""
    if node.get("type") == "workspace":
        workspace = int(node.get("num", -1))
    children = [*node.get("nodes", ()), *node.get("floating_nodes", ())]
    if not children and node.get("pid") and node.get("type") in {"con", "floating_con"}:
        yield node, workspace
    for child in children:
        yield from _views(child, workspace)


def connections_at(socket_path: str) -> int:
    """Return how many programs are connected to a listening unix socket, -1 when that can't be read."""
    try:
        lines = Path("/proc/net/unix").read_text().splitlines()
    except OSError:
        return -1
    connected = "03"  # SS_CONNECTED
    return sum(line.split()[5] == connected for line in lines if line.endswith(f" {socket_path}"))


def _helpers() -> set[int]:
    found = set()
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            if path.read_text().strip() in _OWN_HELPERS:
                found.add(int(path.parent.name))
        except OSError:
            continue
    return found
