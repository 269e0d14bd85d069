"""An office morning in six applications, by real pointer and keys: notes, a form in the browser, a table, files, sums, a terminal.

The same seed works the same way, whoever watches. Nobody's name or number is in it.
"""

import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from witting.testing.browser import Browser
from witting.testing.desktop import App, DesktopSession
from witting.testing.hands import Hands
from witting.testing.miniwob_server import MiniwobServer

APPS = ("mousepad", "chromium", "libreoffice-calc", "pcmanfm", "galculator", "xterm")
_PROGRAMS = ("mousepad", "chromium", "soffice", "pcmanfm", "galculator", "xterm")
SENTENCES = (
    "The order is ready for delivery. ", "Please check the list of open points. ", "The meeting is moved to the small room. ",
    "Two boxes of paper are still missing. ", "The report goes out after lunch. ",
)  # fmt: skip
_CELLS = ("42", "17.5", "300", "box", "paper", "12", "table", "98")


def missing_programs() -> list[str]:
    """Return the programs that aren't installed."""
    return [name for name in _PROGRAMS if shutil.which(name) is None]


class Office:
    """Six applications on a desktop; a context manager."""

    def __init__(self, desktop: DesktopSession, folder: Path, *, socket: Path | None = None, seed: int = 7) -> None:
        self._desktop, self._folder, self._socket = desktop, folder, socket
        self._chance = random.Random(seed)
        self._seed = seed
        self.server = MiniwobServer()
        self.done: dict[str, int] = {}

    def __enter__(self) -> Self:
        self.server.__enter__()
        self._folder.mkdir(parents=True, exist_ok=True)
        note = self._folder / "note.txt"
        note.write_text("Notes\n")
        for name in ("orders", "letters", "plans"):
            (self._folder / name).mkdir(exist_ok=True)
        self.notes = self._desktop.start_mousepad(note)
        self.table = self._desktop.start_app(
            ["soffice", "--calc", "--norestore", "--nologo", f"-env:UserInstallation=file://{self._folder}/lo"],
            app="libreoffice",
            title="Calc",
        )
        self.files = self._desktop.start_app(["pcmanfm", str(self._folder)], app="pcmanfm")
        self.sums = self._desktop.start_app(["galculator"], app="galculator")
        self.terminal = self._desktop.start_xterm()
        self.browser: Browser = self._desktop.start_chromium(
            self.server.page("contact"), native_host_socket=self._socket, allow=[self.server.origin]
        )
        self.hands = Hands(self._desktop.display, seed=self._seed)
        return self

    def __exit__(self, *details: object) -> None:
        self.hands.close()
        self.server.__exit__(None, None, None)

    def work(self, seconds: float) -> None:
        """Work at a person's pace for so long, app after app in a drawn order."""
        end = time.monotonic() + seconds
        tasks: list[tuple[str, Callable[[], None]]] = [
            ("notes", self._write), ("browser", self._browse), ("table", self._calculate), ("files", self._look), ("sums", self._add),
            ("terminal", self._type),
        ]  # fmt: skip
        while time.monotonic() < end:
            self._chance.shuffle(tasks)
            for name, task in tasks:
                if time.monotonic() >= end:
                    return
                task()
                self.done[name] = self.done.get(name, 0) + 1
                self.hands.pause(1.0, 3.0)

    def _write(self) -> None:
        self._to(self.notes)
        self.hands.press("ctrl+End")
        self.hands.type_text(self._chance.choice(SENTENCES))
        self.hands.pause(0.5, 1.5)
        self.hands.press("Return")
        self.hands.press("ctrl+s")

    def _browse(self) -> None:
        window = self._desktop.screen.find("chromium")
        if window is not None:
            self._desktop.screen.activate(window)
        self.hands.pause(0.5, 1.0)
        for selector, text in (("#name", "Delivery desk"), ("#message", self._chance.choice(SENTENCES))):
            area = self.browser.box_of(selector)
            self.hands.click(area.x + area.width / 2, area.y + area.height / 2)
            self.hands.press("ctrl+a")
            self.hands.type_text(text)
            self.hands.pause(0.5, 1.2)
        self.hands.scroll("down", 2)
        self.hands.scroll("up", 2)

    def _calculate(self) -> None:
        self._to(self.table, x=0.3, y=0.5)
        for _ in range(4):
            self.hands.type_text(self._chance.choice(_CELLS))
            self.hands.press("Tab")
            self.hands.pause(0.2, 0.6)
        self.hands.press("Return")

    def _look(self) -> None:
        self._to(self.files, x=0.7, y=0.8)
        for key in ("Down", "Right", "Up"):
            self.hands.press(key)
            self.hands.pause(0.2, 0.5)

    def _add(self) -> None:
        self._to(self.sums, x=0.5, y=0.1)
        self.hands.type_text(f"{self._chance.randint(10, 99)}+{self._chance.randint(10, 99)}")
        self.hands.press("Return")

    def _type(self) -> None:
        self._to(self.terminal)
        self.hands.type_text(self._chance.choice(("ls", "date", "uptime", "echo done")))
        self.hands.press("Return")

    def _to(self, app: App, *, x: float = 0.5, y: float = 0.6) -> None:
        """Bring an app to the front and click into it."""
        app.activate()
        self.hands.pause(0.3, 0.8)
        area = app.area()
        self.hands.click(area.x + area.width * x, area.y + area.height * y)
