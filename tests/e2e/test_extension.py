"""The extension in a real browser, heard at the recorder's end of the native host's wire."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from witting.policy.page_tree import snapshot_script
from witting.terms.geometry import Rect
from witting.testing.browser import Browser, chromium_argv
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.listener import Listener
from witting.testing.miniwob_server import MiniwobServer
from witting.testing.x11 import DesktopError, wait_for

pytestmark = pytest.mark.e2e
QUIET_S = 0.5  # longer than the extension ever waits with a tree


@pytest.fixture(scope="module")
def hands(desktop: DesktopSession) -> Iterator[Hands]:
    """Give quick hands."""
    with Hands(desktop.display, seed=2, pace=2) as hands:
        yield hands


@pytest.fixture
def lent(browser: Browser, wire: Listener, site: MiniwobServer) -> Iterator[Listener]:
    """Lend the site, with nothing heard so far."""
    browser.goto("about:blank")
    wire.lend(site.origin)
    time.sleep(0.1)
    wire.messages.clear()
    yield wire
    wire.lend(recording=False)


def _open(browser: Browser, wire: Listener, url: str) -> dict[str, Any]:
    """Open a page and return its first tree."""
    wire.messages.clear()
    browser.goto(url)
    return wire.wait("tree")


def _node(message: dict[str, Any], **fields: object) -> dict[str, Any]:
    nodes: list[dict[str, Any]] = message["tree"]["nodes"]
    return next(node for node in nodes if all(node[name] == value for name, value in fields.items()))


def _on_screen(message: dict[str, Any], node: dict[str, Any]) -> Rect:
    origin, (x, y, width, height) = message["tree"]["origin"], node["box"]
    left, top = round(origin["x"] + x * origin["scale"]), round(origin["y"] + y * origin["scale"])
    return Rect(
        left, top, round(origin["x"] + (x + width) * origin["scale"]) - left, round(origin["y"] + (y + height) * origin["scale"]) - top
    )


def _fill(browser: Browser, hands: Hands, selector: str, text: str) -> None:
    box = browser.box_of(selector)
    hands.click(box.x + 12, box.y + box.height / 2)
    hands.type_text(text)


def _silent(wire: Listener) -> list[dict[str, Any]]:
    """Return what is heard within the longest time the extension waits with anything."""
    wire.messages.clear()
    time.sleep(QUIET_S)
    return list(wire.messages)


# ---- where things are ----


def _hits(browser: Browser) -> int:
    return int(browser.evaluate("Number(document.getElementById('log').textContent)"))


def _check_edges(browser: Browser, hands: Hands, box: Rect) -> None:
    """Click each corner pixel of the box, then one pixel beyond each side: only the former are heard by the page."""
    right, bottom = box.x + box.width - 1, box.y + box.height - 1
    before = _hits(browser)
    for x, y in ((box.x, box.y), (right, bottom), (box.x, bottom), (right, box.y)):
        hands.click(x, y)
    wait_for("four hits", lambda: _hits(browser) == before + 4)
    for x, y in ((box.x - 1, box.y + 5), (box.x + 5, box.y - 1), (right + 1, box.y + 5), (box.x + 5, bottom + 1)):
        hands.click(x, y)
    time.sleep(0.1)
    assert _hits(browser) == before + 4


def test_a_box_is_where_a_real_click_hits(browser: Browser, lent: Listener, hands: Hands, site: MiniwobServer) -> None:
    """A button's box, mapped to the screen, holds exactly the pixels where a real click reaches it."""
    message = _open(browser, lent, site.page("target"))
    node = _node(message, name="Target")
    assert (node["role"], node["key"], node["tag"]) == ("button", "#target", "div")
    _check_edges(browser, hands, _on_screen(message, node))
    clicks = [m for m in lent.of("tree") if m["why"] == "pointerdown"]
    assert len(clicks) == 8
    assert all(m["tree"]["origin"]["measured"] and _on_screen(m, _node(m, name="Target")) == _on_screen(message, node) for m in clicks)


