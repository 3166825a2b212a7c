"""Why an OpenID Connect message, or what a provider publishes, is refused: a class for each reason, with its facts.

The words are in `ostiary.problems`. A class named here, once released, keeps its code for ever.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ostiary.kernel.errors import Refusal


class OidcRefusal(Refusal):
    """A message of OpenID Connect was refused."""


class IssuerInputRefusal(Refusal):
    """What was typed as the Discovery URL can't be one."""


# --- what was typed as the Discovery URL ------------------------------------


@dataclass(eq=False)
class DiscoveryUrlUnreadable(IssuerInputRefusal):
    """It is no https URL."""

    code: ClassVar[str] = "oidc.discovery_url_unreadable"
    received: str


@dataclass(eq=False)
class DiscoveryUrlPlaceholder(IssuerInputRefusal):
    """The example's `{tenant}` was left in it."""

    code: ClassVar[str] = "oidc.discovery_url_placeholder"
    received: str
    placeholder: str


@dataclass(eq=False)
class DiscoveryUrlIsSaml(IssuerInputRefusal):
    """It is the address of SAML metadata, or of a SAML sign-on service."""

    code: ClassVar[str] = "oidc.discovery_url_is_saml"
    received: str


@dataclass(eq=False)
class IssuerRemoved(IssuerInputRefusal):
    """The provider no longer serves this issuer."""

    code: ClassVar[str] = "oidc.issuer_removed"
    received: str
    instead: str


@dataclass(eq=False)
class TenantNeeded(IssuerInputRefusal):
    """The address is that of all tenants of the provider: the customer's own has to be named."""

    code: ClassVar[str] = "oidc.tenant_needed"
    received: str
    word: str
    """What stands there for every tenant: common, organizations or consumers."""


# --- what the provider publishes --------------------------------------------


@dataclass(eq=False)
class NotJson(OidcRefusal):
    """An answer of the provider is no JSON object. `where`: discovery, keys, token, userinfo, pushed request."""

    code: ClassVar[str] = "oidc.not_json"
    where: str
    content_type: str
    detail: str


@dataclass(eq=False)
class StatusUnexpected(OidcRefusal):
    """An endpoint of the provider answered with another status than success, and named no error."""

    code: ClassVar[str] = "oidc.status"
    where: str
    status: int
    url: str


@dataclass(eq=False)
class DiscoveryIssuerMismatch(OidcRefusal):
    """The discovery document is that of another issuer. Discovery 4.3."""

    code: ClassVar[str] = "oidc.discovery_issuer_mismatch"
    expected: str
    received: str


@dataclass(eq=False)
class DiscoveryIncomplete(OidcRefusal):
    """The discovery document lacks something that the code flow needs. Discovery 3."""

    code: ClassVar[str] = "oidc.discovery_incomplete"
    missing: str


@dataclass(eq=False)
class EndpointRefused(OidcRefusal):
    """An endpoint is no https URL."""

    code: ClassVar[str] = "oidc.endpoint_refused"
    name: str
    received: str


@dataclass(eq=False)
class FlowUnsupported(OidcRefusal):
    """The provider does not offer what we insist on: the code flow, PKCE with S256, a signature that we take."""

    code: ClassVar[str] = "oidc.flow_unsupported"
    what: str
    offered: tuple[str, ...]


@dataclass(eq=False)
class KeysUnusable(OidcRefusal):
    """The provider's key set has no key that could verify anything."""

    code: ClassVar[str] = "oidc.keys_unusable"
    ignored: tuple[str, ...]


# --- the authorization response ---------------------------------------------


@dataclass(eq=False)
class ParameterRepeated(OidcRefusal):
    """A parameter came twice. RFC 6749 3.1."""

    code: ClassVar[str] = "oidc.parameter_repeated"
    name: str


@dataclass(eq=False)
class ProviderError(OidcRefusal):
    """The provider answered with an error. RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6.

    `vendor_code` is what admins search for, such as AADSTS50105.
    """

    code: ClassVar[str] = "oidc.provider_error"
    error: str
    description: str
    vendor_code: str


@dataclass(eq=False)
class StateMismatch(OidcRefusal):
    """The answer names no sign-in that was begun, or another one (login CSRF)."""

    code: ClassVar[str] = "oidc.state_mismatch"


@dataclass(eq=False)
class ResponseIssuerMismatch(OidcRefusal):
    """The answer comes from another provider (mix-up). RFC 9207 2.4."""

    code: ClassVar[str] = "oidc.response_issuer_mismatch"
    expected: str
    received: str


