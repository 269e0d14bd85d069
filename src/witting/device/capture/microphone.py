"""The microphone: open from `listen` to `close`, and never otherwise.

A small program of the desktop's own sound system (PulseAudio's or PipeWire's `parec`, else ALSA's `arecord`) reads it and hands the sound
over by a pipe. Doesn't know what is said. Invariant: when the pipe is closed the program ends, so the microphone can't stay open behind us.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Sequence

from witting.terms.errors import CaptureError

RATE_HZ = 16_000
BYTES_PER_SECOND = RATE_HZ * 2
_PATIENCE_S = 1.0
_TOOLS = (
    ("parec", "--raw", "--format=s16le", f"--rate={RATE_HZ}", "--channels=1", "--latency-msec=50", "--client-name=witting voice note"),
    ("arecord", "-q", "-t", "raw", "-f", "S16_LE", "-r", str(RATE_HZ), "-c", "1"),
)


def microphone_command() -> tuple[str, ...]:
    """Return the command that reads the microphone here, empty when there is none."""
    return next((tool for tool in _TOOLS if shutil.which(tool[0])), ())


class Microphone:
    """The open microphone; `command` reads it in place of the usual tool.

    Raises:
        CaptureError: nothing here can read a microphone.
    """

    def __init__(self, command: Sequence[str] = ()) -> None:
        argv = list(command or microphone_command())
        if not argv:
            raise CaptureError("nothing here can read a microphone", hint="apt install pulseaudio-utils, or alsa-utils")
        try:
            self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        except OSError as error:
            message = f"{argv[0]} can't be started ({type(error).__name__})"
            raise CaptureError(message, hint="apt install pulseaudio-utils, or alsa-utils") from None
        assert self._process.stdout is not None  # noqa: S101 - it was asked for as a pipe
        self._pipe = self._process.stdout
        os.set_blocking(self._pipe.fileno(), False)
        self.is_over = False  # the program ended by itself
        self.has_sound = False

    def fileno(self) -> int:
        """Return the pipe, for select."""
        return self._pipe.fileno()

    def read(self) -> bytes:
        """Return the sound that has come since the last call: 16-bit mono at RATE_HZ."""
        with contextlib.suppress(BlockingIOError):
            sound = os.read(self._pipe.fileno(), BYTES_PER_SECOND)
            self.is_over = not sound
            self.has_sound = self.has_sound or bool(sound)
            return sound
        return b""

    def close(self) -> None:
        """Close the microphone; closing twice is harmless."""
        self._pipe.close()
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
