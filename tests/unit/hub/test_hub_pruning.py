"""What the hub lets go of by itself."""

import msgspec
from hub_ground import Ground, example_programme
from sqlalchemy import func, select

from witting.hub import schema, staging
from witting.hub.app import create_app
from witting.hub.database import reading
from witting.hub.programmes import add_programme
from witting.hub.pruning import due_sessions, prune
from witting.hub.vault import Vault
from witting.hub.vault.storing import sweep
from witting.terms.programme import KindKept, Retention


def test_a_session_is_kept_to_the_day_and_no_longer(ground: Ground) -> None:
    """One day before its retention ends a session is there; on the day it is erased without being asked."""
    session_id = ground.store(ground.lender(), purposes=("train",))
    days = ground.programme.retention.hub_days
    ground.clock.advance(days=days - 1)
    assert (due_sessions(ground.hub), prune(ground.hub).sessions) == ([], 0)
    ground.clock.advance(days=1)
    assert due_sessions(ground.hub) == [session_id]
    done = prune(ground.hub)
    assert (done.sessions, done.bytes_erased > 0) == (1, True)
    assert ground.hub.objects.sizes() == {}


def test_each_session_is_kept_as_its_own_version_said(ground: Ground) -> None:
    """A later version that keeps longer doesn't prolong what was lent before."""
    session_id = ground.store(ground.lender(), purposes=("train",))
    longer = Retention(spool_days=14, hub_days=900, dataset_days=900, log_years=3)
    add_programme(ground.hub, example_programme(version=2, retention=longer))
    ground.clock.advance(days=ground.programme.retention.hub_days)
    assert due_sessions(ground.hub) == [session_id]


def test_an_upload_nobody_finishes_is_thrown_away(ground: Ground) -> None:
    """After a week of silence nothing is left of an unfinished upload."""
    person = ground.lender()
    parcel, objects = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    ground.put(ground.open(person, parcel), objects, most=1)
    assert prune(ground.hub).uploads == 0
    assert staging.staged_uploads(ground.config) != []
    ground.clock.advance(days=8)
    assert prune(ground.hub).uploads == 1
    assert staging.staged_uploads(ground.config) == []


def test_what_a_cut_commit_left_is_swept_at_the_start(ground: Ground) -> None:
    """Objects that no transaction claims are gone after the next start; stored sessions and open uploads stay."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    parcel, objects = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    state = ground.open(person, parcel)
    ground.put(state, objects, most=2)
    ground.hub.objects.put(parcel.session_id, 0, data=b"of a commit that never came")
    staging.stage(ground.config, "f" * 32, digest="2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", data=b"x")
    before = ground.hub.objects.sizes(session_id)
    create_app(ground.config, clock=ground.clock).state.hub.engine.dispose()
    assert ground.hub.objects.sizes() == before
    assert staging.staged_uploads(ground.config) == [state.upload_id]
    assert list(Vault(ground.hub).read(session_id))


def test_a_commit_under_way_is_not_swept_from_beside(ground: Ground) -> None:
    """Pruning beside a running hub leaves young objects alone."""
    ground.hub.objects.put("a" * 32, 0, data=b"a commit is under way")
    assert sweep(ground.hub, is_alone=False) == 0
    assert len(ground.hub.objects.sizes()) == 1
    ground.clock.start = ground.clock.start.replace(year=2030)
    assert sweep(ground.hub, is_alone=False) == 1


def test_removing_what_is_not_there_is_no_error(ground: Ground) -> None:
    """An object unlinked twice is unlinked."""
    name = ground.hub.objects.put("a" * 32, 0, data=b"x")
    assert (ground.hub.objects.remove(name), ground.hub.objects.remove(name)) == (True, False)


def test_retention_erasures_are_in_the_log(ground: Ground) -> None:
    """Erasing by age writes the same entry as erasing by wish, with its reason."""
    ground.store(ground.lender(), purposes=("train",))
    ground.clock.advance(days=ground.programme.retention.hub_days)
    prune(ground.hub)
    with reading(ground.hub.engine) as connection:
        openings = connection.execute(select(schema.deed.c.opening).where(schema.deed.c.kind == "erasure")).scalars().all()
        assert connection.execute(select(func.count()).select_from(schema.vault_key)).scalar_one() == 0
    assert [msgspec.json.decode(opening)["fields"]["why"] for opening in openings] == ["retention"]


def test_a_kind_kept_shorter_takes_its_recording_along(ground: Ground) -> None:
    """Where a lent kind is kept for fewer days than the rest, the recording is erased when that kind is due; others stay."""
    keep = msgspec.structs.replace(ground.programme.retention, kinds=(KindKept("pointer", 10), KindKept("voice", 1)))
    assert (keep.hub_days_of(["pointer", "keys"]), keep.hub_days_of(["keys"])) == (10, keep.hub_days)
    assert keep.hub_days_of(["voice", "pointer"]) == 1
    shorter = msgspec.structs.replace(keep, kinds=(KindKept("pointer", 10),))
    add_programme(ground.hub, example_programme(version=2, retention=shorter))
    session_id = ground.store(ground.lender(), purposes=("train",))
    ground.clock.advance(days=9)
    assert due_sessions(ground.hub) == []
    ground.clock.advance(days=1)
    assert due_sessions(ground.hub) == [session_id]
