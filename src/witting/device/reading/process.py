"""The reader in a process of its own: asked for one picture at a time, within a share of the processor and within a moment.

Doesn't know what may be shown. Invariant: whatever goes wrong there (no engine, a crash, silence, no time left), the answer is a reading
that says so, so that its picture stays masked; a process that broke is ended, and with it everything that it remembered.
"""

import contextlib
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

import msgspec

from witting.device.reading.found import Gray, Mask, Reading
from witting.device.reading.wire import answer_of, question_bytes
from witting.terms.geometry import Rect

SHARE = 0.10  # of one core, over time
_SAVED_NS = 4_000_000_000  # time that wasn't used, kept for a screen that is new
_LEAST_NS = 30_000_000  # with less left nothing is asked
_PICTURE_NS = 1_000_000_000  # the most for one picture
_PATIENCE_S = 3.0  # real time, on a busy machine
_START_S = 20.0
_MOST_BREAKS = 3
_PIECE = 1 << 16
_READ = 1 << 20

COMMAND = (sys.executable, "-m", "witting.device.reading")


class Allowance:
    """Processor time that may be spent: a share of what passes, saved up to a limit."""

    def __init__(self, share: float, saved_ns: int, *, now_ns: Callable[[], int]) -> None:
        self._share, self._saved_ns, self._now_ns = share, saved_ns, now_ns
        self._left, self._at_ns = float(saved_ns), now_ns()

    def left_ns(self) -> int:
        """Return what may be spent now."""
        now_ns = self._now_ns()
        self._left = min(self._saved_ns, self._left + (now_ns - self._at_ns) * self._share)
        self._at_ns = now_ns
        return int(self._left)

    def spend(self, spent_ns: int) -> None:
        """Note what was spent."""
        self._left -= spent_ns


class ReadingProcess:
    """The reader of one session; starts with the first picture."""

    def __init__(
        self, command: Sequence[str] = COMMAND, *, now_ns: Callable[[], int] = time.monotonic_ns, patience_s: float = _PATIENCE_S
    ) -> None:
        self._command = tuple(command)
        self._patience_s = patience_s
        self._allowance = Allowance(SHARE, _SAVED_NS, now_ns=now_ns)
        self._process: subprocess.Popen[bytes] | None = None
        self._breaks = 0
        self._has_given_up = False
        self._stop_r, self._stop_w = socket.socketpair()
        self._stop_r.setblocking(False)
        self._stop_w.setblocking(False)
        self.spent_ns = 0
        self.unread = 0  # strips that stayed masked for lack of time
        self.refused = 0  # pictures that weren't read at all

    def read(self, gray: Gray, wanted: Mask, *, areas: tuple[Rect, ...]) -> Reading:
        """Return what the picture says where it is wanted; see `Reader`."""
        left_ns = self._allowance.left_ns()
        if self._has_given_up or self._breaks >= _MOST_BREAKS or left_ns < _LEAST_NS:
            self.refused += 1
            return Reading(failed=True, unlooked=areas)
        question = question_bytes(gray, wanted, areas=areas, limit_ns=min(left_ns, _PICTURE_NS))
        reading = self._ask(question)
        if reading is None:
            self.refused += 1
            return Reading(failed=True, unlooked=areas)
        self._breaks = 0
        self._allowance.spend(reading.spent_ns)
        self.spent_ns += reading.spent_ns
        self.unread += reading.unread
        return reading

    def interrupt(self) -> None:
        """Have a question that is out end at once, unanswered; may be called from another thread."""
        with contextlib.suppress(BlockingIOError):  # full: it is interrupted
            self._stop_w.send(b"\0")

    def give_up(self) -> None:
        """Have every question unanswered from now on, the one that is out too; may be called from another thread."""
        self._has_given_up = True
        self.interrupt()

    def forget(self) -> None:
        """End the process: what it remembers is gone with it. It starts anew with the next picture."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()

    def close(self) -> None:
        """End the process for good."""
        self.forget()
        self._stop_r.close()
        self._stop_w.close()

    def _ask(self, question: bytes) -> Reading | None:
        with contextlib.suppress(BlockingIOError):
            self._stop_r.recv(_PIECE)  # interruptions of before
        is_new = self._process is None
        try:
            process = self._process = self._process or self._started()
            reading = self._exchange(process, question, patience_s=_START_S if is_new else self._patience_s)
        except (OSError, ValueError, msgspec.MsgspecError):
            self._breaks += 1
            reading = None
        if reading is None:
            self.forget()
        return reading

    def _started(self) -> subprocess.Popen[bytes]:
        env = {**os.environ, "OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0, env=env
        )
        for pipe in (process.stdin, process.stdout):
            os.set_blocking(pipe.fileno(), False)  # type: ignore[union-attr] # both were asked for
        return process

    def _exchange(self, process: subprocess.Popen[bytes], question: bytes, *, patience_s: float) -> Reading | None:
        """Write the question and return the answer; None when it was interrupted or took too long."""
        deadline = time.monotonic() + patience_s
        unsent, received = memoryview(question), bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._stop_r, selectors.EVENT_READ)
            selector.register(process.stdout, selectors.EVENT_READ)  # type: ignore[arg-type] # it was asked for
            selector.register(process.stdin, selectors.EVENT_WRITE)  # type: ignore[arg-type] # it was asked for
            while (left_s := deadline - time.monotonic()) > 0:
                for key, _ in selector.select(left_s):
                    if key.fileobj is self._stop_r:
                        return None
                    if key.fileobj is process.stdin:
                        unsent = unsent[os.write(key.fd, unsent[:_READ]) :]
                        if not unsent:
                            selector.unregister(process.stdin)
                    else:
                        received += _received(key.fd)
                        if (answer := answer_of(received)) is not None:
                            return answer
        self._breaks += 1
        return None


def _received(descriptor: int) -> bytes:
    piece = os.read(descriptor, _READ)
    if not piece:
        raise BrokenPipeError
    return piece
