"""The simulated providers of OpenID Connect, each with an application, and Acme's connection to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from ostiary.domain.connection import Connection, Protocol, Revision, urls
from ostiary.domain.openid.settings import ClaimNames, ClientSecret, OidcSettings, SubjectClaim, UserinfoUse
from ostiary.guides import guide
from ostiary.kernel import ids
from ostiary.kernel.ids import ConnectionId
from ostiary.simulator import OidcFault, ProviderFault, Simulator
from ostiary.simulator.oidc.apps import OidcApp
from tests.journeys.steps import DANA
from tests.journeys.walker import Walker
from tests.journeys.world import OKTA, ONELOGIN, PASSWORD, PEOPLE, PRODUCT, World

BASES: Final = {
    "okta": OKTA,
    "onelogin": ONELOGIN,
    "entra": "https://login.entra.example",
    "google": "https://accounts.google.com",
    "keycloak": "https://keycloak.acme.example",
}
VENDORS: Final = tuple(BASES)


def _same(settings: OidcSettings) -> OidcSettings:
    return settings


@dataclass
class Office:
    """Acme with a connection to one provider, saved and not tested, and Dana, its owner, who is signed in."""

    world: World
    vendor: str
    simulator: Simulator
    app: OidcApp
    connection_id: ConnectionId
    admin: Walker = field(repr=False)

    @property
    def page(self) -> str:
        """The address of the connection."""
        return f"{PRODUCT}/settings/security/connections/{self.connection_id}"

    @property
    def connection(self) -> Connection:
        """The connection as it is stored now."""
        with self.world.store.read() as tx:
            found = tx.connections.by_id(self.connection_id)
        assert found is not None
        return found

    @contextmanager
    def fault(self, fault: OidcFault | ProviderFault) -> Iterator[None]:
        """Something is wrong at this provider for a while, switched on and off on its console's page of faults."""
        self._switch(fault)
        try:
            yield
        finally:
            self._switch(fault)

    def _switch(self, fault: OidcFault | ProviderFault) -> None:
        console = self.world.walker().open(f"{self.simulator.base_url}/admin")
        if "Log in" in console.text:
            console.press("Log in")
        whose = f"{self.simulator.name} itself" if isinstance(fault, ProviderFault) else "Ringline"
        console.open(f"{self.simulator.base_url}/faults").press(f"{fault.label} for {whose}")

    def test(self, *, email: str = DANA) -> Walker:
        """Test Connection, at the provider as this person, until nothing goes on by itself."""
        self.world.pass_time(seconds=1)  # the newest test is the one that is followed
        self.admin.open(self.page).press("Test Connection")
        self.at_the_provider(self.admin, email=email)
        return self.admin

    def at_the_provider(self, walker: Walker, *, email: str = DANA) -> Walker:
        """Sign in and consent where the provider asks for it."""
        if walker.url.startswith(self.simulator.base_url) and walker.title.startswith("Sign in"):
            walker.press("Sign in", email=email, password=PASSWORD)
        if walker.url.startswith(self.simulator.base_url) and walker.title == "Permissions requested":
            walker.press("Accept")
        return walker


def open_office(
    world: World,
    vendor: str,
    *,
    settings: Callable[[OidcSettings], OidcSettings] = _same,
    simulator: Simulator | None = None,
) -> Office:
    """The provider of this vendor with everybody of Acme, its application, and the connection as its guide sets it."""
    simulator = simulator or _simulator(world, vendor)
    connection_id = ids.connection_id(world.random)
    app = simulator.oidc.add_app("Ringline", redirect_uri=urls(PRODUCT, connection_id).redirect_uri)
    for email, first, last in PEOPLE:
        person = simulator.add_user(email, first_name=first, last_name=last, password=PASSWORD, groups=("Everyone",))
        if email == DANA:
            simulator.oidc.assign(app, person)
    _connect(world, vendor, connection_id, settings(_preset(vendor, app)), secret=app.client_secret)
    admin = world.signed_in()
    world.verify_domain(admin)
    return Office(world=world, vendor=vendor, simulator=simulator, app=app, connection_id=connection_id, admin=admin)


def _simulator(world: World, vendor: str) -> Simulator:
    if vendor in {"okta", "onelogin"}:
        return world.okta if vendor == "okta" else world.onelogin
    made = Simulator(profile=vendor, base_url=BASES[vendor], state_path=None, clock=world.clock, random=world.random)
    world.wire.apps[BASES[vendor]] = made.app
    return made


def _preset(vendor: str, app: OidcApp) -> OidcSettings:
    known = guide(vendor, protocol=Protocol.OIDC)
    assert known is not None
    assert known.openid is not None
    preset, names = known.openid, known.preset.attributes
    return OidcSettings(
        issuer=app.issuer,
        client_id=app.client_id,
        claims=ClaimNames(email=names.email, first_name=names.first_name, last_name=names.last_name),
        subject_claim=SubjectClaim(preset.subject_claim),
        userinfo_use=UserinfoUse(preset.userinfo_use),
        tenants=(app.issuer.split("/")[3],) if vendor == "entra" else (),
        creates_accounts=True,
    )


def _connect(world: World, vendor: str, connection_id: ConnectionId, settings: OidcSettings, *, secret: str) -> None:
    now, organization = world.clock.now(), world.acme
    connection = Connection(
        id=connection_id,
        organization_id=organization.id,
        protocol=Protocol.OIDC,
        provider=vendor,
        entity_id="",
        created_at=now,
        enabled_at=None,
        was_ever_on=False,
        access_confirmed_at=None,
        access_confirmed_by=None,
        latest=None,
        serving=None,
    )
    revision = Revision(
        connection_id=connection_id,
        organization_id=organization.id,
        number=1,
        settings=settings,
        saved_at=now,
        saved_by=world.dana.id,
        tested_at=None,
        tested_by=None,
    )
    made = ClientSecret(
        id=ids.key_id(world.random),
        organization_id=organization.id,
        connection_id=connection_id,
        created_at=now,
        created_by="Dana",
        expires_at=None,
    )
    with world.store.write() as tx:
        tx.connections.insert(connection)
        tx.connections.save_revision(revision, organization_id=organization.id)
        tx.client_secrets.add(made, value=secret)
