"""Pointer, buttons, wheel and keys of an X11 session: every event, with the server's time and the pointer's exact place.

The RECORD extension carries each device event whole (server time, root_x, root_y, modifier state), but the server keeps them back until it
has something else to send. XInput2 raw events ring the bell, and one answered request empties the server's buffer. A press is read at
once, keys and the wheel a moment later, characters many at a time (`patience`), releases of keys without a bell of their own; moves ring
once when they begin (`stirring`), and until they end a thread keeps the socket from filling (`record_drain`). Measured in
docs/decisions/0008-capture.md. Doesn't know windows, consent or focus. Invariant: events come out in the server's order, none is skipped
in silence, and while the source is closed the server sends nothing.
"""

import struct
from collections.abc import Iterator
from typing import Any

import xcffib
import xcffib.record
from xcffib import c_free, ffi, lib

from witting.device.capture.keymap import KeyMap
from witting.device.capture.patience import MOVES_NS, WHEEL, Patience
from witting.device.capture.record_drain import MUCH, Drain
from witting.device.capture.record_stream import Nudge, RecordStream
from witting.device.capture.server_clock import ServerClock
from witting.device.capture.stirring import Stirring
from witting.device.capture.x11 import XDisplay
from witting.terms.clock import SystemClock
from witting.terms.errors import CaptureError
from witting.terms.raw import RawButton, RawKey, RawMove, RawWheel

RawInput = RawMove | RawButton | RawWheel | RawKey

_KEY_PRESS, _KEY_RELEASE, _BUTTON_PRESS, _BUTTON_RELEASE, _MOTION = 2, 3, 4, 5, 6
_MAPPING_NOTIFY = 34
_CORE_EVENT = struct.Struct("<BBHIIIIhhhhHBx")  # type, detail, sequence, time, root, event, child, root_x, root_y, event_x, event_y, state
_FROM_SERVER = 0  # RECORD's category of device events
_ALL_CLIENTS = 3  # XRecordAllClients
_BELLS = sum(1 << kind for kind in (13, 15, 16))  # XI2 raw key press, button press and release
_GENERIC_EVENT = 35
_RAW_KIND_AT, _RAW_DETAIL_AT, _RAW_HEAD_BYTES = 8, 16, 20  # where a raw event says what it is, and which button


