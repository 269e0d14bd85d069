"""How each candidate relates to each word of the instruction: equality, nearness in meaning, neighbourhood.

Knows words and candidates, not tasks. Everything here is a relation between two texts of the same moment, so it holds for words
never seen and for placeholders (which equal only themselves and are near to nothing).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from witting.policy.candidates import Candidate
from witting.policy.tokens import Token, fold, folded_words, is_real_word, tokenise

Floats = NDArray[np.float32]
PAIRS = (
    "word", "whole", "whole_cased", "whole_quoted", "near", "near_best_of_word", "near_best_of_candidate", "value", "label", "row",
    "verbatim", "hint", "hint_near", "begins", "ends", "beside",
)  # fmt: skip
_FLEETING = ("hover", "active", "focus", "pressed")
_HINT_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SHORTEST_PART = 2  # letters
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
    is_quoted: bool  # it is all that stands between two quotation marks, but for marks at its ends
    is_verbatim: bool = False  # equal in case and marks, and nothing more is quoted


@dataclass(frozen=True, slots=True)
class Around:
    """What is beside a candidate."""

    row: frozenset[str]  # words on the same line
    level: int = 0  # levels above at which the first container lies that holds something else that is named; 0 = there is none
    named: frozenset[int] = frozenset()  # tokens that name what is in that container


def whole_matches(text: str, tokens: Sequence[Token]) -> tuple[Match, ...]:
    """Return where the whole of `text` stands in the instruction; marks at its ends needn't be the same."""
    said = tokenise(text)
    places = [at for at, token in enumerate(said) if token.is_word] or list(range(len(said)))
    if not places or places[-1] - places[0] >= len(tokens):
        return ()
    before, words, after = said[: places[0]], said[places[0] : places[-1] + 1], said[places[-1] + 1 :]
    size = len(words)
    matches = []
    for first in range(len(tokens) - size + 1):
        run = tokens[first : first + size]
        if all(a.folded == b.folded for a, b in zip(run, words, strict=True)):
            is_cased = all(a.text == b.text for a, b in zip(run, words, strict=True))
            start, end = _quote_around(tokens, first, end=first + size)
            is_quoted = run[0].is_quoted and all(not token.is_word for token in (*tokens[start:first], *tokens[first + size : end]))
            if not is_quoted:
                start, end = max(0, first - len(before)), first + size + len(after)
            is_verbatim = is_cased and [token.text for token in tokens[start:end]] == [token.text for token in said]
            matches.append(Match(first, first + size, is_cased, is_quoted, is_verbatim))
    return tuple(matches)


def _begun_or_ended(table: Floats, text: str, *, folded: Sequence[str]) -> None:
    """Mark which tokens a text begins or ends with, without being the whole of it."""
    for at, word in enumerate(folded):
        if _SHORTEST_PART <= len(word) < len(text):
            table[at, 13] = float(text.startswith(word))
            table[at, 14] = float(text.endswith(word))


def _quote_around(tokens: Sequence[Token], first: int, *, end: int) -> tuple[int, int]:
    """Return the tokens between the quotation marks that a run stands in: the first one and the one after the last."""
    while first > 0 and tokens[first - 1].is_quoted:
        first -= 1
    while end < len(tokens) and tokens[end].is_quoted:
        end += 1
    return first, end


def hint_words(key: str) -> tuple[str, ...]:
    """Return the words in what a page's author calls a node, by id and class: `#send-forward .iconStar2` says send, forward, icon, star."""
    found = (word.casefold() for hint in lasting_hints(key) if "⟨" not in hint for word in _HINT_WORD.findall(hint))
    return tuple(dict.fromkeys(word for word in found if len(word) > 1))


def lasting_hints(key: str) -> list[str]:
    """Return the author's hints at a node without those that only say where a person's pointer is: they give away what is clicked next."""
    return [word for word in key.split() if not any(state in word.casefold() for state in _FLEETING)]


def nearness(tokens: Sequence[Token], said: Sequence[Sequence[str]], *, words: WordVectors) -> Floats:
    """Return the cosine of what each candidate says and each instruction word, (candidates, tokens); 0 where there is no real word."""
    asked = [token.folded if is_real_word(token.text) else "" for token in tokens]
    vocabulary = sorted({word for word in asked if word} | {word for phrase in said for word in phrase})
    near = np.zeros((len(said), len(tokens)), np.float32)
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


def phrase(text: str) -> tuple[str, ...]:
    """Return the folded words of a short text of real words, nothing of any other: what its meaning is taken from."""
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
    around: Sequence[Around],
    words: WordVectors,
) -> Floats:
    """Return the relations of each candidate with each token, (candidates, tokens, len(PAIRS)); `around` = what is beside each."""
    table = np.zeros((len(candidates), len(tokens), len(PAIRS)), np.float32)
    hints = [hint_words(candidate.node.key) for candidate in candidates]
    folded = [token.folded for token in tokens]
    for index, candidate in enumerate(candidates):
        for channel, said in (
            (0, frozenset(folded_words(candidate.text))),
            (7, frozenset(folded_words(candidate.node.value))),
            (8, frozenset(folded_words(candidate.label))),
            (9, around[index].row),
            (11, frozenset(hints[index])),
        ):
            if said:
                table[index, [at for at, word in enumerate(folded) if word in said and tokens[at].is_word], channel] = 1.0
        _begun_or_ended(table[index], fold(candidate.text), folded=folded)
        for place in around[index].named:
            table[index, place, 15] = 1 / around[index].level
        for match in matches[index]:
            table[index, match.first : match.end, 1] = 1.0
            table[index, match.first : match.end, 2] = float(match.is_cased)
            table[index, match.first : match.end, 3] = float(match.is_quoted)
            table[index, match.first : match.end, 10] = float(match.is_verbatim)
    near = np.maximum(nearness(tokens, [phrase(candidate.text) for candidate in candidates], words=words), table[:, :, 1])
    table[:, :, 4] = near
    table[:, :, 5] = _soft_choice(near, axis=0)
    table[:, :, 6] = _soft_choice(near, axis=1)
    named = [tuple(word for word in found[:_LONGEST_PHRASE] if is_real_word(word)) for found in hints]
    table[:, :, 12] = np.maximum(nearness(tokens, named, words=words), table[:, :, 11])
    return table
