"""Rare words made opaque and placeholders made words, so that a policy learns relations and not vocabulary.

Recordings come with placeholders where live pages have plain words. A rewritten episode keeps every equality and nothing else of
the words it changes. Knows texts, not networks. Invariant: the same episode and seed give the same rewritten episode.
"""

import random
import re

import msgspec

from witting.policy.candidates import candidates_of
from witting.policy.tokens import folded_words, tokenise
from witting.terms.work import Episode

_PLACEHOLDER = re.compile(r"⟨[^⟩\s]+⟩")
_ONSETS, _VOWELS = (*"bdfgklmnprstvz", "br", "gr", "pl", "st", "tr"), "aeiou"
_CODAS = ("", "", *"nrsl")
_SHARE_OPAQUE = 0.5


def _pool(size: int, seed: int) -> tuple[str, ...]:
    """Return invented words and codes: some read like language, some don't."""
    draw = random.Random(seed)  # noqa: S311 - not for secrets
    words = []
    for index in range(size):
        if index % 3 == 2:  # noqa: PLR2004
            words.append("".join(draw.choice("abcdefghkmnpqrstABCDEFGHKMNPQRST23456789") for _ in range(draw.randint(2, 7))))
        else:
            word = "".join(draw.choice(_ONSETS) + draw.choice(_VOWELS) + draw.choice(_CODAS) for _ in range(draw.randint(1, 3)))
            words.append(word.capitalize() if draw.random() < 0.3 else word)  # noqa: PLR2004
    return tuple(words)


_POOL = _pool(120, 1)


def rewrite(episode: Episode, common: frozenset[str], *, seed: int) -> Episode:
    """Return the episode with its placeholders filled by invented words and half of its rare shared words made placeholders.

    A word is shared if it stands both in the instruction and in what was acted on or typed: words related by meaning alone are kept,
    and so are those in `common` (folded).
    """
    draw = random.Random(f"{seed} {episode.session_id} {episode.episode_id}")  # noqa: S311 - not for secrets
    texts = [episode.instruction, *(node.name for step in episode.steps if step.observation.tree for node in step.observation.tree.nodes)]
    filled = sorted({found for text in texts for found in _PLACEHOLDER.findall(text)})
    names = draw.sample(_POOL, k=min(len(filled), len(_POOL)))
    swaps = dict(zip(filled, names, strict=False))
    asked = {token.folded for token in tokenise(episode.instruction) if token.is_word and not token.is_placeholder}
    rare = sorted((asked & _acted_on(episode)) - common)
    for number, word in enumerate(rare, start=1):
        if draw.random() < _SHARE_OPAQUE:
            swaps[word] = f"⟨WORD_{900 + number}⟩"
    return _rewritten(episode, swaps) if swaps else episode


def _acted_on(episode: Episode) -> set[str]:
    """Return the folded words of typed texts and of candidates."""
    words = {word for step in episode.steps for word in folded_words(step.action.text)}
    for step in episode.steps:
        if step.observation.tree is not None:
            found = candidates_of(episode.instruction, step.observation.tree)
            words |= {word for candidate in found for word in folded_words(candidate.text)}
    return words


def _rewritten(episode: Episode, swaps: dict[str, str]) -> Episode:
    def said(text: str) -> str:
        return _swap(text, swaps)

    steps = []
    for step in episode.steps:
        tree = step.observation.tree
        if tree is not None:
            nodes = tuple(
                msgspec.structs.replace(node, name=said(node.name), value=said(node.value)) if node.name or node.value else node
                for node in tree.nodes
            )
            observation = msgspec.structs.replace(step.observation, tree=msgspec.structs.replace(tree, nodes=nodes, digest=""))
        else:
            observation = step.observation
        action = msgspec.structs.replace(step.action, text=said(step.action.text))
        steps.append(msgspec.structs.replace(step, observation=observation, action=action))
    return msgspec.structs.replace(episode, instruction=said(episode.instruction), steps=tuple(steps))


def _swap(text: str, swaps: dict[str, str]) -> str:
    """Return `text` with each token that is to be swapped replaced."""
    if not text:
        return text
    out, at = [], 0
    for token in tokenise(text):
        new = swaps.get(token.text if token.is_placeholder else token.folded)
        if new is not None:
            out.append(text[at : token.start] + new)
            at = token.end
    return "".join(out) + text[at:]
