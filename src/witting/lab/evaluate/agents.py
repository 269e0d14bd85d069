"""Who acts in an evaluation: a trained policy, and the three controls that learnt from nobody.

Knows instructions and trees. The controls see the same candidates as the policy does, so what differs is what was learnt.
"""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from witting.policy.candidates import Candidate, candidates_of
from witting.policy.encoder import MiniLmVectors
from witting.policy.onnx_policy import OnnxPolicy
from witting.policy.relations import Match, WordVectors, nearness, phrase, whole_matches
from witting.policy.tokens import Span, Token, fold, folded_words, spans_of, tokenise
from witting.terms.tree import TreeSource, UiTree
from witting.terms.work import PolicyAction

_FLEETING = frozenset({"touched", "focused"})
RANDOM, TEXT_MATCH, MEANING = "random", "text-match", "meaning"
PLAIN_AGENTS = (RANDOM, TEXT_MATCH, MEANING)
_NEAR = 0.4  # cosine from which two words are taken to mean the same


class Agent(Protocol):
    """Decides one action at a time; `name` is how reports call it, `observation` whose account of a page it is shown."""

    name: str
    observation: TreeSource

    def begin(self, seed: int) -> None:
        """Forget the last episode; draws of the next one depend on `seed` alone."""
        ...

    def act(self, instruction: str, tree: UiTree, *, history: Sequence[PolicyAction]) -> PolicyAction:
        """Return what to do next."""
        ...


class PolicyAgent:
    """A trained policy."""

    def __init__(self, folder: str | Path, *, name: str = "", signer: bytes | None = None) -> None:
        self._policy = OnnxPolicy.load(folder, signer=signer)
        self.name = name or self._policy.config.model_id or "policy"
        self.observation = self._policy.config.observation
        self.model_id = self._policy.config.model_id
        self._vain: list[PolicyAction] = []  # done on the page as it stands, and it still stands so
        self._page = b""

    def begin(self, seed: int) -> None:
        """Forget the last episode; a policy draws nothing."""
        del seed
        self._vain, self._page = [], b""

    def act(self, instruction: str, tree: UiTree, *, history: Sequence[PolicyAction]) -> PolicyAction:
        """Return the policy's likeliest action that hasn't been done in vain."""
        page = shown(tree)
        self._vain = [*self._vain, *history[-1:]] if page == self._page else []
        self._page = page
        return self._policy.act(instruction, tree, history=history, vain=self._vain)


def shown(tree: UiTree) -> bytes:
    """Return what a page says and holds, but for what was touched and has the focus: equal when an action changed nothing."""
    return repr([(n.parent, n.role, n.name, n.value, n.box, [s for s in n.states if s not in _FLEETING]) for n in tree.nodes]).encode()


class RandomClicker:
    """Picks any candidate with equal chance; into a field it types a word of the instruction."""

    name = RANDOM
    observation: TreeSource = "page"

    def __init__(self) -> None:
        self._draw = random.Random()  # noqa: S311 - not for secrets

    def begin(self, seed: int) -> None:
        """Draw anew from `seed`."""
        self._draw = random.Random(f"random clicker {seed}")  # noqa: S311 - not for secrets

    def act(self, instruction: str, tree: UiTree, *, history: Sequence[PolicyAction]) -> PolicyAction:
        """Return a random action; `history` is ignored."""
        del history
        found = candidates_of(instruction, tree)
        if not found:
            return PolicyAction(kind="stop")
        chosen = self._draw.choice(found)
        words = [token.text for token in tokenise(instruction) if token.is_word]
        if "editable" in chosen.node.states and words:
            return PolicyAction(kind="type", target=chosen.node.ref, text=self._draw.choice(words))
        return PolicyAction(kind="click", target=chosen.node.ref)


class TextMatchRule:
    """Clicks what the instruction names word by word, types what it quotes, looks behind tabs, then confirms; learnt from nobody."""

    name = TEXT_MATCH
    observation: TreeSource = "page"

    def begin(self, seed: int) -> None:
        """Do nothing: the rule draws nothing."""

    def act(self, instruction: str, tree: UiTree, *, history: Sequence[PolicyAction]) -> PolicyAction:
        """Return the first of: a named control, a quoted text to type, another tab, a button to confirm, whatever is untouched."""
        page = _Page(instruction, tree, history=history)
        choice = page.named(is_quoted=True) or page.to_type() or page.named(is_quoted=False) or page.other_tab() or page.confirm()
        if choice is None:
            choice = page.untouched()
        return choice or PolicyAction(kind="stop")


class MeaningRule(TextMatchRule):
    """The text-match rule that also takes what is near in meaning for what is named; learnt from nobody, knows the sentence model."""

    name = MEANING

    def __init__(self, words: WordVectors | None = None) -> None:
        self._words = words or MiniLmVectors()

    def act(self, instruction: str, tree: UiTree, *, history: Sequence[PolicyAction]) -> PolicyAction:
        """Return the first of: what is quoted, to be typed, named but no button, nearest in meaning; then the rest of the rule."""
        page = _Page(instruction, tree, history=history)
        named = page.named(is_quoted=False)
        if named is not None and page.is_button(named.target):
            named = None  # confirmed when nothing is left that is meant
        choice = page.named(is_quoted=True) or page.to_type() or named or page.meant(self._words)
        return choice or super().act(instruction, tree, history=history)


