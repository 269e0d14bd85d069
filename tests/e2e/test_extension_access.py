"""What the extension may see: nothing until a person allows a site, that site alone, and nothing again once consent ended."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from witting.testing.allowing import allow, popup
from witting.testing.browser import Browser
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.listener import Listener
from witting.testing.miniwob_server import MiniwobServer
from witting.testing.x11 import wait_for

pytestmark = pytest.mark.e2e
QUIET_S = 0.5
RUNS = "async () => (await chrome.scripting.getRegisteredContentScripts()).flatMap((script) => script.matches)"
GRANTED = "async () => (await chrome.permissions.getAll()).origins"


@pytest.fixture
def wire(tmp_path: Any) -> Iterator[Listener]:
    """Give the recorder's end."""
    (tmp_path / "data" / "run").mkdir(parents=True)
    with Listener(tmp_path / "data" / "run" / "browser.sock") as listener:
        yield listener


@pytest.fixture
def browser(desktop: DesktopSession, wire: Listener, site: MiniwobServer, tmp_path: Any) -> Iterator[Browser]:
    """Give a browser of which no site is allowed, though one is lent."""
    wire.lend(site.origin)
    settings = tmp_path / "chromium" / "Default" / "Preferences"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"extensions": {"ui": {"developer_mode": true}}}')  # as whoever loads an unpacked extension has it
    browser = desktop.start_chromium(profile=tmp_path / "chromium", native_host_socket=wire.path)
    wire.wait_connected()
    yield browser
    browser.close()


@pytest.fixture
def hands(desktop: DesktopSession) -> Iterator[Hands]:
    """Give quick hands."""
    with Hands(desktop.display, seed=3, pace=2) as hands:
        yield hands


def _worlds(page: Any) -> list[str]:
    """Return the names of the scripts' worlds in a page that aren't its own."""
    session = page.context.new_cdp_session(page)
    names: list[str] = []
    session.on("Runtime.executionContextCreated", lambda event: names.append(event["context"]["name"]))
    session.send("Runtime.enable")
    page.evaluate("0")
    session.detach()
    return [name for name in names if name == "witting"]


def _asked(browser: Browser, script: str) -> Any:
    with popup(browser) as page:
        return page.evaluate(script)


@pytest.mark.promise("P1")
def test_a_lent_site_is_not_seen_before_the_person_allows_it(browser: Browser, wire: Listener, hands: Hands, site: MiniwobServer) -> None:
    """Though the recorder lends the site, no script runs there and no word comes until the person said yes to the browser."""
    browser.goto(site.page("contact"))
    time.sleep(QUIET_S)
    assert wire.messages == []
    assert _worlds(browser.page) == []
    with popup(browser) as page:
        line = page.locator("#sites li")
        line.wait_for()
        assert line.locator("span").all_inner_texts() == [site.origin]
        assert page.locator("#why").is_visible()
        allow(browser, page, site=site.origin, hands=hands)
        assert page.evaluate(GRANTED) == [f"{site.origin}/*"]
        assert not page.locator("#why").is_visible()
    assert wire.wait("navigation")["url"] == site.page("contact")  # the page that was open already
    assert _worlds(browser.page) == ["witting"]


@pytest.mark.promise("P6")
def test_no_script_runs_on_another_site(
    desktop: DesktopSession, browser: Browser, wire: Listener, hands: Hands, site: MiniwobServer
) -> None:
    """With one site allowed, a second one of the same machine gets no script, and nothing is said of it."""
    with popup(browser) as page:
        allow(browser, page, site=site.origin, hands=hands)
    browser.goto(site.page("contact"))
    wire.wait("tree")
    browser.goto(site.page("contact", listed=False))
    wire.messages.clear()
    box = browser.box_of("#name")
    hands.click(box.x + 9, box.y + 9)
    hands.type_text("Maria")
    time.sleep(QUIET_S)
    assert wire.messages == []
    assert _worlds(browser.page) == []
    assert _asked(browser, RUNS) == [f"{site.origin}/*"]


@pytest.mark.promise("P2")
def test_withdrawal_gives_every_site_back(browser: Browser, wire: Listener, hands: Hands, site: MiniwobServer) -> None:
    """When the recorder says that consent ended, permission and scripts are gone at once, and pages are silent."""
    with popup(browser) as page:
        allow(browser, page, site=site.origin, hands=hands)
    browser.goto(site.page("contact"))
    wire.wait("tree")
    wire.say({"type": "state", "recording": False, "paused": False, "sites": [], "withdrawn": True})
    with popup(browser) as page:
        wait_for("the permission to go", lambda: page.evaluate(GRANTED) == [])
        wait_for("the scripts to go", lambda: page.evaluate(RUNS) == [])
    wire.messages.clear()
    wire.lend(site.origin)  # the page that was open during it still has its script, and yet nothing to say
    time.sleep(QUIET_S)
    browser.goto(site.page("login"))
    time.sleep(QUIET_S)
    assert wire.messages == []
    assert _worlds(browser.page) == []


