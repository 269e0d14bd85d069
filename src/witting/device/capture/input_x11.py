"""Pointer, buttons, wheel and keys of an X11 session: every event, with the server's time and the pointer's exact place.

The RECORD extension carries each device event whole (server time, root_x, root_y, modifier state), but the server keeps them back until it
has something else to send. XInput2 raw events are that something: they ring the bell, one request more empties the server's buffer, and
events are read in batches. Measured in docs/decisions/0008-capture.md. Doesn't know windows, consent or focus. Invariant: events come
out in the server's order, none is skipped, and while the source is closed the server sends nothing.
"""

import struct
from collections.abc import Iterator
from typing import Any

import xcffib
import xcffib.record
from xcffib import c_free, ffi, lib

from witting.device.capture.keymap import KeyMap
from witting.device.capture.server_clock import ServerClock
from witting.device.capture.x11 import SERVER_GONE, XDisplay
from witting.terms.errors import CaptureError
from witting.terms.raw import RawButton, RawKey, RawMove, RawWheel

RawInput = RawMove | RawButton | RawWheel | RawKey

_KEY_PRESS, _KEY_RELEASE, _BUTTON_PRESS, _BUTTON_RELEASE, _MOTION = 2, 3, 4, 5, 6
_MAPPING_NOTIFY = 34
_CORE_EVENT = struct.Struct("<BBHIIIIhhhhHBx")  # type, detail, sequence, time, root, event, child, root_x, root_y, event_x, event_y, state
_REPLY_HEADER_BYTES = 32
_FROM_SERVER = 0  # RECORD's category of device events
_ALL_CLIENTS = 3  # XRecordAllClients
_ROUNDS = 3
_WHEEL = {4: (0, -1), 5: (0, 1), 6: (-1, 0), 7: (1, 0)}
_RING_MASK = sum(1 << kind for kind in (13, 14, 15, 16, 17))  # XI2 raw key press and release, button press and release, motion


class InputSource:
    """Device events of one display from the moment it is made until `close`.

    Raises:
        CaptureError: the display has no RECORD or XInput extension.
    """

    def __init__(self, display: str) -> None:
        self._bell = XDisplay(display)
        self._bell.extension(xcffib.record.key, "RECORD")
        self._bell.select_raw(_RING_MASK)
        self._decode = EventDecoder(self._bell.server_clock, read_keymap(self._bell))
        self._data = XDisplay(display)
        self._context = self._create_context()
        self._cookie = self._data.connection(xcffib.record.key).EnableContext(self._context)
        self._data.connection.flush()
        self._reply = ffi.new("void **")
        self._error = ffi.new("xcb_generic_error_t **")
        self.has_more = False
        self.keyboard_window = 0  # the window that had the input focus at the last `read`
        self.read()

    def fileno(self) -> int:
        """Return the bell's socket: readable when something happened."""
        return self._bell.fileno()

    def read(self) -> list[RawInput]:
        """Return what happened since the last call; while `has_more`, call again soon though the bell is silent.

        Raises:
            CaptureError: the X server went away.
        """
        found: list[RawInput] = []
        self._silence_bell()
        for _ in range(_ROUNDS):
            focus = self._bell.ask(self._bell.connection.core.GetInputFocus)  # the answer makes the server empty RECORD's buffer
            if focus is not None:
                self.keyboard_window = int(focus.focus)
            found += self._drain()
            self.has_more = self._silence_bell()  # it may have rung while the answer was awaited
            if not self.has_more:
                break
        return found

    def close(self) -> None:
        """Stop: the server forgets the context and sends nothing more."""
        self._data.close()
        self._bell.close()

    def _create_context(self) -> int:
        record = xcffib.record
        none = record.Range8.synthetic(0, 0)
        no_extension = record.ExtRange.synthetic(none, record.Range16.synthetic(0, 0))
        devices = record.Range8.synthetic(_KEY_PRESS, _MOTION)
        wanted = record.Range.synthetic(
            none, none, no_extension, no_extension, none, devices, none, client_started=False, client_died=False
        )
        context = int(self._bell.connection.generate_id())
        self._bell.connection(record.key).CreateContext(context, 0, 1, 1, [_ALL_CLIENTS], [wanted], is_checked=True).check()
        return context

    def _silence_bell(self) -> bool:
        """Throw the raw events away, return whether there were any; a changed keyboard mapping is read anew."""
        is_remapped = has_rung = False
        while (event := lib.xcb_poll_for_event(self._bell.connection._conn)) != ffi.NULL:  # noqa: SLF001 - parsing each would cost 10x
            has_rung = True
            is_remapped = is_remapped or event.response_type & 0x7F == _MAPPING_NOTIFY
            c_free(event)
        if is_remapped:
            self._decode.keymap = read_keymap(self._bell)
        return has_rung

    def _drain(self) -> Iterator[RawInput]:
        connection = self._data.connection
        while lib.xcb_poll_for_reply(connection._conn, self._cookie.sequence, self._reply, self._error):  # noqa: SLF001 - xcffib only waits
            found = self._reply[0]
            if found == ffi.NULL:
                break
            header = ffi.buffer(ffi.cast("char *", found), _REPLY_HEADER_BYTES)
            _, category, length = struct.unpack_from("<BB2xI", header)
            body = bytes(ffi.buffer(ffi.cast("char *", found) + _REPLY_HEADER_BYTES, length * 4))
            c_free(found)
            if category == _FROM_SERVER:
                yield from self._decode.events(body)
        if connection.has_error():
            raise CaptureError("the X server went away", hint=SERVER_GONE, code="server_gone")


