"""The recorder we measure ourselves against, in a virtual environment of its own so that its pins don't meet ours.

openadapt-capture (MIT, https://github.com/OpenAdaptAI/openadapt-capture) records screen video, pointer, keys and windows; no gate, no
redaction, no sealing. Its frame rate is set to ours.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

VERSION = "1.3.0"
_VENV = Path(__file__).resolve().parent / "out" / "peers" / f"openadapt-capture-{VERSION}"
_PROGRAM = """
import sys
from openadapt_capture.recorder import Recorder
with Recorder(sys.argv[1], task_description="office", capture_video=True, capture_audio=False, screen_capture_fps=float(sys.argv[2])) as r:
    r.wait_for_ready()
    print("ready", flush=True)
    sys.stdin.readline()
"""


def openadapt_python() -> Path | None:
    """Return the Python that has the peer, setting it up if need be; None, and a line that says why, when it can't be had."""
    python = _VENV / "bin" / "python"
    if shutil.which("ffmpeg") is None:
        print("peer openadapt-capture left out: it needs ffmpeg (apt-get install ffmpeg)")
        return None
    if not python.exists():
        print(f"setting up openadapt-capture {VERSION} for comparison, once")
        subprocess.run([sys.executable, "-m", "venv", str(_VENV)], check=True)
        done = subprocess.run(
            [str(python), "-m", "pip", "install", "-q", f"openadapt-capture=={VERSION}"], check=False, capture_output=True
        )
        if done.returncode:
            shutil.rmtree(_VENV)
            print("peer openadapt-capture left out: pip could not install it")
            return None
    return python


class OpenAdapt:
    """The peer, recording; a context manager that waits until it has written everything."""

    def __init__(self, python: Path, env: Mapping[str, str], *, frames_per_s: float) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="witting-peer-")
        self.capture = Path(self._folder.name) / "capture"
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self.process = subprocess.Popen(
            [str(python), "-c", _PROGRAM, str(self.capture), str(frames_per_s)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**clean, **env},
        )  # fmt: skip
        assert self.process.stdout is not None
        if self.process.stdout.readline().strip() != b"ready":
            self.process.kill()
            raise SystemExit("openadapt-capture did not start")

    def stop(self) -> int:
        """End it; return the bytes it wrote."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(300)
        self.process.stdout.close()
        return sum(path.stat().st_size for path in self.capture.rglob("*") if path.is_file())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()
        self._folder.cleanup()
