"""What the sign says, and when it counts as out of sight."""

import numpy as np
import pytest

from witting.device.capture.indicator import Sign, Visibility, picture

SECOND = 1_000_000_000


def test_the_sign_names_the_app_that_is_recorded():
    """A person reads on the sign what of theirs is recorded, and when nothing is."""
    assert "mousepad" in Sign("recording", "mousepad").text
    assert "not this window" in Sign("recording").text
    assert "PAUSED" in Sign("paused", "mousepad").text


def test_the_three_states_look_different():
    """Recording, recording but not this window, and paused can't be taken for each other by colour alone."""
    assert len({Sign("recording", "a").colour, Sign("recording").colour, Sign("paused").colour}) == 3


def test_the_picture_is_what_the_server_takes():
    """The sign's pixels fill its window, in the server's order, and aren't empty."""
    pixels = np.frombuffer(picture(Sign("paused")), np.uint8).reshape(28, 232, 4)
    assert tuple(pixels[2, 2, :3]) == Sign("paused").colour[::-1]
    assert len(np.unique(pixels.reshape(-1, 4), axis=0)) > 2


def test_a_long_name_of_an_app_doesn_t_push_the_rest_off_the_sign():
    """The text stays as short as the sign is wide."""
    assert len(Sign("recording", "x" * 400).text) < 40


@pytest.mark.promise("P21")
def test_a_sign_covered_for_a_second_is_lost():
    """A sign that something lies over for more than a second counts as not seen, a short cover doesn't."""
    seen = Visibility()
    seen.note_covered(0)
    seen.note_covered(SECOND // 2)
    assert not seen.is_lost(SECOND)
    assert seen.is_lost(SECOND + 1)
    seen.note_clear()
    assert not seen.is_lost(100 * SECOND)


@pytest.mark.promise("P21")
def test_a_sign_that_was_taken_away_is_lost_at_once():
    """Nothing brings back a sign that some program unmapped."""
    seen = Visibility()
    seen.note_gone()
    seen.note_clear()
    assert seen.is_lost(0)
    assert seen.is_gone
