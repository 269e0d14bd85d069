"""What the sign says, and when it counts as out of sight."""

import numpy as np
import pytest

from witting.device.capture.indicator import Visibility, corner_at
from witting.device.capture.sign import HEIGHT_PX, Sign, picture, width_of
from witting.terms.geometry import Rect

SECOND = 1_000_000_000


def test_the_sign_names_the_app_that_is_recorded():
    """A person reads on the sign what of theirs is recorded, and when nothing is."""
    assert Sign("recording", "Mousepad").text == "Recording Mousepad"
    assert "isn't recorded" in Sign("recording").text
    assert Sign("paused").text == "Paused · click to go on"
    assert Sign("paused", why="screen locked").text == "Paused · screen locked"
    assert Sign("off", why="stopped").text == "Off · stopped"


def test_the_four_states_look_different():
    """Recording, recording but not this window, paused and off can't be taken for each other by colour alone."""
    assert len({sign.colour for sign in (Sign("recording", "a"), Sign("recording"), Sign("paused"), Sign("off"))}) == 4


@pytest.mark.parametrize("sign", [Sign("recording", "Mousepad"), Sign("recording"), Sign("paused"), Sign("off", why="stopped")])
def test_the_words_can_be_read(sign):
    """Words and ground of each state differ by the contrast that WCAG asks of text, 4.5 to 1."""

    def light(colour):
        parts = [part / 255 for part in colour]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, bright = sorted((light(sign.colour), light(sign.ink)))
    assert (bright + 0.05) / (dark + 0.05) >= 4.5


def test_the_picture_is_what_the_server_takes():
    """The sign's pixels fill its window, in the server's order, and aren't empty."""
    pixels = np.frombuffer(picture(Sign("paused")), np.uint8).reshape(HEIGHT_PX, width_of(Sign("paused")), 4)
    assert tuple(pixels[2, 30, :3]) == Sign("paused").colour[::-1]
    assert len(np.unique(pixels.reshape(-1, 4), axis=0)) > 2


def test_a_long_name_of_an_app_doesn_t_push_the_rest_off_the_sign():
    """The text stays as short as the sign is wide."""
    assert len(Sign("recording", "x" * 400).text) < 40
    assert width_of(Sign("recording", "W" * 400)) <= 340


def test_a_sign_is_dropped_into_the_nearest_corner():
    """Wherever on a monitor it is let go, it stands in a corner of that monitor."""
    monitor = Rect(100, 0, 400, 300)
    places = {(120, 10): "top-left", (480, 10): "top-right", (120, 290): "bottom-left", (480, 290): "bottom-right"}
    assert {(x, y): corner_at(monitor, x, y=y) for x, y in places} == places


@pytest.mark.promise("P21")
def test_a_sign_covered_for_a_second_is_lost():
    """A sign that something lies over for more than a second counts as not seen, a short cover doesn't."""
    seen = Visibility()
    seen.note_covered(0)
    seen.note_covered(SECOND // 2)
    assert not seen.is_lost(SECOND // 2)
    assert seen.is_lost(SECOND)
    seen.note_clear(2 * SECOND)
    assert not seen.is_lost(100 * SECOND)


@pytest.mark.promise("P21")
def test_a_sign_that_blinks_is_lost_all_the_same():
    """Against a program that always rises again, being in view for moments isn't being seen; staying in view is."""
    seen = Visibility()
    for now_ns in range(0, SECOND, SECOND // 20):
        seen.note_covered(now_ns)
        seen.note_clear(now_ns + SECOND // 40)
    assert seen.is_lost(SECOND)
    assert seen.clear_at_ns is not None
    assert not seen.is_lost(seen.clear_at_ns)
    assert seen.clear_at_ns is None


@pytest.mark.promise("P21")
def test_a_sign_that_was_taken_away_is_lost_at_once():
    """Nothing brings back a sign that some program unmapped."""
    seen = Visibility()
    seen.note_gone()
    seen.note_clear(0)
    assert seen.is_lost(0)
    assert seen.is_gone
