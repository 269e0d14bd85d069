"""A thin driver of Chromium by the DevTools protocol over a loopback web socket.

Knows pages and input, no task. Input is dispatched by the browser, so pages see trusted events. Commands may be sent many at a time;
answers are matched by number. Invariant: the browser and its profile are gone when the `with` block ends.
"""

import contextlib
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from witting.terms.errors import MissingExtraError, WittingError

_FLAGS = (
    "--headless=new", "--no-sandbox", "--remote-debugging-port=0", "--no-first-run", "--no-default-browser-check", "--disable-gpu",
    "--disable-background-networking", "--disable-sync", "--disable-component-update", "--disable-quic", "--disable-extensions",
    "--disable-dev-shm-usage", "--disable-default-apps", "--disable-domain-reliability", "--metrics-recording-only", "--mute-audio",
    "--hide-scrollbars", "--force-device-scale-factor=1", "--window-size=640,480", "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding", "--proxy-server=127.0.0.1:9", "--proxy-bypass-list=<-loopback>;127.0.0.1;localhost",
)  # fmt: skip
_START_S = 30.0
_ANSWER_S = 20.0
_LISTENING = re.compile(rb"DevTools listening on (ws://\S+)")
_VIRTUAL_KEYS = {
    "enter": ("Enter", 13, "\r"), "tab": ("Tab", 9, ""), "escape": ("Escape", 27, ""), "backspace": ("Backspace", 8, ""),
    "delete": ("Delete", 46, ""), "arrowdown": ("ArrowDown", 40, ""), "arrowup": ("ArrowUp", 38, ""), "space": (" ", 32, " "),
}  # fmt: skip
_KEY_NAMES = {"return": "enter", "kp_enter": "enter", "down": "arrowdown", "up": "arrowup", "iso_left_tab": "tab"}


class BrowserError(WittingError):
    """The browser went away, didn't answer, or refused a command."""


