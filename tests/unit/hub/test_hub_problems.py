"""How the hub says no: one error, one hint, one exit code, and never a word of what was sent."""

import logging
from typing import Any

import msgspec
import pytest
from litestar.exceptions import HTTPException, NotFoundException

from witting.hub.door.access import NotAllowedError
from witting.hub.problems import MEDIA_TYPE, Problem, explain, explain_http, explain_unexpected
from witting.terms import errors

REQUEST: Any = None  # what was asked has no part in an answer


def problem_of(answer: Any) -> Problem:
    """Return what an answer says."""
    assert answer.media_type == MEDIA_TYPE
    return msgspec.json.decode(answer.content, type=Problem)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (NotAllowedError, 403),
        (errors.UsageError, 400),
        (errors.NoConsentError, 403),
        (errors.NoticeChangedError, 409),
        (errors.IntegrityError, 422),
        (errors.SignatureError, 422),
        (errors.LogError, 422),
        (errors.StoreLockedError, 503),
        (errors.StoreFullError, 507),
        (errors.CaptureError, 500),
    ],
)
def test_each_error_of_ours_has_its_status(kind: type[errors.WittingError], status: int) -> None:
    """The participant's command ends with the exit code of the error that the hub met."""
    error = kind("what happened", hint="what to do")
    answer = explain(REQUEST, error)
    assert answer.status_code == status
    assert problem_of(answer) == Problem("what happened", "what to do", error.exit_code)


@pytest.mark.parametrize("status", [400, 404, 405, 413, 429])
def test_what_is_no_request_of_ours_is_told_by_its_status(status: int) -> None:
    """An unknown path or a body too large is told in plain words; the framework's own text, which may quote it, isn't."""
    answer = explain_http(REQUEST, HTTPException("secret words", status_code=status))
    assert answer.status_code == status
    assert "secret words" not in answer.content.decode()
    assert problem_of(answer).exit_code == 2
    assert "not found" in problem_of(explain_http(REQUEST, NotFoundException())).error


@pytest.mark.promise("P29")
def test_what_nobody_foresaw_is_told_by_type_and_place(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the answer nor the hub's log repeats an unexpected error's text, which may hold content."""

    def fail() -> None:
        raise KeyError("secret words")

    with caplog.at_level(logging.ERROR):
        try:
            fail()
        except KeyError as error:
            answer = explain_unexpected(REQUEST, error)
    assert answer.status_code == 500
    assert problem_of(answer).error == "the hub met an unexpected KeyError"
    assert "secret words" not in answer.content.decode() + caplog.text
    assert f"unexpected KeyError at {__file__.rsplit('/', 1)[-1]}" in caplog.text
    assert problem_of(explain_unexpected(REQUEST, ValueError("x"))).exit_code == 1
