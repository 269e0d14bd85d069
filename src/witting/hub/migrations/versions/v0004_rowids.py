"""Positions of log entries and deeds as SQLite's own row numbers, which keeps each once instead of twice; PostgreSQL stays as it is."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_KEPT = "moved_rows"
_TABLES = {
    "log_entry": "position INTEGER NOT NULL, entry BLOB NOT NULL, CONSTRAINT pk_log_entry PRIMARY KEY (position)",
    "deed": (
        "position INTEGER NOT NULL, kind VARCHAR(32) NOT NULL, done_at VARCHAR(20) NOT NULL, participant VARCHAR(80) NOT NULL, "
        "session_id VARCHAR(80) NOT NULL, opening BLOB NOT NULL, CONSTRAINT pk_deed PRIMARY KEY (position), "
        "CONSTRAINT fk_deed_position FOREIGN KEY(position) REFERENCES log_entry (position)"
    ),
}


def upgrade() -> None:
    """Make the two tables anew with the same rows; what points to them has to fit again when the transaction commits."""
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute("PRAGMA defer_foreign_keys=ON")
    for table, columns in _TABLES.items():
        op.execute(f"CREATE TABLE {_KEPT} AS SELECT * FROM {table}")
        op.execute(f"DROP TABLE {table}")
        op.execute(f"CREATE TABLE {table} ({columns})")
        op.execute(sa.text(f"INSERT INTO {table} SELECT * FROM {_KEPT} ORDER BY position"))
        op.execute(f"DROP TABLE {_KEPT}")
    op.create_index("ix_deed_participant", "deed", ["participant"], unique=False)
    op.create_index("ix_deed_session_id", "deed", ["session_id"], unique=False)


def downgrade() -> None:
    """Refuse: a hub never goes back behind what it promised."""
    raise NotImplementedError("the log stays as it is")
