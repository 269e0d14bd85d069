"""What stands near what the instruction names, by the page's own containers; and how far a calendar is from the day that is asked for.

Knows nodes, parents and numbers, no task.
"""

from collections.abc import Sequence

from witting.policy.candidates import Candidate, subtree_ends
from witting.policy.moments import Day, day_of, month_of
from witting.policy.relations import Match
from witting.policy.tokens import Token
from witting.terms.tree import UiTree

_FLEETING = ("hover", "active", "focus", "pressed")
_YEARS = range(1000, 3000)


def lasting_hints(key: str) -> list[str]:
    """Return the author's hints at a node without those that only say where a person's pointer is: they give away what is clicked next."""
    return [word for word in key.split() if not any(state in word.casefold() for state in _FLEETING)]


def kind_of(candidate: Candidate) -> tuple[str, str, str]:
    """Return what a candidate has in common with its like in other rows: role, tag, the author's classes."""
    return candidate.role, candidate.node.tag, " ".join(word for word in lasting_hints(candidate.node.key) if word.startswith("."))


def distances_to_named(tree: UiTree, candidates: Sequence[Candidate], *, matches: Sequence[Sequence[Match]]) -> list[int]:
    """Return for each candidate how many levels up the first container lies that holds another one, of another kind, that is named.

    0 where there is none. A name that several candidates bear counts for all of them.
    """
    ends = subtree_ends(tree.nodes)
    named = [(candidate.node.ref, kind_of(candidate)) for candidate, found in zip(candidates, matches, strict=True) if found]
    distances = []
    for candidate in candidates:
        kind, ref = kind_of(candidate), candidate.node.ref
        others = [at for at, of_kind in named if at != ref and of_kind != kind]
        level, above = 0, ref
        while others and above >= 0 and not any(above <= at < ends[above] for at in others):
            above = tree.nodes[above].parent
            level += 1
        distances.append(level if others and above >= 0 else 0)
    return distances


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
