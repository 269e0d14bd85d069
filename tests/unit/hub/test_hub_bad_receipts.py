"""Statements, receipts and parcels that can't be: each refused by name, and the hub is as it was before."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hub_ground import Ground, example_programme
from hypothesis import given, settings
from hypothesis import strategies as st

from witting.consent.gate import decide
from witting.consent.receipts import open_receipt
from witting.hub.database import reading
from witting.hub.log_store import SqlLogStore
from witting.hub.programmes import add_programme
from witting.ledger.keys import SigningKey
from witting.terms.clock import rfc3339
from witting.terms.consent import ConsentStatement, GateQuestion, Withdrawal
from witting.terms.errors import SignatureError
from witting.terms.hub import ConsentAnswer
from witting.terms.session import Signed
from witting.testing.sender import Sender, body

AT_MOST = 10 * 1024 * 1024
DOORS = ("/v1/consent", "/v1/withdrawals", "/v1/uploads", "/v1/deeds")


def entries(ground: Ground) -> int:
    """Return how many entries the log has."""
    with reading(ground.hub.engine) as connection:
        return SqlLogStore(connection).size()


def later(ground: Ground, *, hours: int) -> str:
    """Return a time that lies so many hours ahead."""
    return rfc3339(ground.clock.now() + timedelta(hours=hours))


def changed(person: Sender, ground: Ground, **fields: Any) -> Signed:
    """Return a consent with some fields replaced, soundly signed."""
    statement = msgspec.json.decode(person.consent(ground.now()).payload, type=ConsentStatement)
    return person.key.sign("consent", msgspec.structs.replace(statement, **fields))


CONSENTS: dict[str, tuple[Callable[[Ground, Sender], bytes], int, str]] = {
    "future-dated": (lambda ground, one: body(changed(one, ground, given_at=later(ground, hours=25))), 403, "date can't be right"),
    "past-dated": (lambda ground, one: body(changed(one, ground, given_at=later(ground, hours=-25))), 403, "date can't be right"),
    "no date": (lambda ground, one: body(changed(one, ground, given_at="yesterday")), 403, "date can't be right"),
    "another programme": (lambda ground, one: body(changed(one, ground, programme_id="other")), 400, "no programme of that id"),
    "another version": (lambda ground, one: body(changed(one, ground, programme_digest="0" * 64)), 409, "changed since you read it"),
    "wrong key": (lambda ground, one: body(SigningKey.generate().sign("consent", _statement(one, ground))), 422, "another key"),
    "wrong kind": (lambda ground, one: body(one.key.sign("withdrawal", _statement(one, ground))), 422, ""),
    "truncated": (lambda ground, one: body(one.consent(ground.now()))[:-20], 400, ""),
    "cut payload": (lambda ground, one: body(_cut(one.consent(ground.now()))), 422, "signature"),
    "oversize": (lambda _ground, _one: b'{"kind": "' + b"x" * AT_MOST + b'"}', 413, ""),
    "empty": (lambda _ground, _one: b"", 400, ""),
}


def _statement(person: Sender, ground: Ground) -> ConsentStatement:
    return msgspec.json.decode(person.consent(ground.now()).payload, type=ConsentStatement)


def _cut(signed: Signed) -> Signed:
    return msgspec.structs.replace(signed, payload=signed.payload[:-1])


@pytest.mark.promise("P1")
@pytest.mark.parametrize("what", CONSENTS)
def test_a_consent_that_cannot_be_is_refused_by_name(ground: Ground, what: str) -> None:
    """Refused with its reason; no log entry, and the same invitation still takes a sound consent."""
    make, status, said = CONSENTS[what]
    person, before = ground.visitor(), entries(ground)
    response = ground.client.post("/v1/consent", content=make(ground, person))
    assert (response.status_code, said in response.text) == (status, True), response.text
    assert entries(ground) == before
    person.keep(ground.ask("/v1/consent", person.consent(ground.now()), ConsentAnswer))


@pytest.mark.promise("P17")
def test_a_receipt_of_another_hub_opens_nowhere_else(make_ground: Callable[..., Ground]) -> None:
    """A receipt that another controller signed, soundly, isn't this one's."""
    here, there = make_ground(), make_ground()
    person = there.visitor()
    answer = there.ask("/v1/consent", person.consent(there.now()), ConsentAnswer)
    with pytest.raises(SignatureError):
        open_receipt(answer.receipt, here.hub.keys.signing.public)


@pytest.mark.promise("P5")
def test_a_receipt_for_another_programme_permits_nothing(ground: Ground) -> None:
    """A sound receipt, asked about a programme that isn't its own, gives no."""
    receipt = ground.lender().receipt
    assert receipt is not None
    other = example_programme(id="another-help")
    question = GateQuestion(purpose="train", stream="pointer", app="mousepad", at=ground.clock.now())
    assert decide((receipt,), ground.programme, question=question).is_allowed
    assert decide((receipt,), other, question=question).reason == "no_receipt"


