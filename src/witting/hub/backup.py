"""Copying a hub away and back; what was erased since a backup was made is erased again before the restored hub answers.

For SQLite in the hub's own folder; another database is copied by its own means, and only the list of erasures is replayed. Invariant: a
restored folder holds the list to replay from its first moment, and a hub that is served replays it before it answers.
"""

import contextlib
import shutil
import sqlite3
from pathlib import Path

import msgspec
from sqlalchemy import select

from witting.hub import schema
from witting.hub.config import CONFIG_FILE
from witting.hub.database import SQLITE_FILE, reading, writing
from witting.hub.door.withdrawals import withdraw
from witting.hub.erased import ERASURES_FILE, Erased, read_erased
from witting.hub.hub import Hub, open_hub_at
from witting.hub.vault import Vault
from witting.terms.errors import NoConsentError, UsageError

REPLAY_FILE = "replay.jsonl"
_NOT_COPIED = {SQLITE_FILE, f"{SQLITE_FILE}-wal", f"{SQLITE_FILE}-shm", ERASURES_FILE, REPLAY_FILE}


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What replaying a list of erasures did."""

    withdrawals: int = 0  # taken again, or known already
    sessions: int = 0  # erased again because their time was up
    unknown: int = 0  # withdrawals of what the backup never held


def make_backup(hub: Hub, target: Path) -> int:
    """Copy the hub's folder to a new one that only this user may read; return how many files. Uploads wait meanwhile.

    Raises:
        UsageError: the target exists, or the database isn't in the hub's folder.
    """
    if hub.config.database_url:
        raise UsageError("the database isn't in the hub's folder", hint="back it up by its own means, and the folder beside it")
    if target.exists():
        message = f"{target} exists"
        raise UsageError(message, hint="name a new folder; nothing was copied")
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700, parents=True)
    source = hub.config.data_dir
    with writing(hub.engine):  # no transaction commits between the copy of the database and that of the objects
        with (
            contextlib.closing(sqlite3.connect(source / SQLITE_FILE)) as from_,
            contextlib.closing(sqlite3.connect(partial / SQLITE_FILE)) as to,
        ):
            from_.backup(to)
        for file in [file for file in sorted(source.rglob("*")) if file.is_file() and file.name not in _NOT_COPIED]:
            _copy(file, partial / file.relative_to(source))
    partial.rename(target)
    return sum(file.is_file() for file in target.rglob("*"))


def restore_backup(backup: Path, erasures: Path, *, data_dir: Path) -> Replayed:
    """Make a hub of a backup in a new folder, and erase again what the list of erasures says.

    Raises:
        UsageError: there is no backup, or the folder exists.
        IntegrityError: the list can't be read; nothing was restored.
    """
    if not (backup / CONFIG_FILE).is_file() or not (backup / SQLITE_FILE).is_file():
        message = f"{backup} holds no backup of a hub"
        raise UsageError(message, hint="`witting hub backup` makes one; nothing was restored")
    if data_dir.exists():
        message = f"{data_dir} exists"
        raise UsageError(message, hint="name a new folder; nothing was restored")
    read_erased(erasures)
    partial = data_dir.with_name(f".{data_dir.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(backup, partial)
    partial.chmod(0o700)
    shutil.copyfile(erasures, partial / REPLAY_FILE)
    partial.rename(data_dir)
    with contextlib.closing(open_hub_at(data_dir)) as hub:
        return replay(hub)


def replay(hub: Hub) -> Replayed:
    """Erase again what the list left by a restore says; nothing to do where there is none. Cut short, it begins anew."""
    path = hub.config.data_dir / REPLAY_FILE
    if not path.exists():
        return Replayed()
    done = Replayed()
    for erased in read_erased(path):
        done = _again(hub, erased, done=done)
    path.unlink()
    return done


def _again(hub: Hub, erased: Erased, *, done: Replayed) -> Replayed:
    if erased.withdrawal is not None:
        try:
            withdraw(hub, erased.withdrawal)
        except (NoConsentError, UsageError):  # given after the backup, so nothing of it is here; or narrowed from a later choice
            return msgspec.structs.replace(done, unknown=done.unknown + 1)
        return msgspec.structs.replace(done, withdrawals=done.withdrawals + 1)
    table = schema.session
    with reading(hub.engine) as connection:
        wanted = select(table.c.session_id).where(table.c.session_id.in_(erased.sessions), table.c.state == "stored")
        here = list(connection.execute(wanted).scalars())
    if here:
        Vault(hub).erase(here)
    return msgspec.structs.replace(done, sessions=done.sessions + len(here))


def _copy(file: Path, target: Path) -> None:
    """Copy a file; one that an erasure unlinks just now needs none."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        shutil.copy2(file, target)
