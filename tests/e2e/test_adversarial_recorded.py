# ruff: noqa: RUF001 - look-alike letters are what is tried
"""The rows of the adversarial table about texts, in one real session: a real browser, real keys, the recorder's own process.

Each row puts a secret where it could slip through; afterwards none of them is in any record, file, log or temporary file. Dead keys and
input methods are in `test_input_methods.py`, fuzzed secret fields in `test_secure_fields.py`, pictures in `test_page_pixels.py`.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from recorded import adds_up, holes, middle

from witting.audit.leaks import scan
from witting.terms.codec import frame_record
from witting.terms.events import PageNavigation
from witting.terms.tree import UiTree
from witting.testing.browser import Browser
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme
from witting.testing.miniwob_server import MiniwobServer
from witting.testing.x11 import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.promise("P7")]
Do = Callable[[Hands, Browser], None]
TOKEN = "ghp_" + "aB3dE5gH7j" * 4
ADD = """(html) => {
  const box = document.createElement("div");
  box.style = "position:fixed;inset:0;background:#fff;padding:2em;font:14px sans-serif";
  box.innerHTML = html;
  document.body.append(box);
}"""
STEP = """(number) => {
  const mark = document.createElement("p");
  mark.style = "position:fixed;bottom:0;left:0;margin:0;z-index:9;background:#fff";
  mark.textContent = "Step " + number;
  document.body.append(mark);
}"""  # another tree for each row, so that its coming can be waited for


def corrected(hands: Hands, browser: Browser) -> None:
    """Type a password with corrections, arrows, a key held, and the eye open."""
    hands.click(*middle(browser.box_of("#secret")))
    hands.type_text("Zwetschenmus")
    for _ in range(3):
        hands.press("Left")
    hands.press("BackSpace")
    hands.type_text("kkkkkk")
    hands.press("Home")
    hands.type_text("Quitten")
    hands.click(*middle(browser.box_of("#eye")))
    hands.click(*middle(browser.box_of("#secret")))
    hands.press("End")
    hands.type_text("gelee")


def pasted(hands: Hands, browser: Browser) -> None:
    """Paste over a password, as a password manager does."""
    browser.evaluate("() => { const f = document.querySelector('#secret'); f.type = 'text'; f.value = 'Hagebuttentee'; f.select(); }")
    hands.click(*middle(browser.box_of("#secret")))
    hands.press("ctrl+a")
    hands.press("ctrl+c")
    hands.press("ctrl+v")


def filled_in(hands: Hands, browser: Browser) -> None:
    """Let the browser fill a password in, by script and with the events that it sends."""
    browser.evaluate(
        """() => { const f = document.querySelector('#secret'); f.value = 'Kornelkirsche';
        f.dispatchEvent(new Event('input', {bubbles: true})); f.dispatchEvent(new Event('change', {bubbles: true})); }"""
    )
    hands.click(*middle(browser.box_of("#eye")))


def hidden(hands: Hands, browser: Browser) -> None:
    """Hold values in fields that nobody sees."""
    browser.evaluate(
        ADD, '<form><input type="hidden" value="Vogelbeerschnaps"><input style="display:none" value="Mispelsaft"><p>Form</p></form>'
    )
    hands.press("Tab")


def shown(html: str) -> Do:
    """Return what shows something on the page."""

    def show(hands: Hands, browser: Browser) -> None:
        """Show it, and move on it."""
        browser.evaluate(ADD, html)
        hands.move_to(*middle(browser.box_of("body")))

    return show


def addressed(_: Hands, browser: Browser) -> None:
    """Put a token into the address, and a user's folder into the title."""
    browser.evaluate(
        "(token) => { document.title = '/home/kschlehenberg/plan.txt - Editor'; history.pushState(null, '', '?access_token=' + token); }",
        TOKEN,
    )


ROWS: dict[str, tuple[Do, tuple[str, ...]]] = {
    "corrections, arrows, repeat, eye": (corrected, ("Zwetschenm", "kkkkkk", "Quitten", "gelee")),
    "paste": (pasted, ("Hagebuttentee",)),
    "autofill": (filled_in, ("Kornelkirsche",)),
    "hidden inputs": (hidden, ("Vogelbeerschnaps", "Mispelsaft")),
    "look-alikes in an address": (shown("<p>write to аnnа.schlеhe@еxample.org today</p>"), ("аnnа.schlеhe", "anna.schlehe")),
    "signs between": (shown("<p>write to ann\u200ba.holunder@exam\u200bple.org</p>"), ("anna.holunder", "ann\u200ba.holunder")),
    "full width": (shown("<p>ａｎｎａ．ｓａｎｄｄｏｒｎ＠ｅｘａｍｐｌｅ．ｏｒｇ</p>"), ("ａｎｎａ．ｓａｎｄｄｏｒｎ", "anna.sanddorn")),
    "split over texts": (shown("<p><span>info.weissdorn</span><span>@</span><span>example.org</span></p>"), ("info.weissdorn",)),
    "split over fields": (
        shown("<p>Card " + "".join(f'<input size="4" value="{part}">' for part in ("4111", "1111", "1111", "1111")) + "</p>"),
        ("4111111111111111",),
    ),
    "spoken digits": (
        shown("<p>call zero one seven six nine eight two three four five</p>"),
        ("zero one seven six", "nine eight two three"),
    ),
    "right to left and emoji": (shown("<p dir=rtl>🍒 \u202eanna.eberesche@example.org\u202c 🍒</p>"), ("anna.eberesche",)),
    "somebody's message": (
        shown('<div role="log" aria-label="Messages"><p>Ada: the elderberries were sour again</p></div>'),
        ("elderberries were", "sour again"),
    ),
    "token in the address, folder in the title": (addressed, (TOKEN, "kschlehenberg")),
}


def test_every_row_on_one_session(desktop: DesktopSession, site: MiniwobServer, tmp_path: Path) -> None:
    """All rows, one after the other, each on a fresh page: everything planted was before the recorder's eyes, and nothing of it is left."""
    lender = Lender(tmp_path / "lent", lent_programme({"chromium": (site.origin,)}))
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    browser = desktop.start_chromium(site.page("login"), native_host_socket=lender.config("").browser_path, allow=[site.origin])
    desktop.screen.activate(wait_for("the browser", lambda: desktop.screen.find("chromium")))
    with Hands(desktop.display, seed=6, pace=2.0) as hands, lender.start({**desktop.env, "TMPDIR": str(temporary)}) as recorder:
        wait_for("the page", lambda: recorder.status().app == "chromium")
        for number, (do, _) in enumerate(ROWS.values()):
            browser.goto(site.page("login"))
            before = recorder.status().kept.get("ui_tree", 0)
            do(hands, browser)
            browser.evaluate(STEP, number)
            wait_for(f"the tree of row {number}", lambda before=before: recorder.status().kept.get("ui_tree", 0) > before, seconds=40)
        assert recorder.stop() == 0
    records = lender.records()
    assert adds_up(records)
    assert holes(records, "secure_field")
    assert len([record for record in records if isinstance(record, UiTree)]) >= len(ROWS)
    assert not any("1111" in node.value for record in records if isinstance(record, UiTree) for node in record.nodes)
    assert any("⟨" in record.title for record in records if isinstance(record, PageNavigation))
    opened = tmp_path / "opened"
    opened.mkdir()
    (opened / "records").write_bytes(b"".join(map(frame_record, records)))
    hits = scan([lender.folder, temporary, opened], {row: secrets for row, (_, secrets) in ROWS.items()})
    assert [(hit.kind, hit.encoding, Path(hit.path).name) for hit in hits] == []
