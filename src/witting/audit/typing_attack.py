"""Who typed? People are recognised by how they type, first as it was, then by what witting writes of it.

What is written is made by the product's own reduction: text without the keys that were taken back, keys by name, times as `KeyReducer`
tells them. Knows no files. Invariant: the attack is trained anew on each kind of data, with the same features wherever they exist.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from witting.audit.behaviour_data import Press, Typist
from witting.audit.recognising import Finding, Round, Seen, recognise, strongest
from witting.device.privacy.behaviour import KeyReducer, Written
from witting.terms.errors import UsageError

SENTENCES = 5  # what an attacker holds of somebody unknown
_KNOWN = 5  # sentences at least that somebody is known by
_AT_ONCE = 3  # of them looked at together
_MS = 1_000_000
_SHIFT, _BACKSPACE, _UPPER = 16, 8, 1000
_MODIFIERS = frozenset({16, 17, 18, 20, 91, 92, 93, 144})
_TEXT = frozenset({32, *range(48, 58), *range(65, 91), *range(96, 112), *range(186, 193), *range(219, 223)})
_KEYS, _PAIRS, _TRIPLES = 40, 60, 30
_SHARES = (10, 25, 50, 75, 90)

Rows = NDArray[np.float64]  # (keys, 4): code, held, since the press before, since the release before; milliseconds, NaN = not known


def recognise_typists(people: Sequence[Typist], *, seed: int) -> list[Finding]:
    """Return how well people are recognised by five sentences: raw, by the order of keys alone, and reduced.

    Raises:
        UsageError: somebody has too few sentences.
    """
    few = [person for person in people if len(person.sentences) < SENTENCES + _KNOWN]
    if few:
        message = f"{len(few)} of {len(people)} people have fewer than {SENTENCES + _KNOWN} sentences"
        raise UsageError(message, hint="leave them out, or take longer recordings")
    return [_recognise(people, what, seed=seed) for what in ("raw", "key order alone", "reduced")]


def _recognise(people: Sequence[Typist], what: str, *, seed: int) -> Finding:
    told = {person.name: [_told(sentence, what) for sentence in person.sentences] for person in people}
    words = _Vocabulary(told)
    by_one = [_round(told, words, fold=fold, at_once=1) for fold in range(_folds(people))]
    by_three = [_round(told, words, fold=fold, at_once=_AT_ONCE) for fold in range(_folds(people))]
    return strongest([recognise(what, by_three, seed=seed), recognise(what, by_one, seed=seed)])


def _folds(people: Sequence[Typist]) -> int:
    """Return how many times five sentences can be the unknown ones."""
    return min(3, min(len(person.sentences) for person in people) // SENTENCES)


def _told(sentence: Sequence[Press], what: str) -> Rows:
    if what == "reduced":
        return as_recorded(sentence)
    rows = np.array([(press.code, press.held_ms, press.since_ms, press.free_ms) for press in sentence], float).reshape(-1, 4)
    if what == "key order alone":
        rows[:, 1:] = np.nan
    elif len(rows):
        rows[0, 2:] = np.nan  # the first key follows none
    return rows


def as_recorded(sentence: Sequence[Press]) -> Rows:
    """Return what is left of a sentence in a recording at the level `text`: runs of text and keys by name, in reduced times."""
    keys, told = KeyReducer(Written()), list[tuple[float, float, float, float]]()
    run: list[tuple[int, int]] = []  # code, when
    last_ns = now_ns = 3_600_000 * _MS
    shift_until_ns = 0

    def end_run() -> None:
        nonlocal last_ns
        if run:
            began_ns, ended_ns = keys.run(run[0][1], run[-1][1], length=len(run))
            step_ms = (ended_ns - began_ns) / max(1, len(run) - 1) / _MS
            for place, (code, _) in enumerate(run):
                told.append((code, np.nan, step_ms if place else (began_ns - last_ns) / _MS, np.nan))
            last_ns = ended_ns
            run.clear()

    for number, press in enumerate(sentence):
        now_ns += round((press.since_ms if number else 0) * _MS)
        if press.code == _SHIFT:
            shift_until_ns = now_ns + round(press.held_ms * _MS)
        if press.code in _MODIFIERS:
            continue
        if press.code in _TEXT:
            run.append((press.code + (_UPPER if now_ns < shift_until_ns else 0), now_ns))
        elif press.code == _BACKSPACE and run:
            run.pop()
        else:
            end_run()
            at_ns = keys.key(now_ns)
            told.append((press.code, np.nan, (at_ns - last_ns) / _MS, np.nan))
            last_ns = at_ns
    end_run()
    rows = np.array(told, float).reshape(-1, 4)
    if len(rows):
        rows[0, 2] = np.nan
    return rows


class _Vocabulary:
    """The keys and sequences of keys that are common in a set of people."""

    def __init__(self, told: dict[str, list[Rows]]) -> None:
        runs = [tuple(rows[:, 0]) for sentences in told.values() for rows in sentences]
        self.keys = _common(((code,) for run in runs for code in run), _KEYS)
        self.pairs = _common((pair for run in runs for pair in pairwise(run)), _PAIRS)
        self.triples = _common((three for run in runs for three in zip(run, run[1:], run[2:], strict=False)), _TRIPLES)

    def features(self, sentences: Sequence[Rows]) -> NDArray[np.float64]:
        """Return the features of some sentences together."""
        rows = np.concatenate(list(sentences)) if sentences else np.zeros((0, 4))
        found = [value for column in (1, 2, 3) for value in _spread(rows[:, column])]
        found += [float(len(rows)), _median(np.array([np.nansum(one[:, 2]) for one in sentences]))]
        for (code,) in self.keys:
            here = rows[rows[:, 0] == code]
            found += [_median(here[:, 1]), _median(here[:, 2]), len(here) / max(1, len(rows))]
        since, free, whole = _sequences(sentences)
        for pair in self.pairs:
            found += [_median(np.array(since.get(pair, []))), _median(np.array(free.get(pair, []))), float(len(since.get(pair, [])))]
        found += [_median(np.array(whole.get(three, []))) for three in self.triples]
        return np.array(found, float)


Times = dict[tuple[float, ...], list[float]]


def _sequences(sentences: Sequence[Rows]) -> tuple[Times, Times, Times]:
    """Return, for two keys after each other, the times between their presses and from release to press; for three, the time of all."""
    since: Times = {}
    free: Times = {}
    whole: Times = {}
    for rows in sentences:
        codes = rows[:, 0]
        for at in range(1, len(rows)):
            pair = (codes[at - 1], codes[at])
            since.setdefault(pair, []).append(rows[at, 2])
            free.setdefault(pair, []).append(rows[at, 3])
            if at > 1:
                whole.setdefault((codes[at - 2], *pair), []).append(rows[at, 2] + rows[at - 1, 2])
    return since, free, whole


def _round(told: dict[str, list[Rows]], words: _Vocabulary, *, fold: int, at_once: int) -> Round:
    """Return a round whose unknown sentences are the fold's five, seen one by one or all at once; known ones come by as many."""
    known, unknown = [], []
    for name, sentences in told.items():
        last = len(sentences) - SENTENCES * fold
        rest, five = [*sentences[: last - SENTENCES], *sentences[last:]], sentences[last - SENTENCES : last]
        known += [Seen(words.features(rest[at : at + at_once]), name, "") for at in range(len(rest) - at_once + 1)]
        parts = [five] if at_once > 1 else [[one] for one in five]
        unknown += [Seen(words.features(part), name, "five") for part in parts]
    return Round(known, unknown)


def _common(found: "object", count: int) -> list[tuple[float, ...]]:
    counts: Counter[tuple[float, ...]] = Counter(found)  # type: ignore[call-overload] # an iterable of tuples
    return [one for one, _ in sorted(counts.most_common(count))]


def _spread(values: NDArray[np.float64]) -> list[float]:
    values = values[~np.isnan(values)]
    return [*np.percentile(values, _SHARES), float(values.std()), float(values.mean())] if len(values) else [np.nan] * (len(_SHARES) + 2)


def _median(values: NDArray[np.float64]) -> float:
    values = values[~np.isnan(values)] if len(values) else values
    return float(np.median(values)) if len(values) else np.nan
