"""A whole desktop session in memory: X server, D-Bus, accessibility bus, window manager and applications, for tests and the demo.

The order and the waits are those of docs/decisions/0003-desktop-session.md. Doesn't know: recording. Holds: every process it starts
carries the session's mark in its environment, and none that does is left when the session ends. Needs Debian's packages of
deploy/debian-packages.txt.
"""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from witting.device.capture.native_install import install_native_host
from witting.terms.errors import MissingExtraError
from witting.terms.geometry import Rect
from witting.testing.allowing import allow_sites
from witting.testing.browser import DEBUG_FLAG, Browser, chromium_argv, open_browser
from witting.testing.x11 import DesktopError, Screen, Window, wait_for

__all__ = ["App", "DesktopError", "DesktopSession"]

_MARK = "WITTING_DESKTOP"
_LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
_TERM_S = 2.0
_DUMMY = """
Section "ServerFlags"
  Option "AutoAddDevices" "false"
  Option "AutoAddGPU" "false"
EndSection
Section "Device"
  Identifier "card"
  Driver "dummy"
  VideoRam 256000
EndSection
Section "Monitor"
  Identifier "monitor"
  HorizSync 5-1000
  VertRefresh 5-200
EndSection
Section "Screen"
  Identifier "screen"
  Device "card"
  Monitor "monitor"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Virtual 3840 2160
    Modes "{width}x{height}"
  EndSubSection
EndSection
"""


class App:
    """A native application that was started, and its window."""

    def __init__(self, process: subprocess.Popen[bytes], window: Window, *, screen: Screen) -> None:
        self.process = process
        self.window = window
        self._screen = screen

    def activate(self) -> None:
        """Bring its window to the front."""
        self._screen.activate(self.window)

    def area(self) -> Rect:
        """Return where its window is now; empty when it was closed."""
        return next((w.area for w in self._screen.windows() if w.id == self.window.id), Rect(0, 0, 0, 0))