def test_a_box_stays_right_when_the_window_moves_and_zooms(
    desktop: DesktopSession, browser: Browser, lent: Listener, hands: Hands, site: MiniwobServer
) -> None:
    """After the window moved and the page was zoomed, the box is still where a real click hits."""
    _open(browser, lent, site.page("target"))
    hands.move_to(500, 400)
    window = desktop.screen.find("chromium")
    assert window
    desktop.screen.move(window, window.area.x + 33, y=window.area.y + 27)
    hands.press("ctrl+plus")
    wait_for("the zoom", lambda: browser.evaluate("devicePixelRatio") > 1)
    time.sleep(QUIET_S)
    lent.messages.clear()
    hands.move_to(600, 500)
    lent.say({"type": "probe", "id": 1})
    message = lent.wait("tree", why="probe")
    box = _on_screen(message, _node(message, name="Target"))
    before = _hits(browser)
    hands.click(box.x + 1, box.y + 1)
    hands.click(box.x + box.width - 2, box.y + box.height - 2)
    wait_for("two hits", lambda: _hits(browser) == before + 2)
    hands.click(box.x - 2, box.y + 5)
    hands.click(box.x + box.width + 1, box.y + 5)
    time.sleep(0.1)
    assert _hits(browser) == before + 2
    hands.press("ctrl+0")
    moved = desktop.screen.find("chromium")
    assert moved
    desktop.screen.move(moved, window.area.x, y=window.area.y)
    wait_for("the zoom to go", lambda: browser.evaluate("devicePixelRatio") == 1)


def test_the_driver_sees_what_the_extension_sees(browser: Browser, lent: Listener, site: MiniwobServer) -> None:
    """The snapshot script injected into the page gives the same nodes as the extension's own."""
    for name in ("contact", "shop", "login"):
        message = _open(browser, lent, site.page(name))
        nodes = browser.evaluate(snapshot_script() + "\n;0") or browser.evaluate("wittingSnapshot(document).nodes")
        assert nodes == message["tree"]["nodes"]
        assert [node["ref"] for node in nodes] == list(range(len(nodes)))
        assert all(node["parent"] < node["ref"] for node in nodes)


def test_nodes_say_what_a_person_sees(browser: Browser, lent: Listener, site: MiniwobServer) -> None:
    """Roles and names are those a person would give: labels belong to their fields, clickable text is a link."""
    message = _open(browser, lent, site.page("contact"))
    pairs = [(node["role"], node["name"]) for node in message["tree"]["nodes"] if node["role"] != "group"]
    assert pairs == [
        ("heading", "Write to us"), ("textbox", "Your name"), ("text", "Your name"), ("textbox", "E-mail"), ("text", "E-mail"),
        ("textbox", "Phone"), ("text", "Phone"), ("combobox", "About"), ("text", "About"), ("textbox", "Message"), ("text", "Message"),
        ("checkbox", "Send me a copy"), ("text", "Send me a copy"), ("button", "Send message"),
    ]  # fmt: skip
    assert _node(message, role="combobox")["value"] == "Delivery"
    assert "multiline" in _node(message, name="Message", role="textbox")["states"]
    shop = _open(browser, lent, site.page("shop"))
    assert _node(shop, name="Add a gift card")["role"] == "link"
    assert _node(shop, name="Terms")["role"] == "link"
    assert _node(shop, key="#dot")["role"] == "image"
    assert _node(shop, tag="iframe")["states"] == ["opaque"]


def test_only_what_is_visible_is_a_node(browser: Browser, lent: Listener, site: MiniwobServer) -> None:
    """Hidden text, a frame's text and text scrolled out of sight aren't in the tree; after scrolling, it is."""
    message = _open(browser, lent, site.page("shop"))
    names = {node["name"] for node in message["tree"]["nodes"]}
    assert "first line" in names
    assert "last line below the fold" not in names
    assert "canary" not in json.dumps(message)
    lent.messages.clear()
    browser.evaluate("document.getElementById('scroller').scrollTop = 1000")
    assert _node(lent.wait("tree"), name="last line below the fold")["role"] == "text"
    lent.messages.clear()
    browser.evaluate("""() => {
      const cover = document.createElement('div');
      cover.style = 'position:fixed; inset:0; background:#fff';
      cover.textContent = 'A dialog over all';
      document.body.append(cover);
    }""")
    covered = {node["name"] for node in lent.wait("tree")["tree"]["nodes"]}
    assert "A dialog over all" in covered
    assert "Pay now" not in covered


