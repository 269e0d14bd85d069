"""Whether a key went into a field that nobody may read: what is known of the keyboard focus, by time.

A key is judged some time after it was pressed, when word of the focus has come from the page or the app. Doesn't know keys. Invariant: the
answer is "plain" only if a plain field was confirmed after the last thing that could have moved the focus, and no secure field was
near in time.
"""

from collections import deque
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["plain", "secure", "unknown"]

_BEFORE_NS = 100_000_000  # a key so long before word of a secure field may have landed in it
_AFTER_NS = 30_000_000  # clocks of page and server agree within this
_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class _Focus:
    at_ns: int
    field: str
    verdict: Verdict


class FocusHistory:
    """Focus and what disturbed it, of the app in front."""

    def __init__(self) -> None:
        self._focuses: deque[_Focus] = deque(maxlen=_REMEMBERED)
        self._disturbed: deque[int] = deque(maxlen=_REMEMBERED)
        self._confirmed_ns = -1

    def forget(self, at_ns: int) -> None:
        """Another window or page came to the front: nothing that was known before `at_ns` holds after it."""
        self._focuses.append(_Focus(at_ns, "", "unknown"))
        self._disturbed.append(at_ns)

    def disturb(self, at_ns: int) -> None:
        """Something happened that may have moved the focus: a click, Tab, Return, a chord."""
        self._disturbed.append(at_ns)

    def note(self, at_ns: int, field: str, *, is_secure: bool) -> None:
        """The page or app said where the focus is since `at_ns`; an empty field that isn't secure takes no text."""
        verdict: Verdict = "secure" if is_secure else "plain" if field else "unknown"
        self._focuses.append(_Focus(at_ns, field, verdict))
        self._confirmed_ns = max(self._confirmed_ns, at_ns)

    def confirm(self, at_ns: int, *, is_secure: bool, is_field: bool) -> None:
        """A tree read at `at_ns` shows the focused node; the field's name isn't known from it."""
        verdict: Verdict = "secure" if is_secure else "plain" if is_field else "unknown"
        latest = self.latest
        if latest is None or latest.verdict != verdict:
            self._focuses.append(_Focus(at_ns, "" if latest is None else latest.field, verdict))
        self._confirmed_ns = max(self._confirmed_ns, at_ns)

    @property
    def latest(self) -> _Focus | None:
        """What was said last."""
        return self._focuses[-1] if self._focuses else None

    @property
    def is_disturbed(self) -> bool:
        """Whether a confirmation is wanted."""
        return bool(self._disturbed) and self._disturbed[-1] > self._confirmed_ns

    def verdict_at(self, key_ns: int) -> tuple[Verdict, str]:
        """Return where a key pressed at `key_ns` went, and the name of the field."""
        base = None
        near_secure = False
        for focus in self._focuses:
            if focus.at_ns <= key_ns:
                base = focus
            if focus.verdict == "secure" and key_ns - _AFTER_NS <= focus.at_ns <= key_ns + _BEFORE_NS:
                near_secure = True
        if near_secure or (base is not None and base.verdict == "secure"):
            return "secure", ""
        if base is None or base.verdict != "plain":
            return "unknown", ""
        disturbed = max((at_ns for at_ns in self._disturbed if at_ns <= key_ns), default=-1)
        return ("plain", base.field) if self._confirmed_ns >= disturbed else ("unknown", "")
