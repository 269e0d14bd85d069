"""Questions and findings at the hub: numbered, due, answered once, never taken out; overdue is public, what it says isn't (P25)."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hub_ground import Ground, example_programme
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from witting.audit.checks import check_hub
from witting.audit.hub_copy import read_hub
from witting.audit.report import failed
from witting.hub import schema
from witting.hub.database import reading, writing
from witting.hub.door.sign_in import COOKIE, cookie_for, is_own_form, role_of_cookie
from witting.hub.enquiries import MOST_CHARACTERS, OWN_RULE, answer_enquiry, digest, file_finding, public_lines
from witting.ledger.log import open_proof
from witting.ledger.log.entries import entry_kind
from witting.terms.clock import parse_rfc3339
from witting.terms.errors import UsageError
from witting.terms.hub import EnquiriesAnswer, EnquiryShown
from witting.testing.sender import Sender

HOST = "http://127.0.0.1"
TEXT = "Why was my session read twice?"


def ask(ground: Ground, person: Sender, text: str = TEXT, **more: Any) -> EnquiryShown:
    """File a question that is to be taken."""
    shown: EnquiryShown = ground.ask("/v1/enquiries", person.enquiry(text, ground.now(), **more), EnquiryShown)
    return shown


def mine(ground: Ground, person: Sender) -> tuple[EnquiryShown, ...]:
    """Return what a person is shown of their own."""
    answer: EnquiriesAnswer = ground.ask("/v1/enquiries/mine", person.enquiries_request(ground.now()), EnquiriesAnswer)
    return answer.enquiries


def sign_in(ground: Ground, role: str = "steward") -> None:
    """Sign the test's browser in with the token of a role."""
    token = (ground.config.tokens_dir / role).read_text()
    answer = ground.client.post("/sign-in", data={"token": token}, headers={"origin": HOST}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/answers" if role == "steward" else "/deadlines")


def post_answer(ground: Ground, number: int, text: str, *, origin: str = HOST) -> Any:
    """Send an answer as the page's own form does."""
    return ground.client.post(f"/answers/{number}", data={"answer": text}, headers={"origin": origin}, follow_redirects=False)


@pytest.mark.promise("P25")
def test_a_question_gets_a_number_a_day_and_an_answer(ground: Ground) -> None:
    """Its number is its log entry, the day is the law pack's, the answer comes with its own proof; each opens to what was said."""
    person = ground.lender()
    filed = ask(ground, person)
    key, origin = person.offer.signing_key, person.offer.log_origin
    said = open_proof(filed.proof, key, origin=origin)
    assert (said.kind, filed.proof.index, said.fields["text_sha256"]) == ("question_asked", filed.number, digest(TEXT))
    due = parse_rfc3339(filed.due_at) - parse_rfc3339(filed.filed_at)
    assert timedelta(days=28) <= due <= timedelta(days=32)
    assert filed.citation == OWN_RULE or "12(3)" in filed.citation
    sign_in(ground)
    page = ground.client.get("/answers").text
    assert TEXT in page
    assert post_answer(ground, filed.number, "It was read for two purposes.").status_code == 303
    (shown,) = mine(ground, person)
    assert (shown.number, shown.answer) == (filed.number, "It was read for two purposes.")
    assert shown.answer_proof is not None
    answered = open_proof(shown.answer_proof, key, origin=origin)
    assert (answered.kind, answered.fields["number"]) == ("enquiry_answered", filed.number)
    assert answered.fields["answer_sha256"] == digest(shown.answer)
    assert TEXT not in ground.client.get("/answers").text


@pytest.mark.promise("P25")
def test_nobody_takes_a_question_out(ground: Ground) -> None:
    """The database refuses to delete or rewrite a question, its day or its answer, whoever holds the connection."""
    person = ground.lender()
    number = ask(ground, person).number
    table = schema.enquiry
    attempts = [
        delete(table),
        update(table).values(body="Nothing."),
        update(table).values(due_at="2099-01-01T00:00:00Z"),
        update(table).values(participant=""),
    ]
    for attempt in attempts:
        with pytest.raises((DBAPIError, IntegrityError)), writing(ground.hub.engine) as connection:
            connection.execute(attempt)
    answer_enquiry(ground.hub, number, answer="Yes.")
    for attempt in (*attempts, update(table).values(answer=None), update(table).values(answer="No.")):
        with pytest.raises((DBAPIError, IntegrityError)), writing(ground.hub.engine) as connection:
            connection.execute(attempt)
    with pytest.raises(UsageError, match="no open question"):
        answer_enquiry(ground.hub, number, answer="No.")
    assert [(one.text, one.answer) for one in mine(ground, person)] == [(TEXT, "Yes.")]


@pytest.mark.promise("P25")
@pytest.mark.parametrize("deed", ["DELETE FROM enquiry", "UPDATE enquiry SET body = 'x'", "UPDATE enquiry SET answer = 'x'", "due"])
def test_an_administrator_who_removes_the_guard_is_found_out(ground: Ground, deed: str) -> None:
    """Whoever drops the triggers and deletes or rewrites a question or answer fails the audit, by its number."""
    number = ask(ground, ground.lender()).number
    answer_enquiry(ground.hub, number, answer="Yes.")
    assert not failed(check_hub(read_hub(ground.config.data_dir)))
    with writing(ground.hub.engine) as connection:
        for trigger in ("enquiry_stays", "enquiry_is_fixed"):
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        connection.exec_driver_sql("UPDATE enquiry SET due_at = '2099-01-01T00:00:00Z'" if deed == "due" else deed)
    (broken,) = failed(check_hub(read_hub(ground.config.data_dir)))
    assert "question and finding" in broken.name
    assert str(number) in broken.evidence


@pytest.mark.promise("P25")
def test_overdue_is_public_and_what_it_says_is_not(ground: Ground) -> None:
    """The public page names number, day and delay from the second after the day, on the first page too; no text, answer or person."""
    person = ground.lender()
    filed = ask(ground, person, kind="finding")
    page = ground.client.get("/enquiries").text
    assert f"Finding {filed.number}" in page
    assert "overdue" not in page.lower()
    ground.clock.advance(seconds=(parse_rfc3339(filed.due_at) - ground.clock.now()).total_seconds())
    assert "due today" in ground.client.get("/enquiries").text
    ground.clock.advance(seconds=1)
    page, first = ground.client.get("/enquiries").text, ground.client.get("/").text
    assert "overdue, 1 day" in page
    assert "been answered in time" in first
    answer_enquiry(ground.hub, filed.number, answer="We mended it.")
    page = ground.client.get("/enquiries").text
    assert f"answered {ground.now()[:10]}" in page
    assert "been answered in time" not in ground.client.get("/").text
    everything = page + first
    assert not [word for word in (TEXT, "We mended it.", person.pseudonym, person.pseudonym[:8]) if word in everything]


@given(st.integers(0, 90), st.integers(-1, 1))
@settings(max_examples=30)
def test_days_over_count_from_the_day_it_was_due(days: int, seconds: int) -> None:
    """A question is `open` or `due` up to its last second and overdue by whole days after it (P14)."""
    from sqlalchemy import create_engine, insert

    engine = create_engine("sqlite://")
    schema.metadata.create_all(engine)
    due = datetime(2026, 12, 24, 23, 59, 59, tzinfo=UTC)
    with engine.begin() as connection:
        connection.execute(insert(schema.log_entry).values(position=0, entry=b"x"))
        row = {"enquiry_id": "a", "programme_id": "p", "participant": "", "kind": "question", "body": "b", "citation": "c"}
        connection.execute(insert(schema.enquiry).values(position=0, filed_at="2026-11-24T12:00:00Z", due_at="2026-12-24T23:59:59Z", **row))
        now = due + timedelta(days=days, seconds=seconds)
        (line,) = public_lines(connection, now)
    assert (line.state == "breached") is (now > due)
    assert line.days_over == ((now - due).days + 1 if now > due else line.days_over)
    assert line.days_over >= int(now > due)
    engine.dispose()


@pytest.mark.parametrize(
    ("text", "named"),
    [("", "plain text"), (" \n ", "plain text"), ("x" * (MOST_CHARACTERS + 1), "plain text"), ("a\0b", "plain text"), ("a\x1bb", "plain")],
)
def test_a_text_that_cannot_be_kept_is_refused(ground: Ground, text: str, named: str) -> None:
    """Nothing, too much, and control characters get one clear line; no entry is written."""
    person = ground.lender()
    answer = ground.post("/v1/enquiries", person.enquiry(text, ground.now())).json()
    assert answer["exit_code"] == 2
    assert named in answer["error"]
    assert mine(ground, person) == ()


def test_the_same_question_twice_is_one(ground: Ground) -> None:
    """A lost answer does no harm: sent again it has the same number; another text under its id, or an id that can't be, is refused."""
    person = ground.lender()
    first = ask(ground, person, enquiry_id="ab" * 16)
    assert ask(ground, person, enquiry_id="ab" * 16).number == first.number
    for text, enquiry_id in (("Another.", "ab" * 16), ("Another.", "../x"), ("Another.", "é" * 32)):
        answer = ground.post("/v1/enquiries", person.enquiry(text, ground.now(), enquiry_id=enquiry_id)).json()
        assert answer["exit_code"] == 2, enquiry_id
    assert len(mine(ground, person)) == 1


def test_fifty_open_questions_are_the_most(ground: Ground) -> None:
    """One person can't fill the hub: the fifty-first has to wait for an answer to another."""
    person = ground.lender()
    numbers = [ask(ground, person, f"Question {number}?").number for number in range(50)]
    assert ground.post("/v1/enquiries", person.enquiry("One more?", ground.now())).json()["exit_code"] == 2
    answer_enquiry(ground.hub, numbers[0], answer="Yes.")
    assert ask(ground, person, "One more?").number > numbers[-1]


def test_only_its_author_is_shown_a_question(ground: Ground) -> None:
    """Strangers, another participant's key, old and future requests get nothing; another's list stays empty."""
    person, other = ground.lender(), ground.lender()
    ask(ground, person)
    assert mine(ground, other) == ()
    forged = Sender(offer=person.offer, invite="x", key=other.key, pseudonym=person.pseudonym)
    assert ground.post("/v1/enquiries/mine", forged.enquiries_request(ground.now())).json()["exit_code"] == 14
    assert ground.post("/v1/enquiries", forged.enquiry("I am them.", ground.now())).json()["exit_code"] == 14
    assert ground.post("/v1/enquiries", ground.visitor().enquiry(TEXT, ground.now())).json()["exit_code"] == 10
    old = person.enquiries_request(ground.now())
    ground.clock.advance(seconds=3600)
    assert ground.post("/v1/enquiries/mine", old).json()["exit_code"] == 2
    assert ground.post("/v1/enquiries/mine", person.enquiries_request("soon")).json()["exit_code"] == 2


@pytest.mark.promise("P18")
def test_the_log_says_only_that_something_was_asked(ground: Ground) -> None:
    """Neither the text nor its bare digest, nor the answer's, stands in the public log."""
    number = ask(ground, ground.lender()).number
    answer_enquiry(ground.hub, number, answer="Yes.")
    with reading(ground.hub.engine) as connection:
        entries = [
            bytes(one) for one in connection.execute(select(schema.log_entry.c.entry).order_by(schema.log_entry.c.position)).scalars()
        ]
    assert [entry_kind(entry) for entry in entries[-2:]] == ["question_asked", "enquiry_answered"]
    assert not [word for word in (TEXT, digest(TEXT), "Yes.", digest("Yes.")) if word.encode() in b"".join(entries)]


def test_an_auditor_files_a_finding_that_has_to_be_answered(ground: Ground) -> None:
    """It is numbered and due as a participant's is, and belongs to nobody's list."""
    number = file_finding(ground.hub, ground.programme.id, text="The backup isn't encrypted.")
    assert f"Finding {number}" in ground.client.get("/enquiries").text
    with pytest.raises(UsageError, match="no programme"):
        file_finding(ground.hub, "none", text="x")


@pytest.mark.promise("P16")
@pytest.mark.parametrize("role", ["lab", "auditor"])
def test_only_a_steward_reads_and_answers(ground: Ground, role: str) -> None:
    """Lab and auditor may sign in, but are shown no text and can't answer."""
    number = ask(ground, ground.lender()).number
    assert ground.client.get("/answers").status_code == 403
    sign_in(ground, role)
    assert ground.client.get("/answers").status_code == 403
    assert post_answer(ground, number, "Yes.").status_code == 403


@pytest.mark.promise("P16")
def test_another_sites_form_answers_nothing(ground: Ground) -> None:
    """A form sent from elsewhere, or by a client that doesn't say from where, counts as nobody's, though the browser is signed in."""
    person = ground.lender()
    number = ask(ground, person).number
    sign_in(ground)
    for origin in ("https://evil.example.org", "null", "http://127.0.0.1.evil.example.org", ""):
        assert post_answer(ground, number, "Yes.", origin=origin).status_code == 403, origin
    token = (ground.config.tokens_dir / "steward").read_text()
    assert ground.client.post("/sign-in", data={"token": token}, headers={"origin": "https://evil.example.org"}).status_code == 400
    assert mine(ground, person)[0].answer == ""


def test_an_answer_that_cannot_be_is_said_on_the_page(ground: Ground) -> None:
    """An empty answer, an unknown number and bytes that are no form get a page that says so; wrong tokens too."""
    number = ask(ground, ground.lender()).number
    sign_in(ground)
    for path, words in ((number, "plain text"), (999, "no open question")):
        answer = post_answer(ground, path, "" if path == number else "Yes.")
        assert answer.status_code == 400
        assert words in answer.text
        assert TEXT in answer.text
    junk = ground.client.post(f"/answers/{number}", content=b"\xff\0", headers={"origin": HOST, "content-type": "multipart/form-data"})
    assert junk.status_code == 400
    for token in ("", "wrong", "é"):
        answer = ground.client.post("/sign-in", data={"token": token}, headers={"origin": HOST})
        assert answer.status_code == 400
        assert "nobody" in answer.text
        assert COOKIE not in answer.headers.get("set-cookie", "")


def test_a_cookie_ends_with_its_hours_and_its_token(ground: Ground) -> None:
    """It is http-only and same-site; changed, old, of another role or after a new token it shows nobody."""
    folder, now = ground.config.tokens_dir, ground.clock.now()
    token = (folder / "steward").read_text()
    cookie = cookie_for(folder, token.strip(), now=now, is_secure=True)
    assert cookie is not None
    assert (cookie.httponly, cookie.samesite, cookie.secure) == (True, "strict", True)
    value = str(cookie.value)
    assert role_of_cookie(folder, value, now=now) == "steward"
    name, until, seal = value.split(".")
    later = str(int(until) + 1)
    wrong = [
        "",
        "x",
        f"auditor.{until}.{seal}",
        f"{name}.{later}.{seal}",
        f"{name}.{until}.{seal[:-1]}",
        f"{name}.٣.{seal}",
        f"{name}..{seal}",
    ]
    assert {role_of_cookie(folder, one, now=now) for one in wrong} == {"anonymous"}
    assert role_of_cookie(folder, value, now=now + timedelta(hours=8, seconds=1)) == "anonymous"
    (folder / "steward").write_text("another\n")
    assert role_of_cookie(folder, value, now=now) == "anonymous"
    (folder / "steward").unlink()
    assert role_of_cookie(folder, value, now=now) == "anonymous"


@pytest.mark.parametrize(
    ("method", "origin", "host", "is_own"),
    [
        ("GET", "https://evil.example.org", "hub", True), ("POST", "https://hub", "hub", True),
        ("POST", "http://hub:8420", "hub:8420", True),
        ("POST", "http://hub:8421", "hub:8420", False), ("POST", "", "", False), ("POST", "null", "null", False),
        ("DELETE", "", "hub", False),
    ],
)  # fmt: skip
def test_what_counts_as_the_hubs_own_form(method: str, origin: str, host: str, *, is_own: bool) -> None:
    """Reading is free; everything else has to come from a page under the very name and port that it is sent to."""
    assert is_own_form(method, origin=origin, host=host) is is_own


def test_where_no_pack_sets_a_day_the_promise_does() -> None:
    """Without a law pack that sets one sooner the answer is due after thirty days, and the rule says whose promise that is."""
    from witting.hub.enquiries import _due

    at = datetime(2027, 1, 31, 12, tzinfo=UTC)
    due, rule = _due(example_programme(jurisdiction="DE", packs=()), at)
    assert (due[:10], "12(3)" in rule) == ("2027-02-28", True)
    due, rule = _due(example_programme(jurisdiction="DE", packs=()), datetime(2027, 1, 1, 12, tzinfo=UTC))  # a month of 31 days
    assert (due, rule) == ("2027-01-31T12:00:00Z", OWN_RULE)


def test_the_page_escapes_what_people_write(ground: Ground) -> None:
    """Markup in a question is text on the page of whoever answers."""
    ask(ground, ground.lender(), "<script>alert(1)</script>")
    sign_in(ground)
    page = ground.client.get("/answers").text
    assert "<script" not in page
    assert re.search(r"&lt;script&gt;alert", page)
    assert msgspec.json.encode(page)
