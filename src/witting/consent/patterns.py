"""A programme's own patterns for what is always masked, such as customer numbers: RE2, whose time is linear whatever pattern and text are.

Python's own expressions can be made to run for years by a text; RE2 knows no look-around and no back references instead, and says so.
Doesn't search anything. Invariant: a pattern that compiles here finds at least one character, and is small enough to be run on each text.
"""

from typing import Any

MOST_PATTERNS = 100
LONGEST_PATTERN = 300
_LARGEST = 3_000  # instructions of RE2
_MEMORY_BYTES = 1 << 20


class PatternRefusedError(ValueError):
    """A pattern that can't be used; the message goes on after its name."""


def compile_pattern(written: str) -> Any:
    """Return a pattern ready to search.

    Raises:
        PatternRefusedError: it is too long or too large, no RE2 expression, or matches nothing at all.
    """
    import re2

    if not written.strip():
        raise PatternRefusedError("is blank")
    if len(written) > LONGEST_PATTERN:
        message = f"is longer than {LONGEST_PATTERN} characters"
        raise PatternRefusedError(message)
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY_BYTES
    try:
        pattern = re2.compile(written, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        said = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        message = f"is no RE2 expression ({said})"
        raise PatternRefusedError(message) from None
    if pattern.programsize > _LARGEST:
        raise PatternRefusedError("is too large")
    if pattern.search("") is not None:
        raise PatternRefusedError("matches nothing at all, so it would match everywhere")
    return pattern
