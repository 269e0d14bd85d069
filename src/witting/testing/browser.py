"""Debian's Chromium with the extension, steered by Playwright so that the harness can see where things are.

Playwright connects to a loopback port that only the harness opens; the recorder never uses it. Doesn't know: recording. Holds: clicks
and keys never come from here, they come from `testing.hands`, so that they are real input; and pages gain and lose the focus as they
do for a person.
"""

import os
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from witting.device.capture.native_install import EXTENSION_ID
from witting.policy.page_tree import extension_dir
from witting.terms.geometry import Rect
from witting.testing.x11 import Screen, wait_for

CHROMIUM = "/usr/bin/chromium"
_FEATURES_OFF = ("DisableLoadExtensionCommandLineSwitch", "Translate", "MediaRouter", "OptimizationHints", "HttpsUpgrades")
_FLAGS = (
    f"--disable-features={','.join(_FEATURES_OFF)}",
    *("--disable-background-networking", "--disable-sync", "--disable-component-update", "--no-first-run", "--disable-quic"),
    *("--disable-gpu", "--test-type", "--password-store=basic", "--window-position=60,30", "--window-size=1024,720"),
)
DEBUG_FLAG = "--remote-debugging-port=0"
_CLOSE_S = 3.0
_local = threading.local()


@dataclass
class Browser:
    """An open Chromium window."""

    connection: Any  # playwright Browser
    page: Any  # playwright Page, the first tab
    process: subprocess.Popen[bytes]  # Chromium itself
    profile: Path  # user data directory
    offset: tuple[float, float]  # screen position of the viewport's corner, in pixels
    extension_id: str = EXTENSION_ID

    @property
    def context(self) -> Any:
        """Return the Playwright BrowserContext of the profile."""
        return self.connection.contexts[0]

    def goto(self, url: str) -> None:
        """Open an address in the first tab."""
        self.page.goto(url, wait_until="load")

    def evaluate(self, script: str, argument: object = None) -> Any:
        """Return the value of a script in the page."""
        return self.page.evaluate(script, argument)

    def on_screen(self, box: tuple[float, float, float, float]) -> Rect:
        """Return a box of the page (x, y, width, height in CSS pixels) as screen pixels."""
        left, top = round(self.offset[0] + box[0]), round(self.offset[1] + box[1])
        return Rect(left, top, round(self.offset[0] + box[0] + box[2]) - left, round(self.offset[1] + box[1] + box[3]) - top)

    def box_of(self, selector: str) -> Rect:
        """Return where an element is on the screen."""
        box = self.page.locator(selector).first.bounding_box()
        return self.on_screen((box["x"], box["y"], box["width"], box["height"]))

    def close(self) -> None:
        """Close the window and end the browser."""
        if self.connection is None:
            return
        self.connection.close()
        self.connection = None
        _release_playwright()
        self.process.terminate()
        try:
            self.process.wait(_CLOSE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _flags() -> list[str]:
    extension = extension_dir()
    root_flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    return [f"--load-extension={extension}", f"--disable-extensions-except={extension}", *_FLAGS, *root_flags]


def chromium_argv(profile: Path, url: str, *more: str) -> list[str]:
    """Return the command that opens Chromium with the extension and nobody steering it."""
    return [CHROMIUM, f"--user-data-dir={profile}", *_flags(), *more, url]


def open_browser(screen: Screen, process: subprocess.Popen[bytes], *, profile: Path) -> Browser:
    """Take hold of a Chromium that was started with `chromium_argv(profile, url, DEBUG_FLAG)`, and find where its page lies."""
    port_file = profile / "DevToolsActivePort"
    port = wait_for("the browser", lambda: port_file.read_text().split("\n")[0] if port_file.exists() else None)
    wait_for("the browser's window", lambda: screen.find("chromium"))
    playwright = _playwright()
    # without `no_defaults` every page would believe that it has the focus and is in front
    connection = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}", no_defaults=True)
    page = wait_for("the browser's first tab", lambda: connection.contexts[0].pages)[0]
    return Browser(connection, page, process, profile, _find_page(screen, page))


def _find_page(screen: Screen, page: Any) -> tuple[float, float]:
    """Return the screen position of the viewport's corner, as a real pointer event tells it."""
    page.evaluate("addEventListener('mousemove', e => { window.seen = [e.screenX - e.clientX, e.screenY - e.clientY] }, {once: true})")
    window = screen.find("chromium")
    area = window.area if window else Rect(0, 0, screen.width, screen.height)
    places = iter(range(1, 1000))

    def seen() -> tuple[float, float] | None:
        screen.warp(area.x + area.width // 2 + next(places) % 9, area.y + area.height * 2 // 3)
        found = page.evaluate("window.seen || null")
        return (found[0], found[1]) if found else None

    return wait_for("the browser's page", seen)


def _playwright() -> Any:
    """Return this thread's Playwright; it is shared by the thread's browsers."""
    from playwright.sync_api import sync_playwright

    if not getattr(_local, "users", 0):
        _local.playwright, _local.users = sync_playwright().start(), 0
    _local.users += 1
    return _local.playwright


def _release_playwright() -> None:
    _local.users -= 1
    if not _local.users:
        _local.playwright.stop()
