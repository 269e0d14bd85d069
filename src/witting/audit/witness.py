"""A witness of logs (C2SP tlog-witness): remembers the largest state of each log it saw, and cosigns only what continues it.

One folder, one key, whoever holds them: the works council, not those who run the hub. Knows no HTTP. Invariant: what it cosigned is on the
disk before anybody gets the cosignature, and a state that doesn't continue the one on the disk is never cosigned.
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from witting.ledger.keys import SigningKey
from witting.ledger.log.checkpoint import Checkpoint, claimed, cosign, cosigner_key, key_name, open_checkpoint, open_cosignature
from witting.ledger.log.proofs import verify_consistency
from witting.ledger.log.tree import EMPTY_ROOT
from witting.ledger.log.witness_request import read_request
from witting.terms.clock import Clock, SystemClock
from witting.terms.errors import LogError, StoreLockedError, UsageError

CONFIG_FILE = "witness.json"
_KEY_FILE = "key"
_NAME = re.compile(r"[^\s+]{1,200}")
_HINT = "nothing was cosigned"


class RefusedError(LogError):
    """The witness doesn't cosign; `code` names the reason, and `status` is what C2SP tlog-witness answers."""

    def __init__(self, message: str, *, code: str, status: int, size: int = 0) -> None:
        super().__init__(message, hint=_HINT, code=code)
        self.status = status
        self.size = size  # of the newest state that was cosigned, for `stale`


