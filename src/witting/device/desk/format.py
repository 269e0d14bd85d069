"""Numbers and times as the pages write them."""

from collections.abc import Sequence
from typing import Any

from witting.consent.wording import words_for
from witting.device.control import RecorderStatus
from witting.device.desk.words import FINDINGS, GAPS, STREAMS
from witting.device.outbox import Sent
from witting.device.review import Summary
from witting.device.sending import last_review
from witting.device.spool import SessionInfo
from witting.terms.clock import parse_rfc3339
from witting.terms.review import Mark
from witting.terms.session import SessionHeader

_SECOND = 1_000_000_000
_KILO = 1000


def platform_note(header: SessionHeader) -> str:
    """Say what a reader should know of the desktop that a recording was made on; nothing for the usual one."""
    notes = []
    if "wayland" in header.platform:
        notes.append("It was made in a Wayland session: it holds no pointer, typing or clipboard, because Wayland gives them to nobody.")
    if not header.is_verified:
        notes.append("Recording on this kind of desktop isn't tested.")
    return " ".join(notes)


def size(count: int) -> str:
    """Return a number of bytes in the unit that reads best, `1.2 MB`."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB"):
        if amount < _KILO:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= _KILO
    return f"{amount:.1f} GB"


def length(elapsed_ns: int) -> str:
    """Return a length as minutes and seconds, `12:07`."""
    seconds = max(0, elapsed_ns) // _SECOND
    return f"{seconds // 60}:{seconds % 60:02d}"


def when(info: SessionInfo) -> str:
    """Return the day and hour of a recording; more isn't kept."""
    recorded = info.header.recorded_at
    return f"{day(recorded)}, about {parse_rfc3339(recorded):%H:%M} UTC"


def day(text: str) -> str:
    """Return the day of an RFC 3339 time, `24 November 2026`."""
    at = parse_rfc3339(text)
    return f"{at.day} {at:%B %Y}"


def moment(text: str, language: str = "en") -> str:
    """Return an RFC 3339 time as a person writes it, `24 November 2026, 06:33 UTC`."""
    at = parse_rfc3339(text)
    shown = day(text) if language == "en" else words_for(language).day(at.date())
    return f"{shown}, {at:%H:%M} UTC"


def standing(info: SessionInfo, marks: Sequence[Mark], *, sent: Sent | None, is_waiting: bool) -> str:
    """Say where a session stands on its way out."""
    if info.is_recording:
        return "being recorded"
    if sent is not None:
        return f"sent on {day(sent.sent_at)}"
    if is_waiting:
        return "on its way; open it to go on sending"
    return "looked at, not sent" if last_review(marks) else "only here"


def counts_of(recorder: RecorderStatus | None) -> list[tuple[str, str, str]]:
    """Return name, number and label of what the recorder counted, by stream, and of what it left out."""
    if recorder is None:
        return []
    kept = [(stream, str(count), label) for stream, label in STREAMS.items() if (count := recorder.kept.get(stream))]
    return [*kept, ("gapped", str(sum(recorder.gapped.values())), "left out")]


def removed_of(summary: Summary) -> dict[str, Any]:
    """Return what was removed and why, in words: number in all, findings by kind, gaps by reason."""
    return {
        "removed": sum(summary.findings.values()) + sum(summary.gaps.values()),
        "findings": [(count, FINDINGS[kind]) for kind, count in summary.findings.most_common()],
        "gaps": [(count or "some", STREAMS[stream], GAPS[reason]) for (reason, stream), count in summary.gaps.most_common()],
    }
