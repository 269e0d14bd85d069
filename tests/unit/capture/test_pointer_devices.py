"""What a pointing device says of its scrolling and acceleration, read from the bytes that the server sends."""

import struct
from types import SimpleNamespace

import pytest
import xcffib
import xcffib.xinput
from hypothesis import given
from hypothesis import strategies as st

from witting.device.capture.pointer_devices import NATURAL, PROFILE, SPEED, kind_of, profile, read_pointer, speed, switch
from witting.terms.events import PointerDevice

MASTER, MOUSE, KEYBOARD, FLOATING = 1, 3, 4, 5
RELATIVE, ABSOLUTE, DIRECT, DEPENDENT = 0, 1, 1, 2


def axis(mode: int) -> bytes:
    """Return a ValuatorClass as XI2 lays it out."""
    return struct.pack("=HHHHI qqq IB3x", 2, 11, 9, 0, 0, 0, 0, 0, 1, mode)


def scroll(direction: int, increment: float) -> bytes:
    """Return a ScrollClass; the increment is a 32.32 fixed-point number."""
    whole = int(increment // 1)
    return struct.pack("=HHHHH2xIiI", 3, 6, 9, direction + 1, direction, 0, whole, round((increment - whole) * (1 << 32)))


def touch(mode: int) -> bytes:
    """Return a TouchClass."""
    return struct.pack("=HHHBB", 8, 2, 9, mode, 5)


def device(kind: int, *classes: bytes, name: bytes = b"Kim's own mouse!") -> xcffib.xinput.XIDeviceInfo:
    """Return what XIQueryDevice tells of a device, decoded from its bytes."""
    head = struct.pack("=HHHHHBx", 9, kind, 2, len(classes), len(name), 1)
    return xcffib.xinput.XIDeviceInfo(xcffib.MemoryUnpacker(head + name + b"".join(classes)))


class Server:
    """A display whose devices have these properties: name → (bits of an item, items)."""

    def __init__(self, **properties: tuple[int, list[int]]) -> None:
        self.properties = properties
        self.asked: list[str] = []

    def connection(self, _):
        """Return the extension's requests."""
        return self

    def atom(self, name: str) -> str:
        """Take the name for its number."""
        return name

    def ask(self, request):
        """Return what a request finds."""
        return request()

    def XIGetProperty(self, _device, _delete, name, *_):  # noqa: N802 - its name in the protocol
        """Return a property; format 0 when there is none."""
        self.asked.append(name)
        bits, items = self.properties.get(name, (0, []))
        return SimpleNamespace(format=bits, **{f"data{bits}": items})


@pytest.mark.parametrize(("info", "kind"), [
    (device(MOUSE, axis(RELATIVE)), "mouse"),
    (device(FLOATING, axis(RELATIVE)), "mouse"),
    (device(MOUSE, axis(ABSOLUTE)), "other"),
    (device(MOUSE, axis(RELATIVE), touch(DEPENDENT)), "touchpad"),
    (device(MOUSE, axis(ABSOLUTE), touch(DIRECT)), "touchscreen"),
    (device(KEYBOARD), "keyboard"),
    (device(MASTER, axis(RELATIVE)), None),
])  # fmt: skip
def test_what_a_device_is_follows_from_what_it_reports(info, kind):
    """Masters stand for others and are no devices of their own."""
    assert kind_of(info) == kind


def test_a_touchpad_tells_everything():
    """Both wheel axes with the increment of each, and libinput's three properties."""
    server = Server(**{
        NATURAL: (8, [1]), PROFILE: (8, [0, 1]), SPEED: (32, list(struct.unpack("=I", struct.pack("=f", -0.35)))),
    })  # fmt: skip
    found = read_pointer(server, device(MOUSE, axis(RELATIVE), axis(RELATIVE), scroll(1, 15.0), scroll(2, 7.5), touch(DEPENDENT)))
    assert found == PointerDevice("touchpad", 15.0, 7.5, "on", "flat", -0.35)
    assert set(server.asked) == {NATURAL, PROFILE, SPEED}


def test_a_device_that_tells_nothing_is_not_guessed_at():
    """No scroll class and no property: 0 and unknown."""
    assert read_pointer(Server(), device(MOUSE, axis(RELATIVE))) == PointerDevice("mouse")


@pytest.mark.parametrize("kind", [MASTER, KEYBOARD])
def test_only_pointing_devices_are_told(kind):
    """A keyboard and a master have no row, and aren't asked."""
    server = Server()
    assert read_pointer(server, device(kind, axis(RELATIVE))) is None
    assert server.asked == []


def test_a_name_is_read_by_nobody():
    """Devices carry their owners' names; nothing of it is in what is told."""
    assert "Kim" not in repr(read_pointer(Server(), device(MOUSE, axis(RELATIVE))))


@pytest.mark.parametrize(("data", "said"), [(b"", "unknown"), (b"\0", "off"), (b"\1", "on")])
def test_a_switch_is_on_off_or_not_told(data, said):
    """Nothing is not off."""
    assert switch(data) == said


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "unknown"), (b"\0\0", "none"), (b"\1\0", "adaptive"), (b"\0\1", "flat"), (b"\0\0\1", "custom"), (b"\0\0\0", "none"),
        (b"\0\0\0\1", "none"),
    ],
)  # fmt: skip
def test_the_profile_is_the_one_whose_byte_is_set(data, said):
    """Old drivers have two bytes, new ones three; what comes later has no name here."""
    assert profile(data) == said


@given(st.binary(max_size=8))
def test_a_speed_is_within_its_range_whatever_the_bytes(data):
    """NaN, infinities and short properties are no speed."""
    assert -1 <= speed(data) <= 1


@given(st.floats(-1, 1, width=32))
def test_a_speed_is_told_in_hundredths(value):
    """As libinput has it, rounded."""
    assert speed(struct.pack("=f", value)) == pytest.approx(value, abs=0.0051)


@given(st.integers(1, 3000))
def test_an_increment_survives_its_fixed_point(hundredths):
    """Touchpads say 15, mice of high resolution 120ths of a detent."""
    found = read_pointer(Server(), device(MOUSE, axis(RELATIVE), scroll(1, hundredths / 100)))
    assert found.vertical_increment == pytest.approx(hundredths / 100, abs=1e-3)
