"""Single keys, as other recorders write them → runs of typing and named keys, as witting records them.

Knows nothing of where keys come from: an importer names them. Invariant: what was typed and erased again isn't in a run; a key that makes
no text keeps its name; every key that isn't a modifier is in a run or named.
"""

from collections.abc import Iterable

from witting.terms.events import Key, TextInput

_CHORD = frozenset({"ctrl", "alt", "super"})
_ORDER = ("ctrl", "alt", "shift", "super")
_MODIFIERS = frozenset({*_ORDER, "caps_lock", "num_lock", "scroll_lock", "altgr"})


class TypedRuns:
    """Assembles the typing of one session; events come out as soon as something ends a run."""

    def __init__(self) -> None:
        self._text = ""
        self._from_ns = self._to_ns = 0
        self._held: set[str] = set()

    def press(self, name: str, timestamp_ns: int, *, text: str = "", modifiers: Iterable[str] | None = None) -> list[Key | TextInput]:
        """Take a key: `name` is the keysym's, or a modifier's; `text` what it types. Without `modifiers` those held count."""
        if name in _MODIFIERS:
            self._held.add(name)
            return []
        held = self._held if modifiers is None else set(modifiers)
        is_chord = bool(held & _CHORD) and "altgr" not in held
        if text and text.isprintable() and not is_chord:
            self._from_ns = self._from_ns if self._text else timestamp_ns
            self._text, self._to_ns = self._text + text, timestamp_ns
            return []
        if name == "BackSpace" and self._text and not held & _CHORD:
            self._text, self._to_ns = self._text[:-1], timestamp_ns
            return []
        return [*self.flush(), Key(timestamp_ns, "+".join([*(one for one in _ORDER if one in held), name]))]

    @property
    def is_chord(self) -> bool:
        """Whether keys make chords now, no text."""
        return bool(self._held & _CHORD)

    @property
    def is_shifted(self) -> bool:
        """Whether shift is held."""
        return "shift" in self._held

    def hold_only(self, names: Iterable[str]) -> None:
        """Take a snapshot of what is held: modifiers whose release was lost are let go."""
        self._held &= set(names)

    def release(self, name: str) -> None:
        """Take the release of a key; only those of modifiers matter."""
        self._held.discard(name)

    def flush(self) -> list[Key | TextInput]:
        """End the run: something else was done."""
        text, self._text = self._text, ""
        return [TextInput(self._from_ns, self._to_ns, text)] if text else []
