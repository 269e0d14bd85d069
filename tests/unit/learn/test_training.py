"""Training learns what is asked, gives the same weights for the same data, and keeps nothing of who is left out."""

import random
import shutil
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from lessons import NAMES, HashedWords, episode, episodes, page
from safetensors.torch import load_file

from witting.lab.evaluate import agent_of
from witting.lab.learn import TrainingConfig, load_card, train
from witting.lab.learn.examples import balanced, examples_of, usual_words, weight_of
from witting.lab.learn.fit import Lesson, loss_of, pad
from witting.lab.learn.model import ElementScorer
from witting.lab.learn.recipe import STATE_FILE, slice_of
from witting.lab.unlearn import prove
from witting.ledger.keys import SigningKey
from witting.policy.bundle import signer_of
from witting.policy.decode import INPUTS, OUTPUTS, PolicyConfig, Vocabulary, decode, fill_empty
from witting.policy.features import featurise
from witting.policy.onnx_policy import OnnxPolicy
from witting.terms.errors import IntegrityError, SignatureError, UsageError
from witting.terms.work import Episode, ModelCard

WORDS = HashedWords()
SMALL = TrainingConfig(passes=20, least_updates=150, most_updates=150, rewrites=0, words=WORDS)
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


def _train(out: Path, *, exclude: frozenset[str] = frozenset(), seed: int = 0) -> ModelCard:
    return train(episodes(), out, seed=seed, exclude_sessions=exclude, config=SMALL)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a trained policy's folder."""
    out = tmp_path_factory.mktemp("policy")
    _train(out)
    return out


def test_it_clicks_what_the_instruction_names(trained: Path) -> None:
    """On pages it never saw, in any order, the named button is clicked."""
    policy = OnnxPolicy.load(trained, words=WORDS)
    right = 0
    for name in ("Blue", "Green", "Print", "Orchid"):
        for place in range(4):
            names = ["Other", "Thing", "Entry"]
            names.insert(place, name)
            action = policy.act(f'Click the "{name}" button.', page(names))
            right += action.kind == "click" and action.target == place + 1
    assert right >= 15


def test_the_card_names_every_session(trained: Path) -> None:
    """Whoever reads the card knows whose work is in the policy, and how much."""
    card = load_card(trained)
    assert card.sessions == ("session0", "session1", "session2")
    assert (card.episodes, card.steps) == (36, 36)
    assert len(card.weights_sha256) == 64


@pytest.mark.promise("P26")
def test_leaving_out_a_session_equals_never_having_had_it(trained: Path, tmp_path: Path) -> None:
    """The weights without a session are, bit by bit, those of a run that never saw it, and differ from those with it."""
    old = load_card(trained)
    without = _train(tmp_path / "without", exclude=frozenset({"session1"}))
    kept = [episode for episode in episodes() if episode.session_id != "session1"]
    never = train(kept, tmp_path / "never", seed=0, config=SMALL)
    proof = prove(without, never, old=old, left=["session1"])
    assert proof.holds
    assert proof.weights_changed
    assert proof.sessions_gone == ("session1",)
    still = prove(old, never, old=old, left=["session1"])
    assert not still.holds


def test_nothing_left_to_learn_from_is_said(tmp_path: Path) -> None:
    """Without an episode there is a clear error and no half-made policy."""
    with pytest.raises(UsageError):
        train([], tmp_path / "none", config=SMALL)
    assert not (tmp_path / "none" / "policy.onnx").exists()


def test_that_a_person_was_done_is_not_learnt_from_a_stale_page() -> None:
    """The stop at the end of a recording, seen on the page before the last click took effect, is no example."""
    found = [example for episode in episodes(6) for example in examples_of(episode, WORDS)]
    assert [example.kind for example in found] == ["click"] * 6


def test_a_folder_without_a_policy_is_refused(tmp_path: Path) -> None:
    """What isn't a policy isn't loaded."""
    with pytest.raises((IntegrityError, UsageError)):
        OnnxPolicy.load(tmp_path, words=WORDS)


def test_a_policy_that_never_saw_a_stop_never_stops() -> None:
    """A stop that nobody taught has no score, however a page looks; one that was taught has."""
    moment = next(example for episode in episodes(1) for example in examples_of(episode, WORDS))
    for can_stop in (False, True):
        config = PolicyConfig(can_stop=can_stop)
        network = ElementScorer(config)
        torch.nn.init.constant_(network.stop.bias, 100.0)
        batch, (tokens, elements, _) = pad([fill_empty(Vocabulary(config).arrays(moment.features))])
        with torch.no_grad():
            scores = network(batch, (tokens, elements))[0][0]
        assert (int(scores.argmax()) == len(scores) - 1) is can_stop


