"""A Wayland session in memory: sway without a screen, D-Bus and accessibility, as a user that isn't root; for tests.

sway refuses root, so as root everything runs as `nobody` through runuser, the recorder too, by Debian's python with this environment's
packages. Doesn't know recording's inside. Holds: every process it starts ends with it. Needs Debian's packages of debian-packages-more.txt.
"""

import contextlib
import json
import os
import shutil
import site
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from witting.device.control import RecorderStatus
from witting.device.recorder.config import save_config
from witting.terms.errors import UsageError
from witting.testing.lender import Lender, RunningRecorder
from witting.testing.x11 import wait_for

_LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
_PROGRAMS = ("sway", "swaymsg", "grim", "dbus-daemon")
_CONFIG = """output HEADLESS-1 resolution 1280x800 position 0,0
xwayland disable
default_border none
focus_follows_mouse no
"""
_USER = "nobody"
_SIGN_MODULES = "import gi; gi.require_version('GtkLayerShell', '0.1')"


def lacks() -> str:
    """Return what this machine lacks for a Wayland session, "" when it lacks nothing."""
    missing = [program for program in _PROGRAMS if not shutil.which(program)]
    if missing:
        return ", ".join(missing)
    has_sign = subprocess.run(["/usr/bin/python3", "-c", _SIGN_MODULES], capture_output=True, check=False).returncode == 0
    return "" if has_sign else "gir1.2-gtklayershell-0.1"


class SessionRecorder(RunningRecorder):
    """A recorder of a session; it listens to its own user only, so it is spoken to as that user."""

    session: "WaylandSession"

    def tell(self, verb: str) -> RecorderStatus | None:
        """Have it carry a command out; returns its status, None when it doesn't answer."""
        call = f"control.send_command(pathlib.Path({str(self.control_path)!r}), control.Command(do={verb!r}))"
        code = f"import pathlib, sys, msgspec; from witting.device import control; sys.stdout.buffer.write(msgspec.json.encode({call}))"
        said = self.session.run(code)
        return msgspec.json.decode(said, type=RecorderStatus) if said else None

    def status(self) -> RecorderStatus:
        """Return what it does."""
        found = self.tell("status")
        if found is None:
            message = f"the recorder doesn't answer: {self.log.read_text().strip()}"
            raise UsageError(message)
        return found

    def stop(self) -> int:
        """End the session; return the exit status."""
        self.tell("stop")
        return self.process.wait(30)


