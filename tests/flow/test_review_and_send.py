"""From an invitation to a parcel at the hub and out again, the hub in memory: what was seen is what leaves, once, and leaving erases."""

import hashlib
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec
import pytest
import zstandard

from witting.device.enrolment import Enrolment, offered_grants, start_join
from witting.device.leaving import is_leaving, leave, pending_hub, read_receipt, refuse, take_receipt
from witting.device.marking import MASK_RGB
from witting.device.outbox import Outbox
from witting.device.review import SealingTerms, make_parcel, summarise
from witting.device.sending import send_session
from witting.device.standing import read_state
from witting.device.taking_back import withdraw_sessions
from witting.terms.codec import frame_record
from witting.terms.errors import HubUnreachableError, IntegrityError, NoConsentError, SignatureError, UsageError
from witting.terms.events import Frame, Tile
from witting.terms.geometry import Rect
from witting.terms.review import DropRange, DropSession, MaskRegion
from witting.terms.session import SessionEnd
from witting.testing.participant import LINK, SESSION, Participant
from witting.testing.sample_session import sample_header

SECOND = 1_000_000_000


@pytest.fixture
def world(tmp_path: Path) -> Participant:
    """Return a device without anything and a hub with the example programme."""
    return Participant(tmp_path / "data")


@pytest.mark.promise("P9")
def test_what_was_seen_is_what_leaves(world: Participant) -> None:
    """The records at the hub are byte for byte those that were shown: masked, without what was taken out, under the digest shown."""
    enrolment = world.join()
    spool = world.record(enrolment)
    spool.add_mark(SESSION, MaskRegion(mark_id="m", area=Rect(80, 120, 200, 60), from_ns=0, to_ns=2**62))
    spool.add_mark(SESSION, DropRange(mark_id="d", from_ns=3 * SECOND, to_ns=5 * SECOND))
    shown = world.see(enrolment)
    sent = send_session(enrolment, SESSION, hub=world.hub.client())
    arrived = world.hub.content(SESSION)
    assert arrived == b"".join(map(frame_record, shown))
    assert hashlib.sha256(arrived).hexdigest() == sent.parcel.content_digest == summarise(shown).content_digest
    assert sent.parcel.records == len(shown)


@pytest.mark.promise("P9")
def test_what_was_taken_out_is_nowhere_in_what_leaves(world: Participant) -> None:
    """Under a mask over everything no pixel and no word arrives, though the spool still has them: pictures are nothing but fill."""
    enrolment = world.join()
    spool = world.record(enrolment)
    spool.add_mark(SESSION, MaskRegion(mark_id="m", area=Rect(0, 0, 1280, 800), from_ns=0, to_ns=2**62))
    world.see(enrolment)
    send_session(enrolment, SESSION, hub=world.hub.client())
    arrived = list(world.hub.read(SESSION))
    colours = {value for record in arrived if isinstance(record, Tile) for value in zstandard.decompress(record.data)}
    assert colours == {*MASK_RGB, 0}  # 0: beyond the screen's edge
    assert sum(isinstance(record, Frame) for record in arrived) == 3
    assert b"Please call" not in world.hub.content(SESSION)


@pytest.mark.promise("P9")
@pytest.mark.promise("P10")
def test_nothing_leaves_that_was_not_seen(world: Participant) -> None:
    """A session never shown, or changed since it was shown, isn't sent; not one request is made."""
    enrolment = world.join()
    spool = world.record(enrolment)
    world.hub.requests.clear()
    with pytest.raises(UsageError):
        send_session(enrolment, SESSION, hub=world.hub.client())
    world.see(enrolment)
    spool.add_mark(SESSION, DropRange(mark_id="d", from_ns=0, to_ns=SECOND))
    with pytest.raises(UsageError):
        send_session(enrolment, SESSION, hub=world.hub.client())
    world.see(enrolment)
    spool.remove_mark(SESSION, "d")
    with pytest.raises(UsageError, match="shown"):
        send_session(enrolment, SESSION, hub=world.hub.client())
    assert world.hub.requests == []


@pytest.mark.promise("P10")
def test_reading_choosing_recording_and_reviewing_send_nothing(world: Participant) -> None:
    """Between consent and the word to send, no request is made at all; before consent only the offer was fetched."""
    enrolment = start_join(LINK, world.data_dir, hub=world.hub.client())
    assert world.hub.requests == [("GET", "/v1/offer/inv-1")]
    enrolment.give_consent(offered_grants(enrolment.programme), hub=world.hub.client())
    world.hub.requests.clear()
    world.record(enrolment)
    world.see(enrolment)
    assert world.hub.requests == []


