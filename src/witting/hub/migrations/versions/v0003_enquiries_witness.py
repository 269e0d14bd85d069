"""Questions and findings, which the database itself keeps anybody from deleting or rewriting; and what the witness signed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_STAYS = "questions, findings and answers stay as they are"
_FIXED = ("position", "enquiry_id", "programme_id", "participant", "kind", "body", "filed_at", "due_at", "citation")


def upgrade() -> None:
    """Make the table and what guards it."""
    op.create_table(
        "enquiry",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("enquiry_id", sa.String(length=80), nullable=False),
        sa.Column("programme_id", sa.String(length=80), nullable=False),
        sa.Column("participant", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.String(length=20), nullable=False),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.String(length=20), nullable=True),
        sa.Column("answer_position", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["position"], ["log_entry.position"], name="fk_enquiry_position"),
        sa.ForeignKeyConstraint(["answer_position"], ["log_entry.position"], name="fk_enquiry_answer_position"),
        sa.PrimaryKeyConstraint("position", name="pk_enquiry"),
        sa.UniqueConstraint("enquiry_id", name="uq_enquiry_enquiry_id"),
    )
    op.create_table(
        "cosignature",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.Column("cosigned_at", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_cosignature"),
    )
    op.create_index("ix_enquiry_participant", "enquiry", ["participant"], unique=False)
    changed = " OR ".join(["OLD.answer IS NOT NULL", *(f"NEW.{name} <> OLD.{name}" for name in _FIXED)])
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql(changed)
    else:
        _guard_sqlite(changed)


def downgrade() -> None:
    """Refuse: a hub never goes back behind what it promised."""
    raise NotImplementedError("questions and findings can't be taken out again")


def _guard_sqlite(changed: str) -> None:
    op.execute(f"CREATE TRIGGER enquiry_stays BEFORE DELETE ON enquiry BEGIN SELECT RAISE(ABORT, '{_STAYS}'); END")
    op.execute(f"CREATE TRIGGER enquiry_is_fixed BEFORE UPDATE ON enquiry WHEN {changed} BEGIN SELECT RAISE(ABORT, '{_STAYS}'); END")


def _guard_postgresql(changed: str) -> None:
    op.execute(f"CREATE FUNCTION enquiry_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{_STAYS}'; END $$")
    op.execute("CREATE TRIGGER enquiry_stays BEFORE DELETE OR TRUNCATE ON enquiry FOR EACH STATEMENT EXECUTE FUNCTION enquiry_stays()")
    op.execute(f"CREATE TRIGGER enquiry_is_fixed BEFORE UPDATE ON enquiry FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION enquiry_stays()")