@dataclass(eq=False)
class ResponseModeMismatch(OidcRefusal):
    """The answer came as a query where a form was asked for, or the other way round."""

    code: ClassVar[str] = "oidc.response_mode_mismatch"
    expected: str
    received: str


@dataclass(eq=False)
class CodeMissing(OidcRefusal):
    """The answer has neither a code nor an error."""

    code: ClassVar[str] = "oidc.code_missing"
    received: tuple[str, ...]


# --- the token endpoint ------------------------------------------------------


@dataclass(eq=False)
class ClientRejected(OidcRefusal):
    """The provider does not take our Client ID or Client Secret (`invalid_client`). RFC 6749 5.2."""

    code: ClassVar[str] = "oidc.client_rejected"
    client_id: str
    method: str
    description: str
    vendor_code: str


@dataclass(eq=False)
class CodeRejected(OidcRefusal):
    """The provider does not take the code (`invalid_grant`). RFC 6749 5.2."""

    code: ClassVar[str] = "oidc.code_rejected"
    description: str
    vendor_code: str


@dataclass(eq=False)
class TokenRefused(OidcRefusal):
    """The token endpoint answered with another error. RFC 6749 5.2."""

    code: ClassVar[str] = "oidc.token_refused"
    error: str
    description: str
    vendor_code: str


@dataclass(eq=False)
class TokenResponseIncomplete(OidcRefusal):
    """The token response lacks a part, or has one of another kind. Core 3.1.3.3."""

    code: ClassVar[str] = "oidc.token_response_incomplete"
    what: str
    received: str


# --- the ID token: form and signature ----------------------------------------


@dataclass(eq=False)
class TokenMalformed(OidcRefusal):
    """It is no signed JWT in compact form. RFC 7519 7.2. `what`: size, form, header, payload, encrypted."""

    code: ClassVar[str] = "oidc.token_malformed"
    what: str
    detail: str


@dataclass(eq=False)
class TokenTypeMismatch(OidcRefusal):
    """A token of another kind was given in place of this one (cross-JWT confusion). RFC 8725 3.11."""

    code: ClassVar[str] = "oidc.token_type_mismatch"
    expected: str
    received: str


@dataclass(eq=False)
class AlgorithmMismatch(OidcRefusal):
    """Signed by an algorithm that this connection does not take: `none` and HMAC above all. RFC 8725 3.1."""

    code: ClassVar[str] = "oidc.algorithm_mismatch"
    expected: tuple[str, ...]
    received: str


@dataclass(eq=False)
class HeaderRefused(OidcRefusal):
    """The header demands something that we do not do: an unknown `crit`, or `b64` (RFC 7797)."""

    code: ClassVar[str] = "oidc.header_refused"
    parameter: str


@dataclass(eq=False)
class KeyUnknown(OidcRefusal):
    """The provider's key set has no key of this name. Core 10.1."""

    code: ClassVar[str] = "oidc.key_unknown"
    received: str
    known: tuple[str, ...]


@dataclass(eq=False)
class KeyAmbiguous(OidcRefusal):
    """The token names no key, and the provider has several that could have signed it. Core 10.1."""

    code: ClassVar[str] = "oidc.key_ambiguous"
    known: tuple[str, ...]


@dataclass(eq=False)
class KeyOfAnotherIssuer(OidcRefusal):
    """The key is published for another tenant of the provider (Entra: the key's `issuer`)."""

    code: ClassVar[str] = "oidc.key_of_another_issuer"
    expected: str
    received: str


@dataclass(eq=False)
class SignatureMismatch(OidcRefusal):
    """The signature is not that of the key which the token names. RFC 7515 5.2."""

    code: ClassVar[str] = "oidc.signature_mismatch"
    key: str
    algorithm: str


# --- the ID token: what it says ----------------------------------------------


@dataclass(eq=False)
class ClaimMissing(OidcRefusal):
    """A claim that has to be there is not."""

    code: ClassVar[str] = "oidc.claim_missing"
    claim: str
    received: tuple[str, ...]


@dataclass(eq=False)
class ClaimMalformed(OidcRefusal):
    """A claim has another type than it must, and nothing is converted: an array is no name. RFC 8725 3.11."""

    code: ClassVar[str] = "oidc.claim_malformed"
    claim: str
    expected: str
    received: str


