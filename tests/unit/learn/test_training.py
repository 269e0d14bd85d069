"""Training learns what is asked, gives the same weights for the same data, and keeps nothing of who is left out."""

from pathlib import Path

import pytest
import torch
from lessons import HashedWords, episodes, page

from witting.lab.learn import TrainingConfig, load_card, train
from witting.lab.learn.examples import examples_of
from witting.lab.learn.fit import pad
from witting.lab.learn.model import ElementScorer
from witting.lab.unlearn import prove
from witting.policy.decode import PolicyConfig, Vocabulary, fill_empty
from witting.policy.onnx_policy import OnnxPolicy
from witting.terms.errors import IntegrityError, UsageError
from witting.terms.work import ModelCard

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
