"""The pages: counts of groups, never of people; no script, nothing from elsewhere."""

import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser

import msgspec
import pytest
from hub_ground import Ground, card, example_programme, manifest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from witting.hub import schema
from witting.hub.database import writing
from witting.hub.pages.views import TOO_FEW, about, at_least
from witting.hub.programmes import add_programme
from witting.ledger.log import verifier_key

PATHS = ("/", "/log", "/datasets", "/insight", "/programmes/office-help")


class _Links(HTMLParser):
    """Collects what a page loads or points to, and its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag and where it points."""
        self.tags.append(tag)
        self.targets += [value or "" for name, value in attrs if name in {"src", "href", "action"}]


@pytest.mark.promise("P19")
def test_no_page_shows_a_person_or_a_small_group(ground: Ground) -> None:
    """With fewer people than the programme's minimum no count stands anywhere, and never an id of a person, session or receipt."""
    people = [ground.lender() for _ in range(3)]
    sessions = [ground.store(person, purposes=("train",)) for person in people]
    ground.vault.register_dataset(manifest(ground, sessions))
    ground.vault.register_model(card(ground, sessions))
    for path in PATHS:
        text = ground.client.get(path).text
        ids = [word for person in people for word in (person.pseudonym, person.receipt.receipt_id)] + sessions
        assert not [word for word in ids if word in text or word[:8] in text]
    overview = ground.client.get("/").text
    assert overview.count(TOO_FEW) == 3
    assert ground.client.get("/datasets").text.count(TOO_FEW) == 3


@pytest.mark.promise("P20")
def test_pages_are_the_same_whether_somebody_joined_or_refused(make_ground: Callable[..., Ground]) -> None:
    """With six who lend or seven, overview and dataset page are byte for byte the same but for the length of the log."""
    views = []
    for joining in (6, 7):
        ground = make_ground()
        for _ in range(joining):
            ground.lender()
        for _ in range(7 - joining):
            ground.visitor()
        pages = [ground.client.get(path).text for path in ("/", "/datasets", "/programmes/office-help")]
        views.append([re.sub(r"\d+ entries", "", page) for page in pages])
    assert views[0] == views[1]


@given(st.integers(0, 10**7), st.integers(0, 10**4), st.integers(1, 50))
def test_counts_come_in_steps_of_the_minimum(count: int, people: int, minimum: int) -> None:
    """Below the minimum nothing is said; above, the count is rounded down to a multiple of it."""
    shown = at_least(count, people, minimum=minimum)
    assert (shown == TOO_FEW) is (people < minimum)
    if shown != TOO_FEW:
        number = int(shown.split()[0])
        assert (number % minimum, number <= count < number + minimum) == (0, True)


def test_sizes_are_told_to_one_digit() -> None:
    """A size says no more than its first digit and unit."""
    assert [about(size, 5, minimum=5) for size in (0, 999, 1234, 98_765_432, 10**16)] == [
        "about 0 bytes", "about 1000 bytes", "about 1 kB", "about 100 MB", "about 10000 TB",
    ]  # fmt: skip
    assert about(10**9, 4, minimum=5) == TOO_FEW


def test_pages_load_nothing_from_elsewhere_and_run_nothing(ground: Ground) -> None:
    """Every page has one style sheet of the hub's own, no script, no form, no inline style, and links within the hub only."""
    person = ground.visitor()
    for path in (*PATHS, f"/join/{person.invite}"):
        answer = ground.client.get(path)
        page = _Links()
        page.feed(answer.text)
        assert answer.status_code == 200
        assert not {"script", "form", "iframe", "img", "style", "object"} & set(page.tags)
        assert all(target.startswith(("/", "#")) for target in page.targets), page.targets
        assert {"main", "h1", "title"} <= set(page.tags)
    assert ground.client.get("/style.css").headers["content-type"].startswith("text/css")


@pytest.mark.promise("P26")
def test_the_dataset_page_says_which_versions_count(ground: Ground) -> None:
    """A version with somebody who left is marked until it is replaced, and then names what replaced it."""
    people = [ground.lender() for _ in range(6)]
    sessions = [ground.store(person, purposes=("train",)) for person in people]
    ground.vault.register_dataset(manifest(ground, sessions))
    ground.vault.register_model(card(ground, sessions))
    page = ground.client.get("/datasets").text
    assert (page.count("in use"), page.count("5 or more")) == (2, 3)
    ground.leave(people[0])
    assert ground.client.get("/datasets").text.count("taken back") == 2
    ground.vault.register_dataset(manifest(ground, sessions[1:], version=2, replaces="office-help@1"))
    ground.vault.register_model(card(ground, sessions[1:], model_id="model-2", version=2, replaces="model-1"))
    page = ground.client.get("/datasets").text
    assert "replaced by office-help@2" in page
    assert "replaced by model-2" in page
    assert (page.count("in use"), page.count("taken back")) == (2, 0)


def test_the_log_page_shows_what_is_needed_to_verify_it(ground: Ground) -> None:
    """Checkpoint and verifier key stand on the page as they are."""
    page = ground.client.get("/log").text
    verifier = verifier_key(ground.hub.journal.origin, ground.hub.keys.signing.public)
    assert verifier.replace("+", "&#43;") in page or verifier in page
    assert ground.hub.journal.origin in page


def test_a_programmes_text_is_shown_as_text(make_ground: Callable[..., Ground]) -> None:
    """HTML in a programme file is no HTML on the hub's pages."""
    ground = make_ground(programme=example_programme(title="<script>alert(1)</script>", participant_contact="<b>x</b>"))
    person = ground.visitor()
    for path in ("/", "/programmes/office-help", f"/join/{person.invite}"):
        text = ground.client.get(path).text
        assert "<script>" not in text
        assert "<b>x" not in text


def test_an_empty_hub_says_what_to_do(make_ground: Callable[..., Ground]) -> None:
    """Before anything is there, the pages say so."""
    ground = make_ground(programme=example_programme())
    assert ground.client.get("/datasets").text.count("None yet") == 2
    assert ground.client.get("/programmes/unknown").status_code == 400
    assert ground.client.get("/join/unknown").status_code == 400


def test_the_offer_is_the_notice_on_the_page(ground: Ground) -> None:
    """The digest under the notice on the programme's page is the one every receipt names."""
    offer = ground.visitor().offer
    page = ground.client.get("/programmes/office-help").text
    assert offer.notice_digest in page
    assert offer.programme_digest in page
    assert msgspec.json.encode(offer)


@pytest.mark.promise("P4")
def test_the_page_shows_the_text_that_was_read(ground: Ground) -> None:
    """The notice on the programme's page is the text that was kept, in its language, though a newer witting would write another one."""
    german = example_programme(version=2, language="de")
    record = add_programme(ground.hub, german)
    kept = record.notice_markdown.replace("In zehn Zeilen", "In zehn alten Zeilen")
    with writing(ground.hub.engine) as connection:
        table = schema.programme
        connection.execute(update(table).where(table.c.programme_digest == record.digest).values(notice_markdown=kept))
    page = ground.client.get(f"/programmes/{german.id}").text
    assert "In zehn alten Zeilen" in page
    assert 'lang="de"' in page
    assert hashlib.sha256(kept.encode()).hexdigest() in page
    assert "Wiener Sachtextformel" in page
