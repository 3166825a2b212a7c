"""What an organization calls a connection of its own, so that two of one provider can be told apart."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """One column. Empty means the provider's name, which is what a version before this one shows."""
    op.add_column("connections", sa.Column("name", sa.Text(), nullable=False, server_default=""))
