"""Where the keys of sealed sessions are kept: each wrapped by one device key, each destroyable on its own.

The device key is protected by the desktop's keyring, by a passphrase (Argon2id), or, where there is neither, by nothing but the file's
mode 0600; `protection` says which is in force, so that a page can. Destroying overwrites the wrapped key, then unlinks it: overwriting
reaches the bytes on plain disks; on flash and journals old blocks may stay, unreadable without the device key.
Invariant: no key is on disk in the clear except the device key under protection "file".
"""

import base64
import os
import re
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Literal, Protocol

import msgspec
from nacl import pwhash

from witting.ledger.seals.objects import KEY_BYTES, new_key, open_object, seal_object
from witting.terms.errors import SealError, StoreLockedError

Protection = Literal["keyring", "passphrase", "file"]

_SERVICE = "witting"
_DEVICE_FILE = "device.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_OPERATIONS = pwhash.argon2id.OPSLIMIT_MODERATE
_MEMORY_BYTES = pwhash.argon2id.MEMLIMIT_MODERATE


class Keyring(Protocol):
    """A desktop keyring; the module `keyring` is one."""

    def get_password(self, service_name: str, username: str) -> str | None:
        """Return the secret kept under the two names."""
        ...

    def set_password(self, service_name: str, username: str, *, password: str) -> None:
        """Keep a secret under the two names."""
        ...

    def delete_password(self, service_name: str, username: str) -> None:
        """Delete the secret under the two names."""
        ...


