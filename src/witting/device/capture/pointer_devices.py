"""What each pointing device says of its scrolling and acceleration: XInput2 scroll classes, and the properties of the libinput driver.

Names and numbers of devices aren't kept. Doesn't see input. Follows XI2.1 (ScrollClass: the increment is what makes one detent) and
libinput(4). Invariant: what a device doesn't tell is 0 or "unknown", never a guess.
"""

import struct
from typing import Any

import xcffib.xinput

from witting.device.capture.x11 import XDisplay
from witting.terms.events import AccelProfile, DeviceKind, PointerDevice, Setting

NATURAL, SPEED, PROFILE = "libinput Natural Scrolling Enabled", "libinput Accel Speed", "libinput Accel Profile Enabled"
_TOUCH_CLASS, _VALUATOR_CLASS, _SCROLL_CLASS = 8, 2, 3
_VERTICAL, _HORIZONTAL = 1, 2
_SLAVE_POINTER, _SLAVE_KEYBOARD, _FLOATING = 3, 4, 5
_DIRECT, _DEPENDENT = 1, 2
_RELATIVE = 0
_PROFILES: tuple[AccelProfile, ...] = ("adaptive", "flat", "custom")
_WORDS = 4  # of a property, 4 bytes each; none of these is longer
_ANY_TYPE = 0
_CODES = {8: "B", 16: "H", 32: "I"}  # a property's items by their bits


def kind_of(info: Any) -> DeviceKind | None:
    """Return what a device is by what it reports; masters, which stand for others, are none."""
    if info.type == _SLAVE_KEYBOARD:
        return "keyboard"
    if info.type not in {_SLAVE_POINTER, _FLOATING}:
        return None
    modes = {getattr(one, "mode", -1) for one in info.classes if one.type == _TOUCH_CLASS}
    if _DIRECT in modes:
        return "touchscreen"
    if _DEPENDENT in modes:
        return "touchpad"
    axes = {getattr(one, "mode", -1) for one in info.classes if one.type == _VALUATOR_CLASS}
    return "mouse" if _RELATIVE in axes else "other"


def read_pointer(display: XDisplay, info: Any) -> PointerDevice | None:
    """Return how a pointing device scrolls and speeds up; None for keyboards and masters."""
    kind = kind_of(info)
    if kind is None or kind == "keyboard":
        return None
    increments = {one.scroll_type: _number(one.increment) for one in info.classes if one.type == _SCROLL_CLASS}
    return PointerDevice(
        kind=kind,
        vertical_increment=increments.get(_VERTICAL, 0.0),
        horizontal_increment=increments.get(_HORIZONTAL, 0.0),
        natural_scroll=switch(_property(display, NATURAL, of=info.deviceid)),
        accel_profile=profile(_property(display, PROFILE, of=info.deviceid)),
        accel_speed=speed(_property(display, SPEED, of=info.deviceid)),
    )


def switch(data: bytes) -> Setting:
    """Return what a property of one byte says."""
    return "unknown" if not data else "on" if data[0] else "off"


def profile(data: bytes) -> AccelProfile:
    """Return the acceleration profile whose byte is set; "none" when all are off, as on devices that can't be sped up."""
    if not data:
        return "unknown"
    return next((name for name, is_set in zip(_PROFILES, data, strict=False) if is_set), "none")


def speed(data: bytes) -> float:
    """Return libinput's speed, from -1 to 1, in hundredths; 0 when it isn't told or isn't a number of that range."""
    if len(data) < struct.calcsize("f"):
        return 0.0
    (found,) = struct.unpack_from("=f", data)
    return round(found, 2) + 0.0 if -1 <= found <= 1 else 0.0


def _number(fixed: Any) -> float:
    """Return a fixed-point number of XInput2: whole part and 32 bits behind the point."""
    return float(round(fixed.integral + fixed.frac / (1 << 32), 4))


def _property(display: XDisplay, name: str, *, of: int) -> bytes:
    """Return a device property's bytes, empty when it has none."""
    xinput = display.connection(xcffib.xinput.key)
    found = display.ask(lambda: xinput.XIGetProperty(of, False, display.atom(name), _ANY_TYPE, 0, _WORDS))
    if found is None or found.format not in _CODES:  # format 0 = there is no such property
        return b""
    items = getattr(found, f"data{found.format}")
    return struct.pack(f"={len(items)}{_CODES[found.format]}", *items)
