"""The two sides of an OpenID Connect connection, as the protocol core wants them."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from cryptography.hazmat.primitives import serialization

from ostiary.config import Settings
from ostiary.domain.connection import Connection, google_redirect_uri, urls
from ostiary.domain.connection_key import KeyRole
from ostiary.domain.openid.errors import GoogleClientMissing
from ostiary.domain.openid.settings import GOOGLE, GOOGLE_ISSUERS, Authentication, OidcSettings, OpenedSecret
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
    issuer: str = GOOGLE
    """Google's own, but for the demo and tests."""

    @classmethod
    def of(cls, settings: Settings) -> "GoogleClient | None":
        """The one that the operator has put in; None where there is none."""
        if not settings.google_client_id:
            return None
        return cls(
            client_id=settings.google_client_id,
            secret=settings.google_client_secret,
            issuer=settings.google_issuer,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who speaks with whom."""

    clients: tuple[rp.Client, ...]
    """Our side: with the newest secret, then with the one before, while they change."""
    provider: rp.Provider
    secrets: tuple[OpenedSecret, ...] = ()
    """Those of `clients`, in the same order; none where they prove themselves otherwise, or by the operator's."""

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
        """Our side as the browser carries it: without what proves it. Raises: `GoogleClientMissing`."""
        return rp.Client(
            client_id=self._operators().client_id if settings.is_operators_client else settings.client_id,
            redirect_uri=self.redirect_uri(connection, settings),
            authentication=client_auth.NoSecret(),
        )

    def redirect_uri(self, connection: Connection, settings: OidcSettings) -> str:
        """Where the answers for this connection come to: its own address, but for the operator's client."""
        if settings.is_operators_client:
            return google_redirect_uri(self.public_url)
        return urls(self.public_url, connection.id).redirect_uri

    def parties(self, connection: Connection, settings: OidcSettings, *, metadata: rp.ProviderMetadata) -> Parties:
        """Both sides of this connection by these settings. THREAD: a key of ours may have to be made.

        Raises: `GoogleClientMissing`.
        """
        scope = {"organization_id": connection.organization_id}
        with self.store.read() as tx:
            secrets = tx.client_secrets.opened(connection.id, issuer=settings.issuer, **scope)
            own = tx.domains.of(connection.organization_id) if settings.is_google else ()
        values = tuple(each.value for each in secrets)
        if settings.is_operators_client:
            secrets, values = (), (self._operators().secret,)
        client = self.public_client(connection, settings)
        ways = self._ways(connection, settings, secrets=values, offered=metadata.authentication_methods)
        is_googles_own = settings.issuer in GOOGLE_ISSUERS
        hosted = settings.hosted_domains
        if settings.is_google and hosted is None:
            # One issuer for all customers: whose the person is, the Workspace domain says and nothing else.
            hosted = tuple(str(domain.name) for domain in own if domain.is_verified)
        return Parties(
            clients=tuple(replace(client, authentication=way) for way in ways),
            provider=rp.Provider(
                issuer=GOOGLE if is_googles_own else settings.issuer,
                other_issuers=GOOGLE_ISSUERS if is_googles_own else (),
                algorithms=settings.algorithms,
                tenants=settings.tenants,
                hosted_domains=hosted,
            ),
            secrets=secrets if len(ways) == len(secrets) and _carries_secret(ways) else (),
        )

    def published_keys(self, connection: Connection) -> tuple[Mapping[str, str], ...]:
        """Our public keys of this connection, for the provider that verifies our assertions, or encrypts to us.

        To encrypt to there is one alone: a provider takes the first that it finds.
        """
        self.keys.of(connection, self.clock.now())
        keys = self.keys.every(connection)
        known = [each.oidc for each in (connection.latest, connection.serving) if each is not None]
        wants_encryption = any(settings.wants_encryption for settings in known)
        to_encrypt_to = [each for each in keys if each.role is KeyRole.CURRENT] if wants_encryption else []
        return (
            *(own_key_of(each.key).published for each in keys),
            *(entry for each in to_encrypt_to for entry in own_key_of(each.key).published_for_encryption),
        )

    def _operators(self) -> GoogleClient:
        if self.google is None:
            raise GoogleClientMissing
        return self.google

    def _ways(
        self, connection: Connection, settings: OidcSettings, *, secrets: tuple[str, ...], offered: tuple[str, ...]
    ) -> tuple[client_auth.Authentication, ...]:
        match _method(settings.authentication, has_secret=bool(secrets), offered=offered):
            case Authentication.BASIC if secrets:
                return tuple(client_auth.SecretBasic(secret=each) for each in secrets)
            case Authentication.POST if secrets:
                return tuple(client_auth.SecretPost(secret=each) for each in secrets)
            case Authentication.PRIVATE_KEY_JWT:
                return (_assertion(self.keys.of(connection, self.clock.now()), settings),)
            case _:
                return (client_auth.NoSecret(),)


def own_key_of(signing: SigningKey) -> OwnKey:
    """The key as it signs and opens tokens."""
    pem = signing.private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return own_key(pem)


def _assertion(signing: SigningKey, settings: OidcSettings) -> client_auth.PrivateKeyJwt:
    own, digest = own_key_of(signing), sha256(signing.certificate.der).digest()
    return client_auth.PrivateKeyJwt(
        key=own.key,
        key_name=own.name,
        certificate_digest=urlsafe_b64encode(digest).decode().rstrip("="),
        audience=settings.assertion_audience,
    )


def _carries_secret(ways: tuple[client_auth.Authentication, ...]) -> bool:
    return all(isinstance(way, client_auth.SecretBasic | client_auth.SecretPost) for way in ways)


def _method(wanted: Authentication, *, has_secret: bool, offered: tuple[str, ...]) -> Authentication:
    """The method itself where the settings leave it open: the provider's own order, Basic where it says nothing."""
    if wanted is not Authentication.AUTO:
        return wanted
    by_secret = (Authentication.BASIC, Authentication.POST) if has_secret else ()
    without = (Authentication.PRIVATE_KEY_JWT, Authentication.NONE)
    found = [Authentication(each) for each in offered if each in by_secret]
    found += [each for each in without if each in offered]
    return found[0] if found else Authentication.BASIC if has_secret else Authentication.NONE
