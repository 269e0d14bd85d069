"""From scores to an action: only what the page allows, and never a word of one person's."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import FewWords, node, page, pages

from witting.policy.decode import (
    CONFIG_FILE,
    INPUTS,
    MOST_HINTS,
    OUTPUTS,
    PolicyConfig,
    Vocabulary,
    decode,
    fill_empty,
    load_config,
    log_softmax,
    save_config,
)
from witting.policy.features import Features, featurise
from witting.policy.onnx_policy import OnnxPolicy
from witting.terms.errors import IntegrityError
from witting.terms.tree import UiTree
from witting.terms.work import PolicyAction

KEYS = ("Return", "Escape")
FORM = page(node(0, -1, "text", "City"), node(1, -1, "textbox", states=("editable",)), node(2, -1, "button", "Save"))


def features_of(tree: UiTree, instruction: str = 'Enter "two words" as city') -> Features:
    """Return the features of a page before anything was done."""
    return featurise(instruction, tree, history=(), words=FewWords())


def scores_of(features: Features, **given_scores: list[float]) -> dict[str, np.ndarray]:
    """Return a network's outputs that say nothing, besides what is given: `elements`, and `kinds` and `spans` alike for each candidate."""
    count = len(features.refs)
    return {
        "element_scores": np.array(given_scores.get("elements", [0.0] * (count + 1)), np.float32),
        "kind_scores": np.array([given_scores.get("kinds", [0.0] * 3)] * count, np.float32),
        "key_scores": np.array(given_scores.get("keys", [0.0] * len(KEYS)), np.float32),
        "span_scores": np.array([given_scores.get("spans", [0.0] * len(features.span_texts))] * count, np.float32),
    }


def test_the_likeliest_candidate_is_clicked() -> None:
    """The highest element score names the node, and the confidence is its share."""
    features = features_of(FORM)
    action = decode(features, scores_of(features, elements=[0, 0, 5, 0], kinds=[9, 0, 0]), keys=KEYS)
    assert (action.kind, action.target) == ("click", 2)
    assert 0.9 < action.confidence <= 1


def test_only_an_editable_field_is_typed_into() -> None:
    """A policy that would type into a button clicks it; into a field it types one of the instruction's spans."""
    features = features_of(FORM)
    chosen = [float(text == "two words") * 9 for text in features.span_texts]
    typed = decode(features, scores_of(features, elements=[0, 5, 0, 0], kinds=[0, 9, 0], spans=chosen), keys=KEYS)
    assert (typed.kind, typed.target, typed.text) == ("type", 1, "two words")
    assert decode(features, scores_of(features, elements=[0, 0, 5, 0], kinds=[1, 9, 0]), keys=KEYS).kind == "click"


def test_a_key_is_pressed_only_where_the_policy_has_keys() -> None:
    """A policy without keys clicks where another would press one."""
    features = features_of(FORM)
    scores = scores_of(features, elements=[0, 0, 5, 0], kinds=[1, 0, 9], keys=[0, 3])
    pressed = decode(features, scores, keys=KEYS)
    assert (pressed.kind, pressed.key, pressed.target) == ("key", "Escape", 2)
    assert decode(features, scores, keys=()).kind == "click"


def test_a_policy_stops_only_when_that_is_likelier_than_all_else() -> None:
    """A stop that is the best of many, but below a half, is no stop."""
    features = features_of(FORM)
    assert decode(features, scores_of(features, elements=[0, 0, 0, 5]), keys=KEYS).kind == "stop"
    assert decode(features, scores_of(features, elements=[1, 1, 1, 1.2]), keys=KEYS).kind != "stop"


@given(pages(), st.integers(0, 2**32 - 1))
def test_whatever_the_scores_the_action_can_be_done(tree: UiTree, seed: int) -> None:
    """The target is a candidate, typing is into a field and of words of the instruction, the confidence is a probability."""
    features = features_of(tree)
    if not features.refs:
        return
    chance = np.random.default_rng(seed)
    scores = {name: (chance.standard_normal(array.shape) * 4).astype(np.float32) for name, array in scores_of(features).items()}
    action = decode(features, scores, keys=KEYS)
    assert 0 <= action.confidence <= 1
    if action.kind == "stop":
        return
    assert action.target in features.refs
    if action.kind == "type":
        assert "editable" in tree.nodes[action.target].states
        assert action.text in features.span_texts
    assert (action.kind == "key") is (action.key in KEYS)