def test_states_follow_what_is_done(browser: Browser, lent: Listener, hands: Hands, site: MiniwobServer) -> None:
    """A field that was typed into is touched, focused and holds its value; a checkbox that was clicked is checked."""
    first = _open(browser, lent, site.page("contact"))
    assert all("touched" not in node["states"] for node in first["tree"]["nodes"])
    box = browser.box_of("#copy")
    hands.click(box.x + 5, box.y + 5)
    _fill(browser, hands, "#name", "Maria")
    time.sleep(QUIET_S)
    last = lent.of("tree")[-1]
    name, copy = _node(last, role="textbox", name="Your name"), _node(last, role="checkbox", name="Send me a copy")
    assert (name["value"], set(name["states"])) == ("Maria", {"focused", "editable", "touched"})
    assert set(copy["states"]) == {"checked", "touched"}
    assert _node(last, role="textbox", name="E-mail")["states"] == ["editable"]


# ---- what must never come ----


@pytest.mark.promise("P7")
def test_a_secret_field_is_never_read(browser: Browser, lent: Listener, hands: Hands, site: MiniwobServer) -> None:
    """Password, one-time code and hidden values are in no message, not after show-password either; their focus is said to be secure."""
    _open(browser, lent, site.page("login"))
    _fill(browser, hands, "#user", "maria")
    _fill(browser, hands, "#secret", "pwcanary1")
    eye = browser.box_of("#eye")
    hands.click(eye.x + 9, eye.y + 9)
    wait_for("the password to be shown", lambda: browser.evaluate("document.getElementById('secret').type") == "text")
    _fill(browser, hands, "#secret", "pwcanary2")
    _fill(browser, hands, "#code", "482913")
    time.sleep(QUIET_S)
    assert browser.evaluate("document.getElementById('secret').value").count("canary") == 2
    heard = json.dumps(lent.messages)
    assert "maria" in heard
    assert not any(secret in heard for secret in ("canary", "482913"))
    last = lent.of("tree")[-1]
    assert {"secure", "focused"} <= set(_node(last, role="textbox", name="One-time code")["states"])
    assert "secure" in _node(last, tag="input", name="Password")["states"]
    focus = [message["secure"] for message in lent.of("focus") if message["field"]]
    assert focus == [False, True, False, True, True]  # user, password, the eye, password shown, code


@pytest.mark.promise("P7")
def test_a_replaced_password_field_stays_secret(browser: Browser, lent: Listener, hands: Hands, site: MiniwobServer) -> None:
    """A page that shows the password by putting a plain field in its place doesn't get it read."""
    _open(browser, lent, site.page("login"))
    _fill(browser, hands, "#secret", "pwcanary3")
    browser.evaluate("""() => {
      const old = document.getElementById('secret');
      const fresh = Object.assign(document.createElement('input'), { id: old.id, name: old.name, value: old.value });
      old.replaceWith(fresh);
    }""")
    time.sleep(QUIET_S)
    last = lent.of("tree")[-1]
    assert "secure" in _node(last, key="#secret")["states"]
    assert "canary" not in json.dumps(lent.messages)


@pytest.mark.promise("P7")
def test_card_code_and_masked_fields_are_secret_and_others_are_not(
    browser: Browser, lent: Listener, hands: Hands, site: MiniwobServer
) -> None:
    """Card number, check number, digit boxes and fields that a style masks aren't read; "shopping" isn't a "pin"."""
    _open(browser, lent, site.page("shop"))
    for selector, text in (
        ("#number", "4000001"),
        ("#plain", "4000002"),
        ("#check", "4000003"),
        ("#css", "4000004"),
        (".codes input", "9"),
    ):
        _fill(browser, hands, selector, text)
    _fill(browser, hands, "#holder", "leave it")
    time.sleep(QUIET_S)
    last = lent.of("tree")[-1]
    values = {node["key"]: (node["value"], "secure" in node["states"]) for node in last["tree"]["nodes"] if node["role"] == "textbox"}
    assert values["#holder"] == ("leave it", False)
    assert values["#shopping"] == ("pins and a pinboard", False)
    assert [values[key] for key in ("#number", "#plain", "#check", "#css .masked", "")] == [("", True)] * 5
    assert "40000" not in json.dumps(lent.messages)


