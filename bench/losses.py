"""What a recording lacks of what was done: each injected event is looked for at its place and time, and a missing one in the holes.

A hole that says why is no excuse, but it is another thing than silence: pauses by a guard, a queue that was full and the server's own
losses are told apart here.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from witting.terms.events import Gap, PointerButton, PointerMove, TextInput
from witting.terms.session import Record
from witting.testing.hands import InjectedEvent

_NEAR_NS = 5_000_000_000  # a starved server stamps late
_EDGE_NS = 500_000_000  # a hole begins and ends with what was seen of it
UNEXPLAINED = "in no hole"

Done = tuple[Hashable, int]  # what, and when


class Losses(NamedTuple):
    """Events injected, and those that the record lacks or has elsewhere, by the reason of the hole they are in."""

    events: int
    missing: Counter[str]


def losses(log: Sequence[InjectedEvent], records: Sequence[Record]) -> Losses:
    """Return what is missing of pointer events one by one, and of characters by number."""
    holes = [record for record in records if isinstance(record, Gap) and record.stream in {"pointer", "keys"}]
    done, pairs = matched(log, records)
    found = {number for number, _ in pairs}
    missing = Counter(reason_at(at_ns, holes) for number, (_, at_ns) in enumerate(done) if number not in found)
    typed = [event.timestamp_ns for event in log if event.kind == "key_down" and event.keysym < 0xFF00]
    few = len(typed) - sum(len(record.text) for record in records if isinstance(record, TextInput))
    if few > 0:
        in_holes = Counter(reason_at(at_ns, holes) for at_ns in typed)
        del in_holes[UNEXPLAINED]
        for reason, count in in_holes.items():
            missing[reason] += min(count, few)
            few -= min(count, few)
        missing[UNEXPLAINED] += few
    return Losses(len(done) + len(typed), +missing)


def matched(log: Sequence[InjectedEvent], records: Sequence[Record]) -> tuple[list[Done], list[tuple[int, int]]]:
    """Return the moves and buttons injected, and for those that were recorded, in order and near their time, their number and when."""
    done: list[Done] = [
        ((event.x, event.y, event.kind), event.timestamp_ns) for event in log if event.kind in {"move", "button_down", "button_up"}
    ]
    seen: list[Done] = [
        ((record.x, record.y, kind_of(record)), record.timestamp_ns)
        for record in records
        if isinstance(record, PointerMove | PointerButton)
    ]
    places: defaultdict[Hashable, list[int]] = defaultdict(list)
    for number, (what, _) in enumerate(done):
        places[what].append(number)
    pairs, at = [], 0
    for what, seen_ns in seen:
        numbers = places[what]
        next_one = bisect_left(numbers, at)
        if next_one < len(numbers) and abs(done[numbers[next_one]][1] - seen_ns) <= _NEAR_NS:
            at = numbers[next_one] + 1
            pairs.append((numbers[next_one], seen_ns))
    return done, pairs


def kind_of(record: PointerMove | PointerButton) -> str:
    """Return what the hands call it."""
    return "move" if isinstance(record, PointerMove) else "button_down" if record.pressed else "button_up"


def reason_at(at_ns: int, holes: Sequence[Gap]) -> str:
    """Return the reason of the hole that a time is in."""
    return next((hole.reason for hole in holes if hole.from_ns - _EDGE_NS <= at_ns <= hole.to_ns + _EDGE_NS), UNEXPLAINED)