@dataclass(eq=False)
class IssuerMismatch(OidcRefusal):
    """The token is that of another issuer. Core 3.1.3.7 (2)."""

    code: ClassVar[str] = "oidc.issuer_mismatch"
    expected: str
    received: str


@dataclass(eq=False)
class TenantMismatch(OidcRefusal):
    """The person belongs to another customer of the provider: `tid` at Entra, `hd` at Google."""

    code: ClassVar[str] = "oidc.tenant_mismatch"
    claim: str
    expected: tuple[str, ...]
    received: str


@dataclass(eq=False)
class AudienceMismatch(OidcRefusal):
    """The token is addressed to another application. Core 3.1.3.7 (3)."""

    code: ClassVar[str] = "oidc.audience_mismatch"
    expected: str
    received: tuple[str, ...]


@dataclass(eq=False)
class AudienceUntrusted(OidcRefusal):
    """The token is addressed to others too, which this connection does not trust. Core 3.1.3.7 (3)."""

    code: ClassVar[str] = "oidc.audience_untrusted"
    expected: str
    received: tuple[str, ...]


@dataclass(eq=False)
class AuthorizedPartyMismatch(OidcRefusal):
    """`azp` names another application. Core 3.1.3.7 (5)."""

    code: ClassVar[str] = "oidc.authorized_party_mismatch"
    expected: str
    received: str


@dataclass(eq=False)
class TokenExpired(OidcRefusal):
    """`exp` has passed. Core 3.1.3.7 (9)."""

    code: ClassVar[str] = "oidc.token_expired"
    not_on_or_after: datetime
    now: datetime
    issued_at: datetime | str = ""
    """Empty where it does not say. It comes fresh by a request of ours: this tells how far the clocks are apart."""


@dataclass(eq=False)
class TokenNotYetValid(OidcRefusal):
    """`iat` or `nbf` lies in the future."""

    code: ClassVar[str] = "oidc.token_not_yet_valid"
    claim: str
    not_before: datetime
    now: datetime


@dataclass(eq=False)
class TokenOld(OidcRefusal):
    """Issued long before this sign-in. Core 3.1.3.7 (10)."""

    code: ClassVar[str] = "oidc.token_old"
    issued_at: datetime
    now: datetime


@dataclass(eq=False)
class NonceMismatch(OidcRefusal):
    """The token answers another sign-in (replay). Core 3.1.3.7 (11)."""

    code: ClassVar[str] = "oidc.nonce_mismatch"
    has_nonce: str


@dataclass(eq=False)
class AuthenticationOld(OidcRefusal):
    """The person signed in at the provider longer ago than we asked for. Core 3.1.3.7 (13)."""

    code: ClassVar[str] = "oidc.authentication_old"
    auth_time: datetime
    max_age: int
    now: datetime


@dataclass(eq=False)
class AuthenticationWeak(OidcRefusal):
    """The person did not sign in in the way that we asked for (`acr`). Core 3.1.3.7 (12)."""

    code: ClassVar[str] = "oidc.authentication_weak"
    expected: tuple[str, ...]
    received: str


@dataclass(eq=False)
class AccessTokenMismatch(OidcRefusal):
    """The access token is not the one that came with this ID token (`at_hash`). Core 3.1.3.8."""

    code: ClassVar[str] = "oidc.access_token_mismatch"


@dataclass(eq=False)
class SubjectChanged(OidcRefusal):
    """UserInfo, or a refreshed token, speaks of somebody else. Core 5.3.2 and 12.2."""

    code: ClassVar[str] = "oidc.subject_changed"
    where: str
    expected: str
    received: str


# --- logout ------------------------------------------------------------------


@dataclass(eq=False)
class LogoutTokenRefused(OidcRefusal):
    """A logout token is not what it must be. Back-Channel Logout 2.6. `what`: events, nonce, subject, jti, age."""

    code: ClassVar[str] = "oidc.logout_token_refused"
    what: str


# --- a sign-in that a third party begins --------------------------------------


@dataclass(eq=False)
class InitiatorUnknown(OidcRefusal):
    """Somebody asks to begin a sign-in at an issuer that is not this connection's. Core 4."""

    code: ClassVar[str] = "oidc.initiator_unknown"
    expected: str
    received: str


@dataclass(eq=False)
class TargetRefused(OidcRefusal):
    """`target_link_uri` leads to another site (open redirect). Core 4."""

    code: ClassVar[str] = "oidc.target_refused"
    received: str
