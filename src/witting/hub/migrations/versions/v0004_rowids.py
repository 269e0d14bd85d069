"""Positions of log entries and deeds as SQLite's own row numbers, which keeps each once instead of twice; PostgreSQL stays as it is."""

from alembic import op

revision = "0004"
down_revision = "0003"

_MOVE = (
    "PRAGMA defer_foreign_keys=ON",  # what points to entries has to fit again when the transaction commits
    "CREATE TABLE moved_rows AS SELECT * FROM log_entry",
    "DROP TABLE log_entry",
    "CREATE TABLE log_entry (position INTEGER NOT NULL, entry BLOB NOT NULL, CONSTRAINT pk_log_entry PRIMARY KEY (position))",
    "INSERT INTO log_entry SELECT * FROM moved_rows ORDER BY position",
    "DROP TABLE moved_rows",
    "CREATE TABLE moved_rows AS SELECT * FROM deed",
    "DROP TABLE deed",
    (
        "CREATE TABLE deed (position INTEGER NOT NULL, kind VARCHAR(32) NOT NULL, done_at VARCHAR(20) NOT NULL, "
        "participant VARCHAR(80) NOT NULL, session_id VARCHAR(80) NOT NULL, opening BLOB NOT NULL, "
        "CONSTRAINT pk_deed PRIMARY KEY (position), CONSTRAINT fk_deed_position FOREIGN KEY(position) REFERENCES log_entry (position))"
    ),
    "INSERT INTO deed SELECT * FROM moved_rows ORDER BY position",
    "DROP TABLE moved_rows",
    "CREATE INDEX ix_deed_participant ON deed (participant)",
    "CREATE INDEX ix_deed_session_id ON deed (session_id)",
)


def upgrade() -> None:
    """Make the two tables anew with the same rows."""
    if op.get_bind().dialect.name == "sqlite":
        for statement in _MOVE:
            op.execute(statement)


def downgrade() -> None:
    """Refuse: a hub never goes back behind what it promised."""
    raise NotImplementedError("the log stays as it is")
