"""The page of what is due: everything that started a deadline stands on it with its law, turns on its day, and names nobody."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hub_ground import Ground, card, manifest

from witting.consent.deadlines import deadlines_of
from witting.consent.packs.combining import combine
from witting.consent.packs.loading import packs_of
from witting.consent.packs.rows import Act
from witting.consent.packs.validity import ends_on
from witting.hub.database import reading, writing
from witting.hub.deadlines import ACTS, DeadlineLine, deadline_lines
from witting.hub.enquiries import answer_enquiry
from witting.hub.programmes import add_programme
from witting.hub.vault.erasure import begin_erasure, resume_erasures, subjects_of
from witting.terms.clock import parse_rfc3339
from witting.terms.hub import EnquiryShown

HOST = "http://127.0.0.1"
replace = msgspec.structs.replace


def lines(ground: Ground) -> list[DeadlineLine]:
    """Return what is due now."""
    with reading(ground.hub.engine) as connection:
        return deadline_lines(connection, ground.hub.now())


def see(ground: Ground, role: str) -> Any:
    """Return the page as a role sees it."""
    token = (ground.config.tokens_dir / role).read_text().strip()
    return ground.client.get("/deadlines", headers={"authorization": f"Bearer {token}"})


@pytest.mark.promise("P14")
def test_a_question_is_due_by_every_law_that_says_so(ground: Ground) -> None:
    """Each deadline that the programme's packs start with a question stands there with its row, and goes once it was answered."""
    person = ground.lender()
    filed = ground.ask("/v1/enquiries", person.enquiry("Who reads this?", ground.now()), EnquiryShown)
    rows = combine(packs_of(ground.programme)).deadlines
    expected = deadlines_of(rows, "request_received", started_at=ground.hub.now(), place=ground.programme.jurisdiction)
    assert expected
    shown = [line for line in lines(ground) if line.about == f"Question {filed.number}"]
    assert {(due.row, str(due.due_at.date()), str(due.work_by)) for due in expected} <= {
        (one.row, one.due_on, one.work_by) for one in shown
    }
    assert min(one.due_on for one in shown) == filed.due_at[:10]
    answer_enquiry(ground.hub, filed.number, answer="The lab, for the purpose you ticked.")
    assert not [line for line in lines(ground) if line.about == f"Question {filed.number}"]


@pytest.mark.promise("P14")
def test_a_line_turns_on_its_day(ground: Ground) -> None:
    """A day before its day a question's line is open, on it due, the day after passed; the page says how many have passed."""
    person = ground.lender()
    filed = ground.ask("/v1/enquiries", person.enquiry("Who reads this?", ground.now()), EnquiryShown)
    due = parse_rfc3339(filed.due_at)
    ground.clock.advance(seconds=(due - ground.hub.now()).total_seconds() - 86_400 - 3600)
    states = []
    for _ in range(3):
        first = min((line for line in lines(ground) if line.about == f"Question {filed.number}"), key=lambda line: line.due_on)
        states.append(first.state)
        page = see(ground, "steward").text
        assert ("passed." in page) is any(line.state == "breached" for line in lines(ground))
        ground.clock.advance(days=1)
    assert states == ["open", "due", "breached"]


@pytest.mark.promise("P14")
def test_what_was_taken_back_is_due_where_it_was_used(ground: Ground) -> None:
    """After somebody left, each dataset and model that held theirs stands there with its day and law, and nobody's name or id."""
    person = ground.lender()
    session_id = ground.store(person)
    ground.vault.register_dataset(manifest(ground, [session_id]))
    ground.vault.register_model(card(ground, [session_id]))
    ground.leave(person)
    recalled = {recall.name: recall for recall in ground.vault.recalls()}
    shown = {line.about: line for line in lines(ground)}
    for name, recall in recalled.items():
        assert shown[f"{recall.kind} {name}"].due_on == recall.due_at[:10]
        assert shown[f"{recall.kind} {name}"].citation == recall.citation
    page = see(ground, "steward").text
    assert all(name in page for name in recalled)
    ids = (person.pseudonym, person.receipt.receipt_id if person.receipt else "", session_id)
    assert not [word for word in ids if word in page or word[:8] in page]


@pytest.mark.promise("P14")
def test_an_erasure_that_was_cut_is_due(ground: Ground) -> None:
    """While an erasure isn't finished the page says by when the law wants it; finished, it is gone from there."""
    session_id = ground.store(ground.lender(), purposes=("train",))
    with writing(ground.hub.engine) as connection:
        (subject,) = subjects_of(connection, [session_id], why="withdrawal")
        begin_erasure(ground.hub, connection, subject=subject)
    assert [line for line in lines(ground) if line.about == "An erasure under way"]
    resume_erasures(ground.hub)
    assert not [line for line in lines(ground) if line.about == "An erasure under way"]


@pytest.mark.promise("P14")
def test_the_programmes_own_days(ground: Ground) -> None:
    """In Ontario a written and changed policy starts its days; a programme's end starts what follows it."""
    today = ground.hub.now().date()
    changed = replace(
        ground.programme, version=2, packs=("ca-on",), prepared_on=today - timedelta(days=40), changed_on=today, staff_count=30
    )
    add_programme(ground.hub, changed)
    shown = {(line.row, line.about): line for line in lines(ground)}
    assert shown["on-copy", "The programme, prepared"].state == "breached"
    assert shown["on-copy-changed", "The programme, changed"].state == "open"


@pytest.mark.promise("P28")
def test_packs_that_are_to_be_looked_at(ground: Ground) -> None:
    """Each law pack of a programme stands there with the day on which recording stops unless somebody looks at it again."""
    shown = {line.about: line for line in lines(ground)}
    for pack in packs_of(ground.programme):
        assert shown[f"Law pack {pack.id}"].due_on == str(ends_on(pack))
    first = min(ends_on(pack) for pack in packs_of(ground.programme))
    ground.clock.advance(days=(first - ground.hub.now().date()).days + 1)
    assert "breached" in {line.state for line in lines(ground) if line.about.startswith("Law pack")}


@pytest.mark.promise("P16")
def test_steward_and_representative_see_it_and_nobody_else(ground: Ground) -> None:
    """Those who run the programme and those who watch over it see the page; the lab, participants and the world don't."""
    assert [see(ground, role).status_code for role in ("steward", "auditor", "lab")] == [200, 200, 403]
    assert ground.client.get("/deadlines").status_code == 403
    token = (ground.config.tokens_dir / "auditor").read_text().strip()
    answer = ground.client.post("/sign-in", data={"token": token}, headers={"origin": HOST}, follow_redirects=False)
    assert answer.headers["location"] == "/deadlines"
    assert ground.client.get("/deadlines").status_code == 200


def test_what_is_due_first_stands_first(ground: Ground) -> None:
    """The lines are in the order of their days, and each says what, about what, since when and by which rule."""
    ground.ask("/v1/enquiries", ground.lender().enquiry("Who reads this?", ground.now()), EnquiryShown)
    found = lines(ground)
    assert [line.due_on for line in found] == sorted(line.due_on for line in found)
    assert all(line.what and line.about and line.citation and date.fromisoformat(line.started_on) for line in found)


def test_every_act_has_its_words() -> None:
    """Whatever a law pack asks somebody to do is said in words."""
    assert set(ACTS) == set(Act.__args__)  # type: ignore[attr-defined]
