"""Consent at the hub: signed, invited, on the notice in force, once."""

import msgspec
import pytest
from hub_ground import Ground, example_programme
from sqlalchemy import func, select

from witting.hub import schema
from witting.hub.database import reading
from witting.hub.invitations import invite
from witting.hub.programmes import add_programme
from witting.ledger.keys import SigningKey
from witting.ledger.log import open_entry, verify_proof
from witting.terms.consent import ConsentStatement, Grant
from witting.terms.errors import ProgrammeError
from witting.terms.hub import ConsentAnswer, ProgrammeOffer, WithdrawalAnswer
from witting.terms.session import Signed
from witting.testing.sender import Sender


def _rows(ground: Ground) -> dict[str, int]:
    """Return how many rows each table holds."""
    with reading(ground.hub.engine) as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one() for name, table in schema.metadata.tables.items()
        }


def _opening(answer: ConsentAnswer) -> tuple[dict[str, object], bytes]:
    """Return fields and salt of an answer's log entry."""
    said = msgspec.json.decode(answer.proof.opening)
    return said["fields"], bytes.fromhex(said["salt"])


def test_consent_gets_a_receipt_and_a_proof_that_opens(ground: Ground) -> None:
    """The receipt names the log entry, the proof verifies offline, and the participant alone can open what the entry says."""
    person = ground.visitor()
    answer = ground.ask("/v1/consent", person.consent(ground.now()), ConsentAnswer)
    receipt = person.keep(answer)
    entry = verify_proof(answer.proof, person.offer.signing_key, origin=person.offer.log_origin)
    fields, salt = _opening(answer)
    assert open_entry(entry, fields, salt=salt) == "consent_given"
    assert fields["participant"] == person.pseudonym
    assert receipt.log_index == answer.proof.index
    assert receipt.status == "given"


def test_the_same_statement_twice_is_one_consent(ground: Ground) -> None:
    """Sending a statement again, because the answer was lost, gets the same answer and adds nothing."""
    person = ground.visitor()
    statement = person.consent(ground.now())
    first = ground.ask("/v1/consent", statement, ConsentAnswer)
    before = _rows(ground)
    assert ground.ask("/v1/consent", statement, ConsentAnswer) == first
    assert _rows(ground) == before


@pytest.mark.promise("P20")
def test_refusing_leaves_the_hub_as_it_was(ground: Ground) -> None:
    """Opening an invitation and saying no, by closing the page, changes no byte the hub keeps."""
    ground.visitor()
    before = ground.bytes_kept()
    person = ground.visitor()
    ground.client.get(f"/join/{person.invite}")
    after = ground.bytes_kept()
    assert person.invite.encode() not in b"".join(after.values())
    # the invitation itself was made in between: its hash, its log entry; nothing else may differ but the database files
    assert {name for name in after if before.get(name) != after[name]} <= {"hub.sqlite", "hub.sqlite-wal", "hub.sqlite-shm"}
    opened = ground.bytes_kept()
    ground.client.get(f"/v1/offer/{person.invite}")
    assert ground.bytes_kept() == opened


def test_an_invitation_works_once_and_looks_the_same_after(ground: Ground) -> None:
    """A used link admits nobody else, and shows whoever opens it what it showed before."""
    person = ground.lender()
    before = ground.client.get(f"/v1/offer/{person.invite}").content
    other = Sender(offer=person.offer, invite=person.invite)
    refused = ground.post("/v1/consent", other.consent(ground.now()))
    assert (refused.status_code, refused.json()["exit_code"]) == (403, 10)
    assert ground.client.get(f"/v1/offer/{person.invite}").content == before


def test_a_made_up_invitation_admits_nobody(ground: Ground) -> None:
    """A token the hub never made opens nothing and takes no consent."""
    person = Sender(offer=ground.visitor().offer, invite="x" * 24)
    assert ground.client.get(f"/v1/offer/{person.invite}").status_code == 400
    assert ground.post("/v1/consent", person.consent(ground.now())).status_code == 400


