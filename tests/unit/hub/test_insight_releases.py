"""Releases of figures about groups: once, on their day, within the budget, the same for everybody, without whoever left."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from click.testing import CliRunner
from hub_ground import Ground
from insight_ground import PURPOSE, group_programme, lend, opened
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from witting.cli.insight import insight
from witting.hub import schema
from witting.hub.config import HubConfig, load_config
from witting.hub.database import reading, writing
from witting.hub.insight.budget import plan, rho_in_all
from witting.hub.insight.releasing import release
from witting.hub.insight.shown import show
from witting.hub.insight.standing import check_account, standing
from witting.ledger.log import claimed, open_proof
from witting.terms.errors import IntegrityError, NoConsentError, UsageError
from witting.terms.insight import GroupRelease
from witting.terms.programme import Insight
from witting.testing.group_people import group
from witting.testing.sender import Sender

GENEROUS = Insight(epsilon=4.0, releases=1)  # the least blur that a programme may ask for: 69 people get all figures
TWO = Insight(epsilon=4.0, releases=2)


class Crowd(NamedTuple):
    """A hub's folder to which thirty-three people lent, and who they are to it."""

    folder: Path
    people: list[Sender]


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    """Enough people for the fixed list, asked once for all tests of this file; each works on a copy."""
    config = HubConfig(data_dir=tmp_path_factory.mktemp("crowd") / "hub", public_url="http://127.0.0.1")
    with opened(config, group_programme(TWO)) as ground:
        people = [lend(ground, worker) for worker in group(33)]
    return Crowd(config.data_dir, people)


@pytest.fixture
def crowded(crowd: Crowd, tmp_path: Path) -> Iterator[Ground]:
    """A copy of the crowd's hub."""
    shutil.copytree(crowd.folder, tmp_path / "copy")
    config = HubConfig(data_dir=tmp_path / "copy", public_url="http://127.0.0.1", origin=load_config(crowd.folder).origin)
    with opened(config, group_programme(TWO)) as ground:
        yield ground


Counted = list[dict[tuple[str, ...], int]]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """What releases count before they blur it; nothing of it is shown."""
    seen: Counted = []

    def keep(counts: dict[tuple[str, ...], int], _plan: Any) -> dict[tuple[str, ...], int]:
        seen.append(dict(counts))
        return {}

    monkeypatch.setattr("witting.hub.insight.releasing.blurred", keep)
    return seen


def _spent(ground: Ground) -> int:
    with reading(ground.hub.engine) as connection:
        return check_account(connection, ground.programme.id).spent_nano


@pytest.mark.slow
@pytest.mark.promise("P19")
def test_enough_people_get_all_figures_that_hold_what_many_share(make_ground: Callable[..., Ground]) -> None:
    """Seventy people: what nearly all do is shown with its interval, a page that one alone opens isn't, and seven kinds are looked for."""
    ground, workers = make_ground(programme=group_programme(GENEROUS)), group(70)
    for worker in workers:
        lend(ground, worker)
    made = release(ground.hub, ground.programme.id)
    assert (made.detail, made.number, len(made.figures)) == ("figures", 1, 7)
    paths = next(figure for figure in made.figures if figure.kind == "paths")
    way = next(row for row in paths.rows if row.what == ("desk.example.org/orders", "desk.example.org/invoices"))
    truth = sum(("paths", "https://desk.example.org/orders", "https://desk.example.org/invoices") in worker.does for worker in workers)
    assert abs(way.people - truth) <= 3 * made.off_by
    assert 10 <= way.low <= way.people <= way.high
    said = msgspec.json.encode(made).decode()
    assert not [worker for worker in workers if worker.own_page in said]
    assert all(row.then for figure in made.figures for row in figure.rows)


@pytest.mark.promise("P19")
def test_few_people_get_yes_or_nothing_of_a_fixed_list(crowded: Ground) -> None:
    """Thirty-three people get one figure: each way between listed apps and sites, with no count, yes or not shown."""
    made = release(crowded.hub, crowded.programme.id)
    (figure,) = made.figures
    assert (made.detail, figure.kind, len(figure.rows)) == ("list", "listed", 2)
    assert {(row.people, row.high) for row in figure.rows} == {(0, 0)}
    assert {row.low for row in figure.rows} <= {0, 10}


@pytest.mark.promise("P19")
def test_too_few_people_get_a_refusal_that_says_why_and_nothing_is_read(make_ground: Callable[..., Ground]) -> None:
    """Twelve people: no release, no charge, no session opened; everybody is told how many it would take."""
    ground = make_ground(programme=group_programme())
    people = [lend(ground, worker) for worker in group(12)]
    with pytest.raises(UsageError, match=r"Too few people lend.*about 40 people share"):
        release(ground.hub, ground.programme.id)
    with reading(ground.hub.engine) as connection:
        assert not connection.execute(select(schema.deed).where(schema.deed.c.kind.in_(("session_read", "insight_released")))).all()
    assert "about 40 people share" in ground.client.get("/insight").text
    assert _spent(ground) == 0
    assert people


