"""What the demo begins with. Made at the first start only: what a visitor changes or deletes stays so."""

from dataclasses import dataclass
from datetime import datetime

from ostiary.demo.dns_server import DnsServer
from ostiary.demo.people import ACME, COMPANIES, GLOBEX, OKTA_PASSWORD, ONELOGIN_PASSWORD, PRODUCT_PASSWORD, Company
from ostiary.domain.account import Account
from ostiary.domain.connection import Connection
from ostiary.domain.identity import LinkedIdentity
from ostiary.domain.organization import Organization, Plan
from ostiary.kernel import ids
from ostiary.kernel.randomness import Random
from ostiary.kernel.values import EmailAddress
from ostiary.services import Services
from ostiary.services.audit_trail import Actor
from ostiary.services.connection_form import SaveSaml
from ostiary.services.connections import NotSaved
from ostiary.simulator import SamlApp, Simulator
from ostiary.storage import Store

GLOBEX_APP = "Ringline (Globex)"
"""Its name at Okta: beside it stands the "Ringline" that a visitor adds for Acme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Everything that is planted on."""

    services: Services
    store: Store
    random: Random
    onelogin: Simulator
    okta: Simulator
    dns: DnsServer


def plant(ground: Ground) -> None:
    """Make what is missing of both companies. Needs the DNS server to be running, and nothing else.

    It may be stopped at any moment and called again.
    """
    for company in COMPANIES:
        _organization(company, ground)
        _directories(company, ground)
    _connect_globex(ground)


def _organization(company: Company, ground: Ground) -> None:
    if ground.services.organizations.by_slug(company.slug) is not None:
        return
    now = ground.services.clock.now()
    organization = Organization(
        id=ids.organization_id(ground.random),
        slug=company.slug,
        name=company.name,
        plan=Plan.BUSINESS,
        plan_since=now,
        sso_until=None,
        created_at=now,
    )
    accounts = _accounts(company, organization, ground, now)  # hashing takes long, so before the transaction
    with ground.store.write() as tx:
        tx.organizations.insert(organization)
        for account in accounts:
            tx.accounts.insert(account)


def _accounts(company: Company, organization: Organization, ground: Ground, now: datetime) -> list[Account]:
    return [
        Account(
            id=ids.account_id(ground.random),
            organization_id=organization.id,
            email=EmailAddress.parse(person.email),
            first_name=person.first_name,
            last_name=person.last_name,
            role=person.role,
            password_hash=ground.services.passwords.hash(PRODUCT_PASSWORD),
            is_active=True,
            created_at=now,
        )
        for person in company.people
        if person.role is not None
    ]


def _directories(company: Company, ground: Ground) -> None:
    """The same people, at the identity providers that their company uses: Acme has yet to choose one."""
    used = [(ground.okta, OKTA_PASSWORD)]
    if company is ACME:
        used.append((ground.onelogin, ONELOGIN_PASSWORD))
    for simulator, password in used:
        for person in company.people:
            simulator.add_user(
                person.email,
                first_name=person.first_name,
                last_name=person.last_name,
                password=password,
                groups=person.groups,
            )


def _connect_globex(ground: Ground) -> None:
    organization = ground.services.organizations.by_slug(GLOBEX.slug)
    assert organization is not None  # noqa: S101 - it was made a moment ago
    with ground.store.read() as tx:
        owner = tx.accounts.by_email(GLOBEX.owner.email, organization_id=organization.id)
    assert owner is not None  # noqa: S101 - the same
    actor = Actor.of(owner, client_address="")
    _verify_domain(organization, actor, ground)
    connections = ground.services.connections.overview(organization).connections
    if any(view.connection.is_enabled for view in connections):
        return
    draft = connections[0] if connections else None
    view = draft or ground.services.connections.draft("okta", organization=organization, actor=actor)
    app = _app_at_okta(acs_url=view.urls.acs_url, entity_id=view.connection.entity_id, ground=ground)
    ground.services.connections.confirm_access(view.connection.id, organization_id=organization.id, actor=actor)
    _save(view.connection, app, organization, actor, ground)
    _turn_on(view.connection, app, owner, ground)


def _verify_domain(organization: Organization, actor: Actor, ground: Ground) -> None:
    domain = ground.services.domains.add(GLOBEX.domain, organization_id=organization.id, actor=actor)
    if not domain.is_verified:
        ground.dns.add(domain.record_name, value=domain.record_value)
        ground.services.domains.check(domain.id, organization_id=organization.id, actor=actor)


def _app_at_okta(*, acs_url: str, entity_id: str, ground: Ground) -> SamlApp:
    app = ground.okta.add_saml_app(GLOBEX_APP, acs_url=acs_url, audience=entity_id)
    for person in GLOBEX.people:
        user = ground.okta.add_user(
            person.email, first_name=person.first_name, last_name=person.last_name, password=OKTA_PASSWORD
        )
        ground.okta.assign(app, user)
    return app


def _save(connection: Connection, app: SamlApp, organization: Organization, actor: Actor, ground: Ground) -> None:
    form = SaveSaml(sso_url=app.sso_url, idp_entity_id=app.issuer, certificate=app.certificate_pem.encode())
    saved = ground.services.connections.save(connection.id, form, organization=organization, actor=actor)
    if isinstance(saved, NotSaved):
        raise saved.problems[0].refusal  # our own words and the simulator's don't fit together any more


def _turn_on(connection: Connection, app: SamlApp, owner: Account, ground: Ground) -> None:
    """What a passed test by the owner leaves behind, who then used the tested identity for their own account."""
    now = ground.services.clock.now()
    with ground.store.write() as tx:
        saved = tx.connections.by_id(connection.id)
        assert saved is not None  # noqa: S101 - it was saved a moment ago
        assert saved.latest is not None  # noqa: S101 - the same
        tx.connections.mark_tested(
            connection.id, organization_id=owner.organization_id, number=saved.latest.number, at=now, by=owner.id
        )
        tx.connections.set_enabled(connection.id, organization_id=owner.organization_id, at=now)
        tx.identities.insert(
            LinkedIdentity(
                id=ids.identity_id(ground.random),
                organization_id=owner.organization_id,
                connection_id=connection.id,
                account_id=owner.id,
                issuer=app.issuer,
                subject=owner.email.key,
                email=owner.email,
                created_at=now,
                last_used_at=now,
            )
        )
