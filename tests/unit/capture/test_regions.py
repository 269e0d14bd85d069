"""Rectangle algebra against pixels, and what of lent windows can be seen."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.capture.regions import area_px, overlap, subtract
from witting.device.capture.stacking import Ghost, StackedWindow, StackReader, uncovering, visible_parts, window_at, without_ghosts
from witting.terms.errors import CaptureError
from witting.terms.geometry import Rect

SIDE = 24
NOWHERE = Rect(0, 0, 0, 0)
rects = st.builds(Rect, st.integers(-4, SIDE), st.integers(-4, SIDE), st.integers(0, SIDE), st.integers(0, SIDE))
SCREEN = Rect(0, 0, SIDE, SIDE)


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
    lambda rows: tuple(window(i, app, rect, is_popup=popup) for i, (app, rect, popup) in enumerate(rows, 1)),
)


@given(stacks)
def test_a_pixel_is_shown_only_if_the_topmost_window_there_is_lent(stack):
    """Whatever lies above a lent window, known or not, masks what it covers; pop-ups are never shown."""
    parts = visible_parts(stack, {w.client_id: w.client_area for w in stack if w.app == "lent"}, screen=SCREEN)
    shown = painted([rect for region in parts.values() for rect in region])
    for y in range(SIDE):
        for x in range(SIDE):
            top = window_at(stack, x, y=y)
            assert shown[y, x] == (top is not None and top.app == "lent" and not top.is_popup)
            if shown[y, x]:
                assert any(rect.contains(x, y) for rect in parts[top.client_id])


def test_a_title_bar_belongs_to_its_app_but_its_pixels_are_never_lent():
    """A frame is the app's for clicks; its pixels, which show titles, are not shown."""
    framed = StackedWindow(1, 2, "lent", Rect(0, 0, 20, 20), Rect(1, 5, 18, 14), is_popup=False)
    assert visible_parts((framed,), {2: framed.area}, screen=SCREEN) == {2: (Rect(1, 5, 18, 14),)}
    assert window_at((framed,), 3, y=2) is framed


def test_a_shaped_or_translucent_window_shows_only_where_it_is_solid():
    """Through a hole one sees somebody else's window."""
    holed = StackedWindow(1, 1, "lent", Rect(0, 0, 20, 20), Rect(0, 0, 20, 20), is_popup=False, solid=(Rect(0, 0, 20, 5),))
    assert visible_parts((holed,), {1: holed.area}, screen=SCREEN) == {1: (Rect(0, 0, 20, 5),)}
    clear = StackedWindow(1, 1, "lent", Rect(0, 0, 20, 20), Rect(0, 0, 20, 20), is_popup=False, solid=())
    assert visible_parts((clear,), {1: clear.area}, screen=SCREEN) == {1: ()}


@pytest.mark.promise("P6")
def test_where_another_window_was_just_now_nothing_is_shown_yet():
    """Its pixels stay until the one below has drawn itself; a window that moved itself isn't shown at all for that time."""
    lent = window(1, "lent", Rect(0, 0, 20, 20))
    region = (lent.area,)
    assert area_px(without_ghosts(region, lent, ghosts=(Ghost(2, Rect(0, 0, 10, 20), 5),))) == 200
    assert without_ghosts(region, lent, ghosts=(Ghost(1, lent.area, 5),)) == region
    assert without_ghosts(region, lent, ghosts=(Ghost(1, Rect(3, 0, 20, 20), 5),)) == ()


@pytest.mark.promise("P6")
@given(stacks, st.randoms(use_true_random=False))
def test_every_window_that_uncovers_something_is_known(stack, chance):
    """Whatever left its place, or lies no longer over what it lay over, is among those whose pixels may linger."""
    after = list(stack)
    chance.shuffle(after)
    after = tuple(after[: chance.randint(0, len(after))])
    known = {w.window_id for w in uncovering(stack, after)}
    above = {w.window_id: {o.window_id for o in after[place + 1 :]} for place, w in enumerate(after)}
    for place, lower in enumerate(stack):
        for upper in stack[place + 1 :]:
            if lower.window_id in above and upper.window_id not in above[lower.window_id]:
                assert upper.window_id in known


def test_ghosts_are_let_go_of_though_nobody_asks_for_them():
    """Windows that move for hours while no picture is taken don't fill the memory."""
    now = [0]
    display = SimpleNamespace(
        root=1,
        now_ns=lambda: now[0],
        watch_root=lambda _: None,
        extension=_refused,
    )
    reader = StackReader(display)
    for step in range(5000):
        now[0] += 10_000_000
        reader._haunt(7, Rect(step % 50, 0, 10, 10))
    assert len(reader._ghosts) <= 71
    assert reader.ghosts(now[0] + 10**9) == ()


def _refused(*_):
    """Have no extension."""
    raise CaptureError("none")
