"""The gate says yes only to what a receipt in force grants."""

import inspect
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import get_args

import msgspec
import pytest

from witting.consent.gate import IN_FORCE, decide, permits
from witting.consent.programme import programme_digest
from witting.terms.consent import ConsentReceipt, ConsentStatus, GateQuestion, GateReason, Grant
from witting.terms.programme import Programme

replace = msgspec.structs.replace


def utc(*parts: int) -> datetime:
    """Return an aware UTC time."""
    return datetime(*parts, tzinfo=UTC)


def test_a_grant_in_force_allows(programme: Programme, receipt: ConsentReceipt, ask: Callable[..., GateQuestion]) -> None:
    """What was granted is allowed in the browser's listed site and in the native app."""
    for question in (ask(), ask(app="mousepad", site=""), ask(stream="pointer")):
        verdict = decide([receipt], programme, question=question)
        assert (verdict.is_allowed, verdict.reason) == (True, "allowed")
        assert permits([receipt], programme, question=question)


@pytest.mark.promise("P1")
def test_silence_is_no(programme: Programme, ask: Callable[..., GateQuestion]) -> None:
    """Without a receipt nothing is allowed."""
    assert decide([], programme, question=ask()).reason == "no_receipt"


QUESTIONS: list[tuple[dict[str, object], GateReason]] = [
    ({"at": utc(2026, 2, 28)}, "not_yet"),
    ({"at": datetime(2026, 4, 1)}, "not_yet"),  # noqa: DTZ001 - a time without a zone is unknown
    ({"at": utc(2026, 9, 1, 8)}, "expired"),
    ({"purpose": "help"}, "purpose_not_granted"),
    ({"purpose": "sell"}, "purpose_not_granted"),
    ({"stream": "ui_tree"}, "stream_not_granted"),
    ({"stream": "screen"}, "stream_not_granted"),
    ({"stream": "sound"}, "stream_not_granted"),
    ({"app": "xterm", "site": ""}, "unknown_app"),
    ({"app": "", "site": ""}, "unknown_app"),
    ({"site": "http://127.0.0.1:8001"}, "site_not_listed"),
    ({"site": ""}, "site_not_listed"),
    ({"app": "mousepad", "site": "http://127.0.0.1:8000"}, "site_not_listed"),
]


@pytest.mark.promise("P6")
@pytest.mark.parametrize(("changes", "reason"), QUESTIONS)
def test_unlisted_is_no(
    programme: Programme, receipt: ConsentReceipt, ask: Callable[..., GateQuestion], changes: dict[str, object], reason: GateReason
) -> None:
    """Anything beyond the granted purpose, stream, app, site and time is refused, each with its own reason."""
    verdict = decide([receipt], programme, question=ask(**changes))
    assert (verdict.is_allowed, verdict.reason) == (False, reason)


RECEIPTS: list[tuple[dict[str, object], GateReason]] = [
    ({"programme_id": "another"}, "no_receipt"),
    ({"status": "requested"}, "not_given"),
    ({"status": "refused"}, "not_given"),
    ({"status": "invalidated"}, "not_given"),
    ({"status": "terminated"}, "not_given"),
    ({"status": "unheard_of"}, "not_given"),
    ({"status": "withdrawn"}, "withdrawn"),
    ({"status": "expired"}, "expired"),
    ({"expires_at": "2026-03-31T00:00:00Z"}, "expired"),
    ({"expires_at": "some day"}, "expired"),
    ({"expires_at": "2026-09-01T08:00:00"}, "expired"),
    ({"given_at": "some day"}, "not_yet"),
    ({"programme_version": 2}, "programme_changed"),
    ({"programme_digest": "0" * 64}, "programme_changed"),
    ({"grants": (Grant("train", "keys", "mousepad"),)}, "app_not_granted"),
    ({"grants": ()}, "purpose_not_granted"),
]


