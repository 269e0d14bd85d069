"""Rectangle algebra against pixels, and what of lent windows can be seen."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from witting.device.capture.regions import area_px, overlap, subtract
from witting.device.capture.stacking import StackedWindow, visible_region, window_at
from witting.terms.geometry import Rect

SIDE = 24
NOWHERE = Rect(0, 0, 0, 0)
rects = st.builds(Rect, st.integers(-4, SIDE), st.integers(-4, SIDE), st.integers(0, SIDE), st.integers(0, SIDE))


def painted(region) -> np.ndarray:
    """Return how often each pixel is covered."""
    canvas = np.zeros((SIDE, SIDE), int)
    for rect in region:
        canvas[max(0, rect.y) : max(0, rect.y + rect.height), max(0, rect.x) : max(0, rect.x + rect.width)] += 1
    return canvas


@given(rects, rects)
def test_subtracting_leaves_exactly_the_pixels_outside(rect, hole):
    """What is left of a rectangle has every pixel outside the hole once, and none inside."""
    left = painted(subtract((rect,), hole))
    assert (left == np.where(painted((hole,)) > 0, 0, painted((rect,)))).all()


@given(rects, rects, rects)
def test_the_overlap_is_what_both_have(one, other, hole):
    """Two looks at the screen agree on exactly the pixels that both showed."""
    first, second = subtract((one,), hole), (other,)
    assert (painted(overlap(first, second)) == painted(first) * painted(second)).all()
    assert area_px(overlap(first, second)) <= min(area_px(first), area_px(second))


def window(number: int, app: str, area: Rect, *, is_popup: bool = False) -> StackedWindow:
    """Return a window without a frame."""
    return StackedWindow(number, number, app, area, NOWHERE if is_popup else area, is_popup)


stacks = st.lists(st.tuples(st.sampled_from(["lent", "other", ""]), rects, st.booleans()), max_size=6).map(
    lambda rows: tuple(window(i, app, rect, is_popup=popup) for i, (app, rect, popup) in enumerate(rows)),
)


@given(stacks)
def test_a_pixel_is_shown_only_if_the_topmost_window_there_is_lent(stack):
    """Whatever lies above a lent window, known or not, masks what it covers; pop-ups are never shown."""
    shown = painted(visible_region(stack, lambda w: w.client_area if w.app == "lent" else NOWHERE, Rect(0, 0, SIDE, SIDE)))
    for y in range(SIDE):
        for x in range(SIDE):
            top = window_at(stack, x, y)
            assert shown[y, x] == (top is not None and top.app == "lent" and not top.is_popup)


def test_a_title_bar_belongs_to_its_app_but_its_pixels_are_never_lent():
    """A frame is the app's for clicks; its pixels, which show titles, are not shown."""
    framed = StackedWindow(1, 2, "lent", Rect(0, 0, 20, 20), Rect(1, 5, 18, 14), is_popup=False)
    region = visible_region((framed,), lambda w: w.area, Rect(0, 0, SIDE, SIDE))
    assert region == (Rect(1, 5, 18, 14),)
    assert window_at((framed,), 3, 2) is framed
