"""Work of other rooms as durable jobs of the hub: whoever makes anew what people left is carried through a crash like an erasure is.

Knows nothing of what the steps do. Invariant: a step that is marked done is never run again, so each must bear being cut and run again.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import select

from witting.hub import schema
from witting.hub.database import reading, writing
from witting.hub.hub import Hub
from witting.hub.jobs import Job, OutsideStep, open_job, open_jobs, run_job

Work = Callable[[Mapping[str, Any]], object]
"""A step: given what the steps before it said, returns what it says, as JSON can hold it."""


class Unfinished(NamedTuple):
    """A job that a crash cut, or that couldn't go on."""

    job_id: str
    subject: Any  # what it is about, as it was given to `begin_work`


def begin_work(hub: Hub, *, kind: str, subject: object, steps: Sequence[str]) -> str:
    """Write a job down and return its id; nothing is done yet."""
    with writing(hub.engine) as connection:
        return open_job(hub, connection, kind=kind, steps=_steps(dict.fromkeys(steps, lambda _: None)), subject=subject)


def unfinished_work(hub: Hub, kind: str) -> list[Unfinished]:
    """Return the jobs of a kind that aren't done, oldest first."""
    wanted = select(schema.job.c.job_id, schema.job.c.subject)
    with reading(hub.engine) as connection:
        subjects = {row.job_id: msgspec.json.decode(row.subject) for row in connection.execute(wanted).all()}
    return [Unfinished(job_id, subjects[job_id]) for job_id in open_jobs(hub, kind)]


def do_work(hub: Hub, job_id: str, *, steps: Mapping[str, Work]) -> dict[str, Any]:
    """Do what is left of a job, in order, and return what its steps said."""
    return run_job(hub, job_id, steps=_steps(steps)).results


def _steps(steps: Mapping[str, Work]) -> list[OutsideStep]:
    return [OutsideStep(name, _given(work)) for name, work in steps.items()]


def _given(work: Work) -> Callable[[Hub, Job], object]:
    def run(_hub: Hub, job: Job) -> object:
        return work(job.results)

    return run