class WaylandSession:
    """A sway session of its own; a context manager."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="witting-wayland-", dir="/tmp"))
        self.env: dict[str, str] = {}
        self._processes: list[subprocess.Popen[bytes]] = []
        self._is_root = os.geteuid() == 0

    def launch(self, argv: Sequence[str], *, log: str = "") -> subprocess.Popen[bytes]:
        """Start a program in the session, as its user; what it prints goes to a log file."""
        with (self.folder / f"{log or Path(argv[0]).name}.log").open("ab") as out:
            process = subprocess.Popen(
                [*self._as_user(), *argv], env=self._whole_env(), stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        self._processes.append(process)
        return process

    def ask(self, *words: str) -> Any:
        """Return what swaymsg answers."""
        done = subprocess.run(
            [*self._as_user(), "swaymsg", "-r", *words], env=self._whole_env(), capture_output=True, check=False, timeout=10
        )
        return json.loads(done.stdout or b"null")

    def windows(self) -> list[dict[str, Any]]:
        """Return the windows there are, as the compositor describes them."""
        found: list[dict[str, Any]] = []
        waiting = [self.ask("-t", "get_tree")]
        while waiting:
            node = waiting.pop() or {}
            waiting += [*node.get("nodes", ()), *node.get("floating_nodes", ())]
            if node.get("pid") and node.get("type") in {"con", "floating_con"}:
                found.append(node)
        return found

    def start_app(self, argv: Sequence[str], *, app: str) -> subprocess.Popen[bytes]:
        """Start a program and wait for a window more of its app."""
        before = sum(app in str(window.get("app_id")) for window in self.windows())
        process = self.launch(argv)
        wait_for(f"the window of {app}", lambda: sum(app in str(window.get("app_id")) for window in self.windows()) > before)
        return process

    def record(self, lender: Lender, **changes: object) -> SessionRecorder:
        """Start a recorder in the session and wait until it records."""
        config = lender.config("", **changes)
        path = lender.folder / "recorder.json"
        save_config(config, path)
        self.give(lender.folder)
        process = self.launch([*self._python(), "-m", "witting.device.recorder", "--config", str(path)], log="recorder")
        recorder = SessionRecorder(process, config.control_path, log=self.folder / "recorder.log")
        recorder.session = self
        wait_for("the recorder", lambda: process.poll() is not None or recorder.tell("status") is not None, seconds=30)
        if process.poll() is not None:
            message = f"the recorder ended with {process.returncode}: {recorder.log.read_text().strip()}"
            raise UsageError(message)
        return recorder

    def run(self, code: str) -> bytes:
        """Return what a piece of Python prints as the session's user."""
        argv = [*self._as_user(), *self._python(), "-c", code]
        return subprocess.run(argv, env=self._whole_env(), capture_output=True, check=False, timeout=30).stdout

    def give(self, path: Path) -> None:
        """Let the session's user have a folder or file."""
        if self._is_root:
            for parent in path.parents:
                if parent.owner() == "root" and len(parent.parts) > 2:  # noqa: PLR2004 - below /tmp
                    parent.chmod(parent.stat().st_mode | 0o011)
            for one in (path, *path.rglob("*")):
                shutil.chown(one, _USER)

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End everything that was started."""
        for process in reversed(self._processes):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 15)
        for process in self._processes:
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, 9)
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        self.folder.chmod(0o711)
        runtime = self.folder / "run"
        runtime.mkdir(mode=0o700)
        config = self.folder / "sway.conf"
        config.write_text(_CONFIG)
        self.give(runtime)
        self.env = {
            "HOME": str(runtime), "XDG_RUNTIME_DIR": str(runtime), "WLR_BACKENDS": "headless", "WLR_LIBINPUT_NO_DEVICES": "1",
            "WLR_RENDERER": "pixman", "GDK_BACKEND": "wayland", "GSETTINGS_BACKEND": "memory", "GTK_MODULES": "gail:atk-bridge",
            "NO_AT_BRIDGE": "0",
        }  # fmt: skip
        self.launch(["sway", "-c", str(config)])
        ipc = wait_for("sway", lambda: next(iter(runtime.glob("sway-ipc.*.sock")), None))
        wayland = wait_for("the Wayland socket", lambda: next((path for path in runtime.glob("wayland-*") if path.suffix != ".lock"), None))
        self.env |= {"SWAYSOCK": str(ipc), "WAYLAND_DISPLAY": wayland.name, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime}/bus"}
        wait_for("a screen", lambda: self.ask("-t", "get_outputs"))
        self.launch(["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address=unix:path={runtime}/bus"])
        wait_for("the session bus", (runtime / "bus").exists)
        launcher = next(path for path in _LAUNCHERS if Path(path).exists())
        self.launch([launcher, "--launch-immediately", "--a11y=1"])
        time.sleep(0.5)

    def _as_user(self) -> list[str]:
        return ["runuser", "-u", _USER, "--"] if self._is_root else []

    def _python(self) -> list[str]:
        return ["/usr/bin/python3"] if self._is_root else [sys.executable]

    def _whole_env(self) -> dict[str, str]:
        packages = [str(Path(__file__).parents[2]), *site.getsitepackages()]
        return {"PATH": os.environ["PATH"], "PYTHONPATH": ":".join(packages), "PYTHONDONTWRITEBYTECODE": "1", **self.env}