def test_an_invitation_to_another_programme_admits_nobody(ground: Ground) -> None:
    """A link into one programme gives no way into another."""
    add_programme(ground.hub, example_programme(id="other-help"))
    (link,) = invite(ground.hub, "other-help", count=1)
    offer = msgspec.json.decode(ground.client.get(f"/v1/offer/{link.rsplit('/', 1)[1]}").content, type=ProgrammeOffer)
    strange = Sender(offer=offer, invite=ground.visitor().invite)
    assert ground.post("/v1/consent", strange.consent(ground.now())).json()["exit_code"] == 10
    assert _rows(ground)["consent"] == 0


@pytest.mark.parametrize("part", ["payload", "signature", "key", "kind"])
def test_a_changed_statement_is_refused(ground: Ground, part: str) -> None:
    """One changed bit anywhere in a signed statement and nothing is recorded."""
    statement = ground.visitor().consent(ground.now())
    value = getattr(statement, part)
    changed = value + "x" if isinstance(value, str) else bytes([value[0] ^ 1]) + value[1:]
    refused = ground.post("/v1/consent", msgspec.structs.replace(statement, **{part: changed}))
    assert refused.json()["exit_code"] == 14
    assert _rows(ground)["consent"] == 0


def test_a_statement_signed_by_another_key_than_it_names_is_refused(ground: Ground) -> None:
    """Nobody can say yes in another key's name."""
    person = ground.visitor()
    statement = msgspec.json.decode(person.consent(ground.now()).payload, type=ConsentStatement)
    refused = ground.post("/v1/consent", SigningKey.generate().sign("consent", statement))
    assert refused.json()["exit_code"] == 14


def test_a_pseudonym_belongs_to_one_key(ground: Ground) -> None:
    """Whoever learns a pseudonym can't take it over with a key of their own."""
    person, thief = ground.lender(), ground.visitor()
    thief.pseudonym = person.pseudonym
    refused = ground.post("/v1/consent", thief.consent(ground.now()))
    assert (refused.status_code, refused.json()["exit_code"]) == (422, 14)


@pytest.mark.promise("P5")
def test_consent_to_a_replaced_notice_is_refused(ground: Ground) -> None:
    """Once a new version is in force, a yes to the old notice counts for nothing."""
    person = ground.visitor()
    add_programme(ground.hub, example_programme(version=2))
    refused = ground.post("/v1/consent", person.consent(ground.now()))
    assert (refused.status_code, refused.json()["exit_code"]) == (409, 11)


def test_nothing_that_is_not_asked_for_can_be_granted(ground: Ground) -> None:
    """A grant outside the programme makes the whole statement void."""
    person = ground.visitor()
    refused = ground.post("/v1/consent", person.consent(ground.now(), grants=[Grant("train", "pointer", "mail")]))
    assert refused.json()["exit_code"] == 10
    assert _rows(ground)["consent"] == 0


def test_a_refused_statement_does_not_use_the_invitation(ground: Ground) -> None:
    """After a statement that couldn't be taken, the same invitation still works."""
    person = ground.visitor()
    assert ground.post("/v1/consent", person.consent(ground.now(), grants=[])).status_code == 403
    person.keep(ground.ask("/v1/consent", person.consent(ground.now()), ConsentAnswer))


def test_whoever_is_in_may_choose_anew_and_the_newest_choice_counts(ground: Ground) -> None:
    """Narrowing a choice needs no new invitation, and from then on only the narrower one holds."""
    person = ground.lender()
    ground.clock.advance(seconds=60)
    narrow = [Grant("train", "pointer", "mousepad")]
    person.keep(ground.ask("/v1/consent", person.consent(ground.now(), grants=narrow), ConsentAnswer))
    parcel, _ = person.pack(ground.records(person, purposes=("train",)), at=ground.now())
    state = ground.open(person, parcel)
    assert state.missing
    wide, _ = person.pack(ground.records(person, purposes=("evaluate_help",)), at=ground.now())
    assert ground.post("/v1/uploads", person.intent(wide, at=ground.now())).json()["exit_code"] == 10


