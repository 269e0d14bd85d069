"""How each candidate relates to each word of the instruction: equality, nearness in meaning, neighbourhood.

Knows words and candidates, not tasks. Everything here is a relation between two texts of the same moment, so it holds for words
never seen and for placeholders (which equal only themselves and are near to nothing).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from witting.policy.candidates import Candidate
from witting.policy.tokens import Token, folded_words, is_real_word, tokenise

Floats = NDArray[np.float32]
PAIRS = ("word", "whole", "whole_cased", "whole_quoted", "near", "near_best_of_word", "near_best_of_candidate", "value", "label", "row")
_LONGEST_PHRASE = 4  # words whose meaning is compared
_SHARPNESS = 12.0  # of the soft choice among nearnesses


class WordVectors(Protocol):
    """Unit vectors of single real words; what nearness in meaning is computed from."""

    def vectors(self, words: Sequence[str]) -> Floats:
        """Return one row per word, (n, width), of length 1; zeros for a word that has none."""
        ...


@dataclass(frozen=True, slots=True)
class Match:
    """A place in the instruction where a candidate's whole text stands."""

    first: int  # token index
    end: int
    is_cased: bool  # equal in case too
    is_quoted: bool  # it is all that stands between two quotation marks


def whole_matches(text: str, tokens: Sequence[Token]) -> tuple[Match, ...]:
    """Return where the whole of `text` stands in the instruction."""
    words = [token for token in tokenise(text) if token.is_word] or list(tokenise(text))
    size = len(words)
    if not size or size > len(tokens):
        return ()
    matches = []
    for first in range(len(tokens) - size + 1):
        run = tokens[first : first + size]
        if all(a.folded == b.folded for a, b in zip(run, words, strict=True)):
            before = first > 0 and tokens[first - 1].is_quoted
            after = first + size < len(tokens) and tokens[first + size].is_quoted
            is_quoted = run[0].is_quoted and not before and not after
            matches.append(Match(first, first + size, all(a.text == b.text for a, b in zip(run, words, strict=True)), is_quoted))
    return tuple(matches)


def nearness(tokens: Sequence[Token], candidates: Sequence[Candidate], *, words: WordVectors) -> Floats:
    """Return the cosine of each candidate's text and each instruction word, (candidates, tokens); 0 where either is no real word."""
    asked = [token.folded if is_real_word(token.text) else "" for token in tokens]
    said = [_phrase(candidate.text) for candidate in candidates]
    vocabulary = sorted({word for word in asked if word} | {word for phrase in said for word in phrase})
    near = np.zeros((len(candidates), len(tokens)), np.float32)
    if not vocabulary:
        return near
    rows = words.vectors(vocabulary)
    place = {word: index for index, word in enumerate(vocabulary)}
    columns = [index for index, word in enumerate(asked) if word]
    if not columns:
        return near
    asked_rows = rows[[place[asked[index]] for index in columns]]
    for index, phrase in enumerate(said):
        if phrase:
            mean = rows[[place[word] for word in phrase]].mean(axis=0)
            near[index, columns] = asked_rows @ (mean / max(float(np.linalg.norm(mean)), 1e-6))
    positive: Floats = np.maximum(near, np.float32(0))
    return positive


def _phrase(text: str) -> tuple[str, ...]:
    words = [token for token in tokenise(text) if token.is_word]
    if not 0 < len(words) <= _LONGEST_PHRASE or not all(is_real_word(word.text) for word in words):
        return ()
    return tuple(word.folded for word in words)


def _soft_choice(near: Floats, axis: int) -> Floats:
    """Return how clearly each entry is the nearest along `axis`: a sharp softmax, 0 where nothing is near."""
    if near.shape[axis] == 0:
        return near
    grown = np.exp(_SHARPNESS * (near - near.max(axis=axis, keepdims=True)))
    shares: Floats = (grown / grown.sum(axis=axis, keepdims=True) * (near > 0)).astype(np.float32)
    return shares


def pairs(
    tokens: Sequence[Token],
    candidates: Sequence[Candidate],
    *,
    matches: Sequence[Sequence[Match]],
    rows: Sequence[frozenset[str]],
    words: WordVectors,
) -> Floats:
    """Return the relations of every candidate with every token, (candidates, tokens, len(PAIRS)); `rows` = words beside each candidate."""
    table = np.zeros((len(candidates), len(tokens), len(PAIRS)), np.float32)
    folded = [token.folded for token in tokens]
    for index, candidate in enumerate(candidates):
        for channel, said in (
            (0, frozenset(folded_words(candidate.text))),
            (7, frozenset(folded_words(candidate.node.value))),
            (8, frozenset(folded_words(candidate.label))),
            (9, rows[index]),
        ):
            if said:
                table[index, [at for at, word in enumerate(folded) if word in said and tokens[at].is_word], channel] = 1.0
        for match in matches[index]:
            table[index, match.first : match.end, 1] = 1.0
            table[index, match.first : match.end, 2] = float(match.is_cased)
            table[index, match.first : match.end, 3] = float(match.is_quoted)
    near = np.maximum(nearness(tokens, candidates, words=words), table[:, :, 1])
    table[:, :, 4] = near
    table[:, :, 5] = _soft_choice(near, axis=0)
    table[:, :, 6] = _soft_choice(near, axis=1)
    return table
