"""The monitors in force, and word of when they change: plugged in, unplugged, moved, resized, magnified.

By X events only: RandR's notices, the root window's size (which is also how the server tells of logical monitors), the desktop's resources.
Doesn't know what is drawn on monitors. Invariant: `monitors` is what the server said after the last event handled, and the display's size
is the screen's.
"""

from functools import partial
from typing import Any

import xcffib
import xcffib.randr
import xcffib.xproto as xp

from witting.device.capture.x11 import XDisplay
from witting.terms.errors import CaptureError

_NOTICES = (
    xcffib.randr.NotifyMask.ScreenChange
    | xcffib.randr.NotifyMask.CrtcChange
    | xcffib.randr.NotifyMask.OutputChange
    | xcffib.randr.NotifyMask.ResourceChange
)
_RESOURCES = "RESOURCE_MANAGER"


class TopologySource:
    """Watches the monitors of a display."""

    def __init__(self, display: XDisplay) -> None:
        self._display = display
        self._select()
        display.watch_root(xp.EventMask.StructureNotify | xp.EventMask.PropertyChange)
        self.monitors = display.monitors()

    def handle(self, event: Any) -> bool:
        """Take an event; True when the monitors are others now."""
        if isinstance(event, xcffib.randr.ScreenChangeNotifyEvent | xcffib.randr.NotifyEvent):
            return self._read()
        if isinstance(event, xp.ConfigureNotifyEvent) and event.window == self._display.root:
            self._display.width_px, self._display.height_px = event.width, event.height
            return self._read()
        is_resources = isinstance(event, xp.PropertyNotifyEvent) and event.window == self._display.root
        return is_resources and event.atom == self._display.atom(_RESOURCES) and self._read()

    def _read(self) -> bool:
        before, self.monitors = self.monitors, self._display.monitors()
        geometry = self._display.ask(partial(self._display.connection.core.GetGeometry, self._display.root))
        if geometry is not None:
            self._display.width_px, self._display.height_px = geometry.width, geometry.height
        return before != self.monitors

    def _select(self) -> None:
        """Ask for RandR's notices; a server without RandR has one screen that never changes."""
        try:
            randr = self._display.extension(xcffib.randr.key, "RANDR")
        except CaptureError:
            return
        self._display.ask(partial(randr.QueryVersion, 1, 5))
        randr.SelectInput(self._display.root, _NOTICES)
