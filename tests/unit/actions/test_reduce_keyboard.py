"""Typing stays whole, keys and chords stand on their own."""

import pytest
from telling import MS, click, key, move, press, release, typed, window

from witting.actions import reduce, reduction
from witting.terms.events import Gap
from witting.terms.session import Record


def test_typing_is_one_action() -> None:
    """A run of text is one type action from its first key to its last."""
    (action,) = reduce([typed(0, 900, "hello")])
    assert (action.kind, action.text, action.timestamp_ns, action.end_ns) == ("type", "hello", 0, 900 * MS)


def test_runs_with_nothing_between_are_one_typing() -> None:
    """Typing isn't split at pauses of the hand, by motion, or by a window that changes its title."""
    (action,) = [
        one for one in reduce([typed(0, 500, "help"), move(600), window(700, ""), typed(1500, 2000, "lessly")]) if one.kind == "type"
    ]
    assert (action.text, action.children, action.end_ns) == ("helplessly", (0, 2, 3), 2000 * MS)


@pytest.mark.parametrize(
    "between",
    [
        click(600),
        [key(600, "Tab")],
        [key(600, "Return")],
        [Gap("secure_field", "keys", 600 * MS, 700 * MS, 8)],
        [],  # a pause of over half a minute alone
    ],
)
def test_something_done_or_missing_between_ends_typing(between: list[Record]) -> None:
    """A click, a key, a secret that isn't here, or a long pause ends a run."""
    later = 1000 if between else 30_501
    texts = [action.text for action in reduce([typed(0, 500, "a"), *between, typed(later, later + 100, "b")]) if action.kind == "type"]
    assert texts == ["a", "b"]


def test_dropped_pictures_do_not_end_typing() -> None:
    """A hole in another stream doesn't split what was typed."""
    (action,) = reduce([typed(0, 500, "a"), Gap("over_budget", "screen", 510 * MS, 520 * MS), typed(600, 700, "b")])
    assert action.text == "ab"


def test_corrections_belong_to_the_typing_they_are_in() -> None:
    """Backspaces inside a run are its children: the run's text is already the corrected one."""
    result = reduction([typed(0, 500, "hello"), key(200, "BackSpace"), key(230, "BackSpace", up=True), key(300, "shift+Left")])
    assert [(action.kind, action.children) for action in result.actions] == [("type", (0, 1, 2, 3))]


def test_correction_after_a_pause_is_applied() -> None:
    """A backspace after a pause takes the last character of the run it corrects, and the run goes on."""
    result = reduction([typed(0, 500, "helo"), key(900, "BackSpace"), key(950, "BackSpace", up=True), typed(1500, 1900, "lo")])
    (action,) = result.actions
    assert (action.kind, action.text, action.children, result.ignored) == ("type", "hello", (0, 1, 2, 3), ())


@pytest.mark.parametrize(("text", "name"), [("⟨NAME_1⟩", "BackSpace"), ("a", "BackSpace"), ("hello", "Left"), ("hello", "ctrl+BackSpace")])
def test_correction_that_nobody_can_apply_is_its_own_action(text: str, name: str) -> None:
    """What a backspace leaves of a placeholder isn't known, nor what an arrow does to what follows: both stay keys."""
    assert [action.kind for action in reduce([typed(0, 500, text), key(501, name)])] == ["type", "key"]


def test_typing_survives_long_thinking() -> None:
    """Twenty seconds of thought in the middle of a field are no new action."""
    (action,) = reduce([typed(0, 500, "Dear "), typed(20_000, 21_000, "Ada")])
    assert action.text == "Dear Ada"


def test_key_press_and_release_are_one_action() -> None:
    """A chord is one action however long it was held, and repeats are presses of their own."""
    down, repeat = reduce([key(0, "ctrl+s"), key(30, "ctrl+s"), key(90, "ctrl+s", up=True)])
    assert (down.key, down.children) == ("ctrl+s", (0,))
    assert (repeat.children, repeat.end_ns) == ((1, 2), 90 * MS)


def test_release_alone_is_said_to_be_alone() -> None:
    """A release whose press isn't in the record makes no action."""
    result = reduction([key(0, "Return", up=True)])
    assert (result.actions, result.ignored) == ((), ((0, "release_without_press"),))


def test_text_that_came_to_nothing_is_no_action() -> None:
    """Typed and erased again leaves nothing to learn, and says so."""
    assert reduction([typed(0, 500, "")]).ignored == ((0, "nothing_typed"),)


def test_click_then_typing_are_two_actions_in_order() -> None:
    """A click into a field and what was typed there come in that order, though the text was recorded last or first."""
    records: list[Record] = [typed(200, 900, "ada"), press(0), release(80)]
    assert [action.kind for action in reduce(records)] == ["click", "type"]