def test_a_programme_that_asks_for_no_such_purpose_has_no_figures(ground: Ground) -> None:
    """Without a purpose for groups nothing is read for figures, however many lend for other purposes."""
    with pytest.raises(UsageError, match="asks nobody for figures about groups"):
        release(ground.hub, ground.programme.id)
    with pytest.raises(UsageError, match="no programme of that id"):
        release(ground.hub, "another")


@pytest.mark.promise("P15")
def test_each_person_is_shown_that_their_session_was_read_for_figures(crowded: Ground) -> None:
    """Every session that was read has its entry in the log with reader and purpose, as any other read."""
    release(crowded.hub, crowded.programme.id)
    with reading(crowded.hub.engine) as connection:
        openings = connection.execute(select(schema.deed.c.opening).where(schema.deed.c.kind == "session_read")).scalars().all()
    said = [msgspec.json.decode(opening)["fields"] for opening in openings]
    assert len(said) == 33
    assert {(one["reader"], tuple(one["purposes"])) for one in said} == {("group figures", (PURPOSE.id,))}


@pytest.mark.promise("P19")
def test_what_is_lent_for_figures_is_read_for_nothing_else(crowded: Ground) -> None:
    """The lab's catalogue doesn't hold it, it can't be read for training or by name of its purpose, and no dataset of it is registered."""
    vault = crowded.vault
    assert vault.catalogue(crowded.programme.id) == vault.catalogue(crowded.programme.id, PURPOSE.id) == []
    with reading(crowded.hub.engine) as connection:
        session_id = connection.execute(select(schema.session.c.session_id)).scalars().first()
    for purpose in (None, PURPOSE.id, "train"):
        with pytest.raises(NoConsentError):
            vault.read(session_id, purpose=purpose)


def test_what_is_lent_for_other_purposes_is_not_read_for_figures(crowded: Ground) -> None:
    """Who lends for training only is in no figure, and nothing of theirs is opened."""
    others = [lend(crowded, worker, purposes=("train",)) for worker in group(3)]
    release(crowded.hub, crowded.programme.id)
    with reading(crowded.hub.engine) as connection:
        read = connection.execute(select(schema.deed.c.participant).where(schema.deed.c.kind == "session_read")).scalars().all()
    assert len(read) == 33
    assert not {person.pseudonym for person in others} & set(read)


@pytest.mark.promise("P13")
def test_whoever_left_is_in_no_later_figure(crowd: Crowd, crowded: Ground, counted: Counted) -> None:
    """A release after withdrawals counts those who stayed, also when somebody leaves between reading and writing."""
    crowded.leave(crowd.people[0])
    release(crowded.hub, crowded.programme.id, on_progress=lambda done, _: _leave_at(32, done, crowded, person=crowd.people[1]))
    stayed = group(33)[2:]
    for way, count in counted[0].items():
        assert count == sum(way in worker.does for worker in stayed) or count <= len(stayed)
    assert max(counted[0].values()) <= 31


def _leave_at(when: int, done: int, ground: Ground, *, person: Sender) -> None:
    if done == when:
        ground.leave(person)


def test_many_sessions_of_one_person_count_once(crowd: Crowd, crowded: Ground, counted: Counted) -> None:
    """Somebody who sends five sessions weighs as much as somebody who sends one."""
    for _ in range(4):
        lend(crowded, group(1)[0], person=crowd.people[0])
    release(crowded.hub, crowded.programme.id)
    assert max(counted[0].values()) <= 33


def test_releases_come_on_their_days_until_the_budget_is_spent(crowded: Ground) -> None:
    """A second one is refused before its day and made on it; a third is refused for good, and the page says so to everybody."""
    first = release(crowded.hub, crowded.programme.id)
    with pytest.raises(UsageError, match=r"is due on .*, not before"):
        release(crowded.hub, crowded.programme.id)
    crowded.clock.advance(days=91)
    second = release(crowded.hub, crowded.programme.id)
    assert (first.number, second.number) == (1, 2)
    assert first.epsilon < second.epsilon <= second.epsilon_in_all == 4.0
    crowded.clock.advance(days=91)
    with pytest.raises(UsageError, match="budget is spent"):
        release(crowded.hub, crowded.programme.id)
    assert "The budget is spent" in crowded.client.get("/insight").text
    assert _spent(crowded) <= rho_in_all(TWO)


@pytest.mark.promise("P20")
def test_everybody_gets_the_same_release_byte_for_byte(crowded: Ground) -> None:
    """Steward, lab, auditor and somebody unknown get the same page, answer and pictures, and again the same later."""
    release(crowded.hub, crowded.programme.id)
    tokens = {file.name: file.read_text().strip() for file in crowded.config.tokens_dir.iterdir()}
    for path in ("/insight", f"/insight/{crowded.programme.id}/1", f"/v1/insight/{crowded.programme.id}"):
        asked = [crowded.client.get(path, headers={"authorization": f"Bearer {token}"}) for token in tokens.values()]
        answers = {answer.content for answer in [crowded.client.get(path), *asked, crowded.client.get(path)]}
        assert len(answers) == 1, path
    assert len(tokens) == 3


