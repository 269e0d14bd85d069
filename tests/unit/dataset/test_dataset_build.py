"""A dataset holds what the gate permits, sealed, named by digests, and comes out the same each time."""

import stat
from pathlib import Path

import lance
import numpy as np
import pytest
from shelf import IDS, PROGRAMME, PURPOSE, Shelf, bytes_below, everything, marker, records_of

from witting.actions import episodes
from witting.lab.dataset import BuildOptions, build, check, open_dataset
from witting.ledger.log import leaf_hash, root_of
from witting.terms.errors import IntegrityError, NoConsentError, UsageError
from witting.terms.events import Event, Frame, TaskMark, Tile
from witting.terms.geometry import Rect
from witting.terms.hub import CatalogueRow
from witting.testing.sample_session import sample_pixels


def test_dataset_holds_the_sessions_episodes(built: Path) -> None:
    """What comes out of a dataset is exactly what the reduction made of the sessions, in order of their id."""
    found = list(open_dataset(built).episodes())
    expected = [one for session in IDS for one in episodes(records_of(session), participant=session[:1] * 31 + "f", session_id=session)]
    assert found == expected
    assert {step.action.text for episode in found for step in episode.steps if step.action.text} == {marker(session) for session in IDS}


def test_manifest_names_what_is_in_it(built: Path) -> None:
    """The manifest counts sessions, episodes, steps and events, and its root is the RFC 6962 one over the digests."""
    manifest = check(built)
    assert (manifest.dataset_id, manifest.purpose, manifest.replaces) == ("sample-programme@1", PURPOSE, "")
    assert [session.session_id for session in manifest.sessions] == list(IDS)
    assert manifest.root == root_of([leaf_hash(bytes.fromhex(session.digest)) for session in manifest.sessions]).hex()
    events = sum(isinstance(record, Event) for record in records_of(IDS[0]))
    assert [(session.episodes, session.steps, session.events) for session in manifest.sessions] == [(2, 22, events)] * 3
    assert manifest.events == 3 * events


def test_same_sessions_give_the_same_root(built: Path, tmp_path: Path) -> None:
    """However often and in whatever order sessions are given, the digests and root are the same; sealed bytes never are."""
    again = build(Shelf(IDS[::-1]), PROGRAMME, purpose=PURPOSE, out_dir=tmp_path / "again", permits=everything)
    first = check(built)
    assert (again.root, again.sessions) == (first.root, first.sessions)
    assert bytes_below(built) != bytes_below(tmp_path / "again")


def test_another_text_gives_another_root(built: Path, tmp_path: Path) -> None:
    """One changed record in one session changes the root."""
    shelf = Shelf()
    shelf.sessions[IDS[1]] = [
        TaskMark(record.timestamp_ns, record.state, "another") if isinstance(record, TaskMark) else record
        for record in shelf.sessions[IDS[1]]
    ]
    assert build(shelf, PROGRAMME, purpose=PURPOSE, out_dir=tmp_path / "other", permits=everything).root != check(built).root


@pytest.mark.promise("P11")
def test_nothing_said_stands_in_the_clear(built: Path) -> None:
    """Neither typed text nor instruction, node, page or participant of a row stands in the dataset's files."""
    rows = b"".join(bytes_below(built / folder) for folder in ("steps.lance", "episodes.lance", "keys"))
    for said in (*map(marker, IDS), "Add the new contact", "Password", "desk.example.org", "NAME_1", "f" * 8):
        assert said.encode() not in rows
    assert stat.S_IMODE(built.stat().st_mode) == 0o700


def test_pictures_come_back(built: Path) -> None:
    """Each step's picture is the one that was to be seen before it."""
    dataset = open_dataset(built)
    episode = list(dataset.episodes())[2]
    picture = dataset.picture(episode.episode_id, 1)
    assert picture is not None
    assert np.array_equal(picture, sample_pixels(0))
    later = dataset.picture(episode.episode_id, len(episode.steps) - 1)
    assert later is not None
    assert np.array_equal(later, sample_pixels(3))


def test_step_without_picture_and_step_that_is_none(tmp_path: Path) -> None:
    """A step before the first frame has no picture; a step that isn't there is said not to be."""
    shelf = Shelf(IDS[:1])
    shelf.sessions[IDS[0]] = [record for record in shelf.sessions[IDS[0]] if not isinstance(record, Frame | Tile)]
    build(shelf, PROGRAMME, purpose=PURPOSE, out_dir=tmp_path / "d", permits=everything)
    dataset = open_dataset(tmp_path / "d")
    assert dataset.picture(f"{IDS[0]}-0", 0) is None
    with pytest.raises(UsageError):
        dataset.picture(f"{IDS[0]}-0", 999)


@pytest.mark.promise("P26")
def test_session_that_is_not_permitted_is_never_read(tmp_path: Path) -> None:
    """The gate's no comes before the first byte of a session."""
    shelf = Shelf()
    manifest = build(shelf, PROGRAMME, purpose=PURPOSE, out_dir=tmp_path / "d", permits=lambda row, _: row.session_id != IDS[1])
    assert [session.session_id for session in manifest.sessions] == [IDS[0], IDS[2]]
    assert shelf.reads == [(IDS[0], PURPOSE), (IDS[2], PURPOSE)]
    assert marker(IDS[1]).encode() not in bytes_below(tmp_path / "d")
    assert IDS[1].encode() not in bytes_below(tmp_path / "d")


