"""A desktop and a site for a file of tests: real X server, window manager, buses and browser, ended afterwards."""

from collections.abc import Iterator

import pytest

from witting.testing.browser import Browser
from witting.testing.desktop import DesktopSession
from witting.testing.listener import Listener
from witting.testing.miniwob_server import MiniwobServer


@pytest.fixture(scope="module")
def desktop() -> Iterator[DesktopSession]:
    """Give the file's desktop session."""
    with DesktopSession() as session:
        yield session


@pytest.fixture(scope="module")
def site() -> Iterator[MiniwobServer]:
    """Give the file's web server on loopback."""
    with MiniwobServer() as server:
        yield server


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listener]:
    """Give the recorder's end of the extension's wire."""
    with Listener(tmp_path_factory.mktemp("wire") / "socket") as listener:
        yield listener


@pytest.fixture(scope="module")
def browser(desktop: DesktopSession, wire: Listener, site: MiniwobServer) -> Iterator[Browser]:
    """Give a browser whose extension has found the recorder, and may see the site."""
    wire.lend(site.origin)
    browser = desktop.start_chromium(native_host_socket=wire.path, allow=[site.origin])
    wire.wait_connected()
    yield browser
    browser.close()
