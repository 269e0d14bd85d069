"""Forgetting by one call: a policy is made again without some sessions, from the last kept weights that never saw them.

Knows recipes and cards. What is kept on the way is checked by digest before it is gone on from. Invariant: the result is, bit for bit, what
training from scratch without those sessions gives; `Forgotten.proof` says so where the comparison was asked for.
"""

import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from witting.lab.dataset import LentDataset
from witting.lab.learn.examples import usable
from witting.lab.learn.recipe import STATE_FILE, Recipe, first_touched, load_recipe, weights_file
from witting.lab.learn.training import Begun, Progress, Run, TrainingConfig, make_policy
from witting.lab.unlearn.retraining import Proof, check_weights, prove
from witting.ledger.keys import SigningKey
from witting.policy.relations import WordVectors
from witting.terms.errors import IntegrityError, UsageError
from witting.terms.work import ModelCard

if TYPE_CHECKING:
    from torch import Tensor

    from witting.lab.dataset.reader import Dataset


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What forgetting gave and what it took."""

    card: ModelCard
    left: tuple[str, ...]  # sessions that are gone from the policy
    first_slice: int  # the first slice that was learnt again
    slices: int
    updates: int  # batches learnt again
    share: float  # of the batches of a training without those sessions
    seconds: float  # CPU time of this run, features included
    full_seconds: float  # CPU time of the training that is replaced
    proof: Proof | None  # None where no comparison was asked for


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who leaves which policy, and what that policy says about how it was made."""

    model_dir: Path
    old: ModelCard
    recipe: Recipe
    gone: tuple[str, ...]  # sessions that leave now
    signer: SigningKey | None = None  # who signs the new policy

    @property
    def without(self) -> frozenset[str]:
        """Every session that the new policy doesn't learn from, earlier ones included."""
        return frozenset(self.recipe.without) | frozenset(self.gone)


def leaving_of(model_dir: str | Path, names: Sequence[str]) -> Leaving:
    """Return who leaves the policy in `model_dir`: sessions by id, or by what their ids begin with.

    Raises:
        UsageError: the policy didn't learn from such a session, or doesn't say how it was made.
        IntegrityError: the policy's files were changed.
    """
    old = check_weights(model_dir)
    return Leaving(Path(model_dir), old, load_recipe(model_dir), tuple(sorted({_session(name, old) for name in names})))


def forget_sessions(
    leaving: Leaving,
    lent: LentDataset,
    *,
    out_dir: str | Path,
    compare: bool = False,
    progress: Progress | None = None,
    words: WordVectors | None = None,
) -> Forgotten:
    """Make a policy again without who leaves it, from its dataset as it is lent now, in `out_dir`.

    With `compare` it is made from scratch as well, from the same dataset without them, and the weights are compared.

    Raises:
        UsageError: the dataset lacks others too, or nothing is left.
        NoConsentError: a session that stays isn't lent any more.
        IntegrityError: what was kept on the way was changed.
    """
    old, recipe, gone = leaving.old, leaving.recipe, leaving.gone
    opened = _checked(lent.dataset, leaving)
    out, config, say = Path(out_dir), _config(recipe, words, old=old, signer=leaving.signer), progress or (lambda _stage, _share: None)
    if out.exists() and any(out.iterdir()) and not (out / STATE_FILE).is_file():
        message = f"{out} exists and isn't empty"
        raise UsageError(message, hint="give a new folder; the old policy stays until it is removed")
    started = time.process_time()
    without = leaving.without
    episodes = usable(opened.episodes(), without | (frozenset(s.session_id for s in opened.manifest.sessions) - frozenset(old.sessions)))
    begun = _begun(leaving.model_dir, recipe, touched=first_touched(recipe, gone))
    run = Run(out, config, old.seed, lent, say, begun)
    card = make_policy(run, episodes, without=without)
    for place in range(begun.slice_index if begun else 0):
        shutil.copyfile(leaving.model_dir / weights_file(place), out / weights_file(place))
    seconds = round(time.process_time() - started, 2)
    proof = None
    if compare:
        with tempfile.TemporaryDirectory() as folder:
            scratch = make_policy(replace(run, out=Path(folder), begun=None), episodes, without=without)
        proof = prove(card, scratch, old=old, left=gone)
    first = begun.slice_index if begun else 0
    updates = load_recipe(out).updates
    again = sum(updates[first:])
    return Forgotten(card, gone, first, recipe.slices, again, again / max(1, sum(updates)), seconds, old.cpu_seconds, proof)


def _session(name: str, card: ModelCard) -> str:
    """Return the one session of a policy that a name begins.

    Raises:
        UsageError: there is none, or more than one.
    """
    found = [session for session in card.sessions if session.startswith(name)] if name else []
    if len(found) == 1:
        return found[0]
    message = f"the policy learnt from {len(found) or 'no'} sessions whose id begins with {name[:32]!r}"
    raise UsageError(message, hint="its card.json names every session")


def _checked(dataset: "Dataset", leaving: Leaving) -> "Dataset":
    """Return the dataset if all that the policy learnt from and that stays is in it."""
    missing = set(leaving.old.sessions) - set(leaving.gone) - {session.session_id for session in dataset.manifest.sessions}
    if missing:
        message = f"{dataset.path} lacks {len(missing)} of the sessions that the policy learnt from"
        raise UsageError(message, hint="they left the dataset too: name them with --session, or train again with `witting train`")
    return dataset


def _config(recipe: Recipe, words: WordVectors | None, *, old: ModelCard, signer: SigningKey | None) -> TrainingConfig:
    return TrainingConfig(
        size=recipe.size, slices=recipe.slices, threads=recipe.threads, part=recipe.part, passes=recipe.passes, words=words,
        least_updates=recipe.least_updates, most_updates=recipe.most_updates, rewrites=recipe.rewrites, replaces=old.model_id,
        signer=signer,
    )  # fmt: skip


def _begun(model_dir: Path, recipe: Recipe, *, touched: int) -> Begun | None:
    """Return what the slices before `touched` left; None when the first one is touched.

    Raises:
        IntegrityError: the kept weights can't be read, or aren't those of the recipe.
    """
    if not touched:
        return None
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from witting.lab.learn.export_policy import tensors_sha256

    path = model_dir / weights_file(touched - 1)
    try:
        tensors: dict[str, Tensor] = load_file(path)
    except (OSError, SafetensorError) as error:
        message = f"the weights kept in {path} can't be read ({type(error).__name__})"
        raise IntegrityError(message, hint="train the policy again without the session") from None
    if tensors_sha256(tensors) != recipe.kept[touched - 1]:
        message = f"the weights kept in {path} aren't those of the recipe"
        raise IntegrityError(message, hint="the folder was changed after training; train the policy again without the session")
    return Begun(touched, tensors, recipe.updates[:touched], recipe.kept[:touched])
