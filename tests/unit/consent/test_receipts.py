"""A receipt is made only for what was offered and read, and anybody can check it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.consent.gate import permits
from witting.consent.notice import make_notice
from witting.consent.programme import programme_digest, read_programme
from witting.consent.receipts import decide_signed, expiry, make_receipt, open_receipt, verify_statement
from witting.ledger.keys import SigningKey
from witting.terms.clock import rfc3339
from witting.terms.consent import ConsentReceipt, ConsentStatement, GateQuestion, Grant
from witting.terms.errors import NoConsentError, NoticeChangedError, SignatureError
from witting.terms.programme import Programme

replace = msgspec.structs.replace
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
_BASE = replace(read_programme(files("witting.consent").joinpath("example.toml").read_text("utf-8")), ends_on=date(2028, 12, 31))
HUB, PERSON = SigningKey.from_seed(b"h" * 32), SigningKey.from_seed(b"p" * 32)


@pytest.fixture(scope="module")
def complete(programme: Programme) -> Programme:
    """A programme with nothing missing."""
    return replace(programme, agreement_id="WA-1", dpia_id="DPIA-1")


@pytest.fixture(scope="module")
def statement(complete: Programme) -> ConsentStatement:
    """A choice of training with keys in both apps."""
    return ConsentStatement(
        participant="b" * 32,
        participant_key=PERSON.public,
        programme_id=complete.id,
        programme_version=complete.version,
        programme_digest=programme_digest(complete),
        notice_digest=make_notice(complete).digest,
        invite="an-invitation",
        grants=(Grant("train", "keys", "mousepad"), Grant("train", "keys", "chromium")),
        given_at=rfc3339(AT),
    )


def receive(statement: ConsentStatement, programme: Programme, at: datetime = AT) -> ConsentReceipt:
    """Return the opened receipt that a statement gets."""
    signed = make_receipt(statement, programme, at=at, log_index=7, controller_key=HUB)
    return open_receipt(signed, HUB.public)


def test_a_receipt_holds_what_was_chosen(complete: Programme, statement: ConsentStatement) -> None:
    """The receipt repeats choices, texts and person, and names controller, recipients, retention and the way out."""
    receipt = receive(statement, complete)
    for field in ("participant", "participant_key", "programme_id", "programme_version", "programme_digest", "notice_digest", "given_at"):
        assert getattr(receipt, field) == getattr(statement, field)
    assert receipt.grants == tuple(sorted(statement.grants))
    assert (receipt.controller, receipt.recipients, receipt.retention_days) == ("Example Org", ("Example Lab",), 180)
    assert (receipt.status, receipt.log_index, receipt.expires_at) == ("given", 7, "2026-09-01T08:00:00Z")
    assert "one click" in receipt.withdrawal_method
    assert "invite" not in msgspec.structs.asdict(receipt)


def test_sending_twice_gets_the_same_receipt(complete: Programme, statement: ConsentStatement) -> None:
    """The same statement gets the same receipt, byte for byte; another one another id."""
    first = make_receipt(statement, complete, at=AT, log_index=7, controller_key=HUB)
    assert make_receipt(statement, complete, at=AT + timedelta(minutes=3), log_index=7, controller_key=HUB) == first
    other = replace(statement, grants=statement.grants[:1])
    assert receive(other, complete).receipt_id != receive(statement, complete).receipt_id


@pytest.mark.promise("P4")
@pytest.mark.parametrize(
    "change", [{"programme_id": "other"}, {"programme_version": 2}, {"programme_digest": "0" * 64}, {"notice_digest": "0" * 64}]
)
def test_what_was_read_must_be_in_force(complete: Programme, statement: ConsentStatement, change: dict[str, object]) -> None:
    """A consent that names another text than the one in force gets no receipt."""
    with pytest.raises(NoticeChangedError):
        receive(replace(statement, **change), complete)


def test_a_kept_notice_may_be_named(complete: Programme, statement: ConsentStatement) -> None:
    """A notice that was made by an older version of the software counts where the caller says that it is in force."""
    old = replace(statement, notice_digest="5" * 64)
    assert make_receipt(old, complete, at=AT, log_index=7, controller_key=HUB, notice_digest="5" * 64)
    with pytest.raises(NoticeChangedError):
        make_receipt(statement, complete, at=AT, log_index=7, controller_key=HUB, notice_digest="5" * 64)


@pytest.mark.promise("P1")
@pytest.mark.parametrize(
    ("grants", "said"),
    [
        ((), "nothing was chosen"),
        ((Grant("sell", "keys", "mousepad"),), "1 of 1 choices"),
        ((Grant("train", "screen", "mousepad"), Grant("train", "keys", "mousepad")), "1 of 2 choices"),
        ((Grant("train", "keys", "xterm"),), "1 of 1 choices"),
    ],
)
def test_only_what_is_offered_can_be_chosen(complete: Programme, statement: ConsentStatement, grants: tuple[Grant, ...], said: str) -> None:
    """An empty choice, and one of anything that isn't offered, gets no receipt."""
    with pytest.raises(NoConsentError, match=said):
        receive(replace(statement, grants=grants), complete)


