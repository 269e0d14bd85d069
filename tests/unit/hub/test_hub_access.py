"""Who may do what: every route, every role, against the table; and nothing for whoever isn't in it."""

import itertools
import os
from typing import Any

import msgspec
import pytest
from hub_ground import Ground, card, example_programme, manifest
from litestar import get
from litestar.routes import HTTPRoute

from witting.hub import app as app_module
from witting.hub.app import create_app
from witting.hub.door.access import UPLOAD_ID, may, route_rows
from witting.hub.tokens import ROLES, TOKEN_ROLES, Role, role_of_token
from witting.ledger.keys import SigningKey
from witting.testing.sender import body


def _served(ground: Ground) -> set[tuple[str, str, str]]:
    """Return action, method and path of every route of the application."""
    return {
        (str(handler.opt.get("action")), method, route.path_format)
        for route in ground.client.app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if method not in {"OPTIONS", "HEAD"}
    }


@pytest.mark.promise("P16")
def test_every_route_has_a_row_and_every_row_a_route(ground: Ground) -> None:
    """A new route without a row in the table, or a row that is served by nothing, fails here."""
    assert _served(ground) == {(row.action, row.method, row.path) for row in route_rows().values()}


@pytest.mark.promise("P16")
@pytest.mark.parametrize(("action", "role"), list(itertools.product(route_rows(), ROLES)))
def test_the_policies_say_what_the_table_says(action: str, role: Role) -> None:
    """Cell by cell, Cedar's answer is the one written down for people."""
    assert may(role, action) is (role in route_rows()[action].roles)


@pytest.mark.promise("P16")
def test_what_nobody_thought_of_is_denied() -> None:
    """An unknown action, an unknown role, no role: no."""
    assert not may("steward", "read_everything")
    assert not any(may(role, "give_consent") for role in ("admin", "", "Role"))  # type: ignore[arg-type] # not roles, on purpose


def _ask(ground: Ground, action: str, role: Role) -> Any:
    """Send a request to a route as a role would, with nothing in it that the route could serve."""
    row = route_rows()[action]
    path = row.path.format(
        invite="x",
        upload_id="0" * 32,
        digest="0" * 64,
        level=0,
        index=0,
        old=1,
        new=1,
        programme_id="office-help",
        dataset_id="x",
        model_id="x",
        number=0,
        name="000",
        kind="paths.svg",
    )
    headers, content = {}, b""
    if role in TOKEN_ROLES:
        headers["authorization"] = f"Bearer {(ground.config.tokens_dir / role).read_text().strip()}"
    if role == "participant" and row.shown_by and row.shown_by != UPLOAD_ID:
        content = body(SigningKey.generate().sign(row.shown_by, example_programme()))
    return ground.client.request(row.method, path, headers=headers, content=content)


@pytest.mark.promise("P16")
@pytest.mark.parametrize("role", ROLES)
def test_the_door_does_what_the_table_says(ground: Ground, role: Role) -> None:
    """Over HTTP, a role that isn't in a route's row never reaches the route; one that is does."""
    for action, row in route_rows().items():
        answer = _ask(ground, action, role)
        denied = any(words in answer.text for words in ("isn't allowed", "upload isn't open", "no signed statement"))
        shows_it = role != "participant" or (row.shown_by or "anonymous") != UPLOAD_ID  # a participant without an upload has no id
        assert denied is not (role in row.roles and shows_it), action


