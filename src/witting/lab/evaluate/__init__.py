"""Live evaluation: agents act in real web pages in a real browser, and each figure comes with its interval."""

from witting.lab.evaluate.agents import Agent, MeaningRule, PolicyAgent, RandomClicker, TextMatchRule, agent_of
from witting.lab.evaluate.evaluation import EvaluationReport, TaskResult, evaluate, load_rollouts, summarise
from witting.lab.evaluate.intervals import mcnemar, pass_hat, wilson
from witting.lab.evaluate.suites import SUITES, tasks_of

__all__ = [
    "SUITES", "Agent", "EvaluationReport", "MeaningRule", "PolicyAgent", "RandomClicker", "TaskResult", "TextMatchRule", "agent_of",
    "evaluate", "load_rollouts", "mcnemar", "pass_hat", "summarise", "tasks_of", "wilson",
]  # fmt: skip
