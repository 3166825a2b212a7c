"""What the tests of the store keep in it: small, whole, and different each time unless told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from ostiary.domain.account import Account, Role
from ostiary.domain.attempt import LIFETIME, LoginAttempt, Origin, Outcome, Purpose
from ostiary.domain.audit import AuditEvent
from ostiary.domain.connection import AttributeNames, Connection, Protocol, Revision, SamlSettings
from ostiary.domain.email_domain import EmailDomain
from ostiary.domain.identity import LinkedIdentity
from ostiary.domain.mail import OutboxMail
from ostiary.domain.organization import Organization, Plan
from ostiary.domain.session import IDLE, LONGEST, Session
from ostiary.domain.upkeep.metadata_source import MetadataSource
from ostiary.kernel import ids
from ostiary.kernel.randomness import SystemRandom
from ostiary.kernel.values import DomainName, EmailAddress
from ostiary.storage import Store, Transaction

NOW = datetime(2026, 11, 21, 9, 30, 15, 123456, tzinfo=UTC)
RANDOM = SystemRandom()
_numbers = count(1)


def an_organization(**given) -> Organization:
    values = {
        "id": ids.organization_id(RANDOM),
        "slug": f"acme-{next(_numbers)}-{RANDOM.token(3).hex()}",
        "name": "Acme & Söhne",
        "plan": Plan.BUSINESS,
        "plan_since": NOW,
        "sso_until": None,
        "created_at": NOW,
    }
    return Organization(**{**values, **given})


def an_account(organization: Organization, **given) -> Account:
    values = {
        "id": ids.account_id(RANDOM),
        "organization_id": organization.id,
        "email": EmailAddress.parse(f"Dana.{next(_numbers)}@acme.example"),
        "first_name": "Dana",
        "last_name": "Ольга",
        "role": Role.MEMBER,
        "password_hash": None,
        "is_active": True,
        "created_at": NOW,
    }
    return Account(**{**values, **given})


def a_domain(organization: Organization, **given) -> EmailDomain:
    values = {
        "id": ids.domain_id(RANDOM),
        "organization_id": organization.id,
        "name": DomainName("acme.example"),
        "challenge": ids.secret(RANDOM)[:32],
        "created_at": NOW,
        "verified_at": None,
        "checked_at": None,
        "found": (),
    }
    return EmailDomain(**{**values, **given})


def a_connection(organization: Organization, **given) -> Connection:
    connection_id = ids.connection_id(RANDOM)
    values = {
        "id": connection_id,
        "organization_id": organization.id,
        "protocol": Protocol.SAML,
        "provider": "okta",
        "entity_id": f"https://sso.example/saml/{connection_id}",
        "created_at": NOW,
        "enabled_at": None,
        "was_ever_on": False,
        "access_confirmed_at": None,
        "access_confirmed_by": None,
        "latest": None,
        "serving": None,
    }
    return Connection(**{**values, **given})


def a_revision(connection: Connection, *, by: Account, **given) -> Revision:
    values = {
        "connection_id": connection.id,
        "organization_id": connection.organization_id,
        "number": 1,
        "settings": SamlSettings(
            sso_url="https://acme.okta.example/sso",
            idp_entity_id="http://www.okta.example/exk1",
            certificates=("MIIB", "MIIC"),
            attributes=AttributeNames(email="Email"),
            default_role=Role.ADMIN,
            creates_accounts=False,
            signs_requests=True,
        ),
        "saved_at": NOW,
        "saved_by": by.id,
        "tested_at": None,
        "tested_by": None,
    }
    return Revision(**{**values, **given})


def an_attempt(connection: Connection, *, started_at: datetime = NOW, **given) -> LoginAttempt:
    values = {
        "id": ids.attempt_id(RANDOM, started_at),
        "reference": ids.reference(RANDOM),
        "organization_id": connection.organization_id,
        "connection_id": connection.id,
        "revision": 1,
        "purpose": Purpose.LOGIN,
        "origin": Origin.SIGN_IN_PAGE,
        "outcome": Outcome.WAITING,
        "request_id": ids.request_id(RANDOM),
        "browser_hash": ids.fingerprint("browser"),
        "return_to": "/",
        "started_at": started_at,
        "expires_at": started_at + LIFETIME,
        "answered_at": None,
        "finished_at": None,
        "email_hint": "dana@acme.example",
        "person": "",
        "account_id": None,
        "tested_by": None,
        "code": None,
        "facts": {},
        "client_address": "192.0.2.7",
        "user_agent": "Browser/1",
    }
    return LoginAttempt(**{**values, **given})


def a_session(account: Account, *, token: str, connection: Connection | None = None, **given) -> Session:
    values = {
        "id": ids.session_id(RANDOM, NOW),
        "token_hash": ids.fingerprint(token),
        "organization_id": account.organization_id,
        "account_id": account.id,
        "connection_id": connection.id if connection else None,
        "issuer": "http://www.okta.example/exk1" if connection else None,
        "subject": "dana@acme.example" if connection else None,
        "session_index": "_index-1" if connection else None,
        "auth_time": NOW,
        "acr": None,
        "amr": ("pwd", "mfa"),
        "created_at": NOW,
        "idle_until": NOW + IDLE,
        "not_after": NOW + LONGEST,
        "must_reauth": False,
        "client_address": "192.0.2.7",
        "user_agent": "Browser/1",
    }
    return Session(**{**values, **given})


def an_identity(account: Account, connection: Connection, **given) -> LinkedIdentity:
    values = {
        "id": ids.identity_id(RANDOM),
        "organization_id": account.organization_id,
        "connection_id": connection.id,
        "account_id": account.id,
        "issuer": "http://www.okta.example/exk1",
        "subject": "dana@acme.example",
        "email": account.email,
        "created_at": NOW,
        "last_used_at": None,
    }
    return LinkedIdentity(**{**values, **given})


def an_audit_event(organization: Organization, *, at: datetime = NOW, **given) -> AuditEvent:
    values = {
        "id": ids.event_id(RANDOM, at),
        "organization_id": organization.id,
        "at": at,
        "actor": "Dana",
        "account_id": None,
        "action": "connection.saved",
        "subject": "c1",
        "facts": {"revision": "2", "names": ("a", "b")},
        "client_address": "",
    }
    return AuditEvent(**{**values, **given})


def a_metadata_source(connection: Connection, **given) -> MetadataSource:
    source = MetadataSource.new(
        connection.id, organization_id=connection.organization_id, url="https://acme.okta.example/metadata", now=NOW
    )
    return replace(source, **given)


def a_mail(organization: Organization | None, *, at: datetime = NOW, **given) -> OutboxMail:
    values = {
        "id": ids.event_id(RANDOM, at),
        "organization_id": organization.id if organization else None,
        "to": "dana@acme.example",
        "subject": "Set a new password",
        "text": "https://sso.example/password/set?link=1f3a\n",
        "created_at": at,
    }
    return OutboxMail(**{**values, **given})


class Ground:
    """An organization with an account and a connection whose first revision is tested and on."""

    def __init__(self, tx: Transaction) -> None:
        self.organization = an_organization()
        self.account = an_account(self.organization)
        draft = a_connection(self.organization)
        tx.organizations.insert(self.organization)
        tx.accounts.insert(self.account)
        tx.connections.insert(draft)
        revision = a_revision(draft, by=self.account, tested_at=NOW, tested_by=self.account.id)
        tx.connections.save_revision(revision, organization_id=self.organization.id)
        tx.connections.set_enabled(draft.id, organization_id=self.organization.id, at=NOW)
        connection = tx.connections.by_id(draft.id)
        assert connection is not None
        self.connection = connection
        self.scope = {"organization_id": self.organization.id}


def ground(store: Store) -> Ground:
    """A ground to stand on, committed."""
    with store.write() as tx:
        return Ground(tx)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)
