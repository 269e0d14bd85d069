"""Live evaluation: agents act in real web pages in a real browser, and each figure comes with its interval."""

from witting.lab.evaluate.agents import Agent, PolicyAgent, RandomClicker, TextMatchRule, agent_of
from witting.lab.evaluate.evaluation import EvaluationReport, TaskResult, evaluate, load_rollouts, summarise
from witting.lab.evaluate.intervals import mcnemar, wilson
from witting.lab.evaluate.miniwob import SUITE

__all__ = [
    "SUITE", "Agent", "EvaluationReport", "PolicyAgent", "RandomClicker", "TaskResult", "TextMatchRule", "agent_of", "evaluate",
    "load_rollouts", "mcnemar", "summarise", "wilson",
]  # fmt: skip
