"""How long a device event may wait for others, so that many are read at once: every reading wakes the recorder several times.

A press of a button can't wait, its picture is due. Keys that may move the focus, or open something, are read a moment later; characters
later still, because nothing depends on when they are read: their times are the server's. Pure. Invariant: a key of which it isn't sure
that it only types is read soon.
"""

from collections.abc import Collection

from witting.device.capture.keymap import KeyMap

RAW_KEY_PRESS, RAW_BUTTON_PRESS, RAW_MOTION = 13, 15, 17  # XI2's numbers
WHEEL = {4: (0, -1), 5: (0, 1), 6: (-1, 0), 7: (1, 0)}
SOON_NS = 12_000_000
TYPING_NS = 100_000_000
MOVES_NS = 250_000_000
_TYPES_TOO = frozenset({"BackSpace", "Shift_L", "Shift_R"})
_FIRST_RELEASE_NS, _LAST_RELEASE_NS = 500_000_000, 16_000_000_000


class Patience:
    """One keyboard's answer; `is_prompt` = characters can't wait either."""

    def __init__(self, keymap: KeyMap) -> None:
        self._keymap = keymap
        self._only_types: dict[int, bool] = {}
        self._release_ns = _FIRST_RELEASE_NS
        self.is_prompt = False

    def after_ns(self, kind: int, detail: int, *, down: Collection[int]) -> int:
        """Return how long to wait after an XI2 raw event; `detail` = its key or button, `down` = the keys known to be held."""
        if kind == RAW_MOTION:
            return MOVES_NS
        if kind == RAW_BUTTON_PRESS and detail not in WHEEL:
            return 0
        if kind != RAW_KEY_PRESS or self.is_prompt:
            return SOON_NS
        return TYPING_NS if all(self._is_plain(keycode) for keycode in (detail, *down)) else SOON_NS

    def release_ns(self, *, is_news: bool, is_held: bool) -> int | None:
        """Return when to look for the release of keys that are held, which rings no bell: ever later while nothing happens."""
        self._release_ns = _FIRST_RELEASE_NS if is_news or not is_held else min(2 * self._release_ns, _LAST_RELEASE_NS)
        return self._release_ns if is_held else None

    def _is_plain(self, keycode: int) -> bool:
        """Whether a key only types: it makes a character, takes one back, or is shift."""
        if keycode not in self._only_types:
            meaning = self._keymap.look_up(keycode, 0)
            self._only_types[keycode] = meaning.keysym in _TYPES_TOO or (bool(meaning.text) and meaning.text.isprintable())
        return self._only_types[keycode]
