"""The desk in a real browser: every page is readable by everyone, works by keyboard, and leaving takes no more steps than joining."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from witting.device.desk.config import DeskConfig
from witting.device.desk.serve import serve
from witting.device.enrolment import Enrolment, start_join
from witting.device.leaving import read_receipt
from witting.device.review import preview, summarise
from witting.terms.geometry import Rect
from witting.terms.review import MaskRegion
from witting.testing.browser import CHROMIUM
from witting.testing.participant import LINK, SESSION, Participant

pytestmark = pytest.mark.e2e
PAGE = f"/sessions/{SESSION}"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return a headless browser for the file's tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@dataclass
class Visit:
    """A participant before their desk in a browser; counts what they do."""

    person: Participant
    page: Page
    address: str  # with the token
    steps: int = 0  # clicks and key presses that a person has to make
    troubles: list[str] = field(default_factory=list)  # what the browser complained of

    @property
    def base(self) -> str:
        """The address without path and token."""
        return self.address.split("/?", 1)[0]

    def open(self, path: str) -> None:
        """Open a page of the desk."""
        self.page.goto(self.base + path)

    def click(self, role: Any, name: str) -> None:
        """Click a control by what it says, and count it as a step."""
        self.steps += 1
        self.page.get_by_role(role, name=name).first.click()


@pytest.fixture
def visit(tmp_path: Path, chromium: Browser) -> Iterator[Visit]:
    """Serve a desk for someone who has opened an invitation, and open its address in a fresh browser profile."""
    person = Participant(tmp_path / "data")
    start_join(LINK, person.data_dir, hub=person.hub.client())
    is_over, is_ready, addresses = threading.Event(), threading.Event(), list[str]()

    def ready(url: str) -> None:
        addresses.append(url)
        is_ready.set()

    config = DeskConfig(person.data_dir, open_hub=lambda _: person.hub.client())
    desk = threading.Thread(target=serve, args=(config,), kwargs={"on_ready": ready, "until": is_over.is_set})
    desk.start()
    assert is_ready.wait(20)
    context = chromium.new_context(viewport={"width": 1180, "height": 900})
    page = context.new_page()
    page.set_default_timeout(15_000)
    made = Visit(person, page, addresses[0])
    page.on("console", lambda message: made.troubles.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: made.troubles.append(str(error)))
    page.goto(addresses[0])
    yield made
    context.close()
    is_over.set()
    desk.join(20)
    assert not desk.is_alive()


def _recorded(visit: Visit, frames: int = 4) -> Enrolment:
    """Opt in to everything without the page, and record."""
    enrolment = visit.person.join()
    visit.person.record(enrolment, frames=frames)
    return enrolment


def _violations(page: Page, **options: object) -> list[str]:
    """Return what axe finds on the page as it is."""
    found = Axe().run(page, options=options or None).response["violations"]
    return [f"{one['id']} ({one['impact']}): {one['nodes'][0]['target']}" for one in found]


def test_every_page_is_accessible_in_light_and_dark(visit: Visit) -> None:
    """Axe finds nothing on any page in either colour scheme, and the browser complains of nothing (blocked scripts included)."""
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        visit.page.emulate_media(color_scheme="light")
        found[name] = _violations(visit.page)
        visit.page.emulate_media(color_scheme="dark")
        found[f"{name}, dark"] = _violations(visit.page, runOnly=["color-contrast"])

    look("notice to answer")
    enrolment = _recorded(visit, frames=31)
    enrolment.open_spool().add_mark(SESSION, MaskRegion(mark_id="m", area=Rect(80, 120, 200, 60), from_ns=0, to_ns=2**62))
    for path in (
        "/",
        "/notice",
        "/receipts",
        "/used",
        "/routines",
        "/sessions",
        PAGE,
        f"{PAGE}/pictures/1",
        f"{PAGE}/said/1",
        f"{PAGE}/send",
        "/withdraw",
    ):
        visit.open(path)
        look(path)
    visit.click("button", "Withdraw everything")
    visit.page.wait_for_url(visit.base + "/")
    look("deletion receipt")
    visit.click("button", "Remove it from here too")
    look("nothing left")
    assert {name: trouble for name, trouble in found.items() if trouble} == {}
    assert visit.troubles == []


@pytest.mark.promise("P2")
def test_leaving_takes_no_more_steps_than_joining(visit: Visit) -> None:
    """Counted on the real pages from the same start: the least that joining takes, and all that withdrawing takes."""
    visit.page.get_by_role("checkbox").first.check()
    visit.steps += 1
    visit.click("button", "Opt in to what I ticked")
    visit.page.wait_for_url("**/receipts*")
    joining, visit.steps = visit.steps, 0
    visit.page.goto(visit.address)
    visit.click("link", "Withdraw")
    visit.click("button", "Withdraw everything")
    visit.page.get_by_role("heading", name="Deletion receipt").wait_for()
    assert visit.steps <= joining
    kept = read_receipt(visit.person.data_dir)
    assert kept is not None
    assert kept.open().sessions == ()


@pytest.mark.promise("P9")
def test_a_region_drawn_over_the_picture_is_what_leaves_masked(visit: Visit) -> None:
    """Dragging over the picture masks that region of the real pixels, and what is sent is what the page's fingerprint says."""
    enrolment = _recorded(visit)
    visit.open(f"{PAGE}/pictures/1")
    image = visit.page.locator(".frame img").bounding_box()
    assert image is not None
    scale = image["width"] / 1280
    visit.page.mouse.move(image["x"] + 80 * scale, image["y"] + 120 * scale)
    visit.page.mouse.down()
    visit.page.mouse.move(image["x"] + 380 * scale, image["y"] + 160 * scale, steps=4)
    visit.page.mouse.up()
    visit.page.get_by_label("For how long").select_option("the whole session")
    visit.click("button", "Mask it")
    visit.page.wait_for_url("**told=masked")
    (mark,) = enrolment.open_spool().marks(SESSION)
    assert isinstance(mark, MaskRegion)
    assert (abs(mark.area.x - 80), abs(mark.area.y - 120)) <= (2, 2)
    assert (abs(mark.area.width - 300), abs(mark.area.height - 40)) <= (3, 3)
    visit.click("link", "Send this session…")
    shown = visit.page.locator("main .mono").last.inner_text()
    visit.click("button", "Send exactly this")
    visit.page.wait_for_url("**told=sent")
    assert summarise(visit.person.hub.read(SESSION)).content_digest == shown
    spool = enrolment.open_spool()
    assert summarise(preview(spool, SESSION, marks=spool.marks(SESSION))).content_digest == shown


