"""Random ways between a lent page, pages that aren't lent and private windows of one browser, and what the recording holds of the latter.

Tabs change, pages go elsewhere and come back, private windows open over the lent page and close; typing begins at once each time. For tests
and `bench/bench_fuzz.py`.
"""

import random
import subprocess
import time
from pathlib import Path

from arrangements import COLOURS, WORD, Outcome, leaked_px
from recorded import adds_up, bytes_below, frames, middle, tiles, typed

from witting.actions.pictures import assemble
from witting.testing.browser import Browser, chromium_argv
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme
from witting.testing.miniwob_server import MiniwobServer
from witting.testing.x11 import wait_for

PRIVATE = f"data:text/html,<title>{WORD}</title><body bgcolor=%23{COLOURS[0]:06x}><input autofocus><h1>{WORD}"
LENT_WORD = "order "


class Wanderer:
    """One browser with a lent tab and one that isn't, and hands that work in it."""

    def __init__(self, desktop: DesktopSession, browser: Browser, hands: Hands, *, site: MiniwobServer, seed: int) -> None:
        self.desktop, self.browser, self.hands, self.site = desktop, browser, hands, site
        self.chance = random.Random(seed)
        self.main = desktop.screen.find("chromium")
        self.keys = self.lent_keys = 0
        self.other = browser.context.new_page()
        self.other.goto(site.page("shop", listed=False))
        self._mark(self.other)

    def step(self) -> None:
        """Do one thing."""
        self.chance.choice((self.work, self.work, self.visit, self.go_elsewhere, self.open_private))()
        time.sleep(self.chance.choice((0, 0.05, 0.3, 0.7)))

    def work(self) -> None:
        """Type into the lent page."""
        self.browser.page.bring_to_front()
        self.hands.click(*middle(self.browser.box_of("#message")))
        time.sleep(0.2)
        self.hands.type_text(LENT_WORD)
        self.lent_keys += len(LENT_WORD)

    def visit(self) -> None:
        """Look at the other tab, type there and come back."""
        self.other.bring_to_front()
        self._type()
        self.browser.page.bring_to_front()

    def go_elsewhere(self) -> None:
        """Have the lent tab go to a page that isn't lent, type there and come back."""
        self.browser.goto(self.site.page("shop", listed=False))
        self._mark(self.browser.page)
        self._type()
        self.browser.goto(self.site.page("contact"))

    def open_private(self) -> None:
        """Open a private window on the lent page's address or another, type there and close it."""
        url = self.chance.choice((f"{self.site.page('contact')}?q={WORD}", PRIVATE))
        known = {window.id for window in self.desktop.screen.windows()}
        argv = chromium_argv(self.browser.profile, url, "--incognito", "--new-window")
        subprocess.run(argv, env=self.desktop.env, check=True, timeout=60, capture_output=True)

        def private() -> int:
            return next((window.id for window in self.desktop.screen.windows() if window.id not in known and "chromium" in window.app), 0)

        window = wait_for("the private window", private, seconds=30)
        wait_for("its focus", lambda: self.desktop.screen.active() == window, seconds=30)
        if self.chance.random() < 0.5:
            time.sleep(0.4)
        self._type()
        self.hands.press("ctrl+w")
        wait_for("its end", lambda: window not in {one.id for one in self.desktop.screen.windows()}, seconds=30)
        self.desktop.screen.activate(self.main)

    def _type(self) -> None:
        if self.chance.random() < 0.5:
            self.hands.click(*middle(self.desktop.screen.find("chromium").area))
        self.hands.type_text(WORD)
        self.keys += len(WORD)

    def _mark(self, page) -> None:
        page.evaluate(f"document.body.style.background = '#{self.chance.choice(COLOURS):06x}'; document.title = '{WORD}'")


def run(desktop: DesktopSession, folder: Path, *, count: int, seed: int) -> Outcome:
    """Record some steps and search the recording for what isn't lent; needs a folder of its own."""
    folder.mkdir(exist_ok=True)
    with MiniwobServer() as site:
        lender = Lender(folder / "lent", lent_programme({"chromium": (site.origin,)}))
        browser = desktop.start_chromium(site.page("contact"), native_host_socket=lender.config("").browser_path, allow=[site.origin])
        with lender.start(desktop.env) as recorder, Hands(desktop.display, seed=seed, pace=3.0) as hands:
            wanderer = Wanderer(desktop, browser, hands, site=site, seed=seed)
            browser.page.bring_to_front()
            wait_for("the lent page", lambda: recorder.status().app == "chromium", seconds=30)
            for _ in range(count):
                wanderer.step()
            time.sleep(0.6)
            assert recorder.stop() == 0
        browser.close()
        return _searched(lender, wanderer, site=site)


def _searched(lender: Lender, wanderer: Wanderer, *, site: MiniwobServer) -> Outcome:
    records = lender.records()
    pictures, known = frames(records), tiles(records)
    said = repr(records).lower()
    letters = [letter for text in typed(records) if not text.startswith("[") for letter in text if letter not in LENT_WORD]
    return Outcome(
        pictures=len(pictures),
        shown=sum(frame.masked_share < 1 for frame in pictures),
        leaked_px=sum(leaked_px(assemble(frame, known)) for frame in pictures),
        leaked_words=sum(said.count(word) for word in (WORD, site.unlisted_origin))
        + bytes_below(lender.folder).lower().count(WORD.encode()),
        leaked_keys=len(letters),
        keys_typed=wanderer.keys,
        is_complete=adds_up(records),
        lent_keys=sum(len(text) for text in typed(records) if not text.startswith("[")),
    )
