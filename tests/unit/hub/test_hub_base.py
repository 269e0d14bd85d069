"""Settings, tables, connections and keys: what the hub stands on."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hub_ground import Ground
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from witting.hub import database, schema
from witting.hub.config import HubConfig, load_config, new_origin, write_config
from witting.hub.database import migrate, open_engine, reading, scrub, writing
from witting.hub.hub import open_hub_at
from witting.hub.keys import make_keys, open_keys
from witting.hub.setup import init_hub
from witting.terms.errors import StoreFullError, StoreLockedError, UsageError


def test_the_migrations_make_the_tables_of_the_schema(tmp_path: Path) -> None:
    """A fresh database brought to this version has exactly the declared tables, and bringing it there twice changes nothing."""
    engine = open_engine(HubConfig(data_dir=tmp_path))
    migrate(engine)
    migrate(engine)
    with reading(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    engine.dispose()


def test_a_hub_of_before_keeps_its_log_as_rows_become_smaller(ground: Ground) -> None:
    """A database whose log positions were kept twice is brought to this version with every row, and what points to entries still fits."""
    ground.lender()
    engine = ground.hub.engine
    with reading(engine) as connection:
        before = [connection.execute(select(table)).all() for table in (schema.log_entry, schema.deed, schema.log_tile)]
    engine.dispose()
    with closing(sqlite3.connect(ground.config.data_dir / database.SQLITE_FILE)) as old, old:
        old.execute("PRAGMA legacy_alter_table=ON")
        for table in ("log_entry", "deed"):
            (made,) = old.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
            assert "position INTEGER" in made
            old.execute(f"ALTER TABLE {table} RENAME TO was")
            old.execute(made.replace("position INTEGER", "position BIGINT"))
            old.execute(f"INSERT INTO {table} SELECT * FROM was")  # noqa: S608 # two names of our own
            old.execute("DROP TABLE was")
        old.execute("DROP TABLE group_release")  # made by a later version
        old.execute("UPDATE alembic_version SET version_num = '0003'")
    migrate(engine)
    with reading(engine) as connection:
        assert [connection.execute(select(table)).all() for table in (schema.log_entry, schema.deed, schema.log_tile)] == before
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        assert connection.execute(text("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_autoindex_log_entry_1'")).scalar_one() == 0
    assert ground.store(ground.lender(), purposes=("train",))


def test_settings_come_back_as_they_were_written(tmp_path: Path) -> None:
    """What init writes, serve reads; a folder that holds a hub isn't made another."""
    config = HubConfig(data_dir=tmp_path, port=0, public_url="https://hub.example.org/", origin=new_origin(), max_object_mib=3)
    write_config(config)
    assert load_config(tmp_path) == config
    assert config.base_url() == "https://hub.example.org"
    with pytest.raises(UsageError, match="exists"):
        write_config(config)


@pytest.mark.parametrize(("line", "named"), [("plaintext = true", "plaintext"), ("port = 'x'", "port"), ("port =", "hub.toml")])
def test_a_setting_that_is_unknown_or_wrong_is_refused_by_name(tmp_path: Path, line: str, named: str) -> None:
    """No dial is silently ignored: the error names it."""
    (tmp_path / "hub.toml").write_text(line)
    with pytest.raises(UsageError, match=named):
        load_config(tmp_path)


def test_a_folder_without_a_hub_is_told_so(tmp_path: Path) -> None:
    """Serving or opening an empty folder says what to run first."""
    with pytest.raises(UsageError, match="holds no hub"):
        open_hub_at(tmp_path)


def test_links_lead_to_where_the_hub_listens(tmp_path: Path) -> None:
    """Without a public address links use where the hub listened last, or would."""
    config = HubConfig(data_dir=tmp_path, port=8000)
    assert config.base_url() == "http://127.0.0.1:8000"
    (tmp_path / "hub.url").write_text("http://127.0.0.1:9999\n")
    assert config.base_url() == "http://127.0.0.1:9999"


def test_the_hub_does_not_start_without_its_keys(tmp_path: Path) -> None:
    """Keys that are gone or were changed stop everything with one clear line; none is made in their place."""
    config = HubConfig(data_dir=tmp_path / "hub")
    init_hub(config)
    with pytest.raises(FileExistsError):
        make_keys(config.keys_dir)
    (config.keys_dir / "vault.key").write_bytes(b"x" * 72)
    with pytest.raises(StoreLockedError, match="don't open"):
        open_keys(config.keys_dir)
    with pytest.raises(StoreLockedError, match="aren't where"):
        open_keys(tmp_path / "elsewhere")


def test_a_failed_transaction_leaves_nothing(ground: Ground) -> None:
    """An error inside a transaction takes everything of it back."""

    def fail() -> None:
        with writing(ground.hub.engine) as connection:
            connection.execute(insert(schema.invitation).values(token_hash="x", programme_id="y", is_used=False))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with reading(ground.hub.engine) as connection:
        assert connection.execute(select(schema.invitation)).all() == []


def test_one_writer_at_a_time(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody writes, another writer waits and then gives up with a clear line."""
    monkeypatch.setattr(database, "_PRAGMAS", (*database._PRAGMAS, "PRAGMA busy_timeout=20"))
    other = open_engine(ground.config)
    with writing(ground.hub.engine), pytest.raises(StoreLockedError, match="in use"), writing(other):
        pass
    other.dispose()


def test_what_the_database_says_is_told_without_values(ground: Ground) -> None:
    """A full disk, a damaged file and an unreachable database are errors of ours; a broken rule of the tables stays what it is."""

    def fail(words: str, kind: type[sqlite3.Error]) -> None:
        with database._explained():
            raise DBAPIError.instance("SELECT 1", None, kind(words), sqlite3.Error)

    with pytest.raises(StoreFullError):
        fail("database or disk is full", sqlite3.OperationalError)
    with pytest.raises(StoreLockedError, match="damaged"):
        fail("database disk image is malformed", sqlite3.DatabaseError)
    with pytest.raises(UsageError, match="can't be opened"):
        fail("unable to open database file", sqlite3.OperationalError)
    with pytest.raises(DBAPIError):
        fail("UNIQUE constraint failed", sqlite3.IntegrityError)


def test_a_damaged_database_is_told_so(tmp_path: Path) -> None:
    """A file that is no database stops the hub with one clear line."""
    config = HubConfig(data_dir=tmp_path / "hub")
    init_hub(config)
    for name in ("hub.sqlite-wal", "hub.sqlite-shm"):
        (config.data_dir / name).unlink(missing_ok=True)
    (config.data_dir / "hub.sqlite").write_bytes(os.urandom(8192))
    with pytest.raises(StoreLockedError, match="damaged"):
        open_hub_at(config.data_dir)


def test_scrubbing_empties_the_write_ahead_log(ground: Ground) -> None:
    """After a scrub the write-ahead log is 0 bytes long; a reader in the way is reported, not waited out."""
    wal = ground.config.data_dir / "hub.sqlite-wal"
    ground.lender()
    assert wal.stat().st_size > 0
    assert scrub(ground.hub.engine)
    assert wal.stat().st_size == 0
    with ground.hub.engine.begin() as reader:
        reader.execute(text("SELECT * FROM consent")).all()
        ground.lender()
        assert not scrub(ground.hub.engine)
    assert scrub(ground.hub.engine)
