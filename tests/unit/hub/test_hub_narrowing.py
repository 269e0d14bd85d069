"""Taking a purpose or a kind of recording back: the rest stays lent, and what was taken back is found nowhere."""

from typing import Any

import msgspec
import pytest
from hub_ground import Ground, card, manifest
from sqlalchemy import delete

from witting.hub.database import writing
from witting.hub.door.withdrawals import withdraw
from witting.hub.schema import vault_key
from witting.hub.vault import erasure
from witting.hub.vault.cutting import cut_session
from witting.hub.vault.erasure import resume_erasures
from witting.ledger.keys import open_signed
from witting.ledger.log import verify_proof
from witting.terms.consent import ConsentReceipt, DeletionReceipt
from witting.terms.errors import IntegrityError, NoConsentError
from witting.terms.events import Frame, Gap, Tile
from witting.terms.hub import WithdrawalAnswer
from witting.terms.session import SessionEnd
from witting.testing.sender import Sender


class CrashError(BaseException):
    """The process is gone, as far as the code can tell."""


def take_back(ground: Ground, person: Sender, **what: Any) -> tuple[DeletionReceipt, ConsentReceipt | None]:
    """Withdraw a part and return the deletion receipt and the receipt of what is left, both checked."""
    key = person.offer.signing_key
    answer = ground.ask("/v1/withdrawals", person.withdrawal(ground.now(), **what), WithdrawalAnswer)
    assert b'"withdrawal"' in verify_proof(answer.proof, key, origin=ground.hub.journal.origin)
    left = answer.narrowed and open_signed(answer.narrowed, "receipt", statement_type=ConsentReceipt, key=key)
    return open_signed(answer.receipt, "deletion", statement_type=DeletionReceipt, key=key), left


def names(ground: Ground, session_id: str) -> set[str]:
    """Return the types of records that the vault gives out of a session."""
    return {type(record).__name__ for record in ground.vault.read(session_id)}


@pytest.mark.promise("P2")
@pytest.mark.promise("P13")
def test_a_kind_is_taken_out_of_everything_and_the_rest_stays(ground: Ground) -> None:
    """Pictures are withdrawn: no picture is left in any object or under any key, holes say so, the rest can be read and sent."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    before = {name: (ground.config.objects_dir / name).read_bytes()[:64] for name in ground.hub.objects.sizes(session_id)}
    as_sent = list(ground.vault.read(session_id))
    frames = sum(isinstance(record, Frame | Tile) for record in as_sent)
    assert frames
    ground.clock.advance(seconds=5)
    receipt, left = take_back(ground, person, streams=("screen",))
    assert (receipt.records_removed, receipt.sessions, "screen" in receipt.streams) == (frames, (), True)
    assert left is not None
    assert {grant.stream for grant in left.grants} & {"screen"} == set()
    assert names(ground, session_id) >= {"PointerButton", "UiTree", "Gap"}
    assert not names(ground, session_id) & {"Frame", "Tile"}
    records = list(ground.vault.read(session_id))
    assert _holes(records) == _holes(as_sent) + frames
    assert [one for one in records if not isinstance(one, Gap | SessionEnd)] == [
        one for one in as_sent if not isinstance(one, Gap | SessionEnd | Frame | Tile)
    ]
    (end,) = [one for one in records if isinstance(one, SessionEnd)]
    assert "screen" not in end.kept
    assert not set(before) & set(ground.hub.objects.sizes())
    assert not [file for file, data in ground.bytes_kept().items() for head in before.values() if head in data]


def _holes(records: list[Any]) -> int:
    """Return how many pictures the holes among some records stand for."""
    return sum(one.count for one in records if isinstance(one, Gap) and one.stream == "screen")


@pytest.mark.promise("P2")
def test_a_purpose_is_taken_back_and_others_stay(ground: Ground) -> None:
    """What was lent for that purpose alone is erased, what was lent for two stays for the other, and what was made for it is recalled."""
    person = ground.lender()
    alone, both = ground.store(person, purposes=("train",)), ground.store(person)
    ground.vault.register_dataset(manifest(ground, [alone, both]))
    ground.vault.register_dataset(manifest(ground, [both], version=2, purpose="evaluate_help"))
    ground.vault.register_model(card(ground, [both]))
    ground.clock.advance(seconds=5)
    receipt, left = take_back(ground, person, purposes=("train",))
    assert receipt.sessions == (alone,)
    assert left is not None
    assert {grant.purpose for grant in left.grants} == {"evaluate_help", "help_at_desk"}
    assert [(row.session_id, row.purposes) for row in ground.vault.catalogue(ground.programme.id)] == [(both, ("evaluate_help",))]
    assert [(recall.kind, recall.name) for recall in ground.vault.recalls()] == [
        ("dataset", f"{ground.programme.id}@1"),
        ("model", "model-1"),
    ]
    assert (receipt.datasets_touched, receipt.models_touched) == ((f"{ground.programme.id}@1",), ("model-1",))
    assert receipt.records_removed > 0
    assert names(ground, both) & {"Frame", "Tile", "WindowFocus"} == set()
    assert "PointerButton" in names(ground, both)


@pytest.mark.promise("P2")
def test_taking_back_the_last_thing_lent_is_leaving(ground: Ground) -> None:
    """With nothing left to lend consent ends, and everything is erased."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    ground.clock.advance(seconds=5)
    receipt, left = take_back(ground, person, purposes=("train", "evaluate_help", "help_at_desk"))
    assert (left, receipt.sessions) == (None, (session_id,))
    assert ground.post("/v1/withdrawals", person.withdrawal(ground.now(), streams=("keys",))).status_code == 403


