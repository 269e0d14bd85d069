"""Joining, refusing and leaving look the same to everybody else: every byte that another role can get, in worlds apart only in that.

The one thing that differs is the log, whose length is public for whoever wants to check it; it names nobody.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest
from hub_ground import Ground, card, manifest
from sqlalchemy import select

from witting.hub import schema
from witting.hub.database import reading
from witting.hub.door.access import route_rows
from witting.hub.tokens import TOKEN_ROLES
from witting.terms.hub import ConsentAnswer, DeedsAnswer, EnquiriesAnswer
from witting.testing.sender import Sender

OTHERS = 6  # who lend in every world, one above the example's smallest group
WORLDS = ("never asked", "refused", "joined", "joined and left", "narrowed")
LOG_ITSELF = {"read_checkpoint", "read_tile", "read_proof", "read_consistency", "see_log"}
LOG_SIZE = re.compile(r"\d+ entries")
FILLED = {"programme_id": "office-help", "dataset_id": "office-help@1", "model_id": "model-1", "number": "0", "kind": "people"}


def world(ground: Ground, deed: str) -> tuple[Ground, Sender]:
    """Return a hub where others lend, one of them asked something, a dataset and a model were made, and X did a deed."""
    others = [ground.lender() for _ in range(OTHERS)]
    session_id = "a1" * 16
    records = [
        msgspec.structs.replace(one, session_id=session_id) if hasattr(one, "session_id") else one for one in ground.records(others[0])
    ]
    parcel, objects = others[0].pack(records, at=ground.now())
    assert ground.send(others[0], parcel, objects).status_code == 200
    ground.vault.register_dataset(manifest(ground, [session_id]))
    ground.vault.register_model(card(ground, [session_id]))
    ground.post("/v1/enquiries", others[1].enquiry("Who reads this?", ground.now()))
    ground.clock.advance(seconds=10)
    if deed != "never asked":
        x = ground.visitor()
        if deed != "refused":
            x.keep(ground.ask("/v1/consent", x.consent(ground.now()), ConsentAnswer))
            ground.clock.advance(seconds=10)
        if deed == "joined and left":
            ground.leave(x)
        if deed == "narrowed":
            assert ground.post("/v1/withdrawals", x.withdrawal(ground.now(), streams=("screen",))).status_code == 200
    ground.clock.advance(seconds=3600 - (ground.clock.now().minute * 60 + ground.clock.now().second))
    return ground, others[1]


def seen_by(ground: Ground, role: str) -> dict[str, tuple[int, str]]:
    """Return status and text of every page and API answer without a person's own key, as a role gets them."""
    token = (ground.config.tokens_dir / role).read_text().strip() if role in TOKEN_ROLES else ""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    found = {}
    for row in route_rows().values():
        if row.method != "GET" or row.action in LOG_ITSELF or "{invite}" in row.path:
            continue
        answer = ground.client.get(row.path.format_map(FILLED), headers=headers)
        found[row.action] = (answer.status_code, _common(answer.text, ground))
    return found


def _common(text: str, ground: Ground) -> str:
    """Return a text without the log's length and the keys, which differ between any two hubs."""
    text = LOG_SIZE.sub("", text)
    for number in sorted(_numbers(ground), reverse=True):
        text = re.sub(rf"\b{number}\b", "N", text)
    return re.sub(r"\b[0-9a-f]{32,64}\b", "H", text)


def _numbers(ground: Ground) -> set[int]:
    """Return the log positions of questions, which are their public numbers."""
    with reading(ground.hub.engine) as connection:
        return set(connection.execute(select(schema.enquiry.c.position)).scalars())


@pytest.fixture(scope="module")
def seen() -> Mapping[str, Any]:
    """Return what was seen, by world; filled as the worlds are made."""
    return {}


@pytest.mark.promise("P20")
@pytest.mark.parametrize("deed", WORLDS[1:])
def test_nobody_sees_what_somebody_did(make_ground: Callable[..., Ground], seen: dict[str, Any], deed: str) -> None:
    """The world, a lab, a steward and an auditor get the same bytes from every route as where X was never asked."""
    if WORLDS[0] not in seen:
        nobody, _ = world(make_ground(), WORLDS[0])
        seen[WORLDS[0]] = {role: seen_by(nobody, role) for role in ("anonymous", *TOKEN_ROLES)}
    ground, _ = world(make_ground(), deed)
    for role in ("anonymous", *TOKEN_ROLES):
        found = seen_by(ground, role)
        assert len(found) > 9
        different = [action for action, said in found.items() if said != seen[WORLDS[0]][role][action]]
        assert different == [], (deed, role, different)
    assert {status for status, _ in seen[WORLDS[0]]["steward"].values()} >= {200, 403}


@pytest.mark.promise("P20")
def test_another_participant_sees_nothing_of_it(make_ground: Callable[..., Ground]) -> None:
    """What is shown to somebody else of their own deeds and questions tells nothing of X, whatever X did."""
    shown = []
    for deed in ("refused", "joined", "joined and left"):
        ground, other = world(make_ground(), deed)
        deeds = ground.ask("/v1/deeds", other.deeds_request(ground.now()), DeedsAnswer)
        asked = ground.ask("/v1/enquiries/mine", other.enquiries_request(ground.now()), EnquiriesAnswer)
        shown.append(([(one.kind, one.done_at) for one in deeds.deeds], [(one.text, one.due_at, one.answer) for one in asked.enquiries]))
    assert shown[0] == shown[1] == shown[2]
    assert shown[0][0]


@pytest.mark.promise("P20")
def test_a_world_that_differs_would_be_seen(make_ground: Callable[..., Ground]) -> None:
    """The comparison isn't blind: one more question, or a group that grew over a step, differs for the world."""
    first, _ = world(make_ground(), "refused")
    second, other = world(make_ground(), "refused")
    second.post("/v1/enquiries", other.enquiry("Another one", second.now()))
    assert seen_by(first, "anonymous") != seen_by(second, "anonymous")
    third, _ = world(make_ground(), "refused")
    for _ in range(OTHERS):
        third.lender()
    assert seen_by(first, "anonymous")["see_overview"] != seen_by(third, "anonymous")["see_overview"]
