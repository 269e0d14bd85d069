"""Between features and a network: a policy's vocabulary turns words into numbers, and its scores into an action.

Knows neither torch nor ONNX. A vocabulary holds only words that several sessions share, so no single person's word is in a policy;
everything else is one and the same unknown word, told apart by relations alone.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from witting.policy.candidates import takes_text
from witting.policy.features import ELEMENT_FEATURES, PAIR_WIDTH, SPAN_WIDTH, TOKEN_WIDTH, Features
from witting.policy.relations import PAIRS
from witting.terms.errors import IntegrityError
from witting.terms.tree import TreeSource
from witting.terms.work import PolicyAction

Arrays = dict[str, NDArray[np.float32] | NDArray[np.int64]]
INPUTS = ("token_ids", "hint_ids", "tokens", "elements", "pairs", "spans", "span_edges", "span_labels")
OUTPUTS = ("element_scores", "kind_scores", "key_scores", "span_scores")
KINDS = ("click", "type", "key")
MOST_HINTS = 8
CONFIG_FILE = "config.json"
FORMAT = 2  # 2: times of day are one word, authors' hints are compared with the instruction
_LAST = 1e3  # log odds
_SURE = 0.5  # a policy stops only when that is likelier than all else together


class PolicyConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy needs besides its weights."""

    format: int = FORMAT  # of the features; a policy of another format is refused
    width: int = 48  # of the hidden vectors
    words: tuple[str, ...] = ()  # known instruction words; index 0 is kept for unknown ones
    hints: tuple[str, ...] = ()  # known author's hints; index 0 is kept for unknown ones
    keys: tuple[str, ...] = ()  # keys it may press
    observation: TreeSource = "page"  # whose account of a page it learnt from, and wants to be shown
    can_stop: bool = False  # whether it learnt from anybody when to stop; if not, it never says so
    element_features: tuple[str, ...] = ELEMENT_FEATURES
    pair_features: tuple[str, ...] = PAIRS
    model_id: str = ""

    def check(self) -> None:
        """Refuse a policy made for other features.

        Raises:
            IntegrityError: its features aren't those of this version.
        """
        if self.format != FORMAT or self.element_features != ELEMENT_FEATURES or self.pair_features != PAIRS:
            raise IntegrityError(
                "the policy was trained on other features than this version has", hint="train it again with `witting train`"
            )


def save_config(config: PolicyConfig, folder: Path) -> None:
    """Write `config` as JSON for people to read."""
    (folder / CONFIG_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(config), indent=1) + b"\n")


def load_config(folder: Path) -> PolicyConfig:
    """Return the config in `folder`.

    Raises:
        IntegrityError: it isn't there, isn't one, or is of another version.
    """
    try:
        config = msgspec.json.decode((folder / CONFIG_FILE).read_bytes(), type=PolicyConfig)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError, json.JSONDecodeError) as error:
        message = f"{folder} holds no policy ({type(error).__name__})"
        raise IntegrityError(message, hint="give the folder that `witting train` wrote") from None
    config.check()
    return config


class Vocabulary:
    """Numbers for the words and hints a policy knows."""

    def __init__(self, config: PolicyConfig) -> None:
        self._words = {word: index for index, word in enumerate(config.words, start=1)}
        self._hints = {hint: index for index, hint in enumerate(config.hints, start=1)}

    def arrays(self, features: Features) -> Arrays:
        """Return the network's inputs for one moment, without a batch axis."""
        hints = np.zeros((len(features.hints), MOST_HINTS), np.int64)
        for row, found in enumerate(features.hints):
            known = [self._hints[hint] for hint in found if hint in self._hints][:MOST_HINTS]
            hints[row, : len(known)] = known
        return {
            "token_ids": np.array([self._words.get(word, 0) for word in features.words], np.int64),
            "hint_ids": hints,
            "tokens": features.tokens,
            "elements": features.elements,
            "pairs": features.pairs,
            "spans": features.spans,
            "span_edges": features.span_edges,
            "span_labels": features.span_labels,
        }


def fill_empty(arrays: Arrays) -> Arrays:
    """Return `arrays` with one empty row where there is none, so that a network has something to look at."""
    filled = dict(arrays)
    if not len(filled["token_ids"]):
        filled["token_ids"], filled["tokens"] = np.zeros(1, np.int64), np.zeros((1, TOKEN_WIDTH), np.float32)
        filled["pairs"] = np.zeros((len(filled["elements"]), 1, PAIR_WIDTH), np.float32)
    if not len(filled["spans"]):
        filled["spans"], filled["span_edges"] = np.zeros((1, SPAN_WIDTH), np.float32), np.array([[0, 1]], np.int64)
        filled["span_labels"] = np.zeros((len(filled["elements"]), 1), np.float32)
    return filled


def log_softmax(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the logarithm of the share of each score."""
    lifted = scores.astype(np.float64) - float(scores.max())
    shares: NDArray[np.float64] = lifted - np.log(np.exp(lifted).sum())
    return shares


def decode(
    features: Features,
    scores: Mapping[str, NDArray[np.float32]],
    *,
    keys: Sequence[str],
    vain: Collection[PolicyAction] = (),
) -> PolicyAction:
    """Return the most likely action; `scores` are a network's outputs for one moment, as `OUTPUTS` names them.

    What is in `vain` changed nothing on this very page; what it was done to comes last.

    Shapes: element_scores (candidates + 1, the last is "stop"), kind_scores (candidates, 3), key_scores (keys),
    span_scores (candidates, spans).
    """
    elements = log_softmax(scores["element_scores"])
    if np.exp(elements[-1]) > _SURE:
        return PolicyAction(kind="stop", confidence=float(np.exp(elements[-1])))
    tried = {action.target for action in vain}
    open_ = np.array([ref not in tried for ref in features.refs])
    best = int(np.where(open_, elements[:-1], elements[:-1] - _LAST).argmax())
    confidence = float(np.exp(elements[best]))
    can_type = takes_text(features.candidates[best]) and bool(features.span_texts)
    allowed = np.array([True, can_type, bool(keys)])
    kinds = log_softmax(np.where(allowed, scores["kind_scores"][best], -1e9).astype(np.float32))
    kind = KINDS[int(kinds.argmax())]
    confidence *= float(np.exp(kinds.max()))
    target = features.refs[best]
    if kind == "type":
        spans = log_softmax(scores["span_scores"][best])
        confidence *= float(np.exp(spans.max()))
        return PolicyAction(kind="type", target=target, text=features.span_texts[int(spans.argmax())], confidence=confidence)
    if kind == "key":
        return PolicyAction(kind="key", target=target, key=keys[int(scores["key_scores"].argmax())], confidence=confidence)
    return PolicyAction(kind="click", target=target, confidence=confidence)
