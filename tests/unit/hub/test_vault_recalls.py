"""Leaving reaches what was made and handed out: datasets, models and exports are recalled, with the day by which that is due."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hub_ground import Ground, card, example_programme, manifest

from witting.cli import main
from witting.hub.programmes import add_programme
from witting.ledger.log import verify_proof
from witting.terms.clock import parse_rfc3339
from witting.terms.errors import IntegrityError, NoConsentError, UsageError
from witting.terms.hub import DeedsAnswer
from witting.terms.programme import Programme
from witting.terms.work import Handout


def handout(ground: Ground, sessions: list[str], *, export_id: str = "e" * 32, recipient: str = "Sample Lab", version: int = 1) -> Handout:
    """Return an export of these sessions."""
    return Handout(
        export_id=export_id,
        dataset_id=f"{ground.programme.id}@{version}",
        purpose="train",
        format="opencua",
        recipient=recipient,
        sessions=tuple(sessions),
        files_sha256="f" * 64,
        exported_at=ground.now(),
    )


@pytest.mark.promise("P26")
def test_leaving_recalls_whatever_holds_the_session(ground: Ground) -> None:
    """Dataset, model and export of somebody who left are recalled until the law's day; those without them aren't."""
    one, two = ground.lender(), ground.lender()
    first, second = ground.store(one, purposes=("train",)), ground.store(two, purposes=("train",))
    ground.vault.register_dataset(manifest(ground, [first, second]))
    ground.vault.register_dataset(manifest(ground, [second], version=2))
    ground.vault.register_model(card(ground, [first, second]))
    ground.vault.register_handout(handout(ground, [first, second]))
    ground.vault.register_handout(handout(ground, [second], export_id="d" * 32))
    assert ground.vault.recalls() == []
    receipt = ground.leave(one)
    found = {(recall.kind, recall.name): recall for recall in ground.vault.recalls()}
    assert set(found) == {("dataset", f"{ground.programme.id}@1"), ("model", "model-1"), ("export", "e" * 32)}
    assert {recall.sessions for recall in found.values()} == {(first,)}
    assert (receipt.exports_touched, receipt.exports_told_by) == (("e" * 32,), found["export", "e" * 32].due_at)
    assert parse_rfc3339(receipt.exports_told_by) - ground.clock.now() <= timedelta(days=31)
    assert found["export", "e" * 32].citation.startswith("GDPR Art. 1")


@pytest.mark.promise("P26")
def test_a_recall_ends_with_what_shows_that_it_was_done(ground: Ground) -> None:
    """The version without the session, the model trained anew and word to the recipient close a recall each; the log tells of the last."""
    one, two = ground.lender(), ground.lender()
    first, second = ground.store(one, purposes=("train",)), ground.store(two, purposes=("train",))
    ground.vault.register_dataset(manifest(ground, [first, second]))
    ground.vault.register_model(card(ground, [first, second]))
    ground.vault.register_handout(handout(ground, [first, second]))
    ground.leave(one)
    with pytest.raises(NoConsentError, match="isn't lent"):
        ground.vault.register_model(card(ground, [second, first], model_id="model-2"))
    ground.vault.register_dataset(manifest(ground, [second], version=2, replaces=f"{ground.programme.id}@1"))
    assert [recall.kind for recall in ground.vault.recalls()] == ["export", "model"]
    ground.vault.register_model(card(ground, [second], model_id="model-2", version=2, replaces="model-1"))
    assert [recall.kind for recall in ground.vault.recalls()] == ["export"]
    shown = ground.ask("/v1/deeds", two.deeds_request(ground.now()), DeedsAnswer).deeds
    (handed,) = [msgspec.json.decode(deed.proof.opening)["fields"] for deed in shown if deed.kind == "export_handed_out"]
    assert handed["recipient"] == "Sample Lab"
    proof = ground.vault.note_told("e" * 32)
    assert b'"recipient_told"' in verify_proof(proof, ground.hub.keys.signing.public, origin=ground.hub.journal.origin)
    assert ground.vault.recalls() == []
    assert {recall.kind for recall in ground.vault.recalls(with_done=True)} == {"dataset", "model", "export"}
    with pytest.raises(UsageError, match="nothing is recalled"):
        ground.vault.note_told("e" * 32)


def test_the_steward_sees_what_is_due_and_notes_who_was_told(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`witting hub recalls` names export, recipient, day and law; `witting hub told` ends it; an export nobody recalled is exit 2."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    ground.vault.register_dataset(manifest(ground, [session_id]))
    ground.vault.register_handout(handout(ground, [session_id]))

    def say(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["witting", "hub", *words, "--data", str(ground.config.data_dir)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        return code, capsys.readouterr().out

    assert say("recalls") == (0, "nothing is recalled\n")
    ground.leave(person)
    code, out = say("recalls")
    assert code == 0
    assert f"export   {'e' * 32}  1 sessions  tell Sample Lab  (GDPR Art. 1" in out
    assert "noted: told about export" in say("told", "e" * 32)[1]
    assert "export" not in say("recalls")[1]
    assert "done 20" in say("recalls", "--all")[1]
    assert say("told", "e" * 32)[0] == 2


@pytest.mark.promise("P26")
def test_an_export_is_entered_only_with_what_is_lent(ground: Ground) -> None:
    """A withdrawn session, one that isn't in the dataset, nobody to tell, or another export's id: refused; the same one twice is one."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    ground.vault.register_dataset(manifest(ground, [session_id]))
    with pytest.raises(IntegrityError):
        ground.vault.register_handout(handout(ground, [session_id, "0" * 32]))
    with pytest.raises(IntegrityError):
        ground.vault.register_handout(handout(ground, []))
    with pytest.raises(UsageError, match="nobody is named"):
        ground.vault.register_handout(handout(ground, [session_id], recipient=" "))
    proofs = [ground.vault.register_handout(handout(ground, [session_id])).index for _ in range(2)]
    assert proofs[0] == proofs[1]
    with pytest.raises(UsageError, match="another export"):
        ground.vault.register_handout(handout(ground, [session_id], recipient="Other Lab"))
    ground.leave(person)
    with pytest.raises(NoConsentError, match="1 of 1 sessions"):
        ground.vault.register_handout(handout(ground, [session_id], export_id="d" * 32))
    assert [one.recipient for one in ground.vault.handouts()] == ["Sample Lab"]


