"""A participant's device against the hub itself, in one process: what was seen is what the vault gives out, and leaving reaches it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from witting.device.enrolment import Enrolment, offered_grants, start_join
from witting.device.leaving import leave, refuse
from witting.device.review import preview
from witting.device.send import HubClient
from witting.device.sending import send_session
from witting.device.taking_back import read_deletions, withdraw_items, withdraw_part, withdraw_sessions
from witting.hub.app import create_app
from witting.hub.config import HubConfig
from witting.hub.invitations import create
from witting.hub.programmes import add_programme
from witting.hub.setup import init_hub
from witting.hub.vault import Vault
from witting.terms.consent import Item
from witting.terms.errors import NoConsentError, NoticeChangedError, UsageError
from witting.terms.events import Frame
from witting.terms.geometry import Rect
from witting.terms.review import DropRange, MaskRegion
from witting.terms.session import Signed
from witting.testing.participant import SESSION, Participant, sample_programme

SECOND = 1_000_000_000
OTHER = "6f" * 16


@dataclass
class RealHub:
    """The hub as a participant's device reaches it."""

    data_dir: Path
    app_client: TestClient[Any] = field(repr=False)
    before: object = None  # taken by `Participant`, not used here

    def client(self) -> HubClient:
        """Return a client without any network in between."""
        return HubClient("http://127.0.0.1", client=self.app_client)

    def link(self) -> str:
        """Return a fresh invitation."""
        return create(self.data_dir, "office-help", count=1)[0]

    def vault(self) -> Vault:
        """Return the vault as the lab opens it."""
        return Vault(self.app_client.app.state.hub)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[RealHub]:
    """A hub with the example programme in force."""
    config = HubConfig(data_dir=tmp_path / "hub", public_url="http://127.0.0.1")
    init_hub(config)
    with TestClient(create_app(config), base_url="http://127.0.0.1") as client:
        add_programme(client.app.state.hub, sample_programme())
        yield RealHub(config.data_dir, client)


def _join(hub: RealHub, data_dir: Path) -> tuple[Participant, Enrolment]:
    """Open an invitation on a fresh device and opt in to everything offered."""
    device = Participant(data_dir, hub=hub)  # type: ignore[arg-type] # the real one instead of the one in memory
    enrolment = start_join(hub.link(), data_dir, hub=hub.client())
    enrolment.give_consent(offered_grants(enrolment.programme), hub=hub.client())
    return device, enrolment


@pytest.mark.promise("P9")
def test_what_was_seen_is_what_the_lab_reads(hub: RealHub, tmp_path: Path) -> None:
    """Record, mask, drop, look, send: the vault gives out exactly the records that were shown."""
    device, enrolment = _join(hub, tmp_path / "device")
    spool = device.record(enrolment)
    spool.add_mark(SESSION, MaskRegion(mark_id="m", area=Rect(80, 120, 200, 60), from_ns=0, to_ns=2**62))
    spool.add_mark(SESSION, DropRange(mark_id="d", from_ns=3 * SECOND, to_ns=5 * SECOND))
    shown = device.see(enrolment)
    sent = send_session(enrolment, SESSION, hub=hub.client())
    assert list(hub.vault().read(SESSION)) == shown
    (row,) = hub.vault().catalogue("office-help", "train")
    assert (row.parcel_id, row.content_digest) == (sent.parcel.parcel_id, sent.parcel.content_digest)


@pytest.mark.promise("P2")
def test_leaving_reaches_from_the_device_to_the_vault(hub: RealHub, tmp_path: Path) -> None:
    """One session taken back, then everything: each time the device gets a receipt that verifies, and the vault holds nothing of it."""
    device, enrolment = _join(hub, tmp_path / "device")
    for session_id in (SESSION, OTHER):
        device.record(enrolment, session_id)
        device.see(enrolment, session_id)
        send_session(enrolment, session_id, hub=hub.client())
    one = withdraw_sessions(enrolment, (SESSION,), hub=hub.client()).open()
    assert (one.sessions, one.keys_destroyed) == ((SESSION,), 1)
    assert [row.session_id for row in hub.vault().catalogue("office-help")] == [OTHER]
    rest = leave(tmp_path / "device", enrolment=enrolment, hub=hub.client()).open()
    assert rest.sessions == (OTHER,)
    assert hub.vault().catalogue("office-help") == []
    assert not [file for file in (hub.data_dir / "objects").rglob("*") if file.is_file()]


