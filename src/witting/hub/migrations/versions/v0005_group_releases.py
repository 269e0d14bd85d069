"""Releases of figures about groups with what each was charged; none can be changed or taken out again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_STAYS = "a release and its charge stay as they are"


def upgrade() -> None:
    """Make the table and what guards it."""
    op.create_table(
        "group_release",
        sa.Column("programme_id", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rho_nano", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("pictures", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["position"], ["log_entry.position"], name="fk_group_release_position"),
        sa.PrimaryKeyConstraint("programme_id", "number", name="pk_group_release"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE FUNCTION release_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{_STAYS}'; END $$")
        op.execute(
            "CREATE TRIGGER release_stays BEFORE DELETE OR TRUNCATE ON group_release FOR EACH STATEMENT EXECUTE FUNCTION release_stays()"
        )
        op.execute("CREATE TRIGGER release_is_fixed BEFORE UPDATE ON group_release FOR EACH ROW EXECUTE FUNCTION release_stays()")
    else:
        for name, event in (("release_stays", "DELETE"), ("release_is_fixed", "UPDATE")):
            op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON group_release BEGIN SELECT RAISE(ABORT, '{_STAYS}'); END")


def downgrade() -> None:
    """Refuse: a hub never goes back behind what it promised."""
    raise NotImplementedError("what was charged can't be taken out again")
