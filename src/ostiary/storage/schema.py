"""Every table, for both engines. A change here needs a migration; a test compares the two.

Rule: a tenant's table has `organization_id`, and refers to other tenants' tables by (id, organization_id), so that no
row can ever point into another organization.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from ostiary.storage.columns import Facts, Moment, Texts

METADATA = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "uq": "%(table_name)s_%(column_0_N_name)s_unique",
        "fk": "%(table_name)s_%(column_0_N_name)s_fk",
    }
)


def _organization(*, nullable: bool = False) -> Column[str]:
    # Typed as in the referred column; deleting an organization deletes everything of it.
    return Column("organization_id", Text, ForeignKey("organizations.id", ondelete="CASCADE"), nullable=nullable)


def _of_account() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["account_id", "organization_id"], ["accounts.id", "accounts.organization_id"], ondelete="CASCADE"
    )


def _of_connection() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["connection_id", "organization_id"], ["connections.id", "connections.organization_id"], ondelete="CASCADE"
    )


meta = Table(
    "meta",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

organizations = Table(
    "organizations",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("plan_since", Moment, nullable=False),
    Column("sso_until", Moment),
    Column("created_at", Moment, nullable=False),
)

accounts = Table(
    "accounts",
    METADATA,
    Column("id", Text, primary_key=True),
    _organization(),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password_hash", Text),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text),
    Column("deactivated_at", Moment),
    UniqueConstraint("id", "organization_id"),
)
Index(
    "accounts_active_email_unique",
    accounts.c.organization_id,
    accounts.c.email_key,
    unique=True,
    sqlite_where=text("is_active"),
    postgresql_where=text("is_active"),
)
Index("accounts_organization_email", accounts.c.organization_id, accounts.c.email_key, accounts.c.id)
Index("accounts_email", accounts.c.email_key)

domains = Table(
    "domains",
    METADATA,
    Column("id", Text, primary_key=True),
    _organization(),
    Column("name", Text, nullable=False),
    Column("challenge", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("verified_at", Moment),
    Column("checked_at", Moment),
    Column("found", Texts, nullable=False),
    Column("missing_since", Moment),
    Column("due_at", Moment),  # when a verified one is looked up next
    UniqueConstraint("organization_id", "name"),
)
# A verified domain belongs to one organization (decision 30), whoever else claims it.
Index(
    "domains_verified_name_unique",
    domains.c.name,
    unique=True,
    sqlite_where=text("verified_at IS NOT NULL"),
    postgresql_where=text("verified_at IS NOT NULL"),
)
Index("domains_due", domains.c.due_at)

connections = Table(
    "connections",
    METADATA,
    Column("id", Text, primary_key=True),
    _organization(),
    Column("protocol", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("entity_id", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("enabled_at", Moment),
    Column("was_ever_on", Boolean, nullable=False),
    Column("access_confirmed_at", Moment),
    Column("access_confirmed_by", Text),
    Column("latest_number", Integer),
    Column("serving_number", Integer),
    Column("name", Text, nullable=False, server_default=""),  # '' for the provider's own
    Column("enforced_at", Moment),
    Column("enforced_by", Text),
    Column("enforced_from", Moment),
    Column("warning_due_at", Moment),  # when the next people are told of it by mail; null: nobody is left
    Column("warned_up_to", Text),  # the address of the last one who was
    UniqueConstraint("id", "organization_id"),
)
Index("connections_organization", connections.c.organization_id, connections.c.id)
Index(
    "connections_warning_due",
    connections.c.warning_due_at,
    sqlite_where=text("warning_due_at IS NOT NULL"),
    postgresql_where=text("warning_due_at IS NOT NULL"),
)

revisions = Table(
    "revisions",
    METADATA,
    Column("connection_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    _organization(),
    Column("settings", Text, nullable=False),
    Column("saved_at", Moment, nullable=False),
    Column("saved_by", Text, nullable=False),
    Column("tested_at", Moment),
    Column("tested_by", Text),
    PrimaryKeyConstraint("connection_id", "number"),
    _of_connection(),
)

signing_keys = Table(
    "signing_keys",
    METADATA,
    Column("id", Text, primary_key=True),
    _organization(),
    Column("connection_id", Text, nullable=False),
    Column("private_key", LargeBinary, nullable=False),  # sealed
    Column("created_at", Moment, nullable=False),
    Column("retired_at", Moment),  # NULL for the current one: the version before 0002 knows no other
    Column("role", Text, nullable=False, server_default="current"),
    Column("changed_at", Moment),
    _of_connection(),
)
# Of two replicas that make a connection's first or next key at the same time, one wins.
Index("signing_keys_role_unique", signing_keys.c.connection_id, signing_keys.c.role, unique=True)

identities = Table(
    "identities",
    METADATA,
    Column("id", Text, primary_key=True),
    _organization(),
    Column("connection_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_key", Text, nullable=False),  # hash of issuer and subject: of any length, an index has a limit
    Column("email", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    UniqueConstraint("connection_id", "subject_key"),
    _of_connection(),
    _of_account(),
    sqlite_with_rowid=False,
)
Index("identities_account", identities.c.account_id, identities.c.connection_id)

attempts = Table(
    "attempts",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("reference", Text, nullable=False, unique=True),
    _organization(),
    Column("connection_id", Text, nullable=False),  # no foreign key: the story of a deleted connection is kept
    Column("revision", Integer, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("request_id", Text),
    Column("browser_hash", Text),
    Column("return_to", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("finished_at", Moment),
    Column("email_hint", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("account_id", Text),
    Column("tested_by", Text),
    Column("code", Text),
    Column("facts", Facts, nullable=False),
    Column("client_address", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    sqlite_with_rowid=False,
)
Index("attempts_organization", attempts.c.organization_id, attempts.c.id)
Index("attempts_connection_outcome", attempts.c.connection_id, attempts.c.outcome, attempts.c.id)
Index(
    "attempts_request_unique",
    attempts.c.connection_id,
    attempts.c.request_id,
    unique=True,
    sqlite_where=text("request_id IS NOT NULL"),
    postgresql_where=text("request_id IS NOT NULL"),
)
Index(
    "attempts_waiting",
    attempts.c.expires_at,
    sqlite_where=text("outcome = 'waiting'"),
    postgresql_where=text("outcome = 'waiting'"),
)

attempt_events = Table(
    "attempt_events",
    METADATA,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True),
    Column("attempt_id", Text, ForeignKey("attempts.id", ondelete="CASCADE"), nullable=False),
    _organization(),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("facts", Facts, nullable=False),
)
Index("attempt_events_attempt", attempt_events.c.attempt_id, attempt_events.c.number)

attempt_messages = Table(
    "attempt_messages",
    METADATA,
    Column("attempt_id", Text, ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True),
    _organization(),
    Column("connection_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),  # sealed
    Column("keep_until", Moment),
)
Index("attempt_messages_kind", attempt_messages.c.connection_id, attempt_messages.c.kind, attempt_messages.c.attempt_id)
Index("attempt_messages_keep", attempt_messages.c.keep_until)

attempt_reports = Table(
    "attempt_reports",
    METADATA,
    Column("attempt_id", Text, ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True),
    _organization(),
    Column("body", LargeBinary, nullable=False),  # sealed
)

replays = Table(
    "replays",
    METADATA,
    Column("connection_id", Text, nullable=False),
    Column("assertion_key", Text, nullable=False),  # hash of issuer and assertion id
    Column("until", Moment, nullable=False),
    PrimaryKeyConstraint("connection_id", "assertion_key"),
    sqlite_with_rowid=False,
)
Index("replays_until", replays.c.until)

sessions = Table(
    "sessions",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    _organization(),
    Column("account_id", Text, nullable=False),
    Column("connection_id", Text),
    Column("issuer", Text),
    Column("subject", Text),
    Column("subject_key", Text),
    Column("session_index", Text),
    Column("name_id", Facts),  # as it was received: a LogoutRequest names the person letter by letter
    Column("auth_time", Moment, nullable=False),
    Column("acr", Text),
    Column("amr", Texts, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("idle_until", Moment, nullable=False),
    Column("not_after", Moment, nullable=False),
    Column("must_reauth", Boolean, nullable=False),
    Column("client_address", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    _of_account(),
    sqlite_with_rowid=False,
)
Index("sessions_subject", sessions.c.connection_id, sessions.c.subject_key)
Index("sessions_index", sessions.c.connection_id, sessions.c.session_index)
Index("sessions_account", sessions.c.account_id)
Index("sessions_not_after", sessions.c.not_after)

logouts = Table(
    "logouts",
    METADATA,
    Column("id", Text, primary_key=True),  # of our LogoutRequest
    _organization(),
    Column("connection_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("outcome", Text, nullable=False),
    Column("code", Text),
    _of_connection(),
    _of_account(),
    sqlite_with_rowid=False,
)
Index("logouts_expires", logouts.c.expires_at)

audit = Table(
    "audit",
    METADATA,
    Column("id", Text, primary_key=True),
    _organization(),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("account_id", Text),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("facts", Facts, nullable=False),
    Column("client_address", Text, nullable=False),
)
Index("audit_organization", audit.c.organization_id, audit.c.id)

links = Table(
    "links",
    METADATA,
    Column("hash", Text, primary_key=True),
    _organization(),
    Column("account_id", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("expires_at", Moment, nullable=False),
    _of_account(),
    sqlite_with_rowid=False,
)
Index("links_account", links.c.account_id)
Index("links_expires", links.c.expires_at)

jobs = Table(
    "jobs",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("unique_key", Text, unique=True),
    Column("payload", Facts, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("attempts", Integer, nullable=False),
)
Index("jobs_due", jobs.c.due_at, jobs.c.kind)

outbox = Table(
    "outbox",
    METADATA,
    Column("id", Text, primary_key=True),
    _organization(nullable=True),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),  # sealed: one-time links stand in mails
    Column("created_at", Moment, nullable=False),
    Column("next_at", Moment),  # null: given up
    Column("attempts", Integer, nullable=False),
    Column("why", Text, nullable=False),
)
Index("outbox_next", outbox.c.next_at)

throttle = Table(
    "throttle",
    METADATA,
    Column("key", Text, primary_key=True),  # hash: addresses that anybody typed are nothing to keep
    Column("window_ends", Moment, nullable=False),
    Column("hits", Integer, nullable=False),
    sqlite_with_rowid=False,
)
Index("throttle_window", throttle.c.window_ends)

metadata_sources = Table(
    "metadata_sources",
    METADATA,
    Column("connection_id", Text, primary_key=True),
    _organization(),
    Column("url", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("asked_at", Moment),
    Column("checked_at", Moment),
    Column("answered_at", Moment),
    Column("read_revision", Integer),
    Column("etag", Text, nullable=False),
    Column("interval_seconds", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("code", Text),
    Column("facts", Facts, nullable=False),
    Column("changed_at", Moment),
    Column("came", Texts, nullable=False),
    Column("went", Texts, nullable=False),
    Column("departing", Facts, nullable=False),
    Column("proposal", Facts, nullable=False),
    Column("is_put_aside", Boolean, nullable=False),
    _of_connection(),
    sqlite_with_rowid=False,
)
Index("metadata_sources_due", metadata_sources.c.due_at)

upkeep = Table(
    "upkeep",
    METADATA,
    Column("connection_id", Text, primary_key=True),
    _organization(),
    Column("due_at", Moment, nullable=False),
    _of_connection(),
    sqlite_with_rowid=False,
)
Index("upkeep_due", upkeep.c.due_at)

expiry_notices = Table(
    "expiry_notices",
    METADATA,
    Column("connection_id", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    _organization(),
    Column("days", Integer, nullable=False),
    Column("noticed_at", Moment, nullable=False),
    PrimaryKeyConstraint("connection_id", "fingerprint"),
    _of_connection(),
    sqlite_with_rowid=False,
)

attempt_secrets = Table(
    "attempt_secrets",
    METADATA,
    Column("attempt_id", Text, ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True),
    _organization(),
    Column("body", LargeBinary, nullable=False),  # sealed: state, nonce and code verifier
    Column("expires_at", Moment, nullable=False),
)
Index("attempt_secrets_expires", attempt_secrets.c.expires_at)

client_secrets = Table(
    "client_secrets",
    METADATA,
    Column("id", Text, primary_key=True),
    _organization(),
    Column("connection_id", Text, nullable=False),
    Column("secret", LargeBinary, nullable=False),  # sealed
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", Moment),
    Column("issuer", Text, nullable=False, server_default=""),
    Column("used_at", Moment),
    _of_connection(),
)
Index("client_secrets_connection", client_secrets.c.connection_id, client_secrets.c.created_at)

provider_documents = Table(
    "provider_documents",
    METADATA,
    Column("connection_id", Text, primary_key=True),
    _organization(),
    Column("issuer", Text, nullable=False),
    Column("metadata", Text, nullable=False),
    Column("keys", Text, nullable=False),
    Column("fetched_at", Moment, nullable=False),
    Column("fresh_until", Moment, nullable=False),
    Column("stale_until", Moment, nullable=False),
    Column("forced_at", Moment),
    Column("unknown_keys", Facts, nullable=False),
    _of_connection(),
)

possessions = Table(
    "possessions",
    METADATA,
    Column("attempt_id", Text, ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True),
    _organization(),
    Column("account_id", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),  # sealed: who came, and what was proven of them
    Column("code_hash", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("expires_at", Moment, nullable=False),
    _of_account(),
)
Index("possessions_expires", possessions.c.expires_at)

session_tokens = Table(
    "session_tokens",
    METADATA,
    Column("session_id", Text, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    _organization(),
    Column("body", LargeBinary, nullable=False),  # sealed: the ID token, which a sign-out at the provider names
)

break_glass = Table(
    "break_glass",
    METADATA,
    Column("account_id", Text, primary_key=True),
    _organization(),
    Column("named_by", Text, nullable=False),
    Column("named_at", Moment, nullable=False),
    Column("code_key", LargeBinary, nullable=False),  # sealed: what the hashes of the recovery codes are keyed with
    _of_account(),
)
Index("break_glass_organization", break_glass.c.organization_id)

recovery_codes = Table(
    "recovery_codes",
    METADATA,
    Column("account_id", Text, nullable=False),
    Column("hash", Text, nullable=False),
    _organization(),
    Column("made_at", Moment, nullable=False),
    Column("used_at", Moment),
    PrimaryKeyConstraint("account_id", "hash"),
    _of_account(),
    sqlite_with_rowid=False,
)

passkeys = Table(
    "passkeys",
    METADATA,
    Column("id", Text, primary_key=True),
    _organization(),
    Column("account_id", Text, nullable=False),
    Column("credential_hash", Text, nullable=False, unique=True),  # an authenticator chooses the id, of any length
    Column("credential_id", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("transports", Texts, nullable=False),
    Column("name", Text, nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Column("stopped_at", Moment),  # since when it opens nothing: its counter went back
    _of_account(),
)
Index("passkeys_account", passkeys.c.account_id)

SEALED = (
    (signing_keys, "id", "private_key"),
    (attempt_messages, "attempt_id", "body"),
    (attempt_reports, "attempt_id", "body"),
    (outbox, "id", "body"),
    (attempt_secrets, "attempt_id", "body"),
    (client_secrets, "id", "secret"),
    (possessions, "attempt_id", "body"),
    (session_tokens, "session_id", "body"),
    (break_glass, "account_id", "code_key"),
)
"""(table, key column, column) of every sealed value: what the rotation of the sealing key reads and writes again."""
