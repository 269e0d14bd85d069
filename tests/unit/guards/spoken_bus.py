"""A D-Bus in memory, beneath the connection that guards listen on: it answers what it was told, and says what a test makes it say."""

import itertools
from collections import deque
from typing import Any

import pytest
from jeepney import DBusAddress, HeaderFields, Message, MessageType, new_error, new_method_return, new_signal

from witting.device.guards import bus as bus_module
from witting.device.guards.bus import Bus

PROPERTIES = "org.freedesktop.DBus.Properties"


class SpokenBus:
    """Stands for jeepney's blocking connection."""

    unique_name = ":1.7"

    def __init__(self) -> None:
        self.outgoing_serial = itertools.count(1)
        self.sock = self
        self.answers: dict[tuple[str, str], tuple[str, tuple[Any, ...]]] = {}  # by path and member; of Get, by path and property
        self.said: list[Message] = []  # what was sent over it
        self.arriving: deque[Message | Exception] = deque()
        self.is_broken = False

    def settimeout(self, seconds: float) -> None:
        """Take how long sending may last."""
        assert seconds > 0

    def fileno(self) -> int:
        """Return a descriptor that isn't used."""
        return 99

    def close(self) -> None:
        """Note that it was left."""
        self.is_broken = True

    def send(self, message: Message, serial: int) -> None:
        """Take a message; a call is answered at once, as it was told or with an error."""
        if self.is_broken:
            raise BrokenPipeError
        self.said.append(message)
        if message.header.message_type != MessageType.method_call:
            return
        fields = message.header.fields
        path, member = fields[HeaderFields.path], fields[HeaderFields.member]
        if member == "AddMatch":
            answer = new_method_return(message)
        elif (known := self.answers.get((path, message.body[1] if member == "Get" else member))) is not None:
            signature, body = known
            answer = new_method_return(message, "v" if member == "Get" else signature, ((signature, body[0]),) if member == "Get" else body)
        else:
            answer = new_error(message, "org.freedesktop.DBus.Error.ServiceUnknown")
        answer.header.fields[HeaderFields.reply_serial] = serial
        self.arriving.append(answer)

    def receive(self, timeout: float) -> Message:
        """Return what comes next."""
        assert timeout == 0
        if not self.arriving:
            raise TimeoutError
        found = self.arriving.popleft()
        if isinstance(found, Exception):
            raise found
        return found

    def signal(self, path: str, interface: str, *, member: str, signature: str, body: tuple[Any, ...]) -> None:
        """Have a signal arrive."""
        self.arriving.append(new_signal(DBusAddress(path, interface=interface), member, signature, body))

    def change(self, path: str, interface: str, **values: tuple[str, Any]) -> None:
        """Have word arrive that properties changed: signature and value by name."""
        self.signal(path, PROPERTIES, member="PropertiesChanged", signature="sa{sv}as", body=(interface, values, []))


def on_bus(monkeypatch: pytest.MonkeyPatch, spoken: SpokenBus | None) -> Bus:
    """Return a connection to a bus in memory, or to none."""
    monkeypatch.setattr(bus_module, "_open", lambda _: spoken)
    return Bus("SESSION")
