"""Random arrangements of windows over lent ones: of what isn't lent not a pixel, title, key or address is recorded.

The arrangements stand in `arrangements`, the ways between pages in `wanderings`; `make bench-fuzz` runs 500 and 100.
"""

import arrangements
import numpy as np
import pytest
import wanderings

pytestmark = pytest.mark.e2e


@pytest.mark.promise("P6")
def test_of_ten_arrangements_nothing_unlisted_is_recorded(desktop, tmp_path):
    """0 pixels, titles, keys and addresses of what isn't lent, while lent windows are shown."""
    outcome = arrangements.run(desktop, tmp_path, count=10, seed=11)
    print(outcome)
    assert (outcome.leaked_px, outcome.leaked_words, outcome.leaked_keys) == (0, 0, 0)
    assert outcome.shown
    assert outcome.is_complete


@pytest.mark.parametrize("colour", arrangements.COLOURS)
def test_the_search_sees_a_single_pixel_of_a_window_that_isn_t_lent(colour):
    """One pixel among a million is found, in the colour itself or nearly."""
    picture = np.full((800, 1280, 3), 127, np.uint8)
    assert arrangements.leaked_px(picture) == 0
    picture[400, 640] = (colour >> 16, (colour >> 8 & 255) + 3 if colour >> 8 & 255 < 250 else 250, colour & 255)
    assert arrangements.leaked_px(picture) == 1


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.promise("P6")
def test_of_five_hundred_arrangements_nothing_unlisted_is_recorded(desktop, tmp_path):
    """The same over 500 arrangements."""
    outcome = arrangements.run(desktop, tmp_path, count=500, seed=12)
    print(outcome)
    assert (outcome.leaked_px, outcome.leaked_words, outcome.leaked_keys) == (0, 0, 0)
    assert outcome.shown > 50
    assert outcome.is_complete


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.promise("P6")
def test_on_the_way_between_pages_and_private_windows_only_the_lent_page_is_recorded(desktop, tmp_path):
    """40 random steps: nothing of other pages and of private windows is recorded, and every key of the lent page is."""
    outcome = wanderings.run(desktop, tmp_path, count=40, seed=13)
    print(outcome)
    assert (outcome.leaked_px, outcome.leaked_words, outcome.leaked_keys) == (0, 0, 0)
    assert outcome.lent_keys
    assert outcome.keys_typed
    assert outcome.is_complete
