"""When each verified domain is looked up next, and since when its record is gone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0006"
down_revision = "0005"

# Written out here, and not taken from the product: what this step does must never change.
MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Two columns; what is verified already is due at once."""
    op.add_column("domains", sa.Column("missing_since", MOMENT, nullable=True))
    op.add_column("domains", sa.Column("due_at", MOMENT, nullable=True))
    op.execute("UPDATE domains SET due_at = verified_at WHERE verified_at IS NOT NULL")
    op.drop_index("domains_checked", table_name="domains")
    op.create_index("domains_due", "domains", ["due_at"], unique=False)
