"""What anybody may send must not hold the server, or fill its memory: regressions of floods that once did."""

from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ostiary import saml
from ostiary.kernel.errors import Refusal
from ostiary.saml import certificates
from ostiary.saml.errors import AssertionCount, CertificateUnknown, CertificateUnreadable
from tests.processor_time import least_of_three
from tests.saml.circumstances import AT, usual
from tests.vectors.accepted import OKTA
from tests.vectors.message import DS, SAML, Signing, signed
from tests.vectors.vector import document

SECONDS = 1.0
PASTED = {
    "frames that never end": b"-----BEGIN A-----\n" * 3_600,
    "frames of spaces": (b"-----BEGIN A" + b" " * 200) * 300,
    "one frame of spaces": b"-----BEGIN A" + b" " * 60_000,
    "frames, then ends": b"-----BEGIN A-----\n" * 1_800 + b"-----END A" * 1_800,
    "ends of spaces": b"-----BEGIN A-----\n" + (b"-----END A" + b" " * 200) * 300,
    "dashes": b"-" * 64_000,
    "words": b"-----BEGIN " + b"A " * 30_000,
}


@pytest.mark.parametrize("pasted", PASTED.values(), ids=PASTED.keys())
def test_a_pasted_flood_in_place_of_a_certificate_is_over_soon(pasted: bytes) -> None:
    """One expression searched 64 KiB for minutes, and a search can't be interrupted: every tenant waited."""
    assert least_of_three(partial(refused, saml.read_certificates, pasted)) < SECONDS


def test_metadata_full_of_pasted_floods_is_over_soon() -> None:
    flood = (b"-----BEGIN A" + b" " * 200) * 300
    key = (
        b'<md:KeyDescriptor><ds:KeyInfo xmlns:ds="' + DS.encode() + b'"><ds:X509Data><ds:X509Certificate>' + flood
    ) + b"</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    metadata = (
        b'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="x">'
        b'<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        + key
        * 30
        + b'<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://x"/>'
        b"</md:IDPSSODescriptor></md:EntityDescriptor>"
    )
    assert least_of_three(partial(refused, saml.read_idp_metadata, metadata)) < SECONDS


def test_a_response_full_of_assertions_is_over_soon() -> None:
    """Each was compared with each."""
    message = document(OKTA.tree()).replace(b"<saml2p:Status>", b"<saml2:Assertion/>" * 9_900 + b"<saml2p:Status>")
    message = message.replace(b"<saml2p:Response ", b'<saml2p:Response xmlns:saml2="%s" ' % SAML.encode(), 1)
    form_value = b64encode(message)

    def read() -> None:
        with pytest.raises(AssertionCount):
            saml.read_response(form_value, **usual())

    assert least_of_three(read) < SECONDS / 4


def test_certificates_that_come_with_messages_are_not_kept() -> None:
    """Anybody may send one, each another and as large as a message: kept, they were 800 MB and drove out the pinned."""
    root = signed(OKTA.tree(), "Assertion", how=Signing(key="stranger"))
    node = root.find(f".//{{{DS}}}X509Certificate")
    assert node is not None
    node.text = b64encode(fresh_certificate()).decode()
    form_value, kept = b64encode(document(root)), kept_certificates()
    with pytest.raises(CertificateUnknown) as caught:
        saml.read_response(form_value, **usual())
    assert caught.value.received_subject == "CN=nobody"
    assert kept_certificates() == kept


@pytest.mark.parametrize(("bits", "exponent"), [(3072, (1 << 3070) + 1), (4096, (1 << 63) + 9), (16384, 65537)])
def test_a_key_that_takes_long_to_verify_with_is_not_pinned(bits: int, exponent: int) -> None:
    """Ten of them in a connection of one's own, and fifteen messages a second stopped the server of all."""
    modulus = (1 << bits) - (1 << (bits // 2)) + 1
    key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    pasted = a_certificate_of(key)
    with pytest.raises(CertificateUnreadable) as refused:
        saml.read_certificates(pasted)
    assert refused.value.detail == "unusual key"


def refused(read: Callable[[bytes], object], pasted: bytes) -> None:
    """That this is refused, for whatever reason."""
    with pytest.raises(Refusal):
        read(pasted)


def a_certificate_of(key: rsa.RSAPublicKey) -> bytes:
    """The DER of a certificate around this key, which somebody else has signed."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example")])
    builder = x509.CertificateBuilder(name, name, key, 7, AT, AT + timedelta(days=1))
    return builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).public_bytes(Encoding.DER)


def kept_certificates() -> tuple[int, int]:
    parsed, keys = certificates.certificate_from_der.cache_info(), certificates._key.cache_info()
    return parsed.currsize, keys.currsize


def fresh_certificate() -> bytes:
    """The DER of one that nothing in this process has seen yet."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(AT).not_valid_after(AT + timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
