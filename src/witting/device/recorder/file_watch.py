"""Word from the kernel (inotify) that something in a folder changed, so that nobody has to look again and again.

Knows folders, not what lies in them. Invariant: where the kernel can't watch (`is_watching` false), the caller is told and must look by
itself; a folder that was taken away counts as changed.
"""

import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path

_MODIFY, _ATTRIB, _CLOSE_WRITE, _MOVED_FROM, _MOVED_TO = 0x2, 0x4, 0x8, 0x40, 0x80
_CREATE, _DELETE, _DELETE_SELF, _MOVE_SELF = 0x100, 0x200, 0x400, 0x800
_WATCHED = _ATTRIB | _CLOSE_WRITE | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE | _DELETE_SELF | _MOVE_SELF
_NON_BLOCKING, _CLOSE_ON_EXEC = 0o4000, 0o2000000
_READ_BYTES = 1 << 16


class FileWatch:
    """Watches some folders until `close`."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._descriptor = -1
        self.is_watching = sys.platform == "linux" and self._start(sorted(set(folders)))

    def fileno(self) -> int:
        """Return a descriptor that is readable when something changed; -1 when nothing is watched."""
        return self._descriptor

    def read(self) -> bool:
        """Return whether anything changed since the last call."""
        try:
            return bool(self._descriptor >= 0 and os.read(self._descriptor, _READ_BYTES))
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Stop watching; closing twice is harmless."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor, self.is_watching = -1, False

    def _start(self, folders: list[Path]) -> bool:
        libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = int(libc.inotify_init1(_NON_BLOCKING | _CLOSE_ON_EXEC))
        if self._descriptor < 0:
            return False
        if any(libc.inotify_add_watch(self._descriptor, os.fsencode(folder), _WATCHED) < 0 for folder in folders):
            self.close()
            return False
        return True
