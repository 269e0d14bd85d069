"""What the hub did, as this device keeps it: every entry proven, the log one and the same log each time it is looked at."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from witting.device.enrolment import Enrolment
from witting.device.history import HISTORY_FILE, NEVER, ask_history, proof_of, read_history
from witting.ledger.log import Log, MemoryLogStore, open_proof, read_proof
from witting.terms.errors import IntegrityError, LogError, UsageError
from witting.testing.memory_hub import MemoryHub
from witting.testing.participant import SESSION, Participant

Post = Callable[..., Any]
KINDS = ["consent_given", "session_read", "model_trained"]


@pytest.fixture
def enrolment(person: Participant) -> Enrolment:
    """Return a participant whose session was read and learnt from."""
    made = person.join()
    _read(person.hub, made)
    person.hub.enter("model_trained", made.participant, fields={"model_id": "m"})
    return made


def _read(hub: MemoryHub, enrolment: Enrolment, *, by: str = "lab") -> None:
    """Have somebody read the session."""
    purpose = enrolment.programme.purposes[0].id
    hub.enter("session_read", enrolment.participant, session_id=SESSION, fields={"reader": by, "purposes": (purpose,)})


@pytest.mark.promise("P15")
def test_what_was_told_is_kept_with_its_proofs(person: Participant, enrolment: Enrolment) -> None:
    """Asked once, everything can be shown again without the hub, each entry with a proof file that anybody verifies."""
    assert read_history(enrolment) == NEVER
    told = ask_history(enrolment, hub=person.hub.client())
    person.down = {"POST"}
    assert read_history(enrolment) == told
    assert [deed.shown.kind for deed in told.deeds] == KINDS
    assert told.log is not None
    assert told.log.size == 3
    said = open_proof(proof_of(enrolment, 1), person.hub.signing.public, origin=told.log.origin)
    assert said.fields["reader"] == "lab"
    with pytest.raises(UsageError, match="no proof"):
        proof_of(enrolment, 7)


def _rewritten(hub: MemoryHub, keep: int) -> None:
    """Make the hub's log another one from entry `keep` on, with sound proofs of its own."""
    log = Log(MemoryLogStore())
    log.extend([hub.log.entry(index) for index in range(keep)])
    hub.log = log
    hub.deeds = hub.deeds[:keep]


@pytest.mark.promise("P17")
@pytest.mark.parametrize("keep", [0, 1, 2])
@pytest.mark.parametrize("more", [0, 1, 3])
def test_a_log_that_is_not_the_continuation_is_refused(person: Participant, enrolment: Enrolment, keep: int, more: int) -> None:
    """Forked, cut, or rewritten, shorter or longer than before: the hub's own sound proofs don't save it."""
    ask_history(enrolment, hub=person.hub.client())
    before = (enrolment.data_dir / HISTORY_FILE).read_bytes()
    _rewritten(person.hub, keep)
    for _ in range(more + 1):
        _read(person.hub, enrolment, by="mallory")
    with pytest.raises(LogError, match=r"another log|isn't the continuation"):
        ask_history(enrolment, hub=person.hub.client())
    assert (enrolment.data_dir / HISTORY_FILE).read_bytes() == before


@pytest.mark.promise("P17")
def test_a_log_that_grew_is_taken(person: Participant, enrolment: Enrolment) -> None:
    """Time after time, as long as each state begins with the one before; an older proof shown again does no harm."""
    for number in range(5):
        assert len(ask_history(enrolment, hub=person.hub.client()).deeds) == 3 + number
        _read(person.hub, enrolment)
    deeds = person.hub.deeds
    person.hub.deeds = deeds[:2]
    again = ask_history(enrolment, hub=person.hub.client())
    assert (len(again.deeds), again.log.size if again.log else 0) == (2, 7)


@pytest.mark.parametrize("change", [{"kind": "session_read"}, {"done_at": "2026-01-01T00:00:00Z"}, {"session_id": SESSION}])
def test_a_deed_told_otherwise_than_logged_is_refused(person: Participant, enrolment: Enrolment, change: dict[str, str]) -> None:
    """Another kind, time or session than the entry commits to: nothing is kept."""
    whom, deed = person.hub.deeds[0]
    person.hub.deeds[0] = (whom, msgspec.structs.replace(deed, **change))
    with pytest.raises(LogError, match="another deed"):
        ask_history(enrolment, hub=person.hub.client())
    assert read_history(enrolment) == NEVER


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b'{"asked_at": 1}'])
def test_a_damaged_file_is_said(enrolment: Enrolment, data: bytes) -> None:
    """What can't be read is no empty history."""
    (enrolment.data_dir / HISTORY_FILE).write_bytes(data)
    with pytest.raises(IntegrityError, match="can't be read"):
        read_history(enrolment)


def test_a_changed_file_is_found(person: Participant, enrolment: Enrolment) -> None:
    """Kept deeds are checked each time they are shown."""
    ask_history(enrolment, hub=person.hub.client())
    file = enrolment.data_dir / HISTORY_FILE
    file.write_bytes(file.read_bytes().replace(b"session_read", b"session_seen"))
    with pytest.raises(LogError):
        read_history(enrolment)


def test_the_page_shows_who_read_for_what(browser: TestClient[Any], post: Post, person: Participant, enrolment: Enrolment) -> None:
    """Reader, purpose by its title, recording and time stand in the list of reads; everything else below; the proof is a download."""
    assert "You haven&#39;t asked yet" in browser.get("/used").text
    answer = post("/used/now")
    assert answer.url.path == "/used"
    page = answer.text
    reads = page[page.index("Read by others") : page.index("What else was done")]
    assert f"<strong>lab</strong> read it for: {enrolment.programme.purposes[0].title}" in reads
    assert SESSION[:8] in reads
    assert "An agent learnt from something of yours" in page[page.index("What else was done") :]
    download = browser.get("/used/1/proof")
    assert download.headers["content-disposition"] == 'attachment; filename="entry-1.tlog-proof"'
    assert read_proof(download.text).index == 1
    assert browser.get("/used/9/proof").status_code == 400


def test_the_page_says_when_nobody_read(post: Post, person: Participant) -> None:
    """With consent alone in the log, nobody has read anything."""
    person.join()
    assert "Nobody has read anything of yours" in post("/used/now").text
