"""Durable jobs: work in named steps, each done once, resumed where a crash cut it."""

from witting.hub.jobs.steps import Job, OutsideStep, Step, open_job, open_jobs, run_job

__all__ = ["Job", "OutsideStep", "Step", "open_job", "open_jobs", "run_job"]