@pytest.mark.promise("P2")
def test_withdrawal_without_a_recorder_gives_every_site_back(browser: Browser, wire: Listener, hands: Hands, site: MiniwobServer) -> None:
    """The native host sees the mark of withdrawal in the data directory, though no recorder runs any more."""
    with popup(browser) as page:
        allow(browser, page, site=site.origin, hands=hands)
        wire.stop()
        wire.path.parents[1].joinpath("withdrawn").touch()
        wait_for("the permission to go", lambda: page.evaluate(GRANTED) == [])


def test_a_site_that_is_lent_no_more_is_given_back(browser: Browser, wire: Listener, hands: Hands, site: MiniwobServer) -> None:
    """When a recording lends other sites than before, access to the old ones goes; a pause changes nothing."""
    with popup(browser) as page:
        allow(browser, page, site=site.origin, hands=hands)
        wire.lend(site.origin, paused=True)
        wire.lend(recording=False)
        time.sleep(QUIET_S)
        assert page.evaluate(GRANTED) == [f"{site.origin}/*"]
        wire.lend("https://other.example.org")
        wait_for("the permission to go", lambda: page.evaluate(GRANTED) == [])


def test_saying_no_leaves_the_site_unseen(browser: Browser, wire: Listener, hands: Hands, site: MiniwobServer) -> None:
    """A person who answers the browser's question with "Deny" is not recorded there, and may be asked again."""
    browser.goto(site.page("contact"))
    with popup(browser) as page:
        button = page.locator("#sites button")
        button.wait_for()
        box = button.bounding_box()
        target = browser.on_screen((box["x"], box["y"], box["width"], box["height"]))
        hands.click(target.x + 9, target.y + 9)
        wait_for("the browser's question", lambda: not page.evaluate("document.hasFocus()"))
        time.sleep(0.7)
        hands.press("Return")  # its first answer is "Deny"
        wait_for("the answer", lambda: page.evaluate("document.hasFocus()"))
        assert page.evaluate(GRANTED) == []
        assert button.inner_text() == "Allow"
    time.sleep(QUIET_S)
    assert wire.messages == []


@pytest.mark.promise("P2")
def test_the_popup_pauses_at_once(browser: Browser, wire: Listener, hands: Hands, site: MiniwobServer) -> None:
    """A click on "Pause" silences every page before the recorder has answered, and tells the recorder; "Go on" asks it to."""
    with popup(browser) as page:
        allow(browser, page, site=site.origin, hands=hands)
        other = browser.context.new_page()
        other.goto(site.page("contact"))
        wire.wait("tree")
        page.bring_to_front()
        page.locator("#switch").click()
        assert wire.wait("control", do="pause")
        wait_for("the popup to say so", lambda: page.locator("#headline").inner_text() == "Paused")
        other.bring_to_front()
        wire.messages.clear()
        other.evaluate("document.body.append('changed while paused')")
        time.sleep(QUIET_S)
        assert wire.messages == []
        page.bring_to_front()
        page.locator("#switch").click()
        assert wire.wait("control", do="resume")
        assert page.locator("#headline").inner_text() == "Paused"  # until the recorder says otherwise
        wire.lend(site.origin)
        other.bring_to_front()
        assert wire.wait("navigation")["url"] == site.page("contact")
        other.close()


def test_a_page_may_not_pose_as_the_popup(browser: Browser, wire: Listener, hands: Hands, site: MiniwobServer) -> None:
    """A web page has no way to the extension: it can't connect, and words of the wrong kind aren't passed on."""
    with popup(browser) as page:
        allow(browser, page, site=site.origin, hands=hands)
    browser.goto(site.page("contact"))
    wire.wait("tree")
    assert browser.evaluate("typeof chrome === 'undefined' || typeof chrome.runtime?.connect") in {True, "undefined"}
    assert wire.of("control") == []


def test_pages_are_known_again_after_the_extension_was_loaded_anew(
    browser: Browser, wire: Listener, hands: Hands, site: MiniwobServer
) -> None:
    """Loading the extension anew ends its host; the new one finds the recorder, and open pages speak without being loaded again."""
    with popup(browser) as page:
        allow(browser, page, site=site.origin, hands=hands)
    browser.goto(site.page("contact"))
    wire.wait("tree")
    count = wire.connections
    page = browser.context.new_page()
    page.goto(f"chrome-extension://{browser.extension_id}/popup.html")
    wire.messages.clear()
    page.evaluate("setTimeout(() => chrome.runtime.reload(), 50)")
    wire.wait_connected(count + 1)
    browser.page.bring_to_front()
    assert wire.wait("navigation", seconds=15)["url"] == site.page("contact")
    assert wire.wait("tree")
    wire.messages.clear()
    box = browser.box_of("#name")
    hands.click(box.x + 9, box.y + 9)
    wire.wait("tree", why="pointerdown")
    assert len(wire.of("tree")) == len({message["t"] for message in wire.of("tree")})  # one script speaks, not two