@pytest.mark.parametrize(
    "what", [{"streams": ("voice",), "purposes": ("train",)}, {"purposes": ("sell",)}, {"streams": ("cadence",)}], ids=str
)
def test_what_is_not_lent_cannot_be_taken_back(ground: Ground, what: dict[str, Any]) -> None:
    """Two sorts at once, an unknown purpose, a kind that isn't lent: refused by name, nothing changed."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    assert ground.post("/v1/withdrawals", person.withdrawal(ground.now(), **what)).status_code == 400
    assert [row.session_id for row in ground.vault.catalogue(ground.programme.id)] == [session_id]


def test_a_model_is_not_made_of_a_version_that_was_recalled(ground: Ground) -> None:
    """Who takes pictures back is still in the programme; a model of the version that holds the pictures isn't registered any more."""
    one, two = ground.lender(), ground.lender()
    first, second = ground.store(one, purposes=("train",)), ground.store(two, purposes=("train",))
    ground.vault.register_dataset(manifest(ground, [first, second]))
    ground.clock.advance(seconds=5)
    take_back(ground, one, streams=("screen",))
    with pytest.raises(NoConsentError, match="1 sessions were recalled") as refused:
        ground.vault.register_model(card(ground, [first, second]))
    assert "makes a version without them" in refused.value.hint
    assert ground.vault.model_cards() == []
    ground.vault.register_model(card(ground, [second]))
    assert [one.sessions for one in ground.vault.model_cards()] == [(second,)]


def test_a_session_whose_key_is_gone_is_told_and_left_alone(ground: Ground) -> None:
    """Nothing can be taken out of what nobody can open: the session is named by its first letters, and no byte of it changes."""
    session_id = ground.store(ground.lender(), purposes=("train",))
    before = {name: (ground.config.objects_dir / name).read_bytes() for name in ground.hub.objects.sizes(session_id)}
    with writing(ground.hub.engine) as connection:
        connection.execute(delete(vault_key).where(vault_key.c.session_id == session_id))
    with pytest.raises(IntegrityError, match=f"the key of session {session_id[:8]} is gone"):
        cut_session(ground.hub, session_id, streams=("screen",))
    assert {name: (ground.config.objects_dir / name).read_bytes() for name in ground.hub.objects.sizes(session_id)} == before


@pytest.mark.promise("P13")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", [step.name for step in erasure.STEPS])
def test_killed_at_any_step_it_is_carried_through(ground: Ground, monkeypatch: pytest.MonkeyPatch, name: str, when: str) -> None:
    """A withdrawal of a kind that dies before or after any step ends as one that didn't, when the hub starts again."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    ground.clock.advance(seconds=5)
    statement = person.withdrawal(ground.now(), streams=("screen",))

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
    assert not names(ground, session_id) & {"Frame", "Tile"}
    answer = ground.ask("/v1/withdrawals", statement, WithdrawalAnswer)
    assert msgspec.json.decode(answer.receipt.payload, type=DeletionReceipt).records_removed > 0
    assert answer.narrowed is not None
