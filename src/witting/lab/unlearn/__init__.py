"""Unlearning: a policy is trained again without whoever left, and equal weights prove that nothing of them is in it."""

from witting.lab.unlearn.following import Followed, Lab, follow_recalls, not_here
from witting.lab.unlearn.forgetting import Forgotten, Leaving, forget_sessions, leaving_of
from witting.lab.unlearn.retraining import Proof, check_weights, prove, retrain_without

__all__ = [
    "Followed", "Forgotten", "Lab", "Leaving", "Proof", "check_weights", "follow_recalls", "forget_sessions", "leaving_of", "not_here",
    "prove", "retrain_without",
]  # fmt: skip
