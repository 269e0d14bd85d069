"""What is a participant's own to decide: forgetting the last minutes, quiet hours, sending over a metered network."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from witting.device import forgetting, sending
from witting.device.enrolment import Enrolment
from witting.device.forgetting import forget_last, parse_span
from witting.device.guards import load_rules
from witting.terms.clock import rfc3339
from witting.terms.errors import HeldBackError, UsageError
from witting.terms.events import Gap, PointerMove
from witting.terms.session import SessionEnd
from witting.testing.participant import Participant
from witting.testing.sample_session import sample_header

SECOND = 1_000_000_000
HALF = SECOND // 2  # of a second before each full one, so that the test's own time changes nothing
SESSION = "5e" * 16


def enrolled(person: Participant) -> Enrolment:
    """Return the person's enrolment; the first time they join."""
    if (person.data_dir / "enrolment.json").exists():
        return Enrolment(person.data_dir)
    return person.join()


def record(person: Participant, *, ago_s: int = 600, ends: bool = True) -> None:
    """Record a session that began so long ago, with a move each second until now."""
    enrolment = enrolled(person)
    now_ns = enrolment.clock.monotonic_ns()
    began = enrolment.clock.now() - timedelta(seconds=ago_s)
    header = msgspec.structs.replace(
        sample_header(SESSION, receipt_id=enrolment.receipt.receipt_id),
        started_ns=now_ns - ago_s * SECOND,
        recorded_at=rfc3339(began.replace(minute=0, second=0, microsecond=0)),
    )
    writer = enrolment.open_spool().open_session(header)
    for second in range(ago_s):
        writer.append(PointerMove(now_ns - (ago_s - second) * SECOND - HALF, 1, 1))
    if ends:
        writer.close(SessionEnd(timestamp_ns=now_ns, reason="stopped", produced={"pointer": ago_s}, kept={"pointer": ago_s}))


@pytest.mark.parametrize(("text", "seconds"), [("5m", 300), ("90s", 90), ("1h", 3600), ("7", 420), (" 2 m ", 120)])
def test_a_span_is_read_as_people_write_it(text: str, seconds: int) -> None:
    """Minutes, seconds, hours; a bare number is minutes."""
    assert parse_span(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "0m", "-5m", "5d", "200h", "5m5"])
def test_what_is_no_span_is_refused(text: str) -> None:
    """Nothing is forgotten by a slip of the pen."""
    with pytest.raises(UsageError, match="no span"):
        parse_span(text)


def test_the_last_minutes_of_a_session_that_ended_can_be_forgotten(person: Participant) -> None:
    """Without a recorder running, what ended within the minutes is cut, and the rest stays."""
    record(person)
    assert forget_last(enrolled(person), 300) == 299
    records = list(enrolled(person).open_spool().read(SESSION))
    assert sum(isinstance(one, PointerMove) for one in records) == 301
    assert [gap.count for gap in records if isinstance(gap, Gap) and gap.stream == "pointer"] == [299]
    assert forget_last(enrolled(person), 10) == 0


def test_times_of_another_boot_are_left_alone(person: Participant) -> None:
    """A session whose clock isn't the one that runs now isn't cut by a guess."""
    record(person)
    info = enrolled(person).open_spool().sessions()[0]
    clock = enrolled(person).clock
    assert forgetting._is_of_this_boot(info, clock)
    other = msgspec.structs.replace(info.header, recorded_at=rfc3339(clock.now() - timedelta(days=2)))
    assert not forgetting._is_of_this_boot(type(info)(other, 1, is_recording=False), clock)
    later = msgspec.structs.replace(info.header, started_ns=clock.monotonic_ns() + SECOND)
    assert not forgetting._is_of_this_boot(type(info)(later, 1, is_recording=False), clock)


def test_the_page_forgets_and_says_so(browser: TestClient[Any], post: Callable[..., Any], person: Participant) -> None:
    """One button; what it forgot is gone from the session that the pages show next."""
    record(person)
    assert "forgotten" in post("/forget", span="5m").text
    assert sum(isinstance(one, PointerMove) for one in enrolled(person).open_spool().read(SESSION)) == 301


def test_the_page_sets_quiet_hours(browser: TestClient[Any], post: Callable[..., Any], person: Participant) -> None:
    """Hours are set and unset on the first page; what are no hours is told, and changes nothing."""
    person.join()
    assert "quiet hours are set" in post("/quiet", hours="18:00-08:00, 12:00-13:00").text
    assert load_rules(person.data_dir).quiet == ("18:00-08:00", "12:00-13:00")
    assert 'value="18:00-08:00, 12:00-13:00"' in browser.get("/").text
    assert "no hours" in post("/quiet", hours="at night").text
    assert load_rules(person.data_dir).quiet == ("18:00-08:00", "12:00-13:00")
    post("/quiet", hours="")
    assert load_rules(person.data_dir).quiet == ()


@pytest.mark.promise("P23")
def test_on_a_metered_network_nothing_is_sent_unless_the_person_says_so(person: Participant, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub isn't even spoken to; saying so sends."""
    record(person)
    enrolment = enrolled(person)
    spool = enrolment.open_spool()
    digest = sending_digest(spool)
    sending.note_review(enrolment, spool, session_id=SESSION, content_digest=digest)
    monkeypatch.setattr(sending, "is_metered", lambda: True)

    class Untouched:
        """A hub that must not be spoken to."""

        def upload(self, *_: object, **__: object) -> None:
            """Fail."""
            raise AssertionError

    monkeypatch.setattr(sending, "_check_consent", lambda *_: None)
    with pytest.raises(HeldBackError, match="metered"):
        sending.send_session(enrolment, SESSION, hub=Untouched())  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        sending.send_session(enrolment, SESSION, hub=Untouched(), over_metered=True)  # type: ignore[arg-type]


def sending_digest(spool: Any) -> str:
    """Return the digest under which a session is shown."""
    from witting.device.review import preview, summarise

    return summarise(preview(spool, SESSION, marks=())).content_digest
