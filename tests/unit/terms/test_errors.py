"""One tree of errors, each with its exit code, drawn once and true."""

import inspect
import re

import pytest

from witting.terms import errors

MEANT = {  # the classes that callers and scripts rely on
    "WittingError": 1,
    "UsageError": 2,
    "ProgrammeError": 2,
    "MissingExtraError": 2,
    "NoConsentError": 10,
    "NoticeChangedError": 11,
    "LeakFoundError": 12,
    "StoreLockedError": 13,
    "IntegrityError": 14,
    "RecordError": 14,
    "SealError": 14,
    "SignatureError": 14,
    "LogError": 14,
    "HubUnreachableError": 15,
    "StoreFullError": 1,
}
STATUSES = {1, 2, 10, 11, 12, 13, 14, 15}
TREE = {name: kind for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.WittingError)}


def test_every_error_has_the_exit_code_of_the_style() -> None:
    """The exit status says what happened."""
    found = {name: kind.exit_code for name, kind in TREE.items()}
    assert found == {**found, **MEANT}
    assert set(found.values()) == STATUSES


def test_the_drawn_tree_is_true() -> None:
    """The module's drawing names every error, with its exit code where it has one of its own."""
    drawn = dict(re.findall(r"(\w+Error)(?: \((\d+)\))?", errors.__doc__ or ""))
    assert set(drawn) == set(TREE)
    assert all(int(code) == TREE[name].exit_code for name, code in drawn.items() if code)


@pytest.mark.parametrize("kind", TREE.values(), ids=lambda kind: kind.__name__)
def test_an_error_tells_what_to_do(kind: type[errors.WittingError]) -> None:
    """An error carries its message and, apart from it, the hint."""
    error = kind("what happened", hint="what to do")
    assert (str(error), error.hint) == ("what happened", "what to do")
    assert kind.__doc__