def test_an_ended_consent_is_not_revived_by_sending_it_again(ground: Ground) -> None:
    """A replayed statement of somebody who left records nothing and says so."""
    person = ground.visitor()
    statement = person.consent(ground.now())
    person.keep(ground.ask("/v1/consent", statement, ConsentAnswer))
    ground.leave(person)
    assert ground.post("/v1/consent", statement).json()["exit_code"] == 10


def test_who_left_may_come_back_with_a_new_statement(ground: Ground) -> None:
    """Leaving isn't for ever unless one wants it to be."""
    person = ground.lender()
    ground.leave(person)
    ground.clock.advance(seconds=60)
    person.keep(ground.ask("/v1/consent", person.consent(ground.now()), ConsentAnswer))
    assert ground.store(person, purposes=("train",))


def test_of_two_choices_one_is_the_later(ground: Ground) -> None:
    """A choice that isn't newer than the last one is refused, so that it is always clear which one counts."""
    person = ground.lender()
    ground.leave(person)
    other = person.consent(ground.now(), grants=[Grant("train", "pointer", "mousepad")])
    assert ground.post("/v1/consent", other).json()["exit_code"] == 10
    ground.clock.advance(seconds=1)
    assert ground.post("/v1/consent", person.consent(ground.now())).status_code == 200


def test_garbage_gets_one_clear_line(ground: Ground) -> None:
    """Bytes that are no statement get a problem with a hint, and nothing of them comes back."""
    answer = ground.client.post("/v1/consent", content=b"\xff{secret words")
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) == {"error", "hint", "exit_code"}
    assert (answer.status_code, "no signed statement" in answer.json()["error"]) == (400, True)
    assert b"secret" not in answer.content


def test_a_programme_version_only_goes_up(ground: Ground) -> None:
    """A changed programme under the same version, or an older one, isn't put into force."""
    assert add_programme(ground.hub, ground.programme).digest == ground.visitor().offer.programme_digest
    with pytest.raises(ProgrammeError, match="version"):
        add_programme(ground.hub, example_programme(title="Changed quietly"))


def test_a_signed_statement_of_the_wrong_shape_is_refused(ground: Ground) -> None:
    """A genuine signature over something that is no consent records nothing."""

    class Odd(msgspec.Struct):
        """Something else."""

        participant: int = 1

    signed: Signed = SigningKey.generate().sign("consent", Odd())
    assert ground.post("/v1/consent", signed).json()["exit_code"] == 14


@pytest.mark.promise("P5")
def test_the_same_yes_again_is_a_reconfirmation(ground: Ground) -> None:
    """A second yes to the same is reconfirmed, permits as before and ends later; one to something else is a new choice."""
    person = ground.lender()
    first = person.receipt
    assert first is not None
    ground.clock.advance(days=100)
    again = person.keep(ground.ask("/v1/consent", person.consent(ground.now(), grants=first.grants), ConsentAnswer))
    assert (again.status, again.grants) == ("reconfirmed", first.grants)
    assert again.expires_at > first.expires_at
    ground.clock.advance(days=1)
    narrower = person.keep(ground.ask("/v1/consent", person.consent(ground.now(), grants=first.grants[:1]), ConsentAnswer))
    assert narrower.status == "given"


@pytest.mark.promise("P5")
def test_a_yes_after_leaving_is_a_new_one(ground: Ground) -> None:
    """Whoever left and says yes again, invited anew, gave consent and reconfirmed nothing; what was withdrawn stays withdrawn."""
    person = ground.lender()
    old = person.receipt
    assert old is not None
    ground.ask("/v1/withdrawals", person.withdrawal(ground.now()), WithdrawalAnswer)
    ground.clock.advance(days=1)
    again = person.keep(ground.ask("/v1/consent", person.consent(ground.now(), grants=old.grants), ConsentAnswer))
    assert again.status == "given"
    table = schema.consent
    with reading(ground.hub.engine) as connection:
        states = dict(connection.execute(select(table.c.receipt_id, table.c.status)).all())
    assert states == {old.receipt_id: "withdrawn", again.receipt_id: "given"}