class _Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `witness.json` holds."""

    name: str  # the witness's own
    logs: dict[str, str]  # verifier key by origin


class Witness:
    """The witness kept in one folder."""

    def __init__(self, folder: Path, *, clock: Clock | None = None) -> None:
        self._folder = folder
        self._clock = clock or SystemClock()
        try:
            self._config = msgspec.json.decode((folder / CONFIG_FILE).read_bytes(), type=_Config)
            self._key = SigningKey.from_seed((folder / _KEY_FILE).read_bytes())
        except FileNotFoundError:
            message = f"{folder} holds no witness"
            raise UsageError(message, hint="`witting witness key` makes one") from None
        except (msgspec.MsgspecError, ValueError):
            raise StoreLockedError("the witness's key or settings can't be read", hint="restore its folder from a backup") from None

    @property
    def verifier(self) -> str:
        """The witness's key, as programmes and verifiers are given it (C2SP vkey)."""
        return cosigner_key(self._config.name, self._key.public)

    @property
    def logs(self) -> dict[str, str]:
        """The logs it knows: verifier key by origin."""
        return dict(self._config.logs)

    def add_checkpoint(self, body: str) -> str:
        """Return the cosignature line for a request of C2SP `add-checkpoint`.

        Raises:
            RefusedError: malformed, of an unknown log, not signed by it, older than what was cosigned, or not its continuation.
        """
        try:
            old, proof, note = read_request(body)
            claim = claimed(note)
        except LogError:
            raise _malformed() from None
        verifier = self._config.logs.get(claim.origin)
        if verifier is None:
            message = f"this witness doesn't know a log called {claim.origin[:80]!r}"
            raise RefusedError(message, code="unknown_origin", status=404)
        try:
            new = open_checkpoint(note, verifier)
        except LogError:
            raise RefusedError("the checkpoint isn't signed by its log's key", code="not_signed", status=403) from None
        if old > new.size:
            raise RefusedError("the old size is larger than the checkpoint's", code="malformed", status=400)
        with self._alone():
            before = self._latest(new.origin)
            _check_continues(before, new, old=old, proof=proof)
            line = cosign(note, self._key, name=self._config.name, timestamp=int(self._clock.now().timestamp()))
            self._keep(new.origin, note + line)
        return line

    def latest(self, origin_hash: str) -> str | None:
        """Return the newest cosigned checkpoint of the log whose origin has this SHA-256 (hex); None when there is none."""
        if not re.fullmatch(r"[0-9a-f]{64}", origin_hash):
            return None
        file = self._folder / f"{origin_hash}.checkpoint"
        return file.read_text("utf-8") if file.exists() else None

    def _latest(self, origin: str) -> Checkpoint:
        """Return the newest state of a log that was cosigned; a damaged file is no fresh start."""
        note = self.latest(_hash(origin))
        if note is None:
            return Checkpoint(origin, 0, EMPTY_ROOT)
        try:
            open_cosignature(note, self.verifier)
            return claimed(note)
        except LogError:
            raise StoreLockedError(
                "what the witness cosigned last can't be read", hint="restore its folder; nothing was cosigned"
            ) from None

    def _keep(self, origin: str, note: str) -> None:
        """Put the newest state on the disk, whole or not at all."""
        _write_durably(self._folder / f"{_hash(origin)}.checkpoint", note.encode())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder against other requests and processes: comparing and keeping are one deed."""
        descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def make_witness(folder: Path, name: str) -> Witness:
    """Make a witness with a fresh key in a folder that only its holder may read, and return it.

    Raises:
        UsageError: the folder holds one already, or the name can't be one.
    """
    if not _NAME.fullmatch(name):
        raise UsageError("a witness's name has no space or plus", hint="name it like `council.example.org/witness`")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / CONFIG_FILE).exists():
        message = f"{folder} holds a witness already"
        raise UsageError(message, hint="its key stays as it is; name another folder for another witness")
    _write_durably(folder / _KEY_FILE, SigningKey.generate().seed)
    _write_durably(folder / CONFIG_FILE, msgspec.json.encode(_Config(name=name, logs={})))
    return Witness(folder)


def trust_log(folder: Path, verifier: str) -> str:
    """Have the witness in `folder` know a log by its key and return the log's name; a known one's key is never replaced.

    Raises:
        UsageError: the log is known under another key.
        LogError: it is no verifier key.
    """
    witness = Witness(folder)
    origin = key_name(verifier)
    known = witness.logs.get(origin)
    if known not in {None, verifier}:
        raise UsageError("this log is known under another key", hint="a log that changes its key is another log; ask why before anything")
    config = _Config(name=witness.verifier.split("+", 1)[0], logs={**witness.logs, origin: verifier})
    _write_durably(folder / CONFIG_FILE, msgspec.json.encode(config))
    return origin


def _check_continues(before: Checkpoint, new: Checkpoint, *, old: int, proof: list[bytes]) -> None:
    """Check that a state continues the one that was cosigned last.

    Raises:
        RefusedError: it doesn't.
    """
    if old != before.size:
        what = "rollback" if new.size < before.size else "stale"
        message = f"this witness cosigned a state with {before.size} entries already"
        raise RefusedError(message, code=what, status=409, size=before.size)
    if before.size == 0:
        is_sound = not proof and (new.size > 0 or new.root == EMPTY_ROOT)
    elif before.size == new.size:
        is_sound = not proof and before.root == new.root
    else:
        is_sound = _is_consistent(before, new, proof=proof)
    if not is_sound:
        message = (
            f"the log's state with {new.size} entries isn't the continuation of the one with {before.size}: it was forked or rewritten"
        )
        raise RefusedError(message, code="fork", status=422)


def _is_consistent(before: Checkpoint, new: Checkpoint, *, proof: list[bytes]) -> bool:
    try:
        verify_consistency(before.size, new.size, old_root=before.root, new_root=new.root, proof=proof)
    except LogError:
        return False
    return True


def _malformed() -> RefusedError:
    return RefusedError("the request is none of C2SP tlog-witness", code="malformed", status=400)


def _hash(origin: str) -> str:
    return hashlib.sha256(origin.encode()).hexdigest()


def _write_durably(file: Path, data: bytes) -> None:
    """Write a file of 0600 so that after a power cut there is the old one or the new one, whole."""
    fresh = file.with_name(file.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