def test_what_is_needed_must_be_chosen(complete: Programme, statement: ConsentStatement) -> None:
    """Where a purpose is needed to take part, leaving it out is a no to all."""
    needed = replace(complete, purposes=(complete.purposes[0], replace(complete.purposes[1], is_optional=False)))
    read = replace(statement, programme_digest=programme_digest(needed), notice_digest=make_notice(needed).digest)
    with pytest.raises(NoConsentError, match="needed to take part"):
        receive(read, needed)
    assert receive(replace(read, grants=(*read.grants, Grant("help", "pointer", "mousepad"))), needed)


@pytest.mark.parametrize("given_at", ["2026-02-27T08:00:00Z", "2026-03-03T08:00:00Z", "2026-03-01T08:00:00", "yesterday"])
def test_a_date_that_cannot_be_is_refused(complete: Programme, statement: ConsentStatement, given_at: str) -> None:
    """Nobody dates a consent back or ahead."""
    with pytest.raises(NoConsentError, match="date can't be right"):
        receive(replace(statement, given_at=given_at), complete)


def test_a_statement_is_its_signers(statement: ConsentStatement) -> None:
    """Nobody consents in another person's name."""
    assert verify_statement(PERSON.sign("consent", statement)) == statement
    with pytest.raises(SignatureError, match="another key"):
        verify_statement(HUB.sign("consent", statement))
    with pytest.raises(SignatureError):
        verify_statement(PERSON.sign("withdrawal", statement))


@pytest.mark.promise("P5")
def test_a_tampered_receipt_is_no(complete: Programme, statement: ConsentStatement, ask: Callable[..., GateQuestion]) -> None:
    """A changed receipt, or one of another controller, permits nothing, even beside one that is good."""
    question = ask(app="mousepad", site="")
    good = make_receipt(statement, complete, at=AT, log_index=7, controller_key=HUB)
    assert decide_signed([good], complete, question=question, controller_key=HUB.public).reason == "allowed"
    forged = replace(good, payload=good.payload.replace(b'"given"', b'"wider"'))
    foreign = make_receipt(statement, complete, at=AT, log_index=7, controller_key=PERSON)
    for bad in (forged, foreign, replace(good, signature=bytes(64)), replace(good, kind="consent")):
        verdict = decide_signed([good, bad], complete, question=question, controller_key=HUB.public)
        assert (verdict.is_allowed, verdict.reason) == (False, "bad_signature")
    with pytest.raises(SignatureError):
        open_receipt(forged, HUB.public)


def test_no_receipt_is_no(complete: Programme, ask: Callable[..., GateQuestion]) -> None:
    """No signed receipts at all are the gate's plain no."""
    assert decide_signed([], complete, question=ask(), controller_key=HUB.public).reason == "no_receipt"


@pytest.mark.parametrize(
    ("given", "months", "ends_on", "expires"),
    [
        ("2026-01-15T10:00:00Z", 1, date(2026, 12, 31), "2026-02-15T10:00:00Z"),
        ("2026-01-31T10:00:00Z", 1, date(2026, 12, 31), "2026-02-28T10:00:00Z"),
        ("2026-11-30T10:00:00Z", 3, date(2027, 12, 31), "2027-02-28T10:00:00Z"),
        ("2026-12-31T10:00:00Z", 12, date(2028, 12, 31), "2027-12-31T10:00:00Z"),
        ("2026-06-15T10:00:00Z", 6, date(2026, 12, 1), "2026-12-02T00:00:00Z"),
    ],
)
def test_consent_ends_by_itself(programme: Programme, given: str, months: int, ends_on: date, expires: str) -> None:
    """Consent ends after the months that the programme says, on the last day of shorter months, and never outlives the programme."""
    asked = replace(programme, reaffirm_months=months, ends_on=ends_on)
    assert rfc3339(expiry(asked, datetime.fromisoformat(given))) == expires


@given(offset=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=300)), months=st.integers(1, 12))
def test_expiry_is_never_late(offset: timedelta, months: int) -> None:
    """Whatever the day, consent ends within its months (31 days at most each) and after it began."""
    asked = replace(_BASE, reaffirm_months=months)
    given_at = AT + offset
    assert given_at < expiry(asked, given_at) <= given_at + timedelta(days=31 * months)


def test_the_gate_follows_the_receipt(complete: Programme, statement: ConsentStatement, ask: Callable[..., GateQuestion]) -> None:
    """A receipt as it is made permits what was chosen from its date to its expiry, and nothing else."""
    receipt = receive(statement, complete)
    assert permits([receipt], complete, question=ask(at=AT))
    assert not permits([receipt], complete, question=ask(at=AT - timedelta(seconds=1)))
    assert not permits([receipt], complete, question=ask(at=datetime(2026, 9, 1, 8, tzinfo=UTC)))
    assert not permits([receipt], complete, question=ask(stream="pointer"))
