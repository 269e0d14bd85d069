"""Keeps RECORD's socket from filling while the pointer moves, whatever else the recorder is busy with.

A thread that waits for the pointer to stir and then does nothing but take bytes out of a socket. Doesn't know what they say. Invariant: it
sleeps while the pointer rests, and looks so often that a socket which fills steadily is never more than about half full.
"""

import select
import socket
import threading

import xcffib

from witting.device.capture.record_stream import RecordStream
from witting.device.capture.stirring import Stirring
from witting.device.capture.x11 import XDisplay
from witting.terms.errors import CaptureError

FIRST_S, LEAST_S = 0.1, 0.005
_WANTED_FILL = 0.2
_IN_VAIN = 4  # looks that found nothing, then the pointer rests


class Drain:
    """Empties one stream's socket from now on, with a connection of its own to hear that the pointer stirs.

    Raises:
        CaptureError: the server doesn't tell that.
    """

    def __init__(self, stream: RecordStream, display: str) -> None:
        self._stream = stream
        self._display = XDisplay(display)
        self._stirring = Stirring(self._display)
        self._closing, self._closer = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="drain", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop for good."""
        self._closer.send(b"x")
        self._thread.join()
        self._closer.close()
        self._closing.close()
        self._display.close()

    def _run(self) -> None:
        try:
            while self._wait():
                pass
        except (CaptureError, xcffib.ConnectionException):
            return  # the server went; who reads the stream hears of it too

    def _wait(self) -> bool:
        """Wait until the pointer stirs, then look until it rests; False when it is time to go."""
        self._stirring.arm()
        closing = self._closing.fileno()
        heard = select.select([self._display.fileno(), closing], [], [])[0]
        for _ in self._display.events():
            pass  # that it stirs is all they say
        wait_s, in_vain = FIRST_S, 0
        while closing not in heard and in_vain < _IN_VAIN:
            heard = select.select([closing], [], [], wait_s)[0]
            fill = self._stream.pull()
            wait_s, in_vain = next_wait_s(wait_s, fill), 0 if fill > 0 else in_vain + 1
        return closing not in heard


def next_wait_s(wait_s: float, fill: float) -> float:
    """Return how long to wait after a socket was found `fill` full, 1.0 = full, when `wait_s` were waited before."""
    if fill <= 0:
        return min(2 * wait_s, FIRST_S)
    return min(max(wait_s * min(_WANTED_FILL / fill, 2), LEAST_S), FIRST_S)
