"""Several keys of ours for a connection: the next, the current, the retired."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Nothing yet."""
