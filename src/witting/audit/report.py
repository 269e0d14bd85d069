"""What an audit or a demo reports: checks that hold or don't, and figures with their unit, bar and peer."""

import msgspec


class ReportCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One claim that was tried."""

    name: str  # the claim, in words
    holds: bool
    evidence: str  # counts and ids, never content
    test: str = ""  # the test that guards it, `tests/…::test_…`


class Peer(msgspec.Struct, frozen=True):
    """What another system reached on the same machine in the same run."""

    name: str
    value: float


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was measured."""

    name: str
    value: float
    unit: str
    sense: str  # "lower" or "higher" is better
    bar: float | None = None  # what it is held against; None = only reported
    peer: Peer | None = None
    runs: int = 1  # how often it was measured


def failed(checks: list[ReportCheck]) -> list[ReportCheck]:
    """Return the checks that don't hold, in order."""
    return [check for check in checks if not check.holds]
