"""Nothing is stored outside the time of consent, whatever happens in whatever order."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hub_ground import Ground, example_programme
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient

from witting.hub.app import create_app
from witting.hub.config import HubConfig
from witting.hub.programmes import add_programme
from witting.hub.setup import init_hub
from witting.terms.clock import parse_rfc3339
from witting.terms.hub import ConsentAnswer, UploadState
from witting.testing.clock import FakeClock
from witting.testing.sender import Sender

_WAITS = st.sampled_from([0, 1, 3600, 86_400, 40 * 86_400, 120 * 86_400])
_DEEDS = st.sampled_from(["consent", "wait", "record", "intent", "put", "commit", "withdraw", "new version"])


@pytest.fixture(scope="module")
def blank() -> Iterator[Path]:
    """A hub's folder just after it was made, to be copied."""
    with tempfile.TemporaryDirectory() as folder:
        init_hub(HubConfig(data_dir=Path(folder) / "hub", public_url="http://127.0.0.1"))
        yield Path(folder) / "hub"


class _Story:
    """One participant's doings, with what should hold kept beside."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.person: Sender = ground.visitor()
        self.version = 1
        self.given_version = 0  # under which consent is in force; 0 = none
        self.ends: Any = None
        self.parcel: Any = None
        self.recorded_version = 0
        self.state: UploadState | None = None
        self.stored: set[str] = set()

    @property
    def is_lent(self) -> bool:
        """Whether consent is in force at this moment for what was recorded."""
        in_force = self.given_version == self.version == self.recorded_version
        return in_force and self.ends is not None and self.ground.clock.now() < self.ends

    def consent(self) -> None:
        """Say yes to the notice in force."""
        ground = self.ground
        if self.person.receipt is None or self.version != self.given_version:
            fresh = ground.visitor()
            self.person.offer, self.person.invite = fresh.offer, fresh.invite
        response = ground.post("/v1/consent", self.person.consent(ground.now()))
        if response.status_code == 200:
            receipt = self.person.keep(msgspec.json.decode(response.content, type=ConsentAnswer))
            self.given_version, self.ends = self.version, parse_rfc3339(receipt.expires_at)

    def record(self) -> None:
        """Record and pack a session, honestly, under the receipt at hand."""
        if self.person.receipt is not None:
            self.parcel = self.person.pack(self.ground.records(self.person, purposes=("train",), frames=1), at=self.ground.now())
            self.recorded_version, self.state = self.given_version, None

    def intent(self) -> None:
        """Ask to send; the door has to know whether that is lent."""
        if self.parcel is None:
            return
        response = self.ground.post("/v1/uploads", self.person.intent(self.parcel[0], at=self.ground.now()))
        is_known = self.parcel[0].session_id in self.stored
        assert (response.status_code == 200) is (self.is_lent or is_known), response.text
        if response.status_code == 200:
            self.state = msgspec.json.decode(response.content, type=UploadState)

    def put(self) -> None:
        """Send the objects."""
        if self.state is not None:
            for digest in self.state.missing:
                self.ground.client.put(f"/v1/uploads/{self.state.upload_id}/objects/{digest}", content=self.parcel[1][digest])

    def commit(self) -> None:
        """Ask to store; it may be stored only if lent at this moment."""
        if self.state is None:
            return
        session_id = self.parcel[0].session_id
        response = self.ground.commit(self.state)
        if response.status_code == 200 and session_id not in self.stored:
            assert self.is_lent
            self.stored.add(session_id)

    def withdraw(self) -> None:
        """Leave."""
        if self.person.receipt is not None:
            self.ground.leave(self.person)
            self.given_version, self.parcel, self.state = 0, None, None
            self.stored.clear()

    def new_version(self) -> None:
        """The steward changes the programme."""
        self.version += 1
        add_programme(self.ground.hub, example_programme(version=self.version))


@pytest.mark.promise("P1")
@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(_DEEDS, _WAITS), min_size=3, max_size=14))
def test_nothing_is_stored_outside_the_time_of_consent(blank: Path, deeds: list[tuple[str, int]]) -> None:
    """Over orders of consent, recording, sending, waiting, leaving and new versions, the vault holds what was lent at its commit."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(blank, Path(folder) / "hub")
        config, clock = HubConfig(data_dir=Path(folder) / "hub", public_url="http://127.0.0.1"), FakeClock()
        with TestClient(create_app(config, clock=clock), base_url="http://127.0.0.1") as client:
            ground = Ground(config=config, clock=clock, hub=client.app.state.hub, client=client, programme=example_programme())
            add_programme(ground.hub, ground.programme)
            story = _Story(ground)
            for deed, seconds in [("consent", 0), ("record", 0), *deeds, ("intent", 0), ("put", 0), ("commit", 0)]:
                if deed == "wait":
                    clock.advance(seconds=seconds)
                else:
                    getattr(story, deed.replace(" ", "_"))()
                assert story.stored == _sessions(ground)


def _sessions(ground: Ground) -> set[str]:
    """Return the sessions that the object store holds anything of."""
    return {name.split("/")[0] for name in ground.hub.objects.sizes()}
