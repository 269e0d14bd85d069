"""Characters and names of keys → the keys that make them on this X server, as it is set up now.

Knows the core keyboard mapping, not what is typed into. A character that no key makes is put on spare keys for as long as it is needed.
Invariant: keys that had a meaning keep it, and spare ones are empty again after `give_back`.
"""

from typing import Any, NamedTuple

from witting.device.capture.keymap import keysym_named, text_of
from witting.device.capture.x11 import XDisplay
from witting.terms.errors import CaptureError, UsageError

_LEVEL3 = 0xFE03
_DEAD = range(0xFE50, 0xFE70)
_SHIFT_LEVELS = (0, 1)
_LOCK = 2
_UNICODE = 0x01000000
_HELD = {"ctrl": "Control_L", "shift": "Shift_L", "alt": "Alt_L", "super": "Super_L"}


class Stroke(NamedTuple):
    """A key and what is held with it."""

    keycode: int
    shift: bool = False
    level3: bool = False


class Keyboard:
    """The keys of a display."""

    def __init__(self, display: XDisplay) -> None:
        self._display = display
        self._core = display.connection.core
        setup = display.connection.get_setup()
        self._first = int(setup.min_keycode)
        keys: Any = display.ask(lambda: self._core.GetKeyboardMapping(self._first, setup.max_keycode - self._first + 1))
        if keys is None:
            raise CaptureError("the X server doesn't tell its keyboard mapping", hint="check with `xmodmap -pke`")
        self._per = int(keys.keysyms_per_keycode)
        self._rows = [tuple(keys.keysyms[at : at + self._per]) for at in range(0, len(keys.keysyms), self._per)]
        self._spare = [self._first + index for index, row in enumerate(self._rows) if not any(row)]
        self._lent: dict[str, int] = {}  # character → spare key
        self.shift = self.key("shift").keycode

    def key(self, name: str) -> Stroke:
        """Return the key of a name such as `Return`, `ctrl` or `a`.

        Raises:
            UsageError: no key has it.
        """
        keysym = keysym_named(_HELD.get(name, name))
        for level, shift in ((0, False), (1, True)):
            for index, row in enumerate(self._rows):
                if keysym and row[level : level + 1] == (keysym,):
                    return Stroke(self._first + index, shift=shift)
        raise UsageError("this keyboard has no such key", hint="take the step out of the script, or do it yourself")

    @property
    def level3(self) -> int:
        """The key that reaches the third level."""
        return self.key("ISO_Level3_Shift").keycode

    def strokes(self, text: str) -> list[Stroke]:
        """Return the strokes that type a text; spare keys are lent for what is missing.

        Raises:
            UsageError: it has more characters that no key makes than there are spare keys.
        """
        reachable = self._reachable()
        missing = [char for char in dict.fromkeys(text) if char not in reachable and char not in self._lent]
        if len(missing) > len(self._spare):
            raise UsageError("this keyboard can't type that text", hint="type it yourself; nothing of it was typed")
        for char in missing:
            self._lent[char] = self._spare.pop()
            self._assign(self._lent[char], _UNICODE + ord(char) if ord(char) > 0xFF else ord(char))  # noqa: PLR2004 - Latin 1
        self._display.ask(self._core.GetInputFocus)
        return [reachable.get(char) or Stroke(self._lent[char]) for char in text]

    @property
    def has_lent(self) -> bool:
        """Whether spare keys have a meaning for now."""
        return bool(self._lent)

    def give_back(self) -> None:
        """Take the meaning from spare keys again."""
        for keycode in self._lent.values():
            self._assign(keycode, 0)
            self._spare.append(keycode)
        self._lent.clear()
        self._display.connection.flush()

    def _reachable(self) -> dict[str, Stroke]:
        pointer: Any = self._display.ask(lambda: self._core.QueryPointer(self._display.root))
        state = int(pointer.mask) if pointer is not None else 0
        base, is_locked = 2 * ((state >> 13) & 1), bool(state & _LOCK)
        found: dict[str, Stroke] = {}
        levels = [(base, False, False), (base + 1, True, False), (base + 4, False, True), (base + 5, True, True)]
        for level, shift, level3 in levels:
            for index, row in enumerate(self._rows):
                keysym = row[level] if level < len(row) else 0
                char = "" if keysym in _DEAD else text_of(keysym)
                if char and char not in found:
                    is_cased = is_locked and char.isalpha() and char.lower() != char.upper()
                    found[char] = Stroke(self._first + index, shift != is_cased, level3)
        if base and not any(row[base] for row in self._rows if len(row) > base):
            return {}
        return found

    def _assign(self, keycode: int, keysym: int) -> None:
        self._core.ChangeKeyboardMapping(1, keycode, self._per, [keysym] * self._per)