def test_everything_can_be_done_by_keyboard(visit: Visit) -> None:
    """Tab, space and enter alone: tick, opt in, open a session, mask by numbers, take out, send, withdraw."""
    keyboard = visit.page.keyboard

    def reach(selector: str) -> None:
        """Tab until what is in focus is what is wanted."""
        for _ in range(150):
            keyboard.press("Tab")
            if visit.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        pytest.fail(f"{selector} can't be reached by keyboard")

    def follow(selector: str, address: str) -> None:
        """Press enter on what is wanted, and wait for the page that it leads to."""
        reach(selector)
        with visit.page.expect_navigation(url=address):
            keyboard.press("Enter")

    reach("input[name=grant]")
    keyboard.press("Space")
    reach("input[name=keys_level]")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    assert visit.page.locator("input[name=keys_level]:checked").get_attribute("value") == "rhythm"
    follow("button[form=choices]", "**/receipts*")
    assert Enrolment(visit.person.data_dir).receipt.keys_level == "rhythm"
    visit.person.record(Enrolment(visit.person.data_dir))
    follow("a[href='/sessions']", "**/sessions")
    follow(f"a[href='{PAGE}']", f"**{PAGE}")
    follow(f"a[href='{PAGE}/pictures/0']", "**/pictures/0")
    for name, value in (("x", "80"), ("y", "120"), ("width", "300"), ("height", "40")):
        reach(f"input[name={name}]")
        keyboard.type(value)
    follow("form[data-mask] button", "**told=masked")
    follow("ol.line button", "**told=dropped")
    follow(f"a[href='{PAGE}/send']", "**/send")
    follow("form[action$='/send'] button", "**told=sent")
    assert SESSION in visit.person.hub.parcels
    follow("a[href='/withdraw']", "**/withdraw")
    follow("main button", visit.base + "/")
    visit.page.get_by_role("heading", name="Deletion receipt").wait_for()


def test_the_pages_work_without_scripts(visit: Visit, chromium: Browser) -> None:
    """With scripts switched off, a picture is still shown and masked by the four numbers."""
    enrolment = _recorded(visit)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(visit.address)
    page.goto(f"{visit.base}{PAGE}/pictures/1")
    for name, value in (("x", "80"), ("y", "120"), ("width", "300"), ("height", "40")):
        page.locator(f"input[name={name}]").fill(value)
    page.get_by_role("button", name="Mask it").click()
    page.wait_for_url("**told=masked")
    context.close()
    assert len(enrolment.open_spool().marks(SESSION)) == 1


@pytest.mark.promise("P10")
def test_the_browser_reaches_nothing_but_the_desk(visit: Visit) -> None:
    """Reading every page, the browser asks no other address for anything, and the hub hears nothing."""
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    _recorded(visit)
    visit.person.hub.requests.clear()
    for path in ("/", "/notice", "/receipts", "/sessions", PAGE, f"{PAGE}/pictures/1", f"{PAGE}/send", "/withdraw"):
        visit.open(path)
        visit.page.wait_for_load_state("networkidle")
    assert len(asked) > 15
    assert not [url for url in asked if not url.startswith(visit.base + "/")]
    assert visit.person.hub.requests == []


@pytest.mark.parametrize("stranger", ["http://127.0.0.1:9", "https://elsewhere.example.org"])
def test_another_page_in_the_same_browser_cannot_use_the_desk(visit: Visit, stranger: str) -> None:
    """A page of another port or host can neither read the desk nor post its forms, though the browser has the cookie and it a token."""
    _recorded(visit)
    token = re.search(r'action="/withdraw"[^<]*<input[^>]*value="([0-9a-f]{64})"', _source(visit, "/withdraw"))
    assert token is not None
    form = f'<form method=post action="{visit.base}/withdraw"><input name=_form value="{token[1]}"></form>'
    visit.page.context.route(f"{stranger}/**", lambda route: route.fulfill(content_type="text/html", body=form))
    page = visit.page.context.new_page()
    page.goto(f"{stranger}/")
    assert page.evaluate(f"fetch('{visit.base}/state', {{credentials: 'include'}}).then(() => false, () => true)")
    with page.expect_response(f"{visit.base}/withdraw") as answer:
        page.evaluate("document.forms[0].submit()")
    assert answer.value.status == 403
    assert Enrolment(visit.person.data_dir).status == "given"


def _source(visit: Visit, path: str) -> str:
    """Return a page's HTML."""
    visit.open(path)
    return visit.page.content()
