"""Running witting's own verbs as processes, as a person would; what they print goes to a log that the leak scan reads too."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import msgspec

from witting.demo.stage import CheckFailedError

WITTING = (sys.executable, "-m", "witting")
_STOP_S = 15.0


def run_verb(arguments: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None, may_fail: bool = False) -> dict[str, Any]:
    """Run a verb with --json and return what it printed; with `may_fail`, a failure returns its exit code and error instead.

    Raises:
        CheckFailedError: the verb failed.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    ended = subprocess.run([*WITTING, *arguments, "--json"], capture_output=True, text=True, check=False, env=dict(env or os.environ))
    with log.open("a") as out:
        out.write(f"$ witting {' '.join(arguments[:2])} …\n{ended.stderr}")
    if ended.returncode and may_fail:
        return {"exit_code": ended.returncode, "error": ended.stderr.strip()}
    if ended.returncode:
        message = f"`witting {' '.join(arguments[:2])}` ended with {ended.returncode}: {ended.stderr.strip()[-400:]}"
        raise CheckFailedError(message, hint=f"its log is {log}")
    lines = ended.stdout.strip().splitlines()
    found: dict[str, Any] = msgspec.json.decode("\n".join(lines) if lines else "{}")
    return found


class Process:
    """A verb that keeps running; a context manager that stops it."""

    def __init__(self, arguments: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log.open("ab")
        self._name = " ".join(arguments[:2])
        self.process = subprocess.Popen(
            [*WITTING, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._log, env=dict(env or os.environ)
        )

    def first_line(self) -> dict[str, Any]:
        """Return the JSON object that it prints when it is ready.

        Raises:
            CheckFailedError: it ended before.
        """
        out = self.process.stdout
        line = out.readline() if out is not None else b""
        if not line.strip():
            message = f"`witting {self._name}` ended with {self.process.wait(_STOP_S)} before it was ready"
            raise CheckFailedError(message, hint=f"its log is {self._log.name}")
        found: dict[str, Any] = msgspec.json.decode(line)
        return found

    def stop(self) -> int:
        """End it if it hasn't ended, let go of its output, and return its exit code.

        Raises:
            CheckFailedError: it didn't end in time and was killed.
        """
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            message = f"`witting {self._name}` didn't end within {_STOP_S:.0f} s of being told to, and was killed"
            raise CheckFailedError(message, hint=f"its log is {self._log.name}") from None
        finally:
            if self.process.stdout is not None:
                self.process.stdout.close()
            self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