def test_an_address_comes_without_query_and_fragment(browser: Browser, lent: Listener, site: MiniwobServer) -> None:
    """What stands behind ? or # in an address isn't said."""
    browser.goto(site.page("contact") + "?token=querycanary#partcanary")
    lent.wait("tree")
    assert {m["url"] for m in lent.of("navigation")} == {site.page("contact")}
    assert "canary" not in json.dumps(lent.messages)


def test_keys_that_go_into_a_frame_or_the_address_bar_are_secure(
    browser: Browser, lent: Listener, hands: Hands, site: MiniwobServer
) -> None:
    """Where the extension can't see what gets the keys, it says so: a frame, the browser's own bar."""
    _open(browser, lent, site.page("shop"))
    frame = browser.box_of("iframe")
    hands.click(frame.x + 60, frame.y + 30)
    assert lent.wait("focus", secure=True)
    lent.messages.clear()
    _fill(browser, hands, "#holder", "a")
    assert lent.wait("focus", secure=False)
    hands.press("ctrl+l")
    time.sleep(0.2)
    assert lent.of("focus")[-1]["secure"] is True
    hands.press("Escape")


# ---- when nothing may come ----


@pytest.mark.promise("P6")
def test_an_unlisted_site_is_silent(browser: Browser, lent: Listener, hands: Hands, site: MiniwobServer) -> None:
    """On a site that isn't lent nothing is said, whatever is done there, and a probe finds nobody."""
    browser.goto(site.page("contact", listed=False))
    _fill(browser, hands, "#name", "Maria")
    assert _silent(lent) == []
    lent.say({"type": "probe", "id": 5})
    assert lent.wait("none", id=5)
    assert lent.of("tree") == []


@pytest.mark.promise("P1")
@pytest.mark.parametrize("state", [{"recording": False}, {"paused": True}])
def test_off_and_paused_are_silent(browser: Browser, lent: Listener, hands: Hands, site: MiniwobServer, state: dict[str, bool]) -> None:
    """While not recording or paused, an open lent page says nothing, and goes on when recording does."""
    _open(browser, lent, site.page("contact"))
    lent.lend(site.origin, **state)
    time.sleep(0.1)
    lent.messages.clear()
    _fill(browser, hands, "#name", "Maria")
    assert _silent(lent) == []
    lent.lend(site.origin)
    assert lent.wait("navigation")["url"] == site.page("contact")


@pytest.mark.promise("P6")
def test_a_hidden_tab_is_silent(browser: Browser, lent: Listener, site: MiniwobServer) -> None:
    """A lent page in a tab that isn't in front says that it was left, and then nothing, however it changes."""
    _open(browser, lent, site.page("contact"))
    other = browser.context.new_page()
    other.goto("about:blank")
    assert lent.wait("left")["url"] == site.page("contact")
    browser.evaluate("document.body.append('changed behind')")
    assert _silent(lent) == []
    other.close()
    assert lent.wait("navigation")["url"] == site.page("contact")


@pytest.mark.parametrize("is_private", [False, True])
@pytest.mark.promise("P6")
def test_a_private_window_is_silent(*, is_private: bool, site: MiniwobServer, tmp_path: Path) -> None:
    """The same page and the same deeds: heard from an ordinary window, never from a private one."""
    with DesktopSession() as own, Listener(tmp_path / "s") as wire, Hands(own.display, seed=9, pace=2) as hands:
        wire.lend(site.origin)
        own.start_chromium(profile=tmp_path / "profile", native_host_socket=wire.path, allow=[site.origin]).close()
        wire.messages.clear()
        own.launch(chromium_argv(tmp_path / "profile", site.page("contact"), *(["--incognito"] if is_private else [])))
        window = wait_for("the page", lambda: own.screen.find("chromium", "Contact form"))
        time.sleep(QUIET_S)
        hands.click(window.area.x + 300, window.area.y + 250)
        hands.type_text("Maria")
        if not is_private:
            wait_for("what an ordinary window says", lambda: wire.messages)
        time.sleep(QUIET_S)
        assert (wire.messages == []) == is_private


