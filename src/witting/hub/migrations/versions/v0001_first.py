"""The first tables: consent, log, vault, lineage, jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _consents()
    _log()
    _vault()
    _lineage()
    _jobs()


def downgrade() -> None:
    """Refuse: a hub never goes back behind what it promised."""
    raise NotImplementedError("there is nothing before the first version")


def _consents() -> None:
    op.create_table(
        "programme",
        sa.Column("programme_digest", sa.String(length=64), nullable=False),
        sa.Column("programme_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("notice_markdown", sa.Text(), nullable=False),
        sa.Column("notice_digest", sa.String(length=64), nullable=False),
        sa.Column("is_in_force", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("programme_digest", name="pk_programme"),
    )
    op.create_index("ix_programme_programme_id", "programme", ["programme_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("programme_id", sa.String(length=80), nullable=False),
        sa.Column("is_used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_invitation"),
    )
    op.create_table(
        "consent",
        sa.Column("receipt_id", sa.String(length=80), nullable=False),
        sa.Column("programme_id", sa.String(length=80), nullable=False),
        sa.Column("programme_digest", sa.String(length=64), nullable=False),
        sa.Column("participant", sa.String(length=80), nullable=False),
        sa.Column("participant_key", sa.LargeBinary(), nullable=False),
        sa.Column("statement_digest", sa.String(length=64), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("given_at", sa.String(length=20), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["programme_digest"], ["programme.programme_digest"], name="fk_consent_programme_digest"),
        sa.PrimaryKeyConstraint("receipt_id", name="pk_consent"),
        sa.UniqueConstraint("statement_digest", name="uq_consent_statement_digest"),
    )
    op.create_index("ix_consent_participant", "consent", ["programme_id", "participant"], unique=False)


def _log() -> None:
    op.create_table(
        "log_entry",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_log_entry"),
    )
    op.create_table(
        "log_tile",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "position", name="pk_log_tile"),
    )
    op.create_table(
        "deed",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("done_at", sa.String(length=20), nullable=False),
        sa.Column("participant", sa.String(length=80), nullable=False),
        sa.Column("session_id", sa.String(length=80), nullable=False),
        sa.Column("opening", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["position"], ["log_entry.position"], name="fk_deed_position"),
        sa.PrimaryKeyConstraint("position", name="pk_deed"),
    )
    op.create_index("ix_deed_participant", "deed", ["participant"], unique=False)
    op.create_index("ix_deed_session_id", "deed", ["session_id"], unique=False)


def _vault() -> None:
    op.create_table(
        "upload",
        sa.Column("upload_id", sa.String(length=80), nullable=False),
        sa.Column("parcel_id", sa.String(length=80), nullable=False),
        sa.Column("session_id", sa.String(length=80), nullable=False),
        sa.Column("receipt_id", sa.String(length=80), nullable=False),
        sa.Column("parcel_digest", sa.String(length=64), nullable=False),
        sa.Column("parcel", sa.LargeBinary(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.String(length=20), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["receipt_id"], ["consent.receipt_id"], name="fk_upload_receipt_id"),
        sa.PrimaryKeyConstraint("upload_id", name="pk_upload"),
        sa.UniqueConstraint("parcel_id", name="uq_upload_parcel_id"),
    )
    op.create_index("ix_upload_session_id", "upload", ["session_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("session_id", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("parcel_id", sa.String(length=80), nullable=True),
        sa.Column("programme_id", sa.String(length=80), nullable=False),
        sa.Column("participant", sa.String(length=80), nullable=False),
        sa.Column("receipt_id", sa.String(length=80), nullable=True),
        sa.Column("purposes", sa.Text(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("stored_at", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["receipt_id"], ["consent.receipt_id"], name="fk_session_receipt_id"),
        sa.PrimaryKeyConstraint("session_id", name="pk_session"),
        sa.UniqueConstraint("parcel_id", name="uq_session_parcel_id"),
    )
    op.create_index("ix_session_programme_id", "session", ["programme_id"], unique=False)
    op.create_table(
        "vault_key",
        sa.Column("session_id", sa.String(length=80), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["session.session_id"], name="fk_vault_key_session_id"),
        sa.PrimaryKeyConstraint("session_id", name="pk_vault_key"),
    )
    op.create_table(
        "vault_object",
        sa.Column("session_id", sa.String(length=80), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["session.session_id"], name="fk_vault_object_session_id"),
        sa.PrimaryKeyConstraint("session_id", "ordinal", name="pk_vault_object"),
    )


def _lineage() -> None:
    op.create_table(
        "dataset",
        sa.Column("dataset_id", sa.String(length=80), nullable=False),
        sa.Column("programme_id", sa.String(length=80), nullable=False),
        sa.Column("replaces", sa.String(length=80), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["position"], ["log_entry.position"], name="fk_dataset_position"),
        sa.PrimaryKeyConstraint("dataset_id", name="pk_dataset"),
    )
    op.create_index("ix_dataset_programme_id", "dataset", ["programme_id"], unique=False)
    op.create_table(
        "dataset_session",
        sa.Column("dataset_id", sa.String(length=80), nullable=False),
        sa.Column("session_id", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.dataset_id"], name="fk_dataset_session_dataset_id"),
        sa.PrimaryKeyConstraint("dataset_id", "session_id", name="pk_dataset_session"),
    )
    op.create_index("ix_dataset_session_session_id", "dataset_session", ["session_id"], unique=False)
    op.create_table(
        "model",
        sa.Column("model_id", sa.String(length=80), nullable=False),
        sa.Column("dataset_id", sa.String(length=80), nullable=False),
        sa.Column("replaces", sa.String(length=80), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("trained_at", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.dataset_id"], name="fk_model_dataset_id"),
        sa.ForeignKeyConstraint(["position"], ["log_entry.position"], name="fk_model_position"),
        sa.PrimaryKeyConstraint("model_id", name="pk_model"),
    )
    op.create_index("ix_model_dataset_id", "model", ["dataset_id"], unique=False)
    op.create_table(
        "model_session",
        sa.Column("model_id", sa.String(length=80), nullable=False),
        sa.Column("session_id", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["model.model_id"], name="fk_model_session_model_id"),
        sa.PrimaryKeyConstraint("model_id", "session_id", name="pk_model_session"),
    )
    op.create_index("ix_model_session_session_id", "model_session", ["session_id"], unique=False)


def _jobs() -> None:
    op.create_table(
        "job",
        sa.Column("job_id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.String(length=20), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name="pk_job"),
    )
    op.create_table(
        "job_step",
        sa.Column("job_id", sa.String(length=80), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["job.job_id"], name="fk_job_step_job_id"),
        sa.PrimaryKeyConstraint("job_id", "ordinal", name="pk_job_step"),
    )
    op.create_table(
        "withdrawal",
        sa.Column("statement_digest", sa.String(length=64), nullable=False),
        sa.Column("job_id", sa.String(length=80), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.job_id"], name="fk_withdrawal_job_id"),
        sa.ForeignKeyConstraint(["position"], ["log_entry.position"], name="fk_withdrawal_position"),
        sa.PrimaryKeyConstraint("statement_digest", name="pk_withdrawal"),
    )
