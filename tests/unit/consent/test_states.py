"""The states of consent: every pair of them, allowed or refused, by a list written down apart from the table."""

from datetime import UTC, datetime
from itertools import product
from typing import get_args

import msgspec
import pytest

from witting.consent.gate import IN_FORCE
from witting.consent.states import STEPS, YES, become, leading_to, may_become, state_at
from witting.terms.consent import ConsentReceipt, ConsentStatus
from witting.terms.errors import NoConsentError

STATES: tuple[ConsentStatus, ...] = get_args(ConsentStatus)
ALLOWED = {
    f"{before}>{after}"
    for before, afters in {
        "requested": "requested given reconfirmed refused withdrawn invalidated terminated",
        "given": "given reconfirmed requested withdrawn expired invalidated terminated",
        "reconfirmed": "given reconfirmed requested withdrawn expired invalidated terminated",
        "expired": "given reconfirmed requested withdrawn invalidated terminated",
        "invalidated": "given requested withdrawn terminated",
        "refused": "requested withdrawn terminated",
        "withdrawn": "requested withdrawn",
        "terminated": "withdrawn",
    }.items()
    for after in afters.split()
}
ENDED: tuple[ConsentStatus, ...] = ("refused", "withdrawn", "terminated")


@pytest.mark.promise("P1")
@pytest.mark.parametrize(("before", "after"), list(product(STATES, STATES)))
def test_every_pair_of_states(before: ConsentStatus, after: ConsentStatus) -> None:
    """Each of the 64 steps is possible exactly if it stands in the list here; a refused one names both states and changes nothing."""
    is_allowed = f"{before}>{after}" in ALLOWED
    assert may_become(before, after) is is_allowed
    assert (before in leading_to(after)) is is_allowed
    if is_allowed:
        assert become(before, after) == after
        return
    with pytest.raises(NoConsentError, match=f"{before} can't become {after}") as caught:
        become(before, after)
    assert caught.value.hint


@pytest.mark.promise("P1")
@pytest.mark.parametrize("ended", ENDED)
@pytest.mark.parametrize("yes", sorted(IN_FORCE))
def test_what_ended_begins_only_by_being_asked(ended: ConsentStatus, yes: ConsentStatus) -> None:
    """No step leads from refused, withdrawn or terminated straight to a yes; of the ways round, each goes through requested."""
    assert not may_become(ended, yes)
    without_asking = {state: STEPS[state] - {"requested"} for state in STATES}
    reached: set[ConsentStatus] = {ended}
    while more := {after for state in reached for after in without_asking[state]} - reached:
        reached |= more
    assert reached.isdisjoint(IN_FORCE)


@pytest.mark.promise("P2")
def test_withdrawing_is_possible_from_everywhere() -> None:
    """Whatever state somebody is in, withdrawing is one step."""
    assert leading_to("withdrawn") == set(STATES)


def test_the_table_knows_every_state_and_nothing_else() -> None:
    """Each state of TS 27560 has its row, and the states of a yes are those that the gate lets through."""
    assert set(STEPS) == set(STATES)
    assert YES == IN_FORCE == {"given", "reconfirmed"}


@pytest.mark.promise("P5")
@pytest.mark.parametrize(
    ("status", "expires_at", "state"),
    [
        ("given", "2026-09-01T08:00:01Z", "given"),
        ("given", "2026-09-01T08:00:00Z", "expired"),
        ("reconfirmed", "2026-09-01T07:59:59Z", "expired"),
        ("reconfirmed", "2027-09-01T08:00:00Z", "reconfirmed"),
        ("given", "soon", "invalidated"),
        ("given", "2027-09-01T08:00:00", "invalidated"),
        ("withdrawn", "2027-09-01T08:00:00Z", "withdrawn"),
        ("requested", "2020-09-01T08:00:00Z", "requested"),
    ],
)
def test_a_yes_ends_by_itself(receipt: ConsentReceipt, status: ConsentStatus, expires_at: str, state: ConsentStatus) -> None:
    """At its last moment a yes has expired; one whose end can't be read is none; what isn't a yes stays what it is."""
    at = datetime(2026, 9, 1, 8, tzinfo=UTC)
    assert state_at(status, msgspec.structs.replace(receipt, expires_at=expires_at), at=at) == state


def test_a_yes_without_a_receipt_is_none() -> None:
    """A file that says yes beside no receipt counts as no consent."""
    assert state_at("given", None, at=datetime(2026, 9, 1, 8, tzinfo=UTC)) == "invalidated"
