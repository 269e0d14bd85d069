"""My consent, and being asked again: after a change, when consent ran out, after a no, and of one's own wish."""

import html
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from witting.consent.asking import quiet_until
from witting.device.asking import agreed_before, asked_no_sooner_than, changed_since_yes, look_again
from witting.device.desk.app import create_desk
from witting.device.desk.config import DeskConfig
from witting.device.desk.door import Door
from witting.device.enrolment import AGREED_FILE, Enrolment, offered_grants, start_join
from witting.device.launch import prepare
from witting.device.leaving import leave, refuse
from witting.device.standing import CONSENT_FILE, ConsentState, read_state, write_state
from witting.terms.errors import HubUnreachableError, NoConsentError, UsageError
from witting.terms.programme import Recipient
from witting.testing.clock import FakeClock
from witting.testing.memory_hub import MemoryHub
from witting.testing.participant import LINK, Participant, sample_programme

replace = msgspec.structs.replace
Post = Callable[..., Any]
Browser = TestClient[Any]
CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"owner": "Another Org"}, "owner changed from “its members” to “Another Org”"),
    ({"recipients": (Recipient("Example Broker", "recipient", "DE", "pays"),)}, "“Example Broker” (DE) gets data too"),
    ({"reaffirm_months": 12}, "months until people are asked again changed from 6 to 12"),
    ({"picture_seconds": 0.5}, "seconds between pictures changed from 2.0 to 0.5"),
]


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", page)))


def _change(person: Participant, **fields: Any) -> None:
    now = person.hub.programme
    person.hub.programme = replace(now, version=now.version + 1, **fields)


@pytest.mark.promise("P5")
@pytest.mark.promise("P28")
@pytest.mark.parametrize(("fields", "said"), CHANGES, ids=["owner", "recipient", "months", "pictures"])
def test_a_change_stops_and_asks_with_old_against_new(
    browser: Browser, post: Post, person: Participant, fields: dict[str, Any], said: str
) -> None:
    """Looking finds the change, consent ends at once, the page says old and new, nothing is ticked, and only a new yes goes on."""
    enrolment = person.join()
    _change(person, **fields)
    page = post("/mine/look")
    assert page.url.path == "/notice"
    assert enrolment.status == "requested"
    assert said in _text(page.text)
    assert "You are asked again" in _text(page.text)
    boxes = re.findall(r"<input type=\"checkbox\"[^>]*>", page.text)
    assert boxes
    assert not [box for box in boxes if "checked" in box]
    with pytest.raises(NoConsentError):
        prepare(person.data_dir)
    assert "haven't answered" in _text(browser.get("/mine").text)
    assert browser.get("/", follow_redirects=False).headers["location"] == "/notice"
    post("/consent", grant=["train|pointer|chromium"])
    again = Enrolment(person.data_dir)
    assert (again.status, again.receipt.programme_version) == ("given", person.hub.programme.version)
    assert not (person.data_dir / AGREED_FILE).exists()


def test_an_unchanged_programme_leaves_all_as_it_is(post: Post, person: Participant) -> None:
    """Looking where nothing changed says so, keeps consent, and tells the hub nothing but that its offer was read."""
    enrolment = person.join()
    person.hub.requests.clear()
    assert "Nothing else is asked" in _text(post("/mine/look").text)
    assert enrolment.status == "given"
    assert person.hub.requests == [("GET", "/v1/offer/inv-1")]


def test_looking_without_a_hub_changes_nothing(post: Post, person: Participant) -> None:
    """While the hub can't be reached looking says so and consent stays."""
    enrolment = person.join()
    person.down = {"GET /v1/offer"}
    assert post("/mine/look").status_code == 503
    with pytest.raises(HubUnreachableError):
        look_again(enrolment, hub=person.hub.client())
    assert enrolment.status == "given"


@pytest.mark.promise("P5")
def test_several_changes_are_told_against_the_last_yes(person: Participant) -> None:
    """Two changes without an answer between them are both told, against what was agreed to; receipts and pseudonym stay."""
    first = person.join()
    for fields in ({"owner": "Second Org"}, {"owner": "Third Org", "picture_seconds": 0.5}):
        _change(person, **fields)
        assert look_again(Enrolment(person.data_dir), hub=person.hub.client())
    now = Enrolment(person.data_dir)
    assert (now.participant, len(now.receipts)) == (first.participant, 1)
    told = {change.field: change.message for change in changed_since_yes(now)}
    assert told["owner"] == "The owner changed from “its members” to “Third Org”."
    assert "picture_seconds" in told
    before = agreed_before(person.data_dir)
    assert before is not None
    assert before.programme.version == 1


