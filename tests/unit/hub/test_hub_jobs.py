"""Jobs in steps: each done once, in order, gone on with where a crash cut it."""

from typing import Any

import pytest
from hub_ground import Ground
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from witting.hub.database import writing
from witting.hub.hub import Hub
from witting.hub.jobs import Job, OutsideStep, Step, open_job, open_jobs, run_job


class CrashError(BaseException):
    """The process is gone, as far as the code can tell."""


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2)), min_size=1, max_size=5))
def test_every_step_is_done_in_order_and_its_effect_counts_once(ground: Ground, plan: list[tuple[bool, int]]) -> None:
    """Whichever steps crash however often, results come in order and a finished step isn't run again."""
    finished: list[str] = []
    crashes = {f"step-{number}": times for number, (_, times) in enumerate(plan)}

    def act(name: str) -> str:
        if crashes[name] > 0:
            crashes[name] -= 1
            raise CrashError
        finished.append(name)
        return name

    steps = tuple(_step(f"step-{number}", act, is_inside=inside) for number, (inside, _) in enumerate(plan))
    with writing(ground.hub.engine) as connection:
        job_id = open_job(ground.hub, connection, kind="test", steps=steps, subject={"of": "nothing"})
    job = None
    while job is None:
        assert job_id in open_jobs(ground.hub, "test")
        try:
            job = run_job(ground.hub, job_id, steps=steps)
        except CrashError:
            continue
    assert finished == [step.name for step in steps]
    assert job.results == {step.name: step.name for step in steps}
    assert job_id not in open_jobs(ground.hub, "test")
    assert run_job(ground.hub, job_id, steps=steps) == job
    assert finished == [step.name for step in steps]


def _step(name: str, act: Any, *, is_inside: bool) -> Step | OutsideStep:
    """Return a step of either shape that does `act`."""

    def inside(hub: Hub, connection: object, job: Job) -> Any:
        return act(name)

    def outside(hub: Hub, job: Job) -> Any:
        return act(name)

    return Step(name, inside) if is_inside else OutsideStep(name, outside)


def test_a_step_sees_its_subject_and_what_came_before(ground: Ground) -> None:
    """What a job is about and the results so far are given to each step."""

    def second(hub: Hub, job: Job) -> Any:
        return [job.subject["of"], job.results["first"]]

    steps = (OutsideStep("first", lambda _hub, _job: 1), OutsideStep("second", second))
    with writing(ground.hub.engine) as connection:
        job_id = open_job(ground.hub, connection, kind="test", steps=steps, subject={"of": "them"})
    assert run_job(ground.hub, job_id, steps=steps).results["second"] == ["them", 1]


def test_a_job_whose_reason_was_taken_back_is_not_there(ground: Ground) -> None:
    """A job is written in the transaction that makes it necessary, and goes with it."""
    steps = (OutsideStep("first", lambda _hub, _job: 1),)

    def fail() -> None:
        with writing(ground.hub.engine) as connection:
            open_job(ground.hub, connection, kind="test", steps=steps, subject=None)
            raise CrashError

    with pytest.raises(CrashError):
        fail()
    assert open_jobs(ground.hub, "test") == ()
