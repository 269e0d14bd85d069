"""What the one way out promises: only the listed routes, https beyond this machine, and the right error for each no."""

import httpx
import msgspec
import pytest

from witting.device.send import ROUTES, HubClient
from witting.terms.errors import (
    HubUnreachableError,
    IntegrityError,
    NoConsentError,
    NoticeChangedError,
    UsageError,
    WittingError,
)
from witting.terms.session import Signed

SIGNED = Signed("upload", b"{}", b"k" * 32, b"s" * 64)


def _client(handler: object) -> HubClient:
    """Return a client whose network is `handler`."""
    return HubClient("https://hub.example.org/", client=httpx.Client(transport=httpx.MockTransport(handler)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("exit_code", "kind"),
    [(2, UsageError), (10, NoConsentError), (11, NoticeChangedError), (14, IntegrityError), (15, HubUnreachableError)],
)
def test_a_no_of_the_hub_becomes_the_error_it_names(exit_code: int, kind: type[WittingError]) -> None:
    """Problem JSON turns into the error of its exit code, with the hub's words and hint."""
    problem = {"error": "not now", "hint": "do that", "exit_code": exit_code}
    hub = _client(lambda _: httpx.Response(409, content=msgspec.json.encode(problem)))
    with pytest.raises(kind, match="not now") as caught:
        hub.consent(SIGNED)
    assert (type(caught.value), caught.value.hint) == (kind, "do that")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500, content=b"<html>"),
        httpx.Response(302, headers={"location": "https://elsewhere.example.org"}),
        httpx.Response(200, content=b"{}"),
    ],
)
def test_a_hub_out_of_order_is_told_apart_from_a_no(answer: httpx.Response) -> None:
    """Anything that isn't an answer of this version counts as unreachable, so that what was to be sent is kept; no redirect is followed."""
    asked = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return answer

    with pytest.raises(HubUnreachableError):
        _client(handle).offer("inv-1")
    assert asked == ["hub.example.org"]


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError])
def test_a_dead_network_is_one_error(error: type[httpx.HTTPError]) -> None:
    """Whatever breaks in the network, the person gets one error that says that everything is kept."""

    def handle(_: httpx.Request) -> httpx.Response:
        raise error("secret detail")

    with pytest.raises(HubUnreachableError) as caught:
        _client(handle).withdraw(SIGNED)
    assert "secret detail" not in str(caught.value)
    assert "kept" in caught.value.hint


def test_plain_http_is_for_this_machine_only() -> None:
    """A hub elsewhere is never spoken to without TLS."""
    with pytest.raises(UsageError, match="https"):
        HubClient("http://hub.example.org")
    for address in ("http://127.0.0.1:8420", "http://localhost:1", "http://[::1]:1"):
        HubClient(address).close()


def test_an_upload_asks_and_sends_only_what_is_missing() -> None:
    """Of three objects the hub lacks one: one is read and sent, then the parcel is committed."""
    seen: list[tuple[str, str]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append((request.method, request.url.path))
        if request.url.path == "/v1/uploads":
            return httpx.Response(200, json={"upload_id": "u1", "missing": ["d2"]})
        if request.method == "PUT":
            assert request.content == b"bytes of d2"
            return httpx.Response(204)
        proof = {"index": 0, "entry": "", "checkpoint": "", "hashes": []}
        return httpx.Response(200, json={"parcel_id": "p", "session_id": "s", "proof": proof})

    sizes: list[int] = []
    answer = _client(handle).upload(SIGNED, lambda digest: f"bytes of {digest}".encode(), on_sent=sizes.append)
    assert answer.parcel_id == "p"
    assert seen == [("POST", "/v1/uploads"), ("PUT", "/v1/uploads/u1/objects/d2"), ("POST", "/v1/uploads/u1/commit")]
    assert sizes == [11]


@pytest.mark.parametrize("name", ["", "..", "a/b", "a?b", "ä", "a%2fb"])
def test_a_name_cannot_become_another_path(name: str) -> None:
    """An invitation, or an upload's name from a hub gone bad, can't reach another route."""
    hub = _client(lambda _: httpx.Response(200, json={"upload_id": name, "missing": []}))
    with pytest.raises(UsageError):
        hub.offer(name)
    with pytest.raises(UsageError):
        hub.upload(SIGNED, lambda _: b"")


@pytest.mark.promise("P10")
def test_every_request_the_device_can_make_is_listed() -> None:
    """Calling every method makes no request but those in the published list, and each of the list is made."""
    import re

    made: set[str] = set()
    patterns = {route: re.compile(re.sub(r"\{\w+\}", "[^/]+", route)) for route in ROUTES}

    def handle(request: httpx.Request) -> httpx.Response:
        line = f"{request.method} {request.url.path}"
        matching = [route for route, pattern in patterns.items() if pattern.fullmatch(line)]
        assert matching, line
        made.update(matching)
        return httpx.Response(200, json={"upload_id": "u", "missing": ["d"]}) if line == "POST /v1/uploads" else httpx.Response(204)

    hub = _client(handle)
    calls = [
        lambda: hub.offer("i"), lambda: hub.consent(SIGNED), lambda: hub.upload(SIGNED, lambda _: b""), lambda: hub.withdraw(SIGNED),
        hub.checkpoint, lambda: hub.proof(1), lambda: hub.consistency(1, 2), lambda: hub.deeds(SIGNED), lambda: hub.enquire(SIGNED),
        lambda: hub.enquiries(SIGNED), lambda: hub.insight("p"),
    ]  # fmt: skip
    public = {name for name in vars(HubClient) if not name.startswith("_") and callable(getattr(HubClient, name))}
    assert len(calls) == len(public - {"close"})
    for call in calls:
        try:
            call()
        except HubUnreachableError:
            continue
    assert made == set(ROUTES)
