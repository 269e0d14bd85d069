"""What a key means: keycode and core state → keysym name, text, modifiers held.

Follows the X11 core rules (protocol §5: groups, shift, lock, num lock) and XKB's layout of the core map for the third level. Doesn't see
input methods: what ibus or fcitx composes has no text here. Invariant: a key pressed with ctrl, alt or super has no text.
"""

import ctypes
import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

SHIFT, LOCK, CONTROL = 1, 2, 4
_MODIFIER_BITS = (1, 2, 4, 8, 16, 32, 64, 128)
_KEYPAD = range(0xFF80, 0xFFBE)
_LATIN_1 = (range(0x20, 0x7F), range(0xA0, 0x100))
_UNICODE = range(0x01000100, 0x0110FFFF + 1)
_HELD_BY_KEYSYM = {
    0xFFE9: "alt", 0xFFEA: "alt", 0xFFE7: "alt", 0xFFE8: "alt", 0xFFEB: "super", 0xFFEC: "super", 0xFFED: "super", 0xFFEE: "super",
    0xFF7F: "num_lock", 0xFE03: "level3",
}  # fmt: skip
_DEAD = {
    0xFE50: "\u0300", 0xFE51: "\u0301", 0xFE52: "\u0302", 0xFE53: "\u0303", 0xFE54: "\u0304", 0xFE55: "\u0306", 0xFE56: "\u0307",
    0xFE57: "\u0308", 0xFE58: "\u030a", 0xFE59: "\u030b", 0xFE5A: "\u030c", 0xFE5B: "\u0327", 0xFE5C: "\u0328",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeyMeaning:
    """What pressing a key in a state means."""

    keysym: str  # X11 keysym name, "" when the key has none
    text: str  # what it types; a dead key gives its combining mark
    modifiers: frozenset[str]  # of ctrl, alt, super, shift


class KeyMap:
    """The server's core keyboard mapping, as GetKeyboardMapping and GetModifierMapping give it."""

    def __init__(self, first_keycode: int, per_keycode: int, *, keysyms: Sequence[int], modifier_keycodes: Sequence[int]) -> None:
        self._first = first_keycode
        self._per = per_keycode
        self._keysyms = tuple(keysyms)
        self._held = self._name_modifiers(modifier_keycodes)

    def look_up(self, keycode: int, state: int) -> KeyMeaning:
        """Return what the key means while the modifiers and group of `state` are in force."""
        held = {self._held[bit] for bit in _MODIFIER_BITS if state & bit and bit in self._held}
        modifiers = frozenset(held & {"ctrl", "alt", "super"}) | (frozenset({"shift"}) if state & SHIFT else frozenset())
        keysym = self._keysym(keycode, state, held=held)
        text = "" if modifiers & {"ctrl", "alt", "super"} else text_of(keysym)
        return KeyMeaning(name_of(keysym), text, modifiers)

    def _name_modifiers(self, modifier_keycodes: Sequence[int]) -> dict[int, str]:
        """Find which modifier bit is alt, super, num lock and the third level on this keyboard."""
        held = {CONTROL: "ctrl"}
        per = max(1, len(modifier_keycodes) // len(_MODIFIER_BITS))
        for index, bit in enumerate(_MODIFIER_BITS[3:], start=3):
            for keycode in modifier_keycodes[index * per : (index + 1) * per]:
                for keysym in self._row(keycode):
                    if keysym in _HELD_BY_KEYSYM:
                        held.setdefault(bit, _HELD_BY_KEYSYM[keysym])
        return held

    def _row(self, keycode: int) -> tuple[int, ...]:
        start = (keycode - self._first) * self._per
        return self._keysyms[start : start + self._per] if start >= 0 else ()

    def _keysym(self, keycode: int, state: int, *, held: set[str]) -> int:
        row = (*self._row(keycode), *([0] * 8))
        group = (state >> 13) & 3
        base = group * 2 if group < 2 and row[group * 2] else 0  # noqa: PLR2004 - the core map holds two groups
        if "level3" in held and row[4 + base]:
            base += 4
        plain, shifted = row[base], row[base + 1]
        is_shift = bool(state & SHIFT)
        if "num_lock" in held and shifted in _KEYPAD:
            return plain if is_shift else shifted
        chosen = (shifted or _cased(plain, is_upper=True)) if is_shift else plain
        return _cased(chosen, is_upper=not is_shift) if state & LOCK else chosen


def _cased(keysym: int, *, is_upper: bool) -> int:
    """Return the upper or lower case of a letter's keysym; other keys have none."""
    text = text_of(keysym)
    wanted = text.upper() if is_upper else text.lower()
    if not text or wanted == text or len(wanted) != 1:
        return keysym
    code = ord(wanted)
    return code if any(code in block for block in _LATIN_1) else 0x01000000 + code


@functools.cache
def text_of(keysym: int) -> str:
    """Return the character a keysym types, "" when it types none."""
    if any(keysym in block for block in _LATIN_1):
        return chr(keysym)
    if keysym in _UNICODE:
        return chr(keysym - 0x01000000)
    if keysym in _DEAD:
        return _DEAD[keysym]
    code = _xkbcommon(keysym)
    return chr(code) if code >= ord(" ") and code != 0x7F else ""  # noqa: PLR2004 - DEL


@functools.cache
def name_of(keysym: int) -> str:
    """Return a keysym's X11 name, `U20AC` for one that is only a character, "" for none."""
    names = _names()
    if keysym in names:
        return names[keysym]
    return f"U{keysym - 0x01000000:04X}" if keysym in _UNICODE else ""


@functools.cache
def keysym_named(name: str) -> int:
    """Return the keysym of an X11 name, of `U20AC`, or of a character; 0 when nothing is called that."""
    found = next((keysym for keysym, known in _names().items() if known == name), 0)
    if found or not name:
        return found
    if len(name) == 1:
        return ord(name) if any(ord(name) in block for block in _LATIN_1) else 0x01000000 + ord(name)
    return 0x01000000 + int(name[1:], 16) if re.fullmatch("U[0-9A-F]{4,6}", name) else 0


@functools.cache
def _names() -> dict[int, str]:
    from xcffib import keysymdef, xf86keysym

    names: dict[int, str] = {}
    for table, prefix in ((keysymdef, "XK_"), (xf86keysym, "XK_")):
        for name, value in vars(table).items():
            if name.startswith(prefix) and isinstance(value, int) and not name.startswith("XK_3270"):
                names.setdefault(value, name.removeprefix(prefix))
    return names


@functools.cache
def _library() -> ctypes.CDLL | None:
    """Return libxkbcommon, which knows the characters of older keysyms; without it those have no text."""
    try:
        return ctypes.CDLL("libxkbcommon.so.0")
    except OSError:
        return None


def _xkbcommon(keysym: int) -> int:
    library = _library()
    return int(library.xkb_keysym_to_utf32(ctypes.c_uint32(keysym))) if library else 0
