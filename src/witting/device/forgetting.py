"""Forgetting the last minutes: by the recorder if one runs, and in the sessions that ended since.

Knows no pages. Invariant: what was recorded within the minutes can't be read again when this returns, whichever session it lies in; of
a session that was packed but not sent, the packed bytes go too. What was sent is the hub's: `witting withdraw` takes it back.
"""

import re
from datetime import timedelta
from pathlib import Path

from witting.device import control
from witting.device.enrolment import Enrolment
from witting.device.outbox import Outbox
from witting.device.spool import SessionInfo
from witting.terms.clock import Clock, parse_rfc3339
from witting.terms.errors import UsageError

_SECONDS = {"s": 1, "m": 60, "h": 3600, "": 60}
_LONGEST_S = 604_800
_SLACK = timedelta(minutes=5)  # of civil time against the monotonic clock, within one boot
_SECOND_NS = 1_000_000_000


def parse_span(text: str) -> int:
    """Return the seconds of a span such as `5m`, `90s`, `1h`; a bare number is minutes.

    Raises:
        UsageError: it is no such span, or longer than a week.
    """
    found = re.fullmatch(r"(\d{1,6})\s*([smh]?)", text.strip())
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not 0 < seconds <= _LONGEST_S:
        message = f"{text[:20]!r} is no span of time"
        raise UsageError(message, hint="write it like 5m, 90s or 1h; at most a week")
    return seconds


def forget_last(enrolment: Enrolment, seconds: int) -> int:
    """Take the last seconds out of everything recorded here; return how many items went.

    Raises:
        StoreFullError: there is no room to write a session anew.
    """
    cut_ns = enrolment.clock.monotonic_ns() - seconds * _SECOND_NS
    count = _by_recorder(enrolment.data_dir / "run" / "control.sock", seconds)
    spool, outbox = enrolment.open_spool(), Outbox(enrolment.data_dir)
    for info in spool.sessions():
        if info.is_recording or not _is_of_this_boot(info, enrolment.clock) or outbox.sent(info.session_id) is not None:
            continue
        last_ns = max((getattr(record, "timestamp_ns", 0) for record in spool.read(info.session_id)), default=0)
        if last_ns >= cut_ns:
            count += sum(spool.forget_since(info.session_id, cut_ns).kept.values())
            outbox.drop(info.session_id)
    return count


def _by_recorder(socket: Path, seconds: int) -> int:
    if not control.is_running(socket):
        return 0
    before = sum(control.status(socket).forgotten.values())
    return sum(control.forget(socket, seconds).forgotten.values()) - before


def _is_of_this_boot(info: SessionInfo, clock: Clock) -> bool:
    """Whether a session's times are on the clock as it runs now: the hour it began in fits."""
    ago_ns = clock.monotonic_ns() - info.header.started_ns
    if ago_ns < 0:
        return False
    began = clock.now() - timedelta(microseconds=ago_ns / 1000)
    hour = parse_rfc3339(info.header.recorded_at)
    return hour - _SLACK <= began <= hour + timedelta(hours=1) + _SLACK
