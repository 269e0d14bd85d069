"""Which lent windows lie where, and what covers them: said anew a moment after something changed, and only if it is different.

Doesn't redact, and never polls: the X server's events say when to look. Invariant: of a window that isn't lent, nothing comes out but the
parts of lent windows that it covers.
"""

import secrets
from collections.abc import Callable
from typing import Protocol

from witting.device.capture.stacking import Stack, StackedWindow
from witting.device.recorder.fronts import Front, Fronts
from witting.terms.events import GapReason, Stream
from witting.terms.raw import RawLayout, RawPlaced

_SETTLE_NS = 250_000_000  # a window that is dragged makes an event for each step
_HIGHEST = 2**31


class Desktop(Protocol):
    """What layouts ask of the sources."""

    def stack_now(self) -> Stack:
        """Return the visible windows, bottom to top."""
        ...

    def title_of(self, window_id: int) -> str:
        """Return a window's title, and have changes of it told from now on."""
        ...

    @property
    def workspace(self) -> int:
        """The workspace in view."""
        ...


class Numbers:
    """A random number for each window of a session: what a number stands for can't be told from another session's."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], int] = {}

    def of(self, window_id: int, app: str) -> int:
        """Return a window's number, the same all through the session; 0 for no window."""
        if not window_id:
            return 0
        taken = {0, *self._known.values()}
        number = self._known.get((window_id, app), 0)
        while not number or ((window_id, app) not in self._known and number in taken):
            number = secrets.randbelow(_HIGHEST)
        self._known[window_id, app] = number
        return number


class Layouts:
    """Watches how the windows of a session lie."""

    def __init__(self, desktop: Desktop, fronts: Fronts, *, refusal: Callable[[Stream, Front], GapReason | None], numbers: Numbers) -> None:
        self._desktop = desktop
        self._fronts = fronts
        self._refusal = refusal
        self._numbers = numbers
        self._due_ns: int | None = None
        self._last: tuple[tuple[RawPlaced, ...], int] = ((), -1)

    @property
    def next_due_ns(self) -> int | None:
        """When `read_due` has something to do."""
        return self._due_ns

    def touch(self, now_ns: int) -> None:
        """Something of the windows changed."""
        if self._due_ns is None:
            self._due_ns = now_ns + _SETTLE_NS

    def forget(self) -> None:
        """What was said last holds no more."""
        self._last, self._due_ns = ((), -1), None

    def read_due(self, now_ns: int) -> RawLayout | None:
        """Return the layout if it is time to look and it is another than the last one."""
        if self._due_ns is None or self._due_ns > now_ns:
            return None
        self._due_ns = None
        windows, workspace = self._placed(self._desktop.stack_now()), self._desktop.workspace
        if (windows, workspace) == self._last or not (windows or self._last[0]):
            return None
        self._last = windows, workspace
        return RawLayout(now_ns, windows, workspace)

    def _placed(self, stack: Stack) -> tuple[RawPlaced, ...]:
        found: list[RawPlaced] = []
        for window in stack:
            if self._is_lent(window):
                number = self._numbers.of(window.client_id, window.app)
                found.append(RawPlaced(number, window.app, self._title(window), window.client_area))
            else:
                below = [placed.area for placed in found if placed.number]
                covered = (window.area.intersect(area) for area in below)
                found += [RawPlaced(0, "", "", area) for area in dict.fromkeys(covered) if not area.is_empty]
        return tuple(found)

    def _is_lent(self, window: StackedWindow) -> bool:
        if window.is_popup or not window.client_id or not window.app:
            return False
        return self._refusal("windows", self._fronts.front_of(window.client_id, window.app)) is None

    def _title(self, window: StackedWindow) -> str:
        """Return the window's title; a browser's is that of the page that is lent."""
        title = self._desktop.title_of(window.client_id)
        return self._fronts.shown_title(window.client_id, window.app, title=title)
