"""Questions and findings on the device: kept with their proofs, so that a hub that loses, changes or invents one is found out (P25)."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from witting.device.enquiring import ENQUIRIES_FILE, ask_answers, file_enquiry, is_overdue, proof_of, read_enquiries
from witting.device.enrolment import Enrolment
from witting.ledger.log import read_proof
from witting.terms.errors import HubUnreachableError, IntegrityError, LogError, UsageError
from witting.terms.hub import EnquiryShown
from witting.testing.clock import FakeClock
from witting.testing.participant import Participant

Post = Callable[..., Any]
TEXT = "Who is alex?"
pytestmark = pytest.mark.promise("P25")


@pytest.fixture
def enrolment(person: Participant) -> Enrolment:
    """Return a participant."""
    return person.join()


def _ask(person: Participant, enrolment: Enrolment, text: str = TEXT) -> EnquiryShown:
    """File a question."""
    return file_enquiry(enrolment, "question", text=text, hub=person.hub.client())


def _tamper(person: Participant, **changes: Any) -> None:
    """Have the hub show the first question otherwise."""
    key, (whose, one) = next(iter(person.hub.enquiries.items()))
    person.hub.enquiries[key] = (whose, msgspec.structs.replace(one, **changes))


def test_a_question_is_kept_and_its_answer_comes(person: Participant, enrolment: Enrolment) -> None:
    """Number, day and proof are here at once and without the hub; the answer is, with its proof, once it is asked for."""
    filed = _ask(person, enrolment)
    other = file_enquiry(enrolment, "finding", text="The sign was off.", hub=person.hub.client())
    assert read_enquiries(enrolment) == (other, filed)
    person.hub.answer(filed.number, "A colleague.")
    assert [one.answer for one in ask_answers(enrolment, hub=person.hub.client())] == ["", "A colleague."]
    assert [one.answer for one in read_enquiries(enrolment)] == ["", "A colleague."]
    assert proof_of(enrolment, filed.number, is_answer=False).index == filed.number
    assert proof_of(enrolment, filed.number, is_answer=True).index > filed.number
    for number, is_answer in ((other.number, True), (99, False)):
        with pytest.raises(UsageError, match="no such proof"):
            proof_of(enrolment, number, is_answer=is_answer)


def test_a_lost_answer_files_a_question_once(person: Participant, enrolment: Enrolment) -> None:
    """With the hub down the question waits here; the same words again are the same question."""
    person.down = {"POST /v1/enquiries"}
    with pytest.raises(HubUnreachableError):
        _ask(person, enrolment)
    waiting = (enrolment.data_dir / ENQUIRIES_FILE).read_bytes()
    person.down = set()
    filed = _ask(person, enrolment)
    (enrolment.data_dir / ENQUIRIES_FILE).write_bytes(waiting)  # as if the answer had been lost on its way
    assert _ask(person, enrolment).number == filed.number
    assert len(person.hub.enquiries) == 1
    assert _ask(person, enrolment, "Another?").number != filed.number


def test_a_question_that_vanished_is_missed(person: Participant, enrolment: Enrolment) -> None:
    """A hub that shows one no more is told of by its number, and the device keeps question and proof."""
    filed = _ask(person, enrolment)
    person.hub.enquiries.clear()
    with pytest.raises(LogError, match=f"doesn't show your question {filed.number}"):
        ask_answers(enrolment, hub=person.hub.client())
    assert read_enquiries(enrolment) == (filed,)


@pytest.mark.parametrize(
    "changes",
    [{"text": "Who is kim?"}, {"kind": "finding"}, {"due_at": "2099-01-01T00:00:00Z"}, {"filed_at": "2020-01-01T00:00:00Z"},
     {"answer": "No answer was logged."}, {"number": 77}],
)  # fmt: skip
def test_a_question_shown_otherwise_is_refused(person: Participant, enrolment: Enrolment, changes: dict[str, Any]) -> None:
    """Other words, another kind, day or number, or an answer that isn't in the log: refused, nothing kept."""
    filed = _ask(person, enrolment)
    _tamper(person, **changes)
    with pytest.raises(LogError):
        ask_answers(enrolment, hub=person.hub.client())
    (enrolment.data_dir / ENQUIRIES_FILE).unlink()  # a new device knows nothing of before and still checks the log
    with pytest.raises(LogError):
        ask_answers(enrolment, hub=person.hub.client())
    assert read_enquiries(enrolment) == ()
    assert filed.number == 1