@pytest.mark.promise("P17")
def test_a_release_is_proven_with_what_it_was_charged(crowded: Ground) -> None:
    """The answer carries the log's entry, opened: digest of the release, its charge, and what was spent in all."""
    release(crowded.hub, crowded.programme.id)
    (one,) = show(crowded.hub, crowded.programme.id).releases
    said = open_proof(one.proof, crowded.hub.keys.signing.public, origin=crowded.hub.journal.origin)
    assert said.kind == "insight_released"
    assert said.fields["rho_nano"] == said.fields["spent_nano"] == plan(TWO, "list").rho_nano
    assert said.fields["release_sha256"] == hashlib.sha256(one.release).hexdigest()
    assert msgspec.json.decode(one.release, type=GroupRelease).number == 1


@pytest.mark.promise("P17")
def test_the_database_itself_keeps_charges(crowded: Ground) -> None:
    """A charge can't be deleted or lowered."""
    release(crowded.hub, crowded.programme.id)
    table = schema.group_release
    for statement in (delete(table), update(table).values(rho_nano=0), update(table).values(body=b"{}")):
        with pytest.raises(DBAPIError, match="stay as they are"), writing(crowded.hub.engine) as connection:
            connection.execute(statement)


@pytest.mark.promise("P17")
@pytest.mark.parametrize("lost", ["row", "row and opening"])
def test_a_budget_refilled_behind_the_triggers_is_found_out(crowded: Ground, lost: str) -> None:
    """An admin who takes the triggers away and deletes a charge gets no further release: the log's entry is without its row."""
    release(crowded.hub, crowded.programme.id)
    with writing(crowded.hub.engine) as connection:
        connection.execute(text("DROP TRIGGER release_stays"))
        connection.execute(delete(schema.group_release))
        if lost != "row":
            connection.execute(delete(schema.deed).where(schema.deed.c.kind == "insight_released"))
    with pytest.raises(IntegrityError):
        release(crowded.hub, crowded.programme.id)


@pytest.mark.promise("P17")
def test_a_database_put_back_to_refill_the_budget_shows_in_the_log(crowded: Ground, tmp_path: Path) -> None:
    """Put back to before a release and released again, the log is of the same size but another: whoever saw the first finds it out."""
    shutil.copytree(crowded.config.data_dir, tmp_path / "before")
    release(crowded.hub, crowded.programme.id)
    with opened(HubConfig(data_dir=tmp_path / "before", origin=crowded.config.origin), crowded.programme) as again:
        release(again.hub, again.programme.id)
        logs = []
        for ground in (crowded, again):
            with reading(ground.hub.engine) as connection:
                logs.append(claimed(ground.hub.journal.present(connection)))
    assert logs[0].size == logs[1].size
    assert logs[0].root != logs[1].root


def test_a_changed_programme_goes_on_with_the_same_account(crowded: Ground) -> None:
    """What was spent under one version counts under the next: a new version is no new budget."""
    release(crowded.hub, crowded.programme.id)
    later = msgspec.structs.replace(crowded.programme, version=2, insight=Insight(epsilon=2.0, releases=4))
    with reading(crowded.hub.engine) as connection:
        stands = standing(connection, later, today=crowded.clock.now().date())
    assert (stands.releases_left, stands.next_on, stands.detail) == (0, "", "nothing")


def test_after_the_programmes_end_there_is_no_release(crowded: Ground) -> None:
    """Once a programme is over nothing of it is released."""
    with reading(crowded.hub.engine) as connection:
        stands = standing(connection, crowded.programme, today=crowded.programme.ends_on + timedelta(days=1))
    assert (stands.detail, stands.releases_left) == ("nothing", 0)


@pytest.mark.parametrize("path", ["/insight/office-help/1", "/insight/nobody/1", "/insight/office-help/1/paths.svg", "/v1/insight/nobody"])
def test_what_was_never_released_is_a_plain_no(ground: Ground, path: str) -> None:
    """An unknown release, picture or programme gets a refusal, never a stack of code."""
    answer = ground.client.get(path)
    assert answer.status_code in {400, 404}
    assert "Traceback" not in answer.text


def test_the_verb_makes_and_shows_the_release_that_the_page_shows(crowded: Ground) -> None:
    """`insight show` tells what is on the page; an unknown release is a plain no."""

    def verb(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(insight, [*words, "--hub", str(crowded.config.data_dir)])
        return done.exit_code, done.output

    code, before = verb("show", crowded.programme.id)
    assert (code, "Nothing was released so far." in before) == (0, True)
    made = release(crowded.hub, crowded.programme.id)
    code, shown = verb("show", crowded.programme.id, "--json")
    assert (code, msgspec.convert(msgspec.json.decode(shown)["release"], GroupRelease)) == (0, made)
    code, said = verb("show", crowded.programme.id)
    assert (code, "Release 1 of at most 2" in said, "Ways between apps" in said) == (0, True, True)
    page = crowded.client.get(f"/insight/{crowded.programme.id}/1").text
    assert "1 of 2 parts spent" in page
    assert ("yes" in said) == (">yes<" in page)
    assert crowded.client.get(f"/insight/{crowded.programme.id}/2").status_code == 400
