"""Over all orders of events no item is on a device, at the hub or in a dataset outside the time in which consent for it was in force.

Two devices with the real enrolment, pipeline, writer and spool, the real hub, vault and dataset, one clock. What should hold is kept
beside by a model that knows neither gate nor receipts' status.
"""

import contextlib
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from litestar.testing import TestClient

from witting.consent.programme import programme_digest
from witting.device.enrolment import Enrolment, start_join
from witting.device.leaving import leave, refuse
from witting.device.privacy import Redactor
from witting.device.recorder.focus import FocusHistory
from witting.device.recorder.fronts import Fronts
from witting.device.recorder.lending import Lending
from witting.device.recorder.pipeline import Pipeline
from witting.device.recorder.writer import Writer
from witting.device.review import preview, summarise
from witting.device.send import HubClient
from witting.device.sending import note_review, send_session
from witting.device.taking_back import withdraw_part, withdraw_sessions
from witting.hub.app import create_app
from witting.hub.config import HubConfig
from witting.hub.invitations import create
from witting.hub.programmes import add_programme
from witting.hub.setup import init_hub
from witting.hub.vault import Vault
from witting.lab.dataset import build
from witting.ledger.pseudonyms import new_session_id
from witting.terms.clock import parse_rfc3339, rfc3339
from witting.terms.consent import Grant
from witting.terms.errors import NoConsentError, WittingError
from witting.terms.events import PointerButton, WindowFocus
from witting.terms.geometry import Rect
from witting.terms.programme import App
from witting.terms.raw import RawButton, RawMove, RawTask, RawWindow
from witting.terms.session import SessionEnd, SessionHeader
from witting.testing.clock import FakeClock
from witting.testing.participant import sample_programme

APPS = ("mousepad", "soffice")
LENDABLE = tuple(Grant("train", stream, app) for stream in ("pointer", "windows") for app in APPS)
PLACE = {"mousepad": 100, "soffice": 200}  # where the pointer is while an app is in front: tells whose an item is
START = datetime.fromisoformat("2026-11-24T09:00:00+00:00")
DEVICES = st.sampled_from([0, 1])
GRANTS = st.frozensets(st.sampled_from(LENDABLE), min_size=1)


def programme(version: int, *, owner: str, contact: str) -> Any:
    """Return a version of the programme."""
    return msgspec.structs.replace(
        sample_programme(),
        version=version,
        starts_on=date(2026, 11, 1),
        ends_on=date(2027, 10, 31),
        apps=tuple(App(app, app.title()) for app in APPS),
        owner=owner,
        dpo_contact=contact,
    )


def origin(record: object) -> Grant | None:
    """Return what has to be lent for a record, as its content shows; None for what is of no app."""
    if isinstance(record, WindowFocus):
        return Grant("train", "windows", record.app)
    if isinstance(record, PointerButton):  # a way of the pointer names no place
        return Grant("train", "pointer", next(app for app, x in PLACE.items() if x == record.x))
    return None


@dataclass
class Model:
    """What somebody said, and until when it holds."""

    grants: frozenset[Grant] = frozenset()
    since: datetime = START
    until: datetime = START
    version: int = 0  # of the programme they said it about
    said_no: bool = False  # to being asked again: nothing more is recorded; what was sent stays until it is taken back
    must_be_asked: bool = False  # something changed that people have to be asked about

    def lends(self, now: datetime) -> frozenset[Grant]:
        """Return what is lent at a moment."""
        return self.grants if self.since <= now < self.until and date(2026, 11, 1) <= now.date() <= date(2027, 10, 31) else frozenset()