class EventDecoder:
    """Turns core device events, 32 bytes each, into raw events; knows which keys are down, so that repeats are marked."""

    def __init__(self, clock: ServerClock, keymap: KeyMap) -> None:
        self.keymap = keymap
        self._clock = clock
        self._down: set[int] = set()

    def events(self, body: bytes) -> Iterator[RawInput]:
        """Yield the raw events of a RECORD reply's body."""
        whole = len(body) // _CORE_EVENT.size * _CORE_EVENT.size
        for kind, detail, _, time_ms, _, _, _, x, y, _, _, state, _ in _CORE_EVENT.iter_unpack(body[:whole]):
            timestamp_ns = self._clock.lift_ns(time_ms)
            match kind & 0x7F:
                case 6:
                    yield RawMove(timestamp_ns, x, y)
                case 4 | 5 if detail in _WHEEL:
                    if kind & 0x7F == _BUTTON_PRESS:
                        yield RawWheel(timestamp_ns, x, y, *_WHEEL[detail])
                case 4 | 5:
                    yield RawButton(timestamp_ns, x, y, detail, pressed=kind & 0x7F == _BUTTON_PRESS)
                case 2 | 3:
                    yield self._key(timestamp_ns, detail, state, is_press=kind & 0x7F == _KEY_PRESS)

    def _key(self, timestamp_ns: int, keycode: int, state: int, *, is_press: bool) -> RawKey:
        meaning = self.keymap.look_up(keycode, state)
        is_repeat = is_press and keycode in self._down
        (self._down.add if is_press else self._down.discard)(keycode)
        return RawKey(timestamp_ns, meaning.keysym, meaning.text, is_press, meaning.modifiers, is_repeat)


def read_keymap(display: XDisplay) -> KeyMap:
    """Return the display's keyboard mapping as it is now.

    Raises:
        CaptureError: the server doesn't tell.
    """
    core = display.connection.core
    setup = display.connection.get_setup()
    first, count = setup.min_keycode, setup.max_keycode - setup.min_keycode + 1
    keys: Any = display.ask(lambda: core.GetKeyboardMapping(first, count))
    modifiers: Any = display.ask(core.GetModifierMapping)
    if keys is None or modifiers is None:
        raise CaptureError("the X server doesn't tell its keyboard mapping", hint="check with `xmodmap -pke`")
    return KeyMap(first, keys.keysyms_per_keycode, list(keys.keysyms), list(modifiers.keycodes))
