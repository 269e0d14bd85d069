"""What a sequence of keys composes: Multi_key and dead keys, by the locale's compose table, as libxkbcommon reads it.

Doesn't see input methods. Without the library or a table for the locale every sequence is unknown, never guessed. Invariant: what comes out
is what the table says for the whole sequence, or nothing.
"""

import ctypes
import os
from dataclasses import dataclass
from functools import cache
from typing import Literal

_FALLBACK = "en_US.UTF-8"
_STATES: dict[int, Literal["none", "going_on", "done", "broken"]] = {0: "none", 1: "going_on", 2: "done", 3: "broken"}
_MOST_BYTES = 64


@dataclass(frozen=True, slots=True, repr=False)
class Composed:
    """How a sequence stands after a key."""

    state: Literal["none", "going_on", "done", "broken"]  # none = the key is no part of a sequence
    text: str = ""  # of a sequence that is done


class Composer:
    """One keyboard's sequences; the table is read when the first key that may begin one comes."""

    def __init__(self) -> None:
        self._state: ctypes.c_void_p | None = None
        self.is_going_on = False

    def feed(self, keysym: str) -> Composed:
        """Take a pressed key by its name."""
        if not self.is_going_on and not begins_sequence(keysym):
            return Composed("none")
        library = _library()
        if library is None or not self._open(library):
            self.is_going_on = False
            return Composed("broken")
        library.xkb_compose_state_feed(self._state, library.xkb_keysym_from_name(keysym.encode(), 0))
        state = _STATES[library.xkb_compose_state_get_status(self._state)]
        self.is_going_on = state == "going_on"
        text = self._text(library) if state == "done" else ""
        if not self.is_going_on:
            library.xkb_compose_state_reset(self._state)
        return Composed(state, text)

    def reset(self) -> None:
        """Forget a sequence that was begun."""
        library = _library()
        if self.is_going_on and library is not None and self._state is not None:
            library.xkb_compose_state_reset(self._state)
        self.is_going_on = False

    def _open(self, library: ctypes.CDLL) -> bool:
        if self._state is None:
            table = _table()
            self._state = ctypes.c_void_p(library.xkb_compose_state_new(table, 0)) if table is not None else None
        return self._state is not None and bool(self._state.value)

    def _text(self, library: ctypes.CDLL) -> str:
        buffer = ctypes.create_string_buffer(_MOST_BYTES)
        library.xkb_compose_state_get_utf8(self._state, buffer, _MOST_BYTES)
        return buffer.value.decode("utf-8", "replace")


def begins_sequence(keysym: str) -> bool:
    """Whether a key can begin a sequence."""
    return keysym == "Multi_key" or keysym.startswith("dead_")


def locale_name() -> str:
    """Return the locale that applications take, as POSIX says."""
    return next((found for name in ("LC_ALL", "LC_CTYPE", "LANG") if (found := os.environ.get(name))), "C")


@cache
def _library() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL("libxkbcommon.so.0")
    except OSError:
        return None
    for name, result, arguments in (
        ("xkb_context_new", ctypes.c_void_p, (ctypes.c_int,)),
        ("xkb_compose_table_new_from_locale", ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int)),
        ("xkb_compose_state_new", ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_int)),
        ("xkb_compose_state_feed", ctypes.c_int, (ctypes.c_void_p, ctypes.c_uint32)),
        ("xkb_compose_state_get_status", ctypes.c_int, (ctypes.c_void_p,)),
        ("xkb_compose_state_get_utf8", ctypes.c_int, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t)),
        ("xkb_compose_state_reset", None, (ctypes.c_void_p,)),
        ("xkb_keysym_from_name", ctypes.c_uint32, (ctypes.c_char_p, ctypes.c_int)),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


@cache
def _table() -> ctypes.c_void_p | None:
    """Return the table of the locale; toolkits bring their own for locales that have none, which is that of en_US."""
    library = _library()
    if library is None:
        return None
    context = ctypes.c_void_p(library.xkb_context_new(0))
    names = [_FALLBACK] if locale_name() in {"C", "POSIX", "C.UTF-8"} else [locale_name(), _FALLBACK]
    for name in names:
        if table := library.xkb_compose_table_new_from_locale(context, name.encode(), 0):
            return ctypes.c_void_p(table)
    return None
