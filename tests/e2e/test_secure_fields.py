"""Keys that go into secret fields, at full speed and in any order of clicks, tabs and toggles: none of them is recorded, plain ones are.

GTK 3 with a password field that can be made readable, Chromium with the login page, xterm with programs that ask for secrets.
"""

import json
import random
import shutil
import socket
import string
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from overheard import Overheard
from recorded import middle

from witting.device.capture.terminals import terminal_verdict
from witting.terms.geometry import Rect
from witting.testing import secret_form
from witting.testing.desktop import DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme
from witting.testing.miniwob_server import MiniwobServer
from witting.testing.x11 import wait_for

pytestmark = pytest.mark.e2e

WORDS = ("order", "ready", "total", "later", "name", "send", "later", "date", "price", "road")
SECRET = "qzjQVWXZJ"  # letters that no word above has, and no command below
SEED = 4711


class Typing:
    """Hands that know what they typed as plain text, and what as a secret."""

    def __init__(self, hands: Hands, chance: random.Random) -> None:
        self.hands, self.chance = hands, chance
        self.plain = ""

    def words(self) -> None:
        """Type a word or two into a plain field, with the hand's way from the mouse to the keys before it."""
        time.sleep(self.chance.uniform(0.1, 0.3))
        text = " ".join(self.chance.choices(WORDS, k=self.chance.randint(1, 2))) + " "
        self.plain += text
        self.hands.type_text(text)

    def secret(self) -> None:
        """Type a secret, now and then with a slip."""
        self.hands.type_text("".join(self.chance.choices(SECRET, k=self.chance.randint(4, 10))))
        if self.chance.random() < 0.2:
            self.hands.press("BackSpace")

    def gap(self, most: float) -> None:
        """Wait for a moment, or not at all."""
        time.sleep(self.chance.choice((0, 0, self.chance.uniform(0, most))))


def judged(heard: Overheard, typed: str) -> tuple[int, float]:
    """Return how many characters of secrets were given on, and which share of the plain ones wasn't."""
    letters = [c for c in heard.text if c in string.ascii_lowercase]
    wanted = [c for c in typed if c in string.ascii_lowercase]
    leaked = sum(c in SECRET for c in heard.text)
    if len(letters) < len(wanted):
        print("typed", repr(typed), "given on", heard.ear.heard)  # both made up by the test
    return leaked, 1 - len(letters) / max(1, len(wanted))


@pytest.fixture
def typing(desktop: DesktopSession) -> Iterator[Typing]:
    """Give hands that type as fast as anybody can."""
    with Hands(desktop.display, seed=SEED, pace=4.0) as hands:
        yield Typing(hands, random.Random(SEED))


def gtk_places(desktop: DesktopSession, folder: Path) -> dict[str, Rect]:
    """Start the GTK form and return where its fields are."""
    path = folder / "places.json"
    # Debian's Python has python3-gi; the test's own packages aren't for it
    app = desktop.start_app(["env", "-u", "PYTHONPATH", "/usr/bin/python3", secret_form.__file__, "--places", str(path)], app="secretform")
    app.activate()
    wait_for("the form's places", lambda: path.exists() and path.stat().st_size)
    time.sleep(0.5)
    return {name: Rect(*place) for name, place in json.loads(path.read_text()).items()}


def gtk_sequence(typing: Typing, places: dict[str, Rect]) -> None:
    """Click, type, tab and toggle about in the GTK form."""
    for _ in range(typing.chance.randint(2, 4)):
        step = typing.chance.choice(("plain", "second", "secret", "secret", "tab", "toggle"))
        if step in ("plain", "second"):
            typing.hands.click(*middle(places[step]))
            typing.words()
        elif step == "secret":
            typing.hands.click(*middle(places["secret"]))
            typing.secret()
        elif step == "tab":
            typing.hands.click(*middle(places["plain"]))
            typing.words()
            typing.hands.press("Tab")
            typing.secret()
        else:
            typing.hands.click(places["show"].x + 8, middle(places["show"])[1])
            typing.gap(0.2)
            typing.hands.click(*middle(places["secret"]))
            typing.secret()
        typing.gap(0.3)


def page_sequence(typing: Typing, box: Callable[[str], Rect]) -> None:
    """Click, type, tab and toggle about in the login page."""
    for _ in range(typing.chance.randint(2, 4)):
        step = typing.chance.choice(("plain", "secret", "code", "tab", "eye"))
        if step == "plain":
            typing.hands.click(*middle(box("#user")))
            typing.words()
        elif step in ("secret", "code"):
            typing.hands.click(*middle(box(f"#{step}")))
            typing.secret()
        elif step == "tab":
            typing.hands.click(*middle(box("#user")))
            typing.words()
            typing.hands.press("Tab")
            typing.secret()
        else:
            typing.hands.click(*middle(box("#eye")))
            typing.gap(0.2)
            typing.hands.click(*middle(box("#secret")))
            typing.secret()
        typing.gap(0.3)


def askers(port: int) -> list[str]:
    """Return the commands that ask for a secret, of those this machine has."""
    found = ["read -s x", "python3 -c 'import getpass; getpass.getpass()'"]
    found += ["su"] if shutil.which("su") else []
    found += ["sudo -k true"] if shutil.which("sudo") else []
    options = f"-p {port} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o NumberOfPasswordPrompts=1"
    return found + ([f"ssh {options} nobody@127.0.0.1"] if port else [])


