"""When a picture is taken and what it waits for: a tree from before it and a tree from after it.

On damage the tree is asked for first, then the screen is grabbed, then the tree is asked for again; at a click the grab comes first,
because the picture should be as the person saw it. Doesn't mask. Invariant: a picture goes on only with what was in front, lent and in the
same place before and after; when the second tree doesn't come in time it goes on without, to be masked wholly, and is counted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from witting.device.capture.regions import Region
from witting.device.capture.screen import Grab
from witting.device.recorder.fronts import Front, Fronts
from witting.device.recorder.sources import Sources, Ticket
from witting.device.recorder.trees import SeenTree, Trees, is_of
from witting.device.recorder.writer import Picture
from witting.terms.events import GapReason

PATIENCE_NS = 300_000_000
_QUICK_NS = (
    10_000_000  # a page's word of a press vouches for a grab no later than this after it: the page's answer can't be on the screen yet
)
_SETTLE_NS = 120_000_000  # after damage, so that a picture isn't of something half drawn
_IN_FLIGHT_LIMIT = 4

Why = Literal["start", "damage", "click"]


@dataclass(frozen=True, slots=True, repr=False)
class _Look:
    """A picture that will be taken when its first tree has come."""

    why: Why
    front: Front
    ticket: Ticket
    deadline_ns: int


@dataclass(frozen=True, slots=True, repr=False)
class _Waiting:
    """A picture that was taken and waits for its second tree."""

    why: Why
    front: Front
    grab: Grab
    region: Region
    before: SeenTree | None
    ticket: Ticket | None
    press_ns: int
    deadline_ns: int


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

    def __init__(self, sources: Sources, fronts: Fronts, trees: Trees, outlets: Outlets, *, interval_ns: int) -> None:
        self._sources = sources
        self._fronts = fronts
        self._trees = trees
        self._outlets = outlets
        self._interval_ns = interval_ns
        self._look: _Look | None = None
        self._waiting: list[_Waiting] = []
        self._last: Grab | None = None
        self._next_ns = 0  # not before this on damage
        self._why: Why = "start"
        self.unverified = 0  # pictures masked wholly for want of a second tree

    def press(self, press_ns: int) -> None:
        """A button went down: take a picture now."""
        front = self._fronts.now
        reason = self._outlets.refusal(front)
        if reason is None and self._outlets.in_flight() + len(self._waiting) >= _IN_FLIGHT_LIMIT:
            reason = "over_budget"
        if reason is not None:
            self._outlets.drop(reason, press_ns)
            return
        self._take("click", front, self._trees.latest(front), press_ns=press_ns)

    def tick(self, now_ns: int) -> None:
        """Begin a picture if something changed and one is due; give up on trees that don't come."""
        for waiting in [waiting for waiting in self._waiting if waiting.deadline_ns <= now_ns]:
            self._finish(waiting, None)
        if self._look is not None and self._look.deadline_ns <= now_ns:
            self._look = None
        screen = self._sources.screen
        if screen is None or not screen.is_damaged or self._look is not None:
            return
        if self._next_ns == 0:
            self._next_ns = now_ns + _SETTLE_NS
        if now_ns >= self._next_ns:
            self._begin(now_ns)

    def see(self, tree: SeenTree) -> None:
        """A tree came: it may be what a picture waits for."""
        look = self._look
        if look is not None and tree.ticket == look.ticket:
            self._look = None
            self._take(look.why, look.front, tree, press_ns=0)
            return
        for waiting in [waiting for waiting in self._waiting if _vouches(tree, waiting)]:
            self._finish(waiting, tree)

    def miss(self, ticket: Ticket) -> None:
        """A question for a tree has no answer."""
        if self._look is not None and self._look.ticket == ticket:
            self._look = None
        for waiting in [waiting for waiting in self._waiting if waiting.ticket == ticket]:
            self._finish(waiting, None)

    def stop(self, reason: GapReason) -> None:
        """Recording pauses or ends: what isn't finished is dropped and counted."""
        for waiting in self._waiting:
            self._outlets.drop(reason, waiting.grab.began_ns)
        self._waiting, self._look, self._last, self._why, self._next_ns = [], None, None, "start", 0

    def next_due_ns(self) -> int | None:
        """When `tick` has something to do."""
        times = [waiting.deadline_ns for waiting in self._waiting]
        screen = self._sources.screen
        if self._look is not None:
            times.append(self._look.deadline_ns)
        elif screen is not None and screen.is_damaged:
            times.append(self._next_ns)
        return min(times, default=None)

    def _begin(self, now_ns: int) -> None:
        """Ask for the first tree; a picture of what isn't lent is counted as soon as it would have been taken."""
        self._next_ns = now_ns + self._interval_ns
        front = self._fronts.now
        reason = self._outlets.refusal(front)
        screen = self._sources.screen
        if reason is not None and screen is not None:
            screen.ignore_damage()
            self._outlets.drop(reason, now_ns)
            return
        ticket = self._sources.ask_tree(front, is_browser=self._outlets.is_browser(front.app))
        if ticket is not None:
            self._look = _Look(self._why, front, ticket, now_ns + PATIENCE_NS)

    def _take(self, why: Why, front: Front, before: SeenTree | None, *, press_ns: int) -> None:
        is_usable = before is not None and before.is_placed and is_of(before, front)
        page = before.page_area if before is not None and is_usable else None
        found = self._sources.grab(front.window_id, page) if is_usable or press_ns else None
        if found is None:
            return
        grab, region = found
        self._next_ns = grab.ended_ns + self._interval_ns
        if why == "damage" and self._last is not None and np.array_equal(self._last.pixels, grab.pixels):
            return
        self._last, self._why = grab, "damage"
        ticket = self._sources.ask_tree(front, is_browser=self._outlets.is_browser(front.app))
        usable = before if is_usable else None
        self._waiting.append(_Waiting(why, front, grab, region if is_usable else (), usable, ticket, press_ns, grab.ended_ns + PATIENCE_NS))

    def _finish(self, waiting: _Waiting, after: SeenTree | None) -> None:
        self._waiting.remove(waiting)
        before = waiting.before
        was_there = self._fronts.at(waiting.grab.began_ns).place == self._fronts.at(waiting.grab.ended_ns).place == waiting.front.place
        reason = self._outlets.refusal(waiting.front) if was_there else "site_not_lent"
        if reason is not None:
            self._outlets.drop(reason, waiting.grab.began_ns)
            return
        is_sure = before is not None and after is not None and is_of(after, waiting.front) and after.page_origin == before.page_origin
        if not is_sure:
            self.unverified += 1
        self._outlets.keep(
            Picture(
                waiting.grab,
                waiting.why,
                waiting.region if is_sure else (),
                self._sources.topology.monitors,
                before.raw if before is not None and is_sure else None,
                after.raw if after is not None and is_sure else None,
            )
        )


def _vouches(tree: SeenTree, waiting: _Waiting) -> bool:
    """Whether a tree tells how things stood just after a grab."""
    if waiting.ticket is not None and tree.ticket == waiting.ticket:
        return True
    if not waiting.press_ns or not tree.is_before_press or waiting.grab.ended_ns > waiting.press_ns + _QUICK_NS:
        return False
    return abs(tree.raw.timestamp_ns - waiting.press_ns) <= _QUICK_NS
