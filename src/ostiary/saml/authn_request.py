"""The question: please sign somebody in, and tell us at our ACS URL. SAML Core 3.4.1, Profiles 4.1.4.1."""

from datetime import UTC, datetime

from lxml import etree

from ostiary.saml.certificates import Certificate
from ostiary.saml.config import IdentityProvider, ServiceProvider
from ostiary.saml.constants import BINDING_POST, NAME_ID_TRANSIENT, SAML, SAMLP
from ostiary.saml.signing.enveloped import signed
from ostiary.saml.signing.keys import SigningKey


def build_authn_request(
    *,
    service_provider: ServiceProvider,
    identity_provider: IdentityProvider,
    request_id: str,
    force_authn: bool = False,
    name_id_format: str = "",
    signer: tuple[SigningKey, Certificate] | None = None,
    now: datetime,
) -> bytes:
    """The AuthnRequest as XML. `request_id` begins with a letter or `_`: Entra refuses a digit, as does xs:ID.

    It asks for no RequestedAuthnContext (Entra answers AADSTS75011), and for a NameID format only where one was
    chosen (AD FS answers InvalidNameIDPolicy, Okta wants the very format of its app): what was set up at the identity
    provider counts. With a `signer` it carries an enveloped signature, for POST; by Redirect the query is signed.
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
    if name_id_format:
        policy = etree.SubElement(request, f"{{{SAMLP}}}NameIDPolicy", Format=name_id_format)
        # Core 3.4.1.1: without it nobody new gets a persistent NameID. It says nothing for a transient one.
        if name_id_format != NAME_ID_TRANSIENT:
            policy.set("AllowCreate", "true")
    if signer is None:
        return etree.tostring(request)
    key, certificate = signer
    return signed(request, key=key, certificate=certificate)
