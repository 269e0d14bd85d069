"""The features of one moment: what a policy is told about an instruction, a UI tree and what was done so far.

Knows no task, no site and no weights: only relations, states, counts and geometry by rank. Words are handed on as words; which of
them a policy knows is its own vocabulary's matter (`witting.policy.decode`). Invariant: moving or scaling the window changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from witting.policy.candidates import ROLES, Candidate, candidates_of
from witting.policy.nearby import kind_of, months_to, named_beside
from witting.policy.relations import PAIRS, Around, Floats, Match, WordVectors, hint_words, lasting_hints, pairs, whole_matches
from witting.policy.tokens import Span, Token, fold, folded_words, ordinal_of, spans_of, tokenise
from witting.terms.tree import UiTree
from witting.terms.work import PolicyAction

_STATES = ("focused", "checked", "selected", "disabled", "expanded", "editable", "secure", "touched", "multiline")
_KINDS = ("click", "type", "key")
_TOKEN_FEATURES = ("placeholder", "word", "quoted", "digit", "capital", "ordinal", "place", "matched", "open", "owner")
_SPAN_FEATURES = ("quoted", "length", "placeholder", "typed", "place", "digit", "matched", "has_mark")
ELEMENT_FEATURES = (
    *(f"role_{role}" for role in ROLES), *_STATES,
    "has_text", "words", "exact", "exact_cased", "quoted", "quoted_cased", "overlap", "match_place", "match_size", "match_longest",
    "met", "open", "first_open", "open_rank", "has_value", "value_asked", "value_quoted", "label_asked",
    "opens", "any_open", "matched", "touched_count", "checked_count", "listed", "unmet_listed",
    "unmet_none", "unmet_one", "steps", "typed_count",
    "order", "across", "down", "width", "height", "peer_place", "peer_first", "peer_last", "peers", "ordinal", "ordinal_asked",
    "row_match", "match_above", "was_last", "was_typed", "was_clicked", "last_click", "last_type", "last_key", "after_last",
    "block_near", "nearest_of_kind", "day_asked", "month_before", "month_after", "month_same",
    "verbatim", "any_verbatim", "hinted", "hinted_nearest",
)  # fmt: skip
TOKEN_WIDTH = len(_TOKEN_FEATURES)
SPAN_WIDTH = len(_SPAN_FEATURES)
ELEMENT_WIDTH = len(ELEMENT_FEATURES)
PAIR_WIDTH = len(PAIRS)
MOST_TOKENS = 60
MOST_SPANS = 160
MOST_HINTS = 8


@dataclass(frozen=True, slots=True)
class Features:
    """One moment in numbers; `refs` and `spans` lead back to nodes and texts."""

    words: tuple[str, ...]  # the instruction's folded words, one a token
    hints: tuple[tuple[str, ...], ...]  # the author's hints at each candidate: tag, classes, parent
    tokens: Floats  # (tokens, TOKEN_WIDTH)
    elements: Floats  # (candidates, ELEMENT_WIDTH)
    pairs: Floats  # (candidates, tokens, PAIR_WIDTH)
    spans: Floats  # (spans, SPAN_WIDTH)
    span_edges: NDArray[np.int64]  # (spans, 2): first token and the one after the last
    span_labels: Floats  # (candidates, spans): how closely the candidate's label goes before the span
    refs: tuple[int, ...]  # node ref of each candidate
    span_texts: tuple[str, ...]  # what each span says, as written
    candidates: tuple[Candidate, ...]


def featurise(instruction: str, tree: UiTree, *, history: Sequence[PolicyAction], words: WordVectors) -> Features:
    """Return the features of `tree` for `instruction` after `history`; `words` gives the vectors that nearness is computed from."""
    tokens = tokenise(instruction)[:MOST_TOKENS]
    candidates = candidates_of(instruction, tree)
    matches = [whole_matches(candidate.text, tokens) for candidate in candidates]
    spans = tuple(span for span in spans_of(instruction, tokens))[:MOST_SPANS]
    rows = _row_words(candidates)
    beside = named_beside(tree, candidates, matches=matches)
    moment = _Moment(tokens, candidates, matches, rows, history, [level for level, _ in beside], months_to(candidates, tokens))
    around = [Around(row, *found) for row, found in zip(rows, beside, strict=True)]
    pair_table = pairs(tokens, candidates, matches=matches, around=around, words=words)
    return Features(
        words=tuple(token.folded for token in tokens),
        hints=tuple(_hints(candidate, tree) for candidate in candidates),
        tokens=_token_table(moment),
        elements=np.stack([_element_row(moment, index) for index in range(len(candidates))])
        if candidates
        else np.zeros((0, ELEMENT_WIDTH), np.float32),
        pairs=pair_table,
        spans=_span_table(moment, spans),
        span_edges=np.array([(span.first, span.end) for span in spans], np.int64).reshape(-1, 2),
        span_labels=_span_labels(moment, spans),
        refs=tuple(candidate.node.ref for candidate in candidates),
        span_texts=tuple(span.text for span in spans),
        candidates=candidates,
    )


@dataclass(frozen=True)
class _Moment:
    """What the tables are made from, with the sums that several of them need."""

    tokens: tuple[Token, ...]
    candidates: tuple[Candidate, ...]
    matches: list[tuple[Match, ...]]
    rows: list[frozenset[str]]
    history: Sequence[PolicyAction]
    named_at: Sequence[int]  # levels above each candidate at which something named in the instruction lies too, 0 = nowhere
    asked_day: tuple[int, int | None]  # day of the month that is asked for, and months from the page's month to it

    def met(self, index: int) -> bool:
        """Whether a candidate has been dealt with already: chosen, clicked or filled."""
        node = self.candidates[index].node
        if self.candidates[index].role in {"checkbox", "radio"}:
            return "checked" in node.states
        return "touched" in node.states or "selected" in node.states or bool(node.value) or self.typed(node.ref)

    def typed(self, ref: int) -> bool:
        """Whether the policy typed into node `ref` before."""
        return any(action.kind == "type" and action.target == ref for action in self.history)

    @cached_property
    def open_places(self) -> list[int]:
        """Return, in order, the first place in the instruction of each candidate that is named there and not dealt with."""
        return sorted({matches[0].first for index, matches in enumerate(self.matches) if matches and not self.met(index)})

    @cached_property
    def listed(self) -> int:
        """Return how many things the instruction seems to list: one more than its commas and "and"s."""
        return 1 + sum(token.folded in {",", "and", ";"} for token in self.tokens)

    @cached_property
    def sizes(self) -> list[int]:
        """Return each candidate's longest match in words, 0 for none."""
        return [max((match.end - match.first for match in matches), default=0) for matches in self.matches]

    @cached_property
    def kinds(self) -> list[tuple[str, str, str]]:
        """Return what each candidate has in common with its like."""
        return [kind_of(candidate) for candidate in self.candidates]

    @cached_property
    def levels(self) -> dict[tuple[str, str, str], tuple[int, int]]:
        """Return, by kind, the nearest and the farthest level at which one of that kind has something named beside it."""
        found: dict[tuple[str, str, str], list[int]] = {}
        for kind, level in zip(self.kinds, self.named_at, strict=True):
            if level:
                found.setdefault(kind, []).append(level)
        return {kind: (min(levels), max(levels)) for kind, levels in found.items()}

    @cached_property
    def verbatim(self) -> list[bool]:
        """Return for each candidate whether it says, letter by letter, what is quoted."""
        return [any(match.is_verbatim and match.is_quoted for match in found) for found in self.matches]

    @cached_property
    def hinted(self) -> list[bool]:
        """Return for each candidate whether the instruction has a word that the page's author calls it by."""
        asked = {token.folded for token in self.tokens if token.is_word}
        return [any(word in asked for word in hint_words(candidate.node.key)) for candidate in self.candidates]

    @cached_property
    def frame(self) -> tuple[int, int, int, int]:
        """Return left, top, width and height of the box around all candidates."""
        boxes = [candidate.node.box for candidate in self.candidates]
        left, top = min(box.x for box in boxes), min(box.y for box in boxes)
        return left, top, max(1, max(box.x + box.width for box in boxes) - left), max(1, max(box.y + box.height for box in boxes) - top)


