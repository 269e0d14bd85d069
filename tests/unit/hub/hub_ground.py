"""A hub in a fresh folder with a clock that stands still, a programme, and people who lend."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from litestar.testing import TestClient

from witting.consent.programme import read_programme
from witting.hub.config import HubConfig
from witting.hub.hub import Hub
from witting.hub.invitations import invite
from witting.hub.vault import Vault
from witting.ledger.keys import open_signed
from witting.terms.clock import rfc3339
from witting.terms.consent import DeletionReceipt, Grant
from witting.terms.hub import ConsentAnswer, ParcelAnswer, ProgrammeOffer, UploadState, WithdrawalAnswer
from witting.terms.programme import Programme
from witting.terms.session import Parcel, Record, Signed
from witting.terms.work import DatasetManifest, DatasetSession, ModelCard
from witting.testing.clock import FakeClock
from witting.testing.sample_session import SITE, sample_records
from witting.testing.sender import Sender, body, everything

EXAMPLE = Path(__file__).resolve().parents[3] / "src" / "witting" / "consent" / "example.toml"


def example_programme(**changes: Any) -> Programme:
    """Return the example programme with the site of the sample session, and some fields replaced."""
    programme = read_programme(EXAMPLE.read_text("utf-8"))
    apps = tuple(msgspec.structs.replace(app, sites=(SITE,)) if app.sites else app for app in programme.apps)
    return msgspec.structs.replace(programme, **{"apps": apps, **changes})


@dataclass
class Ground:
    """One hub with its programme, as tests drive it over HTTP."""

    config: HubConfig
    clock: FakeClock
    hub: Hub
    client: TestClient[Any]
    programme: Programme
    vault: Vault = field(init=False)

    def __post_init__(self) -> None:
        """Open the vault of the same hub."""
        self.vault = Vault(self.hub)

    def now(self) -> str:
        """Return the time as it is written."""
        return rfc3339(self.clock.now())

    def post(self, path: str, statement: Signed) -> Any:
        """Send a signed statement and return the answer as it comes."""
        return self.client.post(path, content=body(statement))

    def ask(self, path: str, statement: Signed, answer: type[Any]) -> Any:
        """Send a signed statement that is to be taken, and return what it is answered."""
        response = self.post(path, statement)
        assert response.status_code == 200, response.text
        return msgspec.json.decode(response.content, type=answer)

    def visitor(self) -> Sender:
        """Return somebody who opened a fresh invitation."""
        (link,) = invite(self.hub, self.programme.id, count=1)
        token = link.rsplit("/", 1)[1]
        offer = msgspec.json.decode(self.client.get(f"/v1/offer/{token}").content, type=ProgrammeOffer)
        return Sender(offer=offer, invite=token)

    def lender(self, *, grants: Sequence[Grant] | None = None) -> Sender:
        """Return somebody who said yes, to everything unless `grants` says otherwise."""
        person = self.visitor()
        person.keep(self.ask("/v1/consent", person.consent(self.now(), grants=grants), ConsentAnswer))
        return person

    def asked_again(self, person: Sender, *, streams: Sequence[str] = ()) -> None:
        """Have somebody who lent read the version in force and say yes to it, to all of it or to some streams."""
        fresh = self.visitor()
        person.offer, person.invite = fresh.offer, fresh.invite
        grants = [grant for grant in everything(person.offer.programme) if grant.stream in streams] if streams else None
        person.keep(self.ask("/v1/consent", person.consent(self.now(), grants=grants), ConsentAnswer))

    def records(self, person: Sender, *, purposes: Sequence[str] = (), frames: int = 2) -> list[Record]:
        """Return a sample session recorded now under the person's receipt."""
        return list(sample_records(person.header(recorded_at=self.now(), purposes=purposes), frames=frames))

    def open(self, person: Sender, parcel: Parcel) -> UploadState:
        """Hand in the intent to send a parcel."""
        return self.ask("/v1/uploads", person.intent(parcel, at=self.now()), UploadState)

    def put(self, state: UploadState, objects: dict[str, bytes], *, most: int = 10_000) -> None:
        """Send what is missing, or the first `most` of it."""
        for digest in state.missing[:most]:
            response = self.client.put(f"/v1/uploads/{state.upload_id}/objects/{digest}", content=objects[digest])
            assert response.status_code == 204, response.text

    def commit(self, state: UploadState) -> Any:
        """Ask to store a complete parcel and return the answer as it comes."""
        return self.client.post(f"/v1/uploads/{state.upload_id}/commit")

    def send(self, person: Sender, parcel: Parcel, objects: dict[str, bytes]) -> Any:
        """Send a parcel whole and return the answer to its commit as it comes."""
        state = self.open(person, parcel)
        self.put(state, objects)
        return self.commit(state)

    def store(self, person: Sender, *, purposes: Sequence[str] = (), frames: int = 2) -> str:
        """Record, pack and store a session; return its id."""
        parcel, objects = person.pack(self.records(person, purposes=purposes, frames=frames), at=self.now())
        response = self.send(person, parcel, objects)
        assert response.status_code == 200, response.text
        return msgspec.json.decode(response.content, type=ParcelAnswer).session_id

    def leave(self, person: Sender, *, sessions: Sequence[str] = ()) -> DeletionReceipt:
        """Withdraw everything, or some sessions, and return the deletion receipt."""
        answer = self.ask("/v1/withdrawals", person.withdrawal(self.now(), sessions=sessions), WithdrawalAnswer)
        return open_signed(answer.receipt, "deletion", statement_type=DeletionReceipt, key=person.offer.signing_key)

    def bytes_kept(self) -> dict[str, bytes]:
        """Return everything below the hub's folder, as a raw search would see it."""
        folder = self.config.data_dir
        return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def manifest(ground: Ground, sessions: list[str], *, version: int = 1, replaces: str = "", purpose: str = "train") -> DatasetManifest:
    """Return the manifest of a dataset version of these sessions."""
    rows = {row.session_id: row for row in ground.vault.catalogue(ground.programme.id)}
    return DatasetManifest(
        dataset_id=f"{ground.programme.id}@{version}",
        programme_id=ground.programme.id,
        version=version,
        built_at=ground.now(),
        purpose=purpose,
        sessions=tuple(
            DatasetSession(
                session_id=session_id,
                participant=rows[session_id].participant if session_id in rows else "",
                receipt_id=rows[session_id].receipt_id if session_id in rows else "",
                parcel_id=rows[session_id].parcel_id if session_id in rows else "",
                episodes=1,
                steps=3,
                digest="a" * 64,
            )
            for session_id in sessions
        ),
        root="b" * 64,
        replaces=replaces,
    )


def card(ground: Ground, sessions: list[str], *, model_id: str = "model-1", version: int = 1, replaces: str = "") -> ModelCard:
    """Return the card of a model trained on these sessions."""
    return ModelCard(
        model_id=model_id,
        dataset_id=f"{ground.programme.id}@{version}",
        dataset_root="b" * 64,
        sessions=tuple(sessions),
        episodes=len(sessions),
        steps=3 * len(sessions),
        seed=1,
        weights_sha256="c" * 64,
        created_at=ground.now(),
        cpu_seconds=1.0,
        versions={},
        replaces=replaces,
    )
