"""The values of one connection that guides and explanations quote."""

from dataclasses import dataclass, field
from typing import Self

from ostiary.domain.connection import AttributeNames, Connection, Protocol, acs_url_validator, google_redirect_uri, urls
from ostiary.domain.openid.settings import OidcSettings
from ostiary.guides.library import guide


@dataclass(frozen=True, slots=True, kw_only=True)
class Sibling:
    """What is looked for of another connection of the same organization, where two may have been exchanged."""

    name: str
    acs_url: str
    entity_id: str
    sso_url: str
    idp_entity_id: str
    fingerprints: tuple[str, ...]
    """Of its pinned certificates, SHA-256."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionValues:
    """The names and URLs of one connection, as its admin sees them."""

    product: str
    """The name of the SaaS product, which is also the name of the app in the provider's console."""
    organization: str
    acs_url: str
    entity_id: str
    slo_url: str = "the Single Logout URL"
    metadata_url: str = "the metadata URL"
    sso_url: str = ""
    idp_entity_id: str = ""
    attributes: AttributeNames = field(default_factory=AttributeNames)
    """With OpenID Connect the names of claims."""
    redirect_uri: str = "the Redirect URI"
    """Of an OpenID Connect connection, as are those below."""
    initiate_login_uri: str = "the address that begins a sign-in"
    backchannel_logout_uri: str = "the Back-Channel Logout URI"
    signed_out_uri: str = "the address after signing out"
    keys_uri: str = "the JWKS URI"
    client_id: str = ""
    discovery_url: str = ""
    services: str = ""
    """What the product calls its apps together, where its own name is not enough: "CloudTalk Phone or other CloudTalk
    services"."""
    sign_in_label: str = "Sign in with SSO"
    """What the button on the product's sign-in page says."""
    siblings: tuple[Sibling, ...] = ()
    """The other connections of the organization, where somebody has looked them up."""

    name: str = ""
    """What its admins call the connection; empty for what is called like its provider."""
    is_served_apart: bool = False
    """Sign-ins go on with settings tested before; the ones saved last are still to be tested."""

    @classmethod
    def of(
        cls,
        connection: Connection,
        *,
        product: str,
        organization: str,
        public_url: str,
        sign_in_label: str = sign_in_label,
    ) -> Self:
        """The values of this connection, from its last saved revision, or its provider's preset before the first."""
        settings = connection.saml_latest
        openid = _openid(connection)
        own = urls(public_url, connection.id)
        is_operators = openid is not None and openid.is_operators_client
        return cls(
            product=product,
            organization=organization,
            acs_url=own.acs_url,
            entity_id=connection.entity_id,
            slo_url=own.slo_url,
            metadata_url=own.metadata_url,
            sso_url=settings.sso_url if settings else "",
            idp_entity_id=settings.idp_entity_id if settings else "",
            attributes=settings.attributes if settings else _names(connection, openid),
            redirect_uri=google_redirect_uri(public_url) if is_operators else own.redirect_uri,
            initiate_login_uri=own.initiate_url,
            backchannel_logout_uri=own.backchannel_logout_url,
            signed_out_uri=own.signed_out_url,
            keys_uri=own.keys_url,
            client_id=openid.client_id if openid else "",
            discovery_url=openid.issuer if openid else "",
            sign_in_label=sign_in_label,
            name=connection.name,
            is_served_apart=connection.is_enabled and connection.has_untested_changes,
        )

    @classmethod
    def without_connection(cls, *, product: str, organization: str = "") -> Self:
        """For what happens outside any connection: the URLs are words that stand for them."""
        return cls(product=product, organization=organization, acs_url="the ACS URL", entity_id="the Entity ID")

    def named(self) -> dict[str, str]:
        """Every value that may have been put into the wrong field, by the name under which its admin knows it."""
        named = {
            "ACS URL": self.acs_url,
            "Entity ID": self.entity_id,
            "SSO URL": self.sso_url,
            "Single Logout URL": self.slo_url,
            "Issuer / Entity ID saved here": self.idp_entity_id,
            "Client ID saved here": self.client_id,
            "Discovery URL saved here": self.discovery_url,
            "Redirect URI": self.redirect_uri,
        }
        for each in self.siblings:
            named |= {
                f"ACS URL of the connection {each.name}": each.acs_url,
                f"Entity ID of the connection {each.name}": each.entity_id,
                f"Issuer / Entity ID of the connection {each.name}": each.idp_entity_id,
                f"SSO URL of the connection {each.name}": each.sso_url,
            }
        return named

    def quoted(self) -> dict[str, str]:
        """What texts may quote of this connection, by name."""
        return {
            "product": self.product,
            "organization": self.organization or "the organization",
            "acs_url": self.acs_url,
            "acs_url_validator": acs_url_validator(self.acs_url),
            "entity_id": self.entity_id,
            "slo_url": self.slo_url,
            "metadata_url": self.metadata_url,
            "our_sso_url": self.sso_url,
            "our_issuer": self.idp_entity_id,
            "email_attribute": self.attributes.email,
            "first_name_attribute": self.attributes.first_name,
            "last_name_attribute": self.attributes.last_name,
            "redirect_uri": self.redirect_uri,
            "initiate_login_uri": self.initiate_login_uri,
            "backchannel_logout_uri": self.backchannel_logout_uri,
            "signed_out_uri": self.signed_out_uri,
            "keys_uri": self.keys_uri,
            "our_client_id": self.client_id,
            "our_discovery_url": self.discovery_url,
            "sign_in_label": self.sign_in_label,
            "services": self.services or f"{self.product} or other {self.product} services",
            # The page writes `{tenant}` itself, for the reader to replace.
            "tenant": "{tenant}",
        }


def _openid(connection: Connection) -> OidcSettings | None:
    return connection.latest.oidc if connection.latest and connection.protocol is Protocol.OIDC else None


def _names(connection: Connection, openid: OidcSettings | None) -> AttributeNames:
    """The names of claims, or those of the provider's preset before anything is saved."""
    if openid is not None:
        claims = openid.claims
        return AttributeNames(
            email=claims.email, first_name=claims.first_name, last_name=claims.last_name, groups=claims.groups
        )
    of_provider = guide(connection.provider, protocol=connection.protocol)
    return of_provider.preset.attributes if of_provider else AttributeNames()
