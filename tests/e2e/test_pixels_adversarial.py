"""The pixel rows of the adversarial table on a real session, with words in pictures read: what the trees don't tell isn't shown either.

Each row is a page in a real browser that shows a secret where a tree says nothing of it, or something else. After the session all
pictures are put together as a reviewer would see them, and tesseract must not find a part of the secret anywhere.
"""

import contextlib
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from recorded import adds_up, frames, middle, tiles

from witting.actions.pictures import assemble
from witting.device.reading.load import models_folder
from witting.testing.browser import Browser
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, RunningRecorder, lent_programme
from witting.testing.miniwob_server import MiniwobServer
from witting.testing.x11 import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.promise("P7")]
FILL = 0xA0
SECRET = "Zwetschgenmus"
MAIL = "kunigunde.muster@example.org"
HARMLESS = "<p style='font:22px sans-serif'>Save the file</p>"


@dataclass(frozen=True)
class Row:
    """One row: a page's body, what is done on it, and what must not be read afterwards."""

    body: str
    script: str = ""  # run once, after the page is there
    secrets: tuple[str, ...] = (SECRET,)
    typed: str = ""  # into #field
    popup: str = ""  # shown by a window that isn't lent, over the page


def drawn_on_canvas(text: str, font: str) -> str:
    """Return a script that writes on the page's canvas."""
    return f"() => {{ const c = document.querySelector('canvas').getContext('2d'); c.font = '{font}'; c.fillText('{text}', 10, 40); }}"


CANVAS = "<canvas width=520 height=70></canvas>"
ROWS = {
    "text inside an image": Row(
        f"<img width=520 height=60 src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='520' height='60'>"
        f"<text x='9' y='40' font-size='26'>{SECRET}</text></svg>\">"
    ),
    "text on a canvas": Row(CANVAS, drawn_on_canvas(SECRET, "26px sans-serif")),
    "a font of seven pixels": Row(f"<p style='font:7px sans-serif'>{MAIL} {SECRET} {SECRET}</p>", secrets=(SECRET, MAIL)),
    "seven pixels on a canvas": Row(CANVAS, drawn_on_canvas(f"{SECRET} {MAIL}", "7px sans-serif"), secrets=(SECRET, MAIL)),
    "right to left and emoji": Row(f"<p dir=rtl style='font:24px sans-serif'>שלום ☺ {MAIL} مرحبا {SECRET}</p>", secrets=(SECRET, MAIL)),
    "a modal over masked text": Row(
        f"<p style='font:24px sans-serif'>Dear Frau {SECRET} {SECRET}</p>"
        "<div style='position:fixed;left:240px;top:80px;width:260px;height:160px;background:#eee;font:20px sans-serif'>"
        "<button>Cancel</button></div>"
    ),
    "a value split over fields": Row(
        "<p style='font:22px sans-serif'><span>kunigunde.mus</span><span>ter@exam</span><span>ple.org</span></p>",
        secrets=("kunigunde", "example.org"),
    ),
    "a title and a tooltip": Row(
        f"<p style='font:22px sans-serif' title='{SECRET}' id=tip>Settings</p><div style='position:absolute;left:300px;top:120px'>"
        f"{SECRET}</div>", f"() => {{ document.title = '{SECRET} - Editor'; }}"
    ),
    "typed into a password field": Row("<input id=field type=password style='font:22px sans-serif'>", typed=SECRET),
    "typed into a password field that shows it": Row(
        "<input id=field type=password style='font:22px sans-serif'><p id=echo style='font:22px sans-serif'></p>",
        "() => { const f = document.querySelector('#field'); f.addEventListener('input', () => { "
        "document.querySelector('#echo').textContent = f.value; document.title = f.value; if (f.value.length > 6) f.type = 'text'; }); }",
        typed=SECRET,
    ),
    "a notification on top": Row("<p style='font:22px sans-serif'>Settings</p>", popup=f"{SECRET} wrote to you"),
}  # fmt: skip


@pytest.fixture(scope="module")
def lender(site: MiniwobServer, tmp_path_factory: pytest.TempPathFactory) -> Lender:
    """Give a participant whose machine reads pictures."""
    programme = lent_programme({"chromium": (site.origin,)})
    return Lender(tmp_path_factory.mktemp("lent"), msgspec.structs.replace(programme, reads_pictures=True))


