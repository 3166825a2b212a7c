"""Two organizations on one server: Globex, whose owner sends what no page offers, and Acme, which it must not see."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ostiary.demo.dns_server import DnsServer
from ostiary.domain.account import Account
from ostiary.domain.break_glass.holder import Passkey
from ostiary.domain.connection import Connection
from ostiary.domain.organization import Organization, Plan
from ostiary.kernel.clock import SystemClock
from ostiary.kernel.ids import AttemptId, key_id, secret
from ostiary.kernel.randomness import SystemRandom
from ostiary.services import Services
from ostiary.services.audit_trail import Actor
from ostiary.services.client import Client
from ostiary.services.connection_form import SaveSaml
from ostiary.services.connections import Saved
from ostiary.services.saml.request import Departure
from ostiary.services.sessions import Proof
from ostiary.storage import upgrade
from ostiary.web import Rim
from ostiary.web.routing import Row
from tests.load.provider import ISSUER, Provider
from tests.web.rim import a_rim, some_services

CLIENT = Client(address="203.0.113.24", user_agent="", login_key=None)
SECRET_MARK = "velvet"
"""Stands in every name, address and URL of Acme, and nowhere else."""
FORMS: Mapping[str, Mapping[str, str]] = {
    "/theme": {"theme": "dark", "return_to": "/"},
    "/login": {"email": "someone@globex.example", "password": "not the password"},
    "/login/sso": {"email": "someone@globex.example", "way": "", "return_to": "/"},
    "/login/connection": {"connection": "{connection_id}", "email": "someone@globex.example"},
    "/login/break-glass": {"email": "someone@globex.example", "password": "not the password", "code": "AAAAA-AAAAA"},
    "/login/break-glass/passkey": {"answer": "{{}}", "challenge": "AAAA"},
    "/password/forgot": {"email": "someone@globex.example"},
    "/password/set": {"link": "0" * 64, "password": "a long enough password"},
    "/logout": {},
    "/oauth2/idpresponse/{connection_id}": {"code": "c", "state": "t.0", "iss": "https://idp.example"},
    "/oidc/{connection_id}/start": {"iss": "https://idp.example", "login_hint": "a@b.example", "target_link_uri": "/"},
    "/oidc/{connection_id}/backchannel-logout": {"logout_token": "e30.e30.e30"},
    "/saml/{connection_id}/slo": {"SAMLRequest": "PHNhbWxwOkxvZ291dFJlcXVlc3QvPg==", "RelayState": "x"},
    "/saml/{connection_id}/acs": {"SAMLResponse": "PHNhbWxwOlJlc3BvbnNlLz4=", "RelayState": "{attempt_id}"},
    "/settings/security/connections": {"provider": "okta", "protocol": "saml"},
    "/settings/security/connections/{connection_id}/discard": {},
    "/settings/security/connections/{connection_id}/name": {"name": "Okta of the staff"},
    "/settings/security/connections/{connection_id}": {
        "sso_url": "https://idp.globex.example/sso",
        "idp_entity_id": "https://idp.globex.example/issuer",
        "certificate": "none",
        "metadata_url": "",
        "attribute_email": "email",
        "attribute_first_name": "firstName",
        "attribute_last_name": "lastName",
        "default_role": "member",
        "creates_accounts": "yes",
        "signs_requests": "",
        "tile": "convert",
        "confirms_expired": "",
    },
    "/settings/security/connections/{connection_id}/access": {"access": "yes"},
    "/settings/security/connections/{connection_id}/switch": {"on": "yes"},
    "/settings/security/connections/{connection_id}/delete": {},
    "/settings/security/connections/{connection_id}/secrets/{secret_id}/delete": {},
    "/settings/security/connections/{connection_id}/enforce": {"how": "now", "from": ""},
    "/settings/security/connections/{connection_id}/enforce/stop": {},
    "/settings/security/connections/{connection_id}/keys/prepare": {},
    "/settings/security/connections/{connection_id}/keys/switch": {},
    "/settings/security/connections/{connection_id}/keys/remove": {},
    "/settings/security/connections/{connection_id}/test": {},
    "/settings/security/connections/{connection_id}/test/{attempt_id}/identity": {"password": "not the password"},
    "/login/continue": {"way": "stay", "return_to": "/"},
    "/login/possession/{attempt_id}": {"way": "code", "code": "123456"},
    "/settings/security/connections/{connection_id}/metadata": {},
    "/settings/security/connections/{connection_id}/metadata/proposal": {"decision": "keep"},
    "/settings/security/doctor": {"pasted": "<a/>", "connection": "{connection_id}", "at": ""},
    "/settings/security/doctor/fetch": {"address": "https://idp.globex.example/metadata", "connection": ""},
    "/settings/security/break-glass": {"account": "{account_id}"},
    "/settings/security/break-glass/{account_id}/remove": {},
    "/settings/security/break-glass/own/codes": {"password": "not the password"},
    "/settings/security/break-glass/own/passkeys/new": {"password": "not the password", "name": "Key"},
    "/settings/security/break-glass/own/passkeys": {"answer": "{{}}", "challenge": "AAAA", "name": "Key"},
    "/settings/security/break-glass/own/passkeys/{passkey_id}/remove": {},
    "/settings/security/break-glass/own/sign-in": {"then": "codes"},
    "/settings/security/domains": {"domain": "sub.globex.example"},
    "/settings/security/domains/{domain_id}/check": {},
    "/settings/security/domains/{domain_id}/remove": {},
}
"""For each form of the product, its fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """An organization with everything that has an id."""

    organization: Organization
    owner: Account
    ids: Mapping[str, str]
    """What may stand in a path: connection_id, attempt_id, domain_id, reference, slug; and a code."""