def test_a_first_invitation_that_changes_is_no_change_to_anybody(person: Participant) -> None:
    """Who never said yes is told of no change, and an unreadable memory of the last yes is none."""
    start_join(LINK, person.data_dir, hub=person.hub.client())
    _change(person, owner="Another Org")
    again = start_join(LINK, person.data_dir, hub=person.hub.client())
    assert changed_since_yes(again) == []
    assert agreed_before(person.data_dir) is None
    (person.data_dir / AGREED_FILE).write_bytes(b"{")
    assert agreed_before(person.data_dir) is None


@pytest.mark.promise("P20")
@pytest.mark.promise("P5")
def test_no_to_being_asked_again(browser: Browser, post: Post, person: Participant) -> None:
    """A no is kept here alone: nothing recorded, nobody told, no reminder within the quiet; receipts and leaving are where they were."""
    person.record(person.join())
    _change(person, owner="Another Org")
    post("/mine/look")
    person.hub.requests.clear()
    page = _text(post("/refuse").text)
    enrolment = Enrolment(person.data_dir)
    assert enrolment.status == "refused"
    assert person.hub.requests == []
    changed_at = read_state(person.data_dir)
    assert changed_at is not None
    until = quiet_until(enrolment.programme, refused_at=enrolment.clock.now())
    assert asked_no_sooner_than(enrolment) == until
    assert f"Nobody may remind you before {until}" in page
    assert browser.get("/", follow_redirects=False).headers["location"] == "/mine"
    assert len(enrolment.open_spool().sessions()) == 1
    assert browser.get("/receipts").status_code == 200
    with pytest.raises(NoConsentError):
        prepare(person.data_dir)
    shown = post("/mine/ask")
    assert shown.url.path == "/notice"
    assert "Opt in to what I ticked" in shown.text
    assert asked_no_sooner_than(Enrolment(person.data_dir)) is None
    post("/consent", grant=["train|pointer|chromium"])
    assert Enrolment(person.data_dir).status == "given"


@pytest.mark.promise("P2")
def test_leaving_after_a_no(browser: Browser, post: Post, person: Participant) -> None:
    """Who said no to being asked again withdraws by the same one click as everybody."""
    person.join()
    _change(person, owner="Another Org")
    post("/mine/look")
    post("/refuse")
    assert browser.get("/withdraw").status_code == 200
    assert "Deletion receipt" in _text(post("/withdraw").text)


@pytest.fixture
def aged(tmp_path: Path) -> tuple[Participant, FakeClock, DeskConfig]:
    """Return somebody who joined on a clock that can be moved, and the settings of their desk."""
    clock = FakeClock()
    person = Participant(tmp_path / "data", MemoryHub(sample_programme(), clock=clock))
    enrolment = start_join(LINK, person.data_dir, hub=person.hub.client(), clock=clock)
    enrolment.give_consent(offered_grants(enrolment.programme), hub=person.hub.client())
    return person, clock, DeskConfig(person.data_dir, open_hub=lambda _: person.hub.client(), clock=clock)


@pytest.mark.promise("P5")
def test_consent_runs_out_and_is_said_again(aged: tuple[Participant, FakeClock, DeskConfig]) -> None:
    """After the programme's months the desk asks again, saying that nothing else changed; the same yes goes on with a second receipt."""
    person, clock, config = aged
    months = person.hub.programme.reaffirm_months
    door = Door()
    with TestClient(create_desk(config, door=door), base_url="http://127.0.0.1:9000") as client:
        client.get("/", params={"token": door.token})
        clock.advance(days=31 * months)
        assert Enrolment(person.data_dir, clock=clock).status == "expired"
        assert client.get("/", follow_redirects=False).headers["location"] == "/notice"
        page = _text(client.get("/notice").text)
        assert f"as it does every {months} months. Nothing else has changed" in page
        assert "Take back a part" not in _text(client.get("/receipts").text)
    again = start_join(LINK, person.data_dir, hub=person.hub.client(), clock=clock)
    assert (again.status, changed_since_yes(again)) == ("requested", [])
    again.give_consent(offered_grants(again.programme), hub=person.hub.client())
    assert again.status in {"given", "reconfirmed"}
    assert len(again.receipts) == 2


