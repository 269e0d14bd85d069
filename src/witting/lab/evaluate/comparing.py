"""Two agents on the same seeds, task by task: who solved what the other didn't.

Knows rollouts only. A seed that only one side played counts for neither.
"""

from collections.abc import Iterator, Sequence

import msgspec

from witting.lab.evaluate.intervals import mcnemar
from witting.terms.errors import UsageError
from witting.terms.work import Rollout


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two agents on one task, or on all of them (`task` = "total")."""

    task: str
    episodes: int  # that both played
    first: int  # successes
    second: int
    only_first: int  # seeds that only the first solved
    only_second: int
    p_value: float  # McNemar, exact, two-sided


def compare_rollouts(first: Sequence[Rollout], second: Sequence[Rollout]) -> list[Comparison]:
    """Return the comparison of each task that both played, then of all together.

    Raises:
        UsageError: they share no task and seed.
    """
    ours = {(rollout.task, rollout.seed): rollout.is_success for rollout in first}
    theirs = {(rollout.task, rollout.seed): rollout.is_success for rollout in second}
    shared = [key for key in ours if key in theirs]
    if not shared:
        raise UsageError("these runs share no task and seed", hint="evaluate both with the same tasks and --seed-base")
    pairs = {task: [(ours[key], theirs[key]) for key in shared if key[0] == task] for task in dict.fromkeys(task for task, _ in shared)}
    return list(_rows({**pairs, "total": [(ours[key], theirs[key]) for key in shared]}))


def _rows(pairs: dict[str, list[tuple[bool, bool]]]) -> Iterator[Comparison]:
    for task, found in pairs.items():
        only_first = sum(a and not b for a, b in found)
        only_second = sum(b and not a for a, b in found)
        yield Comparison(
            task=task,
            episodes=len(found),
            first=sum(a for a, _ in found),
            second=sum(b for _, b in found),
            only_first=only_first,
            only_second=only_second,
            p_value=round(mcnemar(only_first, only_second), 6),
        )
