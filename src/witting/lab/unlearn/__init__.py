"""Unlearning: a policy is trained again without whoever left, and equal weights prove that nothing of them is in it."""

from witting.lab.unlearn.forgetting import Forgotten, Leaving, forget_sessions, leaving_of
from witting.lab.unlearn.retraining import Proof, check_weights, prove, retrain_without

__all__ = ["Forgotten", "Leaving", "Proof", "check_weights", "forget_sessions", "leaving_of", "prove", "retrain_without"]
