"""Attacks on figures about groups, by somebody who knows what everybody else gave and what the victim would give.

The strongest that the promise speaks of: nobody knows more but the victim. For tests and measures. Invariant: an attack sees what was
released and nothing else of the measurement; each decides by the likelier of two worlds.
"""

import random
from collections.abc import Mapping, Sequence
from math import log, sqrt
from statistics import NormalDist
from typing import Protocol

from witting.hub.insight.budget import NANO, Plan
from witting.hub.insight.capping import counts
from witting.hub.insight.noise import blurred
from witting.hub.insight.tallies import Key

Gift = frozenset[Key]
_NORMAL = NormalDist()
_LEAST = 1e-12


class Attack(Protocol):
    """One try: whether the guess was right."""

    def __call__(self, others: Sequence[Gift], victim: Gift, *, plan: Plan, chance: random.Random) -> bool:
        """Draw a world, release, guess."""


def membership(others: Sequence[Gift], victim: Gift, *, plan: Plan, chance: random.Random) -> bool:
    """Guess from one release whether the victim is in it; in half of the worlds they are."""
    is_in, without = chance.random() < 1 / 2, counts(others)
    shown = blurred(without + counts([victim]) if is_in else without, plan)
    return _guess(_likelihood(shown, without, victim=victim, plan=plan), chance) is is_in


def differencing(others: Sequence[Gift], victim: Gift, *, plan: Plan, chance: random.Random) -> bool:
    """Guess from two releases, around a leaving, whether the victim left or somebody who gave nothing."""
    has_left, without = chance.random() < 1 / 2, counts(others)
    first, second = blurred(without + counts([victim]), plan), blurred(without if has_left else without + counts([victim]), plan)
    told = -_likelihood(second, without, victim=victim, plan=plan)
    told += 0.0 * len(first)  # both worlds gave the first release alike: it says nothing of the leaving
    return _guess(told, chance) is has_left


def advantage_bound(plan: Plan, *, releases: int) -> float:
    """Return how much better than by a coin an attacker can be at best, true less false alarms: Gaussian of that many releases."""
    mu = sqrt(2 * plan.rho_nano * releases / NANO)
    return 2 * _NORMAL.cdf(mu / 2) - 1 + 2 * plan.delta


def _guess(told: float, chance: random.Random) -> bool:
    return told > 0 if told else chance.random() < 1 / 2


def _likelihood(shown: Mapping[Key, int], without: Mapping[Key, int], *, victim: Gift, plan: Plan) -> float:
    """Return the log-likelihood ratio of the world with the victim to the one without, over what they would give."""
    ratio = 0.0
    for key in victim:
        counted = without.get(key, 0)
        ratio += _of_key(shown.get(key), counted + 1, plan=plan) - _of_key(shown.get(key), counted, plan=plan)
    return ratio


def _of_key(shown: int | None, counted: int, *, plan: Plan) -> float:
    """Return the log-likelihood of what was shown of a key, or that it wasn't, where so many gave it."""
    if shown is None:
        hidden = 1.0 if counted < plan.minimum else _NORMAL.cdf((plan.smallest - counted) / plan.scale)
        return log(max(hidden, _LEAST))
    if counted < plan.minimum:
        return log(_LEAST)
    return -(((shown - counted) / plan.scale) ** 2) / 2
