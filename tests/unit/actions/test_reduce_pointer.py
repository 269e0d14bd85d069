"""Clicks, drags and scrolls: what the hand did, at the thresholds the field agrees on."""

import pytest
from telling import MS, click, key, mark, move, press, release, typed, wheel, window

from witting.actions import reduce, reduction
from witting.terms.events import Gap, PageNavigation, Topology
from witting.terms.geometry import Monitor, Rect
from witting.terms.session import Record


def kinds(records: list[Record]) -> list[str]:
    """Return the kinds of the actions, in order."""
    return [action.kind for action in reduce(records)]


def test_click_keeps_place_and_duration() -> None:
    """A press and its release are one click at the place of the press, lasting as long as it lasted."""
    (action,) = reduce([move(0, 3, y=4), press(10, 100, 50), release(90, 103, 52)])
    assert (action.kind, action.x, action.y, action.timestamp_ns, action.end_ns) == ("click", 100, 50, 10 * MS, 90 * MS)
    assert action.children == (1, 2)


def test_motion_before_a_click_does_not_move_it() -> None:
    """Residual motion is flushed before a click: late motion doesn't change where it landed."""
    (action,) = reduce([move(0, 1, y=1), press(10, 100, 50), move(12, 101, y=50), release(60, 100, 50), move(61, 400, y=400)])
    assert (action.kind, action.x, action.y) == ("click", 100, 50)


@pytest.mark.parametrize(
    ("button", "kind", "named"), [(1, "click", ""), (3, "right_click", ""), (2, "middle_click", ""), (8, "key", "button8")]
)
def test_each_button_is_told_apart(button: int, kind: str, named: str) -> None:
    """Left, right, middle and the buttons beyond are different things."""
    (action,) = reduce(click(0, button=button))
    assert (action.kind, action.key) == (kind, named)


@pytest.mark.parametrize(("distance", "kind"), [(0, "click"), (5, "click"), (6, "drag"), (7, "drag"), (300, "drag")])
def test_drag_begins_at_six_pixels(distance: int, kind: str) -> None:
    """A hand that trembles by less than 6 px clicks; from 6 px on it drags."""
    (action,) = reduce([press(0, 50, 50), release(300, 50 + distance, 50)])
    assert action.kind == kind
    assert (action.to_x, action.to_y) == ((50 + distance, 50) if kind == "drag" else (0, 0))


def test_drag_survives_keys_wheel_and_other_buttons() -> None:
    """A drag isn't broken by what else happens while the button is down, and keeps its path."""
    records = [
        press(0, 0, 0),
        move(10, 5, y=0),
        key(20, "ctrl+c"),
        wheel(30),
        *click(40, 7, 0, button=3),
        move(130, 50, y=0),
        release(140, 60, 0),
    ]
    drag, *others = reduce(records)
    assert (drag.kind, drag.x, drag.to_x, drag.children) == ("drag", 0, 60, (0, 1, 6, 7))
    assert [action.kind for action in others] == ["key", "scroll", "right_click"]


@pytest.mark.parametrize(
    ("later", "aside", "expected"),
    [
        (400, 0, ["double_click"]),
        (500, 4, ["double_click"]),
        (501, 0, ["click", "click"]),
        (400, 5, ["click", "click"]),
    ],
)
def test_double_click_thresholds(later: int, aside: int, expected: list[str]) -> None:
    """Two clicks are a double click up to 0.5 s and 4 px apart."""
    assert kinds([*click(0, 10, 10), *click(later, 10 + aside, 10)]) == expected


def test_double_click_holds_both_clicks() -> None:
    """A double click names all four events and ends when the second click ends."""
    (action,) = reduce([*click(0), move(100), *click(200)])
    assert (action.children, action.end_ns) == ((0, 1, 3, 4), 280 * MS)


def test_three_clicks_are_a_triple_click_and_the_fourth_begins_anew() -> None:
    """Three clicks select a paragraph and are one action; four on "next" aren't swallowed by it."""
    assert kinds([*click(0), *click(150), *click(300)]) == ["triple_click"]
    assert kinds([*click(0), *click(150), *click(300), *click(450)]) == ["triple_click", "click"]
    assert kinds([*click(0), *click(450), *click(951)]) == ["double_click", "click"]


@pytest.mark.parametrize(("held", "kind"), [(1000, "click"), (1001, "long_press")])
def test_long_press_is_no_click(held: int, kind: str) -> None:
    """A press of more than a second is what it is; it doesn't silently become a click."""
    (action,) = reduce([press(0), release(held)])
    assert (action.kind, action.end_ns) == (kind, held * MS)