@pytest.mark.promise("P9")
def test_sent_twice_it_arrives_once(world: Participant) -> None:
    """Sending again returns the first answer and makes no request, and the log has one entry."""
    enrolment = world.join()
    world.record(enrolment)
    world.see(enrolment)
    first = send_session(enrolment, SESSION, hub=world.hub.client())
    before = len(world.hub.requests)
    assert send_session(enrolment, SESSION, hub=world.hub.client()) == first
    assert len(world.hub.requests) == before
    assert len(world.hub.log_of("upload_stored")) == 1


@pytest.mark.parametrize("passes", range(8))
def test_a_hub_that_goes_away_at_any_request_gets_it_once(world: Participant, passes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever request breaks off, everything is kept, and sending again completes with each object sent once."""
    monkeypatch.setattr("witting.device.review.OBJECT_BYTES", 5_000)
    enrolment = world.join()
    world.record(enrolment, frames=6)
    shown = world.see(enrolment)
    world.hub.requests.clear()
    world.passes = passes
    with pytest.raises(HubUnreachableError) as caught:
        send_session(enrolment, SESSION, hub=world.hub.client())
    assert caught.value.exit_code == 15
    assert Outbox(world.data_dir).is_waiting(SESSION)
    world.passes = 10**6
    failed = world.hub.requests.pop()
    send_session(enrolment, SESSION, hub=world.hub.client())
    assert world.hub.content(SESSION) == b"".join(map(frame_record, shown))
    puts = [path for method, path in world.hub.requests if method == "PUT"]
    assert len(puts) == len(set(puts)) == len(world.hub.parcels[SESSION][0].objects) > 3
    assert failed


def test_an_answer_lost_on_the_way_back_does_no_harm(world: Participant) -> None:
    """The hub stored it but its answer never came: sending again gets that answer, and the log has one entry."""
    enrolment = world.join()
    world.record(enrolment)
    world.see(enrolment)
    client = world.hub.client()
    real = world.hub.handle

    def lose(request: httpx.Request) -> httpx.Response:
        answer = real(request)
        if request.url.path.endswith("/commit"):
            raise httpx.ReadError("cut")
        return answer

    world.hub.handle = lose  # type: ignore[method-assign]
    with pytest.raises(HubUnreachableError):
        send_session(enrolment, SESSION, hub=world.hub.client())
    send_session(enrolment, SESSION, hub=client)
    assert len(world.hub.log_of("upload_stored")) == 1


def test_a_lost_consent_answer_does_not_lose_the_invitation(world: Participant) -> None:
    """When the answer to consent is lost, choosing the same again sends the very same statement and ends in one consent."""
    enrolment = start_join(LINK, world.data_dir, hub=world.hub.client())
    client, real = world.hub.client(), world.hub.handle

    def lose(request: httpx.Request) -> httpx.Response:
        real(request)
        raise httpx.ReadError("cut")

    world.hub.handle = lose  # type: ignore[method-assign]
    with pytest.raises(HubUnreachableError):
        enrolment.give_consent(offered_grants(enrolment.programme), hub=world.hub.client())
    assert enrolment.status == "requested"
    Enrolment(world.data_dir).give_consent(offered_grants(enrolment.programme), hub=client)
    assert len(world.hub.consents) == 1
    assert enrolment.status == "given"


@pytest.mark.promise("P20")
def test_refusing_leaves_nothing_and_tells_nobody(world: Participant) -> None:
    """After a no the data directory is gone and the hub has seen only that an invitation's page was read."""
    start_join(LINK, world.data_dir, hub=world.hub.client())
    refuse(world.data_dir)
    assert not world.data_dir.exists()
    assert world.hub.requests == [("GET", "/v1/offer/inv-1")]
    assert world.hub.log.size == 0


@pytest.mark.promise("P1")
def test_an_invitation_alone_is_no_consent(world: Participant) -> None:
    """Reading the notice makes no key and no receipt; the status is requested and there is no receipt in force."""
    enrolment = start_join(LINK, world.data_dir, hub=world.hub.client())
    assert enrolment.status == "requested"
    assert not (world.data_dir / "keys").exists()
    with pytest.raises(NoConsentError):
        _ = enrolment.receipt


@pytest.mark.parametrize("spoil", ["notice", "programme"])
def test_an_offer_that_is_not_what_it_says_is_not_kept(world: Participant, spoil: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notice or programme that doesn't fit its digest is refused before anything is written."""
    offer = world.hub.offer()
    wrong = {"notice": {"notice_markdown": "Sign here."}, "programme": {"programme_digest": "0" * 64}}[spoil]
    monkeypatch.setattr(world.hub, "offer", lambda: msgspec.structs.replace(offer, **wrong))
    with pytest.raises(IntegrityError):
        start_join(LINK, world.data_dir, hub=world.hub.client())
    assert not world.data_dir.exists()


def test_a_receipt_for_other_choices_is_no_consent(world: Participant) -> None:
    """A receipt that says more than was signed isn't taken: status stays requested."""
    enrolment = start_join(LINK, world.data_dir, hub=world.hub.client())
    grants = offered_grants(enrolment.programme)
    give: Callable[..., object] = world.hub.consent

    def widen(signed: object) -> object:
        answer = give(signed)
        receipt = json.loads(answer.receipt.payload)  # type: ignore[attr-defined]
        from witting.terms.consent import ConsentReceipt

        wider = msgspec.structs.replace(msgspec.convert(receipt, ConsentReceipt, strict=False), grants=grants)
        return msgspec.structs.replace(answer, receipt=world.hub.signing.sign("receipt", wider))  # type: ignore[type-var]

    world.hub.consent = widen  # type: ignore[assignment,method-assign]
    with pytest.raises(SignatureError):
        enrolment.give_consent(grants[:1], hub=world.hub.client())
    assert enrolment.status == "requested"


def test_only_what_is_offered_can_be_lent(world: Participant) -> None:
    """Choosing nothing, or something the programme doesn't ask for, is refused before anything is signed or sent."""
    enrolment = start_join(LINK, world.data_dir, hub=world.hub.client())
    world.hub.requests.clear()
    other = msgspec.structs.replace(offered_grants(enrolment.programme)[0], app="payroll")
    for grants in ((), (other,)):
        with pytest.raises(UsageError):
            enrolment.give_consent(grants, hub=world.hub.client())
    assert world.hub.requests == []


@pytest.mark.promise("P5")
def test_a_changed_notice_ends_consent_until_it_is_given_again(world: Participant) -> None:
    """Opening the invitation again under a changed programme stops recording; consenting anew keeps the pseudonym and both receipts."""
    first = world.join()
    world.hub.programme = msgspec.structs.replace(world.hub.programme, version=2, title="Changed help")
    again = start_join(LINK, world.data_dir, hub=world.hub.client())
    assert (again.status, again.participant) == ("requested", first.participant)
    with pytest.raises(NoConsentError):
        _ = again.receipt
    again.give_consent(offered_grants(again.programme), hub=world.hub.client())
    assert [receipt.programme_version for receipt in again.receipts] == [1, 2]


def test_joining_twice_is_refused(world: Participant) -> None:
    """A device that is in the programme keeps its consent when the same invitation is opened again."""
    enrolment = world.join()
    with pytest.raises(UsageError):
        start_join(LINK, world.data_dir, hub=world.hub.client())
    assert enrolment.status == "given"


@pytest.mark.promise("P30")
@pytest.mark.promise("P2")
def test_leaving_erases_here_and_there(world: Participant) -> None:
    """Leaving empties hub and device, and what is left is the verified deletion receipt, which moves to where the person wants it."""
    enrolment = world.join()
    world.record(enrolment)
    world.record(enrolment, "0f" * 16)
    world.see(enrolment)
    send_session(enrolment, SESSION, hub=world.hub.client())
    elsewhere = world.data_dir.parent / "unit.service"
    elsewhere.write_text("[Unit]")
    enrolment.note_installed([elsewhere])
    kept = leave(world.data_dir, hub=world.hub.client())
    receipt = kept.open()
    assert (receipt.sessions, receipt.participant) == ((SESSION,), enrolment.participant)
    assert world.hub.parcels == {}
    assert [path.name for path in world.data_dir.iterdir()] == ["deletion-receipt.json"]
    assert not elsewhere.exists()
    take_receipt(world.data_dir, world.data_dir.parent / "mine.json")
    assert not world.data_dir.exists()
    assert msgspec.json.decode((world.data_dir.parent / "mine.json").read_bytes(), type=type(kept)) == kept


def test_leaving_while_the_hub_is_down_erases_here_and_tells_it_later(world: Participant) -> None:
    """With the hub away, everything here goes at once, consent is withdrawn, and leaving again completes with the receipt."""
    enrolment = world.join()
    world.record(enrolment)
    world.down = {"POST /v1/withdrawals"}
    with pytest.raises(HubUnreachableError):
        leave(world.data_dir, hub=world.hub.client())
    assert is_leaving(world.data_dir)
    state = read_state(world.data_dir)
    assert state is not None
    assert state.status == "withdrawn"
    assert {path.name for path in world.data_dir.iterdir()} == {"consent.json", "withdrawn", "withdrawal.json"}
    world.down = set()
    leave(world.data_dir, hub=world.hub.client()).open()
    assert read_receipt(world.data_dir) is not None
    with pytest.raises(NoConsentError):
        leave(world.data_dir, hub=world.hub.client())


def test_a_forged_deletion_receipt_is_not_taken(world: Participant) -> None:
    """An answer signed by another key than the invitation's hub leaves the withdrawal waiting."""
    from witting.ledger.keys import SigningKey

    world.join()
    world.hub.signing = SigningKey.generate()
    with pytest.raises(IntegrityError):
        leave(world.data_dir, hub=world.hub.client())
    assert is_leaving(world.data_dir)


def test_one_session_can_be_taken_back(world: Participant) -> None:
    """Withdrawing a session erases it here and at the hub; the other stays in both places, and consent goes on."""
    other = "0f" * 16
    enrolment = world.join()
    for session_id in (SESSION, other):
        world.record(enrolment, session_id)
        world.see(enrolment, session_id)
        send_session(enrolment, session_id, hub=world.hub.client())
    receipt = withdraw_sessions(enrolment, (SESSION,), hub=world.hub.client()).open()
    assert receipt.sessions == (SESSION,)
    assert list(world.hub.parcels) == [other]
    assert [info.session_id for info in enrolment.open_spool().sessions()] == [other]
    assert enrolment.status == "given"


def test_after_withdrawal_nothing_can_be_sent(world: Participant) -> None:
    """From the moment consent is withdrawn here, a reviewed session isn't sent even before its bytes are gone."""
    enrolment = world.join()
    world.record(enrolment)
    world.see(enrolment)
    enrolment.mark_withdrawn()
    world.hub.requests.clear()
    with pytest.raises(NoConsentError):
        send_session(enrolment, SESSION, hub=world.hub.client())
    assert world.hub.requests == []


def test_refusing_after_a_lost_answer_withdraws_what_may_have_arrived(world: Participant) -> None:
    """Saying no after choices were sent and their answer was lost ends the consent that the hub has; nothing of it stays in force."""
    enrolment = start_join(LINK, world.data_dir, hub=world.hub.client())
    world.down = {"POST /v1/consent"}
    with pytest.raises(HubUnreachableError):
        enrolment.give_consent(offered_grants(enrolment.programme), hub=world.hub.client())
    world.down = set()
    refuse(world.data_dir, hub=world.hub.client())
    assert not world.data_dir.exists()


@pytest.mark.promise("P11")
def test_nothing_plain_lies_in_the_data_directory(world: Participant) -> None:
    """With a session recorded, marked, reviewed and waiting to be sent, no text of it stands in any byte below the data directory."""
    enrolment = world.join()
    world.record(enrolment)
    world.see(enrolment)
    world.down = {"PUT"}
    with pytest.raises(HubUnreachableError):
        send_session(enrolment, SESSION, hub=world.hub.client())
    everything = b"".join(path.read_bytes() for path in world.data_dir.rglob("*") if path.is_file())
    assert not [word for word in (b"Please call", b"EMAIL_1", b"example.org/contacts", b"secure_field", b"Contacts") if word in everything]


def test_leaving_waits_for_the_recorder_and_is_not_stopped_by_damage(world: Participant) -> None:
    """A damaged session doesn't hold leaving back, and a session still being written is waited for, then erased."""
    enrolment = world.join()
    world.record(enrolment)
    (world.data_dir / "spool" / f"{SESSION}.session").write_bytes(b"x" * 400)
    writer = enrolment.open_spool().open_session(sample_header("0f" * 16, receipt_id=enrolment.receipt.receipt_id))
    closing = threading.Timer(0.4, lambda: writer.close(SessionEnd(timestamp_ns=1, reason="withdrawn")))
    closing.start()
    began = time.monotonic()
    leave(world.data_dir, hub=world.hub.client())
    assert time.monotonic() - began >= 0.35
    assert [path.name for path in world.data_dir.iterdir()] == ["deletion-receipt.json"]


def test_leaving_takes_away_only_what_it_put_there(world: Participant) -> None:
    """A folder made for a file of ours goes with it, unless somebody else's file is in it now."""
    enrolment = world.join()
    mine, shared = world.data_dir.parent / "mine", world.data_dir.parent / "shared"
    for folder in (mine, shared):
        folder.mkdir()
        (folder / "ours.json").write_text("{}")
    (shared / "theirs.json").write_text("{}")
    enrolment.note_installed([mine, mine / "ours.json", shared, shared / "ours.json"])
    leave(world.data_dir, hub=world.hub.client())
    assert not mine.exists()
    assert [path.name for path in shared.iterdir()] == ["theirs.json"]


def test_a_receipt_is_not_moved_over_another_file(world: Participant) -> None:
    """Where the wanted name is taken the receipt stays; without a receipt there is nothing to move."""
    target = world.data_dir.parent / "mine.json"
    target.write_text("other")
    with pytest.raises(NoConsentError):
        take_receipt(world.data_dir, target)
    world.join()
    leave(world.data_dir, hub=world.hub.client())
    with pytest.raises(UsageError):
        take_receipt(world.data_dir, target)
    assert target.read_text() == "other"
    assert read_receipt(world.data_dir) is not None


def test_what_was_kept_of_leaving_and_broke_is_said(world: Participant) -> None:
    """A waiting withdrawal or a deletion receipt that can't be read raises and names what to do."""
    world.join()
    world.down = {"POST /v1/withdrawals"}
    with pytest.raises(HubUnreachableError):
        leave(world.data_dir, hub=world.hub.client())
    assert pending_hub(world.data_dir) == "https://hub.example.org"
    (world.data_dir / "withdrawal.json").write_bytes(b"{")
    (world.data_dir / "deletion-receipt.json").write_bytes(b"{")
    for call in (leave, read_receipt):
        with pytest.raises(IntegrityError) as caught:
            call(world.data_dir)
        assert caught.value.hint


def test_refusing_and_withdrawing_ask_for_what_they_need(world: Participant) -> None:
    """Consent given is ended by leaving, not by refusing; withdrawing names a session; without consent nothing is withdrawn."""
    enrolment = start_join(LINK, world.data_dir, hub=world.hub.client())
    with pytest.raises(NoConsentError):
        leave(world.data_dir, hub=world.hub.client())
    assert enrolment.status == "requested"
    enrolment = world.join()
    with pytest.raises(UsageError):
        refuse(world.data_dir)
    with pytest.raises(UsageError):
        withdraw_sessions(enrolment, (), hub=world.hub.client())


def test_a_session_of_another_receipt_is_not_sent(world: Participant) -> None:
    """What was recorded under a receipt that isn't this participant's stays here."""
    enrolment = world.join()
    spool = enrolment.open_spool()
    header = msgspec.structs.replace(sample_header(SESSION), recorded_at=enrolment.receipt.given_at)
    spool.open_session(header).close(SessionEnd(timestamp_ns=1, reason="stopped"))
    world.see(enrolment)
    with pytest.raises(NoConsentError):
        send_session(enrolment, SESSION, hub=world.hub.client())


def test_a_session_kept_back_makes_no_parcel(world: Participant) -> None:
    """A session marked as not to leave can't be packed, and one sent before isn't packed anew after a change."""
    enrolment = world.join()
    spool = world.record(enrolment)
    world.see(enrolment)
    send_session(enrolment, SESSION, hub=world.hub.client())
    spool.add_mark(SESSION, DropSession(mark_id="d"))
    with pytest.raises(UsageError, match="sent already"):
        send_session(enrolment, SESSION, hub=world.hub.client())
    terms = SealingTerms(enrolment.participant, enrolment.offer.box_key, "2026-11-24T09:00:00Z")
    with pytest.raises(UsageError, match="not to leave"):
        make_parcel(spool, SESSION, marks=spool.marks(SESSION), terms=terms)


def test_a_hub_that_asks_for_what_is_not_in_the_parcel_gets_nothing(world: Participant) -> None:
    """The outbox gives out the parcel's own objects only, and a broken file of it is said."""
    outbox = Outbox(world.data_dir)
    with pytest.raises(UsageError):
        outbox.read_object(SESSION, "0" * 64)
    with pytest.raises(UsageError):
        outbox.intent("../keys")
    (world.data_dir / "outbox" / SESSION).mkdir()
    (world.data_dir / "outbox" / SESSION / "intent.json").write_bytes(b"{")
    with pytest.raises(IntegrityError):
        outbox.intent(SESSION)
