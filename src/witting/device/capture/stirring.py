"""A bell that the server rings once when the pointer stirs after a rest, however much it moves then.

A SYNC alarm on the idle time of the core pointer (X Synchronization Extension 3.1). Raw motion would ring with each move, and a bell that
rings with each move can be what makes RECORD lose some (`record_stream`). Invariant: while armed it rings if the pointer moved within the
last `AWAKE_MS`, also when it did so before it was armed; once it rang it is silent until armed again.
"""

import struct
from collections.abc import Callable
from typing import Any

import xcffib.sync

from witting.device.capture.x11 import XDisplay
from witting.terms.errors import CaptureError

AWAKE_MS = 100  # less than what a pointer rests before the bell is armed
_CORE_POINTER_IDLE = "DEVICEIDLETIME 2"  # 2 is XI2's number of the core pointer
_HEAD_BYTES = 32
_COUNT_AT = 8
_COUNTER = struct.Struct("<IiIH")  # counter, its resolution, length of its name; the name follows, padded to 4 bytes
_ALARM_NOTIFY = 1  # after the extension's first event


class Stirring:
    """The bell of one display; it isn't armed yet.

    Raises:
        CaptureError: the server has no such bell.
    """

    def __init__(self, display: XDisplay) -> None:
        self._display = display
        self._sync = display.extension(xcffib.sync.key, "SYNC")
        display.ask(lambda: self._sync.Initialize(3, 1))
        counter = counters_in(display.ask(lambda: _AsBytes(self._sync.ListSystemCounters())) or b"").get(_CORE_POINTER_IDLE)
        if counter is None:
            raise CaptureError("the X server doesn't tell when the pointer stirs", hint="record on an Xorg or Xvfb server of 1.13 or later")
        about = display.ask(lambda: display.connection.core.QueryExtension(len("SYNC"), "SYNC"))
        self.event_number = _ALARM_NOTIFY + (int(about.first_event) if about is not None else 0)
        self._counter = counter
        self._alarm = int(display.connection.generate_id())
        self._tell(self._sync.CreateAlarm, is_on=False)

    def arm(self) -> None:
        """Ring at the next move, or now if there was one just before."""
        self._tell(self._sync.ChangeAlarm, is_on=True)

    def _tell(self, request: Callable[[int, int, list[object]], object], *, is_on: bool) -> None:
        sync = xcffib.sync
        below = sync.INT64.synthetic(0, AWAKE_MS) if is_on else sync.INT64.synthetic(-1, 0)
        once = sync.INT64.synthetic(0, 0)
        every = sync.CA.Counter | sync.CA.ValueType | sync.CA.Value | sync.CA.TestType | sync.CA.Delta | sync.CA.Events
        kind = [sync.VALUETYPE.Absolute, below, sync.TESTTYPE.NegativeComparison, once]
        request(self._alarm, every, [self._counter, *kind, 1])
        self._display.connection.flush()


def counters_in(reply: bytes) -> dict[str, int]:
    """Return the system counters by name, out of ListSystemCounters' reply; xcffib forgets that names are padded."""
    found: dict[str, int] = {}
    if len(reply) < _HEAD_BYTES:
        return found
    at = _HEAD_BYTES
    for _ in range(struct.unpack_from("<I", reply, _COUNT_AT)[0]):
        if at + _COUNTER.size > len(reply):
            break
        number, _, _, length = _COUNTER.unpack_from(reply, at)
        end = at + _COUNTER.size + length
        if end > len(reply):
            break
        found[reply[at + _COUNTER.size : end].decode("latin-1")] = number
        at += (_COUNTER.size + length + 3) // 4 * 4
    return found


class _AsBytes:
    """A question whose answer is wanted as it came."""

    def __init__(self, cookie: Any) -> None:
        self._cookie = cookie

    def reply(self) -> bytes:
        """Return the answer's bytes."""
        return bytes(self._cookie.conn.wait_for_reply(self._cookie.sequence).buf)
