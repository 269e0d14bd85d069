"""A desktop and a site for a file of tests: real X server, window manager, buses and browser, ended afterwards."""

from collections.abc import Iterator

import pytest

from witting.testing.desktop import DesktopSession
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
