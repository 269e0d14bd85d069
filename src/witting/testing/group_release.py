"""A release of figures about a synthetic group, made by the hub's own stages without a hub: for trying pages and measuring.

Knows no database. Invariant: what it holds went through both gates, as any release does.
"""

from collections import Counter
from collections.abc import Sequence

from witting.hub.insight.budget import DELTA, epsilon_of, plan
from witting.hub.insight.capping import counts, given
from witting.hub.insight.figures import figures
from witting.hub.insight.noise import blurred
from witting.hub.insight.tallies import Key, tally
from witting.terms.insight import Detail, GroupRelease
from witting.terms.programme import Insight, Programme
from witting.testing.group_people import Worker


def gifts(workers: Sequence[Worker], programme: Programme, *, detail: Detail = "figures") -> list[frozenset[Key]]:
    """Return what each of the people gives."""
    return [given([tally(worker.session(), programme)], detail) for worker in workers]


def release_of(counted: Counter[Key], programme: Programme, *, insight: Insight | None = None, detail: Detail = "figures") -> GroupRelease:
    """Return the first release of such counts."""
    limits = insight or programme.insight_in_force
    made = plan(limits, detail)
    return GroupRelease(
        programme_id=programme.id,
        number=1,
        released_on="2026-11-24",
        detail=detail,
        smallest=made.smallest,
        off_by=made.off_by,
        epsilon=round(epsilon_of(made.rho_nano), 3),
        epsilon_in_all=limits.epsilon,
        delta=DELTA,
        releases_in_all=limits.releases,
        figures=figures(blurred(counted, made), made, programme=programme),
    )


def sample_release(programme: Programme, people: int = 200) -> GroupRelease:
    """Return a release of a group of so many."""
    return release_of(counts(gifts([Worker(number) for number in range(people)], programme)), programme)