def test_long_press_is_no_part_of_a_double_click() -> None:
    """Holding, then clicking, is two actions."""
    assert kinds([press(0), release(1200), *click(1300)]) == ["long_press", "click"]


def test_monitors_that_change_part_clicks_and_turns() -> None:
    """The same coordinates on another screen are another place."""
    change = Topology(100 * MS, (Monitor("a", Rect(0, 0, 1680, 1050)),))
    assert kinds([*click(0), change, *click(200)]) == ["click", "click"]
    assert kinds([wheel(0), change, wheel(200)]) == ["scroll", "scroll"]


def test_drag_over_a_change_of_monitors_ends_where_it_last_was() -> None:
    """A release on a screen with other coordinates doesn't tell how far the pointer went; the path before the change does."""
    change = Topology(100 * MS, (Monitor("a", Rect(0, 0, 1680, 1050)),))
    (action,) = reduce([press(0, 50, 50), move(50, 52, y=50), change, release(200, 900, 900)])
    assert action.kind == "click"
    (action,) = reduce([press(0, 50, 50), move(50, 90, y=50), change, move(150, 700, 700), release(200, 900, 900)])
    assert (action.kind, action.to_x, action.to_y) == ("drag", 90, 50)


@pytest.mark.parametrize(
    "between", [key(120, "Return"), typed(100, 130, "a"), wheel(120), mark(120, "done"), PageNavigation(120 * MS, "u", "t")]
)
def test_something_done_in_between_parts_two_clicks(between: Record) -> None:
    """Two clicks with a deed, a new page or a task's edge between them are two clicks."""
    found = kinds([*click(0), between, *click(200)])
    assert found.count("click") == 2
    assert "double_click" not in found


@pytest.mark.parametrize("between", [Gap("over_budget", "screen", 100 * MS, 110 * MS), window(100, "files")])
def test_something_that_happened_does_not_part_a_double_click(between: Record) -> None:
    """A window that comes up, or a dropped picture, doesn't undo a double click."""
    assert "double_click" in kinds([*click(0), between, *click(200)])


def test_right_clicks_do_not_double() -> None:
    """Only the left button double-clicks."""
    assert kinds([*click(0, button=3), *click(100, button=3)]) == ["right_click", "right_click"]


def test_point_outside_the_screen_is_kept() -> None:
    """Coordinates aren't clamped to an edge that was never clicked."""
    (action,) = reduce(click(0, -5, 99999))
    assert (action.x, action.y) == (-5, 99999)


def test_lost_release_and_lost_press_are_said() -> None:
    """A press without release, or the reverse, makes no action and is named as what it is."""
    result = reduction([press(0), press(100), release(150), release(200), press(300)])
    assert [(action.kind, action.children) for action in result.actions] == [("click", (1, 2))]
    assert [(one.number, one.reason) for one in result.ignored] == [
        (0, "press_without_release"),
        (3, "release_without_press"),
        (4, "press_without_release"),
    ]


def test_wheel_turns_join_into_one_scroll() -> None:
    """Turns in one direction at one place are one scroll with their sum."""
    (action,) = reduce([wheel(0), move(5, 11, y=11), wheel(100, 2), wheel(1100)])
    assert (action.kind, action.dy, action.children, action.end_ns) == ("scroll", 4, (0, 2, 3), 1100 * MS)


@pytest.mark.parametrize("second", [wheel(1001), wheel(100, -1), wheel(100, 1, x=80), wheel(100, 0, dx=1), wheel(100, 1, dx=2)])
def test_pause_turn_or_move_parts_two_scrolls(second: Record) -> None:
    """A pause over a second, another direction or another place begins a new scroll."""
    assert kinds([wheel(0), second]) == ["scroll", "scroll"]


def test_scroll_runs_are_told_apart_by_axis() -> None:
    """Down, right and down again are three runs; a trackpad's slight slant is none of its own."""
    runs = reduce([wheel(0, 2), wheel(20, 0, dx=3), wheel(40, 0, dx=1), wheel(60, 1)])
    assert [(run.dx, run.dy) for run in runs] == [(0, 2), (4, 0), (0, 1)]
    (run,) = reduce([wheel(0, 5), wheel(10, 4, dx=1), wheel(20, 6, dx=-1), wheel(30, 3)])
    assert (run.dx, run.dy, run.children) == (0, 18, (0, 1, 2, 3))


def test_click_parts_two_scrolls() -> None:
    """Scrolling, clicking and scrolling on are three actions."""
    assert kinds([wheel(0), *click(100), wheel(300)]) == ["scroll", "click", "scroll"]
