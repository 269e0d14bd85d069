"""The books of a session: what was produced, what of it was dropped and why, holes merged over runs.

Doesn't know what the items are. Invariant: every `drop` ends up in exactly one Gap, and the counts of all Gaps of a stream add up to what
was dropped of it.
"""

from collections import Counter
from dataclasses import dataclass

from witting.terms.events import Gap, GapReason, Stream

_OPEN_AT_MOST_NS = 30_000_000_000  # then a hole is written down, so that a crash can't swallow it
_SILENCE_NS = 2_000_000_000  # drops further apart than this are two holes


@dataclass(slots=True)
class _Hole:
    reason: GapReason
    from_ns: int
    to_ns: int
    count: int


class Tally:
    """Counts by stream; Gaps come out when a run of drops ends."""

    def __init__(self) -> None:
        self.produced: Counter[str] = Counter()
        self.gapped: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self._holes: dict[Stream, _Hole] = {}

    def produce(self, stream: Stream) -> None:
        """Count an item that came to be."""
        self.produced[stream] += 1

    def drop(self, stream: Stream, reason: GapReason, *, timestamp_ns: int, count: int = 1) -> list[Gap]:
        """Count an item that isn't kept; returns the hole that this ends, if any. Count 0 only makes the hole longer."""
        hole = self._holes.get(stream)
        is_same = hole is not None and hole.reason == reason and _is_near(hole, timestamp_ns)
        ended = [] if is_same else self.end_hole(stream)
        if hole is not None and is_same:
            hole.to_ns = max(hole.to_ns, timestamp_ns)
            hole.count += count
        else:
            self._holes[stream] = _Hole(reason, timestamp_ns, timestamp_ns, count)
        self.gapped[stream] += count
        self.reasons[reason] += count
        return ended

    def end_hole(self, stream: Stream) -> list[Gap]:
        """Return the open hole of a stream as a Gap, because something of it is kept again."""
        hole = self._holes.pop(stream, None)
        return [] if hole is None else [_gap(stream, hole)]

    def end_all(self) -> list[Gap]:
        """Return all open holes as Gaps."""
        return [gap for stream in list(self._holes) for gap in self.end_hole(stream)]

    def has_hole(self, stream: Stream, reason: GapReason) -> bool:
        """Whether a hole of this kind is open."""
        hole = self._holes.get(stream)
        return hole is not None and hole.reason == reason


def _is_near(hole: _Hole, timestamp_ns: int) -> bool:
    return timestamp_ns - hole.from_ns < _OPEN_AT_MOST_NS and timestamp_ns - hole.to_ns < _SILENCE_NS


def _gap(stream: Stream, hole: _Hole) -> Gap:
    """Return the hole as a record; one that hides what was typed says when it began and not how long it took to type."""
    to_ns = hole.from_ns if hole.reason in {"secure_field", "level_not_lent"} else hole.to_ns
    return Gap(hole.reason, stream, hole.from_ns, to_ns, hole.count)
