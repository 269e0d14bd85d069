"""What was handed out, and what has to leave where since somebody left."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "export",
        sa.Column("export_id", sa.String(length=80), nullable=False),
        sa.Column("dataset_id", sa.String(length=80), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("handed_out_at", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["position"], ["log_entry.position"], name="fk_export_position"),
        sa.PrimaryKeyConstraint("export_id", name="pk_export"),
    )
    op.create_index("ix_export_dataset_id", "export", ["dataset_id"], unique=False)
    op.create_table(
        "export_session",
        sa.Column("export_id", sa.String(length=80), nullable=False),
        sa.Column("session_id", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["export_id"], ["export.export_id"], name="fk_export_session_export_id"),
        sa.PrimaryKeyConstraint("export_id", "session_id", name="pk_export_session"),
    )
    op.create_index("ix_export_session_session_id", "export_session", ["session_id"], unique=False)
    op.create_table(
        "recall",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("session_id", sa.String(length=80), nullable=False),
        sa.Column("job_id", sa.String(length=80), nullable=False),
        sa.Column("opened_at", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.String(length=20), nullable=False),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("done_at", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.job_id"], name="fk_recall_job_id"),
        sa.PrimaryKeyConstraint("kind", "name", "session_id", name="pk_recall"),
    )


def downgrade() -> None:
    """Refuse: a hub never goes back behind what it promised."""
    raise NotImplementedError("what was handed out must stay known")