class _Page:
    """What the rule looks at in one moment."""

    def __init__(self, instruction: str, tree: UiTree, *, history: Sequence[PolicyAction]) -> None:
        self.found = candidates_of(instruction, tree)
        self.tokens: tuple[Token, ...] = tokenise(instruction)
        self.quoted: list[Span] = [span for span in spans_of(instruction, self.tokens) if span.is_quoted]
        self.history = history

    def _is_open(self, candidate: Candidate) -> bool:
        done = {"checked", "touched", "selected"} & set(candidate.node.states)
        filled = candidate.node.value or any(a.kind == "type" and a.target == candidate.node.ref for a in self.history)
        return not done and not filled

    def _is_field(self, candidate: Candidate) -> bool:
        return "editable" in candidate.node.states

    def named(self, *, is_quoted: bool) -> PolicyAction | None:
        """Return a click on an open candidate whose whole text stands in the instruction: controls and longer texts first."""
        ranked: list[tuple[tuple[bool, bool, int, int], Candidate]] = []
        for candidate in self.found:
            matches: tuple[Match, ...] = whole_matches(candidate.text, self.tokens)
            if self._is_field(candidate) or not self._is_open(candidate) or not matches:
                continue
            if any(match.is_quoted for match in matches) == is_quoted:
                first = matches[0]
                is_cased = any(match.is_cased for match in matches)
                ranked.append(((candidate.role == "text", not is_cased, first.first - first.end, first.first), candidate))
        if not ranked:
            return None
        return PolicyAction(kind="click", target=min(ranked, key=lambda one: one[0])[1].node.ref)

    def is_button(self, ref: int) -> bool:
        """Whether a node is a button."""
        return any(candidate.node.ref == ref and candidate.role == "button" for candidate in self.found)

    def meant(self, words: WordVectors) -> PolicyAction | None:
        """Return a click on the open candidate, no button, that is nearest in meaning to a word that no other one is nearer to."""
        near = nearness(self.tokens, [phrase(candidate.text) for candidate in self.found], words=words)
        if not near.size:
            return None
        best = near.argmax(axis=0)  # of each word
        ranked = [
            (float(near[index, at]), index)
            for at, index in enumerate(best)
            if near[index, at] >= _NEAR and self._is_open(self.found[index]) and not self._is_field(self.found[index])
            if self.found[index].role != "button"
        ]
        return PolicyAction(kind="click", target=self.found[max(ranked)[1]].node.ref) if ranked else None

    def to_type(self) -> PolicyAction | None:
        """Return the typing of the next quoted text: into the field whose label stands before it, else into the first open field."""
        typed = {fold(action.text) for action in self.history if action.kind == "type"}
        spans = [span for span in self.quoted if fold(span.text) not in typed]
        fields = [candidate for candidate in self.found if self._is_field(candidate) and self._is_open(candidate)]
        if not spans or not fields:
            return None
        before = {token.folded for token in self.tokens[max(0, spans[0].first - 3) : spans[0].first]}
        field = next((one for one in fields if set(folded_words(one.label)) & before), fields[0])
        return PolicyAction(kind="type", target=field.node.ref, text=spans[0].text)

    def other_tab(self) -> PolicyAction | None:
        """Return a click on a tab that wasn't opened yet."""
        tab = next((one for one in self.found if one.role == "tab" and self._is_open(one)), None)
        return PolicyAction(kind="click", target=tab.node.ref) if tab else None

    def confirm(self) -> PolicyAction | None:
        """Return a click on the last button whose text the instruction names, else on the last button."""
        buttons = [one for one in self.found if one.role == "button"]
        named = [one for one in buttons if whole_matches(one.text, self.tokens)]
        chosen = (named or buttons)[-1:]
        return PolicyAction(kind="click", target=chosen[0].node.ref) if chosen else None

    def untouched(self) -> PolicyAction | None:
        """Return a click on the first candidate that nothing was done to."""
        chosen = next((one for one in self.found if self._is_open(one)), None)
        return PolicyAction(kind="click", target=chosen.node.ref) if chosen else None


def agent_of(name: str, *, signer: bytes | None = None) -> Agent:
    """Return the agent a command line names: `random`, `text-match`, `meaning`, or a policy's folder, optionally `NAME=FOLDER`.

    Raises:
        IntegrityError: a file of the policy isn't the one that was signed, or `signer` isn't who signed it.
    """
    if name == RANDOM:
        return RandomClicker()
    if name == TEXT_MATCH:
        return TextMatchRule()
    if name == MEANING:
        return MeaningRule()
    label, _, folder = name.rpartition("=")
    return PolicyAgent(folder, name=label, signer=signer)
