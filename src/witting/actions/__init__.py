"""The reduction: recorded events → actions → steps → episodes, pure; used by review, datasets and assistance alike."""

from witting.actions.episodes import episodes
from witting.actions.reduce import Reduction, reduce, reduction
from witting.actions.steps import hit_test, steps

__all__ = ["Reduction", "episodes", "hit_test", "reduce", "reduction", "steps"]
