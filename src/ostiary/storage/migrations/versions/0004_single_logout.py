"""Logouts under way, and the name by which an identity provider knows a session's person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0004"
down_revision = "0003"

MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """A column of the sessions that a version before this one leaves empty, and a table that it does not know."""
    op.add_column("sessions", sa.Column("name_id", sa.Text(), nullable=True))
    op.create_table(
        "logouts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id", "organization_id"],
            ["accounts.id", "accounts.organization_id"],
            name="logouts_account_id_organization_id_fk",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["connection_id", "organization_id"],
            ["connections.id", "connections.organization_id"],
            name="logouts_connection_id_organization_id_fk",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="logouts_organization_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="logouts_pk"),
        sqlite_with_rowid=False,
    )
    op.create_index("logouts_expires", "logouts", ["expires_at"], unique=False)