def _row_words(candidates: Sequence[Candidate]) -> list[frozenset[str]]:
    """Return the words of the other candidates that hang on the same parent or stand on the same line."""
    words = [frozenset(folded_words(candidate.text)) for candidate in candidates]
    rows = []
    for index, candidate in enumerate(candidates):
        middle = candidate.node.box.y + candidate.node.box.height / 2
        beside = {
            word
            for at, other in enumerate(candidates)
            if at != index and other.node.box.y <= middle < other.node.box.y + other.node.box.height
            for word in words[at]
        }
        rows.append(frozenset(beside - words[index]))
    return rows


def _hints(candidate: Candidate, tree: UiTree) -> tuple[str, ...]:
    """Return the author's hints at a node: its tag, its id and classes without their numbers, its parent's tag."""
    node = candidate.node
    parent = tree.nodes[node.parent] if 0 <= node.parent < len(tree.nodes) else None
    keys = ["".join("0" if letter.isdigit() else letter for letter in word) for word in lasting_hints(node.key) if "⟨" not in word]
    found = [f"tag={node.tag}", *(f"key={key}" for key in keys[:5])]
    if parent is not None:
        found.append(f"in={parent.role}/{parent.tag}")
    return tuple(found[:MOST_HINTS])


def _token_table(moment: _Moment) -> Floats:
    table = np.zeros((len(moment.tokens), TOKEN_WIDTH), np.float32)
    for index, token in enumerate(moment.tokens):
        table[index, :7] = (
            token.is_placeholder,
            token.is_word,
            token.is_quoted,
            any(letter.isdigit() for letter in token.text),
            token.text[0].isupper(),
            ordinal_of(token.folded) != 0,
            index / len(moment.tokens),
        )
    for index, matches in enumerate(moment.matches):
        for match in matches:
            table[match.first : match.end, 7] = 1.0
            if not moment.met(index):
                table[match.first : match.end, 8] = 1.0
    table[:, 9] = [token.is_owner for token in moment.tokens]
    return table


