"""Forgetting in a policy: train again on what is left, and compare with a policy that never saw what left.

Knows cards and weights. Because training is a function of episodes and seed, the retrained policy is not "like" one that never saw a
session: it is that one, bit for bit, and the digest of its weights says so. Nothing is unlearnt by approximation.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from witting.lab.dataset import LentDataset
from witting.lab.learn.training import Progress, TrainingConfig, load_card, train
from witting.policy.onnx_policy import WEIGHTS_FILE
from witting.terms.errors import IntegrityError
from witting.terms.work import ModelCard


@dataclass(frozen=True, slots=True)
class Proof:
    """What two cards say about forgetting."""

    holds: bool  # equal weights, equal sessions, and none of the sessions that left
    weights_equal: bool
    weights_changed: bool  # they differ from the policy that was replaced
    sessions_gone: tuple[str, ...]  # sessions of the replaced policy that the retrained one didn't learn from
    still_there: tuple[str, ...]  # sessions that should have left and haven't


def retrain_without(
    dataset: LentDataset,
    old_card: ModelCard,
    *,
    out_dir: Path,
    seed: int | None = None,
    config: TrainingConfig | None = None,
    progress: Progress | None = None,
) -> ModelCard:
    """Train on a dataset released without whoever left, with the old policy's seed; the new card says which policy it replaces.

    Raises:
        UsageError: nothing is left to learn from.
        NoConsentError: a session in it isn't lent any more.
    """
    told = replace(config or TrainingConfig(), replaces=old_card.model_id)
    return train(dataset, out_dir, seed=old_card.seed if seed is None else seed, config=told, progress=progress)


def prove(retrained: ModelCard, never_saw: ModelCard, *, old: ModelCard, left: Collection[str] = ()) -> Proof:
    """Say whether a retrained policy equals one trained from scratch on data that never held the sessions that left."""
    gone = tuple(sorted(set(old.sessions) - set(retrained.sessions)))
    still_there = tuple(sorted((set(left) & set(retrained.sessions)) | (set(left) & set(never_saw.sessions))))
    weights_equal = retrained.weights_sha256 == never_saw.weights_sha256
    is_same_run = retrained.sessions == never_saw.sessions and retrained.seed == never_saw.seed
    return Proof(
        holds=weights_equal and is_same_run and not still_there,
        weights_equal=weights_equal,
        weights_changed=retrained.weights_sha256 != old.weights_sha256,
        sessions_gone=gone,
        still_there=still_there,
    )


def check_weights(folder: str | Path) -> ModelCard:
    """Recompute the digest of the weights in a policy's folder and return its card.

    Raises:
        IntegrityError: the weights aren't those the card names, or can't be read.
        UsageError: there is no card.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from witting.lab.learn.export_policy import tensors_sha256

    card = load_card(folder)
    try:
        tensors: dict[str, Any] = load_file(Path(folder) / WEIGHTS_FILE)
    except (OSError, SafetensorError) as error:
        message = f"the weights in {folder} can't be read ({type(error).__name__})"
        raise IntegrityError(message, hint="train the policy again") from None
    if tensors_sha256(tensors) != card.weights_sha256:
        message = f"the weights in {folder} aren't those that its card names"
        raise IntegrityError(message, hint="the folder was changed after training; train the policy again")
    return card