def changed(kind: str, programme: Programme) -> dict[str, Any]:
    """Return what is another in a programme where one kind of thing changed."""
    replace, purpose = msgspec.structs.replace, programme.purposes[0]
    kinds: dict[str, dict[str, Any]] = {
        "purpose": {"purposes": (replace(purpose, why="It is sold."), *programme.purposes[1:])},
        "stream": {"purposes": (replace(purpose, streams=(*purpose.streams, "cadence")), *programme.purposes[1:])},
        "app": {"apps": (*programme.apps, replace(programme.apps[0], id="mail", title="Mail", sites=()))},
        "recipient": {"recipients": (*programme.recipients, replace(programme.recipients[0], name="Somebody Else"))},
        "retention": {"retention": replace(programme.retention, hub_days=programme.retention.hub_days + 1)},
        "controller": {"controller": replace(programme.controller, name="Another Org")},
        "owner": {"owner": "Somebody who bought it"},
    }
    return kinds[kind]


@pytest.mark.promise("P5")
@pytest.mark.promise("P28")
@pytest.mark.parametrize("kind", ["purpose", "stream", "app", "recipient", "retention", "controller", "owner"])
def test_building_stops_at_a_change_until_asked_again(ground: Ground, kind: str) -> None:
    """What people must be asked about stops catalogue, reading, releases, models and exports; a yes to the new version lets them on."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    made = manifest(ground, [session_id])
    ground.vault.register_dataset(made)
    assert ground.vault.lent(made) == {session_id}
    add_programme(ground.hub, example_programme(version=2, **changed(kind, ground.programme)))
    assert ground.vault.lent(made) == frozenset()
    assert ground.vault.catalogue(ground.programme.id) == []
    with pytest.raises(NoConsentError):
        ground.vault.read(session_id, purpose="train")
    with pytest.raises(NoConsentError):
        ground.vault.register_dataset(manifest(ground, [session_id], version=2))
    with pytest.raises(NoConsentError):
        ground.vault.register_model(card(ground, [session_id]))
    with pytest.raises(NoConsentError):
        ground.vault.register_handout(handout(ground, [session_id]))
    ground.clock.advance(seconds=60)
    ground.asked_again(person)
    assert ground.vault.lent(made) == {session_id}
    assert list(ground.vault.read(session_id, purpose="train"))


@pytest.mark.promise("P5")
def test_what_nobody_need_be_asked_about_stops_no_building(ground: Ground) -> None:
    """A kinder term or another telephone number changes the programme, and what was lent stays lent."""
    session_id = ground.store(ground.lender(), purposes=("train",))
    retention = msgspec.structs.replace(ground.programme.retention, hub_days=ground.programme.retention.hub_days - 1)
    add_programme(ground.hub, example_programme(version=2, retention=retention, dpo_contact="dpo2@example.org"))
    assert [row.session_id for row in ground.vault.catalogue(ground.programme.id)] == [session_id]


@pytest.mark.promise("P5")
def test_a_narrower_choice_under_a_later_version_counts_for_what_was_lent_before(ground: Ground) -> None:
    """Who says yes to less when asked again doesn't lend the rest of the old recordings any more."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    before = {type(record).__name__ for record in ground.vault.read(session_id, purpose="train")}
    assert "PointerPath" in before
    add_programme(ground.hub, example_programme(version=2, owner="Somebody who bought it"))
    ground.clock.advance(seconds=60)
    ground.asked_again(person, streams=("windows", "keys"))
    kept = {type(record).__name__ for record in ground.vault.read(session_id, purpose="train")}
    assert "PointerPath" not in kept
    assert "WindowFocus" in kept


@pytest.mark.promise("P26")
def test_a_model_with_nobody_left_is_removed_and_the_log_says_so(ground: Ground) -> None:
    """Its recall ends with the entry; a model that nothing is recalled from can't be said to be removed, nor one twice."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    ground.vault.register_dataset(manifest(ground, [session_id]))
    ground.vault.register_model(card(ground, [session_id]))
    with pytest.raises(UsageError, match="nothing is recalled from model"):
        ground.vault.note_model_removed("model-1")
    ground.leave(person)
    assert "model" in {recall.kind for recall in ground.vault.recalls()}
    proof = ground.vault.note_model_removed("model-1")
    assert b'"model_removed"' in verify_proof(proof, ground.vault.signing_key.public, origin=ground.hub.journal.origin)
    assert "model" not in {recall.kind for recall in ground.vault.recalls()}
    with pytest.raises(UsageError, match="nothing is recalled"):
        ground.vault.note_model_removed("model-1")