@pytest.mark.promise("P1")
@pytest.mark.parametrize(("changes", "reason"), RECEIPTS)
def test_receipt_not_in_force_is_no(
    programme: Programme, receipt: ConsentReceipt, ask: Callable[..., GateQuestion], changes: dict[str, object], reason: GateReason
) -> None:
    """A receipt of another programme, state, time, version or choice permits nothing."""
    assert decide([replace(receipt, **changes)], programme, question=ask()).reason == reason


def test_reconfirmed_allows(programme: Programme, receipt: ConsentReceipt, ask: Callable[..., GateQuestion]) -> None:
    """A reconfirmed consent is in force like a given one."""
    assert permits([replace(receipt, status="reconfirmed")], programme, question=ask())


def test_every_reason_is_reached() -> None:
    """No reason of the gate is dead: each is expected by a test here or, for what ends by itself, below and in test_asking."""
    reached = {reason for _, reason in QUESTIONS + RECEIPTS} | {"allowed", "programme_over", "packs_expired", "bad_signature"}
    assert reached == set(get_args(GateReason))


@pytest.mark.promise("P28")
def test_nothing_outside_the_programmes_days(programme: Programme, receipt: ConsentReceipt, ask: Callable[..., GateQuestion]) -> None:
    """Before the first day and after the last one nothing is allowed, whatever the receipt says; both days belong to it."""
    long = replace(receipt, given_at="2025-01-01T00:00:00Z", expires_at="2030-01-01T00:00:00Z")
    assert decide([long], programme, question=ask(at=utc(2025, 12, 31, 23, 59, 59))).reason == "not_yet"
    assert permits([long], programme, question=ask(at=utc(2026, 1, 1)))
    assert permits([long], programme, question=ask(at=utc(2026, 12, 31, 23, 59, 59)))
    assert decide([long], programme, question=ask(at=utc(2027, 1, 1))).reason == "programme_over"


@pytest.mark.promise("P5")
@pytest.mark.promise("P28")
@pytest.mark.parametrize(
    "change",
    [
        {"version": 4},
        {"ends_on": date(2027, 12, 31)},
        {"purposes": ()},
        {"apps": ()},
        {"recipients": ()},
        {"title": "Ledger desk, new owner"},
        {"posture": "balanced"},
    ],
)
def test_changed_programme_stops(
    programme: Programme, receipt: ConsentReceipt, ask: Callable[..., GateQuestion], change: dict[str, object]
) -> None:
    """Any change of the programme, even under the same version number, stops use until asked again."""
    assert decide([receipt], replace(programme, **change), question=ask()).reason == "programme_changed"


def test_a_later_narrower_choice_wins(programme: Programme, receipt: ConsentReceipt, ask: Callable[..., GateQuestion]) -> None:
    """An older, wider consent never widens a newer one; before the newer one was given, the older one counts."""
    narrow = replace(receipt, receipt_id="d" * 32, given_at="2026-03-15T08:00:00Z", grants=(Grant("train", "keys", "mousepad"),))
    assert decide([receipt, narrow], programme, question=ask()).reason == "app_not_granted"
    assert decide([narrow, receipt], programme, question=ask()).reason == "app_not_granted"
    assert permits([receipt, narrow], programme, question=ask(at=utc(2026, 3, 10)))


def test_a_withdrawn_id_is_dead(programme: Programme, receipt: ConsentReceipt, ask: Callable[..., GateQuestion]) -> None:
    """Both copies of a receipt, given and withdrawn, are no; consenting anew under a new id is yes."""
    gone = replace(receipt, status="withdrawn", given_at="2026-03-20T08:00:00Z")
    assert decide([receipt, gone], programme, question=ask()).reason == "withdrawn"
    assert decide([receipt, gone], programme, question=ask(at=utc(2026, 3, 10))).reason == "withdrawn"
    again = replace(receipt, receipt_id="e" * 32, given_at="2026-03-25T08:00:00Z")
    assert permits([receipt, gone, again], programme, question=ask())


def test_two_choices_of_one_second_must_both_allow(programme: Programme, receipt: ConsentReceipt, ask: Callable[..., GateQuestion]) -> None:
    """When the order of two choices can't be told, the stricter one holds."""
    other = replace(receipt, receipt_id="f" * 32, grants=(Grant("help", "pointer", "mousepad"),))
    assert decide([receipt, other], programme, question=ask()).reason == "purpose_not_granted"
    assert decide([other, receipt], programme, question=ask()).reason == "purpose_not_granted"


