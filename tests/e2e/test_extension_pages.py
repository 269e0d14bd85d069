"""What pages tell of moves within a site, of frames and components, and of fields that are secret in whatever language."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from witting.terms.geometry import Rect
from witting.testing.browser import Browser
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.listener import Listener
from witting.testing.miniwob_server import MiniwobServer
from witting.testing.x11 import wait_for

pytestmark = pytest.mark.e2e
QUIET_S = 0.6


@pytest.fixture(scope="module")
def hands(desktop: DesktopSession) -> Iterator[Hands]:
    """Give quick hands."""
    with Hands(desktop.display, seed=4, pace=2) as hands:
        yield hands


def _open(browser: Browser, wire: Listener, url: str) -> None:
    """Open a page and wait for its first tree; what came before is forgotten."""
    wire.messages.clear()
    browser.goto(url)
    wire.wait("tree")


def _names(wire: Listener) -> list[str]:
    return [node["name"] for node in wire.of("tree")[-1]["tree"]["nodes"]]


def _node(wire: Listener, **fields: object) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        trees = wire.of("tree")
        nodes = trees[-1]["tree"]["nodes"] if trees else []
        return next((node for node in nodes if all(node[name] == value for name, value in fields.items())), None)

    return wait_for(f"a node {fields}", found, seconds=8)


def _on_screen(wire: Listener, node: dict[str, Any]) -> Rect:
    origin, (x, y, width, height) = wire.of("tree")[-1]["tree"]["origin"], node["box"]
    return Rect(round(origin["x"] + x), round(origin["y"] + y), round(width), round(height))


# ---- moves ----


def test_moves_within_a_page_are_told_as_another_page_is(browser: Browser, wire: Listener, site: MiniwobServer) -> None:
    """A script's pushState and replaceState and another fragment are navigation; no fragment and no unlisted key of a query is told."""
    _open(browser, wire, site.page("contact"))
    assert [m["what"] for m in wire.of("navigation")] == ["open"]
    for script in (
        "history.pushState({}, '', '/pages/orders?page=2&token=querycanary')",
        "history.replaceState({}, '', '/pages/orders?page=3')",
        "location.hash = 'partcanary'",
        "history.back()",
    ):
        count = len(wire.of("navigation"))
        browser.evaluate(script)
        wait_for("the move", lambda count=count: len(wire.of("navigation")) > count, seconds=5)
    told = [(m["url"], m["what"]) for m in wire.of("navigation")]
    orders = f"{site.origin}/pages/orders"
    assert [url for url, _ in told[:4]] == [site.page("contact"), orders, orders, orders]
    assert {what for _, what in told} == {"open"}
    assert "canary" not in json.dumps(wire.messages)


def test_listed_keys_of_a_query_are_told_and_no_other(browser: Browser, wire: Listener, site: MiniwobServer) -> None:
    """Of an address's query only what the programme lists is said."""
    wire.say({"type": "state", "recording": True, "paused": False, "sites": [site.origin], "keys": {site.origin: ["page"]}})
    wire.say({"type": "probe", "id": 77})  # whoever has answered it knows the keys too
    wait_for("the answer", lambda: [message for message in wire.messages if message.get("id") == 77])
    _open(browser, wire, f"{site.page('contact')}?token=querycanary&page=7#partcanary")
    assert {m["url"] for m in wire.of("navigation")} == {f"{site.page('contact')}?page=7"}
    assert "canary" not in json.dumps(wire.messages)
    wire.lend(site.origin)


def test_another_tab_in_front_is_told_as_such(browser: Browser, wire: Listener, site: MiniwobServer) -> None:
    """Coming back to a tab is told as a tab that came to the front, not as a page that was opened."""
    _open(browser, wire, site.page("contact"))
    other = browser.context.new_page()
    other.goto(site.page("login"))
    wire.wait("navigation", url=site.page("login"), what="open")
    wire.messages.clear()
    browser.page.bring_to_front()
    assert wire.wait("navigation", url=site.page("contact"))["what"] == "tab"
    other.close()


def test_scrolling_is_told_now_and_then_with_where_it_came_to_stand(
    browser: Browser, wire: Listener, hands: Hands, site: MiniwobServer
) -> None:
    """A page and a part of it that are scrolled say where they stand, at most four times a second."""
    _open(browser, wire, site.page("big"))
    started = time.monotonic()
    area = browser.on_screen((0, 0, 500, 400))
    hands.move_to(area.x + 200, area.y + 200)
    for _ in range(12):
        hands.scroll("down")
    wait_for("the page to have stood still", lambda: _has_told_end(browser, wire))
    told = wire.of("scroll")
    assert told[-1]["part"] is False
    assert len(told) <= (time.monotonic() - started) * 4 + 1
    _open(browser, wire, site.page("shop"))
    browser.evaluate("document.getElementById('scroller').scrollTop = 30")
    part = wire.wait("scroll", part=True)
    assert (part["x"], part["y"], part["url"]) == (0, 30, site.page("shop"))


