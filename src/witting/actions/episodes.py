"""Steps → episodes: one for each task that the participant stated, from its begin to their word that it ended.

What was done outside a stated task is in no episode. Invariant: a step is in at most one episode; an episode with a hole says so.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from witting.actions.steps import steps
from witting.terms.events import Gap, TaskMark
from witting.terms.session import Record
from witting.terms.work import Episode, Step


class _Span(NamedTuple):
    """A stated task."""

    begin: TaskMark
    end_ns: int
    outcome: str


def episodes(records: Sequence[Record], *, participant: str, session_id: str) -> list[Episode]:
    """Return the episodes of a session in order; a task that was never ended lasts to the next one or to the end of the session."""
    made = steps(records)
    gaps = [record for record in records if isinstance(record, Gap) and record.reason != "paused"]
    found = []
    for number, span in enumerate(_spans(records)):
        began_ns = span.begin.timestamp_ns
        found.append(
            Episode(
                episode_id=f"{session_id}-{number}",
                session_id=session_id,
                participant=participant,
                instruction=span.begin.instruction,
                outcome="done" if span.outcome == "done" else "gave_up" if span.outcome == "gave_up" else "unknown",
                started_ns=began_ns,
                ended_ns=span.end_ns,
                steps=_numbered(made, began_ns, end_ns=span.end_ns),
                has_holes=any(gap.from_ns <= span.end_ns and gap.to_ns >= began_ns for gap in gaps),
            ),
        )
    return found


def _spans(records: Sequence[Record]) -> Iterator[_Span]:
    marks = sorted((record for record in records if isinstance(record, TaskMark)), key=lambda mark: mark.timestamp_ns)
    begun: TaskMark | None = None
    for mark in marks:
        if begun is not None:
            yield _Span(begun, mark.timestamp_ns, "unknown" if mark.state == "begin" else mark.state)
        begun = mark if mark.state == "begin" else None
    if begun is not None:
        yield _Span(begun, max(_times(records)), "unknown")


def _times(records: Iterable[Record]) -> Iterator[int]:
    for record in records:
        timestamp_ns = getattr(record, "timestamp_ns", None)
        if isinstance(timestamp_ns, int):
            yield timestamp_ns


def _numbered(made: Sequence[Step], began_ns: int, *, end_ns: int) -> tuple[Step, ...]:
    """Return the steps that began within [began_ns, end_ns], numbered from 0; a stop closes the task it ends, not the next."""
    inside = [
        step
        for step in made
        if began_ns <= step.action.timestamp_ns <= end_ns and not (step.action.kind == "stop" and step.action.timestamp_ns == began_ns)
    ]
    return tuple(msgspec.structs.replace(step, step_index=index) for index, step in enumerate(inside))
