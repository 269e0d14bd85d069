"""A name that a page shows in a way no text tells: seen by a real browser, redacted, and masked in a real screenshot."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from witting.actions.pictures import assemble
from witting.device.capture.page_messages import PageTree, read_message
from witting.device.privacy import Redactor
from witting.device.privacy.pixels import FILL
from witting.policy.page_tree import snapshot_script
from witting.terms.clock import SystemClock
from witting.terms.geometry import Rect
from witting.terms.raw import RawFrame, RawTree
from witting.testing.browser import Browser
from witting.testing.desktop import DesktopSession
from witting.testing.miniwob_server import MiniwobServer

pytestmark = pytest.mark.e2e

NAME = "Ottoline Vantongeren"
_DRAWN = f'<svg xmlns="http://www.w3.org/2000/svg" width="200" height="24"><text x="2" y="17" font-size="16">{NAME}</text></svg>'
SRC = f"data:image/svg+xml,{quote(_DRAWN)}"
IMG = f'<img src="{SRC}">'
BOX = "display:inline-block; width:210px; height:26px; border:0; padding:0"
BACK = f"{BOX}; background:#fff url(&quot;{SRC}&quot;) no-repeat"

LEAKS = {
    "link with another label": f'<a href="#" id="leak" aria-label="Open">{NAME}</a>',
    "button with another label": f'<button id="leak" aria-label="Open">{NAME}</button>',
    "tab with another label": f'<div role="tab" id="leak" aria-label="Open" style="{BOX}">{NAME}</div>',
    "option with another label": f'<div role="option" id="leak" aria-label="Open" style="{BOX}">{NAME}</div>',
    "menu item with another label": f'<div role="menuitem" id="leak" aria-label="Open" style="{BOX}">{NAME}</div>',
    "heading with another label": f'<h2 id="leak" aria-label="Open">{NAME}</h2>',
    "labelled from elsewhere": f'<b id="word">Open</b><p><a href="#" id="leak" aria-labelledby="word">{NAME}</a>',
    "checkbox role with another label": f'<div role="checkbox" aria-label="Open" tabindex="0"><span id="leak">{NAME}</span></div>',
    "picture in a link": f'<a href="#">Open<span id="leak" style="{BOX}">{IMG}</span></a>',
    "picture in a labelled button": f'<button id="leak" aria-label="Open">{IMG}</button>',
    "picture in clickable words": f'<div onclick="0" id="leak" style="{BOX}">Open {IMG}</div>',
    "drawing in a heading": f'<h2 id="leak">Open {_DRAWN}</h2>',
    "canvas in a tab": '<div role="tab" style="display:inline-block">Open<canvas id="leak" width="210" height="26"></canvas></div>',
    "picture in a component of a button": f'<button>Open <x-face id="leak" style="{BOX}"></x-face></button>',
    "picture in an edited text": f'<div contenteditable="true" id="leak" style="{BOX}">Open {IMG}</div>',
    "button that is a picture": f'<input type="image" id="leak" alt="Open" src="{SRC}">',
    "background of a link": f'<a href="#" id="leak" title="Open" style="{BACK}"></a>',
    "background of an unnamed button": f'<button id="leak" style="{BACK}"></button>',
    "background within a button": f'<button>Open <i id="leak" style="{BACK}"></i></button>',
    "background under text": f'<div id="leak" style="{BACK}">Open the page for the new order</div>',
    "background of a list": f'<ul id="leak" style="{BACK}"><li>Open<li>Close</ul>',
    "words before a link": '<a href="#" id="leak" class="before">Open</a>',
    "words after a button": '<button id="leak" class="after">Open</button>',
    "words after a checkbox": '<input type="checkbox" id="leak" class="before" style="appearance:none">',
    "words before a paragraph": '<p id="leak" class="before" style="width:320px">'
    'Open the page for the new order and close it after the order</p>',
    "words within a heading": '<h2>Open <i id="leak" class="before"></i></h2>',
    "words of an empty element in a text": '<p style="width:300px">'
    'Open the page <i id="leak" class="before"></i> for the new order of the day</p>',
    "placeholder": f'<input id="leak" aria-label="Search" placeholder="{NAME}" style="{BOX}">',
    "placeholder of a larger field": f'<textarea id="leak" aria-label="Search" placeholder="{NAME}" style="{BOX}"></textarea>',
    "selected option": f'<select id="leak" aria-label="Search"><option label="{NAME}">Open<option>Close</select>',
    "option of a list": f'<select size="2" aria-label="Search"><option id="leak" label="{NAME}">Open<option>Close</select>',
    "submit button with another label": f'<input type="submit" id="leak" aria-label="Open" value="{NAME}">',
    "clear link over a card": f'<div style="position:relative; {BOX}"><span id="leak">{NAME}</span>'
    '<a href="#" aria-label="Open" style="position:absolute; inset:0"></a></div>',
    "clear button over a card": f'<div style="position:relative; {BOX}"><span id="leak">{NAME}</span>'
    '<button style="position:absolute; inset:0; opacity:0"></button></div>',
    "picture under a clear link": f'<div style="position:relative; {BOX}"><span id="leak">{IMG}</span>'
    '<a href="#" style="position:absolute; inset:0">Open</a></div>',
    "field under a clear button": f'<div style="position:relative; {BOX}"><input id="leak" value="{NAME}" style="{BOX}">'
    '<button style="position:absolute; inset:0; opacity:0.1"></button></div>',
    "chosen file": '<input type="file" id="leak" aria-label="Open">',
}  # fmt: skip

SHOWN = {
    "button": "<button id='plain'>Save the order</button>",
    "button with words in parts": "<button id='plain'><b>Save</b> the <i>order</i></button>",
    "submit button": "<input type='submit' id='plain' value='Save the order'>",
    "link": "<a href='#' id='plain' title='Open the page'>Save the order</a>",
    "heading": "<h2 id='plain'>Save the order</h2>",
    "tab": f"<div role='tab' id='plain' style='{BOX}'>Save the order</div>",
    "clickable words": f"<div onclick='0' id='plain' style='{BOX}'>Save the order</div>",
    "checkbox": "<label><input type='checkbox' id='plain'> Save the order</label>",
    "radio": "<label><input type='radio' id='plain'> Save the order</label>",
    "field": f"<label>Order <input id='plain' style='{BOX}' value='Save the order'></label>",
    "placeholder": f"<label>Order <input id='plain' style='{BOX}' placeholder='Save the order'></label>",
    "select": "<label>Order <select id='plain'><option>Save the order<option>Close</select></label>",
    "gradient": f"<button id='plain' style='{BOX}; background:linear-gradient(#fff, #ddd)'>Save the order</button>",
    "icon of an icon font": "<button id='plain' class='icon'>Save the order</button>",
    "edited text": f"<div contenteditable='true' id='plain' style='{BOX}'>Save the order</div>",
}  # fmt: skip

_STYLE = (
    "body { background: #e8e8f8; margin: 40px; font: 16px sans-serif; }"
    f'.before::before, .after::after {{ content: "{NAME}"; font-style: normal; }}'
    '.icon::before { content: "\\f015"; }'
)
_DRAW = """(source) => Promise.all([
  ...[...document.querySelectorAll('canvas')].map((canvas) => {
    const pen = canvas.getContext('2d');
    pen.font = '16px sans-serif';
    pen.fillText(source.name, 4, 18);
  }),
  ...[...document.querySelectorAll('x-face')].map((face) => { face.attachShadow({ mode: 'closed' }).innerHTML = source.img; }),
  ...[...document.images].map((image) => image.decode()),
  new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
])"""


@pytest.fixture(scope="module")
def browser(desktop: DesktopSession, site: MiniwobServer) -> Iterator[Browser]:
    """Give a browser on an empty page that the snapshot script was put into."""
    browser = desktop.start_chromium()
    browser.goto(site.page("target"))
    browser.evaluate(snapshot_script() + "\n;0")
    yield browser
    browser.close()


@dataclass
class Look:
    """A page as it was on the screen, and as a picture of it would leave."""

    raw: NDArray[np.uint8]
    masked: NDArray[np.uint8]
    box: Rect  # of the element that was asked for
    states: set[str]  # of all nodes


def _show(browser: Browser, body: str) -> None:
    browser.evaluate(
        "([style, body]) => { document.body.removeAttribute('style'); document.body.innerHTML = `<style>${style}</style>${body}`; }",
        [_STYLE, body],
    )
    for chooser in browser.page.locator("input[type=file]").all():
        chooser.set_input_files({"name": f"{NAME}.txt", "mimeType": "text/plain", "buffer": b"-"})
    browser.evaluate(_DRAW, {"name": NAME, "img": IMG})


def _tree(browser: Browser) -> RawTree:
    """Return the snapshot as the recorder reads it, in screen pixels."""
    snapshot: dict[str, Any] = browser.evaluate("wittingSnapshot(document)")
    snapshot["origin"] = {"x": browser.offset[0], "y": browser.offset[1], "scale": 1, "measured": True}
    message = {"type": "tree", "t": time.time() * 1000, "tree": snapshot, "why": "probe", "incognito": False}
    read = read_message(json.dumps(message).encode(), "chromium", clock=SystemClock())
    assert isinstance(read, PageTree)
    return read.raw


def _look(desktop: DesktopSession, browser: Browser, body: str, selector: str, folder: Path) -> Look:
    _show(browser, body)
    tree = _tree(browser)
    time.sleep(0.1)  # what the page has drawn reaches the screen
    desktop.screenshot(folder / "screen.png")
    pixels = np.asarray(Image.open(folder / "screen.png"))
    assert _tree(browser).nodes == tree.nodes
    redactor = Redactor("strict")
    before, after = (redactor.tree(replace(tree, timestamp_ns=at)) for at in (5, 15))
    raw = RawFrame(10, "damage", pixels, (Rect(0, 0, pixels.shape[1], pixels.shape[0]),))
    frame, tiles = redactor.frame(raw, [before], trees_after=[after])
    masked = assemble(frame, {tile.digest: tile for tile in tiles})
    return Look(pixels, masked, browser.box_of(selector), {state for node in tree.nodes for state in node.states})


def _part(pixels: NDArray[np.uint8], box: Rect) -> NDArray[np.uint8]:
    return pixels[box.y : box.y + box.height, box.x : box.x + box.width]


def _contrast(pixels: NDArray[np.uint8]) -> int:
    return int(np.ptp(pixels.astype(int).sum(axis=2)))


@pytest.mark.promise("P7")
@pytest.mark.parametrize("case", LEAKS)
def test_a_name_that_no_text_tells_is_masked(desktop: DesktopSession, browser: Browser, tmp_path: Path, case: str) -> None:
    """However a page shows a name, every pixel of it is the fill."""
    look = _look(desktop, browser, LEAKS[case], "#leak", tmp_path)
    assert look.box.width >= 100
    assert _contrast(_part(look.raw, look.box)) > 200, "the page doesn't show the name"
    assert (_part(look.masked, look.box) == FILL).all()


@pytest.mark.promise("P7")
@pytest.mark.parametrize("where", ["body", "html"])
def test_text_over_the_page_s_own_background_is_masked(desktop: DesktopSession, browser: Browser, tmp_path: Path, where: str) -> None:
    """An image under the whole page may show anything, so no text on it is shown."""
    style = f'<style>{where} {{ background: #fff url("{SRC}") !important; }}</style>'
    look = _look(desktop, browser, f"{style}<button id='leak'>Save the order for the day</button>", "#leak", tmp_path)
    assert (_part(look.masked, look.box) == FILL).all()


def test_words_within_a_control_are_told_by_themselves(browser: Browser) -> None:
    """What a control shows beside its name stands below it as text, so that it is redacted like any other."""
    _show(browser, LEAKS["link with another label"])
    told = [(node.role, node.name, node.states) for node in _tree(browser).nodes if node.role != "group"]
    assert told == [("link", "Open", ("opaque",)), ("text", NAME, ())]


@pytest.mark.parametrize(
    ("background", "told"), [("none", ["Save", "Over"]), ("#fff", ["Over"]), ("rgb(255 255 255 / 50%)", ["Save", "Over"])]
)
def test_what_shows_through_a_cover_is_told_but_is_no_control(browser: Browser, background: str, told: list[str]) -> None:
    """A button under something clear can't be clicked, so only its words are listed; under something solid nothing is."""
    cover = f"<div style='position:fixed; inset:0; background:{background}'>Over</div>"
    _show(browser, f"<button>Save</button>{cover}")
    nodes = [node for node in _tree(browser).nodes if node.role != "group"]
    assert [node.name for node in nodes] == told
    assert {node.role for node in nodes} == {"text"}


@pytest.mark.parametrize("case", SHOWN)
def test_what_says_all_it_shows_is_seen(desktop: DesktopSession, browser: Browser, tmp_path: Path, case: str) -> None:
    """A control whose text passed is on the picture pixel for pixel."""
    look = _look(desktop, browser, SHOWN[case], "#plain", tmp_path)
    assert "opaque" not in look.states
    assert _contrast(_part(look.raw, look.box)) > 100
    assert (_part(look.masked, look.box) == _part(look.raw, look.box)).all()
