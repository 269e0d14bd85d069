"""What stands near what the instruction names, by the page's own containers; and how far a calendar is from the day that is asked for.

Knows nodes, parents and numbers, no task.
"""

from collections.abc import Sequence

from witting.policy.candidates import Candidate, subtree_ends
from witting.policy.moments import Day, day_of, month_of
from witting.policy.relations import Match, lasting_hints
from witting.policy.tokens import Token
from witting.terms.tree import UiTree

_YEARS = range(1000, 3000)


def kind_of(candidate: Candidate) -> tuple[str, str, str]:
    """Return what a candidate has in common with its like in other rows: role, tag, the author's classes."""
    return candidate.role, candidate.node.tag, " ".join(word for word in lasting_hints(candidate.node.key) if word.startswith("."))


def named_beside(tree: UiTree, candidates: Sequence[Candidate], *, matches: Sequence[Sequence[Match]]) -> list[tuple[int, frozenset[int]]]:
    """Return for each candidate how many levels up the first container lies that holds another one, of another kind, that is named.

    0 where there is none. With it, the tokens that name what lies in that container. A name that several candidates bear counts for all of
    them.
    """
    ends = subtree_ends(tree.nodes)
    kinds = [kind_of(candidate) for candidate in candidates]
    named = [(one.node.ref, kind, found) for one, kind, found in zip(candidates, kinds, matches, strict=True) if found]
    beside: list[tuple[int, frozenset[int]]] = []
    for candidate, kind in zip(candidates, kinds, strict=True):
        ref = candidate.node.ref
        others = [(at, found) for at, of_kind, found in named if at != ref and of_kind != kind]
        level, above = 0, ref
        while others and above >= 0 and not any(above <= at < ends[above] for at, _ in others):
            above = tree.nodes[above].parent
            level += 1
        inside = [match for at, found in others if level and above >= 0 and above <= at < ends[above] for match in found]
        places = frozenset(place for match in inside for place in range(match.first, match.end))
        beside.append((level if places else 0, places))
    return beside


def months_to(candidates: Sequence[Candidate], tokens: Sequence[Token]) -> tuple[int, int | None]:
    """Return the day of the month that the instruction asks for, 0 for none, and the months from the page's calendar to it."""
    asked = next((day for token in tokens if (day := day_of(token.text)) is not None), None)
    if asked is None:
        return 0, None
    words = [word for candidate in candidates for word in candidate.text.split()]
    for index, word in enumerate(words[:-1]):
        month, year = month_of(word), words[index + 1]
        if month and year.isdecimal() and int(year) in _YEARS:
            return asked.day, asked.months - Day(int(year), month, 1).months
    return asked.day, None