def _has_told_end(browser: Browser, wire: Listener) -> bool:
    told = wire.of("scroll")
    return bool(told) and told[-1]["y"] == browser.evaluate("Math.round(scrollY)") > 0


def test_a_title_that_changes_all_the_time_is_told_now_and_then(browser: Browser, wire: Listener, site: MiniwobServer) -> None:
    """A page that counts in its title fifty times a second makes about one word a second of it."""
    _open(browser, wire, site.page("contact"))
    browser.evaluate("window.ticking = setInterval(() => { document.title = `(${performance.now() | 0})`; }, 20)")
    time.sleep(2)
    browser.evaluate("clearInterval(window.ticking)")
    assert 1 <= len(wire.of("navigation")) <= 5


# ---- frames and components ----


def test_frames_of_the_same_site_are_read_where_they_are(browser: Browser, wire: Listener, hands: Hands, site: MiniwobServer) -> None:
    """Buttons in a frame, and in a frame within it, have boxes where a real click hits them, also after the frame was scrolled."""
    _open(browser, wire, site.page("frames"))
    hands.move_to(700, 600)
    box = _on_screen(wire, _node(wire, name="Framed button"))
    frame = browser.page.frames[1]
    assert frame.url == site.page("framed")
    _node(wire, name="Innermost")
    before = int(frame.evaluate("hits"))
    hands.click(box.x + 1, box.y + 1)
    hands.click(box.x + box.width - 2, box.y + box.height - 2)
    wait_for("two hits", lambda: frame.evaluate("hits") == before + 2)
    hands.click(box.x - 2, box.y + 4)
    hands.click(box.x + box.width + 1, box.y + 4)
    frame.evaluate("scrollTo(0, 60)")
    wait_for(
        "the frame to be read again", lambda: _node(wire, name="Framed button")["box"][1] == pytest.approx(_top(browser, frame), abs=1)
    )
    moved = _on_screen(wire, _node(wire, name="Framed button"))
    hands.click(moved.x + 5, moved.y + moved.height / 2)
    wait_for("a third hit", lambda: frame.evaluate("hits") == before + 3)
    inner = _node(wire, name="Innermost")
    outer_box = browser.page.locator("#outer").bounding_box()
    assert outer_box["x"] < inner["box"][0]
    assert inner["box"][0] + inner["box"][2] < outer_box["x"] + outer_box["width"]


def _top(browser: Browser, frame: Any) -> float:
    """Return where the framed button really is in the outermost window."""
    return float(frame.locator("#deep").bounding_box()["y"])


def test_what_can_t_be_read_is_opaque_and_components_are_read(browser: Browser, wire: Listener, site: MiniwobServer) -> None:
    """Another site's frame and a canvas say nothing but that they are there; an open component's button is a node."""
    _open(browser, wire, site.page("frames"))
    _node(wire, name="In a component", role="button")
    assert "opaque" in _node(wire, key="#other")["states"]
    assert "opaque" in _node(wire, key="#drawing")["states"]
    assert "opaque" not in _node(wire, key="#outer")["states"]
    assert "Target" not in _names(wire)
    browser.evaluate("document.getElementById('host').shadowRoot.querySelector('button').textContent = 'Changed within'")
    _node(wire, name="Changed within", role="button")


@pytest.mark.promise("P7")
def test_a_frame_s_password_is_as_secret_as_the_page_s(browser: Browser, wire: Listener, hands: Hands, site: MiniwobServer) -> None:
    """What is typed into a password field within a frame is in no message; the field is said to be secure."""
    _open(browser, wire, site.page("frames"))
    frame = browser.page.frames[1]
    for selector, text in (("#word", "framecanary"), ("#note", "hello")):
        wait_for("the focus", lambda selector=selector: _click_in(frame, selector, browser=browser, hands=hands))
        hands.type_text(text)
    _node(wire, key="#note", value="hello")
    frame.evaluate("document.getElementById('word').type = 'text'")
    _node(wire, key="#word", role="textbox", value="")
    assert "secure" in _node(wire, key="#word")["states"]
    assert "framecanary" not in json.dumps(wire.messages)
    assert [m["secure"] for m in wire.of("focus") if m["field"]][-2:] == [True, False]


