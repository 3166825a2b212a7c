"""The question: please sign somebody in, and tell us at our ACS URL. SAML Core 3.4.1, Profiles 4.1.4.1."""

from datetime import UTC, datetime

from lxml import etree

from ostiary.saml.config import IdentityProvider, ServiceProvider
from ostiary.saml.constants import BINDING_POST, SAML, SAMLP


def build_authn_request(
    *,
    service_provider: ServiceProvider,
    identity_provider: IdentityProvider,
    request_id: str,
    force_authn: bool = False,
    now: datetime,
) -> bytes:
    """The AuthnRequest as XML. `request_id` begins with a letter or `_`: Entra refuses a digit, as does xs:ID.

    It asks for no RequestedAuthnContext (Entra answers AADSTS75011) and no NameIDPolicy (AD FS answers
    InvalidNameIDPolicy, Okta wants the very format of its app): what was set up at the identity provider counts.
    """
    request = etree.Element(f"{{{SAMLP}}}AuthnRequest", nsmap={"samlp": SAMLP, "saml": SAML})
    request.set("ID", request_id)
    request.set("Version", "2.0")
    request.set("IssueInstant", now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    request.set("Destination", identity_provider.sso_url)
    request.set("AssertionConsumerServiceURL", service_provider.acs_url)
    request.set("ProtocolBinding", BINDING_POST)
    if force_authn:
        request.set("ForceAuthn", "true")
    etree.SubElement(request, f"{{{SAML}}}Issuer").text = service_provider.entity_id
    return etree.tostring(request)
