"""What holds recording back now, and the holes that this leaves: pure book-keeping of pauses.

Several may hold at once; the one that came first stands in the record until it goes, then the next. Doesn't know sources or the sign.
Invariant: while anything holds, every moment of it lies in exactly one hole of every lent stream, and each hole names what held then.
"""

from collections.abc import Sequence

from witting.device.guards import GAP_OF, HoldReason
from witting.terms.events import Gap, Stream


class Holds:
    """One session's holds."""

    def __init__(self, streams: Sequence[Stream]) -> None:
        self._streams = tuple(streams)
        self._since: dict[HoldReason, int] = {}  # in the order in which they came
        self._told_ns = 0  # up to here the hole is written down

    @property
    def leading(self) -> HoldReason | None:
        """What holds now; of several the one that came first."""
        return next(iter(self._since), None)

    @property
    def all(self) -> tuple[HoldReason, ...]:
        """Everything that holds now, first come first."""
        return tuple(self._since)

    def put(self, reason: HoldReason, now_ns: int) -> bool:
        """Begin to hold; True when nothing held before."""
        is_first = not self._since
        if is_first:
            self._told_ns = now_ns
        self._since.setdefault(reason, now_ns)
        return is_first

    def lift(self, reason: HoldReason, now_ns: int) -> list[Gap]:
        """Stop holding for a reason; returns the holes that end with it."""
        was_leading = self.leading == reason
        gaps = self.tell(now_ns) if was_leading else []
        self._since.pop(reason, None)
        return gaps

    def tell(self, now_ns: int) -> list[Gap]:
        """Return the hole up to now, one for each stream and without a count; it goes on from here."""
        leading = self.leading
        if leading is None:
            return []
        from_ns, self._told_ns = self._told_ns, now_ns
        return [Gap(GAP_OF[leading], stream, from_ns, now_ns, 0) for stream in self._streams]