class _Device(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in device.json."""

    version: Literal[1]
    protection: Protection
    store_id: str  # names this store in the keyring
    key: bytes  # the device key: sealed, except under protection "file"
    salt: bytes = b""  # Argon2id salt
    operations: int = 0  # Argon2id cost
    memory_bytes: int = 0  # Argon2id memory


def system_keyring() -> Keyring | None:
    """Return the desktop's keyring, or None where there is none that keeps secrets."""
    try:
        import keyring
        from keyring.backends import fail, null
    except ImportError:
        return None
    backend = keyring.get_keyring()
    if isinstance(backend, (fail.Keyring, null.Keyring)) or backend.priority < 1:
        return None
    found: Keyring = backend
    return found


class KeyStore:
    """Keys in a folder, one wrapped file each; made on first use. With neither passphrase nor keyring the device key is a 0600 file.

    Raises:
        StoreLockedError: the device key can't be had: wrong or missing passphrase, or a keyring that doesn't hold it.
        SealError: device.json isn't one.
    """

    def __init__(self, path: Path, *, passphrase: str | None = None, keyring: Keyring | None = None) -> None:
        self._path = path
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
        device = _read_device(path / _DEVICE_FILE)
        if device is None:
            device = _make_device(path / _DEVICE_FILE, passphrase, keyring=keyring)
        self.protection: Protection = device.protection  # what guards the device key
        self._key = _open_device(device, passphrase, keyring=keyring)
        self._keyring_entry = (keyring, device.store_id) if keyring is not None and device.protection == "keyring" else None

    def new_key(self, name: str) -> bytes:
        """Make, keep and return 32 fresh bytes under `name`, a session id for instance.

        Raises:
            FileExistsError: there is a key of that name.
        """
        key = new_key()
        self.keep(name, key)
        return key

    def keep(self, name: str, secret: bytes) -> None:
        """Keep a secret under a new name.

        Raises:
            FileExistsError: there is one of that name.
        """
        _write_new(self._file(name), seal_object(self._key, secret, name=name.encode()))

    def key(self, name: str) -> bytes:
        """Return the secret kept under `name`.

        Raises:
            SealError: it was destroyed or never kept, or its file was changed.
        """
        try:
            wrapped = self._file(name).read_bytes()
        except FileNotFoundError:
            raise SealError("there is no key of that name: destroyed, or never made here", hint="what it sealed can't be read") from None
        return open_object(self._key, wrapped, name=name.encode())

    def has(self, name: str) -> bool:
        """Whether a key is kept under `name`."""
        return self._file(name).exists()

    def names(self) -> tuple[str, ...]:
        """Return the names of all keys kept, sorted."""
        return tuple(sorted(file.name.removesuffix(".key") for file in self._path.glob("*.key")))

    def destroy(self, name: str) -> bool:
        """Overwrite and unlink a key; what it sealed can't be read again. False when there was none."""
        file = self._file(name)
        try:
            _overwrite(file)
            file.unlink()
        except FileNotFoundError:
            return False
        _sync_folder(self._path)
        return True

    def replace(self, name: str, by: str) -> None:
        """Put the secret kept under `by` in place of `name`'s, which is overwritten; after a crash call it again, it ends the same.

        Raises:
            SealError: nothing is kept under `by`.
        """
        wrapped = seal_object(self._key, self.key(by), name=name.encode())
        file, partial = self._file(name), self._path / f".{name}.replacing"
        _overwrite(file)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
            handle.write(wrapped)
            handle.flush()
            os.fsync(handle.fileno())
        partial.replace(file)
        _sync_folder(self._path)
        self.destroy(by)

    def remove(self) -> int:
        """Destroy every key, the device key and its place in the keyring; returns how many keys were kept. The store is of no use after."""
        destroyed = sum(self.destroy(name) for name in self.names())
        if self._keyring_entry is not None:
            keyring, store_id = self._keyring_entry
            keyring.delete_password(_SERVICE, store_id)
            self._keyring_entry = None
        (self._path / _DEVICE_FILE).unlink(missing_ok=True)
        self._key = new_key()
        return destroyed

    def share(self, folder: Path) -> None:
        """Make a store of the same keys in a new folder, by linking files; a key destroyed in one is then destroyed in both.

        Where files can't be linked they are copied, and each store has to destroy its own.
        """
        folder.mkdir(mode=0o700, parents=True)
        for file in (self._path / _DEVICE_FILE, *self._path.glob("*.key")):
            try:
                os.link(file, folder / file.name)
            except OSError:  # another file system
                shutil.copy2(file, folder / file.name)
        _sync_folder(folder)

    def _file(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("a key's name is 1 to 80 letters, digits, dots, dashes")
        return self._path / f"{name}.key"


def _overwrite(file: Path) -> None:
    """Replace a file's bytes where they lie by random ones."""
    with file.open("r+b", buffering=0) as handle:
        handle.write(secrets.token_bytes(file.stat().st_size))
        os.fsync(handle.fileno())


def _read_device(file: Path) -> _Device | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Device)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError:
        message = f"{file.name} of the key store can't be read"
        raise SealError(message, hint="restore it from a backup; no key was touched") from None


def _make_device(file: Path, passphrase: str | None, *, keyring: Keyring | None) -> _Device:
    made = _new_device(passphrase, keyring)
    try:
        _write_new(file, msgspec.json.encode(made))
    except FileExistsError:  # another process was first: theirs holds
        return _read_device(file) or made
    return made


def _new_device(passphrase: str | None, keyring: Keyring | None) -> _Device:
    key, store_id = new_key(), secrets.token_hex(8)
    if passphrase is not None:
        salt = secrets.token_bytes(pwhash.argon2id.SALTBYTES)
        wrapping = _stretch(passphrase, salt, operations=_OPERATIONS, memory_bytes=_MEMORY_BYTES)
        sealed = seal_object(wrapping, key, name=store_id.encode())
        return _Device(1, "passphrase", store_id, sealed, salt, _OPERATIONS, _MEMORY_BYTES)
    if keyring is not None:
        wrapping = new_key()
        keyring.set_password(_SERVICE, store_id, password=base64.b64encode(wrapping).decode())
        return _Device(1, "keyring", store_id, seal_object(wrapping, key, name=store_id.encode()))
    return _Device(1, "file", store_id, key)


def _open_device(device: _Device, passphrase: str | None, *, keyring: Keyring | None) -> bytes:
    if device.protection == "file":
        return device.key
    if device.protection == "passphrase":
        if passphrase is None:
            raise StoreLockedError("the key store is locked by a passphrase", hint="give the passphrase")
        wrapping = _stretch(passphrase, device.salt, operations=device.operations, memory_bytes=device.memory_bytes)
    else:
        secret = keyring.get_password(_SERVICE, device.store_id) if keyring is not None else None
        if secret is None:
            raise StoreLockedError(
                "the desktop's keyring doesn't hold this store's key", hint="unlock the keyring of this user, then retry"
            )
        wrapping = base64.b64decode(secret)
    try:
        return open_object(wrapping, device.key, name=device.store_id.encode())
    except SealError:
        raise StoreLockedError(
            "the key store doesn't open with that", hint="check the passphrase or keyring; nothing was changed"
        ) from None


def _stretch(passphrase: str, salt: bytes, *, operations: int, memory_bytes: int) -> bytes:
    return pwhash.argon2id.kdf(KEY_BYTES, passphrase.encode(), salt, opslimit=operations, memlimit=memory_bytes)


def _write_new(file: Path, data: bytes) -> None:
    """Write a file that didn't exist, whole or not at all, mode 0600, on disk when this returns."""
    descriptor, partial = tempfile.mkstemp(dir=file.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        os.link(partial, file)
    finally:
        Path(partial).unlink()
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows has no handle of a folder to sync
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
