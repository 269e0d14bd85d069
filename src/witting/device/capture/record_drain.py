"""Keeps RECORD's socket from filling while the pointer moves, whatever else the recorder is busy with.

A thread that waits for the pointer to stir and then does nothing but take bytes out of a socket. Doesn't know what they say. Invariant: it
sleeps while the pointer rests, and looks so often that a socket which fills steadily is never more than about half full. A mouse's usual
rate fills it so slowly that it looks once a second; who reads the stream calls it when more comes.
"""

import contextlib
import select
import socket
import threading
from math import sqrt

import xcffib

from witting.device.capture.record_stream import RecordStream
from witting.device.capture.stirring import Stirring
from witting.device.capture.x11 import XDisplay
from witting.terms.errors import CaptureError

FIRST_S, MOST_S, LEAST_S = 0.05, 1.0, 0.005
_WANTED_FILL = 0.2
_IN_VAIN = 4  # looks that found nothing, then the pointer rests
MUCH = 0.3  # so full between two readings, it is better looked at in between
_LOOK, _STOP = b"l", b"s"


class Drain:
    """Empties one stream's socket from now on, with a connection of its own to hear that the pointer stirs.

    Raises:
        CaptureError: the server doesn't tell that.
    """

    def __init__(self, stream: RecordStream, display: str) -> None:
        self._stream = stream
        self._display = XDisplay(display)
        self._stirring = Stirring(self._display)
        self._called, self._caller = socket.socketpair()
        self._caller.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="drain", daemon=True)
        self._thread.start()

    def hurry(self) -> None:
        """Look soon: more came just now than was to be expected."""
        self._call(_LOOK)

    def close(self) -> None:
        """Stop for good."""
        self._call(_STOP)
        self._thread.join()
        self._caller.close()
        self._called.close()
        self._display.close()

    def _call(self, word: bytes) -> None:
        with contextlib.suppress(BlockingIOError):  # nobody listens any more
            self._caller.send(word)

    def _run(self) -> None:
        try:
            while self._attend():
                pass
        except (CaptureError, xcffib.ConnectionException):
            return  # the server went; who reads the stream hears of it too

    def _attend(self) -> bool:
        """Wait until the pointer stirs, then look until it rests; False when it is time to go."""
        self._stirring.arm()
        select.select([self._display.fileno(), self._called.fileno()], [], [])
        for _ in self._display.events():
            pass  # that it stirs is all they say
        wait_s, in_vain, seen = FIRST_S, 0, self._stream.came
        while in_vain < _IN_VAIN:
            called = self._listen(wait_s)
            if _STOP in called:
                return False
            self._stream.pull()
            came, seen = self._stream.came - seen, self._stream.came  # also what another pulled meanwhile
            wait_s = FIRST_S if called else next_wait_s(wait_s, came)
            in_vain = 0 if came > 0 else in_vain + 1
        return True

    def _listen(self, wait_s: float) -> bytes:
        """Return what was called within a time."""
        return self._called.recv(64) if select.select([self._called.fileno()], [], [], wait_s)[0] else b""


def next_wait_s(wait_s: float, fill: float) -> float:
    """Return how long to wait when so much came within `wait_s` that it fills `fill` of a socket, 1.0 = all of it."""
    if fill <= 0:
        return min(2 * wait_s, MOST_S)
    rate = fill / wait_s  # sockets a second; the faster, the more a busy machine may be late
    return min(max(_WANTED_FILL / (rate * sqrt(max(1.0, rate))), LEAST_S), 2 * wait_s, MOST_S)