@dataclass(slots=True, kw_only=True)
class TwoTenants:
    """The server, and both of its customers."""

    services: Services
    app: Rim
    provider: Provider
    acme: Tenant

    def globex(self) -> tuple[Tenant, str]:
        """Globex as it should be, whatever an earlier test has deleted; and the cookie of its owner."""
        tenant = a_tenant(self.services, "globex", name="Globex", host="globex.example", provider=self.provider)
        services = self.services
        now = services.clock.now()
        proof = Proof(
            connection=None,
            issuer=None,
            subject=None,
            session_index=None,
            auth_time=now,
            acr=None,
            amr=("pwd",),
            not_on_or_after=None,
        )
        with services.sessions.store.write() as tx:
            new = services.sessions.begin(tx, tenant.owner, proof=proof, client=CLIENT, replaces=None, now=now)
        return tenant, f"{self.app.cookies.session}={new.token}"

    def seen_of_acme(self, *, with_attempt: bool) -> object:
        """All that an attack could have changed."""
        acme = self.acme
        with self.services.sessions.store.read() as tx:
            return (
                tx.organizations.by_id(acme.organization.id),
                tx.connections.of(acme.organization.id),
                tx.domains.of(acme.organization.id),
                tx.accounts.page(organization_id=acme.organization.id),
                tx.break_glass.of(acme.organization.id),
                tx.attempts.by_id(AttemptId(acme.ids["attempt_id"])) if with_attempt else None,
            )


@contextmanager
def two_tenants(folder: Path, *, database_url: str = "") -> Iterator[TwoTenants]:
    """A new server with both of them."""
    if database_url:
        upgrade(database_url)
    dns = DnsServer(clock=SystemClock())
    dns.start()
    services = some_services(folder, database_url=database_url, dns_server=dns.server)
    provider = Provider()
    try:
        acme = a_tenant(
            services, SECRET_MARK, name=f"Acme {SECRET_MARK}", host=f"{SECRET_MARK}.example", provider=provider
        )
        yield TwoTenants(services=services, app=a_rim(services), provider=provider, acme=acme)
    finally:
        services.close()
        dns.stop()


