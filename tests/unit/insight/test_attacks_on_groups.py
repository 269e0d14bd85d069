"""Attacks a works council would try, by who knows everything but one person: joining, leaving, shams, one user, watching the threshold."""

import random
from math import sqrt
from statistics import NormalDist

import pytest

from witting.hub.insight.budget import NANO, plan
from witting.hub.insight.capping import counts, given
from witting.hub.insight.noise import blurred
from witting.hub.insight.tallies import Key, tally
from witting.terms.programme import Insight
from witting.testing.group_attacks import Attack, advantage_bound, differencing, membership
from witting.testing.group_people import Worker, group
from witting.testing.participant import sample_programme

TRIALS = 600


@pytest.fixture(scope="module")
def gifts() -> list[frozenset[Key]]:
    """What each of a hundred and twenty people gives."""
    programme = sample_programme()
    return [given([tally(worker.session(), programme)], "figures") for worker in group(120)]


@pytest.mark.promise("P19")
def test_a_page_of_ones_own_is_never_shown(gifts: list[frozenset[Key]]) -> None:
    """In fifty releases nothing is shown that only one of all people did."""
    count, made = counts(gifts), plan(Insight(), "figures")
    alone = {key for key, people in count.items() if people < made.minimum}
    assert alone
    assert not any(alone & set(blurred(count, made)) for _ in range(50))


@pytest.mark.promise("P19")
@pytest.mark.parametrize("attack", [membership, differencing])
def test_whether_somebody_is_in_it_is_guessed_hardly_better_than_by_a_coin(gifts: list[frozenset[Key]], attack: Attack) -> None:
    """Who knows what all others gave, and sees one release or the two around a leaving, is right about half the time."""
    made, victim, others = plan(Insight(), "figures"), gifts[0], gifts[1:]
    right = sum(attack(others, victim, plan=made, chance=random.Random(trial)) for trial in range(TRIALS))
    margin = NormalDist().inv_cdf(0.9995) * sqrt(0.25 / TRIALS)
    assert right / TRIALS <= 0.5 + advantage_bound(made, releases=1 if attack is membership else 2) / 2 + margin


@pytest.mark.promise("P19")
def test_shams_beside_one_real_person_tell_nothing(gifts: list[frozenset[Key]]) -> None:
    """A steward who adds any number of shams that all do what the victim may do still gets counts that hang on the victim by one only."""
    made, victim = plan(Insight(), "figures"), frozenset({("paths", "x", "y")})
    shams = [victim] * (made.minimum - 1)
    assert blurred(counts(shams), made) == {}
    shown = sum(bool(blurred(counts([*shams, victim]), made)) for _ in range(300))
    assert shown == 0  # ten are enough for the minimum, and hidden by the threshold still
    above = [victim] * made.smallest
    rates = [sum(bool(blurred(counts([*above, *more]), made)) for _ in range(300)) / 300 for more in ([], [victim])]
    assert abs(rates[1] - rates[0]) <= 0.16  # the step at the threshold is as wide as the noise


@pytest.mark.promise("P19")
def test_all_releases_together_are_what_the_budget_says(gifts: list[frozenset[Key]]) -> None:
    """Averaging every release that there will ever be leaves more blur than one person weighs, over all that they give."""
    insight = Insight()
    made = plan(insight, "figures")
    averaged = made.scale / sqrt(insight.releases)
    assert sqrt(made.at_most) / averaged <= sqrt(2 * made.rho_nano * insight.releases / NANO) + 1e-6 < 0.6
    assert len(gifts[0]) <= made.at_most


def test_people_differ_and_the_same_seed_gives_the_same() -> None:
    """Synthetic people have their own habits and pages, and come again with their seed."""
    one, again, other = Worker(1), Worker(1), Worker(2)
    assert (one.does, one.own_page) == (again.does, again.own_page) != (other.does, other.own_page)
