"""Sequences of deeds → patterns: runs of deeds that come back, however they were interrupted, and whether or not a deed was left out.

A search for parallel episodes (Mannila, Toivonen and Verkamo, 1997: what comes near each other, in whatever order) that tolerates gaps:
from two symbols that come near each other more often than chance explains, a pattern grows while most of its occurrences agree on a
further step; then every place is looked for where at least three quarters of it happen together. The patterns that say the most about the
recordings are kept, each deed counting for one only (greedy cover, as in pattern mining by description length: Tatti and Vreeken, KDD
2012). Knows no screens and no texts. Invariant: deterministic; occurrences of one pattern never overlap; a pattern has at least
`least_steps` steps and `least_times` occurrences.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb, exp, log
from typing import NamedTuple

from witting.device.assist.deeds import Deed, Symbol

_SECOND_NS = 1_000_000_000
_OWN = 0.75  # of the hits that are put down to the pattern itself when the share elsewhere is told (tuned on planted routines, docs/log.md)
_EXACT = 60  # trials up to which the chance is summed exactly


@dataclass(frozen=True, slots=True)
class MiningConfig:
    """What counts as coming back."""

    least_times: int = 3
    least_steps: int = 3
    gap: int = 5  # other deeds that may come between two steps
    break_ns: int = 300 * _SECOND_NS  # a longer rest ends an occurrence
    agreement: float = 0.6  # share of a pattern's occurrences that must agree on a further step
    completeness: float = 0.75  # share of the steps that make an occurrence
    chance: float = 0.03  # how likely any step at all may be one that chance explains (Bonferroni's bound over all symbols)


class Occurrence(NamedTuple):
    """Where a pattern happened: the place of each of its steps in the sequence, -1 for a step that was left out."""

    sequence: int
    places: tuple[int, ...]

    @property
    def begin(self) -> int:
        """The first place."""
        return min(place for place in self.places if place >= 0)

    @property
    def end(self) -> int:
        """The last place."""
        return max(self.places)


class Pattern(NamedTuple):
    """What comes back, and where."""

    steps: tuple[Symbol, ...]
    occurrences: tuple[Occurrence, ...]


def mine(sessions: Sequence[Sequence[Deed]], config: MiningConfig | None = None) -> list[Pattern]:
    """Return the patterns of several sessions, the one that saves most first."""
    corpus = _Corpus(sessions, config or MiningConfig())
    found: list[Pattern] = []
    while True:
        taken = [pattern for pattern in corpus.patterns() if corpus.take(pattern)]
        if not taken:
            return sorted(found, key=lambda pattern: (_saving(pattern), pattern.steps), reverse=True)
        found += taken


class _Run(NamedTuple):
    """One possible occurrence while a pattern grows: the places of the steps it has, and how many it lacks."""

    sequence: int
    places: tuple[int, ...]
    missed: int = 0


class _Corpus:
    """The sequences, without what patterns took already."""

    def __init__(self, sessions: Sequence[Sequence[Deed]], config: MiningConfig) -> None:
        self._config = config
        self._times = [[deed.began_ns for deed in session] for session in sessions]
        self._rows: list[list[Symbol | None]] = [list(row) for row in _named(sessions, config.least_times)]
        self._where: dict[Symbol, list[tuple[int, int]]] = {}
        self._total = 0  # symbols left

    def patterns(self) -> list[Pattern]:
        """Return what can be found in what is left, the pattern that saves most first."""
        self._where = self._index()
        self._total = sum(len(places) for places in self._where.values())
        grown: dict[tuple[Symbol, ...], Pattern] = {}
        for pair in self._pairs():
            steps = self._grown(pair)
            key = tuple(sorted(steps))
            if len(steps) >= self._config.least_steps and key not in grown:
                grown[key] = self._pattern(steps)
        kept = [pattern for pattern in grown.values() if len(pattern.occurrences) >= self._config.least_times]
        return sorted(kept, key=lambda pattern: (_saving(pattern), pattern.steps), reverse=True)

    def take(self, pattern: Pattern) -> bool:
        """Take a pattern's deeds out, so that no other pattern is made of them; False when some are gone already."""
        spots = [(run.sequence, place) for run in pattern.occurrences for place in run.places if place >= 0]
        if any(self._rows[number][place] is None for number, place in spots):
            return False
        for number, place in spots:
            self._rows[number][place] = None
        return True

    def _index(self) -> dict[Symbol, list[tuple[int, int]]]:
        where: dict[Symbol, list[tuple[int, int]]] = defaultdict(list)
        for number, row in enumerate(self._rows):
            for place, symbol in enumerate(row):
                if symbol is not None:
                    where[symbol].append((number, place))
        return where

    def _pairs(self) -> list[tuple[Symbol, Symbol]]:
        """Return what comes soon after what more often than chance explains, most frequent first."""
        counts: Counter[tuple[Symbol, Symbol]] = Counter()
        distances: Counter[tuple[Symbol, Symbol]] = Counter()
        for symbol, spots in self._where.items():
            for number, place in spots:
                seen: dict[tuple[Symbol, Symbol], int] = {}
                for near in self._reach(number, place, step=1):
                    seen.setdefault((symbol, self._rows[number][near] or _NOTHING), near - place)
                counts.update(seen.keys())
                distances.update(seen)
        likely = [
            (pair, count)
            for pair, count in counts.items()
            if count >= self._config.least_times
            and not self._is_chance(count, len(self._where[pair[0]]), symbol=pair[1], distance=distances[pair] / count)
        ]
        return [pair for pair, _ in sorted(likely, key=lambda item: (-item[1], item[0]))]

    def _is_chance(self, hits: int, tries: int, *, symbol: Symbol, distance: float) -> bool:
        """Whether chance explains that a symbol is so near so many places: by how often it is elsewhere, within twice the distance."""
        elsewhere = (len(self._where[symbol]) - _OWN * hits + 1) / self._total
        p = 1 - (1 - min(elsewhere, 1.0)) ** (2 * distance)
        return binomial_tail(hits, tries, p=p) >= self._config.chance / len(self._where)

    def _reach(self, number: int, place: int, *, step: int) -> Iterator[int]:
        """Yield the places that still hold a symbol within the gap of a place, nearest first; not beyond a long rest."""
        row, times = self._rows[number], self._times[number]
        for near in range(place + step, place + step * (self._config.gap + 2), step):
            if not 0 <= near < len(row) or abs(times[near] - times[near - step]) > self._config.break_ns:
                return
            if row[near] is not None:
                yield near

    def _around(self, run: _Run) -> Iterator[tuple[int, int]]:
        """Yield the places that may belong to a run too and how far off they are: what comes after, between, before."""
        first, last = min(run.places), max(run.places)
        yield from ((place, place - last) for place in self._reach(run.sequence, last, step=1))
        row = self._rows[run.sequence]
        yield from ((place, 1) for place in range(last - 1, first, -1) if row[place] is not None and place not in run.places)
        yield from ((place, first - place) for place in self._reach(run.sequence, first, step=-1))

    def _grown(self, pair: tuple[Symbol, Symbol]) -> list[Symbol]:
        """Return the steps that grow from a pair, in the order in which they were found."""
        runs = self._extended([_Run(number, (place,)) for number, place in self._where[pair[0]]], pair[1])
        steps = list(pair)
        while (symbol := self._next(runs)) is not None:
            runs = self._extended(runs, symbol)
            steps.append(symbol)
        return _once(steps)

    def _next(self, runs: Sequence[_Run]) -> Symbol | None:
        """Return the symbol that most runs agree on as a further step, None when too few do."""
        counts: Counter[Symbol] = Counter()
        distances: Counter[Symbol] = Counter()
        for run in runs:
            seen: dict[Symbol, int] = {}
            for place, far in self._around(run):
                seen.setdefault(self._rows[run.sequence][place] or _NOTHING, far)
            counts.update(seen.keys())
            distances.update(seen)
        least = max(self._config.least_times, self._config.agreement * len(runs))
        able = {
            symbol: distances[symbol] / count
            for symbol, count in counts.items()
            if count >= least and not self._is_chance(count, len(runs), symbol=symbol, distance=distances[symbol] / count)
        }
        return min(able, key=lambda symbol: (-counts[symbol], able[symbol], symbol), default=None)

    def _extended(self, runs: Sequence[_Run], symbol: Symbol) -> list[_Run]:
        """Return the runs with a further step, none sharing its place with another; those that lack too many steps are gone."""
        taken: set[tuple[int, int]] = set()
        kept: list[_Run] = []
        for run in runs:
            row = self._rows[run.sequence]
            hit = next((place for place, _ in self._around(run) if row[place] == symbol and (run.sequence, place) not in taken), None)
            if hit is not None:
                taken.add((run.sequence, hit))
                kept.append(run._replace(places=(*run.places, hit)))
            elif run.missed + 1 <= (1 - self._config.completeness) * (len(run.places) + run.missed + 1):
                kept.append(run._replace(missed=run.missed + 1))
        return kept

    def _pattern(self, steps: Sequence[Symbol]) -> Pattern:
        """Return every place where most of the steps happen together, none overlapping another, and the steps in their usual order."""
        least = max(self._config.least_steps, round(self._config.completeness * len(steps)))
        found: list[Occurrence] = []
        free_from: dict[int, int] = defaultdict(int)
        for number, place in sorted({spot for symbol in steps for spot in self._where[symbol]}):
            if place < free_from[number]:
                continue
            occurrence = self._occurrence(number, place, steps=steps)
            if sum(at >= 0 for at in occurrence.places) >= least:
                found.append(occurrence)
                free_from[number] = occurrence.end + 1
        order = _usual_order(found, len(steps))
        occurrences = tuple(Occurrence(one.sequence, tuple(one.places[index] for index in order)) for one in found)
        return Pattern(tuple(steps[index] for index in order), occurrences)

    def _occurrence(self, number: int, start: int, *, steps: Sequence[Symbol]) -> Occurrence:
        """Return the steps that begin at a place and go on within the gap; each step once."""
        row = self._rows[number]
        open_steps: dict[Symbol, list[int]] = defaultdict(list)
        for index, symbol in enumerate(steps):
            open_steps[symbol].append(index)
        places = [-1] * len(steps)
        edge: int | None = start
        while edge is not None:
            indexes = open_steps[row[edge] or _NOTHING]
            if not indexes:
                break  # done already: the next round begins
            places[indexes.pop(0)] = edge
            edge = next((near for near in self._reach(number, edge, step=1) if row[near] in open_steps), None)
        return Occurrence(number, tuple(places))


