"""One run at a time on a device, and none while a recorder runs.

Knows a lock file and the recorder's control socket. Invariant: the lock goes with the process, however it ends.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from witting.device import control
from witting.terms.errors import UsageError


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Hold the device's hands.

    Raises:
        UsageError: another run holds them, or a recorder runs.
    """
    run = data_dir / "run"
    if control.is_running(run / "control.sock"):
        raise UsageError(
            "a recording is going on; nothing was done", hint="`witting stop` ends it, then run the routine; it isn't recorded"
        )
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(run / "acting.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError("another routine is running; nothing was done", hint="wait for it, or touch the mouse to stop it") from None
        yield
    finally:
        os.close(descriptor)