def shell_sequence(typing: Typing, process_id: int, commands: list[str]) -> None:
    """Run commands, some of which ask for a secret that is typed at once."""
    for _ in range(typing.chance.randint(2, 3)):
        typing.plain += "echo "
        typing.hands.type_text("echo ")
        typing.words()
        typing.hands.press("Return")
        time.sleep(typing.chance.uniform(0.35, 0.7))
        command = typing.chance.choice(commands)
        typing.hands.type_text(command)
        typing.plain += "".join(c for c in command if c not in SECRET)
        typing.hands.press("Return")
        typing.gap(0.4)
        typing.secret()
        typing.hands.press("Return")
        time.sleep(0.1)
        typing.hands.press("ctrl+c")
        wait_for("the shell's prompt", lambda: terminal_verdict(process_id) == "plain")
        time.sleep(0.3)


@pytest.fixture
def ssh_port(tmp_path: Path) -> Iterator[int]:
    """Give the port of an ssh server on loopback, 0 where there is none to be had."""
    server = Path("/usr/sbin/sshd")
    if not server.exists():
        yield 0
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    key = tmp_path / "host_key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    Path("/run/sshd").mkdir(exist_ok=True)
    options = ["-o", "ListenAddress=127.0.0.1", "-o", f"HostKey={key}", "-o", "PasswordAuthentication=yes", "-o", "UsePAM=no"]
    process = subprocess.Popen([str(server), "-D", "-f", "/dev/null", "-p", str(port), *options], stderr=subprocess.DEVNULL)
    yield port
    process.terminate()
    process.wait()


def run_gtk(desktop: DesktopSession, typing: Typing, folder: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> tuple[int, float]:
    """Return the verdict on some sequences in the GTK form."""
    places = gtk_places(desktop, folder)
    with Overheard(Lender(folder / "lent", lent_programme({"secretform": ()})), desktop.env, monkeypatch) as heard:
        wait_for("the form", lambda: heard.app == "secretform")
        time.sleep(0.5)
        for _ in range(count):
            gtk_sequence(typing, places)
        time.sleep(1.0)
    return judged(heard, typing.plain)


def run_page(desktop: DesktopSession, typing: Typing, folder: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> tuple[int, float]:
    """Return the verdict on some sequences in the login page."""
    with MiniwobServer() as site:
        lender = Lender(folder / "lent", lent_programme({"chromium": (site.origin,)}))
        browser = desktop.start_chromium(site.page("login"), native_host_socket=lender.config("").browser_path, allow=[site.origin])
        desktop.screen.activate(wait_for("the browser", lambda: desktop.screen.find("chromium")))
        with Overheard(lender, desktop.env, monkeypatch) as heard:
            wait_for("the page", lambda: heard.app == "chromium")
            for _ in range(count):
                page_sequence(typing, browser.box_of)
            time.sleep(1.0)
        browser.close()
    return judged(heard, typing.plain)


def run_shell(
    desktop: DesktopSession, typing: Typing, folder: Path, monkeypatch: pytest.MonkeyPatch, *, count: int, port: int
) -> tuple[int, float]:
    """Return the verdict on some sequences in a terminal."""
    shell = ["runuser", "-u", "nobody", "--", "bash", "--norc"]
    app = desktop.start_app(["xterm", "-geometry", "90x30+100+100", "-e", *shell], app="xterm")
    app.activate()
    with Overheard(Lender(folder / "lent", lent_programme({"xterm": ()})), desktop.env, monkeypatch) as heard:
        wait_for("the terminal", lambda: heard.app == "xterm" and terminal_verdict(app.process.pid) == "plain")
        time.sleep(0.5)
        for _ in range(count):
            shell_sequence(typing, app.process.pid, askers(port))
        time.sleep(1.0)
    app.process.terminate()
    app.process.wait()
    return judged(heard, typing.plain)


@pytest.mark.promise("P7")
def test_no_key_of_a_password_field_in_gtk_is_given_on(desktop, typing, tmp_path, monkeypatch):
    """Ten sequences at full speed: no character of a secret reaches redaction, and hardly any plain one is missing."""
    leaked, dropped = run_gtk(desktop, typing, tmp_path, monkeypatch, 10)
    assert leaked == 0
    assert dropped <= 0.05  # the benchmark holds one in a hundred; a starved machine may lose a word here


@pytest.mark.promise("P7")
def test_no_key_of_a_password_field_in_a_page_is_given_on(desktop, typing, tmp_path, monkeypatch):
    """Six sequences on the login page, the eye and the one-time code included."""
    leaked, dropped = run_page(desktop, typing, tmp_path, monkeypatch, 6)
    assert leaked == 0
    assert dropped <= 0.05


@pytest.mark.promise("P7")
def test_no_key_that_a_terminal_doesn_t_show_is_given_on(desktop, typing, tmp_path, monkeypatch):
    """Four sequences of commands that ask for secrets, which are typed before the prompt is there."""
    leaked, dropped = run_shell(desktop, typing, tmp_path, monkeypatch, count=4, port=0)
    assert leaked == 0
    assert dropped <= 0.05


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.promise("P7")
@pytest.mark.parametrize(("where", "count"), [("gtk", 170), ("page", 170), ("shell", 160)])
def test_five_hundred_sequences_give_no_secret_key_on(  # noqa: PLR0917 - fixtures
    desktop, typing, tmp_path, monkeypatch, ssh_port, where, count
):
    """0 characters of secrets, at most one plain character in a hundred missing."""
    if where == "shell":
        leaked, dropped = run_shell(desktop, typing, tmp_path, monkeypatch, count=count, port=ssh_port)
    else:
        leaked, dropped = {"gtk": run_gtk, "page": run_page}[where](desktop, typing, tmp_path, monkeypatch, count)
    print(f"{where}: {count} sequences, {leaked} characters leaked, {dropped:.2%} of plain ones dropped")
    assert leaked == 0
    assert dropped <= 0.01
