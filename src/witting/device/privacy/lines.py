"""Texts of a file, redacted line by line: what `witting redact --jsonl` does, and how anybody can score us on a corpus of theirs.

Each line is a session of its own, so that no line helps or harms another. Invariant: a line is written only when it was redacted whole;
an error names the line's number and nothing of it.
"""

from collections.abc import Iterable, Iterator

import msgspec

from witting.device.privacy.detectors import NOTHING, Adds, Posture
from witting.device.privacy.redactor import Redactor
from witting.terms.errors import RedactionError, UsageError
from witting.terms.findings import FindingKind


class Line(msgspec.Struct, frozen=True):
    """A line as it comes in; further keys are left out of what goes out."""

    text: str  # what is to be redacted


class Span(msgspec.Struct, frozen=True):
    """One finding of a line; the value itself is never in it."""

    kind: FindingKind  # what was found
    start: int  # offset of its first character in the text that came in
    end: int  # offset after its last


class RedactedLine(msgspec.Struct, frozen=True):
    """A line as it goes out."""

    text: str  # findings stand as placeholders
    findings: tuple[Span, ...]  # in order, without overlap


def redact_lines(lines: Iterable[bytes], posture: Posture = "strict", *, adds: Adds = NOTHING) -> Iterator[bytes]:
    """Yield each line `{"text": …}` as `{"text": …, "findings": […]}`, with its line end; `adds` as a programme adds it.

    Raises:
        UsageError: a line isn't an object with a text; names its number.
        RedactionError: a detector failed; names the line's number.
    """
    for number, line in enumerate(lines, 1):
        try:
            text = msgspec.json.decode(line, type=Line).text
        except (msgspec.MsgspecError, ValueError):
            text = None  # what the error quotes stays out of ours
        if text is None:
            message = f"line {number} isn't what was asked for"
            raise UsageError(message, hint='each line is a JSON object with a string in it, {"text": "…"}')
        yield msgspec.json.encode(_redacted(text, number, posture=posture, adds=adds)) + b"\n"


def _redacted(text: str, number: int, *, posture: Posture, adds: Adds) -> RedactedLine:
    """Return one text redacted."""
    try:
        done = Redactor(posture, adds=adds).text(text)
    except RedactionError as error:
        message = f"line {number}: {error}"
        raise RedactionError(message, hint="nothing of this line or the ones after it was written") from None
    return RedactedLine(done.text, tuple(Span(found.kind, found.start, found.end) for found in done.findings))
