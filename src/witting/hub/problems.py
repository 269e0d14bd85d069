"""How the hub says no: problem JSON of one error, one hint and the exit code that the participant's command ends with.

Invariant: nothing of a request's content is repeated in an answer or in the hub's own output.
"""

import logging
import traceback
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from witting.hub.door.access import NotAllowedError
from witting.terms.errors import (
    IntegrityError,
    NoConsentError,
    NoticeChangedError,
    StoreFullError,
    StoreLockedError,
    UsageError,
    WittingError,
)

MEDIA_TYPE = "application/problem+json"
_STATUS: tuple[tuple[type[WittingError], HTTPStatus], ...] = (
    (NotAllowedError, HTTPStatus.FORBIDDEN),
    (UsageError, HTTPStatus.BAD_REQUEST),
    (NoConsentError, HTTPStatus.FORBIDDEN),
    (NoticeChangedError, HTTPStatus.CONFLICT),
    (IntegrityError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (StoreLockedError, HTTPStatus.SERVICE_UNAVAILABLE),
    (StoreFullError, HTTPStatus.INSUFFICIENT_STORAGE),
)
_log = logging.getLogger("witting.hub")


class Problem(msgspec.Struct, frozen=True):
    """What an answer that says no holds."""

    error: str  # what happened
    hint: str  # what to do
    exit_code: int  # of the command that asked


def explain(request: Request[Any, Any, Any], error: WittingError) -> Response[bytes]:
    """Return the answer for an error of ours."""
    del request
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
    return _answer(status, Problem(str(error), error.hint, error.exit_code))


def explain_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Return the answer for what isn't a request of this hub's: an unknown path, a body too large, a parameter that is no number."""
    del request
    status = HTTPStatus(error.status_code)
    return _answer(status, Problem(f"the request can't be served: {status.phrase.lower()}", "check the address and what was sent", 2))


def explain_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Return the answer for what nobody foresaw; its text may hold content, so only its type and place are told."""
    del request
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    _log.error("unexpected %s at %s", type(error).__name__, place)
    problem = Problem(f"the hub met an unexpected {type(error).__name__}", "nothing was stored; try again, then tell the steward", 1)
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, problem)


def _answer(status: HTTPStatus, problem: Problem) -> Response[bytes]:
    return Response(msgspec.json.encode(problem), status_code=status, media_type=MEDIA_TYPE)
