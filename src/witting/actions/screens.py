"""The screens of a session: which monitors were in force when, so that no coordinate is read on a screen that is no more.

Invariant: a topology that says what the last one said changes nothing.
"""

from bisect import bisect_right
from collections.abc import Sequence

from witting.terms.events import Topology
from witting.terms.geometry import Rect
from witting.terms.session import Record, SessionHeader


class Screens:
    """Tells the screen at a time."""

    def __init__(self, records: Sequence[Record]) -> None:
        header = next((record for record in records if isinstance(record, SessionHeader)), None)
        self._times: list[int] = []
        self._areas = [Rect(0, 0, header.width_px, header.height_px) if header else Rect(0, 0, 0, 0)]
        last: Topology | None = None
        for topology in sorted((record for record in records if isinstance(record, Topology)), key=lambda one: one.timestamp_ns):
            if last is None or topology.monitors != last.monitors:
                self._times.append(topology.timestamp_ns)
                self._areas.append(_together([monitor.area for monitor in topology.monitors]))
            last = topology

    def at(self, timestamp_ns: int) -> Rect:
        """Return the area of all monitors together; empty when it isn't known."""
        return self._areas[bisect_right(self._times, timestamp_ns)]

    def since(self, timestamp_ns: int) -> int:
        """Return since when the monitors were as they are then; -1 where they never changed before."""
        place = bisect_right(self._times, timestamp_ns)
        return self._times[place - 1] if place > 1 else -1


def _together(areas: Sequence[Rect]) -> Rect:
    if not areas:
        return Rect(0, 0, 0, 0)
    left, top = min(area.x for area in areas), min(area.y for area in areas)
    right, bottom = max(area.x + area.width for area in areas), max(area.y + area.height for area in areas)
    return Rect(left, top, right - left, bottom - top)
