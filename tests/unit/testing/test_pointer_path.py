"""Pointer paths look like a hand's."""

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.testing.hands import keysym_of, pointer_path

POINTS = st.tuples(st.integers(0, 1279), st.integers(0, 799))


@given(POINTS, POINTS, st.integers(0, 2**32), st.floats(0.5, 4))
def test_a_path_ends_where_it_should(start: tuple[int, int], end: tuple[int, int], seed: int, pace: float) -> None:
    """Every path ends on its target; one to where the pointer is already is empty."""
    path = pointer_path(start, end, chance=random.Random(seed), pace=pace)
    assert (path == []) if start == end else (path[-1] == end)


@given(POINTS, POINTS, st.integers(0, 2**32))
def test_a_path_stays_near_the_straight_line(start: tuple[int, int], end: tuple[int, int], seed: int) -> None:
    """A path bows, but never by more than a third of its length, and overshoots nowhere."""
    distance = math.dist(start, end)
    for point in pointer_path(start, end, chance=random.Random(seed)):
        assert math.dist(start, point) + math.dist(point, end) <= distance * 1.25 + 4


def test_a_path_starts_and_ends_slowly() -> None:
    """The hand is fastest on its way: the steps in the middle are longer than those at both ends."""
    path = [(100, 100), *pointer_path((100, 100), (1000, 600), chance=random.Random(1))]
    steps = [math.dist(a, b) for a, b in pairwise(path)]
    middle = max(steps)
    assert steps[0] < middle / 4
    assert steps[-1] < middle / 4
    assert middle == max(steps[len(steps) // 4 : -len(steps) // 4])


def test_paths_differ_by_seed_and_repeat_by_seed() -> None:
    """The same seed moves alike, another seed doesn't."""
    one, again, other = (pointer_path((0, 0), (500, 300), chance=random.Random(seed)) for seed in (1, 1, 2))
    assert one == again != other


@pytest.mark.parametrize(
    ("name", "keysym"), [("a", 0x61), ("Z", 0x5A), ("@", 0x40), ("\n", 0xFF0D), ("ctrl", 0xFFE3), ("plus", 0x2B), ("字", 0)]
)
def test_keys_have_their_x_names(name: str, keysym: int) -> None:
    """Characters and key names map to the keysyms of X11's keysymdef.h; what isn't there is 0."""
    assert keysym_of(name) == keysym