@pytest.mark.promise("P1")
@pytest.mark.parametrize(("days", "reason"), [(-1, "not_yet"), (0, "allowed"), (180, "allowed"), (182, "expired"), (36_500, "expired")])
def test_a_clock_that_jumps_opens_nothing(ground: Ground, days: int, reason: str) -> None:
    """Set back before the consent or far ahead, the gate says no by name; set right again it says yes."""
    receipt = ground.lender().receipt
    assert receipt is not None
    question = GateQuestion(purpose="train", stream="pointer", app="mousepad", at=ground.clock.now() + timedelta(days=days))
    assert decide((receipt,), ground.programme, question=question).reason == reason


@pytest.mark.promise("P9")
def test_a_parcel_replayed_by_somebody_else_is_refused(ground: Ground) -> None:
    """Another participant who got hold of a signed parcel can't send it, nor can it be sent again once it was withdrawn."""
    one, two = ground.lender(), ground.lender()
    parcel, objects = one.pack(ground.records(one, purposes=("train",)), at=ground.now())
    assert ground.post("/v1/uploads", two.intent(parcel, at=ground.now())).status_code in {403, 422}
    assert ground.send(one, parcel, objects).status_code == 200
    ground.leave(one, sessions=[parcel.session_id])
    assert ground.post("/v1/uploads", one.intent(parcel, at=ground.now())).status_code == 403


@pytest.mark.promise("P2")
def test_a_withdrawal_of_somebody_else_changes_nothing(ground: Ground) -> None:
    """Signed with another key, or naming another's session, it is refused and nothing is erased."""
    one, two = ground.lender(), ground.lender()
    session_id = ground.store(one, purposes=("train",))
    stolen = msgspec.json.decode(one.withdrawal(ground.now()).payload, type=Withdrawal)
    for statement in (two.key.sign("withdrawal", stolen), two.withdrawal(ground.now(), sessions=[session_id])):
        assert ground.post("/v1/withdrawals", statement).status_code == 422
    assert [row.session_id for row in ground.vault.catalogue(ground.programme.id)] == [session_id]


@settings(max_examples=25, deadline=None)
@given(
    st.binary(max_size=400) | st.text(max_size=200).map(str.encode),
    st.sampled_from(["/v1/consent", "/v1/withdrawals", "/v1/uploads", "/v1/deeds"]),
)
def test_noise_is_answered_with_one_line(shared: Ground, noise: bytes, path: str) -> None:
    """Whatever comes in, the answer is a named refusal below 500, and nothing is entered."""
    before = entries(shared)
    response = shared.client.post(path, content=noise)
    assert 400 <= response.status_code < 500
    assert set(response.json()) == {"error", "hint", "exit_code"}
    assert entries(shared) == before


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One hub for all the noise."""
    from litestar.testing import TestClient

    from witting.hub.app import create_app
    from witting.hub.config import HubConfig
    from witting.hub.setup import init_hub
    from witting.testing.clock import FakeClock

    config = HubConfig(data_dir=tmp_path_factory.mktemp("noise") / "hub", public_url="http://127.0.0.1")
    init_hub(config)
    clock = FakeClock()
    app = create_app(config, clock=clock)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        add_programme(app.state.hub, example_programme())
        yield Ground(config=config, clock=clock, hub=app.state.hub, client=client, programme=example_programme())