@given(pages(), st.integers(0, 2**32 - 1))
def test_what_was_done_in_vain_comes_last(tree: UiTree, seed: int) -> None:
    """What changed nothing on this very page isn't done again while there is anything else to do."""
    features = features_of(tree)
    if len(features.refs) < 2:
        return
    chance = np.random.default_rng(seed)
    scores = {name: (chance.standard_normal(array.shape) * 4).astype(np.float32) for name, array in scores_of(features).items()}
    scores["element_scores"][-1] = -50  # not a stop
    first = decode(features, scores, keys=KEYS)
    second = decode(features, scores, keys=KEYS, vain=(first,))
    assert second.target not in {-1, first.target}
    assert 0 <= second.confidence <= 1
    everything = [PolicyAction(kind="click", target=ref) for ref in features.refs]
    assert decode(features, scores, keys=KEYS, vain=everything).target == first.target


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=30))
def test_shares_add_up_to_one(scores: list[float]) -> None:
    """However large the scores, the shares are finite and make a whole."""
    assert np.exp(log_softmax(np.array(scores, np.float32))).sum() == pytest.approx(1)


def test_a_word_of_one_person_is_the_unknown_word() -> None:
    """A policy knows its vocabulary only: every other word, and every placeholder, is number 0."""
    config = PolicyConfig(words=("enter", "city"), hints=("tag=input",))
    arrays = Vocabulary(config).arrays(features_of(page(node(0, -1, "textbox", tag="input")), "Enter Kunigunde ⟨NAME_1⟩ city"))
    assert arrays["token_ids"].tolist() == [1, 0, 0, 2]
    assert arrays["hint_ids"].tolist() == [[1, *[0] * (MOST_HINTS - 1)]]


@pytest.mark.parametrize(("tree", "instruction"), [(FORM, ""), (FORM, "?"), (page(node(0, -1, "button", "x")), "")])
def test_an_empty_instruction_still_fits_a_network(tree: UiTree, instruction: str) -> None:
    """Where there are no words or spans, one empty row stands for them, of the right shape beside the candidates."""
    features = features_of(tree, instruction)
    arrays = fill_empty(Vocabulary(PolicyConfig()).arrays(features))
    count, tokens, spans = len(features.refs), len(arrays["token_ids"]), len(arrays["spans"])
    assert set(INPUTS) == set(arrays)
    assert min(tokens, spans) >= 1
    assert len(arrays["tokens"]) == tokens
    assert arrays["pairs"].shape[:2] == (count, tokens)
    assert arrays["span_labels"].shape == (count, spans)
    assert arrays["span_edges"].shape == (spans, 2)


def test_a_config_comes_back_as_it_was(tmp_path: Path) -> None:
    """What is written for people to read is read again, word for word."""
    config = PolicyConfig(words=("größe", "two"), keys=KEYS, model_id="m1")
    save_config(config, tmp_path)
    assert load_config(tmp_path) == config
    assert "größe" in (tmp_path / CONFIG_FILE).read_text("utf-8")


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"width": "x"}', b"\xff"])
def test_a_folder_that_holds_no_policy_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """Nothing there, or nothing that is one: one error that says what to give."""
    if content is not None:
        (tmp_path / CONFIG_FILE).write_bytes(content)
    with pytest.raises(IntegrityError, match="holds no policy") as caught:
        load_config(tmp_path)
    assert caught.value.hint


@pytest.mark.parametrize("change", [{"format": 1}, {"element_features": ("x",)}, {"pair_features": ("x",)}])
def test_a_policy_of_other_features_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    """Weights that were learnt on other numbers aren't used on these."""
    save_config(msgspec.structs.replace(PolicyConfig(), **change), tmp_path)
    with pytest.raises(IntegrityError, match="other features"):
        load_config(tmp_path)


def test_a_config_without_its_network_is_refused(tmp_path: Path) -> None:
    """Half a policy isn't one."""
    save_config(PolicyConfig(), tmp_path)
    with pytest.raises(IntegrityError, match=r"policy\.onnx"):
        OnnxPolicy.load(tmp_path, words=FewWords())


class Network:
    """A network that always takes the last candidate, and notes what it was given."""

    def __init__(self) -> None:
        self.given: dict[str, np.ndarray] = {}

    def run(self, outputs: list[str], inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        """Return scores for one moment, with a batch axis."""
        self.given = inputs
        count, spans = inputs["elements"].shape[1], inputs["spans"].shape[1]
        shapes = {"element_scores": (count + 1,), "kind_scores": (count, 3), "key_scores": (1,), "span_scores": (count, spans)}
        scores = {name: np.zeros((1, *shapes[name]), np.float32) for name in OUTPUTS}
        scores["element_scores"][0, count - 1] = 9
        return [scores[name] for name in outputs]


def test_a_policy_acts_on_what_is_there() -> None:
    """Its network sees one moment in a batch of one; its answer is an action on the page."""
    network = Network()
    action = OnnxPolicy(PolicyConfig(), network, words=FewWords()).act("Click Save", FORM)
    assert (action.kind, action.target) == ("click", 2)
    assert {name: array.shape[0] for name, array in network.given.items()} == dict.fromkeys(INPUTS, 1)


def test_a_page_with_nothing_on_it_ends_the_episode() -> None:
    """Where nothing can be acted on the policy stops, without asking its network."""
    network = Network()
    assert OnnxPolicy(PolicyConfig(), network, words=FewWords()).act("Click Save", page(node(0, -1, "group"))).kind == "stop"
    assert network.given == {}
