"""What a fuzzer begins with: `python -m tests.fuzz.seeds FOLDER` writes a folder for each target.

Made from the vectors, so that nothing is kept twice; `corpus/` holds only what a fuzzer has found beyond them.
"""

import base64
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from lxml import etree

from tests.fuzz.targets import CIPHERS, PARTS
from tests.vectors.message import SAML, Message, certificate_text
from tests.vectors.vector import pem, read_all

LARGEST = 20_000
SHORT = 6_000


def seeds() -> Iterator[tuple[str, bytes]]:
    """The name of a target and an input for it."""
    for vector in read_all():
        if len(vector.form) > LARGEST:
            continue
        if vector.form_value is not None or vector.path.startswith("accepted/okta"):
            yield "decode", vector.form
        if vector.document:
            yield "response", vector.document
            if vector.path.startswith("attacks/"):
                yield "parse", vector.document
    for name in ("idp", "ec", "weak"):
        yield "certificates", pem(name)
        yield "certificates", certificate_text(name).encode()
        yield "metadata", entity(name)
        yield "doctor", entity(name)
    yield from _contents()
    yield from _carried()


def entity(name: str) -> bytes:
    """Metadata of a provider with this certificate."""
    return (
        '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.acme.example">'
        '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        '<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
        f"<ds:X509Certificate>{certificate_text(name)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"'
        ' Location="https://idp.acme.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>'
    ).encode()


def _contents() -> Iterator[tuple[str, bytes]]:
    """The inside of assertions, and what may be encrypted."""
    assertion = etree.fromstring(Message().xml().encode()).find(f"{{{SAML}}}Assertion")
    assert assertion is not None
    inside = b"".join(etree.tostring(child) for child in assertion)
    yield "content", inside.replace(f' xmlns:saml2="{SAML}"'.encode(), b"")
    whole = Message().assertion_xml().encode()
    name = f'<saml2:NameID xmlns:saml2="{SAML}">dana@acme.example</saml2:NameID>'.encode()
    attribute = f'<saml2:Attribute xmlns:saml2="{SAML}" Name="team"/>'.encode()
    for cipher in range(len(CIPHERS)):
        for part, written in zip(range(len(PARTS)), (whole, name, attribute), strict=True):
            byte = next(
                each for each in range(256) if each % len(CIPHERS) == cipher and each // 16 % len(PARTS) == part
            )
            yield "decryption", bytes([byte]) + written


def _carried() -> Iterator[tuple[str, bytes]]:
    """Messages as they travel."""
    request = (
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0"'
        f' IssueInstant="2026-03-03T09:41:51Z"><saml2:Issuer xmlns:saml2="{SAML}">http://www.okta.com/exk8r2w6tLq1ZbN5d7'
        f'</saml2:Issuer><saml2:NameID xmlns:saml2="{SAML}">dana</saml2:NameID></samlp:LogoutRequest>'
    ).encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = base64.b64encode(packer.compress(request) + packer.flush())
    query = b"SAMLRequest=" + quote(packed, safe="").encode()
    query += b"&RelayState=a&SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256&Signature=AAAA"
    yield "logout", request
    yield "logout", query
    yield "logout", base64.b64encode(request)
    yield "decode", packed
    yield "doctor", query
    yield (
        "doctor",
        b'{"log":{"entries":[{"request":{"method":"POST","postData":{"text":"SAMLResponse=' + packed + b'"}}}]}}',
    )
    yield "doctor", pem("idp")
    yield "doctor", b"<html><body><form><input name='SAMLResponse' value='" + packed + b"'/></form></body></html>"


def main() -> None:
    """Write them all."""
    root = Path(sys.argv[1])
    for number, (target, octets) in enumerate(seeds()):
        folder = root / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"seed-{number:04}").write_bytes(octets)


if __name__ == "__main__":
    main()
