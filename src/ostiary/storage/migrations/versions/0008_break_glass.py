"""Break-glass access: who has it, recovery codes, passkeys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0008"
down_revision = "0007"

# Written out here, and not taken from the product: what this step does must never change.
MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Three tables that a version before this one does not know."""
    op.create_table(
        "break_glass",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("named_by", sa.Text(), nullable=False),
        sa.Column("named_at", MOMENT, nullable=False),
        sa.Column("code_key", sa.LargeBinary(), nullable=False),
        *_of_account("break_glass"),
        sa.PrimaryKeyConstraint("account_id", name="break_glass_pk"),
    )
    op.create_index("break_glass_organization", "break_glass", ["organization_id"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        *_of_account("recovery_codes"),
        sa.PrimaryKeyConstraint("account_id", "hash", name="recovery_codes_pk"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("credential_hash", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("stopped_at", MOMENT, nullable=True),
        *_of_account("passkeys"),
        sa.PrimaryKeyConstraint("id", name="passkeys_pk"),
        sa.UniqueConstraint("credential_hash", name="passkeys_credential_hash_unique"),
    )
    op.create_index("passkeys_account", "passkeys", ["account_id"], unique=False)


def _of_account(table: str) -> tuple[sa.ForeignKeyConstraint, sa.ForeignKeyConstraint]:
    return (
        sa.ForeignKeyConstraint(
            ["account_id", "organization_id"],
            ["accounts.id", "accounts.organization_id"],
            name=f"{table}_account_id_organization_id_fk",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=f"{table}_organization_id_fk", ondelete="CASCADE"
        ),
    )
