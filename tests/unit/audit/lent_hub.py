"""A real hub over HTTP in memory, with people who lend to it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from litestar.testing import TestClient

from witting.hub.invitations import invite
from witting.hub.vault import Vault
from witting.ledger.keys import open_signed
from witting.terms.clock import rfc3339
from witting.terms.consent import DeletionReceipt
from witting.terms.hub import ConsentAnswer, ParcelAnswer, ProgrammeOffer, UploadState, WithdrawalAnswer
from witting.testing.clock import FakeClock
from witting.testing.sample_session import sample_records
from witting.testing.sender import Sender, body


class LentHub:
    """A hub over HTTP in memory, and what people do with it."""

    def __init__(self, data_dir: Path, client: TestClient[Any], clock: FakeClock) -> None:
        self.data_dir, self.client, self.clock = data_dir, client, clock
        self.hub = client.app.state.hub
        self.vault = Vault(self.hub)

    def join(self) -> Sender:
        """Somebody opens an invitation and says yes to everything."""
        token = invite(self.hub, "office-help", count=1)[0].rsplit("/", 1)[1]
        offer = msgspec.json.decode(self.client.get(f"/v1/offer/{token}").content, type=ProgrammeOffer)
        person = Sender(offer=offer, invite=token)
        answer = self.client.post("/v1/consent", content=body(person.consent(rfc3339(self.clock.now()))))
        person.keep(msgspec.json.decode(answer.content, type=ConsentAnswer))
        return person

    def send(self, person: Sender) -> str:
        """Somebody sends a session; returns its id."""
        now = rfc3339(self.clock.now())
        parcel, objects = person.pack(list(sample_records(person.header(recorded_at=now), frames=1)), at=now)
        state = msgspec.json.decode(self.client.post("/v1/uploads", content=body(person.intent(parcel, at=now))).content, type=UploadState)
        for digest in state.missing:
            self.client.put(f"/v1/uploads/{state.upload_id}/objects/{digest}", content=objects[digest])
        answer = self.client.post(f"/v1/uploads/{state.upload_id}/commit")
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=ParcelAnswer).session_id

    def leave(self, person: Sender, sessions: Sequence[str] = ()) -> DeletionReceipt:
        """Somebody withdraws; returns the deletion receipt."""
        statement = person.withdrawal(rfc3339(self.clock.now()), sessions=sessions)
        answer = msgspec.json.decode(self.client.post("/v1/withdrawals", content=body(statement)).content, type=WithdrawalAnswer)
        return open_signed(answer.receipt, "deletion", statement_type=DeletionReceipt, key=person.offer.signing_key)
