"""Sealed bytes in an object store (obstore; a local folder here), put once under a new name and on disk when `put` returns.

Knows nothing of keys or of what the bytes are. Invariant: no object is ever overwritten; listing is the store's own, not a table's.
"""

import os
import secrets
from datetime import datetime
from pathlib import Path

import obstore
from obstore.store import LocalStore

from witting.terms.errors import IntegrityError, StoreFullError


class Objects:
    """The hub's object store: names are `SESSION/ORDINAL-RANDOM`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._store = LocalStore(str(folder), automatic_cleanup=True)

    def put(self, session_id: str, ordinal: int, *, data: bytes) -> str:
        """Store sealed bytes under a fresh name and return it.

        Raises:
            StoreFullError: there is no room; nothing is left of the attempt.
        """
        name = f"{session_id}/{ordinal:06d}-{secrets.token_hex(4)}"
        try:
            obstore.put(self._store, name, data, mode="create")
            _sync(self._folder / name)
        except (OSError, obstore.exceptions.GenericError):
            self.remove(name)
            raise StoreFullError("the hub can't write to its disk; nothing was stored", hint="free some space, then send again") from None
        return name

    def get(self, name: str) -> bytes:
        """Return the bytes under `name`.

        Raises:
            IntegrityError: the object is gone.
        """
        try:
            return bytes(obstore.get(self._store, name).bytes())
        except FileNotFoundError:
            raise IntegrityError(
                "a stored object is missing", hint="restore the hub's folder `objects`; `witting hub prune` tells which"
            ) from None

    def sizes(self, session_id: str = "") -> dict[str, int]:
        """Return name and size in bytes of every object of a session, or of all, as a scan of the store finds them."""
        found = obstore.list(self._store, prefix=session_id or None).collect()
        return {entry["path"]: entry["size"] for entry in found}

    def ages(self) -> dict[str, datetime]:
        """Return name and time of last change of every object."""
        return {entry["path"]: entry["last_modified"] for entry in obstore.list(self._store).collect()}

    def remove(self, name: str) -> bool:
        """Unlink an object; False when it wasn't there."""
        try:
            obstore.delete(self._store, name)
        except FileNotFoundError:
            return False
        return True


def _sync(file: Path) -> None:
    """Have a file and its folder's entry on disk: the store itself doesn't wait for that."""
    for path in (file, file.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
