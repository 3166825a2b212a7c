"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0001"
down_revision = None

# Written out here, and not taken from the product: what this step does must never change.
MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table, the referred ones first."""
    _jobs()
    _meta()
    _organizations()
    _replays()
    _throttle()
    _accounts()
    _attempts()
    _audit()
    _connections()
    _domains()
    _outbox()
    _attempt_events()
    _attempt_messages()
    _attempt_reports()
    _identities()
    _links()
    _revisions()
    _sessions()
    _signing_keys()


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unique_key", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="jobs_pk"),
        sa.UniqueConstraint("unique_key", name="jobs_unique_key_unique"),
    )
    op.create_index("jobs_due", "jobs", ["due_at", "kind"], unique=False)


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="meta_pk"),
        sqlite_with_rowid=False,
    )


def _organizations() -> None:
    op.create_table(
        "organizations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("plan_since", MOMENT, nullable=False),
        sa.Column("sso_until", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="organizations_pk"),
        sa.UniqueConstraint("slug", name="organizations_slug_unique"),
    )


def _replays() -> None:
    op.create_table(
        "replays",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("assertion_key", sa.Text(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "assertion_key", name="replays_pk"),
        sqlite_with_rowid=False,
    )
    op.create_index("replays_until", "replays", ["until"], unique=False)


def _throttle() -> None:
    op.create_table(
        "throttle",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("window_ends", MOMENT, nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="throttle_pk"),
        sqlite_with_rowid=False,
    )
    op.create_index("throttle_window", "throttle", ["window_ends"], unique=False)


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("deactivated_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="accounts_organization_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="accounts_pk"),
        sa.UniqueConstraint("id", "organization_id", name="accounts_id_organization_id_unique"),
    )
    op.create_index(
        "accounts_active_email_unique",
        "accounts",
        ["organization_id", "email_key"],
        unique=True,
        sqlite_where=sa.text("is_active"),
        postgresql_where=sa.text("is_active"),
    )
    op.create_index("accounts_email", "accounts", ["email_key"], unique=False)
    op.create_index("accounts_organization_email", "accounts", ["organization_id", "email_key", "id"], unique=False)


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("browser_hash", sa.Text(), nullable=True),
        sa.Column("return_to", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("email_hint", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("tested_by", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("client_address", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="attempts_organization_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="attempts_pk"),
        sa.UniqueConstraint("reference", name="attempts_reference_unique"),
        sqlite_with_rowid=False,
    )
    op.create_index("attempts_connection_outcome", "attempts", ["connection_id", "outcome", "id"], unique=False)
    op.create_index("attempts_organization", "attempts", ["organization_id", "id"], unique=False)
    op.create_index(
        "attempts_request_unique",
        "attempts",
        ["connection_id", "request_id"],
        unique=True,
        sqlite_where=sa.text("request_id IS NOT NULL"),
        postgresql_where=sa.text("request_id IS NOT NULL"),
    )
    op.create_index(
        "attempts_waiting",
        "attempts",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("outcome = 'waiting'"),
        postgresql_where=sa.text("outcome = 'waiting'"),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("client_address", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="audit_organization_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="audit_pk"),
    )
    op.create_index("audit_organization", "audit", ["organization_id", "id"], unique=False)


def _connections() -> None:
    op.create_table(
        "connections",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("enabled_at", MOMENT, nullable=True),
        sa.Column("was_ever_on", sa.Boolean(), nullable=False),
        sa.Column("access_confirmed_at", MOMENT, nullable=True),
        sa.Column("access_confirmed_by", sa.Text(), nullable=True),
        sa.Column("latest_number", sa.Integer(), nullable=True),
        sa.Column("serving_number", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="connections_organization_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="connections_pk"),
        sa.UniqueConstraint("id", "organization_id", name="connections_id_organization_id_unique"),
    )
    op.create_index("connections_organization", "connections", ["organization_id", "id"], unique=False)


def _domains() -> None:
    op.create_table(
        "domains",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("challenge", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("verified_at", MOMENT, nullable=True),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("found", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="domains_organization_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="domains_pk"),
        sa.UniqueConstraint("organization_id", "name", name="domains_organization_id_name_unique"),
    )
    op.create_index("domains_checked", "domains", ["checked_at"], unique=False)
    op.create_index(
        "domains_verified_name_unique",
        "domains",
        ["name"],
        unique=True,
        sqlite_where=sa.text("verified_at IS NOT NULL"),
        postgresql_where=sa.text("verified_at IS NOT NULL"),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="outbox_organization_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="outbox_pk"),
    )
    op.create_index("outbox_next", "outbox", ["next_at"], unique=False)


def _attempt_events() -> None:
    op.create_table(
        "attempt_events",
        sa.Column("number", NUMBER, sa.Identity(), nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name="attempt_events_attempt_id_fk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="attempt_events_organization_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name="attempt_events_pk"),
    )
    op.create_index("attempt_events_attempt", "attempt_events", ["attempt_id", "number"], unique=False)


def _attempt_messages() -> None:
    op.create_table(
        "attempt_messages",
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("keep_until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name="attempt_messages_attempt_id_fk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="attempt_messages_organization_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("attempt_id", name="attempt_messages_pk"),
    )
    op.create_index("attempt_messages_keep", "attempt_messages", ["keep_until"], unique=False)
    op.create_index("attempt_messages_kind", "attempt_messages", ["connection_id", "kind", "attempt_id"], unique=False)


def _attempt_reports() -> None:
    op.create_table(
        "attempt_reports",
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name="attempt_reports_attempt_id_fk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="attempt_reports_organization_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("attempt_id", name="attempt_reports_pk"),
    )


def _identities() -> None:
    op.create_table(
        "identities",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id", "organization_id"],
            ["accounts.id", "accounts.organization_id"],
            name="identities_account_id_organization_id_fk",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["connection_id", "organization_id"],
            ["connections.id", "connections.organization_id"],
            name="identities_connection_id_organization_id_fk",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="identities_organization_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="identities_pk"),
        sa.UniqueConstraint("connection_id", "subject_key", name="identities_connection_id_subject_key_unique"),
        sqlite_with_rowid=False,
    )
    op.create_index("identities_account", "identities", ["account_id", "connection_id"], unique=False)


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "organization_id"],
            ["accounts.id", "accounts.organization_id"],
            name="links_account_id_organization_id_fk",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="links_organization_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name="links_pk"),
        sqlite_with_rowid=False,
    )
    op.create_index("links_account", "links", ["account_id"], unique=False)
    op.create_index("links_expires", "links", ["expires_at"], unique=False)


def _revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("tested_at", MOMENT, nullable=True),
        sa.Column("tested_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id", "organization_id"],
            ["connections.id", "connections.organization_id"],
            name="revisions_connection_id_organization_id_fk",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="revisions_organization_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connection_id", "number", name="revisions_pk"),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("subject_key", sa.Text(), nullable=True),
        sa.Column("session_index", sa.Text(), nullable=True),
        sa.Column("auth_time", MOMENT, nullable=False),
        sa.Column("acr", sa.Text(), nullable=True),
        sa.Column("amr", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("idle_until", MOMENT, nullable=False),
        sa.Column("not_after", MOMENT, nullable=False),
        sa.Column("must_reauth", sa.Boolean(), nullable=False),
        sa.Column("client_address", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "organization_id"],
            ["accounts.id", "accounts.organization_id"],
            name="sessions_account_id_organization_id_fk",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="sessions_organization_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="sessions_pk"),
        sa.UniqueConstraint("token_hash", name="sessions_token_hash_unique"),
        sqlite_with_rowid=False,
    )
    op.create_index("sessions_account", "sessions", ["account_id"], unique=False)
    op.create_index("sessions_index", "sessions", ["connection_id", "session_index"], unique=False)
    op.create_index("sessions_not_after", "sessions", ["not_after"], unique=False)
    op.create_index("sessions_subject", "sessions", ["connection_id", "subject_key"], unique=False)


def _signing_keys() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id", "organization_id"],
            ["connections.id", "connections.organization_id"],
            name="signing_keys_connection_id_organization_id_fk",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name="signing_keys_organization_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="signing_keys_pk"),
    )
    op.create_index(
        "signing_keys_current_unique",
        "signing_keys",
        ["connection_id"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
