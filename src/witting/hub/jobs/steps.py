"""A step table in the hub's own database, so that a step, its log entry and the mark that it is done are one transaction.

Knows nothing of what the steps do. Invariant: a step that is marked done is never run again; one that isn't is run again after a
crash, so what it does outside the database must bear being done twice.
"""

import secrets
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, insert, select, update

from witting.hub import schema
from witting.hub.database import reading, writing
from witting.hub.hub import Hub


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job as its steps see it."""

    job_id: str  # 32 hex digits
    subject: Any  # what it is about, as it was given to `open_job`
    results: dict[str, Any]  # what the steps before said


class Step(NamedTuple):
    """A step inside a transaction, whose commit also marks it as done."""

    name: str
    run: Callable[[Hub, Connection, Job], Any]


class OutsideStep(NamedTuple):
    """A step that works on files, or on the database as a whole; marked as done after it returned."""

    name: str
    run: Callable[[Hub, Job], Any]


Steps = Sequence[Step | OutsideStep]


def open_job(hub: Hub, connection: Connection, *, kind: str, steps: Steps, subject: object) -> str:
    """Write a job and its steps down, in the transaction that makes it necessary, and return its id."""
    job_id = secrets.token_hex(16)
    connection.execute(
        insert(schema.job).values(job_id=job_id, kind=kind, subject=msgspec.json.encode(subject), opened_at=hub.stamp(), is_done=False)
    )
    rows = [{"job_id": job_id, "ordinal": ordinal, "name": step.name} for ordinal, step in enumerate(steps)]
    connection.execute(insert(schema.job_step), rows)
    return job_id


def open_jobs(hub: Hub, kind: str) -> tuple[str, ...]:
    """Return the ids of the jobs of a kind that aren't done, oldest first."""
    wanted = select(schema.job.c.job_id).where(schema.job.c.kind == kind, schema.job.c.is_done.is_(False))
    with reading(hub.engine) as connection:
        return tuple(connection.execute(wanted.order_by(schema.job.c.opened_at)).scalars())


def run_job(hub: Hub, job_id: str, *, steps: Steps) -> Job:
    """Run what isn't done of a job, in order, and return it with all results; a job that is done is only read."""
    for step in steps:
        job = _load(hub, job_id)
        if step.name in job.results:
            continue
        if isinstance(step, Step):
            _run_inside(hub, job, step=step)
        else:
            result = step.run(hub, job)
            with writing(hub.engine) as connection:
                _mark(connection, job_id, name=step.name, result=result)
    with writing(hub.engine) as connection:
        connection.execute(update(schema.job).where(schema.job.c.job_id == job_id).values(is_done=True))
    return _load(hub, job_id)


def _run_inside(hub: Hub, job: Job, *, step: Step) -> None:
    with writing(hub.engine) as connection:
        if step.name not in _results(connection, job.job_id):  # another process may have been first
            _mark(connection, job.job_id, name=step.name, result=step.run(hub, connection, job))


def _mark(connection: Connection, job_id: str, *, name: str, result: object) -> None:
    connection.execute(
        update(schema.job_step)
        .where(schema.job_step.c.job_id == job_id, schema.job_step.c.name == name)
        .values(result=msgspec.json.encode(result))
    )


def _load(hub: Hub, job_id: str) -> Job:
    with reading(hub.engine) as connection:
        subject = connection.execute(select(schema.job.c.subject).where(schema.job.c.job_id == job_id)).scalar_one()
        return Job(job_id=job_id, subject=msgspec.json.decode(subject), results=_results(connection, job_id))


def _results(connection: Connection, job_id: str) -> dict[str, Any]:
    done = select(schema.job_step.c.name, schema.job_step.c.result).where(
        schema.job_step.c.job_id == job_id, schema.job_step.c.result.is_not(None)
    )
    return {name: msgspec.json.decode(result) for name, result in connection.execute(done).all()}