def _click_in(frame: Any, selector: str, *, browser: Browser, hands: Hands) -> bool:
    """Click a field of a frame; whether it has the focus then."""
    box = frame.locator(selector).bounding_box()
    place = browser.on_screen((box["x"], box["y"], box["width"], box["height"]))
    hands.click(place.x + 20, place.y + 8)
    time.sleep(0.1)
    return bool(frame.evaluate(f"document.activeElement === document.querySelector('{selector}')"))


# ---- secrets ----

SECRET = (
    '<input autocomplete="cc-number">', '<input autocomplete="section-a cc-csc">', '<input autocomplete="one-time-code">',
    '<input autocomplete="billing new-password">', "<label>PIN <input></label>", "<label>Sicherheitscode <input></label>",
    "<label>Geheimzahl <input></label>", "<label>Prüfziffer <input></label>", "<label>Mot de passe <input></label>",
    "<label>Code de sécurité <input></label>", "<label>Numéro de carte <input></label>", "<label>Contraseña <input></label>",
    "<label>Código de verificación <input></label>", "<label>Número de tarjeta <input></label>", '<input aria-label="CVC">',
    '<input name="otpCode">', '<input placeholder="Kennwort">', '<input inputmode="numeric" maxlength="6">',
    '<input inputmode="tel" maxlength="4" name="a">', '<input pattern="\\d{6}" maxlength="6">', '<input maxlength="1">',
    '<span id="lb">Card number</span><input aria-labelledby="lb">', '<input style="-webkit-text-security: disc">',
)  # fmt: skip
PLAIN = (
    "<label>Shopping list <input></label>", "<label>Opinion <input></label>", "<label>Spinning class <input></label>",
    "<label>Tangent <input></label>", "<label>Clavecin <input></label>", "<label>Pinnwand <input></label>",
    '<label>PLZ <input inputmode="numeric" maxlength="5"></label>', '<label>Quantity <input inputmode="numeric" maxlength="3"></label>',
    '<label>Código postal <input inputmode="numeric" maxlength="5"></label>', '<input inputmode="numeric" maxlength="20" name="reference">',
    '<input autocomplete="given-name">', "<label>Secretary <input></label>", "<label>Passenger <input></label>",
)  # fmt: skip


@pytest.mark.promise("P7")
@pytest.mark.parametrize(("fields", "is_secret"), [(SECRET, True), (PLAIN, False)], ids=["secret", "plain"])
def test_secret_fields_are_known_by_whole_words_in_four_languages(
    browser: Browser, wire: Listener, site: MiniwobServer, *, fields: tuple[str, ...], is_secret: bool
) -> None:
    """Tokens, keyboards, sizes and words of names and labels make a field secret; a word within a word doesn't."""
    _open(browser, wire, site.page("target"))
    wire.messages.clear()
    browser.evaluate(
        """fields => {
          document.body.innerHTML = fields.map((field, i) => `<p style="display: inline-block" id="p${i}">${field}</p>`).join('');
          document.querySelectorAll('input').forEach((input, i) => {
            input.className = `f${i}`;
            input.value = input.maxLength === 1 ? '7' : '73canary'.slice(0, input.maxLength > 0 ? input.maxLength : 8);
          });
        }""",
        list(fields),
    )
    _node(wire, key=f".f{len(fields) - 1}")
    nodes = {node["key"]: node for node in wire.of("tree")[-1]["tree"]["nodes"] if node["tag"] == "input"}
    found = {field: "secure" in nodes[f".f{i}"]["states"] for i, field in enumerate(fields)}
    assert found == dict.fromkeys(fields, is_secret)
    assert all((node["value"] == "") == is_secret for node in nodes.values())
    assert ("73" in json.dumps(wire.messages)) != is_secret


@pytest.mark.promise("P7")
def test_a_password_shown_while_paused_stays_secret(browser: Browser, wire: Listener, hands: Hands, site: MiniwobServer) -> None:
    """A field that was a password field while nothing was recorded is not read when recording goes on."""
    wire.lend(site.origin, paused=True)
    browser.goto(site.page("login"))
    browser.evaluate("""() => {
      const field = document.getElementById('secret');
      for (const name of ['id', 'name', 'autocomplete']) field.removeAttribute(name);
      field.labels.forEach((label) => label.remove());
      field.previousElementSibling?.remove();
      Object.assign(field, { value: 'pausecanary', type: 'text' });
    }""")
    time.sleep(0.2)
    wire.messages.clear()
    wire.lend(site.origin)
    wire.wait("tree")
    assert "secure" in _node(wire, tag="input", role="textbox", name="")["states"]
    assert "pausecanary" not in json.dumps(wire.messages)