@pytest.mark.promise("P16")
def test_a_route_without_a_row_is_not_served(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that nobody put into the table keeps the hub from starting."""

    @get("/secret", opt={"action": "read_secret"}, sync_to_thread=False)
    def secret() -> str:
        return "secret"

    monkeypatch.setattr(app_module, "PAGES", (*app_module.PAGES, secret))
    with pytest.raises(RuntimeError, match=r"policies/routes\.toml"):
        create_app(ground.config)


def test_a_wrong_token_is_nobodys(ground: Ground) -> None:
    """An unknown token, an empty one, or a token whose file is gone gives no role."""
    folder = ground.config.tokens_dir
    token = (folder / "steward").read_text().strip()
    assert role_of_token(folder, token) == "steward"
    assert role_of_token(folder, token[:-1]) == "anonymous"
    assert role_of_token(folder, "") == "anonymous"
    (folder / "steward").unlink()
    assert role_of_token(folder, token) == "anonymous"


def test_tokens_and_keys_are_readable_by_their_owner_alone(ground: Ground) -> None:
    """No file of the hub's keys, tokens or settings can be read by another user of the machine."""
    files = [file for name in ("keys", "tokens") for file in (ground.config.data_dir / name).iterdir()]
    files.append(ground.config.data_dir / "hub.toml")
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}
    assert oct(os.stat(ground.config.data_dir).st_mode & 0o777) == "0o700"  # noqa: PTH116 - the folder itself


def test_a_steward_invites_over_http(ground: Ground) -> None:
    """With the token a steward gets links that work."""
    token = (ground.config.tokens_dir / "steward").read_text().strip()
    path = f"/v1/programmes/{ground.programme.id}/invitations?count=2"
    links = ground.client.post(path, headers={"authorization": f"Bearer {token}"}).json()
    assert len(links) == 2
    assert ground.client.get(f"/v1/offer/{links[0].rsplit('/', 1)[1]}").status_code == 200
    none = ground.client.post(path.replace("=2", "=0"), headers={"authorization": f"Bearer {token}"})
    assert none.json()["exit_code"] == 2


def test_a_steward_sees_nobodys_deeds(ground: Ground) -> None:
    """What was done with one person's data is for that person, whatever token is shown with the request."""
    person = ground.lender()
    token = (ground.config.tokens_dir / "steward").read_text().strip()
    answer = ground.client.post("/v1/deeds", content=body(person.deeds_request(ground.now())), headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 403


def test_the_hub_answers_under_its_own_name_only(ground: Ground) -> None:
    """A foreign name pointed at this machine gets nothing."""
    for host in ("evil.example.org", "evil.example.org:80", "[bad", ""):
        assert ground.client.get("/", headers={"host": host}).status_code == 403
    assert ground.client.get("/", headers={"host": "localhost:1234"}).status_code == 200


def test_every_answer_carries_the_same_strict_headers(ground: Ground) -> None:
    """Pages, answers and refusals allow no script, no frame and no foreign resource."""
    for path in ("/", "/nowhere", "/v1/log/checkpoint", "/v1/offer/x"):
        headers = ground.client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")


@pytest.mark.promise("P29")
def test_an_unforeseen_error_tells_type_and_place_only(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever breaks inside, neither the answer nor the hub's output repeats what was being worked on."""

    def broken(*_: object) -> None:
        raise ValueError("Ada Example, 4111 1111 1111 1111")

    invite = ground.visitor().invite
    monkeypatch.setattr("witting.hub.door.offers.programme_in_force", broken)
    answer = ground.client.get(f"/v1/offer/{invite}")
    assert (answer.status_code, answer.json()["exit_code"]) == (500, 1)
    assert "ValueError" in answer.json()["error"]
    assert "4111" not in answer.text + caplog.text
    assert "ValueError" in caplog.text


def test_the_lab_reads_manifests_and_cards(ground: Ground) -> None:
    """With the lab's token manifests and cards can be fetched; unknown names are told so."""
    session_id = ground.store(ground.lender(), purposes=("train",))
    made, model = manifest(ground, [session_id]), card(ground, [session_id])
    ground.vault.register_dataset(made)
    ground.vault.register_model(model)
    headers = {"authorization": f"Bearer {(ground.config.tokens_dir / 'lab').read_text().strip()}"}
    assert ground.client.get(f"/v1/datasets/{made.dataset_id}", headers=headers).content == msgspec.json.encode(made)
    assert ground.client.get(f"/v1/models/{model.model_id}", headers=headers).content == msgspec.json.encode(model)
    assert ground.client.get("/v1/models/other", headers=headers).json()["exit_code"] == 2
