"""Who gets into the desk: only the browser that was given its address, on its own pages. Every route is tried."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from witting.device.desk.door import HEADERS, Door
from witting.testing.participant import SESSION, Participant

HOST = "http://127.0.0.1:9000"


def _routes(desk: Litestar) -> list[tuple[str, str]]:
    """Return every method and path of the desk, parameters filled in."""
    fill = {"session_id": SESSION, "number": "0", "name": "style.css", "index": "0", "which": "filed", "routine_id": "0" * 12}
    found = []
    for route in desk.routes:
        path = "".join(f"/{fill[part.name] if hasattr(part, 'name') else part}" for part in route.path_components) or "/"
        found += [(method, path) for handler in route.route_handlers for method in handler.http_methods if method != "OPTIONS"]  # type: ignore[attr-defined]
    return found


@pytest.mark.promise("P16")
def test_without_the_cookie_no_route_answers(desk: Litestar, person: Participant) -> None:
    """Every route of the desk, found by walking the application, says 403 to a client that never opened the address."""
    person.record(person.join())
    routes = _routes(desk)
    assert len(routes) > 25
    with TestClient(desk, base_url=HOST) as client:
        answers = {(method, path): client.request(method, path).status_code for method, path in routes}
    assert set(answers.values()) == {403}, answers


@pytest.mark.promise("P16")
def test_no_form_is_taken_without_the_token_of_its_own_path(
    desk: Litestar, browser: TestClient[Any], door: Door, person: Participant
) -> None:
    """Each POST of the desk is refused without a form token and with the token of another path; nothing changes."""
    person.record(person.join())
    posts = [path for method, path in _routes(desk) if method == "POST"]
    assert len(posts) > 10
    for path in posts:
        for token in ("", "0" * 64, door.form_token("/elsewhere")):
            assert browser.post(path, data={"_form": token}).status_code == 403, path
    assert len(person.hub.consents) == 1


@pytest.mark.parametrize("host", ["evil.example.org", "127.0.0.1.example.org", "example.org:9000", ""])
def test_a_name_pointed_at_this_machine_is_refused(browser: TestClient[Any], host: str) -> None:
    """A request under another host's name gets nothing, cookie or not (DNS rebinding)."""
    assert browser.get("/state", headers={"host": host}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://example.org"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9001"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_what_another_site_started_is_refused(browser: TestClient[Any], door: Door, headers: dict[str, str]) -> None:
    """Neither reading nor posting works from another origin, even one on this machine, even with the right token."""
    assert browser.get("/state", headers=headers).status_code == 403
    answer = browser.post("/refuse", data={"_form": door.form_token("/refuse")}, headers=headers)
    assert answer.status_code == 403


def test_the_address_is_traded_for_a_cookie_and_shows_no_token_after(desk: Litestar, door: Door) -> None:
    """Opening the address sets a cookie that scripts can't read and other sites don't send, and leads to the address without the token."""
    with TestClient(desk, base_url=HOST) as client:
        answer = client.get("/notice", params={"token": door.token, "told": "in"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/notice?told=in")
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "path=/"))
    assert door.token not in answer.headers["set-cookie"]


def test_a_wrong_token_opens_nothing(desk: Litestar, door: Door) -> None:
    """Another token, or a part of the right one, gets 403 and no cookie."""
    with TestClient(desk, base_url=HOST) as client:
        for token in ("", "x", door.token[:-1], Door().token, "ü"):
            answer = client.get("/", params={"token": token}, follow_redirects=False)
            assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


def test_another_desks_cookie_opens_nothing(desk: Litestar) -> None:
    """The cookie of one desk is of no use at another, under its own or the other's name."""
    other, mine = Door(), Door()
    with TestClient(desk, base_url=HOST) as client:
        for keeper in (other, mine):
            client.cookies.set(keeper._cookie_name, keeper._cookie_value())
        assert client.get("/state").status_code == 403


def test_no_answer_may_be_kept_or_framed_or_run_foreign_code(browser: TestClient[Any], person: Participant) -> None:
    """Pages, pictures and refusals alike forbid storing, framing, and whatever isn't from the desk itself."""
    person.record(person.join())
    for path in ("/", "/sessions", f"/sessions/{SESSION}/thumbs/0", "/static/style.css", "/nowhere-that-exists"):
        answer = browser.get(path)
        if answer.status_code == 404:
            continue
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS, path
    policy = HEADERS["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_pages_ask_for_nothing_from_elsewhere(browser: TestClient[Any], person: Participant) -> None:
    """No page names a style, script, picture or form target beyond the desk."""
    import re

    person.record(person.join())
    for path in ("/", "/notice", "/receipts", "/sessions", f"/sessions/{SESSION}", f"/sessions/{SESSION}/pictures/0", "/withdraw", "/used"):
        targets = re.findall(r"""(?:src|href|action)=["']([^"']*)""", browser.get(path).text)
        assert targets
        assert all(target.startswith(("/", "?", "#")) and not target.startswith("//") for target in targets), path
