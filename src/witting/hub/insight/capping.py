"""What one person gives to a release: at most so many things of each kind of figure, each counted once, whatever they did.

Pure. Invariant: what a person gives depends on their own tallies alone, and one person more or less changes at most `cap` counts of a kind
by one each. That is what the noise is measured for.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from witting.hub.insight.tallies import Key, Tally
from witting.terms.insight import Detail, FigureKind

CAPS: dict[FigureKind, int] = {"paths": 4, "places": 3, "tasks": 2, "ways": 3, "troubles": 3, "spots": 2, "routines": 2}
LISTED: dict[FigureKind, int] = {"listed": 2}
_CHOSEN: tuple[FigureKind, ...] = ("places", "tasks", "ways")  # of these a person gives one last part for each of the others


def caps(detail: Detail) -> dict[FigureKind, int]:
    """Return how many things one person gives of each kind."""
    return CAPS if detail == "figures" else LISTED


def given(tallies: Iterable[Tally], detail: Detail) -> frozenset[Key]:
    """Return what a person gives, from the tallies of their sessions: of each kind what they had most of."""
    every: Tally = Counter()
    for tally in tallies:
        every.update(tally)
    return frozenset(key for kind, cap in caps(detail).items() for key in _most(_of_kind(every, kind), cap))


def counts(people: Iterable[frozenset[Key]]) -> Counter[Key]:
    """Return how many people gave each thing."""
    return Counter(key for person in people for key in person)


def _of_kind(tally: Tally, kind: FigureKind) -> dict[Key, int]:
    """Return a kind's tallies; where one part excludes the others, the one had most, and none where two were had as often."""
    mine = {key: count for key, count in tally.items() if key[0] == kind}
    if kind not in _CHOSEN:
        return mine
    heads: dict[Key, list[tuple[int, Key]]] = {}
    for key, count in mine.items():
        heads.setdefault(key[:-1], []).append((count, key))
    chosen = {}
    for each in heads.values():
        (count, key), *others = sorted(each, key=lambda one: (-one[0], one[1]))
        if not others or others[0][0] < count or kind != "ways":
            chosen[key] = sum(one for one, _ in each)
    return chosen


def _most(mine: Mapping[Key, int], cap: int) -> list[Key]:
    return sorted(mine, key=lambda key: (-mine[key], key))[:cap]
