"""A session's times as they leave: each session begins within the first minute of a clock of its own.

The machine's clock counts from when it was started, so the times of two sessions would tell which was first and how long lay between.
On the device they stay, because forgetting and pausing compare them with that clock. Pure. Invariant: what lay between two records of a
session stays to the nanosecond, and every time stays on the grid it was on, whole minutes at the coarsest; none is before zero.
"""

from collections.abc import Sequence

import msgspec

from witting.terms.session import Record, SessionHeader

MINUTE_NS = 60_000_000_000
_TIMES = ("timestamp_ns", "end_ns", "from_ns", "to_ns", "started_ns")


def shifted(records: Sequence[Record]) -> list[Record]:
    """Return the records of a session on its own clock; without a header, as they are."""
    header = next((record for record in records if isinstance(record, SessionHeader)), None)
    by_ns = header.started_ns // MINUTE_NS * MINUTE_NS if header is not None else 0
    return [_moved(record, by_ns) for record in records] if by_ns else list(records)


def _moved(record: Record, by_ns: int) -> Record:
    """Return a record with its times so much earlier."""
    times = {name: max(0, getattr(record, name) - by_ns) for name in _TIMES if name in record.__struct_fields__}
    return msgspec.structs.replace(record, **times) if times else record
