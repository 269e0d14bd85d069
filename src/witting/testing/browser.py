"""Debian's Chromium with the extension, steered by Playwright so that the harness can see where things are.

Playwright speaks over a pipe, no port is open, and the recorder uses neither. Doesn't know: recording. Holds: clicks and keys never
come from here; they come from `testing.hands`, so that they are real input.
"""

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from witting.device.capture.native_install import EXTENSION_ID, install_native_host
from witting.terms.geometry import Rect
from witting.testing.x11 import Screen, wait_for

CHROMIUM = "/usr/bin/chromium"
EXTENSION = Path(__file__).resolve().parents[3] / "extension"
_FEATURES_OFF = ("DisableLoadExtensionCommandLineSwitch", "Translate", "MediaRouter", "OptimizationHints", "HttpsUpgrades")
_FLAGS = (
    f"--load-extension={EXTENSION}",
    f"--disable-extensions-except={EXTENSION}",
    f"--disable-features={','.join(_FEATURES_OFF)}",
    *("--disable-background-networking", "--disable-sync", "--disable-component-update", "--no-first-run", "--disable-quic"),
    *("--disable-gpu", "--test-type", "--password-store=basic", "--window-position=60,30", "--window-size=1024,720"),
)
_UNWANTED = ["--disable-extensions", "--enable-automation", "--disable-component-extensions-with-background-pages"]
_local = threading.local()


@dataclass
class Browser:
    """An open Chromium window."""

    context: Any  # playwright BrowserContext
    page: Any  # playwright Page, the first tab
    profile: Path  # user data directory
    offset: tuple[float, float]  # screen position of the viewport's corner, in pixels
    extension_id: str = EXTENSION_ID

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
        if self.context is not None:
            self.context.close()
            self.context = None
            _release_playwright()


def open_browser(screen: Screen, env: Mapping[str, str], *, profile: Path, native_host_socket: Path | None) -> Browser:
    """Start Chromium in a session and find where its page lies on the screen."""
    if native_host_socket is not None:
        install_native_host(profile, native_host_socket)
    root_flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    context = _playwright().chromium.launch_persistent_context(
        str(profile),
        executable_path=CHROMIUM,
        headless=False,
        no_viewport=True,
        env=dict(env),
        args=[*_FLAGS, *root_flags],
        ignore_default_args=_UNWANTED,
    )
    page = context.pages[0] if context.pages else context.new_page()
    wait_for("the browser's window", lambda: screen.find("chromium"))
    return Browser(context, page, profile, _find_page(screen, page))


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