class Browser:
    """One headless Chromium with one page."""

    def __init__(self, executable: str = "/usr/bin/chromium") -> None:
        self._executable = executable
        self._profile: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._connected = contextlib.ExitStack()
        self._socket: Any = None
        self._session = ""
        self._number = 0
        self._early: dict[int, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        if shutil.which(self._executable) is None:
            message = f"{self._executable} isn't installed"
            raise MissingExtraError(message, hint="apt-get install chromium")
        self._profile = Path(tempfile.mkdtemp(prefix="witting-browser-"))
        try:
            self._open(self._profile)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the browser and remove its profile; safe to call twice."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._connected.close()
            self._socket = None
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._profile is not None:
            shutil.rmtree(self._profile, ignore_errors=True)
            self._profile = None

    def _open(self, profile: Path) -> None:
        from websockets.sync.client import connect

        log = profile / "browser.log"
        with log.open("wb") as sink:
            self._process = subprocess.Popen(
                [self._executable, *_FLAGS, f"--user-data-dir={profile / 'data'}", "about:blank"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=sink,
            )
        deadline = time.monotonic() + _START_S
        while (found := _LISTENING.search(log.read_bytes())) is None:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise BrowserError("Chromium didn't start", hint="run `chromium --headless=new --no-sandbox about:blank` to see why")
            time.sleep(0.02)
        opened = connect(found.group(1).decode(), max_size=None, open_timeout=_START_S, proxy=None, compression=None)
        self._socket = self._connected.enter_context(opened)
        page = next(target for target in self._browser("Target.getTargets")["targetInfos"] if target["type"] == "page")
        attached = self._browser("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        self.call("Page.enable")

    def _browser(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._session = ""
        return self.call(method, **parameters)

    def send(self, method: str, **parameters: Any) -> int:
        """Send a command without waiting; return its number.

        Raises:
            BrowserError: the browser is gone.
        """
        from websockets.exceptions import WebSocketException

        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        try:
            self._socket.send(json.dumps(message))
        except (WebSocketException, OSError, AttributeError) as error:
            raise self._gone(error) from None
        return self._number

    def wait(self, number: int) -> dict[str, Any]:
        """Return the answer to command `number`.

        Raises:
            BrowserError: the browser refused it, is gone, or said nothing for 20 s.
        """
        from websockets.exceptions import WebSocketException

        deadline = time.monotonic() + _ANSWER_S
        while number not in self._early:
            try:
                message = json.loads(self._socket.recv(timeout=max(0.0, deadline - time.monotonic())))
            except (WebSocketException, OSError, AttributeError) as error:
                raise self._gone(error) from None
            if "id" in message:
                self._early[message["id"]] = message
            elif message.get("method") in {"Inspector.targetCrashed", "Inspector.detached"}:
                raise self._gone(RuntimeError())
        answer = self._early.pop(number)
        if "error" in answer:
            message = f"the browser refused a command (code {answer['error'].get('code')})"
            raise BrowserError(message, hint="the installed Chromium may be too old or too new for this driver")
        result: dict[str, Any] = answer["result"]
        return result

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its answer."""
        return self.wait(self.send(method, **parameters))

    @staticmethod
    def _gone(error: BaseException) -> BrowserError:
        return BrowserError(f"the browser went away or is stuck ({type(error).__name__})", hint="it is started again for the next episode")

    # ---- pages and input

    def navigate(self, url: str) -> None:
        """Open `url` and return when it has loaded."""
        self.call("Page.navigate", url=url)
        self.evaluate(
            "new Promise(done => document.readyState === 'complete' ? done() : addEventListener('load', () => done(), {once: true}))"
        )

    def evaluate(self, expression: str) -> Any:
        """Return the JSON value of a JavaScript expression, awaited if it is a promise.

        Raises:
            BrowserError: the page threw.
        """
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError("a script failed in the page", hint="the page may not be the one the task expects")
        return answer["result"].get("value")

    def click(self, x: float, y: float) -> None:
        """Move to (x, y), CSS pixels of the viewport, then press and release the left button."""
        at = {"x": x, "y": y}
        button = {**at, "button": "left", "clickCount": 1}
        self._all(
            ("Input.dispatchMouseEvent", {"type": "mouseMoved", **at}),
            ("Input.dispatchMouseEvent", {"type": "mousePressed", "buttons": 1, **button}),
            ("Input.dispatchMouseEvent", {"type": "mouseReleased", "buttons": 0, **button}),
        )

    def type_text(self, text: str) -> None:
        """Put `text` in place of what the focused field holds."""
        self._all(
            ("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "a", "code": "KeyA", "modifiers": 2, "commands": ["selectAll"]}),
            ("Input.dispatchKeyEvent", {"type": "keyUp", "key": "a", "code": "KeyA", "modifiers": 2}),
            ("Input.insertText", {"text": text}),
        )

    def type_keys(self, text: str) -> None:
        """Type `text` key by key into the focused field, as date fields and lists want it."""
        self._all(
            *(
                ("Input.dispatchKeyEvent", {"type": kind, "key": letter, **({"text": letter} if kind == "keyDown" else {})})
                for letter in text
                for kind in ("keyDown", "keyUp")
            )
        )

    def press(self, key: str) -> None:
        """Press and release one editing key, by its DOM or X11 name; unknown names do nothing."""
        name = _KEY_NAMES.get(key.lower(), key.lower())
        if name not in _VIRTUAL_KEYS:
            return
        dom, code, text = _VIRTUAL_KEYS[name]
        common = {"key": dom, "code": dom, "windowsVirtualKeyCode": code}
        down = {"type": "keyDown" if text else "rawKeyDown", **common, **({"text": text} if text else {})}
        self._all(("Input.dispatchKeyEvent", down), ("Input.dispatchKeyEvent", {"type": "keyUp", **common}))

    def picture(self, clip: tuple[int, int, int, int], *, scale: int = 3) -> bytes:
        """Return a PNG of (x, y, width, height) CSS pixels, enlarged."""
        import base64

        left, top, width, height = clip
        area = {"x": left, "y": top, "width": width, "height": height, "scale": scale}
        return base64.b64decode(self.call("Page.captureScreenshot", format="png", clip=area)["data"])

    def _all(self, *commands: tuple[str, dict[str, Any]]) -> None:
        numbers: Sequence[int] = [self.send(method, **parameters) for method, parameters in commands]
        for number in numbers:
            self.wait(number)
