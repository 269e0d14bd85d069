"""A person who allows the extension to see the lent sites: opens its page, clicks "Allow", and says yes to the browser's own question.

Only real input does this: the browser asks in a window of its own that no script reaches. Doesn't know: recording. Holds: what is allowed
is what the recorder, or a stand-in for it while there is none, says is lent.
"""

import contextlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from witting.testing.browser import Browser
from witting.testing.hands import Hands
from witting.testing.listener import Listener
from witting.testing.x11 import DesktopError, wait_for

_HOLD_S = 0.7  # Chromium takes no answer before its question has stood for half a second
_TRIES = 4
_LINE = "#sites li:has-text('{site}')"


def allow_sites(browser: Browser, sites: Sequence[str], *, display: str, socket: Path) -> None:
    """Allow each site, as its recorder at `socket` asks; where none listens yet, a stand-in asks for as long as it takes."""
    with _asker(socket, sites), Hands(display, seed=1, pace=3) as hands, popup(browser) as page:
        for site in sites:
            allow(browser, page, site=site, hands=hands)


@contextlib.contextmanager
def popup(browser: Browser) -> Iterator[Any]:
    """Open the extension's own page in a tab for a while."""
    page = browser.context.new_page()
    page.goto(f"chrome-extension://{browser.extension_id}/popup.html")
    try:
        yield page
    finally:
        page.close()


def allow(browser: Browser, page: Any, *, site: str, hands: Hands) -> None:
    """Click the site's button, and then "Allow" in the browser's question; done when the page says that it is allowed.

    Raises:
        DesktopError: the browser didn't ask, or took no answer.
    """
    line = page.locator(_LINE.format(site=site))
    line.wait_for()
    for _ in range(_TRIES):
        if line.get_attribute("data-allowed") == "true":
            return
        page.bring_to_front()
        box = line.locator("button").bounding_box()
        target = browser.on_screen((box["x"], box["y"], box["width"], box["height"]))
        hands.click(target.x + target.width / 2, target.y + target.height / 2)
        with contextlib.suppress(DesktopError):
            wait_for("the browser's question", lambda: _is_allowed(line) or not page.evaluate("document.hasFocus()"), seconds=4)
            if not _is_allowed(line):  # a site that was allowed once isn't asked for again
                time.sleep(_HOLD_S)
                hands.press("Tab")
                hands.press("Return")
            wait_for("the site to be allowed", lambda: _is_allowed(line), seconds=4)
            return
        hands.press("Escape")
    raise DesktopError("the browser took no answer for a site", hint="its question should be answered by Tab and Return")


def _is_allowed(line: Any) -> bool:
    return bool(line.get_attribute("data-allowed") == "true")


@contextlib.contextmanager
def _asker(socket: Path, sites: Sequence[str]) -> Iterator[None]:
    """Stand in for a recorder that isn't there yet."""
    if socket.exists():
        yield
        return
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Listener(socket) as listener:
        listener.lend(*sites)
        listener.wait_connected()
        yield
