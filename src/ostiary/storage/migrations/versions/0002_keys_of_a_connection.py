"""Several keys of ours for a connection: the current one, the next, and the one before."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0002"
down_revision = "0001"

# Written out here, and not taken from the product: what this step does must never change.
MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Each key has a role, and a connection one key in each role. Retired ones were never used again: they go."""
    op.execute("DELETE FROM signing_keys WHERE retired_at IS NOT NULL")
    op.add_column("signing_keys", sa.Column("role", sa.Text(), nullable=False, server_default="current"))
    op.add_column("signing_keys", sa.Column("changed_at", MOMENT, nullable=True))
    op.drop_index("signing_keys_current_unique", table_name="signing_keys")
    op.create_index("signing_keys_role_unique", "signing_keys", ["connection_id", "role"], unique=True)
