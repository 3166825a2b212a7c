"""${message}"""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Change the schema. Expand now, contract one version later: the version before runs beside this one."""
    ${upgrades if upgrades else "pass"}
