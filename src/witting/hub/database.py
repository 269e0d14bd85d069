"""One engine for SQLite and PostgreSQL, with what erasing needs: overwritten rows, and a write-ahead log that can be emptied.

Knows nothing of what the tables mean. Invariant: whoever writes holds the database alone from the first statement to the commit, so a
gate's answer, a deed and its log entry are one moment.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from witting.hub.config import HubConfig
from witting.terms.errors import StoreFullError, StoreLockedError, UsageError

SQLITE_FILE = "hub.sqlite"
_BUSY_MS = 10_000
_SCRUB_BUSY_MS = 100
_WRITER_LOCK = 0x77697474  # "witt", the advisory lock of writers in PostgreSQL
_PRAGMAS = (
    f"PRAGMA busy_timeout={_BUSY_MS}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # an answer given survives a power cut
    "PRAGMA secure_delete=ON",  # a deleted row is overwritten with zeros
    "PRAGMA foreign_keys=ON",
)


def open_engine(config: HubConfig) -> Engine:
    """Return the engine of the hub's database; nothing is connected yet."""
    url = config.database_url or f"sqlite:///{config.data_dir / SQLITE_FILE}"
    engine = create_engine(url, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
    return engine


def migrate(engine: Engine) -> None:
    """Bring the tables to this version; a fresh database gets them all."""
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with writing(engine) as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Yield a connection that alone may write; commits at the end, leaves nothing after an error.

    Raises:
        StoreLockedError: another process kept the database for too long.
        StoreFullError: the disk is full; nothing of this was written.
    """
    with _explained(), engine.execution_options(is_writer=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITER_LOCK})
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Yield a connection with one consistent view."""
    with _explained(), engine.begin() as connection:
        yield connection


def scrub(engine: Engine) -> bool:
    """Take deleted rows out of the files: empty SQLite's write-ahead log, or vacuum in PostgreSQL; False while a reader is in the way."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("VACUUM (FULL) vault_key"))
            connection.execute(text("CHECKPOINT"))
            return True
        connection.execute(text(f"PRAGMA busy_timeout={_SCRUB_BUSY_MS}"))
        busy, *_ = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()
        connection.execute(text(f"PRAGMA busy_timeout={_BUSY_MS}"))
        return int(busy) == 0


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what a database says into errors of ours, without statements or values."""
    try:
        yield
    except OperationalError as error:
        said = str(error.orig)
        if "locked" in said or "busy" in said:
            raise StoreLockedError("the hub's database is in use by another process", hint="try again in a moment") from None
        if "full" in said or "No space" in said:
            raise StoreFullError("the hub's disk is full; nothing was stored", hint="free some space, then send again") from None
        raise UsageError("the hub's database can't be opened", hint="check database_url and that the folder can be written") from None
    except DBAPIError as error:
        if "malformed" not in str(error.orig) and "not a database" not in str(error.orig):
            raise
        raise StoreLockedError("the hub's database file is damaged", hint="restore it from a backup; nothing was changed") from None


def _set_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    is_writer = connection.get_execution_options().get("is_writer", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")
