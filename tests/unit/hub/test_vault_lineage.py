"""From a session to the datasets and models made of it, and back when somebody leaves."""

import msgspec
import pytest
from hub_ground import Ground, card, manifest

from witting.ledger.log import verify_proof
from witting.terms.errors import IntegrityError, NoConsentError, UsageError
from witting.terms.hub import DeedsAnswer


@pytest.mark.promise("P26")
def test_leaving_names_every_dataset_and_model_that_holds_the_person(ground: Ground) -> None:
    """The deletion receipt lists each version and model with the person's sessions, and no other."""
    one, two = ground.lender(), ground.lender()
    first, second = ground.store(one, purposes=("train",)), ground.store(two, purposes=("train",))
    ground.vault.register_dataset(manifest(ground, [first, second]))
    ground.vault.register_dataset(manifest(ground, [second], version=2))
    ground.vault.register_model(card(ground, [first, second]))
    ground.vault.register_model(card(ground, [second], model_id="model-2", version=2))
    receipt = ground.leave(one)
    assert receipt.datasets_touched == (f"{ground.programme.id}@1",)
    assert receipt.models_touched == ("model-1",)


@pytest.mark.promise("P26")
def test_a_person_is_shown_what_was_made_of_their_sessions(ground: Ground) -> None:
    """Datasets and models with somebody's sessions are among the deeds they are shown, before and after leaving; others' aren't."""
    one, two = ground.lender(), ground.lender()
    first, second = ground.store(one, purposes=("train",)), ground.store(two, purposes=("train",))
    ground.vault.register_dataset(manifest(ground, [first, second]))
    ground.vault.register_dataset(manifest(ground, [second], version=2))
    ground.vault.register_model(card(ground, [first, second]))
    for _ in range(2):
        shown = ground.ask("/v1/deeds", one.deeds_request(ground.now()), DeedsAnswer).deeds
        made = [msgspec.json.decode(deed.proof.opening)["fields"] for deed in shown if deed.kind in {"dataset_released", "model_trained"}]
        assert [fields.get("model_id") or fields["dataset_id"] for fields in made] == [f"{ground.programme.id}@1", "model-1"]
        assert second not in msgspec.json.encode(shown).decode()
        ground.leave(one)


def test_a_release_and_a_training_are_entries_in_the_log(ground: Ground) -> None:
    """Registering returns a proof that verifies offline; registering the same again adds nothing."""
    session_id = ground.store(ground.lender(), purposes=("train",))
    origin, key = ground.hub.journal.origin, ground.hub.keys.signing.public
    proofs = [ground.vault.register_dataset(manifest(ground, [session_id])) for _ in range(2)]
    assert b'"dataset_released"' in verify_proof(proofs[0], key, origin=origin)
    assert proofs[0].index == proofs[1].index
    models = [ground.vault.register_model(card(ground, [session_id])) for _ in range(2)]
    assert b'"model_trained"' in verify_proof(models[0], key, origin=origin)
    assert models[0].index == models[1].index
    assert [one.dataset_id for one in ground.vault.manifests()] == [f"{ground.programme.id}@1"]
    assert [one.model_id for one in ground.vault.model_cards()] == ["model-1"]


def test_a_name_stands_for_one_thing(ground: Ground) -> None:
    """Other contents under a registered id are refused."""
    session_id = ground.store(ground.lender(), purposes=("train",))
    ground.vault.register_dataset(manifest(ground, [session_id]))
    with pytest.raises(UsageError, match="registered already"):
        ground.vault.register_dataset(msgspec.structs.replace(manifest(ground, [session_id]), root="d" * 64))
    ground.vault.register_model(card(ground, [session_id]))
    with pytest.raises(UsageError, match="registered already"):
        ground.vault.register_model(msgspec.structs.replace(card(ground, [session_id]), seed=2))


@pytest.mark.promise("P26")
@pytest.mark.parametrize("what", ["withdrawn", "another purpose", "never stored"])
def test_nothing_is_released_with_a_session_that_is_not_lent(ground: Ground, what: str) -> None:
    """A dataset with a withdrawn session, for a purpose that wasn't granted, or with an unknown one isn't registered."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    made = manifest(ground, [session_id], purpose="evaluate_help" if what == "another purpose" else "train")
    if what == "withdrawn":
        ground.leave(person)
    if what == "never stored":
        made = manifest(ground, ["0" * 32])
    with pytest.raises(NoConsentError):
        ground.vault.register_dataset(made)
    assert ground.vault.manifests() == []


@pytest.mark.promise("P26")
def test_a_model_that_learnt_from_somebody_who_left_meanwhile_is_not_registered(ground: Ground) -> None:
    """Withdrawing while a training runs keeps its model out."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    ground.vault.register_dataset(manifest(ground, [session_id]))
    made = card(ground, [session_id])
    ground.leave(person)
    with pytest.raises(NoConsentError):
        ground.vault.register_model(made)


def test_a_model_names_the_dataset_it_learnt_from(ground: Ground) -> None:
    """A card with sessions outside its dataset, or of an unknown dataset, is refused; one of nothing is fine."""
    session_id = ground.store(ground.lender(), purposes=("train",))
    with pytest.raises(IntegrityError):
        ground.vault.register_model(card(ground, [session_id]))
    ground.vault.register_dataset(manifest(ground, []))
    with pytest.raises(IntegrityError):
        ground.vault.register_model(card(ground, [session_id]))
    assert ground.vault.register_model(card(ground, []))
