"""Single keys become runs of typing: text joined, BackSpace applied, a run ended by whatever ends a thought.

Keys come judged, in order. Doesn't redact and doesn't know fields beyond their names. Invariant: no character leaves but within a run that
was typed wholly into one plain field; of keys that went elsewhere only the hole is told, once for a run, so that nobody can count them.
"""

import unicodedata
from dataclasses import dataclass
from typing import Literal

from witting.device.capture.compose import Composer
from witting.device.recorder.focus import Verdict
from witting.device.recorder.rhythm import KeyClass, class_of, on_grid
from witting.terms.events import KeysChoice
from witting.terms.raw import RawKey

IDLE_NS = 10_000_000_000
_CHORD = frozenset({"ctrl", "alt", "super"})
_ALWAYS = frozenset({"Tab", "ISO_Left_Tab", "Return", "KP_Enter", "Escape"})  # leave a field and tell nothing of what is in it
_MODIFIER_KEYS = frozenset({
    "Shift_L", "Shift_R", "Control_L", "Control_R", "Alt_L", "Alt_R", "Meta_L", "Meta_R", "Super_L", "Super_R", "Hyper_L", "Hyper_R",
    "Caps_Lock", "Shift_Lock", "Num_Lock", "Scroll_Lock", "ISO_Level3_Shift", "ISO_Level5_Shift", "Mode_switch", "ISO_Next_Group",
    "ISO_Prev_Group", "ISO_First_Group", "ISO_Last_Group", "",
})  # fmt: skip
MOVES_FOCUS = _ALWAYS | {"F6", "F10", "Menu"}


HiddenReason = Literal["secure_field", "focus_unknown", "level_not_lent"]


@dataclass(frozen=True, slots=True, repr=False)
class Typed:
    """A run of typing in one field."""

    text: str
    from_ns: int
    to_ns: int
    is_uncertain: bool = False  # a sequence of keys in it may have made something else


@dataclass(frozen=True, slots=True)
class Hidden:
    """A run of keys that isn't kept; `is_new` is False when it only makes the last one longer."""

    reason: HiddenReason
    timestamp_ns: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """A key of a plain field of which only the class is lent."""

    key_class: KeyClass
    timestamp_ns: int


TypistOutput = Typed | Hidden | Counted | RawKey


def is_chord(key: RawKey) -> bool:
    """Whether a key is pressed with ctrl, alt or super, so that it makes no text."""
    return bool(key.modifiers & _CHORD) and not key.text


def is_modifier(key: RawKey) -> bool:
    """Whether a key only changes what others mean."""
    return key.keysym in _MODIFIER_KEYS


class Typist:
    """Assembles one session's typing, as much of it as `level` lends."""

    def __init__(self, level: KeysChoice = "text") -> None:
        self._level = level
        self._text = ""
        self._accent = ""  # a dead key waiting for its letter, where no table tells what they make
        self._composer = Composer()
        self._is_uncertain = False
        self._from_ns = self._to_ns = 0
        self._field = ""
        self._hidden: HiddenReason | None = None

    def press(self, key: RawKey, verdict: Verdict, *, field: str) -> list[TypistOutput]:
        """Take a key press; returns what it ends, and itself if it is one that is kept by name."""
        if is_modifier(key):
            return []
        if verdict == "secure" and key.keysym not in _ALWAYS:
            return [*self.flush(), self._hide("secure_field", key.timestamp_ns)]
        if is_chord(key) or (key.keysym in _ALWAYS and not key.text.strip()):
            self._hidden = None
            return [*self.flush(), key]
        if verdict != "plain":
            return [*self.flush(), self._hide("focus_unknown", key.timestamp_ns)]
        if self._level != "text":
            return self._pass_over(key)
        self._hidden = None
        return self._type(key, field)

    def flush(self) -> list[TypistOutput]:
        """End the run, if there is one."""
        text, self._text, self._accent = self._text + self._accent, "", ""
        is_uncertain, self._is_uncertain = self._is_uncertain, False
        self._composer.reset()
        return [Typed(text, self._from_ns, self._to_ns, is_uncertain)] if text else []

    def leave(self) -> list[TypistOutput]:
        """A click or another window: the run ends, and so does a run of hidden keys."""
        self._hidden = None
        return self.flush()

    @property
    def idle_deadline_ns(self) -> int | None:
        """When the run ends if nothing more is typed; None without one."""
        return self._to_ns + IDLE_NS if self._text or self._accent else None

    def _pass_over(self, key: RawKey) -> list[TypistOutput]:
        """Take a key of a plain field whose text isn't lent: an editing key by name, of any other its class or nothing."""
        if key.keysym == "Multi_key":
            return []
        is_text = bool(key.text) and key.text.isprintable()
        if self._level == "rhythm" and not (is_text and unicodedata.combining(key.text)):  # a dead key is no sign of its own
            counted = [Counted(class_of(key.text if is_text else ""), key.timestamp_ns)]
            return [*counted, *([] if is_text else [key])]
        return [self._hide("level_not_lent", on_grid(key.timestamp_ns))] if is_text else [key]

    def _type(self, key: RawKey, field: str) -> list[TypistOutput]:
        ended = self.flush() if field != self._field else []
        self._field = field
        if (composed := self._compose(key)) is not None:
            return [*ended, *composed]
        if key.keysym == "BackSpace" and (self._text or self._accent):
            self._text = self._text if self._accent else self._text[:-1]
            self._accent, self._to_ns = "", key.timestamp_ns
            return ended
        if not key.text or not key.text.isprintable():
            return [*ended, *self.flush(), key]
        self._append(key)
        return ended

    def _compose(self, key: RawKey) -> list[TypistOutput] | None:
        """Take a key of a sequence such as Multi_key ' e; None when it is none. One that comes to nothing makes the run uncertain."""
        was_going_on = self._composer.is_going_on
        composed = self._composer.feed(key.keysym)
        if composed.state == "none" or (composed.state == "broken" and not was_going_on and key.text):
            return None  # no table: a dead key is joined to its letter by what Unicode says
        if composed.state == "done":
            self._began(key)
            self._text += composed.text
        elif composed.state == "broken" and key.keysym != "BackSpace":
            self._began(key)
            self._is_uncertain = True
        return []

    def _began(self, key: RawKey) -> None:
        if not self._text and not self._accent:
            self._from_ns = key.timestamp_ns
        self._to_ns = key.timestamp_ns

    def _append(self, key: RawKey) -> None:
        self._began(key)
        if unicodedata.combining(key.text):
            self._accent = unicodedata.normalize("NFC", self._accent + key.text)
        else:
            self._text += unicodedata.normalize("NFC", key.text + self._accent)
            self._accent = ""

    def _hide(self, reason: HiddenReason, timestamp_ns: int) -> Hidden:
        is_new, self._hidden = self._hidden != reason, reason
        return Hidden(reason, timestamp_ns, is_new)
