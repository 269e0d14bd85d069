"""When a picture is taken and what it waits for: trees from before it and trees from after it, of each lent window in view.

On changes, and after a click, the trees are asked for first, then the screen is grabbed, then they are asked for again; at a click the grab
comes first, because the picture should be as the person saw it. Nothing is pictured while the window in front isn't lent. Doesn't mask.
Invariant: a window's pixels go on only with what it is, lent and in the same place before and after; a window whose second tree doesn't
come in time goes on without, to be masked wholly, and is counted if it is the one in front.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from witting.device.capture.screen import Grab
from witting.device.recorder.fronts import Front, Fronts
from witting.device.recorder.panes import Pane, PaneSource, is_whole, monitors_of
from witting.device.recorder.schedule import Schedule, Why
from witting.device.recorder.sources import Snap, Sources, Ticket
from witting.device.recorder.trees import SeenTree, Trees
from witting.device.recorder.writer import Picture
from witting.terms.events import GapReason
from witting.terms.geometry import Monitor

PATIENCE_NS = 300_000_000
OTHERS_NS = 130_000_000  # windows behind have less time to answer than the one in front
ASK_EVERY_NS = 500_000_000  # where the pointer rests on what no tree is known of
NATIVE_EVERY_NS = 2_000_000_000  # native apps are asked for their trees no more often than this, but for clicks and the focus
_QUICK_NS = (
    10_000_000  # a page's word of a press vouches for a grab no later than this after it: the page's answer can't be on the screen yet
)
_IN_FLIGHT_LIMIT = 4


@dataclass(slots=True, repr=False)
class _Look:
    """A picture that will be taken when its first trees have come."""

    why: Why
    panes: list[Pane]  # the one in front first
    asked_ns: int


@dataclass(slots=True, repr=False)
class _Waiting:
    """A picture that was taken and waits for its second trees."""

    why: Why
    panes: list[Pane]
    grab: Grab
    monitors: tuple[Monitor, ...]
    press_ns: int


@dataclass(frozen=True, slots=True)
class Outlets:
    """Where pictures go, and what stands in their way."""

    keep: Callable[[Picture], None]
    drop: Callable[[GapReason, int], None]
    refusal: Callable[[Front], GapReason | None]
    is_browser: Callable[[str], bool]
    in_flight: Callable[[], int]  # pictures handed on that aren't masked yet


class Pictures:
    """Takes the pictures of a session."""

    def __init__(self, sources: Sources, fronts: Fronts, *, trees: Trees, outlets: Outlets, interval_ns: int) -> None:
        self._sources = sources
        self._fronts = fronts
        self._outlets = outlets
        self._panes = PaneSource(sources, fronts, trees=trees, refusal=outlets.refusal, is_browser=outlets.is_browser)
        self._schedule = Schedule(interval_ns)
        self._look: _Look | None = None
        self._waiting: list[_Waiting] = []
        self._last: Grab | None = None  # handed on last
        self._ready: Snap | None = None  # taken last
        self._native_next_ns = 0
        self._ask_next_ns = 0
        self.unverified = 0  # pictures whose window in front is masked wholly for want of a second tree

    def press(self, press_ns: int) -> None:
        """A button went down: take a picture now, and one of what comes of it."""
        front = self._fronts.now
        reason = self._outlets.refusal(front) or self._overload()
        if reason is not None:
            self._outlets.drop(reason, press_ns)
            return
        snap = self._ready_at(press_ns) or self._sources.snap()
        if snap is not None:
            self._take("click", self._panes.with_latest(front, press_ns), snap=snap, press_ns=press_ns)
            self._schedule.note_press(snap.grab.ended_ns)

    def rest(self, now_ns: int) -> None:
        """The pointer came to rest: have a picture and a tree ready of what it rests on, for the click that may follow."""
        screen, front = self._sources.screen, self._fronts.now
        if screen is None or self._outlets.refusal(front) is not None:
            return
        if screen.is_damaged:
            self._schedule.note_change(now_ns)
            self._ready = self._sources.snap()
        if now_ns >= self._ask_next_ns and not self._panes.with_latest(front, now_ns)[0].is_usable:
            self._ask_next_ns = now_ns + ASK_EVERY_NS
            self._sources.ask_tree(front, is_browser=self._outlets.is_browser(front.app))

    def _ready_at(self, press_ns: int) -> Snap | None:
        """Return the last picture as one of just before a press, if nothing on the screen changed since."""
        screen, ready = self._sources.screen, self._ready
        if ready is None or screen is None or screen.is_damaged:
            return None
        return Snap(Grab(press_ns - 1, press_ns - 1, ready.grab.pixels), ready.before)

    def tick(self, now_ns: int) -> None:
        """Begin a picture if one is due; give up on trees that don't come."""
        for waiting in list(self._waiting):
            if now_ns >= self._patience_ns(waiting.panes, waiting.grab.ended_ns, which="after"):
                self._finish(waiting)
        if self._look is not None and now_ns >= self._patience_ns(self._look.panes, self._look.asked_ns, which="before"):
            self._end_look(self._look)
        screen = self._sources.screen
        if screen is None:
            return
        if screen.is_damaged:
            self._schedule.note_change(now_ns)
        if self._schedule.must_watch(now_ns):
            screen.ignore_damage()
        if self._look is None:
            why = self._schedule.due(now_ns, is_quiet=not screen.is_damaged)
            if why is not None:
                self._begin(why, now_ns)

    def see(self, tree: SeenTree) -> None:
        """A tree came: it may be what pictures wait for."""
        look = self._look
        if look is not None:
            for pane in look.panes:
                if pane.is_answer(tree):
                    pane.before, pane.ticket = tree, None
            if is_whole(look.panes):
                self._end_look(look)
        for waiting in list(self._waiting):
            for pane in waiting.panes:
                if pane.is_answer(tree) or (pane is waiting.panes[0] and _vouches(tree, waiting)):
                    pane.after, pane.ticket = tree, None
            if is_whole(waiting.panes):
                self._finish(waiting)

    def miss(self, ticket: Ticket) -> None:
        """A question for a tree has no answer."""
        for panes in [self._look.panes if self._look else [], *(waiting.panes for waiting in self._waiting)]:
            for pane in panes:
                if pane.ticket == ticket:
                    pane.ticket = None
                    self._panes.note_miss(pane)
        if self._look is not None and is_whole(self._look.panes):
            self._end_look(self._look)
        for waiting in [waiting for waiting in self._waiting if is_whole(waiting.panes)]:
            self._finish(waiting)

    def stop(self, reason: GapReason) -> None:
        """Recording pauses or ends: what isn't finished is dropped and counted."""
        for waiting in self._waiting:
            self._outlets.drop(reason, waiting.grab.began_ns)
        self._waiting, self._look, self._last, self._ready = [], None, None, None
        self._schedule.forget()

    def thin(self, times: int) -> None:
        """Let so many times the agreed time lie between pictures of changes."""
        self._schedule.thin(times)

    def next_due_ns(self) -> int | None:
        """When `tick` has something to do."""
        times = [self._patience_ns(waiting.panes, waiting.grab.ended_ns, which="after") for waiting in self._waiting]
        if self._look is not None:
            times.append(self._patience_ns(self._look.panes, self._look.asked_ns, which="before"))
        elif (due_ns := self._schedule.next_due_ns()) is not None:
            times.append(due_ns)
        elif self._sources.screen is not None and self._sources.screen.is_damaged:
            times.append(0)  # what changed hasn't been noted yet
        return min(times, default=None)

    def _begin(self, why: Why, now_ns: int) -> None:
        """Ask for the first trees; a picture of what isn't lent is counted as soon as it would have been taken."""
        front = self._fronts.now
        reason = self._outlets.refusal(front) or (self._overload() if why == "after_click" else None)
        screen = self._sources.screen
        if reason is not None and screen is not None:
            screen.ignore_damage()
            self._schedule.put_off(now_ns)
            self._outlets.drop(reason, now_ns)
            return
        is_native = not self._outlets.is_browser(front.app)
        if is_native and why in ("damage", "periodic") and now_ns < self._native_next_ns:
            self._schedule.wait_until(self._native_next_ns)
            return
        self._native_next_ns = now_ns + NATIVE_EVERY_NS if is_native else 0
        if why in ("damage", "periodic") and self._is_as_before():
            self._schedule.note_picture(why, now_ns)
            return
        panes = self._panes.asked(front, now_ns)
        if panes[0].ticket is None:
            self._schedule.put_off(now_ns)
        else:
            self._look = _Look(why, panes, now_ns)

    def _is_as_before(self) -> bool:
        """Whether the screen looks as in the last picture, so that no tree need be asked for: the same drawn again."""
        snap = self._sources.snap() if self._last is not None else None
        if snap is None or self._last is None:
            return False
        self._ready = snap
        return np.array_equal(self._last.pixels, snap.grab.pixels)

    def _end_look(self, look: _Look) -> None:
        self._look = None
        snap = self._sources.snap() if look.panes[0].is_usable else None
        if snap is None:
            self._schedule.put_off(look.asked_ns)
        else:
            self._take(look.why, look.panes, snap=snap, press_ns=0)

    def _take(self, why: Why, panes: list[Pane], *, snap: Snap, press_ns: int) -> None:
        """Find where the panes are in a picture just taken, and ask for the second trees."""
        grab = snap.grab
        self._schedule.note_picture(why, grab.ended_ns)
        self._ready = snap
        if why in ("damage", "periodic") and self._last is not None and np.array_equal(self._last.pixels, grab.pixels):
            return
        self._last = grab
        usable = [pane for pane in panes if pane.is_usable]
        regions = self._sources.regions(snap, {pane.front.window_id: pane.page for pane in usable})
        for pane in panes:
            pane.region = regions.get(pane.front.window_id, ()) if pane in usable else ()
        shown = [panes[0], *(pane for pane in panes[1:] if pane.region)]
        self._panes.ask(shown)
        self._waiting.append(_Waiting(why, shown, grab, self._sources.topology.monitors, press_ns))
        if is_whole(shown):  # nobody can be asked
            self._finish(self._waiting[-1])

    def _finish(self, waiting: _Waiting) -> None:
        self._waiting.remove(waiting)
        front, grab = waiting.panes[0].front, waiting.grab
        was_there = self._fronts.at(grab.began_ns).place == self._fronts.at(grab.ended_ns).place == front.place
        reason = self._outlets.refusal(front) if was_there else "site_not_lent"
        if reason is not None:
            self._outlets.drop(reason, grab.began_ns)
            return
        sure = [pane for pane in waiting.panes if pane.is_sure and self._panes.is_still(pane)]
        self.unverified += waiting.panes[0] not in sure
        for number, monitor in monitors_of(waiting.monitors, sure, size=(grab.pixels.shape[1], grab.pixels.shape[0])):
            self._outlets.keep(Picture(grab, waiting.why, tuple(pane.shown for pane in sure if pane.shown), number, monitor))

    def _patience_ns(self, panes: Sequence[Pane], since_ns: int, *, which: str) -> int:
        """Return when it is no longer waited for trees: soon for windows behind once the one in front has answered."""
        has_front = (panes[0].before if which == "before" else panes[0].after) is not None
        return since_ns + (OTHERS_NS if has_front else PATIENCE_NS)

    def _overload(self) -> GapReason | None:
        return "over_budget" if self._outlets.in_flight() + len(self._waiting) >= _IN_FLIGHT_LIMIT else None


def _vouches(tree: SeenTree, waiting: _Waiting) -> bool:
    """Whether a page's word as the button went down tells how things stood just after a grab."""
    if not waiting.press_ns or not tree.is_before_press or waiting.grab.ended_ns > waiting.press_ns + _QUICK_NS:
        return False
    is_there = tree.place == waiting.panes[0].front.place
    return is_there and abs(tree.raw.timestamp_ns - waiting.press_ns) <= _QUICK_NS