def _element_row(moment: _Moment, index: int) -> Floats:
    candidate = moment.candidates[index]
    values = [float(candidate.role == role) for role in ROLES]
    values += [float(state in candidate.node.states) for state in _STATES]
    values += _says(moment, index) + _counts(moment) + _place(moment, index) + _past(moment, index) + _around(moment, index)
    return np.array(values, np.float32)


def _says(moment: _Moment, index: int) -> list[float]:
    """Return how what a candidate says stands to the instruction."""
    candidate, matches, tokens = moment.candidates[index], moment.matches[index], moment.tokens
    words = folded_words(candidate.text)
    asked = {token.folded for token in tokens if token.is_word}
    sizes = moment.sizes
    is_met, places = moment.met(index), moment.open_places
    rank = places.index(matches[0].first) if matches and not is_met else -1
    value_matches = whole_matches(candidate.node.value, tokens) if candidate.node.value else ()
    label_matches = whole_matches(candidate.label, tokens) if candidate.label else ()
    return [
        float(bool(words)), min(len(words), 10) / 10, float(bool(matches)), float(any(match.is_cased for match in matches)),
        float(any(match.is_quoted for match in matches)), float(any(match.is_quoted and match.is_cased for match in matches)),
        sum(word in asked for word in words) / max(1, len(words)), matches[0].first / len(tokens) if matches else 0.0,
        min(sizes[index], 5) / 5, float(bool(matches) and sizes[index] == max(sizes)),
        float(is_met), float(bool(matches) and not is_met), float(rank == 0), min(rank + 1, 5) / 5,
        float(bool(candidate.node.value)), float(bool(value_matches)), float(any(match.is_quoted for match in value_matches)),
        float(bool(label_matches)),
    ]  # fmt: skip


def _counts(moment: _Moment) -> list[float]:
    """Return what is the same for every candidate: how much is done, how much is left."""
    nodes = [candidate.node for candidate in moment.candidates]
    opens, listed = len(moment.open_places), moment.listed
    checked = sum("checked" in node.states for node in nodes)
    typed = sum(action.kind == "type" for action in moment.history)
    return [
        min(opens, 5) / 5, float(opens > 0), min(sum(bool(matches) for matches in moment.matches), 5) / 5,
        min(sum("touched" in node.states for node in nodes), 5) / 5, min(checked, 5) / 5, min(listed, 6) / 6,
        max(-1.0, min(listed - checked, 6) / 6), float(listed == checked), float(listed == checked + 1),
        min(len(moment.history), 8) / 8, min(typed, 3) / 3,
    ]  # fmt: skip


