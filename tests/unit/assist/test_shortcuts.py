"""A tip is told where it helps, once, and not where it would be wrong."""

import pytest

from witting.device.assist.deeds import Deed, Symbol
from witting.device.assist.shortcuts import LEAST_CLICKS, Tip, find_tips

SECOND = 1_000_000_000


def clicks(count: int, name: str = "Copy", *, app: str = "mousepad", place: str = "", role: str = "menu item") -> list[Deed]:
    """Return so many clicks on a thing."""
    return [Deed(Symbol("click", app, place, role, name), name, "", "", n * SECOND, n * SECOND) for n in range(count)]


def presses(count: int, keys: str = "ctrl+c", *, app: str = "mousepad") -> list[Deed]:
    """Return so many chords."""
    return [Deed(Symbol("press", app, "", "", keys), keys, "", "", n * SECOND, n * SECOND) for n in range(count)]


def test_the_long_way_is_pointed_out() -> None:
    """Whoever clicks a menu often and never presses its keys hears of them, over all recordings together."""
    assert find_tips([clicks(3), clicks(4)]) == [Tip("mousepad", "Copy", "ctrl+c", 7, 0)]


@pytest.mark.parametrize("label", ["Kopieren", "COPY", "Copier", "Copiar"])
def test_menus_in_four_languages_are_known(label: str) -> None:
    """A label in any case and in English, German, French or Spanish."""
    assert [tip.keys for tip in find_tips([clicks(LEAST_CLICKS, label)])] == ["ctrl+c"]


def test_who_knows_the_keys_isn_t_told() -> None:
    """One press for five clicks is enough; presses in another app don't count."""
    assert find_tips([clicks(10), presses(2)]) == []
    assert len(find_tips([clicks(10), presses(1)])) == 1
    assert len(find_tips([clicks(10), presses(5, app="other")])) == 1


def test_seldom_is_not_worth_a_word() -> None:
    """Below five clicks nothing is said."""
    assert find_tips([clicks(LEAST_CLICKS - 1)]) == []
    assert len(find_tips([clicks(LEAST_CLICKS)])) == 1


def test_pages_decide_themselves_what_keys_do() -> None:
    """A button called Save on a web page isn't the application's: no tip. Nor is a link, or a thing of another name."""
    assert find_tips([clicks(9, "Save", place="desk.example.org/x", role="button")]) == []
    assert find_tips([clicks(9, "Save", role="link"), clicks(9, "Save order")]) == []


def test_a_dismissed_tip_stays_away() -> None:
    """Dismissed in one app, still told in another."""
    sessions = [clicks(6), clicks(9, app="gedit")]
    first, second = find_tips(sessions)
    assert (first.app, second.app) == ("gedit", "mousepad")
    assert find_tips(sessions, [first.name]) == [second]
