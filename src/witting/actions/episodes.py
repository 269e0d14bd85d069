"""Steps → episodes, cut by one of three: the task that the participant stated, a pause, or the app or page worked in.

By task, an episode lasts from its begin to the participant's word that it ended; what was done outside a stated task is in no episode.
Invariant: a step is in at most one episode; an episode says what to mind when learning from it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec

from witting.actions.items import SECOND_NS
from witting.actions.quality import flags_of
from witting.actions.steps import steps
from witting.terms.events import Gap, TaskMark
from witting.terms.session import Record
from witting.terms.work import Episode, SegmentKind, Step

IDLE_NS = 60 * SECOND_NS
GOAL_STEPS = 3  # fewer steps elsewhere are a glance aside


class _Span(NamedTuple):
    """A stretch of a session that is to be an episode."""

    instruction: str
    from_ns: int
    to_ns: int
    outcome: Literal["done", "gave_up", "unknown"]
    steps: tuple[Step, ...]


def episodes(records: Sequence[Record], *, participant: str, session_id: str, segment: SegmentKind = "task") -> list[Episode]:
    """Return the episodes of a session in order; a task that was never ended lasts to the next one or to the end of the session.

    Cut by idle or goal, an episode has the instruction of the task stated while it began, empty where none was.
    """
    made = steps(records)
    gaps = [record for record in records if isinstance(record, Gap)]
    tasks = list(_tasks(records, made))
    spans = tasks if segment == "task" else [span for cut in _CUTS[segment](made) for span in _span(cut, tasks)]
    found = []
    for number, span in enumerate(spans):
        inside = [gap for gap in gaps if gap.from_ns <= span.to_ns and gap.to_ns >= span.from_ns]
        found.append(
            Episode(
                episode_id=f"{session_id}-{number}",
                session_id=session_id,
                participant=participant,
                instruction=span.instruction,
                outcome=span.outcome,
                started_ns=span.from_ns,
                ended_ns=span.to_ns,
                steps=tuple(msgspec.structs.replace(step, step_index=index) for index, step in enumerate(span.steps)),
                has_holes=any(gap.reason != "paused" for gap in inside),
                segment=segment,
                flags=flags_of(span.steps, inside, outcome=span.outcome),
            ),
        )
    return found


def _tasks(records: Sequence[Record], made: Sequence[Step]) -> Iterator[_Span]:
    """Yield the stated tasks with their steps."""
    marks = sorted((record for record in records if isinstance(record, TaskMark)), key=lambda mark: mark.timestamp_ns)
    begun: TaskMark | None = None
    for mark in marks:
        if begun is not None:
            outcome: Literal["done", "gave_up", "unknown"] = "unknown" if mark.state == "begin" else mark.state
            yield _Span(begun.instruction, begun.timestamp_ns, mark.timestamp_ns, outcome, _within(made, begun, to_ns=mark.timestamp_ns))
        begun = mark if mark.state == "begin" else None
    if begun is not None:
        end_ns = max(_times(records))
        yield _Span(begun.instruction, begun.timestamp_ns, end_ns, "unknown", _within(made, begun, to_ns=end_ns))


def _times(records: Iterable[Record]) -> Iterator[int]:
    for record in records:
        timestamp_ns = getattr(record, "timestamp_ns", None)
        if isinstance(timestamp_ns, int):
            yield timestamp_ns


def _within(made: Sequence[Step], begin: TaskMark, *, to_ns: int) -> tuple[Step, ...]:
    """Return the steps that began within the task; a stop closes the task it ends, not the next."""
    from_ns = begin.timestamp_ns
    return tuple(
        step
        for step in made
        if from_ns <= step.action.timestamp_ns <= to_ns and not (step.action.kind == "stop" and step.action.timestamp_ns == from_ns)
    )


def _by_idle(made: Sequence[Step]) -> list[list[Step]]:
    """Cut where for a minute nothing was done; waiting for the machine is no pause."""
    cuts: list[list[Step]] = []
    end_ns: int | None = None
    for step in made:
        if end_ns is None or step.action.timestamp_ns - end_ns > IDLE_NS:
            cuts.append([])
        cuts[-1].append(step)
        end_ns = max(end_ns or 0, step.action.end_ns)
    return cuts


def _by_goal(made: Sequence[Step]) -> list[list[Step]]:
    """Cut where work goes on in another app, or on another site, and within those where it idles; a glance aside cuts nothing."""
    runs: list[list[Step]] = []
    for step in made:
        if not runs or _place(step) != _place(runs[-1][-1]):
            runs.append([])
        runs[-1].append(step)
    joined: list[list[Step]] = []
    for run in runs:
        is_glance = len(run) < GOAL_STEPS or (joined and len(joined[-1]) < GOAL_STEPS)
        if joined and (is_glance or _place(run[0]) == _home(joined[-1])):
            joined[-1] += run
        else:
            joined.append(list(run))
    return [cut for run in joined for cut in _by_idle(run)]


_CUTS = {"idle": _by_idle, "goal": _by_goal}


def _place(step: Step) -> tuple[str, str]:
    return step.action.app, urlsplit(step.action.url).netloc


def _home(run: Sequence[Step]) -> tuple[str, str]:
    """Return where most of a run's steps were done."""
    places = [_place(step) for step in run]
    return max(places, key=places.count)


def _span(cut: Sequence[Step], tasks: Sequence[_Span]) -> Iterator[_Span]:
    """Yield a cut as a stretch, under the task that was stated while it began."""
    if cut:
        from_ns, to_ns = cut[0].action.timestamp_ns, max(step.action.end_ns for step in cut)
        task = next((one for one in tasks if one.from_ns <= from_ns <= one.to_ns), None)
        is_whole = task is not None and task.to_ns <= to_ns
        yield _Span(task.instruction if task else "", from_ns, to_ns, task.outcome if task and is_whole else "unknown", tuple(cut))
