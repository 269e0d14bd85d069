"""Joining in German in a real browser: no box ticked, by keyboard alone, on a narrow screen, readable by everyone."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from witting.device.desk.config import DeskConfig
from witting.device.desk.serve import serve
from witting.device.enrolment import Enrolment, start_join
from witting.terms.events import STREAMS
from witting.testing.browser import CHROMIUM
from witting.testing.memory_hub import MemoryHub
from witting.testing.participant import LINK, Participant

pytestmark = pytest.mark.e2e
NARROW = {"width": 320, "height": 800}


@pytest.fixture
def german(tmp_path: Path) -> Iterator[tuple[Page, Participant]]:
    """Serve a desk for somebody who was invited into a German programme with every kind, and open it in a browser."""
    person = Participant(tmp_path / "data")
    purposes = person.hub.programme.purposes
    everything = (msgspec.structs.replace(purposes[0], streams=STREAMS), *purposes[1:])
    person.hub = MemoryHub(msgspec.structs.replace(person.hub.programme, language="de", purposes=everything))
    start_join(LINK, person.data_dir, hub=person.hub.client())
    is_over, is_ready, addresses = threading.Event(), threading.Event(), list[str]()

    def ready(url: str) -> None:
        addresses.append(url)
        is_ready.set()

    config = DeskConfig(person.data_dir, open_hub=lambda _: person.hub.client())
    desk = threading.Thread(target=serve, args=(config,), kwargs={"on_ready": ready, "until": is_over.is_set})
    desk.start()
    assert is_ready.wait(30)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1180, "height": 900})
        page.set_default_timeout(30_000)
        page.goto(addresses[0])
        yield page, person
        browser.close()
    is_over.set()
    desk.join(30)
    assert not desk.is_alive()


def _violations(page: Page) -> list[str]:
    """Return what axe finds on the page as it is, in light and in dark."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += [f"{one['id']}: {one['nodes'][0]['target']}" for one in Axe().run(page).response["violations"]]
    return found


def _picture(page: Page, name: str) -> None:
    """Keep a picture of the page where somebody asked for pictures."""
    if folder := os.environ.get("WITTING_PICTURES"):
        page.emulate_media(color_scheme="light")
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.promise("P4")
@pytest.mark.promise("P2")
def test_joining_and_leaving_in_german(german: tuple[Page, Participant]) -> None:
    """The notice, the choices, the receipt and leaving speak German; nothing is ticked; yes and no look the same; a keyboard is enough."""
    page, person = german
    assert page.locator("html").get_attribute("lang") == "de"
    text = page.locator("main").inner_text()
    assert text.index("In zehn Zeilen") < text.index("So sieht eine Aufnahme aus") < text.index("Ihre Wahl") < text.index("Ganz: was wir")
    assert person.hub.offer().notice_digest in text
    assert page.locator("input[type=checkbox]:checked").count() == 0
    assert page.locator("input[type=radio]:checked").get_attribute("value") == "off"
    yes, no = (page.get_by_role("button", name=name).bounding_box() for name in ("Ja zu dem, was ich angehakt habe", "Nein, danke"))
    assert yes is not None
    assert no is not None
    assert (round(yes["width"]), round(yes["height"])) == (round(no["width"]), round(no["height"]))
    assert _violations(page) == []
    _picture(page, "german-wide")
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert _violations(page) == []
    _picture(page, "german-narrow")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Genau diesen Text sichern").click()
    assert saved.value.path().read_text("utf-8") == person.hub.offer().notice_markdown
    _reach(page, "input[name=grant]")
    page.keyboard.press("Space")
    _reach(page, "button[form=choices]")
    with page.expect_navigation(url="**/receipts*"):
        page.keyboard.press("Enter")
    assert page.locator("html").get_attribute("lang") == "de"
    assert "Sie haben Ja gesagt. Hier ist Ihre Quittung." in page.locator("main").inner_text()
    assert Enrolment(person.data_dir).receipt.language == "de"
    assert "Ihre eigene Einwilligung" in Enrolment(person.data_dir).receipt.legal_basis
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert _violations(page) == []
    _picture(page, "german-receipt")
    page.get_by_role("link", name="Meine Einwilligung").click()
    page.get_by_role("heading", name="Meine Einwilligung").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert _violations(page) == []
    _picture(page, "german-mine")
    page.get_by_role("link", name="Zurücknehmen", exact=True).click()
    assert _violations(page) == []
    _picture(page, "german-withdraw")
    page.get_by_role("button", name="Alles zurücknehmen").click()
    page.get_by_role("heading", name="Deletion receipt").wait_for()


@pytest.mark.promise("P5")
def test_being_asked_again_in_german(german: tuple[Page, Participant]) -> None:
    """After a change the desk asks again in a narrow window and by keyboard: why, nothing ticked; a no is kept here, and can be undone."""
    page, person = german
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Ja zu dem, was ich angehakt habe").click()
    page.get_by_role("link", name="Meine Einwilligung").click()
    person.hub.programme = msgspec.structs.replace(person.hub.programme, version=2, owner="Another Org")
    page.set_viewport_size(NARROW)
    _reach(page, "form[action='/mine/look'] button")
    with page.expect_navigation(url="**/notice*"):
        page.keyboard.press("Enter")
    page.get_by_role("heading", name="Sie werden wieder gefragt").wait_for()
    assert "Another Org" in page.locator("main").inner_text()
    assert page.locator("input[type=checkbox]:checked").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert _violations(page) == []
    _picture(page, "german-again")
    _reach(page, "form[action='/refuse'] button")
    with page.expect_navigation(url="**/mine*"):
        page.keyboard.press("Enter")
    page.get_by_role("heading", name="Sie haben Nein gesagt").wait_for()
    assert _violations(page) == []
    _picture(page, "german-said-no")
    page.get_by_role("button", name="Die Wahl doch noch einmal zeigen").click()
    page.get_by_role("heading", name="Ihre Wahl").wait_for()


@pytest.mark.promise("P20")
def test_a_german_no_leaves_nothing(german: tuple[Page, Participant]) -> None:
    """Nein, danke ends on a page in German, with nothing left on the machine and nothing told to the hub."""
    page, person = german
    asked = list(person.hub.requests)
    page.get_by_role("button", name="Nein, danke").click()
    page.get_by_role("heading", name="In Ordnung").wait_for()
    assert page.locator("html").get_attribute("lang") == "de"
    assert _violations(page) == []
    assert not person.data_dir.exists()
    assert person.hub.requests == asked


def _reach(page: Page, selector: str) -> None:
    """Tab until what is in focus is what is wanted."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{selector} can't be reached by keyboard")
