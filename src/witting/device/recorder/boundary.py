"""Where what nobody expected is caught: the second of the two places in this program that catch everything.

An unknown error may hold captured content, so only its type and place go on. Invariant: after one, nothing more is kept of the session
than what was redacted before.
"""

import sys
import traceback
from collections.abc import Callable

from witting.terms.errors import CaptureError, WittingError


def contained(action: Callable[[], None]) -> WittingError | None:
    """Run an action; return what went wrong, without content, or None."""
    try:
        action()
    except WittingError as error:
        return error
    except Exception as error:  # noqa: BLE001 - boundary 2 of 2: the capture callback; see the module's docstring
        return _without_content(error)
    return None


def _without_content(error: Exception) -> CaptureError:
    frames = traceback.extract_tb(sys.exc_info()[2])
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
    message = f"unexpected {type(error).__name__} at {place}"
    return CaptureError(message, hint="recording stopped; what was recorded before is on the disk")
