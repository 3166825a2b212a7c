"""The two sides of an OpenID Connect connection, as the protocol core wants them."""

from dataclasses import dataclass, replace

from cryptography.hazmat.primitives import serialization

from ostiary.domain.connection import Connection, urls
from ostiary.domain.openid.settings import GOOGLE, GOOGLE_ISSUERS, Authentication, OidcSettings
from ostiary.kernel.clock import Clock
from ostiary.oidc import client_auth
from ostiary.oidc import relying_party as rp
from ostiary.oidc.own_keys import OwnKey, own_key
from ostiary.services.saml.keys import SigningKey, SigningKeys
from ostiary.storage import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleClient:
    """The operator's own client at Google, which serves every organization: nothing is asked of their admins."""

    client_id: str
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who speaks with whom."""

    clients: tuple[rp.Client, ...]
    """Our side: with the newest secret, then with the one before, while they change."""
    provider: rp.Provider

    @property
    def client(self) -> rp.Client:
        """Our side, as it is tried first."""
        return self.clients[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Knows how we are registered at each provider."""

    store: Store
    clock: Clock
    keys: SigningKeys
    public_url: str
    google: GoogleClient | None = None

    def public_client(self, connection: Connection, settings: OidcSettings) -> rp.Client:
        """Our side as the browser carries it: without what proves it."""
        is_operators = settings.is_google and self.google is not None and not settings.client_id
        client_id = self.google.client_id if self.google is not None and is_operators else settings.client_id
        redirect_uri = urls(self.public_url, connection.id).redirect_uri
        return rp.Client(client_id=client_id, redirect_uri=redirect_uri, authentication=client_auth.NoSecret())

    def parties(self, connection: Connection, settings: OidcSettings, *, metadata: rp.ProviderMetadata) -> Parties:
        """Both sides of this connection by these settings. THREAD: a key of ours may have to be made."""
        scope = {"organization_id": connection.organization_id}
        with self.store.read() as tx:
            secrets = tx.client_secrets.opened(connection.id, **scope)
            own = tx.domains.of(connection.organization_id) if settings.is_google else ()
        if settings.is_google and self.google is not None and not settings.client_id:
            secrets = (self.google.secret,)
        client = self.public_client(connection, settings)
        ways = self._ways(connection, settings, secrets=secrets, offered=metadata.authentication_methods)
        hosted = settings.hosted_domains
        if settings.is_google and hosted is None:
            # One issuer for all customers: whose the person is, the Workspace domain says and nothing else.
            hosted = tuple(str(domain.name) for domain in own if domain.is_verified)
        return Parties(
            clients=tuple(replace(client, authentication=way) for way in ways),
            provider=rp.Provider(
                issuer=GOOGLE if settings.is_google else settings.issuer,
                other_issuers=GOOGLE_ISSUERS if settings.is_google else (),
                algorithms=settings.algorithms,
                tenants=settings.tenants,
                hosted_domains=hosted,
            ),
        )

    def published_keys(self, connection: Connection) -> tuple[OwnKey, ...]:
        """Our public keys of this connection, for the provider that verifies our assertions."""
        self.keys.of(connection, self.clock.now())
        return tuple(_own(each.key) for each in self.keys.every(connection))

    def _ways(
        self, connection: Connection, settings: OidcSettings, *, secrets: tuple[str, ...], offered: tuple[str, ...]
    ) -> tuple[client_auth.Authentication, ...]:
        match _method(settings.authentication, has_secret=bool(secrets), offered=offered):
            case Authentication.BASIC if secrets:
                return tuple(client_auth.SecretBasic(secret=each) for each in secrets)
            case Authentication.POST if secrets:
                return tuple(client_auth.SecretPost(secret=each) for each in secrets)
            case Authentication.PRIVATE_KEY_JWT:
                own = _own(self.keys.of(connection, self.clock.now()))
                audience = settings.assertion_audience
                return (client_auth.PrivateKeyJwt(key=own.key, key_name=own.name, audience=audience),)
            case _:
                return (client_auth.NoSecret(),)


def _method(wanted: Authentication, *, has_secret: bool, offered: tuple[str, ...]) -> Authentication:
    """The method itself where the settings leave it open: the provider's own order, Basic where it says nothing."""
    if wanted is not Authentication.AUTO:
        return wanted
    if has_secret:
        by_secret = (Authentication.BASIC, Authentication.POST)
        return next((Authentication(each) for each in offered if each in by_secret), Authentication.BASIC)
    return Authentication.PRIVATE_KEY_JWT if Authentication.PRIVATE_KEY_JWT in offered else Authentication.NONE


def _own(signing: SigningKey) -> OwnKey:
    pem = signing.private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return own_key(pem)