def test_no_to_consent_that_ran_out(aged: tuple[Participant, FakeClock, DeskConfig]) -> None:
    """Saying no after consent ran out is a no, not an error; a clock that is set back doesn't bring the old yes back."""
    person, clock, _ = aged
    clock.advance(days=200)
    refuse(person.data_dir, hub=person.hub.client(), clock=clock)
    clock.advance(days=-200)
    enrolment = Enrolment(person.data_dir, clock=clock)
    assert enrolment.status == "refused"
    until = asked_no_sooner_than(enrolment)
    assert until is not None
    assert until > date(2026, 11, 24) + timedelta(days=200)


def test_choosing_anew_of_ones_own_wish(browser: Browser, post: Post, person: Participant) -> None:
    """While consent stands one can choose anew: nothing is ticked, leaving it as it is is a link, and the new choice replaces the old."""
    person.join()
    assert "Opt in to what I ticked" not in browser.get("/notice").text
    mine = _text(browser.get("/mine").text)
    assert "You opted in" in mine
    assert "Choose anew" in mine
    page = browser.get("/notice", params={"choose": "1"}).text
    assert "Leave it as it is" in page
    assert "checked" not in "".join(re.findall(r"<input type=\"checkbox\"[^>]*>", page))
    post("/consent", grant=["train|pointer|chromium"])
    assert len(Enrolment(person.data_dir).receipt.grants) == 1
    assert person.hub.requests.count(("POST", "/v1/consent")) == 2


def test_my_consent_without_a_programme_leads_to_the_first_page(browser: Browser, post: Post, person: Participant) -> None:
    """The page is for those in a programme; asking oneself changes nothing for them."""
    assert browser.get("/mine", follow_redirects=False).headers["location"] == "/"
    person.join()
    post("/mine/ask")
    assert Enrolment(person.data_dir).status == "given"


@pytest.mark.promise("P1")
def test_no_state_is_written_that_the_table_forbids(person: Participant) -> None:
    """A yes can't be written over a no, nor a refusal over a yes, nor anything but a request or leaving where there is nothing."""
    enrolment = person.join()
    with pytest.raises(NoConsentError, match="given can't become refused"):
        write_state(person.data_dir, ConsentState(status="refused"))
    assert enrolment.status == "given"
    (person.data_dir / CONSENT_FILE).unlink()
    with pytest.raises(NoConsentError, match="invalidated can't become expired"):
        write_state(person.data_dir, ConsentState(status="expired"))
    write_state(person.data_dir, ConsentState(status="requested"))
    write_state(person.data_dir, ConsentState(status="refused"))
    with pytest.raises(NoConsentError, match="refused can't become given"):
        write_state(person.data_dir, ConsentState(status="given"))


def test_joining_waits_for_leaving(person: Participant) -> None:
    """While a withdrawal waits for the hub no invitation is opened over it; once it is confirmed one can join again."""
    enrolment = person.join()
    person.down = {"POST /v1/withdrawals"}
    with pytest.raises(HubUnreachableError):
        leave(person.data_dir, enrolment=enrolment, hub=person.hub.client())
    person.down = set()
    with pytest.raises(UsageError, match="you have left"):
        start_join(LINK, person.data_dir, hub=person.hub.client())
    leave(person.data_dir, hub=person.hub.client())
    assert start_join(LINK, person.data_dir, hub=person.hub.client()).status == "requested"


def test_a_yes_beside_unreadable_receipts_is_none(person: Participant) -> None:
    """Receipts that can't be read, or that somebody changed, make the state invalid whatever the file of the state says."""
    enrolment = person.join()
    path = person.data_dir / "enrolment.json"
    whole = path.read_bytes()
    path.write_bytes(b"{")
    assert enrolment.status == "invalidated"
    kept = msgspec.json.decode(whole)
    kept["receipts"][0]["payload"] = kept["receipts"][0]["payload"].replace("A", "B", 1)
    path.write_bytes(msgspec.json.encode(kept))
    assert Enrolment(person.data_dir).status == "invalidated"


@pytest.mark.promise("P1")
def test_a_stale_page_brings_no_yes_over_a_no(post: Post, person: Participant) -> None:
    """A form that was open before the no is refused before the hub hears of it."""
    person.join()
    _change(person, owner="Another Org")
    post("/mine/look")
    post("/refuse")
    person.hub.requests.clear()
    assert post("/consent", grant=["train|pointer|chromium"]).status_code == 403
    assert person.hub.requests == []
    assert Enrolment(person.data_dir).status == "refused"
