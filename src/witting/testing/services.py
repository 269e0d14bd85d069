"""The services of a desktop that recording listens to, made up for tests: logind, UPower, NetworkManager, screen savers, a tray.

They live on a bus of their own, so that no test needs, or touches, the machine's. Knows what the real ones say and nothing of who
listens. Invariant: what is told is told as the real service tells it: a property's change by PropertiesChanged, the rest by its signal.
"""

import contextlib
import selectors
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from jeepney import DBusAddress, HeaderFields, Message, message_bus, new_error, new_method_return, new_signal

from witting.device.guards.bus import Bus
from witting.testing.x11 import wait_for

SESSION_PATH = "/org/freedesktop/login1/session/_31"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_UNKNOWN = "org.freedesktop.DBus.Error.UnknownMethod"
_TURN_S = 0.2

Answer = Callable[[Message], Message]


class PrivateBus:
    """A D-Bus daemon of its own; a context manager."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="witting-bus-")
        self.address = f"unix:path={self._folder.name}/bus"
        self._daemon = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address={self.address}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_for("the private bus", lambda: Path(self._folder.name, "bus").exists())

    def stop(self) -> None:
        """End the daemon, as when a bus goes away."""
        self._daemon.terminate()
        self._daemon.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        self._folder.cleanup()


class Services:
    """Made-up services on the bus at `address`, answered from a thread; a context manager."""

    def __init__(self, address: str) -> None:
        self._bus = Bus(address)
        self._lock = threading.Lock()
        self._properties: dict[tuple[str, str], dict[str, tuple[str, Any]]] = {}
        self._methods: dict[tuple[str, str], Answer] = {}
        self.called: list[tuple[str, tuple[Any, ...]]] = []  # methods that were called, with what
        self._is_over = False
        self._thread = threading.Thread(target=self._work, daemon=True)

    def own(self, name: str) -> None:
        """Take a well-known name."""
        with self._lock:
            self._bus.call(message_bus, "RequestName", "su", (name, 4))

    def disown(self, name: str) -> None:
        """Give a name up, as a service that ends does."""
        with self._lock:
            self._bus.call(message_bus, "ReleaseName", "s", (name,))

    def answer(self, path: str, member: str, *, by: Answer) -> None:
        """Have a method answered."""
        self._methods[path, member] = by
        self._bus.serve(path, self._reply)

    def say(self, path: str, interface: str, **values: tuple[str, Any]) -> None:
        """Set properties (each a type and a value) and tell of it."""
        with self._lock:
            self._properties.setdefault((path, interface), {}).update(values)
            self._bus.serve(path, self._reply)
            source = DBusAddress(path, interface=_PROPERTIES)
            self._bus.send(new_signal(source, "PropertiesChanged", "sa{sv}as", (interface, values, [])))

    def signal(self, path: str, name: str, *argument: Any) -> None:
        """Send a signal, named by interface and member; the argument as its signature and a tuple of values."""
        interface, _, member = name.rpartition(".")
        signature, body = argument or (None, ())
        with self._lock:
            self._bus.send(new_signal(DBusAddress(path, interface=interface), member, signature, body))

    def ask(self, target: DBusAddress, member: str, *argument: Any) -> tuple[Any, ...] | None:
        """Call a method of somebody else's on the bus and wait for the answer's body."""
        answers: list[tuple[Any, ...] | None] = []
        with self._lock:
            self._bus.call(target, member, *argument, on_answer=answers.append)
        wait_for(f"an answer to {member}", lambda: bool(answers), seconds=5.0)
        return answers[0]

    # ---- as on a real machine ----

    def add_login(self, *, is_locked: bool = False) -> None:
        """Have logind, with one session."""
        self.own("org.freedesktop.login1")
        session = "org.freedesktop.login1.Session"
        for path in (SESSION_PATH, "/org/freedesktop/login1/session/auto"):
            self.say(path, session, Id=("s", "1"), LockedHint=("b", is_locked))
        self.answer("/org/freedesktop/login1", "GetSession", by=lambda call: new_method_return(call, "o", (SESSION_PATH,)))

    def lock(self, *, is_locked: bool) -> None:
        """Have logind say that the screen is locked, or not any more."""
        self.say(SESSION_PATH, "org.freedesktop.login1.Session", LockedHint=("b", is_locked))

    def sleep(self, *, is_beginning: bool) -> None:
        """Have logind say that the machine goes to sleep, or that it woke."""
        self.signal("/org/freedesktop/login1", "org.freedesktop.login1.Manager.PrepareForSleep", "b", (is_beginning,))

    def add_battery(self, *, percent: float, on_battery: bool) -> None:
        """Have UPower, with a battery."""
        self.own("org.freedesktop.UPower")
        self.say("/org/freedesktop/UPower", "org.freedesktop.UPower", OnBattery=("b", on_battery))
        values = {"IsPresent": ("b", True), "Percentage": ("d", percent)}
        self.say("/org/freedesktop/UPower/devices/DisplayDevice", "org.freedesktop.UPower.Device", **values)

    def add_network(self, *, metered: int) -> None:
        """Have NetworkManager, with its word on whether the network is metered (1 yes, 2 no, 3 and 4 as it guesses)."""
        self.own("org.freedesktop.NetworkManager")
        self.say("/org/freedesktop/NetworkManager", "org.freedesktop.NetworkManager", Metered=("u", metered))

    def add_saver(self, name: str, path: str) -> None:
        """Have a screen saver that isn't on."""
        self.own(name)
        self.answer(path, "GetActive", by=lambda call: new_method_return(call, "b", (False,)))

    def add_tray(self) -> None:
        """Have a tray that takes items."""
        self.answer("/StatusNotifierWatcher", "RegisterStatusNotifierItem", by=new_method_return)
        self.own("org.kde.StatusNotifierWatcher")

    # ---- the thread ----

    def _reply(self, message: Message) -> Message:
        fields = message.header.fields
        path, member = str(fields[HeaderFields.path]), str(fields[HeaderFields.member])
        self.called.append((member, message.body))
        if fields.get(HeaderFields.interface) == _PROPERTIES:
            return self._property(path, message)
        answer = self._methods.get((path, member))
        return new_error(message, _UNKNOWN) if answer is None else answer(message)

    def _property(self, path: str, message: Message) -> Message:
        found: Mapping[str, tuple[str, Any]] = self._properties.get((path, message.body[0]), {})
        if len(message.body) == 1:
            return new_method_return(message, "a{sv}", (dict(found),))
        name = message.body[1]
        return new_method_return(message, "v", (found[name],)) if name in found else new_error(message, _UNKNOWN)

    def _work(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._bus.fileno(), selectors.EVENT_READ)
            while not self._is_over and self._bus.is_there:
                if selector.select(_TURN_S):
                    with self._lock:
                        self._bus.poll()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._is_over = True
        self._thread.join()
        with self._lock, contextlib.suppress(OSError):
            self._bus.close()
