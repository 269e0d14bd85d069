"""How long steps took together. Pure; a pause counts for no more than a minute, so that no figure holds when nobody worked."""

from collections.abc import Iterable
from itertools import pairwise

from witting.terms.work import Step

LONGEST_STEP_NS = 60_000_000_000


def lasted_ns(made: Iterable[Step]) -> int:
    """Return how long steps took, with what lies between them."""
    ordered = [step.action for step in made]
    within = sum(_capped(one.end_ns - one.timestamp_ns) for one in ordered)
    return within + sum(_capped(after.timestamp_ns - before.end_ns) for before, after in pairwise(ordered))


def _capped(duration_ns: int) -> int:
    return min(max(duration_ns, 0), LONGEST_STEP_NS)
