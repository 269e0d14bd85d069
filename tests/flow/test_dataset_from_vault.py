"""From the vault to the dataset and out again: what people lent comes in, who leaves goes, by the verbs a researcher types."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from witting.cli import main
from witting.consent.programme import load_programme
from witting.hub.app import create_app
from witting.hub.config import HubConfig
from witting.hub.invitations import invite
from witting.hub.programmes import add_programme
from witting.hub.setup import init_hub
from witting.ledger.log import verify_proof
from witting.terms.clock import SystemClock, rfc3339
from witting.terms.hub import ConsentAnswer, LogProof, ParcelAnswer, ProgrammeOffer, UploadState, WithdrawalAnswer
from witting.terms.programme import Programme
from witting.testing.sample_session import SITE, sample_records
from witting.testing.sender import Sender, body

EXAMPLE = Path(__file__).resolve().parents[2] / "src" / "witting" / "consent" / "example.toml"
PURPOSE = "train"
Verb = Callable[..., tuple[int, Any]]


@dataclass
class Hub:
    """A hub on disk and the HTTP client of its people."""

    data: Path
    programme: Programme
    client: TestClient[Any]
    app: Any

    def ask(self, path: str, statement: Any, answer: type[Any]) -> Any:
        """Send a signed statement that is to be taken."""
        response = self.client.post(path, content=body(statement))
        assert response.status_code == 200, response.text
        return msgspec.json.decode(response.content, type=answer)

    def join(self) -> Sender:
        """Return somebody who opened an invitation and lends everything."""
        (link,) = invite(self.app.state.hub, self.programme.id, count=1)
        token = link.rsplit("/", 1)[1]
        offer = msgspec.json.decode(self.client.get(f"/v1/offer/{token}").content, type=ProgrammeOffer)
        person = Sender(offer=offer, invite=token)
        person.keep(self.ask("/v1/consent", person.consent(now()), ConsentAnswer))
        return person

    def send(self, person: Sender) -> str:
        """Record, pack and send a session; return its id."""
        records = list(sample_records(person.header(recorded_at=now()), frames=5))
        parcel, objects = person.pack(records, at=now())
        state = self.ask("/v1/uploads", person.intent(parcel, at=now()), UploadState)
        for digest in state.missing:
            assert self.client.put(f"/v1/uploads/{state.upload_id}/objects/{digest}", content=objects[digest]).status_code == 204
        response = self.client.post(f"/v1/uploads/{state.upload_id}/commit")
        assert response.status_code == 200, response.text
        return msgspec.json.decode(response.content, type=ParcelAnswer).session_id


def now() -> str:
    """Return the time as it is written."""
    return rfc3339(SystemClock().now())


@contextmanager
def open_hub(folder: Path, *, database_url: str = "") -> Iterator[Hub]:
    """A hub with a programme in force today."""
    today = datetime.now(UTC).date()
    programme = load_programme(EXAMPLE)
    apps = tuple(msgspec.structs.replace(app, sites=(SITE,)) if app.sites else app for app in programme.apps)
    programme = msgspec.structs.replace(programme, apps=apps, starts_on=today - timedelta(days=1), ends_on=today + timedelta(days=300))
    config = HubConfig(data_dir=folder, public_url="http://127.0.0.1", database_url=database_url)
    init_hub(config)
    app = create_app(config)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        add_programme(app.state.hub, programme)
        yield Hub(config.data_dir, programme, client, app)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub with a programme in force today."""
    with open_hub(tmp_path / "hub") as opened:
        yield opened


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Verb:
    """Run `witting … --json` in this process; return exit code and answer."""

    def run(*arguments: object) -> tuple[int, Any]:
        monkeypatch.setattr(sys, "argv", ["witting", *map(str, arguments), "--json"])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        out = capsys.readouterr().out
        return code, json.loads(out) if out else None

    return run


@pytest.mark.promise("P13")
@pytest.mark.promise("P26")
def test_who_leaves_the_vault_leaves_the_dataset(hub: Hub, verb: Verb, tmp_path: Path) -> None:
    """Two lend, a dataset is built and logged; one withdraws, is told which dataset held them, and the next version never had them."""
    stays, leaves = hub.join(), hub.join()
    kept, gone = hub.send(stays), hub.send(leaves)
    code, first = verb("dataset", "build", hub.programme.id, tmp_path / "v1", "--purpose", PURPOSE, "--hub", hub.data)
    assert (code, {session["session_id"] for session in first["sessions"]}) == (0, {kept, gone})
    proof = msgspec.json.decode(hub.client.get(f"/v1/log/proof/{first['log_index']}").content, type=LogProof)
    assert b"dataset_released" in verify_proof(proof, stays.offer.signing_key, origin=stays.offer.log_origin)

    answer = hub.ask("/v1/withdrawals", leaves.withdrawal(now()), WithdrawalAnswer)
    assert first["dataset_id"].encode() in answer.receipt.payload
    code, second = verb("dataset", "release", tmp_path / "v1", tmp_path / "v2", "--without", gone, "--hub", hub.data)
    assert (code, [session["session_id"] for session in second["sessions"]]) == (0, [kept])
    assert verb("dataset", "check", tmp_path / "v2")[1]["holds"] is True

    code, fresh = verb("dataset", "build", hub.programme.id, tmp_path / "v9", "--purpose", PURPOSE, "--hub", hub.data, "--version", 9)
    assert (code, fresh["root"]) == (0, second["root"])
    assert verb("dataset", "check", tmp_path / "v1")[0] == 2


def test_purpose_that_was_not_chosen_gives_no_dataset(hub: Hub, verb: Verb, tmp_path: Path) -> None:
    """Lending for one purpose lends for no other."""
    hub.send(hub.join())
    code, _ = verb("dataset", "build", hub.programme.id, tmp_path / "v1", "--purpose", "insight-nobody-asked-for", "--hub", hub.data)
    assert (code, (tmp_path / "v1").exists()) == (10, False)
