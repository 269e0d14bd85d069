"""Figures about groups: of what was planted in synthetic people, how much is found; what is shown wrongly; how far off; what attacks learn.

Part of `make bench-assist`. The attacks know what everybody but the victim gave. Interval: Wilson, 95 %.
"""

import random
import statistics
from math import sqrt

from witting.hub.insight.budget import Plan, plan
from witting.hub.insight.capping import counts
from witting.hub.insight.noise import blurred
from witting.hub.insight.standing import ENOUGH
from witting.hub.insight.tallies import Key
from witting.terms.insight import Detail
from witting.terms.programme import Insight
from witting.testing.group_attacks import Attack, advantage_bound, differencing, membership
from witting.testing.group_people import LISTED, PLANTED, group
from witting.testing.group_release import gifts
from witting.testing.participant import sample_programme

SIZES, RELEASES, TRIALS = (12, 50, 200, 1000), 20, 1000
Row = dict[str, object]


def measure(sizes: tuple[int, ...] = SIZES, *, trials: int = TRIALS) -> list[Row]:
    """Return a row for each size of group."""
    return [_of_size(size, trials=trials) for size in sizes]


def _of_size(size: int, *, trials: int) -> Row:
    insight = Insight()
    detail = _detail(size, insight)
    if detail is None:
        return {"people": size, "released": "nothing: a plain refusal", "planted": 0, "found": "none is tried", "false": 0}
    made = plan(insight, detail)
    given = gifts(group(size), sample_programme(), detail=detail)
    truth = counts(given)
    planted = [key for key in (PLANTED if detail == "figures" else LISTED) if truth[key] >= made.minimum]
    shown = [blurred(truth, made) for _ in range(RELEASES)]
    errors = [abs(people - truth[key]) for one in shown for key, people in one.items()] if detail == "figures" else []
    row: Row = {
        "people": size,
        "released": "all figures" if detail == "figures" else "yes or nothing of a fixed list",
        "planted": len(planted),
        "found": f"{100 * statistics.mean(sum(key in one for key in planted) / len(planted) for one in shown):.0f} %",
        "false": sum(truth[key] < made.minimum for one in shown for key in one),
        "off by (median)": f"{statistics.median(errors):.0f}" if errors else "-",
        "told (95 of 100)": made.off_by,
    }
    for name, attack, times in (("member", membership, 1), ("leaving", differencing, 2)):
        row[name] = _attacked(attack, given, made=made, trials=trials)
        row[f"{name}, at most"] = f"{50 + 50 * advantage_bound(made, releases=times):.1f} %"
    return row


def _attacked(attack: Attack, given: list[frozenset[Key]], *, made: Plan, trials: int) -> str:
    """Return how often an attack is right about somebody, with its interval."""
    chance = random.Random(7)
    right = 0
    for _ in range(trials):
        victim = chance.randrange(len(given))
        right += attack([*given[:victim], *given[victim + 1 :]], given[victim], plan=made, chance=chance)
    middle, spread = wilson(right, trials)
    return f"{100 * right / trials:.1f} % [{100 * (middle - spread):.1f}, {100 * (middle + spread):.1f}]"


def wilson(right: int, trials: int) -> tuple[float, float]:
    """Return middle and half-width of the 95 % interval of a share."""
    z, share = 1.96, right / trials
    across = 1 + z * z / trials
    return (share + z * z / (2 * trials)) / across, z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / across


def _detail(size: int, insight: Insight) -> Detail | None:
    """Return what so many people get, as the hub decides it."""
    people = size // insight.group_minimum * insight.group_minimum
    if people < plan(insight, "list").smallest:
        return None
    return "figures" if people >= ENOUGH * plan(insight, "figures").smallest else "list"
