"""Where providers publish their keys, what was last found there, and who was told of a certificate's end."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0003"
down_revision = "0002"

# Written out here, and not taken from the product: what this step does must never change.
MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the three tables; every connection that serves logins is looked after from now on."""
    _metadata_sources()
    _upkeep()
    _expiry_notices()
    op.execute(
        "INSERT INTO upkeep (connection_id, organization_id, due_at) "
        "SELECT id, organization_id, created_at FROM connections WHERE serving_number IS NOT NULL"
    )


def _metadata_sources() -> None:
    op.create_table(
        "metadata_sources",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("read_revision", sa.Integer(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("interval_seconds", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=True),
        sa.Column("came", sa.Text(), nullable=False),
        sa.Column("went", sa.Text(), nullable=False),
        sa.Column("departing", sa.Text(), nullable=False),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.Column("is_put_aside", sa.Boolean(), nullable=False),
        *_of_connection("metadata_sources"),
        sa.PrimaryKeyConstraint("connection_id", name="metadata_sources_pk"),
        sqlite_with_rowid=False,
    )
    op.create_index("metadata_sources_due", "metadata_sources", ["due_at"], unique=False)


def _upkeep() -> None:
    op.create_table(
        "upkeep",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        *_of_connection("upkeep"),
        sa.PrimaryKeyConstraint("connection_id", name="upkeep_pk"),
        sqlite_with_rowid=False,
    )
    op.create_index("upkeep_due", "upkeep", ["due_at"], unique=False)


def _expiry_notices() -> None:
    op.create_table(
        "expiry_notices",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("noticed_at", MOMENT, nullable=False),
        *_of_connection("expiry_notices"),
        sa.PrimaryKeyConstraint("connection_id", "fingerprint", name="expiry_notices_pk"),
        sqlite_with_rowid=False,
    )


def _of_connection(table: str) -> tuple[sa.ForeignKeyConstraint, sa.ForeignKeyConstraint]:
    return (
        sa.ForeignKeyConstraint(
            ["connection_id", "organization_id"],
            ["connections.id", "connections.organization_id"],
            name=f"{table}_connection_id_organization_id_fk",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=f"{table}_organization_id_fk", ondelete="CASCADE"
        ),
    )
