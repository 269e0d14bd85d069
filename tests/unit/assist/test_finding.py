"""A person's routines: found in what they lend for help, kept to themselves, gone with the recordings."""

from pathlib import Path

import msgspec
import pytest
from assist_ground import record_orders

from witting.device.assist.asking import help_for
from witting.device.assist.finding import Routines
from witting.device.assist.keeping import SaidStore
from witting.device.assist.shortcuts import Tip
from witting.device.enrolment import Enrolment, offered_grants, start_join
from witting.terms.errors import IntegrityError, NoConsentError, UsageError
from witting.terms.review import DropSession
from witting.testing.participant import LINK, Participant


@pytest.fixture
def person(tmp_path: Path) -> Participant:
    """Return a device without anything."""
    return Participant(tmp_path / "data")


@pytest.fixture
def joined(person: Participant) -> Enrolment:
    """Return an enrolment in everything, with three recordings of orders."""
    enrolment = person.join()
    record_orders(enrolment, 3)
    return enrolment


def test_what_comes_back_is_found_and_progress_is_told(joined: Enrolment) -> None:
    """Three recordings of orders make one routine; whoever waits hears how far it is."""
    told: list[tuple[int, int]] = []
    (found,) = Routines(joined).find(lambda done, of: told.append((done, of)))
    assert (found.times, found.sessions) == (12, 3)
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


@pytest.mark.promise("P1")
def test_without_a_yes_to_help_nothing_is_looked_at(person: Participant) -> None:
    """Consent to train isn't consent to help: without the purpose of its own no recording is opened."""
    enrolment = start_join(LINK, person.data_dir, hub=person.hub.client())
    desk = enrolment.programme.desk_purposes
    enrolment.give_consent([grant for grant in offered_grants(enrolment.programme) if grant.purpose not in desk], hub=person.hub.client())
    record_orders(enrolment, 3)
    with pytest.raises(NoConsentError, match="help at your desk"):
        Routines(enrolment).find()


@pytest.mark.promise("P6")
def test_an_app_that_isn_t_lent_for_help_isn_t_used(person: Participant) -> None:
    """With mousepad alone lent for help, what was done in the browser makes no routine."""
    enrolment = start_join(LINK, person.data_dir, hub=person.hub.client())
    desk = enrolment.programme.desk_purposes
    chosen = [grant for grant in offered_grants(enrolment.programme) if grant.purpose not in desk or grant.app == "mousepad"]
    enrolment.give_consent(chosen, hub=person.hub.client())
    record_orders(enrolment, 3)
    assert Routines(enrolment).find() == []
    lent = help_for(enrolment)
    assert lent.may_see("mousepad", "", stream="keys")
    assert not lent.may_see("chromium", "https://desk.example.org/orders", stream="keys")
    assert not lent.may_see("xterm", "", stream="keys")


@pytest.mark.promise("P2")
def test_after_withdrawal_nothing_is_found(joined: Enrolment) -> None:
    """Consent that ended helps nobody."""
    joined.mark_withdrawn()
    with pytest.raises(NoConsentError):
        Routines(joined).find()


def test_a_deleted_recording_takes_its_routines_along(joined: Enrolment) -> None:
    """What is dropped in review or deleted isn't used."""
    spool = joined.open_spool()
    first, *others = [info.session_id for info in spool.sessions()]
    spool.add_mark(first, DropSession(mark_id="m1"))
    assert Routines(joined).find()[0].times == 8
    for session_id in others:
        spool.forget(session_id)
    assert Routines(joined).find() == []


def test_a_damaged_recording_is_counted_and_the_rest_used(joined: Enrolment) -> None:
    """One that can't be read doesn't hide the others."""
    path = min((joined.data_dir / "spool").glob("*.session"))
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data)
    mine = Routines(joined)
    assert mine.find()[0].times == 8
    assert mine.unread == 1


def test_a_name_holds_and_can_be_taken_back(joined: Enrolment) -> None:
    """A routine bears the name it was given until an empty one is given."""
    mine = Routines(joined)
    found = mine.find()[0]
    mine.name(found.routine_id, "  my orders ")
    assert mine.find()[0].title == "my orders"
    assert mine.get(found.routine_id[:4]).title == "my orders"
    mine.name(found.routine_id, " ")
    assert mine.find()[0].title == found.title


def test_a_forbidden_routine_isn_t_shown_until_it_is_allowed_again(joined: Enrolment) -> None:
    """Forbidding hides; only whoever asks for all sees it."""
    mine = Routines(joined)
    found = mine.find()[0]
    mine.forbid(found.routine_id)
    assert mine.find() == []
    assert len(mine.find(with_forbidden=True)) == 1
    mine.forbid(found.routine_id, is_forbidden=False)
    assert len(mine.find()) == 1


def test_steps_are_taken_out_one_by_one(joined: Enrolment) -> None:
    """Numbers count what is shown; a slot that no step uses any more is gone; the last step stays."""
    mine = Routines(joined)
    before = mine.find()[0]
    number = 1 + [step.label for step in before.steps].index("Article")
    mine.leave_out(before, number)
    after = mine.find()[0]
    assert "Article" not in {step.label for step in after.steps}
    assert {slot.name for slot in after.slots} == {"customer"}
    for wrong in (0, -1, len(after.steps) + 1):
        with pytest.raises(UsageError):
            mine.leave_out(after, wrong)
    for _ in range(len(after.steps) - 1):
        mine.leave_out(mine.find()[0], 1)
    with pytest.raises(UsageError, match="at least one"):
        mine.leave_out(mine.find()[0], 1)


def test_an_unknown_routine_is_said_to_be_so(joined: Enrolment) -> None:
    """No routine of that name: one line with what to do."""
    for name in ("zz", ""):
        with pytest.raises(UsageError) as refused:
            Routines(joined).get(name)
        assert "routines" in refused.value.hint


def test_a_tip_is_dismissed_for_good(joined: Enrolment) -> None:
    """What was told can be dismissed; what wasn't told can't."""
    mine = Routines(joined)
    mine.tips = [Tip("mousepad", "Copy", "ctrl+c", 9, 0)]
    mine.dismiss("mousepad ctrl+c")
    assert Routines(joined).said.dismissed == ("mousepad ctrl+c",)
    with pytest.raises(UsageError, match="no such tip"):
        mine.dismiss("mousepad ctrl+v")


@pytest.mark.promise("P3")
def test_what_was_said_lies_sealed_and_goes_with_its_key(joined: Enrolment) -> None:
    """No name stands on the disk in the clear; forgetting destroys the key, then the bytes."""
    mine = Routines(joined)
    mine.name(mine.find()[0].routine_id, "orders of Aurelia")
    assert not [path for path in joined.data_dir.rglob("*") if path.is_file() and b"Aurelia" in path.read_bytes()]
    assert mine.forget()
    assert not (joined.data_dir / "assist" / "said").exists()
    assert mine.said.names == {}
    assert not mine.forget()


def test_a_changed_file_is_refused_by_name(joined: Enrolment) -> None:
    """Whoever changes what was said doesn't get it believed."""
    store = SaidStore(joined.data_dir, joined.keystore)
    store.write(msgspec.structs.replace(store.read(), forbidden=("a" * 12,)))
    path = joined.data_dir / "assist" / "said"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(IntegrityError, match="routines can't be read"):
        store.read()


@pytest.mark.promise("P6")
def test_nothing_is_sent_for_help(person: Participant, joined: Enrolment) -> None:
    """Finding routines asks the hub nothing."""
    person.passes = 0
    assert Routines(joined).find()
    assert person.passes == 0
