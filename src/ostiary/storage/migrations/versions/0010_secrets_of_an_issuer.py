"""Whose each client secret is, and when the provider last took it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0010"
down_revision = "0009"

# Written out here, and not taken from the product: what this step does must never change.
MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Two columns; a secret that is kept already goes on being used for its connection."""
    op.add_column("client_secrets", sa.Column("issuer", sa.Text(), nullable=False, server_default=""))
    op.add_column("client_secrets", sa.Column("used_at", MOMENT, nullable=True))
