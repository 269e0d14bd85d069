"""Taking a part back: here at once, at the hub when it can be reached, by one statement; meanwhile nothing of it goes on."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from litestar.testing import TestClient

from witting.device.enrolment import Enrolment
from witting.device.launch import prepare
from witting.device.review import preview
from witting.device.sending import send_session
from witting.device.taking_back import (
    check_nothing_waits,
    nanoseconds,
    read_deletions,
    span_of,
    taken_back,
    tell_hub,
    withdraw_items,
    withdraw_part,
    withdraw_sessions,
)
from witting.terms.consent import Item
from witting.terms.errors import HubUnreachableError, IntegrityError, NoConsentError, UsageError
from witting.terms.events import Frame, Gap
from witting.testing.participant import SESSION, Participant

Post = Callable[..., Any]
Browser = TestClient[Any]
DOWN = {"POST /v1/withdrawals"}


@pytest.fixture
def sent(person: Participant) -> Enrolment:
    """Return somebody who sent one recording."""
    enrolment = person.join()
    person.record(enrolment)
    person.see(enrolment)
    send_session(enrolment, SESSION, hub=person.hub.client())
    return enrolment


def _withdrawals(person: Participant) -> int:
    return person.hub.requests.count(("POST", "/v1/withdrawals"))


def _pictures(enrolment: Enrolment) -> list[Frame]:
    spool = enrolment.open_spool()
    return [one for one in preview(spool, SESSION, marks=spool.marks(SESSION)) if isinstance(one, Frame)]


@pytest.mark.promise("P2")
def test_one_picture_is_taken_back_on_the_page(browser: Browser, post: Post, person: Participant, sent: Enrolment) -> None:
    """Each line of a sent recording has its button; after the click the picture is gone from the page, and the hub was told of it alone."""
    first = _pictures(sent)[0]
    page = browser.get(f"/sessions/{SESSION}").text
    assert "Below is what the hub has of it" in page
    assert f"/sessions/{SESSION}/take-back" in page
    answer = post(f"/sessions/{SESSION}/take-back", from_ns=str(first.timestamp_ns), to_ns=str(first.timestamp_ns))
    assert "the rest stays" in answer.text
    assert first not in _pictures(sent)
    assert person.hub.items == (Item(SESSION, first.timestamp_ns // 1000, first.timestamp_ns // 1000),)
    assert SESSION in person.hub.parcels
    (kept,) = read_deletions(person.data_dir)
    assert kept.open().items == person.hub.items
    assert sent.status == "given"
    assert taken_back(person.data_dir) == ()


@pytest.mark.promise("P2")
def test_a_step_by_its_times(person: Participant, sent: Enrolment) -> None:
    """By times since the beginning everything between them goes, with a hole in its place; the other pictures stay."""
    before = _pictures(sent)
    began = sent.open_spool().info(SESSION).header.started_ns
    second = (before[0].timestamp_ns - began) // 10**8
    at = f"{second // 600}:{second // 10 % 60:02d}.{second % 10}"
    after = f"{(second + 1) // 600}:{(second + 1) // 10 % 60:02d}.{(second + 1) % 10}"
    withdraw_items(sent, (span_of(sent, SESSION, start=at, end=after),), hub=person.hub.client())
    spool = sent.open_spool()
    shown = list(preview(spool, SESSION, marks=spool.marks(SESSION)))
    assert before[0] not in shown
    assert [one.reason for one in shown if isinstance(one, Gap)].count("participant_removed") >= 1


@pytest.mark.promise("P2")
@pytest.mark.parametrize("what", ["item", "session", "stream", "purpose"])
def test_while_the_hub_is_down_it_is_kept_and_sent_once(
    browser: Browser, post: Post, person: Participant, sent: Enrolment, what: str
) -> None:
    """It ends here at once; the same statement waits, however often one tries; the hub hears of it once, and then nothing waits."""
    person.down = DOWN
    picture = _pictures(sent)[0]
    deeds: dict[str, Callable[[], object]] = {
        "item": lambda: withdraw_items(
            sent, (Item(SESSION, picture.timestamp_ns // 1000, picture.timestamp_ns // 1000),), hub=person.hub.client()
        ),
        "session": lambda: withdraw_sessions(sent, (SESSION,), hub=person.hub.client()),
        "stream": lambda: withdraw_part(sent, streams=("keys",), hub=person.hub.client()),
        "purpose": lambda: withdraw_part(sent, purposes=("train",), hub=person.hub.client()),
    }
    for _ in range(2):
        with pytest.raises(HubUnreachableError):
            deeds[what]()
    (waiting,) = taken_back(person.data_dir)
    assert (bool(waiting.items), bool(waiting.sessions)) == (what == "item", what == "session")
    assert "Waiting for the hub" in browser.get("/mine").text
    if what in {"stream", "purpose"}:
        with pytest.raises(NoConsentError, match="waits for the hub"):
            prepare(person.data_dir)
    else:
        check_nothing_waits(person.data_dir)
    if what == "item":
        assert picture not in _pictures(sent)
    if what == "session":
        assert sent.open_spool().sessions() == []
    log = person.hub.log.size
    person.down = set()
    assert "The hub was told" in post("/mine/tell").text
    assert person.hub.log.size == log + 1
    assert taken_back(person.data_dir) == ()
    assert "Waiting for the hub" not in browser.get("/mine").text
    assert tell_hub(Enrolment(person.data_dir), hub=person.hub.client()) == ()
    prepare(person.data_dir)


@pytest.mark.promise("P2")
def test_a_lost_answer_is_asked_for_by_the_same_statement(person: Participant, sent: Enrolment) -> None:
    """When the hub took it and its answer got lost, telling it again is no second withdrawal."""
    real = person.hub.handle

    def lose(request: Any) -> Any:
        real(request)
        person.passes = -1
        return person.hub._answer(lambda _: person._fail("POST", "/"), b"", names=())  # the network ends here

    client = person.hub.client()
    person.hub.handle = lose  # type: ignore[method-assign]
    with pytest.raises(HubUnreachableError):
        withdraw_sessions(sent, (SESSION,), hub=person.hub.client())
    log = person.hub.log.size
    person.passes = 10**6
    (kept,) = tell_hub(sent, hub=client)
    assert kept.open().sessions == (SESSION,)
    assert person.hub.log.size == log


@pytest.mark.promise("P1")
def test_sending_tells_what_was_taken_back_first(person: Participant, sent: Enrolment) -> None:
    """While a kind that was taken back waits, nothing is sent past it: sending tells the hub first, or fails with it."""
    other = "6f" * 16
    person.record(sent, other)
    person.see(sent, other)
    person.down = DOWN
    with pytest.raises(HubUnreachableError):
        withdraw_part(sent, streams=("keys",), hub=person.hub.client())
    with pytest.raises(HubUnreachableError):
        send_session(sent, other, hub=person.hub.client())
    assert other not in person.hub.parcels
    person.down = set()
    with pytest.raises((UsageError, FileNotFoundError, NoConsentError)):
        send_session(Enrolment(person.data_dir), other, hub=person.hub.client())  # it held that kind and is erased
    assert other not in person.hub.parcels
    assert "keys" not in {grant.stream for grant in Enrolment(person.data_dir).receipt.grants}


@pytest.mark.parametrize("items", [(), (Item(SESSION, 5, 4),), (Item(SESSION, -1, 4),), (Item("0" * 32, 0, 4),)])
def test_what_is_no_part_of_a_sent_recording_is_refused(person: Participant, sent: Enrolment, items: tuple[Item, ...]) -> None:
    """Nothing named, times the wrong way round or below zero, a recording that wasn't sent: refused before anything is signed."""
    before = _withdrawals(person)
    with pytest.raises(UsageError):
        withdraw_items(sent, items, hub=person.hub.client())
    assert _withdrawals(person) == before
    assert taken_back(person.data_dir) == ()