def test_recordings_teach_no_stop(trained: Path) -> None:
    """What was recorded holds no stop, and the policy's own config says that it has learnt none."""
    assert OnnxPolicy.load(trained, words=WORDS).config.can_stop is False


class _PowerCutError(Exception):
    """What ends a run before its end."""


@pytest.mark.parametrize("name", ["policy.onnx", "config.json", "card.json", "weights.safetensors"])
def test_a_policy_changed_after_training_is_refused_by_the_file(trained: Path, tmp_path: Path, name: str) -> None:
    """A space more in any file of a trained policy, and neither an evaluation nor anybody else loads it."""
    shutil.copytree(trained, tmp_path / "policy")
    OnnxPolicy.load(tmp_path / "policy", words=WORDS)
    path = tmp_path / "policy" / name
    path.write_bytes(path.read_bytes() + b" ")
    for load in (lambda: OnnxPolicy.load(tmp_path / "policy", words=WORDS), lambda: agent_of(f"ours={tmp_path / 'policy'}")):
        with pytest.raises(IntegrityError, match=name):
            load()


def test_who_trained_signs(tmp_path: Path) -> None:
    """The signature is of the key that was given; a desk that knows another one's key refuses the policy."""
    key = SigningKey.generate()
    train(episodes(6), tmp_path, config=replace(SMALL, signer=key, least_updates=1, most_updates=1, replaces="policy-before"))
    assert signer_of(tmp_path) == key.public
    OnnxPolicy.load(tmp_path, words=WORDS, signer=key.public)
    with pytest.raises(SignatureError):
        OnnxPolicy.load(tmp_path, words=WORDS, signer=SigningKey.generate().public)
    assert load_card(tmp_path).replaces == "policy-before"


@pytest.mark.parametrize("harm", ["none", "torn", "of another run"])
def test_a_run_cut_short_ends_in_the_same_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str) -> None:
    """Called again it goes on from the last kept state, to the very weights of a run that nothing cut; a torn state isn't built on."""
    monkeypatch.setattr("witting.lab.learn.fit._KEPT_EVERY", 20)
    short = TrainingConfig(least_updates=60, most_updates=60, rewrites=0, words=WORDS)
    whole = train(episodes(), tmp_path / "whole", config=short)
    seen: list[float] = []

    def cut(stage: str, share: float) -> None:
        if stage == "train" and share > 0.5:
            raise _PowerCutError

    def watch(stage: str, share: float) -> None:
        if stage == "train":
            seen.append(share)

    with pytest.raises(_PowerCutError):
        train(episodes(), tmp_path / "cut", config=short, progress=cut)
    state = tmp_path / "cut" / STATE_FILE
    if harm == "torn":
        state.write_bytes(state.read_bytes()[:500])
    seed = 5 if harm == "of another run" else 0
    card = train(episodes(), tmp_path / "cut", seed=seed, config=short, progress=watch)
    assert (card.weights_sha256 == whole.weights_sha256) is (seed == 0)
    assert (seen[0] > 0.3) is (harm == "none")
    assert not state.exists()


def test_size_is_the_one_dial() -> None:
    """A larger policy is wider and learns longer; what is asked for by number goes before it."""
    small, medium, large = (TrainingConfig(size=size) for size in ("small", "medium", "large"))
    assert small.width < medium.width < large.width
    assert small.updates(10_000) < medium.updates(10_000) < large.updates(10_000)
    assert medium.updates(1) == medium.least_updates
    assert SMALL.updates(10**9) == 150


@pytest.mark.parametrize(
    ("change", "weight"),
    [
        ({"outcome": "done"}, 1.0),
        ({"outcome": "unknown"}, 0.7),
        ({"outcome": "unknown", "score": 1.0}, 1.0),
        ({"outcome": "done", "flags": ("noisy",)}, 0.5),
        ({"outcome": "unknown", "flags": ("noisy", "repeated")}, 0.175),
        ({"outcome": "done", "flags": ("redaction_holes",)}, 1.0),
    ],
)
def test_doubtful_attempts_count_less(change: dict[str, object], weight: float) -> None:
    """What is known to be right counts in full, what is unknown, noisy or a repetition less."""
    assert weight_of(msgspec.structs.replace(episodes(1)[0], **change)) == pytest.approx(weight)


