"""Debian's Firefox with the extension as a temporary add-on, steered by Marionette, Firefox's own protocol for tests.

A loopback port that only the harness opens; the recorder never uses it. Doesn't know: recording. Firefox's question for a site is a panel
of the browser's own; the harness answers it in the browser's stead, for the test's profile only. Protocol:
https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
"""

import json
import socket
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from witting.testing.x11 import DesktopError, wait_for

FIREFOX = "/usr/bin/firefox-esr"
_SETTINGS = {
    "marionette.port": 0, "browser.shell.checkDefaultBrowser": False, "browser.aboutwelcome.enabled": False, "app.update.auto": False,
    "datareporting.policy.dataSubmissionEnabled": False, "toolkit.telemetry.enabled": False, "browser.startup.homepage": "about:blank",
    "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False, "extensions.logging.enabled": False,
    "browser.startup.homepage_override.mstone": "ignore", "termsofuse.bypassNotification": True, "network.proxy.type": 0,
}  # fmt: skip
_ALLOW = """
const [id, origins, done] = arguments;
const { ExtensionPermissions } = ChromeUtils.importESModule("resource://gre/modules/ExtensionPermissions.sys.mjs");
const extension = WebExtensionPolicy.getByID(id).extension;
ExtensionPermissions.add(id, { permissions: [], origins }, extension).then(() => done(true), (error) => done(String(error)));
"""


def firefox_argv(profile: Path) -> list[str]:
    """Return the command that opens Firefox for a harness, and write its settings into the profile."""
    profile.mkdir(parents=True, exist_ok=True)
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in _SETTINGS.items()]
    (profile / "user.js").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [FIREFOX, "--marionette", "-remote-allow-system-access", "--no-remote", "--profile", str(profile), "about:blank"]


class Firefox:
    """An open Firefox; a context manager that lets go of it."""

    def __init__(self, profile: Path) -> None:
        port_file = profile / "MarionetteActivePort"
        port = int(wait_for("Firefox", lambda: port_file.read_text().strip() if port_file.exists() else None, seconds=60))
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._reader = self._socket.makefile("rb")
        self._count = 0
        self._hear()
        self.ask("WebDriver:NewSession", {"capabilities": {}})

    def ask(self, command: str, parameters: dict[str, Any] | None = None) -> Any:
        """Return what a Marionette command yields."""
        self._count += 1
        body = json.dumps([0, self._count, command, parameters or {}]).encode()
        self._socket.sendall(b"%d:%s" % (len(body), body))
        _, _, error, result = self._hear()
        if error:
            message = f"Firefox refused {command}: {error.get('message', '')}"
            raise DesktopError(message, hint="the protocol is that of Firefox's own tests")
        return result.get("value", result) if isinstance(result, dict) else result

    def install(self, folder: Path) -> str:
        """Install an add-on for as long as the browser is open; return its id."""
        return str(self.ask("Addon:Install", {"path": str(folder), "temporary": True}))

    def allow(self, addon: str, patterns: Sequence[str]) -> None:
        """Say yes to the add-on's question for sites, in the browser's stead."""
        self.ask("Marionette:SetContext", {"value": "chrome"})
        self.ask("WebDriver:ExecuteAsyncScript", {"script": _ALLOW, "args": [addon, list(patterns)]})
        self.ask("Marionette:SetContext", {"value": "content"})

    def goto(self, url: str) -> None:
        """Open an address."""
        self.ask("WebDriver:Navigate", {"url": url})

    def evaluate(self, script: str) -> Any:
        """Return the value of an expression in the page."""
        return self.ask("WebDriver:ExecuteScript", {"script": f"return {script}", "args": []})

    def _hear(self) -> Any:
        size = b""
        while not size.endswith(b":"):
            byte = self._reader.read(1)
            if not byte:
                raise DesktopError("Firefox ended", hint="look at its log in the session's folder")
            size += byte
        return json.loads(self._reader.read(int(size[:-1])))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._reader.close()
        self._socket.close()
