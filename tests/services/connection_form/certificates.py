"""Certificates and metadata as identity providers hand them out, made new for a run."""

import base64
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


@cache
def certificate(name: str = "idp", *, bits: int = 2048) -> bytes:
    """A certificate in PEM, good for ten years."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def stored(pem: bytes) -> str:
    """The certificate as settings keep it: base64 of its DER."""
    der = x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)
    return base64.b64encode(der).decode()


def entity(
    entity_id: str = "https://idp.example/metadata",
    *,
    bindings: tuple[str, ...] = (REDIRECT, POST),
    pem: bytes | None = None,
    wants_signed: bool = False,
    logout: str = "",
) -> str:
    """One identity provider's EntityDescriptor."""
    services = "".join(
        f'<SingleSignOnService Binding="{binding}" Location="https://idp.example/sso/{binding[-4:].lower()}"/>'
        for binding in bindings
    )
    wants = ' WantAuthnRequestsSigned="true"' if wants_signed else ""
    return (
        f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity_id}">'
        f'<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"{wants}>'
        '<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>'
        f"<X509Certificate>{stored(pem or certificate())}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
        f"{logout}{services}</IDPSSODescriptor></EntityDescriptor>"
    )


def federation(*entities: str) -> str:
    """Several of them in one document."""
    inside = "".join(entities)
    return f'<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">{inside}</EntitiesDescriptor>'
