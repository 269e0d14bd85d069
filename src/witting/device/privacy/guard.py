"""The one place where a detector's failure becomes a refusal: whatever a rule trips over, the item is not passed on.

Doesn't know what is being redacted, and its message names only the stage and the type of failure, never content.
"""

import re
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from witting.terms.errors import RedactionError

P = ParamSpec("P")
T = TypeVar("T")

# Everything a pure function over text, trees or arrays can trip over; written out so that a bug elsewhere isn't hidden here.
_FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    re.error,
)


def guard(stage: str, run: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Return what `run` returns.

    Raises:
        RedactionError: `run` failed; names `stage` and the failure's type, and holds no link to the failure, whose words may quote a text.
    """
    try:
        return run(*arguments, **options)
    except RedactionError:
        raise
    except _FAILURES as error:
        failure = type(error).__name__
    message = f"redaction stopped in {stage} ({failure})"
    raise RedactionError(message, hint="the item was dropped and counted; nothing of it was kept")
