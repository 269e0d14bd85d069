"""Unfinished uploads: sealed objects as they came, one file each, named by their digest. Nothing here is ever opened.

Invariant: a file under its final name is whole and has the digest it is named by, so an upload goes on after a crash where it was.
"""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from witting.hub.config import HubConfig
from witting.terms.errors import IntegrityError, StoreFullError


def stage(config: HubConfig, upload_id: str, *, digest: str, data: bytes) -> None:
    """Keep one sealed object of an upload, on disk when this returns; the same one twice is kept once.

    Raises:
        IntegrityError: the bytes don't have that digest.
        StoreFullError: there is no room; nothing is left of the attempt.
    """
    if hashlib.sha256(data).hexdigest() != digest:
        raise IntegrityError("an object isn't the one its digest names; it was not kept", hint="send it again")
    folder = _folder(config, upload_id)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, partial = tempfile.mkstemp(dir=folder, prefix=".part-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(partial).replace(folder / digest)
        except OSError:
            Path(partial).unlink(missing_ok=True)
            raise
    except OSError:
        raise StoreFullError("the hub can't write to its disk; nothing was stored", hint="free some space, then send again") from None


def staged(config: HubConfig, upload_id: str) -> frozenset[str]:
    """Return the digests of the objects that are here."""
    folder = _folder(config, upload_id)
    return frozenset(file.name for file in folder.iterdir() if not file.name.startswith(".")) if folder.is_dir() else frozenset()


def read_staged(config: HubConfig, upload_id: str, *, digest: str) -> bytes:
    """Return a staged object.

    Raises:
        IntegrityError: it was changed on disk, or is gone.
    """
    try:
        data = (_folder(config, upload_id) / digest).read_bytes()
    except FileNotFoundError:
        raise IntegrityError("an object is gone that was here; nothing was stored", hint="send the session again") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise IntegrityError("an object changed while it waited; nothing was stored", hint="send the session again")
    return data


def staged_sizes(config: HubConfig, upload_id: str) -> list[int]:
    """Return the sizes in bytes of all files of an upload, parts included."""
    folder = _folder(config, upload_id)
    return [file.stat().st_size for file in folder.iterdir()] if folder.is_dir() else []


def drop_staging(config: HubConfig, upload_id: str) -> None:
    """Unlink everything of an upload; nothing happens when there is nothing."""
    folder = _folder(config, upload_id)
    if folder.is_dir():
        shutil.rmtree(folder)


def staged_uploads(config: HubConfig) -> list[str]:
    """Return the ids of the uploads that have files here."""
    return sorted(folder.name for folder in config.staging_dir.iterdir()) if config.staging_dir.is_dir() else []


def _folder(config: HubConfig, upload_id: str) -> Path:
    return config.staging_dir / upload_id