class InputSource:
    """Device events of one display from the moment it is made until `close`.

    Raises:
        CaptureError: the display has no RECORD, XInput or SYNC extension.
    """

    def __init__(self, display: str) -> None:
        self._bell = XDisplay(display)
        self._bell.extension(xcffib.record.key, "RECORD")
        self._bell.select_raw(_BELLS)
        self._stirring = Stirring(self._bell)
        self._decode = EventDecoder(self._bell.server_clock, read_keymap(self._bell))
        self._patience = Patience(self._decode.keymap)
        self._data = XDisplay(display)
        self._context = self._create_context()
        self._data.connection(xcffib.record.key).EnableContext(self._context)
        self._data.connection.flush()
        self._stream = RecordStream(self._data.connection)
        self._nudging = XDisplay(display)
        self._nudge = Nudge(self._nudging.connection)
        self._clock = SystemClock()
        self._drain = Drain(self._stream, display)
        self._is_moving = False  # moves are expected; otherwise their bell is armed
        self._has_looked = False  # the last glance was in vain
        self._has_rung = False
        self._has_stirred = False  # the bell of moves rang, and nothing was read since
        self.next_deadline_ns: int | None = None  # when `read` is due though the bell is silent
        self.keyboard_window = 0  # the window that had the input focus at the last `read`
        self.may_have_lost = False  # whether the server may have lost events before the last `read`
        self._rest()
        self.read()

    def fileno(self) -> int:
        """Return the bell's socket: readable when something happened."""
        return self._bell.fileno()

    def rang(self) -> None:
        """Take note that the bell rang: `next_deadline_ns` says when to read."""
        after_ns = self._silence_bell()
        if self._has_stirred:
            self._is_moving = True
            after_ns = MOVES_NS if after_ns is None else min(after_ns, MOVES_NS)
        if after_ns is not None:
            self._has_rung = True
            due_ns = self._clock.monotonic_ns() + after_ns
            self.next_deadline_ns = due_ns if self.next_deadline_ns is None else min(due_ns, self.next_deadline_ns)

    def read(self) -> list[RawInput]:
        """Return what happened since the last call; call again when `next_deadline_ns` comes or the bell rings.

        Raises:
            CaptureError: the X server went away.
        """
        if self._is_moving and not self._has_rung:
            return self._glance()
        self._has_rung = False
        found = self._read_whole()
        after_ns = self._silence_bell()  # it may have rung while the answer was awaited
        has_stirred, self._has_stirred = self._has_stirred, False
        if any(type(item) is RawMove for item in found):
            self._is_moving = True
        elif has_stirred:
            self._rest()  # what rang was read already; a move since then rings again at once
        release_ns = self._patience.release_ns(is_news=bool(found), is_held=bool(self._decode.down))
        self._wait(MOVES_NS if after_ns is None and self._is_moving else release_ns if after_ns is None else after_ns)
        return found

    def read_now(self) -> list[RawInput]:
        """Return everything that happened until now, whatever is expected next.

        Raises:
            CaptureError: the X server went away.
        """
        self._has_rung = True
        return self.read()

    def be_prompt(self, is_prompt: bool) -> None:  # noqa: FBT001 - it is what it says
        """Read characters as soon as other keys from now on, or no longer: where each of them may change what becomes of the next."""
        self._patience.is_prompt = is_prompt

    def close(self) -> None:
        """Stop: the server forgets the context and sends nothing more."""
        self._drain.close()
        self._stream.close()
        self._nudge.close()
        for connection in (self._data, self._nudging, self._bell):
            connection.close()

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

    def _glance(self) -> list[RawInput]:
        """Return the moves that the last nudge brought, and nudge again; two glances in vain and the pointer rests."""
        found = self._take()
        if found or not self._has_looked:
            self._has_looked = not found
            self.keyboard_window = self._nudge() or self.keyboard_window
            self._wait(MOVES_NS)
            return found
        self._rest()
        self._wait(None)
        self._bell.ask(self._bell.connection.core.GetInputFocus)  # once armed the alarm rings for moves before, which are read now
        return self.read()

    def _rest(self) -> None:
        self._is_moving = self._has_looked = False
        self._stirring.arm()

    def _wait(self, after_ns: int | None) -> None:
        self.next_deadline_ns = None if after_ns is None else self._clock.monotonic_ns() + after_ns

    def _read_whole(self) -> list[RawInput]:
        focus = self._bell.ask(self._bell.connection.core.GetInputFocus)  # the answer makes the server empty RECORD's buffer
        if focus is not None:
            self.keyboard_window = int(focus.focus)
        return self._take()

    def _silence_bell(self) -> int | None:
        """Throw the raw events away; return in how many nanoseconds to read, None if there were none."""
        after_ns: int | None = None
        connection = self._bell.connection._conn  # noqa: SLF001 - parsing each would cost 10x
        while (event := lib.xcb_poll_for_event(connection)) != ffi.NULL:
            head = bytes(ffi.buffer(ffi.cast("char *", event), _RAW_HEAD_BYTES))
            c_free(event)
            kind = head[0] & 0x7F
            if kind == _MAPPING_NOTIFY:
                self._decode.keymap = read_keymap(self._bell)
                is_prompt, self._patience = self._patience.is_prompt, Patience(self._decode.keymap)
                self._patience.is_prompt = is_prompt
            elif kind == _GENERIC_EVENT:
                wanted_ns = self._patience.after_ns(head[_RAW_KIND_AT], head[_RAW_DETAIL_AT], down=self._decode.down)
                after_ns = wanted_ns if after_ns is None else min(after_ns, wanted_ns)
            elif kind == self._stirring.event_number:
                self._has_stirred = True
        return after_ns

    def _take(self) -> list[RawInput]:
        found = [event for body in self._stream.bodies(_FROM_SERVER) for event in self._decode.events(body)]
        self.may_have_lost = self._stream.take_overflow()
        if self._stream.fill > MUCH:
            self._drain.hurry()
        return found


class EventDecoder:
    """Turns core device events, 32 bytes each, into raw events; knows which keys are down, so that repeats are marked."""

    def __init__(self, clock: ServerClock, keymap: KeyMap) -> None:
        self.keymap = keymap
        self._clock = clock
        self.down: set[int] = set()

    def events(self, body: bytes) -> Iterator[RawInput]:
        """Yield the raw events of a RECORD reply's body."""
        whole = len(body) // _CORE_EVENT.size * _CORE_EVENT.size
        lift_ns = self._clock.lifter()
        for kind, detail, _, time_ms, _, _, _, x, y, _, _, state, _ in _CORE_EVENT.iter_unpack(body[:whole]):
            kind &= 0x7F  # noqa: PLW2901 - the top bit only says that a client sent it
            if kind == _MOTION:
                yield RawMove(lift_ns(time_ms), x, y)
            elif kind in {_KEY_PRESS, _KEY_RELEASE}:
                yield self._key(lift_ns(time_ms), detail, state=state, is_press=kind == _KEY_PRESS)
            elif detail not in WHEEL:
                yield RawButton(lift_ns(time_ms), x, y, detail, pressed=kind == _BUTTON_PRESS)
            elif kind == _BUTTON_PRESS:
                yield RawWheel(lift_ns(time_ms), x, y, *WHEEL[detail])

    def _key(self, timestamp_ns: int, keycode: int, *, state: int, is_press: bool) -> RawKey:
        meaning = self.keymap.look_up(keycode, state)
        is_repeat = is_press and keycode in self.down
        (self.down.add if is_press else self.down.discard)(keycode)
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
    return KeyMap(first, keys.keysyms_per_keycode, keysyms=list(keys.keysyms), modifier_keycodes=list(modifiers.keycodes))