def a_tenant(services: Services, slug: str, *, name: str, host: str, provider: Provider) -> Tenant:
    """The organization of this name, its owner, and a new enabled connection, domain and attempt."""
    organization = services.organizations.by_slug(slug)
    if organization is None:
        services.organizations.add(slug, name=name, owner_email=f"owner@{host}", plan=Plan.BUSINESS)
        organization = services.organizations.by_slug(slug)
    assert organization is not None
    scope = {"organization_id": organization.id}
    store = services.sessions.store
    with store.read() as tx:
        owner = tx.accounts.by_email(f"owner@{host}", **scope)
        domain = next(iter(tx.domains.of(organization.id)), None)
    assert owner is not None
    if owner.password_hash is None:
        # What asks owners for their password has to have one to ask for.
        with store.write() as tx:
            tx.accounts.set_password(owner.id, password_hash=services.passwords.hash("a long enough password"), **scope)
            owner = tx.accounts.by_id(owner.id, **scope) or owner
    actor = Actor.of(owner, client_address="")
    domain = domain or services.domains.add(host, actor=actor, **scope)
    connection = _enabled(services, organization, owner, host=host, provider=provider)
    departure = Departure(email_hint=f"pat@{host}")
    leaving = services.saml_login.start(connection.id, departure=departure, client=CLIENT)
    with store.read() as tx:
        attempt = tx.attempts.by_id(leaving.attempt_id)
    assert attempt is not None
    ids = {
        "connection_id": connection.id,
        "attempt_id": attempt.id,
        "domain_id": domain.id,
        "account_id": owner.id,
        "passkey_id": _passkey(services, owner),
        "secret_id": "k00000000000",
        "reference": attempt.reference,
        "slug": slug,
        "logout_id": "_" + "0" * 32,
        "role": "current",
        "code": "saml.audience_mismatch",
    }
    return Tenant(organization=organization, owner=owner, ids=ids)


def _passkey(services: Services, owner: Account) -> str:
    """The owner has break-glass access and a passkey."""
    services.break_glass.roster.name(owner.id, by=owner, actor=Actor.of(owner, client_address=""))
    passkey = Passkey(
        id=key_id(SystemRandom()),
        organization_id=owner.organization_id,
        account_id=owner.id,
        credential_id=secret(SystemRandom()),
        public_key=b"",
        sign_count=0,
        transports=(),
        name=f"Key of {owner.email}",
        added_at=services.clock.now(),
        last_used_at=None,
        stopped_at=None,
    )
    with services.sessions.store.write() as tx:
        held = tx.passkeys.of(owner.id, organization_id=owner.organization_id)
        if not held:
            tx.passkeys.insert(passkey)
    return held[0].id if held else passkey.id


def _enabled(
    services: Services, organization: Organization, owner: Account, *, host: str, provider: Provider
) -> Connection:
    actor, scope = Actor.of(owner, client_address=""), {"organization_id": organization.id}
    with services.sessions.store.read() as tx:
        enabled = [one for one in tx.connections.of(organization.id) if one.is_enabled]
    if enabled:
        return enabled[0]
    draft = services.connections.draft("okta", organization=organization, actor=actor).connection
    form = SaveSaml(sso_url=f"https://idp.{host}/sso", idp_entity_id=ISSUER, certificate=provider.certificate)
    saved = services.connections.save(draft.id, form, organization=organization, actor=actor)
    assert isinstance(saved, Saved), saved
    assert saved.connection.latest is not None
    now = services.clock.now()
    with services.sessions.store.write() as tx:
        tx.connections.mark_tested(draft.id, number=saved.connection.latest.number, at=now, by=owner.id, **scope)
        tx.connections.set_enabled(draft.id, at=now, **scope)
        connection = tx.connections.by_id(draft.id)
    assert connection is not None
    return connection


def path_of(row: Row, ids: Mapping[str, str]) -> str:
    """The row's path with these ids."""
    path = row.path
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def form_of(row: Row, ids: Mapping[str, str]) -> dict[str, str]:
    """The fields of the row's form, filled in."""
    return {name: value.format(**ids) for name, value in FORMS.get(row.path, {}).items()}
