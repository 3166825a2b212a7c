"""OpenID Connect: what binds a sign-in together, client secrets, what providers publish, proofs of an account."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0005"
down_revision = "0004"

MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Five tables that a version before this one does not know."""
    op.create_table(
        "attempt_secrets",
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        _of("attempt_secrets", "attempt_id", "attempts"),
        _of("attempt_secrets", "organization_id", "organizations"),
        sa.PrimaryKeyConstraint("attempt_id", name="attempt_secrets_pk"),
    )
    op.create_index("attempt_secrets_expires", "attempt_secrets", ["expires_at"], unique=False)
    op.create_table(
        "client_secrets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        _of_tenant("client_secrets", "connection_id", "connections"),
        _of("client_secrets", "organization_id", "organizations"),
        sa.PrimaryKeyConstraint("id", name="client_secrets_pk"),
    )
    op.create_index("client_secrets_connection", "client_secrets", ["connection_id", "created_at"], unique=False)
    op.create_table(
        "provider_documents",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.Column("fetched_at", MOMENT, nullable=False),
        sa.Column("fresh_until", MOMENT, nullable=False),
        sa.Column("stale_until", MOMENT, nullable=False),
        sa.Column("forced_at", MOMENT, nullable=True),
        sa.Column("unknown_keys", sa.Text(), nullable=False),
        _of_tenant("provider_documents", "connection_id", "connections"),
        _of("provider_documents", "organization_id", "organizations"),
        sa.PrimaryKeyConstraint("connection_id", name="provider_documents_pk"),
    )
    op.create_table(
        "possessions",
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        _of("possessions", "attempt_id", "attempts"),
        _of_tenant("possessions", "account_id", "accounts"),
        _of("possessions", "organization_id", "organizations"),
        sa.PrimaryKeyConstraint("attempt_id", name="possessions_pk"),
    )
    op.create_index("possessions_expires", "possessions", ["expires_at"], unique=False)
    op.create_table(
        "session_tokens",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _of("session_tokens", "session_id", "sessions"),
        _of("session_tokens", "organization_id", "organizations"),
        sa.PrimaryKeyConstraint("session_id", name="session_tokens_pk"),
    )


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"{table}_{column}_fk", ondelete="CASCADE")


def _of_tenant(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column, "organization_id"],
        [f"{other}.id", f"{other}.organization_id"],
        name=f"{table}_{column}_organization_id_fk",
        ondelete="CASCADE",
    )
