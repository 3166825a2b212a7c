"""A connection: one configured way to one identity provider, its revisions and its states."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from ostiary.domain.account import Role
from ostiary.domain.openid.settings import OidcSettings
from ostiary.kernel.ids import AccountId, ConnectionId, OrganizationId


class Protocol(StrEnum):
    """How we speak with the identity provider."""

    SAML = "saml"
    OIDC = "oidc"


class State(StrEnum):
    """What an admin sees beside the connection's name."""

    NOT_SET_UP = "not_set_up"
    UNTESTED = "untested"
    TESTED = "tested"
    ENABLED = "enabled"


class Tile(StrEnum):
    """What becomes of an answer that nobody asked for: a click on the tile in the provider's portal (decision 6)."""

    CONVERT = "convert"
    """It is verified and turned into a sign-in that we begin."""
    ACCEPT = "accept"
    """It signs in as it is, once."""
    REFUSE = "refuse"


class Binding(StrEnum):
    """How a message of ours travels to the identity provider. SAML Bindings 3.4 and 3.5."""

    REDIRECT = "redirect"
    POST = "post"


class Allowance(StrEnum):
    """Something old or weak that this connection puts up with. Off by default; the words are in `problems.allowances`.

    The values are those of the fact `allowance` of the refusals that they lift (`saml.SamlPolicy`).
    """

    SHA1 = "allow_sha1"
    WEAK_KEYS = "minimum_rsa_bits"
    MISSING_AUDIENCE = "allow_missing_audience"
    EMPTY_REFERENCE_URI = "allow_empty_reference_uri"
    MISSING_REFERENCE_URI = "allow_missing_reference_uri"
    INCLUSIVE_C14N = "allow_inclusive_c14n"
    C14N_WITH_COMMENTS = "allow_c14n_with_comments"
    CBC = "allow_cbc"
    RSA15 = "allow_rsa15"
    TRIPLE_DES = "allow_3des"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeNames:
    """Under which names the identity provider sends what we read. The brief's names are the defaults."""

    email: str = "email"
    first_name: str = "firstName"
    last_name: str = "lastName"
    groups: str = ""
    """Empty where groups are not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlSettings:
    """What the admin has copied from the identity provider, and chosen. One revision of a connection."""

    sso_url: str
    idp_entity_id: str
    certificates: tuple[str, ...]
    """The pinned certificates, each as base64 of its DER."""
    attributes: AttributeNames = field(default_factory=AttributeNames)
    default_role: Role = Role.MEMBER
    creates_accounts: bool = True
    signs_requests: bool = False
    sso_binding: Binding = Binding.REDIRECT
    slo_url: str = ""
    """Where the provider takes our LogoutRequests; empty where it is not to hear of them."""
    slo_response_url: str = ""
    """Where it takes our LogoutResponses (`ResponseLocation`); empty: at `slo_url` too."""
    slo_binding: Binding = Binding.REDIRECT
    name_id_format: str = ""
    """The format that our requests ask for, a URN. Empty asks for none: what is set up at the provider counts."""
    forces_authentication: bool = False
    """ForceAuthn: the provider asks for the password even of somebody who is signed in there."""
    wants_encryption: bool = False
    """Our metadata offers a key to encrypt to. An encrypted answer is read either way."""
    tile: Tile = Tile.CONVERT
    allowances: tuple[Allowance, ...] = ()
    metadata_url: str = ""
    """Where the provider publishes its keys: the one source from which a new key is trusted. Empty: keys are pasted."""
    unconfirmed: tuple[str, ...] = ()
    """Those of the certificates that came from that source by themselves: they speak for no owner until one of the
    owners has passed a test that was signed with it."""


def trusts_another(new: SamlSettings | OidcSettings, *, than: SamlSettings | OidcSettings) -> bool:
    """Whether somebody may speak for this connection's people who could not before: a new key, or another issuer."""
    if isinstance(new, OidcSettings) or isinstance(than, OidcSettings):
        return _who_speaks(new) != _who_speaks(than)
    return new.idp_entity_id != than.idp_entity_id or not _confirmed(new) <= _confirmed(than)


def _who_speaks(settings: SamlSettings | OidcSettings) -> tuple[object, ...]:
    if isinstance(settings, OidcSettings):
        return settings.issuer, settings.client_id, settings.subject_claim, settings.tenants
    return (settings.idp_entity_id,)


