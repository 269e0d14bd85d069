"""Whether a key went into a field that nobody may read: what is known of the keyboard focus, by time.

A key is judged some time after it was pressed, when word of the focus has come from the page, the app or the terminal. Doesn't know keys.
Invariant: the answer is "plain" only if a plain field was confirmed after the last thing that could have moved the focus, no secure field
was near in time, and the first word after that thing wasn't of a secure field.
"""

from collections import deque
from dataclasses import dataclass, replace
from typing import Literal

Verdict = Literal["plain", "secure", "unknown"]

_BEFORE_NS = 100_000_000  # a key so long before word of a secure field may have landed in it
_AFTER_NS = 30_000_000  # clocks of page and server agree within this
_HEARD_NS = 60_000_000  # an app that isn't held up is heard of within this
_ANSWERED_NS = 600_000_000  # later than this after a click a focus that moves has moved by itself
_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class _Focus:
    at_ns: int
    field: str
    verdict: Verdict
    is_exact: bool = True  # bears the time of the change, not of its being heard
    is_forgotten: bool = False  # nothing is known from here on, which isn't to say that no field has the focus


class FocusHistory:
    """Focus and what disturbed it, of the app in front."""

    def __init__(self) -> None:
        self._focuses: deque[_Focus] = deque(maxlen=_REMEMBERED)
        self._disturbed: deque[int] = deque(maxlen=_REMEMBERED)
        self._confirmed_ns = -1

    def forget(self, at_ns: int) -> None:
        """Another window or page came to the front: nothing that was known before `at_ns` holds after it."""
        self._focuses.append(_Focus(at_ns, "", "unknown", is_forgotten=True))
        self._disturbed.append(at_ns)

    def disturb(self, at_ns: int) -> None:
        """Something happened that may have moved the focus: a click, Tab, Return, a chord."""
        self._disturbed.append(at_ns)

    def note(self, at_ns: int, field: str, *, is_secure: bool, is_exact: bool = True) -> None:
        """The page or app said where the focus is since `at_ns`; an empty field that isn't secure takes no text.

        `is_exact`: the word bears the time of the change; otherwise it bears the time at which it was heard, which is later.
        """
        verdict: Verdict = "secure" if is_secure else "plain" if field else "unknown"
        self._focuses.append(_Focus(at_ns, field, verdict, is_exact=is_exact))
        self._confirmed_ns = max(self._confirmed_ns, at_ns)

    def confirm(self, at_ns: int, *, is_secure: bool, is_field: bool, is_exact: bool = True) -> None:
        """A tree read at `at_ns` shows the focused node; the field's name isn't known from it."""
        verdict: Verdict = "secure" if is_secure else "plain" if is_field else "unknown"
        latest = self.latest
        if latest is None or latest.verdict != verdict or latest.is_forgotten or self.is_disturbed:
            self._focuses.append(_Focus(at_ns, "" if latest is None else latest.field, verdict, is_exact=is_exact))
        self._confirmed_ns = max(self._confirmed_ns, at_ns)

    def retract(self, at_ns: int) -> None:
        """A disturbance at `at_ns` was heard of late: what looks said since then was said of before it."""
        self._confirmed_ns = min(self._confirmed_ns, at_ns - 1)
        for place, focus in enumerate(self._focuses):
            if focus.at_ns >= at_ns and focus.verdict != "secure" and not focus.is_exact:
                self._focuses[place] = replace(focus, at_ns=at_ns - 1)

    @property
    def latest(self) -> _Focus | None:
        """What was said last."""
        return self._focuses[-1] if self._focuses else None

    @property
    def is_disturbed(self) -> bool:
        """Whether a confirmation is wanted."""
        return bool(self._disturbed) and self._disturbed[-1] > self._confirmed_ns

    def verdict_at(self, key_ns: int, *, is_strict: bool = False) -> tuple[Verdict, str]:
        """Return where a key pressed at `key_ns` went, and the name of the field.

        `is_strict`: where only looks from time to time tell, and no word of each change, what a look says after a further disturbance is
        no word of what was before it.
        """
        disturbed_ns = max((at_ns for at_ns in self._disturbed if at_ns <= key_ns), default=-1)
        base = max((focus for focus in reversed(self._focuses) if focus.at_ns <= key_ns), key=lambda focus: focus.at_ns, default=None)
        is_known = base is not None and base.at_ns >= disturbed_ns and not base.is_forgotten
        if any(focus.verdict == "secure" and self._reaches(focus, key_ns, is_known=is_known) for focus in self._focuses):
            return "secure", ""
        if base is not None and is_known:
            return ("plain", base.field) if base.verdict == "plain" else (base.verdict, "")
        return self._judged_later(key_ns, base, disturbed_ns=disturbed_ns, is_strict=is_strict)

    def _reaches(self, secure: _Focus, key_ns: int, *, is_known: bool) -> bool:
        """Whether word of a secure field speaks of a key.

        What moved the focus there is the last thing that could have; keys since then went there, however late the word came. Keys before it
        didn't, if the word bears the time of the change, or came just after that thing and the key's own field was told.
        """
        after_ns = secure.at_ns - key_ns
        if after_ns < -_AFTER_NS:
            return False
        cause_ns = max((at_ns for at_ns in self._disturbed if at_ns <= secure.at_ns), default=-1)
        if cause_ns <= key_ns:
            return after_ns <= _BEFORE_NS or (cause_ns >= 0 and secure.at_ns - cause_ns <= _ANSWERED_NS)
        if after_ns > _BEFORE_NS:
            return False
        return not (secure.is_exact or (is_known and secure.at_ns - cause_ns <= _HEARD_NS))

    def _judged_later(self, key_ns: int, base: _Focus | None, *, disturbed_ns: int, is_strict: bool) -> tuple[Verdict, str]:
        """Judge a key that followed a disturbance before any word of it came: by the first word after the key."""
        if base is None:
            return "unknown", ""
        later = min((focus for focus in self._focuses if focus.at_ns > key_ns), key=lambda focus: focus.at_ns, default=None)
        until_ns = later.at_ns if later is not None else max(self._confirmed_ns, key_ns)
        is_clear = not any(key_ns < at_ns <= until_ns for at_ns in self._disturbed)
        speaks_of_it = later is not None and (is_clear or not later.is_exact)
        if base.verdict == "secure" or (speaks_of_it and later is not None and later.verdict == "secure"):
            return "secure", ""
        if base.is_forgotten or is_strict:
            known = later if base.is_forgotten else base
            is_told = later is not None and not later.is_forgotten and later.verdict == "plain"
            return ("plain", known.field) if known is not None and is_told and is_clear else ("unknown", "")
        is_plain = base.verdict == "plain" and self._confirmed_ns >= disturbed_ns
        return ("plain", base.field) if is_plain else ("unknown", "")
