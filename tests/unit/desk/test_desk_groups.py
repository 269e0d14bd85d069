"""Group figures at a participant's desk: what everybody sees, asked for by a button, held against the log."""

from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from witting.device.desk.door import Door
from witting.device.groups import GROUPS_FILE, ask_groups, read_groups
from witting.hub.insight.drawing import draw
from witting.terms.errors import IntegrityError, LogError
from witting.terms.insight import GroupRelease, ReleaseShown
from witting.testing.group_release import sample_release
from witting.testing.participant import Participant


@pytest.fixture(scope="module")
def made() -> GroupRelease:
    """A release about a hundred and sixty synthetic people."""
    from witting.testing.participant import sample_programme

    return sample_release(sample_programme(), people=160)


def _ask(browser: TestClient[Any], door: Door) -> str:
    browser.post("/groups/now", data={"_form": door.form_token("/groups/now")})
    return str(browser.get("/groups").text)


@pytest.mark.promise("P10")
def test_nothing_is_asked_before_the_button(browser: TestClient[Any], person: Participant) -> None:
    """Opening the page sends nothing; it says what asking sends."""
    person.join()
    before = list(person.hub.requests)
    assert "nothing of yours" in browser.get("/groups").text
    assert person.hub.requests == before


@pytest.mark.promise("P10")
def test_asking_shows_why_there_is_nothing_and_sends_no_one(browser: TestClient[Any], door: Door, person: Participant) -> None:
    """Without a release the page says why; the request names the programme and carries no body."""
    enrolment = person.join()
    assert "Too few people lend." in _ask(browser, door)
    assert person.hub.requests[-1] == ("GET", f"/v1/insight/{enrolment.programme.id}")


@pytest.mark.promise("P19")
def test_the_page_shows_the_release_with_its_pictures(
    browser: TestClient[Any], door: Door, person: Participant, made: GroupRelease
) -> None:
    """Every row stands in a table beside its picture, with what could be done; a picture holds no script."""
    person.join()
    person.hub.release(made, draw(made.figures))
    text = _ask(browser, door)
    rows = [row for figure in made.figures for row in figure.rows]
    assert rows
    assert all(f"about {row.people} " in text for row in rows)
    drawn = browser.get("/groups/paths.svg")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert "<script" not in drawn.text
    assert "http" not in drawn.text.replace("http://www.w3.org", "").replace("http://creativecommons.org", "").replace(
        "http://purl.org", ""
    )
    assert browser.get("/groups/nothing.svg").status_code == 400


@pytest.mark.promise("P17")
@pytest.mark.parametrize("forged", ["figures", "number", "gone", "nonsense"])
def test_a_release_that_is_not_what_the_log_says_is_refused(person: Participant, made: GroupRelease, forged: str) -> None:
    """Other figures, another number, a release that vanished or can't be read: an error, and what was kept stays."""
    enrolment = person.join()
    person.hub.release(made, {})
    kept = ask_groups(enrolment, hub=person.hub.client())
    (one,) = person.hub.releases
    changed = {"figures": {"off_by": 1}, "number": {"number": 2}}.get(forged, {})
    body = b"{}" if forged == "nonsense" else msgspec.json.encode(msgspec.structs.replace(made, **changed))
    person.hub.releases = [] if forged == "gone" else [ReleaseShown(release=body, pictures={}, proof=one.proof)]
    with pytest.raises(LogError):
        ask_groups(enrolment, hub=person.hub.client())
    assert read_groups(enrolment) == kept


@pytest.mark.promise("P17")
def test_a_release_made_again_after_a_rollback_is_found_out(person: Participant, made: GroupRelease) -> None:
    """A hub that releases number 1 once more, with a proper entry in its log, is told apart by what this person saw before."""
    enrolment = person.join()
    person.hub.release(made, {})
    ask_groups(enrolment, hub=person.hub.client())
    person.hub.releases.clear()
    person.hub.release(msgspec.structs.replace(made, off_by=made.off_by + 1), {})
    with pytest.raises(LogError, match="isn't the one that you were shown before"):
        ask_groups(enrolment, hub=person.hub.client())


def test_what_is_kept_is_checked_when_it_is_read(person: Participant) -> None:
    """A kept file that was changed is an error, not figures."""
    enrolment = person.join()
    assert read_groups(enrolment) is None
    (enrolment.data_dir / GROUPS_FILE).write_bytes(b"{}")
    with pytest.raises(IntegrityError):
        read_groups(enrolment)
