"""One D-Bus connection that never waits: calls whose answers come later, signals by rule, and objects of our own.

Unix sockets only (jeepney opens no other kind here). Knows nothing of what is said. Invariant: a bus that isn't there, or goes away, is an
absence (`is_there` false), never an error; answers to calls that failed are None.
"""

import contextlib
import os
from collections.abc import Callable
from typing import Any

from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageType, message_bus, new_error, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

Body = tuple[Any, ...] | None
_SEND_S = 2.0
_UNKNOWN = "org.freedesktop.DBus.Error.UnknownMethod"


class Bus:
    """A connection to the bus "SYSTEM" or "SESSION", or at an address; `is_there` says whether there is one."""

    def __init__(self, name: str) -> None:
        self._connection = _open(name)
        self._waiting: dict[int, Callable[[Body], None]] = {}
        self._heard: list[tuple[MatchRule, Callable[[Message], None]]] = []
        self._objects: dict[str, Callable[[Message], Message]] = {}

    @property
    def is_there(self) -> bool:
        """Whether the bus can be spoken to."""
        return self._connection is not None

    @property
    def unique_name(self) -> str:
        """Our own name on the bus."""
        return str(self._connection.unique_name) if self._connection is not None else ""

    def fileno(self) -> int:
        """Return the socket, for select; -1 when there is none."""
        return int(self._connection.sock.fileno()) if self._connection is not None else -1

    def call(self, target: DBusAddress, member: str, *argument: Any, on_answer: Callable[[Body], None] | None = None) -> None:
        """Call a method; the argument is given as its signature and a tuple of values. The answer's body comes later, None for an error."""
        signature, body = argument or (None, ())
        self._send(new_method_call(target, member, signature, body), on_answer or _ignore)

    def get(self, target: DBusAddress, name: str, *, on_value: Callable[[Any], None]) -> None:
        """Ask for a property; its value comes later, not at all when there is none."""

        def unpack(body: Body) -> None:
            if body is not None:
                on_value(body[0][1])

        properties = target.with_interface("org.freedesktop.DBus.Properties")
        self.call(properties, "Get", "ss", (target.interface, name), on_answer=unpack)

    def hear(self, rule: MatchRule, on_signal: Callable[[Message], None]) -> None:
        """Have signals that fit a rule given to `on_signal`."""
        self._heard.append((rule, on_signal))
        self._send(new_method_call(message_bus, "AddMatch", "s", (rule.serialise(),)), _ignore)

    def serve(self, path: str, answer: Callable[[Message], Message]) -> None:
        """Have calls to an object of ours answered."""
        self._objects[path] = answer

    def send(self, message: Message) -> None:
        """Send a signal of ours."""
        self._send(message, None)

    def poll(self) -> None:
        """Take what has arrived."""
        while self._connection is not None:
            try:
                message = self._connection.receive(timeout=0)
            except TimeoutError:
                return
            except (OSError, EOFError, ValueError):
                self.close()
                return
            self._dispatch(message)

    def close(self) -> None:
        """Leave the bus; closing twice is harmless. Answers that are out come as None."""
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.close()
            self._connection = None
        waiting, self._waiting = self._waiting, {}
        for on_answer in waiting.values():
            on_answer(None)

    def _send(self, message: Message, on_answer: Callable[[Body], None] | None) -> None:
        if self._connection is None:
            if on_answer is not None:
                on_answer(None)
            return
        serial = next(self._connection.outgoing_serial)
        if on_answer is not None:
            self._waiting[serial] = on_answer
        try:
            self._connection.sock.settimeout(_SEND_S)
            self._connection.send(message, serial=serial)
        except OSError:
            self.close()

    def _dispatch(self, message: Message) -> None:
        kind, fields = message.header.message_type, message.header.fields
        if kind in {MessageType.method_return, MessageType.error}:
            on_answer = self._waiting.pop(fields.get(HeaderFields.reply_serial, -1), _ignore)
            on_answer(message.body if kind == MessageType.method_return else None)
        elif kind == MessageType.signal:
            for rule, on_signal in list(self._heard):
                if rule.matches(message):
                    on_signal(message)
        elif kind == MessageType.method_call:
            serve = self._objects.get(str(fields.get(HeaderFields.path)), _unknown)
            self._send(serve(message), None)


def watch_property(bus: Bus, target: DBusAddress, *, name: str, on_value: Callable[[Any], None]) -> None:
    """Have a property's value given to `on_value` now and whenever it changes."""
    rule = MatchRule(type="signal", interface="org.freedesktop.DBus.Properties", member="PropertiesChanged", path=target.object_path)

    def changed(message: Message) -> None:
        interface, values, stale = message.body
        if interface == target.interface and name in values:
            on_value(values[name][1])
        elif interface == target.interface and name in stale:
            bus.get(target, name, on_value=on_value)

    bus.hear(rule, changed)
    bus.get(target, name, on_value=on_value)


def _open(name: str) -> DBusConnection | None:
    if name == "SYSTEM" and "DBUS_SYSTEM_BUS_ADDRESS" not in os.environ and not os.path.exists("/run/dbus/system_bus_socket"):  # noqa: PTH110 - one look
        return None
    try:
        connection = open_dbus_connection(name)
    except (OSError, KeyError, ValueError, RuntimeError, NotImplementedError, EOFError):
        return None
    return connection


def _ignore(body: Body) -> None:
    """Nobody waits for this answer."""


def _unknown(message: Message) -> Message:
    return new_error(message, _UNKNOWN)
