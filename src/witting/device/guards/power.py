"""Whether the battery is too low: UPower's word, or the kernel's where there is no UPower.

Invariant: it holds only while the machine runs on battery and the share left is at or below the floor; a machine without a battery, or one
that doesn't tell, never holds.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jeepney import DBusAddress

from witting.device.guards.bus import Bus, watch_property

_UPOWER = "org.freedesktop.UPower"
_DISPLAY_DEVICE = DBusAddress("/org/freedesktop/UPower/devices/DisplayDevice", _UPOWER, f"{_UPOWER}.Device")
_MANAGER = DBusAddress("/org/freedesktop/UPower", _UPOWER, _UPOWER)
_SUPPLIES = Path("/sys/class/power_supply")


class PowerGuard:
    """`on_change` is told whether the battery is at or below `floor` per cent; `supplies` is the kernel's folder of batteries."""

    def __init__(self, system: Bus, on_change: Callable[[bool], None], *, floor: int, supplies: Path = _SUPPLIES) -> None:
        self.floor = floor
        self._on_change = on_change
        self._supplies = supplies
        self._on_battery: bool | None = None  # by UPower's word, None = it says nothing
        self._percent: float | None = None
        self._has_battery: bool | None = None
        watch_property(system, _MANAGER, name="OnBattery", on_value=lambda value: self._hear(on_battery=bool(value)))
        watch_property(system, _DISPLAY_DEVICE, name="IsPresent", on_value=lambda value: self._hear(has_battery=bool(value)))
        watch_property(system, _DISPLAY_DEVICE, name="Percentage", on_value=lambda value: self._hear(percent=float(value)))
        self.tick()

    def tick(self) -> None:
        """Look at the kernel's word, where UPower says nothing."""
        if self._on_battery is None:
            self._on_change(self.is_low(*read_supplies(self._supplies)))

    def is_low(self, on_battery: bool, percent: float | None) -> bool:  # noqa: FBT001 - what `read_supplies` returns
        """Whether recording should hold."""
        return on_battery and percent is not None and percent <= self.floor

    def _hear(self, **said: Any) -> None:
        self._on_battery = said.get("on_battery", self._on_battery)
        self._percent = said.get("percent", self._percent)
        self._has_battery = said.get("has_battery", self._has_battery)
        is_known = self._on_battery is not None and self._has_battery
        self._on_change(bool(is_known) and self.is_low(bool(self._on_battery), self._percent))


def read_supplies(folder: Path) -> tuple[bool, float | None]:
    """Return whether a battery is being emptied, and the share left in the fullest of them; None when there is no battery."""
    shares: list[float] = []
    is_discharging = False
    for supply in sorted(folder.glob("*")):
        if _read(supply / "type") != "Battery" or _read(supply / "scope") == "Device":  # a mouse's battery is none of ours
            continue
        share = _read(supply / "capacity")
        if share.isdigit():
            shares.append(float(share))
        is_discharging = is_discharging or _read(supply / "status") == "Discharging"
    return is_discharging, max(shares, default=None)


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
