"""How sure a success rate is: Wilson intervals, and the paired test of two agents on the same seeds.

Knows counts only. Wilson (1927) as in Newcombe (1998), method 3; McNemar's exact test for pairs.
"""

import math

_Z95 = 1.959963984540054


def wilson(successes: int, episodes: int) -> tuple[float, float]:
    """Return the 95 % interval of a success rate; (0, 1) when nothing was tried.

    Raises:
        ValueError: more successes than episodes, or a negative count.
    """
    if not 0 <= successes <= episodes:
        raise ValueError("successes must lie between 0 and the number of episodes")
    if not episodes:
        return 0.0, 1.0
    share, square = successes / episodes, _Z95 * _Z95
    middle = share + square / (2 * episodes)
    spread = _Z95 * math.sqrt(share * (1 - share) / episodes + square / (4 * episodes * episodes))
    whole = 1 + square / episodes
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)


def pass_hat(successes: int, episodes: int, *, times: int) -> float:
    """Return the chance that so many different episodes of a task all succeed (pass^k, Yao et al. 2024), from those that were played.

    Raises:
        ValueError: fewer episodes were played than are asked about.
    """
    if not 0 < times <= episodes:
        raise ValueError("pass^k needs at least k episodes")
    return math.comb(successes, times) / math.comb(episodes, times)


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided exact p value that two agents are equally good, from the seeds that only one of them solved."""
    pairs = only_first + only_second
    if not pairs:
        return 1.0
    tail = sum(math.comb(pairs, count) for count in range(min(only_first, only_second) + 1))
    return min(1.0, float(2 * tail / 2**pairs))