def test_when_the_recorder_goes_the_page_falls_silent(
    desktop: DesktopSession, browser: Browser, lent: Listener, site: MiniwobServer
) -> None:
    """When the recorder ends, pages stop within a second; when it comes back, they go on by themselves."""
    _open(browser, lent, site.page("contact"))
    shown = browser.context.new_page()
    shown.goto(f"chrome-extension://{browser.extension_id}/popup.html")
    path = lent.path
    count = lent.connections
    lent.hang_up()
    shown.reload()
    wait_for("the popup to say so", lambda: "Not recording" in shown.locator("#headline").inner_text())
    assert path.exists()
    lent.wait_connected(count + 1)
    shown.close()
    assert lent.wait("navigation")


def test_the_popup_says_what_happens(browser: Browser, lent: Listener, site: MiniwobServer) -> None:
    """The extension's own page says in words whether it records, is paused, and which sites are lent."""
    page = browser.context.new_page()
    said = {}
    for name, state in {"on": {}, "paused": {"paused": True}, "off": {"recording": False}}.items():
        lent.lend(site.origin, **state)
        time.sleep(0.1)
        page.goto(f"chrome-extension://{browser.extension_id}/popup.html")
        wait_for("the popup's words", lambda: "Asking" not in page.locator("#headline").inner_text())
        said[name] = (page.locator("#headline").inner_text(), page.locator("#sites li span").all_inner_texts())
    page.close()
    sites = [site.origin]
    assert said == {"on": ("Not recording this page", sites), "paused": ("Paused", sites), "off": ("Not recording", sites)}


# ---- what it costs ----


def test_ten_thousand_nodes_do_not_stall_the_page(browser: Browser, lent: Listener, site: MiniwobServer) -> None:
    """On a page of 10,000 elements a snapshot stays within its limit of nodes and far below what a person notices."""
    message = _open(browser, lent, site.page("big"))
    browser.evaluate(snapshot_script() + "\n;0")
    times, count = browser.evaluate("""() => {
      const times = [];
      for (let i = 0; i < 9; i++) { const t = performance.now(); wittingSnapshot(document); times.push(performance.now() - t); }
      return [times.sort((a, b) => a - b), document.querySelectorAll('*').length];
    }""")
    assert count > 10_000
    assert 50 < len(message["tree"]["nodes"]) <= 2000
    assert times[4] < 150, times


def test_a_tree_never_has_more_than_its_limit(browser: Browser, lent: Listener, site: MiniwobServer) -> None:
    """However much stands in the window at once, a tree has at most 2,000 nodes."""
    _open(browser, lent, site.page("contact"))
    lent.messages.clear()
    browser.evaluate("""() => {
      const many = document.createElement('div');
      many.style = 'font-size: 1px; line-height: 1px; position: fixed; inset: 0; background: #fff';
      for (let i = 0; i < 5000; i++) many.append(Object.assign(document.createElement('a'), { href: '#', textContent: 'a' }), ' ');
      document.body.append(many);
    }""")
    assert 1900 <= len(lent.wait("tree")["tree"]["nodes"]) <= 2000


def test_garbage_from_the_recorder_leaves_it_off(browser: Browser, lent: Listener, hands: Hands, site: MiniwobServer) -> None:
    """A state that isn't whole is taken as "not recording"."""
    _open(browser, lent, site.page("contact"))
    lent.say({"type": "state", "recording": "yes", "sites": "everything"})
    time.sleep(0.1)
    lent.messages.clear()
    _fill(browser, hands, "#name", "Maria")
    assert _silent(lent) == []
    with pytest.raises(DesktopError):
        lent.wait("tree", seconds=0.1)
