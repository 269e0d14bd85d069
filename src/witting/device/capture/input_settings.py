"""How pointer and keyboard are set: devices, scrolling, acceleration, key repeat; read at the start and when one of them changes.

Names of devices aren't read: they may hold a person's. Doesn't see input. Invariant: what the server doesn't tell is 0, never a guess.
"""

import contextlib
from typing import Any

import msgspec
import xcffib
import xcffib.xinput
import xcffib.xkb

from witting.device.capture.pointer_devices import kind_of, read_pointer
from witting.device.capture.x11 import XDisplay
from witting.terms.errors import CaptureError
from witting.terms.events import InputSettings

_ALL_DEVICES = 0
_HIERARCHY_CHANGED, _PROPERTY_CHANGED = 11, 12
_CORE_KEYBOARD = 0x100


class InputSettingsSource:
    """Reads the settings of a display and hears when devices change."""

    def __init__(self, display: XDisplay) -> None:
        self._display = display
        with contextlib.suppress(CaptureError, xcffib.XcffibException):
            xinput = display.extension(xcffib.xinput.key, "XInputExtension")
            display.ask(lambda: xinput.XIQueryVersion(2, 2))
            chosen = xcffib.xinput.EventMask.synthetic(_ALL_DEVICES, 1, [1 << _HIERARCHY_CHANGED | 1 << _PROPERTY_CHANGED])
            xinput.XISelectEvents(display.root, 1, [chosen], is_checked=True).check()
        self.settings = self._read()

    def handle(self, event: Any) -> bool:
        """Take an event; True when the settings are others now."""
        if not isinstance(event, xcffib.xinput.HierarchyEvent | xcffib.xinput.PropertyEvent):
            return False
        before, self.settings = self.settings, self._read()
        return msgspec.structs.replace(before, timestamp_ns=0) != msgspec.structs.replace(self.settings, timestamp_ns=0)

    def _read(self) -> InputSettings:
        core = self._display.connection.core
        pointer = self._display.ask(core.GetPointerControl)
        repeat = self._display.ask(core.GetKeyboardControl)
        delay_ms, interval_ms = self._repeat()
        devices = self._devices()
        return InputSettings(
            timestamp_ns=self._display.now_ns(),
            devices=tuple(sorted(kind for info in devices if (kind := kind_of(info)))),
            pointers=tuple(found for info in devices if (found := read_pointer(self._display, info))),
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

    def _devices(self) -> list[Any]:
        xinput = self._display.connection(xcffib.xinput.key)
        found = self._display.ask(lambda: xinput.XIQueryDevice(_ALL_DEVICES))
        return list(found.infos) if found else []
