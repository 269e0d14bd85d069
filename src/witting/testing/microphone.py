"""`python -m witting.testing.microphone FILE`: plays a raw sound as a microphone would hear it, then silence until it is closed.

For tests: stands where `parec` stands, so the sound takes the very same way. Also makes speech with flite. Doesn't know recording.
"""

import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

import numpy as np

RATE_HZ = 16_000
VOICES = ("rms", "awb", "kal16", "slt")
_PIECE_S = 0.05


def has_speech() -> bool:
    """Whether this machine can make speech."""
    return shutil.which("flite") is not None


def speech(text: str, voice: str = "rms") -> bytes:
    """Return spoken text, 16-bit mono at 16 kHz, made by flite."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True)
        with wave.open(str(path)) as file:
            rate, sound = file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), np.int16)
    at = np.arange(0, len(sound) - 1, rate / RATE_HZ)
    return np.interp(at, np.arange(len(sound)), sound).astype(np.int16).tobytes()


def words_wrong(said: str, heard: str) -> int:
    """Return how many words must be put in, taken out or changed to make one text of the other."""
    left, right = said.split(), heard.split()
    costs = list(range(len(right) + 1))
    for row, word in enumerate(left, 1):
        corner, costs[0] = costs[0], row
        for column, other in enumerate(right, 1):
            corner, costs[column] = costs[column], min(costs[column] + 1, costs[column - 1] + 1, corner + (word != other))
    return costs[-1]


def main(path: Path) -> None:
    """Write the sound at its own pace, then silence."""
    sound = path.read_bytes()
    step = int(RATE_HZ * _PIECE_S) * 2
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        at = 0
        while True:
            sys.stdout.buffer.write(sound[at : at + step].ljust(step, b"\0"))
            sys.stdout.buffer.flush()
            at += step
            time.sleep(_PIECE_S / 4 if at < len(sound) else _PIECE_S)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