_NAMED = frozenset({"", "button", "push button", "toggle button", "document", "text", "image"})  # without their name they say nothing
_NOTHING = Symbol("press", "", "", "", "")


def _once(steps: Sequence[Symbol]) -> list[Symbol]:
    """Return one round of steps that were done in several rounds on end, as an order after an order."""
    counts = Counter(steps)
    rounds = sorted(counts.values())[len(counts) // 2]
    return [symbol for symbol, count in counts.items() for _ in range(round(count / rounds))]


def _usual_order(occurrences: Sequence[Occurrence], count: int) -> list[int]:
    """Return the steps in the order of their mean rank."""
    ranks: list[list[int]] = [[] for _ in range(count)]
    for occurrence in occurrences:
        done = sorted((place, index) for index, place in enumerate(occurrence.places) if place >= 0)
        for rank, (_, index) in enumerate(done):
            ranks[index].append(rank)
    return sorted(range(count), key=lambda index: (sum(ranks[index]) / len(ranks[index]) if ranks[index] else count, index))


def _named(sessions: Sequence[Sequence[Deed]], least: int) -> Iterator[list[Symbol | None]]:
    """Yield the symbols of each session; what is too rare by its name is told without it, what is too rare even so as None."""
    counts = Counter(deed.symbol for session in sessions for deed in session)
    loose = Counter(deed.symbol.loose for session in sessions for deed in session if counts[deed.symbol] < least)
    for session in sessions:
        symbols = (deed.symbol if counts[deed.symbol] >= least else deed.symbol.loose for deed in session)
        yield [symbol if symbol.name != "*" or (loose[symbol] >= least and symbol.role not in _NAMED) else None for symbol in symbols]


def _saving(pattern: Pattern) -> tuple[int, int]:
    """How many symbols fewer the recordings need when they may name the pattern."""
    done = sum(place >= 0 for occurrence in pattern.occurrences for place in occurrence.places)
    return done - len(pattern.occurrences) - len(pattern.steps), len(pattern.steps)


def binomial_tail(hits: int, tries: int, *, p: float) -> float:
    """Return the chance of at least `hits` of `tries` when each has chance `p`: exact for few, Chernoff's bound for many."""
    if hits <= tries * p:
        return 1.0
    if tries <= _EXACT:
        return sum(comb(tries, k) * p**k * (1 - p) ** (tries - k) for k in range(hits, tries + 1))
    mean = tries * p
    return exp(hits - mean - hits * log(hits / mean)) if mean > 0 else 0.0
