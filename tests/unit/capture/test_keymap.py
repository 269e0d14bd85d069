"""Keycode and state to keysym, text and modifiers, on small keyboards made for the test."""

import pytest

from witting.device.capture.keymap import KeyMap, name_of, text_of

A, ONE, KP5, DEAD, CYRILLIC, ALT, ALTGR, NUM = 10, 11, 12, 13, 14, 15, 16, 17
SHIFT, LOCK, CONTROL, MOD1, MOD2, MOD5, GROUP2 = 1, 2, 4, 8, 16, 128, 1 << 13
ROWS = {
    A: (0x61, 0x41, 0x6C1, 0x6E1, 0xE4, 0xC4, 0),
    ONE: (0x31, 0x21, 0, 0, 0x20AC, 0, 0),
    KP5: (0xFF9D, 0xFFB5, 0, 0, 0, 0, 0),
    DEAD: (0xFE51, 0xFE50, 0, 0, 0, 0, 0),
    CYRILLIC: (0x01000436, 0x01000416, 0, 0, 0, 0, 0),
    ALT: (0xFFE9, 0, 0, 0, 0, 0, 0),
    ALTGR: (0xFE03, 0, 0, 0, 0, 0, 0),
    NUM: (0xFF7F, 0, 0, 0, 0, 0, 0),
}


@pytest.fixture(scope="module")
def keymap() -> KeyMap:
    """Give the keyboard of ROWS: mod1 is alt, mod2 num lock, mod5 the third level."""
    keysyms = [keysym for keycode in range(10, 18) for keysym in ROWS[keycode]]
    return KeyMap(10, 7, keysyms=keysyms, modifier_keycodes=[0, 0, 0, ALT, NUM, 0, 0, ALTGR])


@pytest.mark.parametrize(
    ("keycode", "state", "text"),
    [
        (A, 0, "a"), (A, SHIFT, "A"), (A, LOCK, "A"), (A, SHIFT | LOCK, "a"), (A, MOD5, "ä"), (A, MOD5 | SHIFT, "Ä"), (A, GROUP2, "\u0430"),
        (ONE, 0, "1"), (ONE, SHIFT, "!"), (ONE, LOCK, "1"), (ONE, MOD5, "€"), (KP5, 0, ""), (KP5, MOD2, "5"), (KP5, MOD2 | SHIFT, ""),
        (CYRILLIC, 0, "ж"), (CYRILLIC, LOCK, "Ж"), (DEAD, 0, "\u0301"),
    ],
)  # fmt: skip
def test_a_key_types_what_its_level_says(keymap, keycode, state, text):
    """Shift, caps lock, num lock, the second group and the third level choose the character a person sees."""
    assert keymap.look_up(keycode, state).text == text


@pytest.mark.parametrize(("state", "held"), [(CONTROL, "ctrl"), (MOD1, "alt")])
def test_a_chord_has_no_text(keymap, state, held):
    """A key pressed with ctrl or alt is a chord, never a character."""
    meaning = keymap.look_up(A, state)
    assert (meaning.text, meaning.modifiers, meaning.keysym) == ("", frozenset({held}), "a")


def test_shift_is_told_and_locks_are_not(keymap):
    """Caps and num lock change what is typed but aren't held."""
    assert keymap.look_up(A, SHIFT | LOCK | MOD2).modifiers == {"shift"}


def test_a_key_outside_the_map_means_nothing(keymap):
    """An unknown keycode has no name and no text, and raises nothing."""
    assert (keymap.look_up(200, 0).keysym, keymap.look_up(3, 0).text) == ("", "")


@pytest.mark.parametrize(
    ("keysym", "name", "text"),
    [
        (0xFF0D, "Return", ""),
        (0xFF08, "BackSpace", ""),
        (0xFF55, "Page_Up", ""),
        (0x40, "at", "@"),
        (0x0100263A, "U263A", "☺"),
        (0, "", ""),
    ],
)
def test_keysyms_have_their_x11_names(keysym, name, text):
    """Named keys are named as X11 names them and make no text; characters beyond the tables are named by code point."""
    assert (name_of(keysym), text_of(keysym)) == (name, text)
