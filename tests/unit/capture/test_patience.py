"""How long events may wait for others: characters long, whatever may move the focus hardly, a press not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.capture.keymap import KeyMap
from witting.device.capture.patience import (
    MOVES_NS,
    RAW_BUTTON_PRESS,
    RAW_KEY_PRESS,
    RAW_MOTION,
    SOON_NS,
    TYPING_NS,
    Patience,
)

RAW_BUTTON_RELEASE = 16
A, SPACE, DEAD_ACUTE, BACKSPACE, SHIFT = 38, 39, 40, 41, 42
TAB, RETURN, ESCAPE, CONTROL, ALT, SUPER, LEVEL3, F6, MENU, UNKNOWN, DELETE = range(50, 61)
KEYSYMS = {
    A: 0x61, SPACE: 0x20, DEAD_ACUTE: 0xFE51, BACKSPACE: 0xFF08, SHIFT: 0xFFE1, TAB: 0xFF09, RETURN: 0xFF0D, ESCAPE: 0xFF1B,
    CONTROL: 0xFFE3, ALT: 0xFFE9, SUPER: 0xFFEB, LEVEL3: 0xFE03, F6: 0xFFC3, MENU: 0xFF67, DELETE: 0xFFFF,
}  # fmt: skip
TYPES = (A, SPACE, DEAD_ACUTE, BACKSPACE, SHIFT)
HURRIES = (TAB, RETURN, ESCAPE, CONTROL, ALT, SUPER, LEVEL3, F6, MENU, UNKNOWN, DELETE, 200)


@pytest.fixture
def patience() -> Patience:
    """Give the patience for a keyboard with those keys."""
    return Patience(KeyMap(8, 1, keysyms=[KEYSYMS.get(code, 0) for code in range(8, 70)], modifier_keycodes=[0] * 8))


@pytest.mark.parametrize("key", TYPES)
def test_what_only_types_waits_for_more_of_it(patience: Patience, key: int):
    """Letters, spaces, accents, shift and taking back are read many at a time."""
    assert patience.after_ns(RAW_KEY_PRESS, key, down=()) == TYPING_NS
    assert patience.after_ns(RAW_KEY_PRESS, key, down=(A, SHIFT)) == TYPING_NS


@pytest.mark.parametrize("key", HURRIES)
def test_what_may_move_the_focus_is_read_soon(patience: Patience, key: int):
    """Keys that leave a field, modifiers of chords, and keys that nobody knows don't wait; nor does a letter while one of them is held."""
    assert patience.after_ns(RAW_KEY_PRESS, key, down=()) == SOON_NS
    assert patience.after_ns(RAW_KEY_PRESS, A, down=(key,)) == SOON_NS


def test_pointer_events_wait_by_what_they_are(patience: Patience):
    """A press is read at once, the wheel and a release a moment later, moves whenever."""
    assert patience.after_ns(RAW_BUTTON_PRESS, 1, down=()) == 0
    assert patience.after_ns(RAW_BUTTON_PRESS, 4, down=()) == SOON_NS
    assert patience.after_ns(RAW_BUTTON_RELEASE, 1, down=()) == SOON_NS
    assert patience.after_ns(RAW_MOTION, 0, down=(TAB,)) == MOVES_NS


def test_where_each_key_counts_none_waits(patience: Patience):
    """In a terminal letters are read as soon as anything else, and wait again elsewhere."""
    patience.is_prompt = True
    assert {patience.after_ns(RAW_KEY_PRESS, key, down=()) for key in (*TYPES, *HURRIES)} == {SOON_NS}
    patience.is_prompt = False
    assert patience.after_ns(RAW_KEY_PRESS, A, down=()) == TYPING_NS


@given(st.lists(st.booleans(), max_size=30))
def test_a_key_held_for_long_is_looked_after_ever_more_rarely(news: list[bool]):
    """While a key is held a look is always due, twice as late while nothing happens, at most 16 s; else none."""
    patience = Patience(KeyMap(8, 1, keysyms=[0x61], modifier_keycodes=[0] * 8))
    last = 0
    for is_news in news:
        due = patience.release_ns(is_news=is_news, is_held=True)
        assert due is not None
        assert due == (500_000_000 if is_news else min(max(2 * last, 1_000_000_000), 16_000_000_000))
        last = due
    assert patience.release_ns(is_news=False, is_held=False) is None
    assert patience.release_ns(is_news=True, is_held=True) == 500_000_000
