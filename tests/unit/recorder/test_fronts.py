"""What was in front at a time."""

import pytest

from witting.device.recorder.fronts import Fronts
from witting.terms.geometry import Rect
from witting.terms.raw import RawPage, RawWindow

SITE = "https://a.example.org"


def window(at_ns: int, number: int, app: str) -> RawWindow:
    """Return a window that came to the front."""
    return RawWindow(at_ns, app, "", number, Rect(0, 0, 10, 10))


def page(at_ns: int, tab: int, url: str = f"{SITE}/x", *, what: str = "navigation", private: bool = False) -> RawPage:
    """Return a page that a tab shows."""
    return RawPage(at_ns, url, "T", tab, private, what)


@pytest.fixture
def fronts() -> Fronts:
    """Give fronts in which only "browser" shows pages."""
    return Fronts(lambda app: app == "browser")


def test_the_front_of_a_time_is_the_last_one_before_it(fronts):
    """An event is judged by what was in front when it happened, not by what is in front now."""
    fronts.show_window(window(10, 1, "editor"))
    fronts.show_window(window(20, 2, "mail"))
    assert [fronts.at(at_ns).app for at_ns in (5, 10, 19, 20, 99)] == ["", "editor", "editor", "mail", "mail"]


def test_a_browser_without_a_page_bound_to_its_window_has_no_site(fronts):
    """That some lent page is open somewhere doesn't lend the window in front."""
    fronts.show_window(window(0, 1, "browser"))
    fronts.show_page(page(1, 7))
    assert fronts.now.site == ""
    fronts.bind(7, 2)
    assert (fronts.at(1).site, fronts.at(2).site) == ("", SITE)


@pytest.mark.promise("P6")
def test_a_lent_page_in_one_window_doesn_t_lend_another(fronts):
    """A second browser window with an unlisted page, which the extension keeps silent about, stays unlent."""
    fronts.show_window(window(0, 1, "browser"))
    fronts.show_page(page(1, 7))
    fronts.bind(7, 1)
    fronts.show_window(window(5, 2, "browser"))
    assert fronts.now.site == ""
    fronts.show_window(window(9, 1, "browser"))
    assert fronts.now.site == SITE


def test_a_page_that_is_left_ends_its_front_at_once(fronts):
    """Between two pages nothing is in front."""
    fronts.show_window(window(0, 1, "browser"))
    fronts.show_page(page(1, 7))
    fronts.bind(7, 1)
    fronts.show_page(page(5, 7, what="left"))
    assert (fronts.at(4).site, fronts.at(5).site) == (SITE, "")
    assert not fronts.is_in_front(7)


def test_a_private_page_is_known_as_one(fronts):
    """A page in a private window is marked so that nothing of it is kept."""
    fronts.show_window(window(0, 1, "browser"))
    fronts.show_page(page(1, 7, private=True))
    fronts.bind(7, 1)
    assert fronts.now.is_private


def test_no_binding_is_made_while_another_app_is_in_front(fronts):
    """Word from a page in the background doesn't bind it to an editor's window."""
    fronts.show_window(window(0, 1, "editor"))
    fronts.show_page(page(1, 7))
    fronts.bind(7, 1)
    assert not fronts.is_in_front(7)


def test_a_browser_that_goes_silent_is_forgotten(fronts):
    """When the browser's host is gone no page is known any more."""
    fronts.show_window(window(0, 1, "browser"))
    fronts.show_page(page(1, 7))
    fronts.bind(7, 1)
    fronts.forget_pages(3)
    assert fronts.now.site == ""