@pytest.fixture(scope="module")
def browser(desktop: DesktopSession, site: MiniwobServer, lender: Lender) -> Iterator[Browser]:
    """Give a browser on the lent site."""
    settings = desktop.folder / "chromium" / "Default" / "Preferences"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"extensions": {"ui": {"developer_mode": true}}}')
    found = desktop.start_chromium(site.page("contact"), native_host_socket=lender.config("").browser_path, allow=[site.origin])
    yield found
    found.close()


def read(pixels: NDArray[np.uint8]) -> str:
    """Return all that tesseract can read in a picture enlarged twice, letters and digits only."""
    tesserocr = pytest.importorskip("tesserocr")
    big = cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    with tesserocr.PyTessBaseAPI(path=str(models_folder()), lang="eng", psm=tesserocr.PSM.SPARSE_TEXT) as api:
        api.SetImageBytes(big.tobytes(), big.shape[1], big.shape[0], 1, big.shape[1])
        return "".join(c for c in api.GetUTF8Text().lower() if c.isalnum())


def told(said: str, secret: str) -> bool:
    """Whether a third of a secret, seven letters in a row or more, is in what was read."""
    plain = "".join(c for c in secret.lower() if c.isalnum())
    size = min(len(plain), 7)
    return any(plain[at : at + size] in said for at in range(len(plain) - size + 1))


def end(recorder: RunningRecorder) -> None:
    """End a session, however busy the machine is: the next row must not meet its recorder."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        recorder.stop()
    recorder.process.wait(120)


def one_session(row: Row, *, desktop: DesktopSession, browser: Browser, lender: Lender, site: MiniwobServer) -> list[NDArray[np.uint8]]:
    """Show a row's page under a recorder and return the pictures of it, put together."""
    browser.goto(site.page("contact"))
    browser.evaluate("(body) => { document.body.innerHTML = body; document.title = 'Form'; }", HARMLESS + row.body)
    if row.script:
        browser.evaluate(row.script)
    desktop.screen.activate(wait_for("the browser", lambda: desktop.screen.find("chromium")))
    with lender.start(desktop.env) as recorder, Hands(desktop.display, seed=9, pace=2.0) as hands:
        wait_for("the page", lambda: recorder.status().app == "chromium", seconds=60)
        if row.popup:
            area = browser.box_of("p:last-of-type")
            desktop.show_popup(row.popup, x=area.x, y=area.y, seconds=8.0)
            time.sleep(0.5)
        place = browser.box_of("#field" if row.typed else "p")
        hands.click(*middle(place))
        if row.typed:
            hands.type_text(row.typed)
            hands.press("Tab")
        wait_for("a picture", lambda: recorder.status().kept.get("screen"), seconds=60)
        before = recorder.status().kept["screen"]
        hands.click(place.x + 5, place.y + 5)
        wait_for("one more picture", lambda: recorder.status().kept["screen"] > before, seconds=60)
        end(recorder)
    records = lender.records()
    assert adds_up(records)
    pieces = tiles(records)
    return [assemble(frame, pieces) for frame in frames(records)]


@pytest.mark.parametrize("name", ROWS)
def test_a_row_of_the_table(desktop: DesktopSession, browser: Browser, lender: Lender, site: MiniwobServer, name: str) -> None:
    """Of what the row shows no part can be read in any picture that was kept, and the screen itself could be read."""
    row = ROWS[name]
    pictures = one_session(row, desktop=desktop, browser=browser, lender=lender, site=site)
    assert pictures
    for number, picture in enumerate({picture.tobytes(): picture for picture in pictures}.values()):
        said = read(picture)
        for secret in row.secrets:
            assert not told(said, secret), f"{name}, picture {number}"


def test_the_screen_itself_can_be_read(desktop: DesktopSession, browser: Browser, site: MiniwobServer, tmp_path) -> None:
    """What the table checks with reads the secret on the screen, so that an empty answer means something."""
    browser.goto(site.page("contact"))
    browser.evaluate("(body) => { document.body.innerHTML = body; }", f"<p style='font:24px sans-serif'>Dear {SECRET}</p>")
    time.sleep(0.5)
    desktop.screenshot(tmp_path / "screen.png")
    assert told(read(cv2.cvtColor(cv2.imread(str(tmp_path / "screen.png")), cv2.COLOR_BGR2RGB)), SECRET)
