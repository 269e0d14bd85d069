"""A participant's own rules, in a file of their own: quiet hours, limits below the programme's, the sign's corner.

Kept in `<data>/rules.json`; nobody else writes it. Invariant: a limit of the participant's only ever tightens the programme's, whatever
stands in the file (`tightened`); a file that can't be read counts as quiet hours all day, never as none.
"""

import re
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from witting.terms.errors import UsageError
from witting.terms.programme import Limits

Corner = Literal["top-right", "top-left", "bottom-right", "bottom-left"]

_SPAN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)")
_ALL_DAY = "00:00-00:00"


class OwnRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What stands in rules.json."""

    quiet: tuple[str, ...] = ()  # local times, such as 18:00-08:00; from and to equal = all day
    battery_percent: int | None = None  # at or below this share nothing is recorded on battery
    cpu_percent: int | None = None  # of one core, over a minute
    disk_mb_per_day: int | None = None  # sealed bytes
    corner: Corner = "top-right"  # of each monitor, where the sign stands
    ask_first: tuple[str, ...] = ()  # beginnings of words before which an automation asks, besides those that witting lists


def rules_path(data_dir: Path) -> Path:
    """Return where the rules of a data directory lie."""
    return data_dir / "rules.json"


def load_rules(data_dir: Path) -> OwnRules:
    """Return the participant's rules, the defaults when there are none; quiet all day when the file can't be read."""
    try:
        rules = msgspec.json.decode(rules_path(data_dir).read_bytes(), type=OwnRules)
        for span in rules.quiet:
            parse_span(span)
    except FileNotFoundError:
        return OwnRules()
    except (OSError, msgspec.MsgspecError, UsageError):
        return OwnRules(quiet=(_ALL_DAY,))
    return rules


def save_rules(data_dir: Path, rules: OwnRules) -> None:
    """Replace the participant's rules, readable by them only."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = rules_path(data_dir)
    partial = path.with_name(path.name + "-new")
    partial.touch(mode=0o600)
    partial.write_bytes(msgspec.json.format(msgspec.json.encode(rules)))
    partial.replace(path)


def parse_span(text: str) -> tuple[int, int]:
    """Return the minutes of the day at which a span such as `18:00-08:00` begins and ends.

    Raises:
        UsageError: it is no such span.
    """
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        message = f"{text[:20]!r} are no hours"
        raise UsageError(message, hint="write them like 18:00-08:00, in your local time")
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
    return from_hour * 60 + from_minute, to_hour * 60 + to_minute


def is_quiet(rules: OwnRules, local: datetime) -> bool:
    """Whether a local time lies in the quiet hours."""
    minute = local.hour * 60 + local.minute
    return any(_holds(start, end, minute=minute) for start, end in map(parse_span, rules.quiet))


def next_turn(rules: OwnRules, local: datetime) -> datetime | None:
    """Return when, after a local time, quiet hours next begin or end; None when there are none."""
    minutes = {minute for span in rules.quiet for minute in parse_span(span)}
    days = (local.date(), local.date() + timedelta(days=1))
    turns = (datetime.combine(day, time(minute // 60, minute % 60), local.tzinfo) for day in days for minute in minutes)
    return min((turn for turn in turns if turn > local), default=None)


def tightened(limits: Limits, rules: OwnRules) -> Limits:
    """Return the tighter of the programme's limits and the participant's, one by one."""
    return Limits(
        battery_percent=max(limits.battery_percent, rules.battery_percent or 0),
        cpu_percent=_least(limits.cpu_percent, rules.cpu_percent),
        disk_mb_per_day=_least(limits.disk_mb_per_day, rules.disk_mb_per_day),
    )


def _least(given: int, own: int | None) -> int:
    return given if own is None else min(given, max(1, own))


def _holds(start: int, end: int, *, minute: int) -> bool:
    if start == end:
        return True
    return start <= minute < end if start < end else minute >= start or minute < end