def _on(episode_: Episode, url: str, **change: object) -> Episode:
    """Return an episode as if its page had another address."""
    steps = []
    for step in episode_.steps:
        assert step.observation.tree is not None
        seen = msgspec.structs.replace(step.observation, tree=msgspec.structs.replace(step.observation.tree, url=url))
        steps.append(msgspec.structs.replace(step, observation=seen))
    return msgspec.structs.replace(episode_, steps=tuple(steps), **change)


def test_seldom_pages_are_not_drowned() -> None:
    """A page with few attempts counts more, one with many less, within bounds; the query of an address makes no other page."""

    def at(url: str, count: int) -> list[Episode]:
        return [_on(one, url) for one in episodes(count)]

    many = [*at("https://a.example/x?n=1", 30), *at("https://a.example/x?n=2#y", 30)]
    told = balanced([*many, *at("https://b.example/", 20), *at("https://c.example/", 1)])
    weights = [told[f"chromium https://{page}"] for page in ("a.example/x", "b.example/", "c.example/")]
    assert weights[0] < 1 < weights[1] < weights[2] == 3.0
    assert balanced([]) == {}


def test_what_a_page_asks_for_now_and_then_is_no_word_it_knows() -> None:
    """However many recordings share a word, it is known by name only if some page's instructions say it in a fair share of cases."""
    found = [
        msgspec.structs.replace(one, instruction=f"Choose {'coral' if number % 50 == 0 else f'thing{number}'} here")
        for number, one in enumerate(episodes(100))
    ]
    words = usual_words(found)
    assert {"choose", "here"} <= words
    assert "coral" not in words
    assert not any(word.startswith("thing") for word in words)
    elsewhere = [_on(one, "https://b.example/", instruction="Coral please") for one in episodes(3)]
    assert "coral" in usual_words([*found, *elsewhere])
    assert usual_words([]) == frozenset()


def test_a_lesson_that_counts_nothing_teaches_nothing() -> None:
    """The weight of a lesson scales what it changes: with weight 0 it has no gradient."""
    moment = next(example for episode in episodes(1) for example in examples_of(episode, WORDS))
    config = PolicyConfig()
    arrays = fill_empty(Vocabulary(config).arrays(moment.features))
    network = ElementScorer(config).eval()
    losses = [float(loss_of(network, [Lesson(arrays, moment.element, 0, -1, (), weight)])) for weight in (0.0, 1.0, 2.0)]
    assert losses[0] == 0
    assert losses[2] == pytest.approx(2 * losses[1])
    assert losses[1] > 0


def test_too_few_sessions_for_so_many_slices_is_said(tmp_path: Path) -> None:
    """When no session falls into the first slice there is nothing to begin with."""
    lonely = next(name for name in map(str, range(100)) if slice_of(name, 64) != 0)
    with pytest.raises(UsageError, match="too few sessions"):
        train([episode(1, lonely)], tmp_path / "none", config=TrainingConfig(slices=64, words=WORDS))


def test_the_exported_graph_acts_as_the_network_does(trained: Path) -> None:
    """On a thousand pages ONNX and torch choose the same candidate and kind of action; the graph is small."""
    policy = OnnxPolicy.load(trained, words=WORDS)
    network = ElementScorer(policy.config).eval()
    network.load_state_dict(load_file(trained / "weights.safetensors"))
    draw = random.Random(2)
    told = 0
    for _ in range(1000):
        names = draw.sample(NAMES, draw.randint(2, 9))
        features = featurise(f'Click the "{draw.choice(NAMES)}" button.', page(names), history=(), words=WORDS)
        arrays = fill_empty(policy.vocabulary.arrays(features))
        batch, (tokens, elements, _) = pad([arrays])
        with torch.no_grad():
            ours = network(batch, (tokens, elements))
        theirs = policy.session.run(list(OUTPUTS), {name: arrays[name][None] for name in INPUTS})
        one, other = (
            decode(features, {name: np.asarray(part[0]) for name, part in zip(OUTPUTS, parts, strict=True)}, keys=policy.config.keys)
            for parts in (ours, theirs)
        )
        assert (one.kind, one.target) == (other.kind, other.target)
        assert one.confidence == pytest.approx(other.confidence, abs=1e-4)
        told += 1
    assert told == 1000
    assert sum((trained / name).stat().st_size for name in ("policy.onnx", "config.json", "card.json")) < 5_000_000
