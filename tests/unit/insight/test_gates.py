"""The two gates: what too few share is gone, what one person gives is bounded, and the budget holds over all releases."""

from collections import Counter
from math import sqrt

import msgspec
import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from witting.hub.insight import noise
from witting.hub.insight.budget import DELTA, NANO, epsilon_of, plan, rho_in_all
from witting.hub.insight.capping import CAPS, caps, counts, given
from witting.hub.insight.noise import blurred
from witting.terms.errors import IntegrityError
from witting.terms.insight import Detail
from witting.terms.programme import Insight

insights = st.builds(
    Insight,
    group_minimum=st.integers(10, 60),
    epsilon=st.floats(0.1, 4.0),
    releases=st.integers(1, 12),
)
details: st.SearchStrategy[Detail] = st.sampled_from(("figures", "list"))
kinds = st.sampled_from(sorted(CAPS))
keys = st.tuples(kinds, st.sampled_from("abcdefgh"), st.sampled_from("xyz"))
tallies = st.dictionaries(keys, st.integers(1, 50), max_size=60).map(Counter)


@pytest.mark.promise("P19")
@over(insight=insights, detail=details)
@settings(max_examples=40, deadline=None)
def test_every_plan_costs_what_opendp_says_and_all_of_them_the_budget(insight: Insight, detail: Detail) -> None:
    """Whatever a programme sets: OpenDP's own account of a release is within its part, and the parts together within epsilon and delta."""
    made = plan(insight, detail)
    rho, delta = noise._measurement(made).map((made.at_most, sqrt(made.at_most), 1.0))
    assert rho * NANO <= made.rho_nano + 1
    assert delta <= made.delta
    assert made.rho_nano * insight.releases <= rho_in_all(insight)
    assert epsilon_of(made.rho_nano * insight.releases) <= insight.epsilon + 1e-6
    assert made.delta * insight.releases <= DELTA / 2 + 1e-12


@pytest.mark.promise("P19")
@over(insight=insights, detail=details)
def test_a_tighter_programme_shows_less(insight: Insight, detail: Detail) -> None:
    """A smaller budget, more releases or a larger minimum never lets a smaller group be shown."""
    made = plan(insight, detail)
    tighter = msgspec.structs.replace(insight, epsilon=insight.epsilon / 2 + 0.05)
    assert plan(tighter, detail).smallest >= made.smallest
    assert plan(msgspec.structs.replace(insight, releases=insight.releases + 1), detail).smallest >= made.smallest
    assert plan(msgspec.structs.replace(insight, group_minimum=insight.group_minimum + 1), detail).smallest == made.smallest + 1


def test_opendps_own_conversion_is_below_ours() -> None:
    """The epsilon that the page tells is no less than the one that OpenDP derives from the same rho and delta."""
    import opendp.prelude as dp

    dp.enable_features("contrib")
    rho = rho_in_all(Insight()) / NANO
    scale = 1 / sqrt(2 * rho)
    measure = dp.c.make_zCDP_to_approxDP(
        dp.m.make_gaussian(dp.atom_domain(T="i64"), dp.absolute_distance(T="i64"), scale=scale, MO="ZeroConcentratedDivergence")
    )
    theirs = measure.map(1).epsilon(delta=DELTA / 2)
    assert theirs <= epsilon_of(rho_in_all(Insight())) <= Insight().epsilon


@pytest.mark.promise("P19")
def test_what_fewer_than_the_minimum_share_is_gone_even_without_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """The minimum is a gate of its own: nine people's way never reaches the measurement, whatever that would add."""
    monkeypatch.setattr(noise, "_measurement", lambda _: dict)
    made = plan(Insight(), "figures")
    assert blurred({("paths", "a", "b"): 9, ("paths", "a", "c"): 10}, made) == {("paths", "a", "c"): 10}


@pytest.mark.promise("P19")
def test_names_of_a_few_are_practically_never_shown() -> None:
    """Over two thousand things shared by exactly the minimum, none comes through the noise: the chance is below one in ten million each."""
    made = plan(Insight(), "figures")
    assert blurred({("paths", "a", str(number)): 10 for number in range(2000)}, made) == {}


def test_shown_counts_are_right_on_the_whole() -> None:
    """Far above the threshold everything is shown, off by no more than told in about 95 of 100 cases."""
    made = plan(Insight(), "figures")
    shown = blurred({("paths", "a", str(number)): 400 for number in range(1000)}, made)
    assert len(shown) == 1000
    within = sum(abs(count - 400) <= made.off_by for count in shown.values())
    assert 920 <= within <= 985


def test_a_measurement_that_would_cost_more_is_not_made() -> None:
    """A plan whose noise is too small for its charge is refused before anything is measured."""
    made = plan(Insight(), "figures")
    for wrong in (made._replace(scale=made.scale / 2), made._replace(threshold=made.threshold // 2)):
        with pytest.raises(IntegrityError, match="cost more than its part"):
            blurred({}, wrong)


@pytest.mark.promise("P19")
@over(people=st.lists(st.lists(tallies, max_size=3), max_size=6), one=st.lists(tallies, max_size=3), detail=details)
@settings(max_examples=60, deadline=None)
def test_one_person_changes_no_more_than_the_noise_is_measured_for(
    people: list[list[Counter[tuple[str, ...]]]], one: list[Counter[tuple[str, ...]]], detail: Detail
) -> None:
    """With and without any one person: at most `cap` counts of a kind differ, each by one, whoever the others are."""
    before = counts(given(each, detail) for each in people)
    after = counts(given(each, detail) for each in [*people, one])
    differing = {key: after[key] - before[key] for key in after | before if after[key] != before[key]}
    assert set(differing.values()) <= {1}
    for kind, cap in caps(detail).items():
        assert sum(key[0] == kind for key in differing) <= cap
    assert len(differing) <= plan(Insight(), detail).at_most


def test_a_person_gives_what_they_had_most_of_and_one_answer_to_each_question() -> None:
    """Of more ways than the cap the commonest count; of two lengths of one stay the likelier; of two ways as often, none."""
    tally = Counter({("paths", "a", str(number)): number for number in range(1, 9)})
    tally |= Counter(
        {("places", "a", "short"): 3, ("places", "a", "long"): 9, ("ways", "app", "save", "keys"): 2, ("ways", "app", "save", "pointer"): 2}
    )
    mine = given([tally], "figures")
    assert {key[2] for key in mine if key[0] == "paths"} == {"8", "7", "6", "5"}
    assert {key for key in mine if key[0] in {"places", "ways"}} == {("places", "a", "long")}
    assert given([], "figures") == frozenset()


@pytest.mark.parametrize(
    "changed", [{"group_minimum": 9}, {"epsilon": 4.1}, {"epsilon": 0.0}, {"releases": 0}, {"releases": 13}, {"every_days": 27}]
)
def test_a_programme_can_only_tighten(changed: dict[str, float]) -> None:
    """A minimum below ten, a larger budget, more or denser releases are no programme at all."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(changed, Insight)