@pytest.mark.parametrize("change", [{"expires_at": "2026-03-02T00:00:00Z"}, {"expires_at": "?"}, {"programme_version": 2}])
def test_of_two_choices_of_one_second_both_must_be_in_force(
    programme: Programme, receipt: ConsentReceipt, ask: Callable[..., GateQuestion], change: dict[str, object]
) -> None:
    """One of them being over, or for another version, is enough for a no, whichever stands first."""
    other = replace(receipt, receipt_id="f" * 32, **change)
    assert not permits([receipt, other], programme, question=ask())
    assert not permits([other, receipt], programme, question=ask())


def test_a_grant_of_what_is_not_offered_is_none(programme: Programme, receipt: ConsentReceipt, ask: Callable[..., GateQuestion]) -> None:
    """A receipt that grants a kind its purpose doesn't ask for, or a purpose that isn't there, permits nothing by that."""
    wide = replace(receipt, grants=(Grant("train", "screen", "mousepad"), Grant("sell", "keys", "mousepad")))
    assert decide([wide], programme, question=ask(stream="screen", app="mousepad", site="")).reason == "stream_not_granted"
    assert decide([wide], programme, question=ask(purpose="sell", app="mousepad", site="")).reason == "purpose_not_granted"


def test_an_undated_choice_stops(programme: Programme, receipt: ConsentReceipt, ask: Callable[..., GateQuestion]) -> None:
    """A choice whose time can't be read may be the latest one, so nothing is allowed."""
    undated = replace(receipt, receipt_id="f" * 32, given_at="?")
    assert decide([receipt, undated], programme, question=ask()).reason == "not_given"


def test_receipts_of_two_people_permit_nothing(programme: Programme, receipt: ConsentReceipt, ask: Callable[..., GateQuestion]) -> None:
    """One person's consent never stands in for another's."""
    assert decide([receipt, replace(receipt, participant="9" * 32)], programme, question=ask()).reason == "no_receipt"
    assert decide([receipt, replace(receipt, participant_key=b"\2" * 32)], programme, question=ask()).reason == "no_receipt"


FORBIDDEN = ("role", "grade", "name", "department", "manager", "seniority", "title", "team", "level")


@pytest.mark.promise("P3")
def test_who_asks_is_no_parameter() -> None:
    """The gate's question and signature have no place for role, grade or name."""
    assert set(GateQuestion.__struct_fields__) == {"purpose", "stream", "app", "site", "at"}
    assert list(inspect.signature(decide).parameters) == ["receipts", "programme", "question"]
    fields = set(GateQuestion.__struct_fields__ + ConsentReceipt.__struct_fields__) - {"keys_level"}  # of typing, not of a person
    assert not [field for field in fields for word in FORBIDDEN if word in field.split("_")]


@pytest.mark.promise("P3")
@pytest.mark.parametrize("changes", [row for row, _ in QUESTIONS] + [{}])
def test_swapping_the_person_changes_nothing(
    programme: Programme, receipt: ConsentReceipt, ask: Callable[..., GateQuestion], changes: dict[str, object]
) -> None:
    """The same choice made by anyone else gets the same verdict."""
    other = replace(receipt, participant="7" * 32, participant_key=b"\7" * 32, receipt_id="8" * 32)
    assert decide([other], programme, question=ask(**changes)) == decide([receipt], programme, question=ask(**changes))


def test_status_words_are_dpvs() -> None:
    """Of all states a consent can be in, two permit anything."""
    assert set(get_args(ConsentStatus)) > IN_FORCE
    assert len(IN_FORCE) == 2


def test_digest_names_the_programme(programme: Programme) -> None:
    """Equal programmes have equal digests, 64 hex digits."""
    assert programme_digest(programme) == programme_digest(replace(programme))
    assert len(programme_digest(programme)) == 64
