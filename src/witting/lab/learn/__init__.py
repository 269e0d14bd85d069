"""Learning: a policy is trained from episodes, and its card names every session it learnt from."""

from witting.lab.learn.training import TrainingConfig, load_card, save_card, train

__all__ = ["TrainingConfig", "load_card", "save_card", "train"]