def test_an_answer_changed_later_is_refused(person: Participant, enrolment: Enrolment) -> None:
    """Even answered anew with a sound entry in the log: what was answered stays as it was."""
    filed = _ask(person, enrolment)
    person.hub.answer(filed.number, "Yes.")
    ask_answers(enrolment, hub=person.hub.client())
    person.hub.answer(filed.number, "No.")
    with pytest.raises(LogError, match="changed your question"):
        ask_answers(enrolment, hub=person.hub.client())
    _tamper(person, answer="Never.")
    with pytest.raises(LogError):
        ask_answers(enrolment, hub=person.hub.client())
    assert [one.answer for one in read_enquiries(enrolment)] == ["Yes."]


def test_a_hub_that_files_other_words_is_refused(person: Participant, enrolment: Enrolment) -> None:
    """What is shown as filed has to be what was written."""
    filed = _ask(person, enrolment)
    key = next(iter(person.hub.enquiries))
    person.hub._post_enquiry = lambda body: filed  # type: ignore[method-assign] # noqa: ARG005 - a hub gone bad
    with pytest.raises(LogError, match="another text"):
        _ask(person, enrolment, "Something else?")
    assert list(person.hub.enquiries) == [key]


@pytest.mark.parametrize("text", ["", " \r\n ", "x" * 4001])
def test_nothing_and_too_much_are_not_sent(person: Participant, enrolment: Enrolment, text: str) -> None:
    """Both are refused before anything leaves."""
    asked = list(person.hub.requests)
    with pytest.raises(UsageError):
        _ask(person, enrolment, text)
    assert person.hub.requests == asked


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff"])
def test_a_damaged_file_of_questions_is_said(enrolment: Enrolment, data: bytes) -> None:
    """What can't be read is no empty list."""
    (enrolment.data_dir / ENQUIRIES_FILE).write_bytes(data)
    with pytest.raises(IntegrityError, match="can't be read"):
        read_enquiries(enrolment)


def test_overdue_is_known_here_too(person: Participant, enrolment: Enrolment) -> None:
    """The second after its day an unanswered question is overdue, an answered one never."""
    filed = _ask(person, enrolment)
    enrolment.clock = clock = FakeClock()
    clock.advance(days=-400)
    assert not is_overdue(enrolment, filed)
    clock.advance(days=4000)
    assert is_overdue(enrolment, filed)
    assert not is_overdue(enrolment, msgspec.structs.replace(filed, answer="Yes."))


def test_the_page_asks_and_shows(browser: TestClient[Any], post: Post, person: Participant, enrolment: Enrolment) -> None:
    """Nothing is chosen before; a question appears with number and day; its answer after asking for it; both proofs are downloads."""
    page = browser.get("/questions").text
    assert "checked" not in page
    assert "stay there also after you leave" in page
    answer = post("/questions/file", kind="question", text="<b>Who</b> is alex?")
    assert answer.url.path == "/questions"
    assert "Question 1" in answer.text
    assert "&lt;b&gt;Who&lt;/b&gt;" in answer.text
    person.hub.answer(1, "A colleague & friend.")
    page = post("/questions/answers").text
    assert "A colleague &amp; friend." in page
    for which in ("filed", "answered"):
        download = browser.get(f"/questions/1/{which}")
        assert f"1-{which}.tlog-proof" in download.headers["content-disposition"]
        assert read_proof(download.text).opening
    assert post("/questions/file", kind="complaint", text="x").status_code == 400
    assert post("/questions/file", kind="question", text="").status_code == 400
    assert enrolment.participant


def test_leaving_takes_the_questions_kept_here_along(person: Participant, enrolment: Enrolment, post: Post) -> None:
    """After withdrawing nothing of them is left on the device."""
    _ask(person, enrolment)
    post("/withdraw")
    assert not (enrolment.data_dir / ENQUIRIES_FILE).exists()
