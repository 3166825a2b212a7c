"""Where providers publish their keys, and what was last found there."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Nothing yet."""