class DesktopSession:
    """A desktop of its own on a free display; a context manager. `folder` keeps home, profiles and logs, else a temporary one does.

    `server` is Xvfb, or Xorg with the dummy driver, whose outputs can be plugged and unplugged; `manager` is the window manager, "" = none.
    """

    def __init__(
        self, folder: Path | None = None, *, width: int = 1280, height: int = 800, server: str = "Xvfb", manager: str = "openbox"
    ) -> None:
        self._size = (width, height)
        self._server = server
        self._manager = manager
        self._is_temporary = folder is None
        self.folder = Path(tempfile.mkdtemp(prefix="witting-desktop-")) if folder is None else Path(folder)
        self.display = ""
        self.env: dict[str, str] = {}
        self._mark = secrets.token_hex(8)
        self._processes: list[subprocess.Popen[bytes]] = []
        self._browsers: list[Browser] = []
        self._screen: Screen | None = None

    @property
    def screen(self) -> Screen:
        """The harness's own view of the screen."""
        if self._screen is None:
            raise DesktopError("the desktop session isn't running", hint="use it in a with statement")
        return self._screen

    def launch(self, argv: Sequence[str], *, log: str = "", env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a program in the session; what it prints goes to a log file of the session's folder."""
        name = log or Path(argv[0]).name
        with (self.folder / "logs" / f"{name}.log").open("ab") as out:
            process = subprocess.Popen(
                list(argv), env={**self.env, **(env or {})}, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        self._processes.append(process)
        return process

    def screenshot(self, path: Path) -> None:
        """Write the whole screen as PNG."""
        self.screen.save_picture(path)

    def start_app(self, argv: Sequence[str], *, app: str, title: str = "") -> App:
        """Start a program and wait for its window."""
        before = {window.id for window in self.screen.windows()}
        process = self.launch(argv)

        def new_window() -> Window | None:
            fresh = [w for w in self.screen.windows() if w.id not in before]
            return next((w for w in fresh if app in w.app and title in w.title), None)

        return App(process, wait_for(f"the window of {app}", new_window), screen=self.screen)

    def start_mousepad(self, path: Path) -> App:
        """Open a file in mousepad, a GTK text editor with an accessibility tree."""
        return self.start_app(["mousepad", "--disable-server", str(path)], app="mousepad", title=Path(path).name)

    def start_xterm(self) -> App:
        """Open a terminal: the app that no programme of the tests lists."""
        return self.start_app(["xterm", "-geometry", "60x12+40+40", "-e", "env", "PS1=$ ", "sh"], app="xterm")

    def show_popup(self, text: str, *, x: int, y: int, seconds: float = 5.0) -> subprocess.Popen[bytes]:
        """Show a notification that no window manager manages, and return when it is on the screen."""
        count = len(self.screen.unmanaged())
        arguments = ["--text", text, "--x", str(x), "--y", str(y), "--seconds", str(seconds)]
        process = self.launch([sys.executable, "-m", "witting.testing.popup", *arguments], log="popup")
        wait_for("the notification", lambda: len(self.screen.unmanaged()) > count)
        return process

    def start_chromium(
        self, url: str = "about:blank", *, profile: Path | None = None, native_host_socket: Path | None = None, allow: Sequence[str] = ()
    ) -> Browser:
        """Open Chromium with the extension; with a socket path, its native host speaks to the recorder there, and sites can be allowed."""
        folder = profile or self.folder / "chromium"
        (folder / "DevToolsActivePort").unlink(missing_ok=True)
        if native_host_socket is not None:
            install_native_host(folder, native_host_socket)
        browser = open_browser(self.screen, self.launch(chromium_argv(folder, "about:blank", DEBUG_FLAG)), profile=folder)
        self._browsers.append(browser)
        if native_host_socket is not None and allow:
            allow_sites(browser, allow, display=self.display, socket=native_host_socket)
        if url != "about:blank":
            browser.goto(url)
        return browser

    # ---- begin and end ----

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _start(self) -> None:
        wanted = (self._server, "dbus-daemon", *([self._manager] if self._manager else []))
        missing = [program for program in wanted if not shutil.which(program)]
        launcher = next((path for path in _LAUNCHERS if Path(path).exists()), None)
        if missing or launcher is None:
            message = f"the desktop session needs {', '.join(missing) or 'at-spi2-core'}"
            raise MissingExtraError(message, hint="make setup installs Debian's packages")
        self.env = _environment(self.folder, self._mark)
        self.display = self._start_server()
        self.env["DISPLAY"] = self.display
        self._screen = Screen(self.display)
        bus = f"unix:path={self.env['XDG_RUNTIME_DIR']}/bus"
        self.launch(["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address={bus}"])
        self.env["DBUS_SESSION_BUS_ADDRESS"] = bus
        wait_for("the session bus", lambda: Path(bus.removeprefix("unix:path=")).exists())
        self.launch([launcher, "--launch-immediately", "--a11y=1"])
        if self._manager:
            self.launch([self._manager])
        if self._manager == "openbox":  # others may not speak EWMH
            wait_for("the window manager", self._screen.has_manager)
        wait_for("the accessibility bus", lambda: _has_accessibility(bus))

    def _start_server(self) -> str:
        reading, writing = os.pipe()
        command = [self._server, "-displayfd", str(writing), "-dpi", "96", *self._server_arguments()]
        with (self.folder / "logs" / "Xvfb.log").open("ab") as out:
            process = subprocess.Popen(
                [*command, "-nolisten", "tcp", "-noreset"], env=self.env, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                pass_fds=[writing], start_new_session=True,
            )  # fmt: skip
        os.close(writing)
        self._processes.append(process)
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        if not number:
            raise DesktopError("the X server didn't start", hint=f"its log is {self.folder / 'logs' / 'Xvfb.log'}")
        return f":{number}"

    def _server_arguments(self) -> list[str]:
        width, height = self._size
        if self._server == "Xvfb":
            return ["-screen", "0", f"{width}x{height}x24"]
        path = self.folder / "xorg.conf"
        path.write_text(_DUMMY.format(width=width, height=height))
        return ["-config", str(path), "-logfile", str(self.folder / "logs" / "Xorg.0.log"), "-novtswitch", "-sharevts"]

    def stop(self) -> None:
        """End everything the session started, and remove a temporary folder."""
        for browser in self._browsers:
            browser.close()
        if self._screen:
            self._screen.close()
            self._screen = None
        self._end_all()
        for process in self._processes:
            _end_group(process)
        self._browsers, self._processes = [], []
        if self._is_temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _end_all(self) -> None:
        """End the processes that carry the session's mark: politely, then at once."""
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            for pid in _carrying(self._mark):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal_number)
            deadline = time.monotonic() + _TERM_S
            while time.monotonic() < deadline:
                for process in self._processes:
                    process.poll()
                if not _carrying(self._mark):
                    return
                time.sleep(0.02)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End what is left of a program's own process group, which hides from `_carrying` when it writes its title over its environment."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


def _carrying(mark: str) -> list[int]:
    """Return the ids of the running processes whose environment holds a session's mark."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"{_MARK}={mark}".encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
    return found


def _environment(folder: Path, mark: str) -> dict[str, str]:
    """Return an environment of the session's own, with its folders made."""
    home, run = folder / "home", folder / "run"
    for path in (home / ".config", run, folder / "logs"):
        path.mkdir(parents=True, exist_ok=True)
    run.chmod(0o700)
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "VIRTUAL_ENV") if name in os.environ}
    return kept | {
        "HOME": str(home), "XDG_RUNTIME_DIR": str(run), "XDG_CONFIG_HOME": str(home / ".config"), _MARK: mark, "LANG": "C.UTF-8",
        "GSETTINGS_BACKEND": "memory", "GTK_MODULES": "gail:atk-bridge", "NO_AT_BRIDGE": "0", "GTK_A11Y": "atspi", "GDK_BACKEND": "x11",
        "SAL_USE_VCLPLUGIN": "gtk3", "LIBGL_ALWAYS_SOFTWARE": "1", "OMP_NUM_THREADS": "1",
    }  # fmt: skip


def _has_accessibility(bus: str) -> bool:
    """Whether the accessibility bus answers on a session bus."""
    from jeepney import DBusAddress, MessageType, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    try:
        with open_dbus_connection(bus) as connection:
            address = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
            reply = connection.send_and_get_reply(new_method_call(address, "GetAddress"), timeout=2.0)
    except (OSError, TimeoutError):
        return False
    return bool(reply.header.message_type == MessageType.method_return)