@pytest.mark.promise("P2")
@pytest.mark.promise("P13")
def test_a_kind_taken_back_reaches_from_the_device_to_the_vault(hub: RealHub, tmp_path: Path) -> None:
    """Pictures taken back: gone here and at the hub, the next recording is without them, the rest stays lent and sent."""
    device, enrolment = _join(hub, tmp_path / "device")
    for session_id in (SESSION, OTHER):
        device.record(enrolment, session_id)
    device.see(enrolment)
    send_session(enrolment, SESSION, hub=hub.client())
    told = tmp_path / "device" / "run" / "receipts.json"
    told.parent.mkdir()
    told.write_bytes(b"what a recorder was told")
    kept = withdraw_part(enrolment, streams=("screen",), hub=hub.client())
    assert kept.open().records_removed > 0
    assert read_deletions(tmp_path / "device") == (kept,)
    assert "screen" not in {grant.stream for grant in enrolment.receipt.grants}
    assert msgspec.json.decode(told.read_bytes(), type=tuple[Signed, ...]) == enrolment.signed_receipts
    assert Enrolment(tmp_path / "device").receipt == enrolment.receipt
    assert enrolment.open_spool().sessions() == []
    names = {type(record).__name__ for record in hub.vault().read(SESSION, purpose="train")}
    assert names & {"Frame", "Tile"} == set()
    assert "PointerPath" in names
    with pytest.raises(UsageError, match="that you lend"):
        withdraw_part(enrolment, streams=("screen",), hub=hub.client())
    with pytest.raises(UsageError, match="that you lend"):
        withdraw_part(enrolment, streams=("keys",), purposes=("train",), hub=hub.client())


@pytest.mark.promise("P2")
def test_the_last_purpose_taken_back_is_leaving(hub: RealHub, tmp_path: Path) -> None:
    """With nothing left to lend, the device ends as it does after leaving, and so does the vault."""
    device, enrolment = _join(hub, tmp_path / "device")
    device.record(enrolment)
    device.see(enrolment)
    send_session(enrolment, SESSION, hub=hub.client())
    every = tuple(purpose.id for purpose in enrolment.programme.purposes)
    assert withdraw_part(enrolment, purposes=every, hub=hub.client()).open().participant
    assert hub.vault().catalogue("office-help") == []
    assert [file.name for file in (tmp_path / "device").rglob("*") if file.is_file()] == ["deletion-receipt.json"]


@pytest.mark.promise("P20")
def test_refusing_leaves_nothing_on_either_side(hub: RealHub, tmp_path: Path) -> None:
    """Somebody reads the notice and says no: the device is empty, and the hub never heard of them."""
    start_join(hub.link(), tmp_path / "device", hub=hub.client())
    refuse(tmp_path / "device")
    assert not (tmp_path / "device").exists()
    stored = b"".join(file.read_bytes() for file in hub.data_dir.rglob("*") if file.is_file())
    assert b"consent_given" not in stored


@pytest.mark.promise("P5")
def test_a_new_version_stops_sending(hub: RealHub, tmp_path: Path) -> None:
    """Once the programme changed, what was recorded under the old version stays on the device and says why."""
    device, enrolment = _join(hub, tmp_path / "device")
    device.record(enrolment)
    device.see(enrolment)
    add_programme(hub.app_client.app.state.hub, msgspec.structs.replace(sample_programme(), version=2))
    with pytest.raises(NoticeChangedError):
        send_session(enrolment, SESSION, hub=hub.client())
    assert hub.vault().catalogue("office-help") == []


def test_a_used_invitation_admits_no_second_device(hub: RealHub, tmp_path: Path) -> None:
    """Two devices with one link: the first is in, the second is told to ask for another."""
    link = hub.link()
    enrolments = [start_join(link, tmp_path / name, hub=hub.client()) for name in ("first", "second")]
    enrolments[0].give_consent(offered_grants(enrolments[0].programme), hub=hub.client())
    with pytest.raises(NoConsentError):
        enrolments[1].give_consent(offered_grants(enrolments[1].programme), hub=hub.client())


@pytest.mark.promise("P2")
@pytest.mark.promise("P13")
def test_one_picture_is_taken_back_everywhere(hub: RealHub, tmp_path: Path) -> None:
    """From the device's copy and the real hub's store one picture goes, with a hole in its place; both show the same afterwards."""
    device, enrolment = _join(hub, tmp_path / "device")
    device.record(enrolment)
    device.see(enrolment)
    send_session(enrolment, SESSION, hub=hub.client())
    before = [one for one in hub.vault().read(SESSION) if isinstance(one, Frame)]
    at = before[0].timestamp_ns // 1000
    receipt = withdraw_items(enrolment, (Item(SESSION, at, at),), hub=hub.client()).open()
    assert receipt.records_removed > 0
    assert [one for one in hub.vault().read(SESSION) if isinstance(one, Frame)] == before[1:]
    spool = enrolment.open_spool()
    assert [one for one in preview(spool, SESSION, marks=spool.marks(SESSION)) if isinstance(one, Frame)] == before[1:]
    assert enrolment.status == "given"
