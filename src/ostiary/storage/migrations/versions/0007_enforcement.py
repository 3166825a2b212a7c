"""Since when a connection is enforced, by whom, and who has been told of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0007"
down_revision = "0006"

MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Five columns that a version before this one leaves alone."""
    op.add_column("connections", sa.Column("enforced_at", MOMENT, nullable=True))
    op.add_column("connections", sa.Column("enforced_by", sa.Text(), nullable=True))
    op.add_column("connections", sa.Column("enforced_from", MOMENT, nullable=True))
    op.add_column("connections", sa.Column("warning_due_at", MOMENT, nullable=True))
    op.add_column("connections", sa.Column("warned_up_to", sa.Text(), nullable=True))
    op.create_index(
        "connections_warning_due",
        "connections",
        ["warning_due_at"],
        unique=False,
        sqlite_where=sa.text("warning_due_at IS NOT NULL"),
        postgresql_where=sa.text("warning_due_at IS NOT NULL"),
    )
