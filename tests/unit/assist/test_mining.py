"""What comes back is found, what doesn't isn't."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import SECOND, World, deed

from witting.device.assist.deeds import Symbol
from witting.device.assist.mining import MiningConfig, binomial_tail, mine

LETTERS = {letter: Symbol("click", "app", "page", "button", letter) for letter in "abcdefghijklmnopqrstuvwxyz"}


def row(text: str, *, step_s: int = 5):
    """Return a session in which each letter is a click."""
    return [deed(LETTERS[letter], number * step_s * SECOND) for number, letter in enumerate(text)]


def found_in(*texts: str, **config):
    """Return the patterns of sessions as words, with how often each occurs."""
    patterns = mine([row(text) for text in texts], MiningConfig(**config))
    return {"".join(step.name for step in pattern.steps): len(pattern.occurrences) for pattern in patterns}


@pytest.mark.parametrize("seed", range(3))
def test_thirty_planted_routines_are_found_among_distractors(seed: int) -> None:
    """Precision and recall are 0.9 or more, with a quarter of noise, steps left out and steps swapped."""
    world = World(seed)
    precision, recall = world.score(mine(world.sessions))
    assert (precision >= 0.9, recall >= 0.9) == (True, True), (precision, recall)


@pytest.mark.parametrize("changes", [{"noise": 0.5}, {"swap": 1.0}, {"routines": 5}, {"routines": 2}])
def test_much_noise_and_few_routines_are_no_hindrance(changes: dict[str, float]) -> None:
    """Twice the noise, an exchange in every occurrence, hardly any routines: nine tenths are found over four worlds."""
    worlds = [World(seed, **changes) for seed in range(4)]
    scores = [world.score(mine(world.sessions)) for world in worlds]
    assert min(sum(score[side] for score in scores) / 4 for side in (0, 1)) >= 0.9, scores


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_found_where_nothing_comes_back(seed: int) -> None:
    """Thirty things that were done once each, among the usual clicks on a hundred and fifty buttons, make no routine."""
    world = World(seed, times=1)
    assert sum(map(len, world.sessions)) > 300
    assert mine(world.sessions) == []


def test_what_was_left_out_once_is_still_a_step() -> None:
    """A step that is missing from one occurrence of five belongs to the routine, and that occurrence counts."""
    found = found_in("abcdef" + "xyzw", "qabcdef", "abdef" + "rst", "uabcdefv", "abcdefmno")
    assert found == {"abcdef": 5}


def test_another_order_is_the_same_routine() -> None:
    """Fields filled in any order between the same first and last step make one routine, told in the usual order."""
    found = found_in("xabcdy", "uxacbdyv", "xbacdyw", "rxabcdys", "xacbdy")
    assert found == {"xabcdy": 5} or [sorted(word) for word in found] == [sorted("xabcdy")]


def test_a_long_rest_ends_an_occurrence() -> None:
    """What lies more than five minutes apart isn't one routine."""
    apart = [row("abcabcabcabc", step_s=400)]
    assert mine(apart) == []
    assert mine([row("abczabcyabcxabcw")]) != []


def test_too_seldom_or_too_short_is_nothing() -> None:
    """Twice isn't often, and two steps aren't a routine."""
    assert found_in("abcdxyz", "qabcdr") == {}
    assert found_in("abx", "yab", "abz", "wab", "abq") == {}


def test_no_recordings_no_routines() -> None:
    """Nothing in, nothing out."""
    assert mine([]) == mine([[], []]) == mine([row("a")]) == []


@given(st.lists(st.text(alphabet="abcde", max_size=30), max_size=5))
def test_every_pattern_stands_where_it_says(texts: list[str]) -> None:
    """Whatever the sessions: occurrences hold their steps and don't overlap; patterns are long and often enough; twice is the same."""
    sessions = [row(text) for text in texts]
    config = MiningConfig()
    patterns = mine(sessions, config)
    taken: set[tuple[int, int]] = set()
    for pattern in patterns:
        assert len(pattern.occurrences) >= config.least_times
        assert len(pattern.steps) >= config.least_steps
        for occurrence in pattern.occurrences:
            done = [(step, place) for step, place in zip(pattern.steps, occurrence.places, strict=True) if place >= 0]
            assert len(done) >= config.least_steps
            assert all(sessions[occurrence.sequence][place].symbol == step for step, place in done)
            spots = {(occurrence.sequence, place) for _, place in done}
            assert len(spots) == len(done)
            assert not spots & taken
            taken |= spots
    assert mine(sessions, config) == patterns


def test_the_tail_of_the_binomial_is_right() -> None:
    """Exact for few trials; for many a bound that is never below the exact value."""
    assert binomial_tail(0, 5, p=0.3) == 1.0
    assert binomial_tail(5, 5, p=0.5) == pytest.approx(1 / 32)
    assert binomial_tail(3, 4, p=0.25) == pytest.approx(4 * 0.25**3 * 0.75 + 0.25**4)
    assert binomial_tail(40, 61, p=0.5) >= binomial_tail(40, 60, p=0.5) * 0.9
    assert binomial_tail(1, 100, p=0.0) == 0.0