class Everywhere(RuleBasedStateMachine):
    """People's deeds at two devices, the steward's, and time's."""

    blank: Path  # a hub's folder just after it was made

    @initialize()
    def begin(self) -> None:
        """Make a hub and two devices that nobody has asked anything yet."""
        self.folder = Path(tempfile.mkdtemp(prefix="witting-everywhere-"))
        shutil.copytree(self.blank, self.folder / "hub")
        self.clock = FakeClock(start=START)
        config = HubConfig(data_dir=self.folder / "hub", public_url="http://127.0.0.1")
        self.exits = contextlib.ExitStack()
        self.app = self.exits.enter_context(TestClient(create_app(config, clock=self.clock), base_url="http://127.0.0.1"))
        self.client = HubClient("http://127.0.0.1", client=self.app)
        self.hub = self.app.app.state.hub
        self.vault = Vault(self.hub)
        self.version, self.owner, self.contact = 1, "its members", "dpo@example.org"
        add_programme(self.hub, programme(1, owner=self.owner, contact=self.contact))
        self.models = [Model(), Model()]
        self.sent: dict[str, int] = {}  # session → device
        self.built = 0

    def teardown(self) -> None:
        """Let go of hub and folders."""
        if hasattr(self, "exits"):
            self.exits.close()
            shutil.rmtree(self.folder)

    def data_dir(self, device: int) -> Path:
        """Return a device's folder."""
        return self.folder / f"device-{device}"

    def enrolment(self, device: int) -> Enrolment | None:
        """Return a device's enrolment, None where there is none."""
        with contextlib.suppress(NoConsentError):
            return Enrolment(self.data_dir(device), clock=self.clock)
        return None

    @rule(device=DEVICES, grants=GRANTS)
    def read_and_give(self, device: int, grants: frozenset[Grant]) -> None:
        """Open a fresh invitation, read what is asked now and say yes to some of it."""
        with contextlib.suppress(WittingError):
            link = create(self.folder / "hub", "office-help", count=1)[0]
            self._say_yes(device, start_join(link, self.data_dir(device), hub=self.client, clock=self.clock), grants)

    @rule(device=DEVICES, grants=GRANTS)
    def choose_again(self, device: int, grants: frozenset[Grant]) -> None:
        """Choose other streams and apps under what was read before."""
        enrolment = self.enrolment(device)
        if enrolment is not None:
            self._say_yes(device, enrolment, grants)

    def _say_yes(self, device: int, enrolment: Enrolment, grants: frozenset[Grant]) -> None:
        if enrolment.programme.version != self.models[device].version:
            self.models[device].grants = frozenset()  # asked anew: the old yes has ended
        try:
            receipt = enrolment.give_consent(grants, hub=self.client)
        except WittingError:
            return
        since, until = parse_rfc3339(receipt.given_at), parse_rfc3339(receipt.expires_at)
        assert self.clock.now() >= since
        self.models[device] = Model(grants, since, until, enrolment.programme.version)

    @rule(device=DEVICES)
    def read_and_refuse(self, device: int) -> None:
        """Open a fresh invitation and say no."""
        with contextlib.suppress(WittingError):
            link = create(self.folder / "hub", "office-help", count=1)[0]
            is_again = bool(start_join(link, self.data_dir(device), hub=self.client, clock=self.clock).signed_receipts)
            self.models[device] = replace(self.models[device], said_no=True) if is_again else Model()
            refuse(self.data_dir(device), hub=self.client, clock=self.clock)

    @rule(is_grave=st.booleans())
    def change_the_programme(self, *, is_grave: bool) -> None:
        """The steward puts another version into force: another owner, or only another telephone number."""
        self.version += 1
        if is_grave:
            self.owner = f"owner {self.version}"
            for model in self.models:
                model.must_be_asked = True
        else:
            self.contact = f"dpo{self.version}@example.org"
        add_programme(self.hub, programme(self.version, owner=self.owner, contact=self.contact))

    @rule(seconds=st.sampled_from([1, 60, 3600, 86_400, 60 * 86_400, 190 * 86_400, -1800, -40 * 86_400]))
    def let_time_pass(self, seconds: int) -> None:
        """Time passes; or a clock is set back."""
        self.clock.advance(seconds=seconds)

    @rule(device=DEVICES, apps=st.lists(st.sampled_from(APPS), min_size=1, max_size=3))
    def record(self, device: int, apps: list[str]) -> None:
        """Work with apps while the recorder runs: kept is exactly what is lent at that moment."""
        enrolment, now = self.enrolment(device), self.clock.now()
        lent = frozenset() if self.models[device].said_no else self.models[device].lends(now)
        try:
            assert enrolment is not None
            assert enrolment.status in {"given", "reconfirmed"}
            lending = Lending(enrolment.receipts, enrolment.programme, purposes=("train",), clock=self.clock)
        except (AssertionError, WittingError):
            assert not lent
            return
        records = self._work(enrolment, lending, apps)
        kept = Counter(origin(record) for record in records)
        for grant in LENDABLE:
            assert bool(kept[grant]) == (grant in lent and grant.app in apps), (grant, lent, kept)

    def _work(self, enrolment: Enrolment, lending: Lending, apps: list[str]) -> list[Any]:
        """Run pipeline, writer and spool over some work, and return what the spool holds of it."""
        spool = enrolment.open_spool()
        header = SessionHeader(
            session_id=new_session_id(), programme_id=lending.programme.id, programme_digest=programme_digest(lending.programme),
            receipt_id=lending.receipt.receipt_id, purposes=("train",), streams=lending.streams, started_ns=self.clock.monotonic_ns(),
            recorded_at=rfc3339(self.clock.now().replace(minute=0, second=0)), recorder_version="t", width_px=1280, height_px=800,
        )  # fmt: skip
        writer = Writer(Redactor("strict"), spool.open_session(header), clock=self.clock)
        writer.start(lambda: None)
        fronts = Fronts(lending.is_browser)
        pipeline = Pipeline(lending, fronts, focus=FocusHistory(), sink=writer)
        at = self.clock.monotonic_ns()
        pipeline.hold(RawTask(at, "begin", "Write a letter"), at)
        for app in apps:
            number, x = APPS.index(app) + 1, PLACE[app]
            window = RawWindow(at + 1, app, "a title", number, Rect(0, 0, 400, 400))
            fronts.show_window(window)
            for item in (window, RawMove(at + 2, x, 9), *(RawButton(at + 3 + up, x, 9, 1, pressed=not up) for up in (0, 1))):
                pipeline.hold(item, at + 5, owner=(number, app))
            pipeline.release_all()
            at += 10
        pipeline.hold(RawTask(at, "done", ""), at)
        pipeline.release_all()
        pipeline.end_holes()
        writer.finish()
        assert writer.failure is None
        writer.close(SessionEnd(timestamp_ns=at, reason="stopped"), {})
        return list(spool.read(header.session_id))

    @rule(device=DEVICES)
    def send(self, device: int) -> None:
        """Look at everything that is here and send it: what is lent now arrives, and nothing else does."""
        enrolment = self.enrolment(device)
        if enrolment is None or enrolment.status not in {"given", "reconfirmed"}:
            return
        spool, model = enrolment.open_spool(), self.models[device]
        for info in spool.sessions():
            if info.session_id in self.sent:
                continue
            shown = list(preview(spool, info.session_id, marks=()))
            note_review(enrolment, spool, session_id=info.session_id, content_digest=summarise(shown).content_digest)
            held = {grant for record in shown if (grant := origin(record)) is not None}
            try:
                send_session(enrolment, info.session_id, hub=self.client, over_metered=True)
            except WittingError:
                continue
            assert model.version == self.version
            assert held <= model.lends(self.clock.now())
            self.sent[info.session_id] = device

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def take_one_back(self, data: st.DataObject) -> None:
        """Withdraw one session that was sent."""
        session_id = data.draw(st.sampled_from(sorted(self.sent)))
        enrolment = self.enrolment(self.sent[session_id])
        assert enrolment is not None
        kept = withdraw_sessions(enrolment, (session_id,), hub=self.client).open()
        assert kept.sessions == (session_id,)
        del self.sent[session_id]

    @rule(device=DEVICES, kind=st.sampled_from(["pointer", "windows"]))
    def take_a_kind_back(self, device: int, kind: Any) -> None:
        """Withdraw a kind of recording; with nothing else lent that is leaving."""
        enrolment, model = self.enrolment(device), self.models[device]
        try:
            assert enrolment is not None
            withdraw_part(enrolment, streams=(kind,), hub=self.client)
        except (AssertionError, WittingError):
            return
        left = frozenset(grant for grant in model.grants if grant.stream != kind)
        if left:
            self.models[device] = replace(model, grants=left)
        else:
            self._left(device)

    @rule(device=DEVICES)
    def take_all_back(self, device: int) -> None:
        """Leave; the device keeps nothing but the receipt."""
        enrolment = self.enrolment(device)
        if enrolment is None or not enrolment.signed_receipts:
            return
        leave(self.data_dir(device), enrolment=enrolment, hub=self.client)
        self._left(device)

    def _left(self, device: int) -> None:
        assert [file.name for file in self.data_dir(device).rglob("*") if file.is_file()] == ["deletion-receipt.json"]
        shutil.rmtree(self.data_dir(device))
        self.models[device] = Model()
        self.sent = {session: owner for session, owner in self.sent.items() if owner != device}

    @rule()
    def build(self) -> None:
        """Build a dataset: it holds sessions that are lent at this moment and none else."""
        self.built += 1
        target = self.folder / f"dataset-{self.built}"
        try:
            made = build(
                self.vault, "office-help", purpose="train", out_dir=target, permits=lambda row, purpose: purpose == "train" and bool(row)
            )
        except NoConsentError:
            assert not target.exists()
            return
        for session in made.sessions:
            assert self._lent_at_hub(self.sent[session.session_id])

    def _permits(self, row: Any, purpose: str) -> bool:
        """Ask the vault again, as `witting dataset build` does."""
        return any(lent.session_id == row.session_id for lent in self.vault.catalogue("office-help", purpose))

    def _lent_at_hub(self, device: int) -> frozenset[Grant]:
        """Return what may be used at the hub of what a device sent."""
        model = self.models[device]
        return frozenset() if model.must_be_asked else model.lends(self.clock.now())

    @invariant()
    def the_hub_holds_what_was_sent_and_not_taken_back(self) -> None:
        """The object store's own listing names exactly the sessions that arrived and weren't withdrawn."""
        assert {name.split("/")[0] for name in self.hub.objects.sizes()} == set(self.sent)

    @invariant()
    def what_can_be_read_is_lent_now(self) -> None:
        """Each record that the vault gives out is of a stream and app that its participant lends at this moment."""
        for session_id, device in self.sent.items():
            lent = self._lent_at_hub(device)
            try:
                records = list(self.vault.read(session_id, purpose="train"))
            except NoConsentError:
                continue
            assert lent
            assert {grant for record in records if (grant := origin(record)) is not None} <= lent