@pytest.mark.promise("P26")
def test_consent_that_ends_during_the_build_counts(tmp_path: Path) -> None:
    """A session withdrawn while the dataset was being built isn't in it, nor is its key."""
    asked: list[str] = []

    def permits(row: CatalogueRow, _: str) -> bool:
        asked.append(row.session_id)
        return row.session_id != IDS[0] or asked.count(IDS[0]) == 1

    manifest = build(Shelf(), PROGRAMME, purpose=PURPOSE, out_dir=tmp_path / "d", permits=permits)
    assert [session.session_id for session in manifest.sessions] == list(IDS[1:])
    assert IDS[0].encode() not in bytes_below(tmp_path / "d")
    assert len(list((tmp_path / "d" / "steps.lance" / "data").iterdir())) == 2
    check(tmp_path / "d")


def test_nothing_lent_is_nothing_built(tmp_path: Path) -> None:
    """Without one permitted session there is no dataset, and no folder of one."""
    with pytest.raises(NoConsentError):
        build(Shelf(), PROGRAMME, purpose=PURPOSE, out_dir=tmp_path / "d", permits=lambda *_: False)
    assert list(tmp_path.iterdir()) == []


def test_session_without_a_task_is_left_out(tmp_path: Path) -> None:
    """What nobody stated as a task is learnt from by nobody."""
    shelf = Shelf(IDS[:2])
    shelf.sessions[IDS[0]] = [record for record in shelf.sessions[IDS[0]] if not isinstance(record, TaskMark)]
    manifest = build(shelf, PROGRAMME, purpose=PURPOSE, out_dir=tmp_path / "d", permits=everything)
    assert [session.session_id for session in manifest.sessions] == [IDS[1]]


def test_task_in_which_nothing_was_done_does_not_shift_the_others(tmp_path: Path) -> None:
    """An empty episode is left out, and the rest keep their own numbers and pictures."""
    shelf = Shelf(IDS[:1])
    shelf.sessions[IDS[0]] = [TaskMark(0, "begin", "nothing"), TaskMark(1, "gave_up"), *shelf.sessions[IDS[0]]]
    build(shelf, PROGRAMME, purpose=PURPOSE, out_dir=tmp_path / "d", permits=everything)
    dataset = open_dataset(tmp_path / "d")
    assert [episode.episode_id[-2:] for episode in dataset.episodes()] == ["-1", "-2"]
    assert dataset.picture(f"{IDS[0]}-2", 0) is not None
    check(tmp_path / "d")


def test_excluded_session_and_options(tmp_path: Path) -> None:
    """A session can be left out by hand, and the version says what it is."""
    options = BuildOptions(version=4, exclude=(IDS[2],), replaces="sample-programme@3", built_at="2026-11-24T08:00:00Z")
    manifest = build(Shelf(), PROGRAMME, purpose=PURPOSE, out_dir=tmp_path / "d", permits=everything, options=options)
    assert (manifest.version, manifest.replaces, manifest.built_at) == (4, "sample-programme@3", "2026-11-24T08:00:00Z")
    assert [session.session_id for session in manifest.sessions] == list(IDS[:2])


def test_existing_folder_is_not_touched(tmp_path: Path) -> None:
    """A dataset is never built over something else."""
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError):
        build(Shelf(), PROGRAMME, purpose=PURPOSE, out_dir=tmp_path / "d", permits=everything)
    assert (tmp_path / "d" / "thesis.txt").read_text() == "mine"


def test_session_that_cannot_be_read_leaves_no_half_dataset(tmp_path: Path) -> None:
    """A frame with a missing tile stops the build and names what to do; nothing half-built stays."""
    shelf = Shelf(IDS[:1])
    shelf.sessions[IDS[0]] = [record for record in shelf.sessions[IDS[0]] if not isinstance(record, Tile)]
    with pytest.raises(IntegrityError, match="tiles"):
        build(shelf, PROGRAMME, purpose=PURPOSE, out_dir=tmp_path / "d", permits=everything)
    assert list(tmp_path.iterdir()) == []


def test_leftover_of_a_killed_build_is_cleared(tmp_path: Path) -> None:
    """A build that was killed leaves nothing under the dataset's name, and the next one clears what it left."""
    (tmp_path / ".d.partial" / "keys").mkdir(parents=True)
    build(Shelf(IDS[:1]), PROGRAMME, purpose=PURPOSE, out_dir=tmp_path / "d", permits=everything)
    assert [file.name for file in tmp_path.iterdir()] == ["d"]


def test_datasets_of_an_earlier_version_are_read(built: Path) -> None:
    """A dataset from before a column was known reads as before; what it doesn't say is unknown."""
    now = list(open_dataset(built).episodes())
    lance.dataset(str(built / "steps.lance")).drop_columns(["screen"])
    then = list(open_dataset(built).episodes())
    assert [[step.action for step in episode.steps] for episode in then] == [[step.action for step in episode.steps] for episode in now]
    assert {step.observation.screen for episode in then for step in episode.steps} == {Rect(0, 0, 0, 0)}