def _confirmed(settings: SamlSettings) -> set[str]:
    return set(settings.certificates) - set(settings.unconfirmed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The settings as they were saved once. The last tested one serves logins (decision 25)."""

    connection_id: ConnectionId
    organization_id: OrganizationId
    number: int
    settings: SamlSettings | OidcSettings
    saved_at: datetime
    saved_by: AccountId
    tested_at: datetime | None
    tested_by: AccountId | None

    @property
    def saml(self) -> SamlSettings:
        """The settings of a SAML connection. Raises: `TypeError` for one of another protocol."""
        if not isinstance(self.settings, SamlSettings):
            raise TypeError(f"connection {self.connection_id} does not speak SAML")
        return self.settings

    @property
    def oidc(self) -> OidcSettings:
        """The settings of an OpenID Connect connection. Raises: `TypeError` for one of another protocol."""
        if not isinstance(self.settings, OidcSettings):
            raise TypeError(f"connection {self.connection_id} does not speak OpenID Connect")
        return self.settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One configured way to one identity provider."""

    id: ConnectionId
    organization_id: OrganizationId
    protocol: Protocol
    provider: str
    """The guide's key: okta, onelogin or saml (any other)."""
    entity_id: str
    """Our own entity ID. Stored when the connection is made; survives a change of host (decision 2)."""
    created_at: datetime
    enabled_at: datetime | None
    """Since when it is on; None while it is off."""
    was_ever_on: bool
    access_confirmed_at: datetime | None
    """When an admin ticked "I have admin access at …"."""
    access_confirmed_by: AccountId | None
    latest: Revision | None
    """The last saved revision, tested or not; None before the first save."""
    serving: Revision | None
    """The last tested revision: the one that serves logins; None before the first passed test."""
    name: str = ""
    """What its admins call it; empty: as its provider (`guides.called`)."""
    enforced_at: datetime | None = None
    """When somebody decided that it is enforced; None where it is merely enabled."""
    enforced_by: AccountId | None = None
    enforced_from: datetime | None = None
    """From when on that holds: later than the decision where people are warned first."""
    organization_enforces_from: datetime | None = None
    """From when on its organization takes enforced connections only; None where none of them is enforced."""

    @property
    def saml_latest(self) -> SamlSettings | None:
        """The SAML settings that were saved last; None where there are none, as with another protocol."""
        return self.latest.saml if self.latest and self.protocol is Protocol.SAML else None

    @property
    def saml_serving(self) -> SamlSettings | None:
        """The SAML settings that serve logins; None where there are none, as with another protocol."""
        return self.serving.saml if self.serving and self.protocol is Protocol.SAML else None

    @property
    def is_enabled(self) -> bool:
        """Whether people may sign in with it."""
        return self.enabled_at is not None and self.serving is not None

    @property
    def is_enforced(self) -> bool:
        """Whether it is enforced, already or from a day to come (`enforced_from`)."""
        return self.enforced_from is not None and self.is_enabled

    @property
    def state(self) -> State:
        """Its state, in one word."""
        if self.is_enabled:
            return State.ENABLED
        if self.latest is None:
            return State.NOT_SET_UP
        return State.UNTESTED if self.serving is None else State.TESTED

    @property
    def has_untested_changes(self) -> bool:
        """Whether a newer revision than the serving one waits for its test."""
        return self.latest is not None and self.latest != self.serving


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionUrls:
    """The URLs of a connection: what is shown, signed and compared, made from the public URL and nothing else."""

    acs_url: str
    slo_url: str
    metadata_url: str
    settings_url: str
    redirect_uri: str
    """Of an OpenID Connect connection, as are those below."""
    initiate_url: str
    backchannel_logout_url: str
    signed_out_url: str
    keys_url: str


def urls(public_url: str, connection_id: ConnectionId) -> ConnectionUrls:
    """The URLs of this connection under this public URL (decision 2)."""
    root = public_url.rstrip("/")
    return ConnectionUrls(
        acs_url=f"{root}/saml/{connection_id}/acs",
        slo_url=f"{root}/saml/{connection_id}/slo",
        metadata_url=f"{root}/saml/{connection_id}",
        settings_url=f"{root}/settings/security/connections/{connection_id}",
        redirect_uri=f"{root}/oauth2/idpresponse/{connection_id}",
        initiate_url=f"{root}/oidc/{connection_id}/start",
        backchannel_logout_url=f"{root}/oidc/{connection_id}/backchannel-logout",
        signed_out_url=f"{root}/oidc/{connection_id}/signed-out",
        keys_url=f"{root}/oidc/{connection_id}/jwks.json",
    )


def google_redirect_uri(public_url: str) -> str:
    """The one address to which Google sends the answers for the operator's client (docs/decisions/0015)."""
    return f"{public_url.rstrip('/')}/oauth2/idpresponse/google"


def acs_url_validator(acs_url: str) -> str:
    r"""OneLogin's "ACS URL Validator": the ACS URL with `.` as `\.` and `/` as `\/`, as the brief says."""
    return acs_url.replace(".", r"\.").replace("/", r"\/")


def carried_over(settings: SamlSettings, connection: Connection) -> SamlSettings:
    """New settings in which keys that wait for an owner in the saved ones still do: saving confirms nothing."""
    waiting = {
        text for saved in (connection.saml_latest, connection.saml_serving) if saved for text in saved.unconfirmed
    }
    return replace(settings, unconfirmed=tuple(text for text in settings.certificates if text in waiting))
