"""How pointer and keyboard are set: kinds of devices, acceleration, key repeat; read at the start and when a device comes or goes.

Names of devices aren't read: they may hold a person's. Doesn't see input. Invariant: what the server doesn't tell is 0, never a guess.
"""

import contextlib
from typing import Any

import msgspec
import xcffib
import xcffib.xinput
import xcffib.xkb

from witting.device.capture.x11 import XDisplay
from witting.terms.errors import CaptureError
from witting.terms.events import DeviceKind, InputSettings

_ALL_DEVICES = 0
_HIERARCHY_CHANGED = 11
_CORE_KEYBOARD = 0x100
_SLAVE_POINTER, _SLAVE_KEYBOARD, _FLOATING = 3, 4, 5
_TOUCH_CLASS, _VALUATOR_CLASS = 8, 2
_DIRECT, _DEPENDENT = 1, 2
_RELATIVE = 0


class InputSettingsSource:
    """Reads the settings of a display and hears when devices change."""

    def __init__(self, display: XDisplay) -> None:
        self._display = display
        with contextlib.suppress(CaptureError, xcffib.XcffibException):
            xinput = display.extension(xcffib.xinput.key, "XInputExtension")
            display.ask(lambda: xinput.XIQueryVersion(2, 2))
            chosen = xcffib.xinput.EventMask.synthetic(_ALL_DEVICES, 1, [1 << _HIERARCHY_CHANGED])
            xinput.XISelectEvents(display.root, 1, [chosen], is_checked=True).check()
        self.settings = self._read()

    def handle(self, event: Any) -> bool:
        """Take an event; True when the settings are others now."""
        if not isinstance(event, xcffib.xinput.HierarchyEvent):
            return False
        before, self.settings = self.settings, self._read()
        return msgspec.structs.replace(before, timestamp_ns=0) != msgspec.structs.replace(self.settings, timestamp_ns=0)

    def _read(self) -> InputSettings:
        core = self._display.connection.core
        pointer = self._display.ask(core.GetPointerControl)
        repeat = self._display.ask(core.GetKeyboardControl)
        delay_ms, interval_ms = self._repeat()
        return InputSettings(
            timestamp_ns=self._display.now_ns(),
            devices=self._devices(),
            accel_numerator=pointer.acceleration_numerator if pointer else 0,
            accel_denominator=pointer.acceleration_denominator if pointer else 0,
            accel_threshold_px=pointer.threshold if pointer else 0,
            has_repeat=bool(repeat and repeat.global_auto_repeat),
            repeat_delay_ms=delay_ms,
            repeat_interval_ms=interval_ms,
        )

    def _repeat(self) -> tuple[int, int]:
        try:
            xkb = self._display.extension(xcffib.xkb.key, "XKEYBOARD")
        except CaptureError:
            return 0, 0
        self._display.ask(lambda: xkb.UseExtension(1, 0))
        found = self._display.ask(lambda: xkb.GetControls(_CORE_KEYBOARD))
        return (int(found.repeatDelay), int(found.repeatInterval)) if found else (0, 0)

    def _devices(self) -> tuple[DeviceKind, ...]:
        xinput = self._display.connection(xcffib.xinput.key)
        found = self._display.ask(lambda: xinput.XIQueryDevice(_ALL_DEVICES))
        return tuple(sorted(kind for info in found.infos if (kind := _kind(info)))) if found else ()


def _kind(info: Any) -> DeviceKind | None:
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
