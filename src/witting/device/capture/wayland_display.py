"""A Wayland session as the recorder sees it: sway's IPC for windows and monitors, the sign's helper for clicks, one descriptor for both.

Doesn't know what sources look for. Invariant: there is no global input here: Wayland gives other programs' pointer and keys to nobody, so
this class has no way to ask for them.
"""

import select
from collections.abc import Callable, Iterator
from typing import Any

from witting.device.capture.wayland_ipc import SwayEvent, SwayIpc
from witting.terms.clock import Clock, SystemClock
from witting.terms.errors import CaptureError
from witting.terms.geometry import Monitor, Rect


class WaylandDisplay:
    """An open sway session.

    Raises:
        CaptureError: no compositor answers, or it has no screen.
    """

    def __init__(self, path: str, *, clock: Clock | None = None) -> None:
        self.ipc = SwayIpc(path)
        self._clock = clock or SystemClock()
        self._poll = select.epoll()
        self._poll.register(self.ipc.fileno(), select.EPOLLIN)
        self._others: dict[int, Callable[[], Iterator[Any]]] = {}
        self.width_px = self.height_px = 0
        if not self.monitors():
            raise CaptureError("the compositor has no screen", hint="switch a screen on")

    def fileno(self) -> int:
        """Return one descriptor for all that is listened to."""
        return self._poll.fileno()

    def now_ns(self) -> int:
        """Return the time, CLOCK_MONOTONIC."""
        return self._clock.monotonic_ns()

    def listen(self, descriptor: int, read: Callable[[], Iterator[Any]]) -> None:
        """Have `events` yield what else is told at a descriptor."""
        self._poll.register(descriptor, select.EPOLLIN)
        self._others[descriptor] = read

    def forget(self, descriptor: int) -> None:
        """Stop listening to a descriptor."""
        if self._others.pop(descriptor, None) is not None:
            self._poll.unregister(descriptor)

    def events(self) -> Iterator[Any]:
        """Yield what has happened: SwayEvent, and what others tell."""
        for descriptor, _ in self._poll.poll(0):
            if descriptor == self.ipc.fileno():
                yield from self.ipc.events()
            elif descriptor in self._others:
                yield from list(self._others[descriptor]())

    def monitors(self) -> tuple[Monitor, ...]:
        """Return the monitors in force, in the layout's own coordinates; takes the size of the whole from them."""
        found = [
            Monitor(str(output.get("name", "")), rect_of(output.get("rect")), float(output.get("scale") or 1.0))
            for output in self.ipc.ask("outputs")
            if output.get("active")
        ]
        self.width_px = max((monitor.area.x + monitor.area.width for monitor in found), default=0)
        self.height_px = max((monitor.area.y + monitor.area.height for monitor in found), default=0)
        return tuple(found)

    def extension(self, key: object, name: str) -> Any:
        """There are no X11 extensions here.

        Raises:
            CaptureError: always.
        """
        del key
        message = f"a Wayland session has no {name}"
        raise CaptureError(message, hint="this part works on X11 only")

    def ask(self, request: Callable[[], Any]) -> Any | None:
        """Nothing that is asked of an X server has an answer here."""
        del request
        return None

    def look_ahead(self) -> list[Any]:
        """Return what would come next: it isn't known here."""
        return []

    def has_set_aside(self) -> bool:
        """Whether `events` has something though the descriptor is silent: never."""
        return False

    def close(self) -> None:
        """End the session's connections; closing twice is harmless."""
        if not self._poll.closed:
            self._poll.close()
            self.ipc.close()


def rect_of(box: Any) -> Rect:
    """Return a box of the compositor's."""
    box = box if isinstance(box, dict) else {}
    return Rect(*(int(box.get(name) or 0) for name in ("x", "y", "width", "height")))


def may_be_about_outputs(event: object) -> bool:
    """Whether the monitors may be others now: sway tells of no outputs, but their workspaces come, go and move with them."""
    return isinstance(event, SwayEvent) and event.kind == "workspace"