Everywhere.TestCase.settings = settings(
    max_examples=8, stateful_step_count=16, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@pytest.mark.promise("P1")
@pytest.mark.promise("P5")
class TestEverywhere(Everywhere.TestCase):
    """No item exists anywhere outside an interval in which consent for it was in force."""


@pytest.fixture(scope="module", autouse=True)
def _blank_hub(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Make a hub once, to be copied."""
    Everywhere.blank = tmp_path_factory.mktemp("blank") / "hub"
    init_hub(HubConfig(data_dir=Everywhere.blank, public_url="http://127.0.0.1"))


@pytest.mark.promise("P1")
def test_what_is_lent_arrives_and_is_built_from() -> None:
    """The machine's rules do what they say: with consent in force items are kept, sent, read and built from, and leaving ends it all."""
    machine = Everywhere()
    machine.begin()
    try:
        machine.read_and_give(0, frozenset(LENDABLE))
        machine.record(0, ["mousepad", "soffice"])
        machine.send(0)
        assert len(machine.sent) == 1
        (session_id,) = machine.sent
        assert {origin(record) for record in machine.vault.read(session_id, purpose="train")} == {None, *LENDABLE}
        machine.build()
        assert (machine.folder / "dataset-1").exists()
        machine.let_time_pass(1)
        machine.choose_again(0, frozenset({Grant("train", "pointer", "mousepad")}))
        machine.what_can_be_read_is_lent_now()
        machine.take_all_back(0)
        machine.the_hub_holds_what_was_sent_and_not_taken_back()
        assert machine.sent == {}
    finally:
        machine.teardown()
