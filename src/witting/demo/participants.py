"""The participants' side of the story before and after work, all of it on desk pages: reading, choosing, reviewing, sending."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from witting.demo.running import Process
from witting.demo.silence import DeskSilentError, silent_error
from witting.demo.stage import Picture, Stage
from witting.device.enrolment import Enrolment
from witting.device.outbox import Outbox
from witting.testing.browser import CHROMIUM
from witting.testing.people import Person, make_person

REFUSER, MASKER, DELETER, LEAVER = 6, 2, 4, 3
_WAIT_MS = 30_000
_LOAD_IMAGES = """() => Promise.all([...document.images].slice(0, 9).map((image) => {
  image.loading = "eager";
  return image.decode().catch(() => 0);
}))"""


@dataclass
class Participant:
    """One of the six."""

    number: int
    person: Person
    data_dir: Path
    link: str
    sessions: list[str] = field(default_factory=list)


def invited(stage: Stage, links: list[str], *, seed: int) -> list[Participant]:
    """Return the people who got the links."""
    return [Participant(i, make_person(seed + i), stage.out / "people" / str(i), link) for i, link in enumerate(links, 1)]


@contextlib.contextmanager
def open_pages() -> Iterator[Any]:
    """Start a browser for desk pages; yields a Playwright browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@contextlib.contextmanager
def at_desk(stage: Stage, browser: Any, *, participant: Participant) -> Iterator[tuple[Any, str]]:
    """Run `witting desk` for a participant and open it; yields page and base address.

    Raises:
        DeskSilentError: a page didn't come up in time.
    """
    log = stage.out / "logs" / f"desk-{participant.number}.log"
    with _visit(browser, ["desk", "--data", str(participant.data_dir)], log=log) as visited:
        yield visited


@contextlib.contextmanager
def _visit(browser: Any, verb: list[str], *, log: Path) -> Iterator[tuple[Any, str]]:
    """Run a verb that serves pages and open the first; yields page and base address. What keeps silent is looked at while it is there."""
    from playwright.sync_api import TimeoutError as PageTimeoutError

    with Process([*verb, "--no-browser", "--json"], log=log) as desk, _page(browser) as page:
        url = str(desk.first_line()["url"])
        try:
            page.goto(url)
            yield page, url.split("/?", 1)[0]
        except PageTimeoutError as error:
            raise silent_error(error, page=page, desk=desk, log=log) from None


@contextlib.contextmanager
def _page(browser: Any) -> Iterator[Any]:
    page = browser.new_page(viewport={"width": 1180, "height": 900})
    page.set_default_timeout(_WAIT_MS)
    yield page
    page.close()


def join(stage: Stage, browser: Any, *, participant: Participant) -> None:
    """Open the invitation, read the notice, and opt in to some of it, or say no."""
    log = stage.out / "logs" / f"join-{participant.number}.log"
    with _visit(browser, ["join", participant.link, "--data", str(participant.data_dir), "--no-install"], log=log) as (page, base):
        page.goto(base + "/notice")
        if participant.number == 1:
            picture = stage.out / "pictures" / "notice.png"
            picture.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(picture))
            stage.pictures.append(
                Picture(
                    "The notice",
                    picture,
                    "Ten lines first, then a choice per purpose, stream and app, all off.",
                    "tests/e2e/test_desk_pages.py",
                )
            )
        if participant.number == REFUSER:
            page.get_by_role("button", name="No, thanks").click()
            page.wait_for_load_state()
            return
        for box in page.locator("input[name=grant]").all():
            if _wants(participant, box.get_attribute("value") or ""):
                box.check()
        page.locator("input[name=keys_level][value=text]").check()
        page.get_by_role("button", name="Opt in to what I ticked").click()
        page.wait_for_url("**/receipts*")


def _wants(participant: Participant, grant: str) -> bool:
    """Each person chooses a little differently; for training everyone here lends what they do in the browser."""
    purpose, stream, app = grant.split("|")
    if purpose != "train":
        return participant.number % 2 == 1
    return not (participant.number == 5 and app == "mousepad" and stream == "screen")  # noqa: PLR2004 - the fifth lends no pictures of notes


def review(stage: Stage, browser: Any, *, participant: Participant) -> int:
    """Review and send; a page that doesn't answer is opened again once, as a person would, and the story says so and what was seen."""
    try:
        return _review(stage, browser, participant=participant)
    except DeskSilentError as error:
        stage.say(f"the desk of person {participant.number} was opened again: {error}")
        return _review(stage, browser, participant=participant)


def _review(stage: Stage, browser: Any, *, participant: Participant) -> int:
    """Look at each session as it would leave; one person masks a region, one deletes a session; then send. Returns the sessions sent.

    May be called again after it was cut short anywhere: what was deleted or sent before is left as it is.
    """
    with at_desk(stage, browser, participant=participant) as (page, base):
        sessions = list(participant.sessions)
        if participant.number == DELETER:
            *sessions, unwanted = sessions
            if unwanted in {info.session_id for info in Enrolment(participant.data_dir).open_spool().sessions()}:
                page.goto(f"{base}/sessions/{unwanted}")
                page.get_by_role("button", name="Delete this session").click()
                page.wait_for_url("**/sessions?told=deleted")
        outbox = Outbox(participant.data_dir)
        for session_id in sessions:
            if outbox.sent(session_id) is not None:
                continue
            page.goto(f"{base}/sessions/{session_id}")
            if participant.number == MASKER:
                _mask(stage, page, base=base, session_id=session_id)
            if participant.number == 1:
                _photograph(stage, page, base=base, session_id=session_id)
            page.goto(f"{base}/sessions/{session_id}/send")
            page.locator("form[action$='/send'] button").click()
            page.wait_for_url("**told=sent")
    participant.sessions = sessions
    return len(sessions)


def _mask(stage: Stage, page: Any, *, base: str, session_id: str) -> None:
    page.goto(f"{base}/sessions/{session_id}/pictures/3")
    for name, value in (("x", 80), ("y", 200), ("width", 220), ("height", 90)):
        page.locator(f"input[name={name}]").fill(str(value))
    page.locator("form[action$='/mask'] button").first.click()
    page.wait_for_load_state()
    page.goto(f"{base}/sessions/{session_id}/pictures/3")
    path = stage.out / "pictures" / "masked.png"
    page.screenshot(path=str(path))
    stage.pictures.append(
        Picture("A region masked by hand", path, "This person covered more than the recorder had.", "tests/e2e/test_desk_pages.py")
    )


def _photograph(stage: Stage, page: Any, *, base: str, session_id: str) -> None:
    page.goto(f"{base}/sessions/{session_id}")
    page.evaluate(_LOAD_IMAGES)
    path = stage.out / "pictures" / "review.png"
    page.screenshot(path=str(path), clip={"x": 0, "y": 0, "width": 1180, "height": 1500}, full_page=True)
    stage.pictures.append(
        Picture(
            "The review page",
            path,
            "What would leave, as it would leave, with what was removed and why.",
            "tests/flow/test_review_and_send.py",
        )
    )
    page.goto(f"{base}/sessions/{session_id}/pictures/3")
    path = stage.out / "pictures" / "picture.png"
    page.screenshot(path=str(path))
    stage.pictures.append(
        Picture("One picture in full", path, "Everything starts masked; shown is only what passed the text pipeline.",
                "tests/unit/privacy/test_privacy_pixels.py")
    )  # fmt: skip
