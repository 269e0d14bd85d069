"""Who saw my data, and my questions, in a real browser against a real hub: German, by keyboard, at 320 px, readable by everyone."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from hub_process import EXAMPLE, HubProcess
from playwright.sync_api import Browser, Page, sync_playwright

from witting.device.desk.config import DeskConfig
from witting.device.desk.serve import serve
from witting.device.enrolment import offered_grants, start_join
from witting.device.sending import send_session
from witting.hub import invitations
from witting.hub.vault import Vault
from witting.ledger.log import open_proof, read_proof
from witting.testing.browser import CHROMIUM
from witting.testing.participant import SESSION, Participant
from witting.testing.sample_session import SITE

pytestmark = pytest.mark.e2e
NARROW = {"width": 320, "height": 900}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubProcess]:
    """A served hub with the example programme in German."""
    served = HubProcess(tmp_path / "hub")
    served.command("hub", "init", "--data", str(served.data_dir), "--port", "0")
    programme = tmp_path / "programme.toml"
    text = EXAMPLE.read_text("utf-8").replace("https://forms.example.org", SITE)
    programme.write_text(text.replace('language = "en"', 'language = "de"'), "utf-8")
    served.command("hub", "programme-add", str(programme), "--data", str(served.data_dir))
    served.start()
    yield served
    served.stop()


@pytest.fixture
def person(tmp_path: Path, hub: HubProcess) -> Participant:
    """Somebody whose session lies at the hub and was read there once."""
    made = Participant(tmp_path / "data")
    (link,) = invitations.create(hub.data_dir, "office-help", count=1)
    with hub.client() as client:
        enrolment = start_join(link, made.data_dir, hub=client)
        enrolment.give_consent(offered_grants(enrolment.programme), hub=client)
        made.record(enrolment)
        made.see(enrolment)
        send_session(enrolment, SESSION, hub=client, over_metered=True)
    vault = Vault.open(hub.data_dir)
    list(vault.read(SESSION, reader="Modellbau (lab)"))
    vault.close()
    return made


@pytest.fixture
def chromium() -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def desk(person: Participant, chromium: Browser) -> Iterator[Page]:
    """The desk of that person, open in the browser."""
    is_over, is_ready, addresses = threading.Event(), threading.Event(), list[str]()

    def ready(url: str) -> None:
        addresses.append(url)
        is_ready.set()

    serving = threading.Thread(
        target=serve, args=(DeskConfig(person.data_dir),), kwargs={"on_ready": ready, "until": is_over.is_set}, daemon=True
    )
    serving.start()
    assert is_ready.wait(60)
    page = chromium.new_page(viewport={"width": 1180, "height": 900}, bypass_csp=True)  # axe itself is a script
    page.set_default_timeout(60_000)
    page.goto(addresses[0])
    yield page
    is_over.set()
    serving.join(60)
    assert not serving.is_alive()


def _look(page: Page, name: str) -> None:
    """Check a page wide and narrow, light and dark; keep pictures where somebody asked for them."""
    for size, word in ((NARROW, "narrow"), ({"width": 1180, "height": 900}, "wide")):
        page.set_viewport_size(size)  # type: ignore[arg-type] # a plain dictionary of the two
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (name, word)
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)
            found = [f"{one['id']}: {one['nodes'][0]['target']}" for one in Axe().run(page).response["violations"]]
            assert found == [], (name, word, scheme)
        if folder := os.environ.get("WITTING_PICTURES"):
            page.screenshot(path=Path(folder) / f"{name}-{word}.png", full_page=True)


def _press(page: Page, selector: str, key: str = "Enter") -> None:
    """Tab until what is wanted has the focus, and press a key on it."""
    page.evaluate("document.activeElement.blur()")
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            page.keyboard.press(key)
            return
    pytest.fail(f"{selector} can't be reached by keyboard")


@pytest.mark.promise("P15")
@pytest.mark.promise("P25")
def test_seeing_who_read_asking_and_being_answered(desk: Page, hub: HubProcess, chromium: Browser) -> None:
    """By keyboard alone: see who read what for what, save the proof, ask, be answered at the hub by a steward, read the answer."""
    _press(desk, 'nav a[href="/used"]')
    desk.wait_for_url("**/used")
    _look(desk, "used-before")
    _press(desk, "main button")
    desk.get_by_text("Modellbau (lab)").wait_for()
    assert desk.locator("html").get_attribute("lang") == "de"
    text = desk.locator("main").inner_text()
    assert "las es für:" in text
    assert "setzt jeden Stand fort, der Ihnen je gezeigt wurde" in text
    _look(desk, "used")
    with desk.expect_download() as saved:
        _press(desk, '.deeds a[href$="/proof"]')
    key_page = chromium.new_page()
    key_page.goto(hub.url + "/log")
    proof = read_proof(saved.value.path().read_text("utf-8"))
    assert proof.index > 0
    _press(desk, 'nav a[href="/questions"]')
    desk.wait_for_url("**/questions")
    _look(desk, "questions-before")
    _press(desk, "input[name=kind]", "ArrowDown")
    _press(desk, "textarea", "W")
    desk.keyboard.type("arum las das jemand um Mitternacht?")
    _press(desk, ".ask button")
    desk.locator("section[id^=n] h2").first.wait_for()
    number = desk.locator("section[id^=n]").first.get_attribute("id")
    assert number is not None
    _answer(chromium, hub, number.removeprefix("n"))
    _press(desk, 'form[action="/questions/answers"] button')
    desk.get_by_text("Weil der Lauf nachts beginnt.").wait_for()
    _look(desk, "questions-answered")
    with desk.expect_download() as saved:
        _press(desk, 'a[href$="/answered"]')
    answered = read_proof(saved.value.path().read_text("utf-8"))
    public = _public_key(hub)
    assert open_proof(answered, public, origin=answered.checkpoint.split("\n")[0]).kind == "enquiry_answered"


def _public_key(hub: HubProcess) -> bytes:
    """Return the key of the hub's log."""
    (link,) = invitations.create(hub.data_dir, "office-help", count=1)
    with hub.client() as client:
        return client.offer(link.rsplit("/", 1)[1]).signing_key


def _answer(chromium: Browser, hub: HubProcess, number: str) -> None:
    """Answer at the hub's pages as a steward does, with scripting off and no mouse."""
    page = chromium.new_context(viewport={"width": 1180, "height": 900}, bypass_csp=True).new_page()
    page.set_default_timeout(60_000)
    page.goto(hub.url + "/enquiries")
    _look(page, "hub-open")
    assert f"Finding {number}" in page.locator("main").inner_text()
    assert "Mitternacht" not in page.content()
    _press(page, 'main a[href="/sign-in"]')
    page.wait_for_url("**/sign-in")
    _look(page, "hub-sign-in")
    page.locator("#token").focus()
    page.keyboard.type((hub.data_dir / "tokens" / "steward").read_text().strip())
    page.keyboard.press("Enter")
    page.get_by_text("Mitternacht").wait_for()
    _look(page, "hub-answers")
    page.locator("textarea").focus()
    page.keyboard.type("Weil der Lauf nachts beginnt.")
    _press(page, "main button")
    page.get_by_text("Nothing waits.").wait_for()
    page.goto(hub.url + "/enquiries")
    assert f"answered {datetime.now(UTC):%Y-%m}" in page.locator("main").inner_text()
    page.close()
