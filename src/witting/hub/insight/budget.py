"""What a release costs the people in it, and how blurred its counts have to be for that. Plain arithmetic; the noise itself is OpenDP's.

The budget is one number for the whole programme, kept as zero-concentrated differential privacy (rho), where costs add up, and told as
(epsilon, delta) for one person over all releases. Sources: Bun and Steinke 2016 (rho, its conversion), Rogers et al. 2023 (the threshold
for names that weren't known before). Invariant: nothing here sees a recording; a plan hangs on the programme alone.
"""

from math import ceil, log, sqrt
from statistics import NormalDist
from typing import NamedTuple

from witting.hub.insight.capping import caps
from witting.terms.insight import Detail
from witting.terms.programme import Insight

DELTA = 1e-6  # of the whole programme: half for the conversion, half for names shown by chance
NANO = 1_000_000_000  # charges are whole billionths of rho, so that a sum is exact
_WITHIN = 1.96  # standard deviations: 95 of 100 cases


class Plan(NamedTuple):
    """How one release is made."""

    detail: Detail
    minimum: int  # the programme's group minimum
    at_most: int  # things one person gives
    rho_nano: int  # what it costs
    delta: float  # chance that a name is shown for one person's sake
    scale: float  # standard deviation of the noise
    threshold: int  # of the count above `minimum - 1`, below which nothing is shown

    @property
    def smallest(self) -> int:
        """What is shown of fewer people only by the luck of the noise; everything is hidden below the minimum."""
        return self.minimum - 1 + self.threshold

    @property
    def off_by(self) -> int:
        """By how much a count is off at most, in 95 of 100 cases."""
        return ceil(_WITHIN * self.scale)


def rho_in_all(insight: Insight) -> int:
    """Return the programme's budget in billionths of rho: epsilon = rho + 2 sqrt(rho ln(1 / delta)), rounded down."""
    once = log(2 / DELTA)
    return int((sqrt(once + insight.epsilon) - sqrt(once)) ** 2 * NANO)


def epsilon_of(rho_nano: int) -> float:
    """Return the epsilon that a spent budget amounts to, at the programme's delta."""
    rho = rho_nano / NANO
    return rho + 2 * sqrt(rho * log(2 / DELTA))


def plan(insight: Insight, detail: Detail) -> Plan:
    """Return how a release is made: the same part of the budget each time, all of it in one measurement."""
    rho_nano = rho_in_all(insight) // insight.releases
    at_most = sum(caps(detail).values())
    delta = DELTA / 2 / insight.releases
    scale = sqrt(at_most / (2 * rho_nano / NANO)) * (1 + 1e-9)
    above = scale * NormalDist().inv_cdf(1 - delta / at_most)
    return Plan(detail, insight.group_minimum, at_most, rho_nano, delta, scale, threshold=ceil(above) + 2)
