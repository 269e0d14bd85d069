"""Sequences of clicks, tabs, toggles and typing into plain and secret fields, as fast as anybody can, and the verdict on each key.

GTK 3 with a password field that can be made readable, Chromium with the login page, xterm with programs that ask for secrets. Every key is
followed from the hands to the recorder's verdict on it, so that a lost one can be named. For tests and `bench/bench_fuzz.py`.
"""

import contextlib
import json
import random
import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from overheard import Judged, Overheard
from recorded import middle

from witting.device.capture.terminals import terminal_verdict
from witting.terms.geometry import Rect
from witting.testing import secret_form
from witting.testing.desktop import App, DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme
from witting.testing.miniwob_server import MiniwobServer
from witting.testing.x11 import wait_for

Where = Literal["gtk", "page", "shell"]

WORDS = ("order", "ready", "total", "later", "name", "send", "later", "date", "price", "road")
SECRET = "qzjQVWXZJ"  # letters that no word above has, and no command below but for its own name's
MS = 1_000_000
_EARLY_NS, _LATE_NS = 3 * MS, 2000 * MS  # a server dates a key so much before or after the hands, at most


@dataclass(frozen=True, slots=True)
class Key:
    """A key that makes a character, as the hands pressed it."""

    at_ns: int
    text: str
    is_secret: bool
    after: str  # what moved the focus, or ran something, before it


@dataclass
class Outcome:
    """What came of some sequences."""

    leaked: int = 0  # keys of secrets that were given on
    plain: int = 0  # keys of plain fields
    secret: int = 0  # keys of secrets
    lost: list[tuple[str, str, int]] = field(default_factory=list)  # plain keys not given on: verdict, what came before, ms since that

    @property
    def dropped(self) -> float:
        """The share of plain keys that wasn't given on."""
        return len(self.lost) / max(1, self.plain)

    def plus(self, other: "Outcome") -> "Outcome":
        """Return both together."""
        return Outcome(self.leaked + other.leaked, self.plain + other.plain, self.secret + other.secret, self.lost + other.lost)

    def told(self) -> str:
        """Say which plain keys were lost and why."""
        groups = Counter((verdict, after) for verdict, after, _ in self.lost)
        spans = {group: [ms for *lost, ms in self.lost if tuple(lost) == group] for group in groups}
        rows = [f"{n} {verdict} after {after} ({min(spans[verdict, after])} to {max(spans[verdict, after])} ms)"
                for (verdict, after), n in groups.most_common()]  # fmt: skip
        return f"{self.leaked} of {self.secret} keys of secrets given on, {len(self.lost)} of {self.plain} plain ones lost: " + (
            "; ".join(rows) or "none"
        )