@pytest.mark.parametrize("text", ["", "1", "1:60", "1:5", "a:10", "1:10.", "1:10.55", "-1:10", "12345:00", "1:10 "])
def test_a_time_is_minutes_and_seconds(text: str) -> None:
    """Anything else is refused, never guessed."""
    with pytest.raises(UsageError):
        nanoseconds(text)


def test_times_are_read_to_a_tenth() -> None:
    """Minutes, seconds and a tenth."""
    assert [nanoseconds(text) for text in ("0:00", "0:01.5", "2:07")] == [0, 1_500_000_000, 127_000_000_000]


def test_an_unreadable_statement_stops_recording(person: Participant, sent: Enrolment) -> None:
    """What can't be read might be a kind that was taken back: nothing is recorded until it is taken back again."""
    folder = person.data_dir / "taken-back"
    folder.mkdir()
    (folder / "000000-x.json").write_bytes(b"{")
    with pytest.raises(IntegrityError, match="taken back"):
        prepare(person.data_dir)


def test_leaving_takes_what_waits_along(browser: Browser, post: Post, person: Participant, sent: Enrolment) -> None:
    """Whoever leaves while something waits has left: one withdrawal of everything, nothing left here but the receipt."""
    person.down = DOWN
    with pytest.raises(HubUnreachableError):
        withdraw_part(sent, streams=("keys",), hub=person.hub.client())
    person.down = set()
    assert re.search("Deletion receipt", post("/withdraw").text)
    assert [path.name for path in person.data_dir.iterdir()] == ["deletion-receipt.json"]
