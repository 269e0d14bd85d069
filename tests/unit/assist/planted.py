"""Sequences of deeds with routines planted in them, among distractors, with noise, left-out steps and swapped ones."""

import random
from collections import Counter
from collections.abc import Sequence

from witting.device.assist.deeds import Deed, Symbol
from witting.device.assist.mining import Pattern

SECOND = 1_000_000_000


def deed(symbol: Symbol, at_ns: int) -> Deed:
    """Return a deed of a second's length."""
    return Deed(symbol, symbol.name, "", "", at_ns, at_ns + SECOND)


class World:
    """Recordings of somebody with `routines` routines, each done `times` times over twelve sessions."""

    def __init__(
        self, seed: int, *, routines: int = 30, times: int = 5, noise: float = 0.25, skip: float = 0.08, swap: float = 0.3
    ) -> None:
        """Draw the routines, then the sessions."""
        self._rng = rng = random.Random(seed)
        self._apps = [f"app{number}" for number in range(8)]
        self._pool = [self._button(f"n{number}", f"p{rng.randrange(20)}") for number in range(150)]
        self._noise, self._skip, self._swap = noise, skip, swap
        self.routines = [self._plan(number) for number in range(routines)]
        jobs = [number for number in range(routines) for _ in range(times)]
        rng.shuffle(jobs)
        share = max(1, len(jobs) // 12 + 1)
        self.sessions = [self._session(jobs[start : start + share]) for start in range(0, len(jobs), share)]

    def _button(self, name: str, place: str) -> Symbol:
        return Symbol("click", self._rng.choice(self._apps), place, "button", name)

    def _plan(self, number: int) -> list[Symbol]:
        own = [self._button(f"r{number}s{step}", f"r{number}") for step in range(self._rng.randint(4, 9))]
        return [step if self._rng.random() < 0.7 else self._rng.choice(self._pool) for step in own]

    def _session(self, jobs: Sequence[int]) -> list[Deed]:
        rng, row, now = self._rng, [], 0
        for job in jobs:
            asides = rng.choices(self._pool, weights=[1 / (rank + 1) for rank in range(len(self._pool))], k=rng.randint(2, 10))
            steps = [step for step in self.routines[job] if rng.random() > self._skip]
            if rng.random() < self._swap and len(steps) > 3:
                place = rng.randrange(1, len(steps) - 2)
                steps[place], steps[place + 1] = steps[place + 1], steps[place]
            mixed = list(asides)
            for step in steps:
                while rng.random() < self._noise:
                    mixed.append(rng.choice(self._pool))
                mixed.append(step)
            for symbol in mixed:
                now += rng.randint(1, 10) * SECOND
                row.append(deed(symbol, now))
        return row

    def score(self, found: Sequence[Pattern]) -> tuple[float, float]:
        """Return precision and recall: a pattern is a routine when seven tenths of both together are the same steps."""
        hits: set[int] = set()
        right = 0
        for pattern in found:
            likeness, number = max((_likeness(pattern.steps, plan), number) for number, plan in enumerate(self.routines))
            if likeness >= 0.7:
                right += 1
                hits.add(number)
        return right / max(1, len(found)), len(hits) / max(1, len(self.routines))


def _likeness(one: Sequence[Symbol], other: Sequence[Symbol]) -> float:
    both, either = Counter(one) & Counter(other), Counter(one) | Counter(other)
    return sum(both.values()) / sum(either.values())