class Typing:
    """Hands that know what they typed as plain text, and what as a secret."""

    def __init__(self, hands: Hands, chance: random.Random) -> None:
        self.hands, self.chance = hands, chance
        self.keys: list[Key] = []
        self.after_ns: list[tuple[int, str]] = [(0, "start")]

    def click(self, x: float, y: float) -> None:
        """Click a place."""
        self.hands.click(x, y)
        self._moved("click")

    def press(self, key: str) -> None:
        """Press a key that types nothing."""
        self.hands.press(key)
        self._moved(key)

    def text(self, text: str, *, is_secret: bool = False) -> None:
        """Type, and remember each key."""
        begin = len(self.hands.log)
        self.hands.type_text(text)
        pressed = [event for event in self.hands.log[begin:] if event.kind == "key_down" and event.keysym < 0x100]
        self.keys += [Key(event.timestamp_ns, chr(event.keysym), is_secret, self.after_ns[-1][1]) for event in pressed]

    def words(self) -> None:
        """Type a word or two into a plain field, with the hand's way from the mouse to the keys before it."""
        time.sleep(self.chance.uniform(0.1, 0.3))
        self.text(" ".join(self.chance.choices(WORDS, k=self.chance.randint(1, 2))) + " ")

    def secret(self) -> None:
        """Type a secret, now and then with a slip."""
        self.text("".join(self.chance.choices(SECRET, k=self.chance.randint(4, 10))), is_secret=True)
        if self.chance.random() < 0.2:
            self.hands.press("BackSpace")

    def gap(self, most: float) -> None:
        """Wait for a moment, or not at all."""
        time.sleep(self.chance.choice((0, 0, self.chance.uniform(0, most))))

    def judged(self, heard: Overheard) -> Outcome:
        """Follow every key to its verdict. A secret counts as leaked, too, if one of its letters is in what was given on."""
        outcome = Outcome()
        for key, verdict in zip(self.keys, verdicts_of(self.keys, heard.verdicts), strict=True):
            if key.is_secret:
                outcome.secret += 1
                outcome.leaked += verdict == "plain"
                continue
            outcome.plain += 1
            if verdict != "plain":
                since_ns = max(at_ns for at_ns, _ in self.after_ns if at_ns <= key.at_ns)
                outcome.lost.append((verdict, key.after, (key.at_ns - since_ns) // MS if since_ns else 0))
        outcome.leaked = max(outcome.leaked, sum(letter in SECRET for letter in heard.text))
        return outcome

    def _moved(self, by: str) -> None:
        self.after_ns.append((self.hands.log[-1].timestamp_ns, by))


def verdicts_of(keys: Sequence[Key], judged: Sequence[Judged]) -> Iterator[str]:
    """Yield the verdict on each key, both in the order of time."""
    place = 0
    for key in keys:
        fitting = (n for n in range(place, len(judged)) if judged[n].text == key.text and judged[n].at_ns >= key.at_ns - _EARLY_NS)
        found = next(fitting, None)
        if found is None or judged[found].at_ns > key.at_ns + _LATE_NS:
            yield "not seen"
            continue
        place = found + 1
        yield judged[found].verdict


@contextlib.contextmanager
def typing_hands(desktop: DesktopSession, seed: int) -> Iterator[Typing]:
    """Give hands that type as fast as anybody can."""
    with Hands(desktop.display, seed=seed, pace=4.0) as hands:
        yield Typing(hands, random.Random(seed))


# ---- GTK ----


def gtk_form(desktop: DesktopSession, folder: Path) -> tuple[App, dict[str, Rect]]:
    """Start the GTK form and return it, and where its fields are."""
    path = folder / "places.json"
    # Debian's Python has python3-gi; the test's own packages aren't for it
    app = desktop.start_app(["env", "-u", "PYTHONPATH", "/usr/bin/python3", secret_form.__file__, "--places", str(path)], app="secretform")
    app.activate()
    wait_for("the form's places", lambda: path.exists() and path.stat().st_size)
    time.sleep(0.5)
    return app, {name: Rect(*place) for name, place in json.loads(path.read_text()).items()}


def gtk_sequence(typing: Typing, places: dict[str, Rect]) -> None:
    """Click, type, tab and toggle about in the GTK form."""
    for _ in range(typing.chance.randint(2, 4)):
        step = typing.chance.choice(("plain", "second", "secret", "secret", "tab", "toggle"))
        if step in ("plain", "second"):
            typing.click(*middle(places[step]))
            typing.words()
        elif step == "secret":
            typing.click(*middle(places["secret"]))
            typing.secret()
        elif step == "tab":
            typing.click(*middle(places["plain"]))
            typing.words()
            typing.press("Tab")
            typing.secret()
        else:
            typing.click(places["show"].x + 8, middle(places["show"])[1])
            typing.gap(0.2)
            typing.click(*middle(places["secret"]))
            typing.secret()
        typing.gap(0.3)


def run_gtk(desktop: DesktopSession, typing: Typing, folder: Path, *, count: int) -> Outcome:
    """Return the verdict on some sequences in the GTK form."""
    app, places = gtk_form(desktop, folder)
    with heard_of(desktop, folder, {"secretform": ()}) as heard:
        wait_for("the form", lambda: heard.app == "secretform", seconds=30)
        time.sleep(0.5)
        for _ in range(count):
            gtk_sequence(typing, places)
        time.sleep(1.0)
    app.process.terminate()
    app.process.wait()
    return typing.judged(heard)


# ---- a page ----


def page_sequence(typing: Typing, box: Callable[[str], Rect]) -> None:
    """Click, type, tab and toggle about in the login page."""
    for _ in range(typing.chance.randint(2, 4)):
        step = typing.chance.choice(("plain", "secret", "code", "tab", "eye"))
        if step == "plain":
            typing.click(*middle(box("#user")))
            typing.words()
        elif step in ("secret", "code"):
            typing.click(*middle(box(f"#{step}")))
            typing.secret()
        elif step == "tab":
            typing.click(*middle(box("#user")))
            typing.words()
            typing.press("Tab")
            typing.secret()
        else:
            typing.click(*middle(box("#eye")))
            typing.gap(0.2)
            typing.click(*middle(box("#secret")))
            typing.secret()
        typing.gap(0.3)


def run_page(desktop: DesktopSession, typing: Typing, folder: Path, *, count: int) -> Outcome:
    """Return the verdict on some sequences in the login page."""
    with MiniwobServer() as site:
        lender = Lender(folder / "lent", lent_programme({"chromium": (site.origin,)}))
        browser = desktop.start_chromium(site.page("login"), native_host_socket=lender.config("").browser_path, allow=[site.origin])
        desktop.screen.activate(wait_for("the browser", lambda: desktop.screen.find("chromium")))
        with pytest.MonkeyPatch.context() as patch, Overheard(lender, desktop.env, patch) as heard:
            wait_for("the page", lambda: heard.app == "chromium", seconds=30)
            for _ in range(count):
                page_sequence(typing, browser.box_of)
            time.sleep(1.0)
        browser.close()
    return typing.judged(heard)


# ---- a terminal ----


def askers(port: int) -> list[str]:
    """Return the commands that ask for a secret, of those this machine has."""
    found = ["read -s x", "sleep 0.6; read -s x", "python3 -c 'import getpass; getpass.getpass()'"]
    found += ["su"] if shutil.which("su") else []
    found += ["sudo -k true"] if shutil.which("sudo") else []
    options = f"-p {port} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o NumberOfPasswordPrompts=1"
    return found + ([f"ssh {options} nobody@127.0.0.1"] if port else [])


def shell_sequence(typing: Typing, process_id: int, commands: list[str]) -> None:
    """Run commands, some of which ask for a secret that is typed at once."""
    for _ in range(typing.chance.randint(2, 3)):
        typing.text("echo ")
        typing.words()
        typing.press("Return")
        time.sleep(typing.chance.uniform(0.35, 0.7))
        command = typing.chance.choice(commands)
        typing.text(command)
        typing.press("Return")
        if command.startswith("sleep"):  # the person waits until it asks; what is typed before is shown
            wait_for("the question", lambda: terminal_verdict(process_id) == "secure", seconds=30)
        else:
            typing.gap(0.4)
        typing.secret()
        typing.press("Return")
        time.sleep(0.1)
        typing.press("ctrl+c")
        wait_for("the shell's prompt", lambda: terminal_verdict(process_id) == "plain", seconds=30)
        time.sleep(0.3)


def run_shell(desktop: DesktopSession, typing: Typing, folder: Path, *, count: int, port: int) -> Outcome:
    """Return the verdict on some sequences in a terminal."""
    shell = ["runuser", "-u", "nobody", "--", "bash", "--norc"]
    app = desktop.start_app(["xterm", "-geometry", "90x30+100+100", "-e", *shell], app="xterm")
    app.activate()
    with heard_of(desktop, folder, {"xterm": ()}) as heard:
        wait_for("the terminal", lambda: heard.app == "xterm" and terminal_verdict(app.process.pid) == "plain", seconds=30)
        time.sleep(0.5)
        for _ in range(count):
            shell_sequence(typing, app.process.pid, askers(port))
        time.sleep(1.0)
    app.process.terminate()
    app.process.wait()
    return typing.judged(heard)


@contextlib.contextmanager
def ssh_server(folder: Path) -> Iterator[int]:
    """Give the port of an ssh server on loopback, 0 where there is none to be had."""
    server = Path("/usr/sbin/sshd")
    if not server.exists():
        yield 0
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    key = folder / "host_key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    Path("/run/sshd").mkdir(exist_ok=True)
    options = ["-o", "ListenAddress=127.0.0.1", "-o", f"HostKey={key}", "-o", "PasswordAuthentication=yes", "-o", "UsePAM=no"]
    process = subprocess.Popen([str(server), "-D", "-f", "/dev/null", "-p", str(port), *options], stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


# ---- all three ----


@contextlib.contextmanager
def heard_of(desktop: DesktopSession, folder: Path, apps: dict[str, tuple[str, ...]]) -> Iterator[Overheard]:
    """Give a recorder in this process, of a person who lends these apps."""
    lender = Lender(folder / "lent", lent_programme(apps))
    with pytest.MonkeyPatch.context() as patch, Overheard(lender, desktop.env, patch) as heard:
        yield heard


def run(where: Where, desktop: DesktopSession, folder: Path, *, count: int, seed: int) -> Outcome:
    """Return the verdict on some sequences in one of the three; needs a folder of its own."""
    folder.mkdir(exist_ok=True)
    with typing_hands(desktop, seed) as typing:
        if where == "gtk":
            return run_gtk(desktop, typing, folder, count=count)
        if where == "page":
            return run_page(desktop, typing, folder, count=count)
        with ssh_server(folder) as port:
            return run_shell(desktop, typing, folder, count=count, port=port)
