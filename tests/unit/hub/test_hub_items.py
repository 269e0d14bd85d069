"""Taking one thing back of a session that was sent: a picture, a text, one step; the rest can be read, and the thing is nowhere."""

from typing import Any

import msgspec
import pytest
from hub_ground import Ground, card, manifest

from witting.hub.door.withdrawals import withdraw
from witting.hub.lending import stream_of
from witting.hub.vault import erasure
from witting.hub.vault.cutting import Sieve
from witting.hub.vault.erasure import resume_erasures
from witting.ledger.keys import open_signed
from witting.ledger.log import verify_proof
from witting.terms.consent import DeletionReceipt, Item
from witting.terms.events import Frame, Gap, TaskMark, TextInput, Tile
from witting.terms.hub import WithdrawalAnswer
from witting.terms.session import SessionEnd
from witting.testing.sender import Sender


class CrashError(BaseException):
    """The process is gone, as far as the code can tell."""


def item(session_id: str, from_ns: int, to_ns: int | None = None) -> Item:
    """Return a span of a session, or one moment."""
    return Item(session_id, from_ns // 1000, (from_ns if to_ns is None else to_ns) // 1000)


def take_back(ground: Ground, person: Sender, *items: Item) -> DeletionReceipt:
    """Withdraw some items and return the deletion receipt, checked."""
    key = person.offer.signing_key
    answer = ground.ask("/v1/withdrawals", person.withdrawal(ground.now(), items=items), WithdrawalAnswer)
    verify_proof(answer.proof, key, origin=ground.hub.journal.origin)
    assert answer.narrowed is None
    return open_signed(answer.receipt, "deletion", statement_type=DeletionReceipt, key=key)


def records_of(ground: Ground, session_id: str) -> list[Any]:
    """Return what the vault gives out of a session."""
    return list(ground.vault.read(session_id))


def tiles_of(frame: Frame) -> set[str]:
    """Return the names of a picture's tiles."""
    return {frame.tiles[at : at + 16].hex() for at in range(0, len(frame.tiles), 16)}


def counts(records: list[Any]) -> tuple[dict[str, int], dict[str, int]]:
    """Return what a session's end says that was kept and left out."""
    (end,) = [one for one in records if isinstance(one, SessionEnd)]
    return dict(end.kept), dict(end.gapped)


@pytest.mark.promise("P2")
@pytest.mark.promise("P13")
def test_one_picture_is_taken_back(ground: Ground) -> None:
    """The picture and the tiles that no other shows are gone under every key; a hole says so; all else is as it was sent."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    before = records_of(ground, session_id)
    pictures = [one for one in before if isinstance(one, Frame)]
    first, others = pictures[0], pictures[1:]
    assert others
    old = {name: (ground.config.objects_dir / name).read_bytes()[:64] for name in ground.hub.objects.sizes(session_id)}
    receipt = take_back(ground, person, item(session_id, first.timestamp_ns))
    after = records_of(ground, session_id)
    hit = [one for one in before if getattr(one, "timestamp_ns", -1) == first.timestamp_ns and not isinstance(one, Gap | SessionEnd)]
    orphans = tiles_of(first) - {name for frame in others for name in tiles_of(frame)}
    assert receipt.items == (item(session_id, first.timestamp_ns),)
    assert (receipt.sessions, receipt.records_removed) == ((), len(hit) + len(orphans))
    assert first not in after
    assert {one.digest for one in after if isinstance(one, Tile)} == {name for frame in others for name in tiles_of(frame)}
    holes = [one for one in after if isinstance(one, Gap) and one not in before]
    assert {hole.reason for hole in holes} == {"participant_removed"}
    stay = [one for one in before if one not in hit and not isinstance(one, SessionEnd | Tile)]
    assert [one for one in after if not isinstance(one, SessionEnd | Tile) and one not in holes] == stay
    (kept, gapped), (kept_then, gapped_then) = counts(after), counts(before)
    assert all(kept.get(name, 0) + gapped.get(name, 0) == kept_then[name] + gapped_then.get(name, 0) for name in kept_then)
    assert kept.get("screen", 0) == kept_then["screen"] - 1
    assert not set(old) & set(ground.hub.objects.sizes())
    assert not [file for file, data in ground.bytes_kept().items() for head in old.values() if head in data]


@pytest.mark.promise("P2")
def test_everything_between_two_moments_is_taken_back(ground: Ground) -> None:
    """A step is a span: whatever touches it goes, a task's name too, and nothing outside it."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    before = records_of(ground, session_id)
    times = sorted({one.timestamp_ns for one in before if hasattr(one, "timestamp_ns") and not isinstance(one, SessionEnd)})
    span = item(session_id, times[0], times[len(times) // 2])
    take_back(ground, person, span)
    after = records_of(ground, session_id)
    timed = [one for one in after if stream_of(one) is not None or isinstance(one, TaskMark)]
    assert not [one for one in timed if getattr(one, "timestamp_ns", -1) // 1000 in range(span.from_us, span.to_us + 1)]
    assert {type(one) for one in before if span.to_us < getattr(one, "timestamp_ns", -1) // 1000} <= {type(one) for one in after}


@pytest.mark.promise("P26")
def test_what_was_made_with_it_is_recalled(ground: Ground) -> None:
    """The dataset and the model that hold the session are to be made anew, and consent goes on as it was."""
    person = ground.lender()
    session_id = ground.store(person)
    ground.vault.register_dataset(manifest(ground, [session_id]))
    ground.vault.register_model(card(ground, [session_id]))
    picture = next(one for one in records_of(ground, session_id) if isinstance(one, Frame))
    receipt = take_back(ground, person, item(session_id, picture.timestamp_ns))
    assert (receipt.datasets_touched, receipt.models_touched) == ((f"{ground.programme.id}@1",), ("model-1",))
    assert {recall.kind for recall in ground.vault.recalls()} == {"dataset", "model"}
    ground.store(person)
    assert len(ground.vault.catalogue(ground.programme.id)) == 2


@pytest.mark.promise("P13")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", [step.name for step in erasure.STEPS])
def test_killed_at_any_step_it_is_carried_through(ground: Ground, monkeypatch: pytest.MonkeyPatch, name: str, when: str) -> None:
    """An item's withdrawal that dies before or after any step ends as one that didn't; sent again it gets its receipt."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    picture = next(one for one in records_of(ground, session_id) if isinstance(one, Frame))
    statement = person.withdrawal(ground.now(), items=(item(session_id, picture.timestamp_ns),))

    def crash(step: Any) -> Any:
        def run(*given: Any) -> Any:
            if when == "before":
                raise CrashError
            step.run(*given)
            raise CrashError

        return step._replace(run=run) if step.name == name else step

    with monkeypatch.context() as patched:
        patched.setattr(erasure, "STEPS", tuple(map(crash, erasure.STEPS)))
        with pytest.raises(CrashError):
            withdraw(ground.hub, statement)
    assert resume_erasures(ground.hub) == 1
    assert picture not in records_of(ground, session_id)
    answer = ground.ask("/v1/withdrawals", statement, WithdrawalAnswer)
    assert msgspec.json.decode(answer.receipt.payload, type=DeletionReceipt).records_removed > 0


@pytest.mark.parametrize(
    ("session_id", "from_us", "to_us"), [("", 0, 1), ("../../etc", 0, 1), ("f" * 32, 0, 1), (None, 2, 1), (None, -1, 1)]
)
def test_an_item_that_can_not_be_is_refused(ground: Ground, session_id: str | None, from_us: int, to_us: int) -> None:
    """No id, another's path, a session that isn't here, times the wrong way round or below zero: refused, and nothing changes."""
    person = ground.lender()
    mine = ground.store(person, purposes=("train",))
    before = records_of(ground, mine)
    refused = ground.post(
        "/v1/withdrawals", person.withdrawal(ground.now(), items=(Item(mine if session_id is None else session_id, from_us, to_us),))
    )
    assert refused.status_code in {400, 422}
    assert records_of(ground, mine) == before


@pytest.mark.promise("P3")
def test_nobody_takes_out_of_anothers_session(ground: Ground) -> None:
    """An item of somebody else's session is refused as such, and so is one with a whole session beside it."""
    person, other = ground.lender(), ground.lender()
    theirs, mine = ground.store(other, purposes=("train",)), ground.store(person, purposes=("train",))
    before = records_of(ground, theirs)
    refused = ground.post("/v1/withdrawals", person.withdrawal(ground.now(), items=(Item(theirs, 0, 2**52),)))
    assert refused.status_code == 422
    both = person.withdrawal(ground.now(), items=(Item(mine, 0, 1),), sessions=(mine,))
    assert ground.post("/v1/withdrawals", both).status_code == 400
    assert records_of(ground, theirs) == before


def test_a_span_without_anything_changes_nothing(ground: Ground) -> None:
    """Where nothing happened in the span the session keeps its bytes, and the receipt says that nothing was found."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    before = ground.hub.objects.sizes(session_id)
    assert take_back(ground, person, Item(session_id, 0, 1)).records_removed == 0
    assert ground.hub.objects.sizes(session_id) == before


def test_a_text_that_reaches_into_a_span_is_in_it() -> None:
    """What began before a span and ended in it, or the other way round, goes; what touches neither end stays; ends count."""
    text = TextInput(timestamp_ns=10_000, text="⟨NAME_1⟩", end_ns=20_999, findings=())
    for from_us, to_us, is_taken in [(0, 9, False), (0, 10, True), (12, 13, True), (20, 30, True), (21, 30, False)]:
        assert (Sieve((), (Item("a", from_us, to_us),), records=()).takes(text) == "keys") is is_taken
    task = TaskMark(15_000, "begin", "t")
    assert Sieve((), (Item("a", 10, 20),), records=()).takes(task) == "keys"
    assert Sieve(("keys",), (), records=()).takes(task) is None


def test_an_end_and_a_hole_are_never_taken_out_by_their_time() -> None:
    """What tells of holes and counts stays whatever span is taken; a tile that no picture left shows goes with its picture."""
    everything = (Item("a", 0, 10**15),)
    kept = (Gap("paused", "keys", 5, 6, 0), SessionEnd(7, "finished"))
    sieve = Sieve((), everything, records=kept)
    assert [sieve.takes(record) for record in kept] == [None, None]
    assert Sieve(("keys",), (), records=()).is_whole("keys")
