"""The same extension in Debian's Firefox, with the manifest as Firefox wants it."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from witting.device.capture.native_install import FIREFOX_ID, install_native_host
from witting.testing.desktop import DesktopSession
from witting.testing.firefox import FIREFOX, Firefox, firefox_argv
from witting.testing.hands import Hands
from witting.testing.listener import Listener
from witting.testing.miniwob_server import MiniwobServer
from witting.testing.x11 import wait_for

REPO = Path(__file__).resolve().parents[2]
WEB_EXT = "web-ext@10.7.0"
pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the Firefox build."""
    folder = tmp_path_factory.mktemp("build") / "firefox"
    subprocess.run([sys.executable, REPO / "deploy" / "extension_firefox.py", folder], check=True)
    return folder


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listener]:
    """Give the recorder's end."""
    with Listener(tmp_path_factory.mktemp("wire") / "socket") as listener:
        yield listener


@pytest.fixture(scope="module")
def firefox(desktop: DesktopSession, build: Path, wire: Listener, site: MiniwobServer) -> Iterator[Firefox]:
    """Give a Firefox whose extension may see one host."""
    if not Path(FIREFOX).exists():
        pytest.skip("firefox-esr isn't installed (deploy/debian-packages-more.txt)")
    install_native_host(Path(desktop.env["HOME"]) / ".mozilla", wire.path, extension_id=FIREFOX_ID)
    wire.lend(site.origin)
    profile = desktop.folder / "firefox"
    desktop.launch(firefox_argv(profile))
    with Firefox(profile) as firefox:
        assert firefox.install(build) == FIREFOX_ID
        wire.wait_connected()
        firefox.allow(FIREFOX_ID, ["http://127.0.0.1/*"])
        yield firefox


def _open(firefox: Firefox, wire: Listener, url: str) -> None:
    wire.messages.clear()
    firefox.goto(url)
    wire.wait("tree", seconds=20)


def test_the_build_passes_mozilla_s_lint(build: Path, tmp_path: Path) -> None:
    """Mozilla's own check finds no error and no warning."""
    npm = shutil.which("npm")
    if npm is None or subprocess.run([npm, "i", "--no-audit", "--no-fund", "--silent", WEB_EXT], cwd=tmp_path, check=False).returncode:
        pytest.skip("web-ext can't be fetched from npm")
    done = subprocess.run(
        [tmp_path / "node_modules" / ".bin" / "web-ext", "lint", "-s", build, "--output", "json"], capture_output=True, check=False
    )
    found = json.loads(done.stdout)
    assert (found["errors"], found["warnings"], done.returncode) == ([], [], 0)


def test_a_lent_page_speaks_and_another_doesn_t(firefox: Firefox, wire: Listener, site: MiniwobServer) -> None:
    """The address, the tree and its names come as from Chromium; a site that isn't lent says nothing."""
    _open(firefox, wire, site.page("contact"))
    assert wire.wait("navigation")["url"] == site.page("contact")
    names = {(node["role"], node["name"]) for node in wire.of("tree")[-1]["tree"]["nodes"]}
    assert {("heading", "Write to us"), ("textbox", "Your name"), ("button", "Send message")} <= names
    firefox.goto(site.page("contact", listed=False))
    wire.messages.clear()
    time.sleep(1)
    assert wire.messages == []


@pytest.mark.promise("P7")
def test_a_secret_field_is_never_read(desktop: DesktopSession, firefox: Firefox, wire: Listener, site: MiniwobServer) -> None:
    """A password is in no message, also after it was shown."""
    _open(firefox, wire, site.page("login"))
    firefox.evaluate("document.getElementById('user').value = 'maria'")
    firefox.evaluate("document.getElementById('secret').value = 'pwcanary'")
    firefox.evaluate("document.getElementById('eye').click()")
    wait_for("the field to be shown", lambda: "Hide password" in json.dumps(wire.messages))
    assert firefox.evaluate("document.getElementById('secret').type") == "text"
    assert "maria" in json.dumps(wire.messages)
    assert "pwcanary" not in json.dumps(wire.messages)


def test_a_click_is_told_where_it_is(desktop: DesktopSession, firefox: Firefox, wire: Listener, site: MiniwobServer) -> None:
    """A real click brings a tree from before it, and a field's focus."""
    _open(firefox, wire, site.page("contact"))
    window = wait_for("the window", lambda: desktop.screen.find("firefox"))
    desktop.screen.activate(window)
    x, y = firefox.evaluate("[mozInnerScreenX, mozInnerScreenY]")
    box = firefox.evaluate("document.getElementById('name').getBoundingClientRect().toJSON()")
    with Hands(desktop.display, seed=5, pace=2) as hands:
        hands.click(x + box["x"] + 15, y + box["y"] + box["height"] / 2)
        hands.type_text("Maria")
    assert wire.wait("focus", secure=False)["field"]
    wait_for("what was typed", lambda: "Maria" in json.dumps(wire.of("tree")))
    origin = wire.of("tree")[-1]["tree"]["origin"]
    assert (origin["x"], origin["y"], origin["measured"]) == (pytest.approx(x, abs=1), pytest.approx(y, abs=1), True)


def test_a_pause_is_silent(firefox: Firefox, wire: Listener, site: MiniwobServer) -> None:
    """While paused an open lent page says nothing."""
    _open(firefox, wire, site.page("contact"))
    wire.lend(site.origin, paused=True)
    time.sleep(0.3)
    wire.messages.clear()
    firefox.evaluate("document.body.append('changed while paused')")
    time.sleep(1)
    assert wire.messages == []
    wire.lend(site.origin)
    assert wire.wait("navigation")
