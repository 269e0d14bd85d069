"""A file that grows by whole runs of bytes or not at all, even when the disk fills up.

Bytes written wait in memory; `flush` puts them on the disk and syncs. If they don't fit, the half-written run is cut off again, the ballast
(disk blocks held back beside the file) is given up and the same bytes are written into that room. Knows nothing of seals or records.
Invariant: between calls the file on disk ends where a run ended.
"""

import contextlib
import errno
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from witting.terms.errors import StoreFullError

if TYPE_CHECKING:
    from typing_extensions import Buffer

if sys.platform != "win32":  # pragma: no branch - the module that locks files is part of Unix only
    import fcntl

BALLAST_BYTES = 2 * 1024 * 1024  # holds what a second of recording may leave waiting, and the end of the session
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def full_error() -> StoreFullError:
    """Return the error that says the disk is full."""
    return StoreFullError(
        "the disk is full; recording stopped, and the session was closed with everything recorded so far",
        hint="free some space (`witting episodes` lists what is here, `witting drop` deletes a session), then start again",
    )


class SafeFile(io.RawIOBase):
    """A new file, 0600, held by this process; `ballast` is a file of its own beside it.

    Raises:
        FileExistsError: there is such a file.
        StoreFullError: the disk has no room to begin.
    """

    def __init__(self, path: Path, *, ballast: Path) -> None:
        super().__init__()
        self.is_full = False  # the ballast is given up; end now
        self._ballast = ballast
        self._waiting = bytearray()
        self._good_bytes = 0
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        _hold(self._fd)
        try:
            _reserve(ballast)
        except OSError as error:
            self.close()
            path.unlink()
            raise (full_error() if error.errno in FULL else error) from None

    def write(self, data: "Buffer", /) -> int:
        """Take bytes to be put on the disk by the next flush."""
        self._waiting += data
        return len(memoryview(data))

    def flush(self) -> None:
        """Put all that waits on the disk and sync.

        Raises:
            StoreFullError: it doesn't fit even in the ballast's room; the file is as it was.
        """
        if not self._waiting or self._fd < 0:
            return
        data, self._waiting = bytes(self._waiting), bytearray()
        try:
            self._put(data)
        except OSError as error:
            if error.errno not in FULL:
                raise
            self.is_full = True
            self._ballast.unlink(missing_ok=True)
            self._put_last(data)

    def hand_over(self) -> None:
        """Let go of the file but leave the ballast: another file has taken over both name and ballast."""
        os.close(self._fd)
        self._fd = -1

    def is_intact(self) -> bool:
        """Whether nobody else took the file away, cut it or added to it."""
        found = os.fstat(self._fd)
        return found.st_nlink > 0 and found.st_size == self._good_bytes

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._fd

    def close(self) -> None:
        """Let go of the file and the ballast; what waits is dropped unless flushed before."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            with contextlib.suppress(OSError):
                self._ballast.unlink(missing_ok=True)
        super().close()

    def _put_last(self, data: bytes) -> None:
        try:
            self._put(data)
        except OSError as error:
            raise (full_error() if error.errno in FULL else error) from None

    def _put(self, data: bytes) -> None:
        """Write all of `data` and sync, or leave the file as it was."""
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._fd, view) :]
            os.fsync(self._fd)
        except OSError:
            os.ftruncate(self._fd, self._good_bytes)
            os.lseek(self._fd, self._good_bytes, os.SEEK_SET)
            raise
        self._good_bytes += len(data)


def is_held(path: Path) -> bool:
    """Whether a living process is writing the file at `path`."""
    if sys.platform == "win32":
        return path.with_suffix(".ballast").exists()
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def write_private(path: Path, data: bytes) -> None:
    """Replace the file at `path`, mode 0600: the old one or the whole new one is there at any moment, synced."""
    partial = path.with_name(path.name + "-new")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring the folder's entries to the disk."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _hold(descriptor: int) -> None:
    """Show other processes that a fresh file is being written, for as long as this one lives; who only looks lets go at once."""
    if sys.platform != "win32":
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _reserve(ballast: Path) -> None:
    """Take real disk blocks, to be given back when the disk is full."""
    descriptor = os.open(ballast, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        if sys.platform == "linux":
            os.posix_fallocate(descriptor, 0, BALLAST_BYTES)
        else:
            os.write(descriptor, bytes(BALLAST_BYTES))
    finally:
        os.close(descriptor)
