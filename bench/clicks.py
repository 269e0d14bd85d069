"""Whether a click's picture is older than what the click changed: when the screen changed, by the X server's own clock.

A listener of its own, not the recorder's: XDamage of the whole screen, so that whatever changes first after a press counts, a caret too.
"""

import threading
from collections.abc import Sequence
from typing import Self

import numpy as np
import xcffib
import xcffib.damage

from witting.device.capture.x11 import XDisplay
from witting.terms.events import Frame
from witting.terms.session import Record
from witting.testing.hands import InjectedEvent

MS = 1_000_000
GRAB_NS = 1_500_000  # what a picture takes at most to be taken, from its time on
STAMP_NS = 2 * MS  # server stamps are whole milliseconds: a press may bear a time so much before its injection
ANSWER_NS = 500 * MS  # what changes later isn't the click's


class Changes(threading.Thread):
    """Notes when the screen of a display changed until it is stopped; a context manager."""

    def __init__(self, display: str) -> None:
        super().__init__(daemon=True)
        self._display = XDisplay(display)
        requests = self._display.extension(xcffib.damage.key, "DAMAGE")
        self._display.ask(lambda: requests.QueryVersion(1, 1))
        self._requests, self._damage = requests, int(self._display.connection.generate_id())
        requests.Create(self._damage, self._display.root, xcffib.damage.ReportLevel.NonEmpty)
        self._display.connection.flush()
        self._is_over = False
        self.times_ns: list[int] = []

    def run(self) -> None:
        """Listen."""
        while not self._is_over:
            try:
                event = self._display.connection.wait_for_event()
                if isinstance(event, xcffib.damage.NotifyEvent):
                    self.times_ns.append(self._display.server_clock.lift_ns(event.timestamp))
                    self._requests.Subtract(self._damage, 0, 0)
                    self._display.connection.flush()
            except xcffib.ConnectionException:
                return  # the session is over

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True


def pictures_of(log: Sequence[InjectedEvent], records: Sequence[Record]) -> dict[int, int]:
    """Return the time of each press's picture by the time of the press, both in nanoseconds; a press without one is left out."""
    presses = np.array(sorted(event.timestamp_ns for event in log if event.kind == "button_down"))
    found: dict[int, int] = {}
    for frame in records:
        if isinstance(frame, Frame) and frame.reason == "click":
            place = int(np.searchsorted(presses, frame.timestamp_ns + STAMP_NS, side="right")) - 1
            if place >= 0:
                found.setdefault(int(presses[place]), frame.timestamp_ns)
    return found


def older_than_change(pictures: dict[int, int], changes: Sequence[int]) -> int:
    """Return how many pictures were surely taken before the first change after their press."""
    times = np.array(sorted(changes))
    count = 0
    for press_ns, taken_ns in pictures.items():
        after = times[times >= press_ns // MS * MS]
        is_changed = bool(len(after)) and after[0] <= press_ns + ANSWER_NS
        count += taken_ns < press_ns or not is_changed or taken_ns + GRAB_NS <= after[0]
    return count