def _place(moment: _Moment, index: int) -> list[float]:
    """Return where a candidate stands among the others: by rank and by share, never by absolute position."""
    candidate = moment.candidates[index]
    box = candidate.node.box
    left, top, across, down = moment.frame
    peers = [at for at, other in enumerate(moment.candidates) if other.role == candidate.role]
    place = peers.index(index)
    asked = [ordinal for token in moment.tokens if (ordinal := ordinal_of(token.folded))]
    above = [at for at in range(index) if moment.matches[at]]
    return [
        index / len(moment.candidates), (box.x + box.width / 2 - left) / across, (box.y + box.height / 2 - top) / down,
        box.width / across, box.height / down, min(place, 8) / 8, float(place == 0), float(place == len(peers) - 1), min(len(peers), 8) / 8,
        float((place + 1) in asked or (-1 in asked and place == len(peers) - 1)), float(bool(asked)),
        float(bool(moment.rows[index] & {token.folded for token in moment.tokens if token.is_quoted})),
        1 / (index - above[-1]) if above else 0.0,
    ]  # fmt: skip


def _past(moment: _Moment, index: int) -> list[float]:
    """Return what was done before, and whether to this candidate."""
    ref = moment.candidates[index].node.ref
    last = moment.history[-1] if moment.history else None
    refs = [candidate.node.ref for candidate in moment.candidates]
    after = last is not None and last.target in refs and refs.index(last.target) + 1 == index
    return [
        float(last is not None and last.target == ref), float(moment.typed(ref)),
        float(any(action.kind == "click" and action.target == ref for action in moment.history)),
        *(float(last is not None and last.kind == kind) for kind in _KINDS), float(after),
    ]  # fmt: skip


def _around(moment: _Moment, index: int) -> list[float]:
    """Return how near a candidate is to what is named, among those of its kind, and how it stands to a day that is asked for."""
    candidate, level, kind = moment.candidates[index], moment.named_at[index], moment.kinds[index]
    nearest, farthest = moment.levels.get(kind, (0, 0))
    day, months = moment.asked_day
    is_nearest = level > 0 and level == nearest < farthest
    is_hinted = moment.hinted[index]
    return [
        1 / level if level else 0.0, float(is_nearest),
        float(day > 0 and candidate.text.strip().isdecimal() and int(candidate.text) == day),
        *(float(months is not None and is_so) for is_so in ((months or 0) < 0, (months or 0) > 0, months == 0)),
        float(moment.verbatim[index]), float(any(moment.verbatim)), float(is_hinted), float(is_hinted and is_nearest),
    ]  # fmt: skip


def _span_table(moment: _Moment, spans: Sequence[Span]) -> Floats:
    typed = {fold(action.text) for action in moment.history if action.kind == "type"}
    typed |= {fold(candidate.node.value) for candidate in moment.candidates if candidate.node.value}
    named = {fold(candidate.text) for candidate in moment.candidates if candidate.text}
    rows = [
        (
            span.is_quoted, (span.end - span.first) / 5, moment.tokens[span.first].is_placeholder and span.end - span.first == 1,
            fold(span.text) in typed, span.first / len(moment.tokens), any(letter.isdigit() for letter in span.text),
            fold(span.text) in named, not span.text.isalnum(),
        )
        for span in spans
    ]  # fmt: skip
    return np.array(rows, np.float32).reshape(-1, SPAN_WIDTH)


def _span_labels(moment: _Moment, spans: Sequence[Span]) -> Floats:
    """Return 1 / words between, for each candidate whose label stands before a span in the instruction."""
    table = np.zeros((len(moment.candidates), len(spans)), np.float32)
    for index, candidate in enumerate(moment.candidates):
        label = frozenset(folded_words(candidate.label))
        places = [at for at, token in enumerate(moment.tokens) if token.folded in label]
        for at, span in enumerate(spans):
            before = [place for place in places if place < span.first]
            if before:
                between = [token for token in moment.tokens[before[-1] + 1 : span.first] if token.is_word]
                table[index, at] = 1 / (1 + len(between))
    return table
