"""Where a picture looks like writing: nothing drawn is lost, nothing cut off passes for whole, rules are no letters."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from witting.device.reading.strips import find_strips

Gray = NDArray[np.uint8]
FONT = "DejaVuSans.ttf"


def page(*lines: tuple[int, int, str], size: int = 12, is_dark: bool = False, width: int = 400, height: int = 120) -> Gray:
    """Return a page with texts at (x, y)."""
    image = Image.new("L", (width, height), 24 if is_dark else 250)
    draw = ImageDraw.Draw(image)
    for x, y, text in lines:
        draw.text((x, y), text, fill=225 if is_dark else 20, font=ImageFont.truetype(FONT, size))
    return np.asarray(image)


def everywhere(gray: Gray) -> NDArray[np.bool_]:
    """Want all of it."""
    return np.ones(gray.shape, np.bool_)


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("size", [7, 9, 12, 16, 20, 40])
def test_a_line_is_one_strip_with_its_words_as_ink(size: int, *, is_dark: bool) -> None:
    """Dark on light or light on dark, small or large: the three words are one strip or stand side by side, and all of them are ink."""
    gray = page((10, 20, "open the folder"), size=size, is_dark=is_dark)
    strips = find_strips(gray, everywhere(gray))
    drawn = np.flatnonzero((gray != gray[0, 0]).any(axis=0))
    inks = [ink for strip in strips for ink in strip.ink]
    assert len({strip.box.y + strip.box.height // 2 for strip in strips}) <= 2
    assert all(any(ink.x <= column < ink.x + ink.width for ink in inks) for column in drawn)


def test_frames_and_rules_are_no_writing() -> None:
    """A field's frame, a table's lines and a separator make no strip; the word inside the frame does."""
    image = Image.fromarray(page((30, 40, "Save")))
    draw = ImageDraw.Draw(image)
    draw.rectangle((10, 30, 200, 70), outline=60)
    draw.line((0, 100, 399, 100), fill=120)
    draw.line((300, 0, 300, 119), fill=120)
    gray = np.asarray(image)
    strips = find_strips(gray, everywhere(gray))
    assert [strip.box.x > 20 and strip.box.x + strip.box.width < 80 for strip in strips] == [True]


def test_bold_text_without_gaps_is_no_rule() -> None:
    """Letters that touch one another along a line stay letters."""
    font = ImageFont.truetype("DejaVuSans-Bold.ttf", 13)
    image = Image.new("L", (300, 60), 255)
    ImageDraw.Draw(image).text((10, 20), "Management Committee", fill=0, font=font)
    gray = np.asarray(image)
    (strip,) = find_strips(gray, everywhere(gray))
    assert strip.box.width > 140


@pytest.mark.promise("P8")
@pytest.mark.parametrize("where", ["left", "right", "top", "middle"])
def test_a_word_that_is_cut_off_is_no_ink(where: str) -> None:
    """Half a word may read as another one, so what goes on where nothing is wanted is left out; its neighbours stay."""
    gray = page((10, 20, "Musterfrau"), (10, 80, "Save"), size=16)
    wanted = everywhere(gray)
    columns = np.flatnonzero((gray[:60] != gray[0, 0]).any(axis=0))
    rows = np.flatnonzero((gray[:60] != gray[0, 0]).any(axis=1))
    middle = int(columns[0] + columns[-1]) // 2
    cuts = {
        "left": np.s_[0:60, : columns[0] + 20],
        "right": np.s_[0:60, middle:],
        "top": np.s_[0 : (rows[0] + rows[-1]) // 2, :],
        "middle": np.s_[0:60, middle - 10 : middle + 10],
    }
    wanted[cuts[where]] = False
    inks = [ink for strip in find_strips(gray, wanted) for ink in strip.ink]
    kept = {ink.y > 60 for ink in inks}
    assert True in kept
    near_cut = {
        "left": lambda ink: ink.x < columns[0] + 22,
        "right": lambda ink: ink.x + ink.width > middle - 2,
        "top": lambda ink: ink.y < 60,
        "middle": lambda ink: middle - 12 <= ink.x + ink.width and ink.x <= middle + 12,
    }[where]
    assert not [ink for ink in inks if ink.y < 60 and near_cut(ink)]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 180), st.integers(0, 70), st.integers(1, 90), st.integers(1, 50), st.integers(0, 255)), max_size=8)
)
def test_whatever_is_drawn_strips_lie_inside_and_inks_inside_strips(shapes: list[tuple[int, int, int, int, int]]) -> None:
    """Any shapes: strips lie in the picture, inks in their strip's rows, left to right without overlap; an unwanted half has none."""
    gray = np.full((80, 200), 200, np.uint8)
    for x, y, width, height, colour in shapes:
        gray[y : y + height, x : x + width] = colour
    wanted = everywhere(gray)
    wanted[:, 100:] = False
    for strip in find_strips(gray, wanted):
        box = strip.box
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= 100
        assert box.y + box.height <= 80
        ends = [(ink.x, ink.x + ink.width) for ink in strip.ink]
        assert all(box.y <= ink.y and ink.y + ink.height <= box.y + box.height and not ink.is_empty for ink in strip.ink)
        assert ends == sorted(ends)
        assert all(first[1] <= second[0] for first, second in pairwise(ends))


def test_a_plain_page_and_a_page_of_noise_take_little() -> None:
    """Nothing on a page gives nothing; noise gives a bounded number of strips."""
    assert find_strips(np.full((50, 50), 9, np.uint8), np.ones((50, 50), np.bool_)) == []
    noise = np.random.default_rng(3).integers(0, 255, (600, 800), dtype=np.uint8)
    assert len(find_strips(noise, everywhere(noise))) <= 800
