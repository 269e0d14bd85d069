"""When people are asked again: not before the packs allow, and collecting stops once nobody has looked at the law for too long."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.consent.asking import LEAST_MONTHS, quiet_until
from witting.consent.gate import decide
from witting.consent.packs import validity
from witting.consent.packs.checking import check_packs
from witting.consent.packs.loading import load_packs
from witting.consent.packs.rows import Quiet
from witting.consent.packs.validity import TRUSTED_MONTHS, ends_on, valid_until
from witting.consent.programme import programme_digest
from witting.consent.receipts import make_receipt
from witting.ledger.keys import SigningKey
from witting.terms.consent import ConsentReceipt, ConsentStatement, GateQuestion, Grant
from witting.terms.errors import NoConsentError
from witting.terms.programme import Programme

replace = msgspec.structs.replace
SAID_NO = datetime(2026, 1, 31, 12, tzinfo=UTC)
EVERY_PACK = sorted(load_packs())


def test_california_keeps_quiet_for_a_year(programme: Programme) -> None:
    """After a no nobody is reminded for the twelve months that California asks; where no pack says anything, for one month."""
    assert quiet_until(programme, refused_at=SAID_NO) == date(2026, 2, 28)
    assert quiet_until(replace(programme, jurisdiction="US-CA"), refused_at=SAID_NO) == date(2027, 1, 31)


@given(packs=st.lists(st.sampled_from(EVERY_PACK), unique=True), more=st.sampled_from(EVERY_PACK))
def test_a_pack_more_never_shortens_the_quiet(programme: Programme, packs: list[str], more: str) -> None:
    """Whichever packs a programme is under: one more only lengthens the quiet, and each of them is kept."""
    before = quiet_until(replace(programme, packs=tuple(packs)), refused_at=SAID_NO)
    after = quiet_until(replace(programme, packs=(*packs, more)), refused_at=SAID_NO)
    months = [row.months for name in (*packs, more) for row in load_packs()[name].rows if isinstance(row, Quiet)]
    assert before <= after
    assert after >= SAID_NO.date() + timedelta(days=28 * max([LEAST_MONTHS, *months]))


@pytest.mark.promise("P28")
def test_law_that_nobody_looked_at_stops_collecting(programme: Programme, receipt: ConsentReceipt) -> None:
    """On the last day that the packs are trusted the gate says yes, a moment later it names the packs, whoever said yes."""
    ends = valid_until(programme)
    long = replace(programme, ends_on=date(ends.year + 1, 1, 1))
    held = replace(receipt, programme_digest=programme_digest(long), expires_at=f"{ends.year + 1}-01-01T00:00:00Z")
    last = datetime(ends.year, ends.month, ends.day, tzinfo=UTC)
    reasons = [_reason([held], long, at=last + timedelta(seconds=after)) for after in (-1, 0, 86_400)]
    assert reasons == ["allowed", "packs_expired", "packs_expired"]


@pytest.mark.promise("P28")
def test_a_pack_that_ends_stops_collecting(programme: Programme, receipt: ConsentReceipt, monkeypatch: pytest.MonkeyPatch) -> None:
    """A law that says itself when it ends counts until then, even if somebody looked at it yesterday."""
    (first, *others) = validity.packs_of(programme)
    ended = replace(first, expires_on=date(2026, 5, 1))
    monkeypatch.setattr(validity, "packs_of", lambda _: (ended, *others))
    assert valid_until(programme) == date(2026, 5, 1)
    assert _reason([receipt], programme, at=datetime(2026, 4, 30, 23, 59, 59, tzinfo=UTC)) == "allowed"
    assert _reason([receipt], replace(programme), at=datetime(2026, 5, 1, tzinfo=UTC)) == "packs_expired"


@pytest.mark.promise("P28")
def test_a_pack_that_is_not_there_stops_everything(programme: Programme) -> None:
    """A programme that names a law nobody wrote down collects nothing."""
    assert valid_until(replace(programme, packs=("atlantis",))) == date.min


@pytest.mark.promise("P28")
def test_no_receipt_is_made_under_old_law(programme: Programme) -> None:
    """Somebody who says yes once the packs are too old gets no receipt and is told whose turn it is."""
    key, ends = SigningKey.generate(), valid_until(programme)
    long = replace(programme, ends_on=date(ends.year + 1, 1, 1))
    statement = ConsentStatement(
        participant="b" * 32,
        participant_key=key.public,
        programme_id=long.id,
        programme_version=long.version,
        programme_digest=programme_digest(long),
        notice_digest="c" * 64,
        invite="i",
        grants=(Grant("train", "keys", "chromium"),),
        given_at=f"{ends}T08:00:00Z",
    )
    at = datetime(ends.year, ends.month, ends.day, 8, tzinfo=UTC)
    with pytest.raises(NoConsentError, match="for too long") as caught:
        make_receipt(statement, long, at=at, log_index=0, controller_key=key, notice_digest="c" * 64)
    assert "law packs" in caught.value.hint
    early = replace(statement, given_at="2026-06-01T08:00:00Z")
    make_receipt(early, long, at=datetime(2026, 6, 1, 8, tzinfo=UTC), log_index=0, controller_key=key, notice_digest="c" * 64)


@pytest.mark.parametrize("name", EVERY_PACK)
def test_every_pack_warns_long_before_it_ends(programme: Programme, name: str) -> None:
    """Each pack is trusted for two years after it was looked at, and every check of the second year says when it ends."""
    pack = load_packs()[name]
    looked, ends = min(row.verified_on for row in pack.rows), ends_on(pack)
    assert (ends.year - looked.year) * 12 + ends.month - looked.month == TRUSTED_MONTHS
    named = replace(programme, packs=(name,))
    notes = [note for report in check_packs(named, on=looked + timedelta(days=400)) if report.pack == name for note in report.notes]
    assert any(f"stops on {ends}" in note for note in notes)


def _reason(receipts: list[ConsentReceipt], programme: Programme, *, at: datetime) -> str:
    question = GateQuestion(purpose="train", stream="keys", app="chromium", site="http://127.0.0.1:8000", at=at)
    return decide(receipts, programme, question=question).reason
