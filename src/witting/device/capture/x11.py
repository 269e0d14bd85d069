"""One connection to an X server: atoms, properties, extensions, and one queue of its events.

What several sources share. Doesn't know what any of them looks for. Invariant: a window that vanished while being asked about gives
an empty answer, never an error; a lost server gives CaptureError.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import xcffib
import xcffib.randr
import xcffib.xinput
import xcffib.xproto as xp

from witting.device.capture.server_clock import ServerClock, offset_between
from witting.terms.clock import Clock, SystemClock
from witting.terms.errors import CaptureError
from witting.terms.geometry import Monitor, Rect

_ALL_MASTERS = 1
_ANY_TYPE = 0
_TEXT_WORDS = 4096  # a property's text is read up to 16 kB
_DPI = re.compile(rb"^Xft\.dpi:\s*([0-9.]+)\s*$", re.MULTILINE)
_PLAIN_DPI = 96.0
SERVER_GONE = "the session was closed; start recording again"


class XDisplay:
    """An open display.

    Raises:
        CaptureError: there is no X server of that name, or it lacks an extension that is asked for.
    """

    def __init__(self, name: str, *, clock: Clock | None = None) -> None:
        try:
            self.connection: Any = xcffib.connect(name)
        except xcffib.ConnectionException:
            message = f"there is no X display {name or '(unset)'}"
            raise CaptureError(message, hint="start a desktop session on X11 and set DISPLAY") from None
        screen = self.connection.get_setup().roots[self.connection.pref_screen]
        self.root: int = screen.root
        self.visual: int = screen.root_visual
        self.depth: int = screen.root_depth
        self.width_px: int = screen.width_in_pixels
        self.height_px: int = screen.height_in_pixels
        self._clock = clock or SystemClock()
        self._atoms: dict[str, int] = {}
        self._set_aside: deque[Any] = deque()
        self.screen_number = int(self.connection.pref_screen)
        self._root_mask = 0
        self.server_clock = ServerClock(self._clock, offset_ms=self._measure_offset())

    def fileno(self) -> int:
        """Return the socket, for select."""
        return int(self.connection.get_file_descriptor())

    def close(self) -> None:
        """End the connection; closing twice is harmless."""
        self.connection.disconnect()

    def extension(self, key: object, name: str) -> Any:
        """Return an extension's requests.

        Raises:
            CaptureError: the server doesn't have it.
        """
        found = self.ask(lambda: self.connection.core.QueryExtension(len(name), name))
        if found is None or not found.present:
            message = f"the X server has no {name} extension"
            raise CaptureError(message, hint="record on an Xorg or Xvfb server with its usual extensions")
        return self.connection(key)

    def ask(self, request: Callable[[], Any]) -> Any | None:
        """Return the reply, or None when what it asked about is gone.

        Raises:
            CaptureError: the server went away.
        """
        try:
            return request().reply()
        except xcffib.ConnectionException:
            raise CaptureError("the X server went away", hint=SERVER_GONE, code="server_gone") from None
        except xcffib.XcffibException:
            return None

    def events(self) -> Iterator[Any]:
        """Yield the events that have arrived, errors of vanished windows left out.

        Raises:
            CaptureError: the server went away.
        """
        while self._set_aside:
            yield self._set_aside.popleft()
        yield from self._poll()

    def look_ahead(self) -> list[Any]:
        """Return the events that have arrived and weren't yielded yet; `events` yields them later.

        Raises:
            CaptureError: the server went away.
        """
        self._set_aside.extend(self._poll())
        return list(self._set_aside)

    def has_set_aside(self) -> bool:
        """Whether `events` has something to yield though the socket is silent."""
        return bool(self._set_aside)

    def _poll(self) -> Iterator[Any]:
        while True:
            try:
                event = self.connection.poll_for_event()
            except xcffib.ConnectionException:
                raise CaptureError("the X server went away", hint=SERVER_GONE, code="server_gone") from None
            except xcffib.XcffibException:
                continue
            if event is None:
                return
            yield event

    def atom(self, name: str) -> int:
        """Return the number of an atom, made if need be."""
        if name not in self._atoms:
            reply = self.ask(lambda: self.connection.core.InternAtom(False, len(name), name))
            self._atoms[name] = int(reply.atom) if reply else 0
        return self._atoms[name]

    def property_bytes(self, window: int, name: str) -> bytes:
        """Return a property's bytes, empty when there is none."""
        reply = self.ask(lambda: self.connection.core.GetProperty(False, window, self.atom(name), _ANY_TYPE, 0, _TEXT_WORDS))
        return b"" if reply is None else bytes(reply.value.buf())

    def cardinals(self, window: int, name: str) -> tuple[int, ...]:
        """Return a property's 32-bit numbers."""
        data = self.property_bytes(window, name)
        return tuple(memoryview(data[: len(data) // 4 * 4]).cast("I"))

    def watch_root(self, mask: int) -> None:
        """Ask for further events of the root window."""
        self._root_mask |= mask
        self.connection.core.ChangeWindowAttributes(self.root, xp.CW.EventMask, [self._root_mask])

    def select_raw(self, mask: int) -> None:
        """Ask for XInput2 raw events of all pointers and keyboards; `mask` = bits by event type."""
        xinput = self.extension(xcffib.xinput.key, "XInputExtension")
        self.ask(lambda: xinput.XIQueryVersion(2, 2))  # 2.1 and later report raw events under grabs too
        chosen = xcffib.xinput.EventMask.synthetic(_ALL_MASTERS, 1, [mask])
        xinput.XISelectEvents(self.root, 1, [chosen], is_checked=True).check()

    def select_bells(self, mask: int) -> None:
        """Change which raw events come, after `select_raw`, without waiting for an answer."""
        chosen = xcffib.xinput.EventMask.synthetic(_ALL_MASTERS, 1, [mask])
        self.connection(xcffib.xinput.key).XISelectEvents(self.root, 1, [chosen])
        self.connection.flush()

    def area(self, window: int) -> Rect:
        """Return where a window lies on the screen, empty when it is gone."""
        return self.areas((window,))[0]

    def areas(self, windows: Sequence[int]) -> list[Rect]:
        """Return where windows lie on the screen, empty for those that are gone; all are asked for at once."""
        core = self.connection.core
        cookies = [(core.GetGeometry(window), core.TranslateCoordinates(window, self.root, 0, 0)) for window in windows]
        answers = [[self.ask(partial(sent, cookie)) for cookie in pair] for pair in cookies]
        return [_area(*pair) for pair in answers]

    def monitors(self) -> tuple[Monitor, ...]:
        """Return the monitors in force with how much the desktop magnifies; the whole screen as one when the server has no RandR 1.5."""
        randr = self.connection(xcffib.randr.key)
        self.ask(lambda: randr.QueryVersion(1, 5))
        reply = self.ask(lambda: randr.GetMonitors(self.root, True))
        scale = scale_of(self.property_bytes(self.root, "RESOURCE_MANAGER"))
        if reply is None or not reply.monitors:
            return (Monitor("screen", Rect(0, 0, self.width_px, self.height_px), scale),)
        return tuple(
            Monitor(self._atom_name(found.name), Rect(found.x, found.y, found.width, found.height), scale) for found in reply.monitors
        )

    def now_ns(self) -> int:
        """Return CLOCK_MONOTONIC, for events that carry no stamp of the server."""
        return self._clock.monotonic_ns()

    def _atom_name(self, atom: int) -> str:
        reply = self.ask(lambda: self.connection.core.GetAtomName(atom))
        return "" if reply is None else str(reply.name.to_string())

    def _measure_offset(self) -> int:
        """Learn the server's clock from the stamp of a property change on a window of our own."""
        core = self.connection.core
        window = self.connection.generate_id()
        core.CreateWindow(
            0, window, self.root, -1, -1, 1, 1, 0, xp.WindowClass.InputOnly, 0, xp.CW.EventMask, [xp.EventMask.PropertyChange]
        )
        core.ChangeProperty(xp.PropMode.Append, window, xp.Atom.WM_NAME, xp.Atom.STRING, 8, 0, b"")
        self.ask(core.GetInputFocus)
        stamp = next((event.time for event in self.events() if isinstance(event, xp.PropertyNotifyEvent)), None)
        core.DestroyWindow(window)
        return 0 if stamp is None else offset_between(stamp, self._clock.monotonic_ns())


def sent(cookie: Any) -> Any:
    """Return a question that was sent already, to be waited for."""
    return cookie


def _area(geometry: Any, place: Any) -> Rect:
    return Rect(0, 0, 0, 0) if geometry is None or place is None else Rect(place.dst_x, place.dst_y, geometry.width, geometry.height)


def scale_of(resources: bytes) -> float:
    """Return how much a desktop magnifies, from the dots per inch in its resources (Xft.dpi, 96 = 1.0); 1.0 when it doesn't say."""
    found = _DPI.search(resources)
    try:
        scale = float(found[1]) / _PLAIN_DPI if found else 1.0
    except ValueError:
        return 1.0
    return round(scale, 3) if 0.25 <= scale <= 8 else 1.0  # noqa: PLR2004 - beyond that it is no magnification
