import base64
import html
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    pkcs7,
)
from cryptography.x509.oid import NameOID

from ostiary import saml
from ostiary.saml.errors import (
    CertificateIsFingerprint,
    CertificateIsMetadata,
    CertificateIsPrivateKey,
    CertificateIsPublicKey,
    CertificateUnreadable,
    CertificateWeak,
)
from tests.vectors.message import KEYS
from tests.vectors.vector import pem

PEM = pem("idp")
NEXT = pem("idp-next")
LOADED = x509.load_pem_x509_certificate(PEM)
DER = LOADED.public_bytes(Encoding.DER)
BARE = base64.b64encode(DER)
THE_ONE = saml.certificate_from_der(DER)
THE_NEXT = saml.read_certificates(NEXT)[0]
PRIVATE = load_pem_private_key((KEYS / "idp.key").read_bytes(), password=None)
assert isinstance(PRIVATE, rsa.RSAPrivateKey)

SHAPES = {
    "PEM": PEM,
    "DER": DER,
    "bare base64 in one line": BARE,
    "bare base64 in lines": base64.encodebytes(DER),
    "bare base64 without padding": BARE.rstrip(b"="),
    "Windows line ends": PEM.replace(b"\n", b"\r\n"),
    "old Macintosh line ends": PEM.replace(b"\n", b"\r"),
    "white space around": b"\n\n  \t" + PEM + b"  \n\n",
    "each line indented": b"\n".join(b"    " + line for line in PEM.splitlines()),
    "a blank line after each": PEM.replace(b"\n", b"\n\n"),
    "all in one line, with spaces": b" ".join(PEM.split(b"\n")),
    "no line end after BEGIN": PEM.replace(b"CERTIFICATE-----\n", b"CERTIFICATE-----", 1),
    "literal backslash-n": PEM.replace(b"\n", b"\\n"),
    "literal backslash-r-backslash-n": PEM.replace(b"\n", b"\\r\\n"),
    "in quotes, as in JSON": b'"' + PEM.replace(b"\n", b"\\n") + b'"',
    "HTML-escaped": html.escape(PEM.decode()).replace("\n", "&#13;&#10;").encode(),
    "typographic dashes": PEM.decode().replace("-----", "\N{EM DASH}" * 5).encode(),
    "byte order mark": b"\xef\xbb\xbf" + PEM,
    "UTF-16, as Notepad saves it": PEM.decode().encode("utf-16"),
    "no-break spaces": PEM.replace(b"\n", "\N{NO-BREAK SPACE}\n".encode()),
    "zero-width spaces": PEM.replace(b"\n", "\N{ZERO WIDTH SPACE}\n".encode()),
    "text of openssl around": b"Certificate:\n    Data:\n        Version: 3 (0x2)\n" + PEM + b"\nEnd of it\n",
    "X509 CERTIFICATE": PEM.replace(b" CERTIFICATE", b" X509 CERTIFICATE"),
    "base64 of the PEM": base64.b64encode(PEM),
    "base64 of the PEM in lines": base64.encodebytes(PEM),
    "PKCS #7 in PEM": pkcs7.serialize_certificates([LOADED], Encoding.PEM),
    "PKCS #7 in DER": pkcs7.serialize_certificates([LOADED], Encoding.DER),
    "the same one twice": PEM + PEM,
}


@pytest.mark.parametrize("pasted", SHAPES.values(), ids=SHAPES.keys())
def test_a_certificate_is_read_in_every_shape(pasted):
    assert saml.read_certificates(pasted) == (THE_ONE,)


@pytest.mark.parametrize("between", [b"", b"\n", b"\r\n\r\n", b"\nnext one:\n"])
def test_several_are_read_in_their_order(between):
    assert saml.read_certificates(PEM + between + NEXT) == (THE_ONE, THE_NEXT)
    assert saml.read_certificates(NEXT.rstrip() + between + PEM) == (THE_NEXT, THE_ONE)


def test_what_an_admin_compares_is_shown():
    assert (
        saml.Certificate(
            der=DER,
            subject="CN=idp.acme.example",
            not_before=LOADED.not_valid_before_utc,
            not_after=datetime(2056, 1, 1, tzinfo=UTC),
            fingerprint=LOADED.fingerprint(SHA256()).hex(":").upper(),
            key="RSA 2048",
        )
        == THE_ONE
    )
    assert saml.read_certificates(pem("ec"))[0].key == "EC secp256r1"


def test_a_stored_certificate_comes_back():
    assert saml.certificate_from_stored(THE_ONE.base64) == THE_ONE
    with pytest.raises(CertificateUnreadable):
        saml.certificate_from_stored("nothing")


def test_an_expired_one_is_read_and_knows_it():
    [expired] = saml.read_certificates(pem("expired"))
    assert expired.is_expired(expired.not_after + timedelta(seconds=1))
    assert not expired.is_expired(expired.not_after)


REFUSED = {
    "private key": (KEYS.joinpath("idp.key").read_bytes(), CertificateIsPrivateKey),
    "private key beside the certificate": (PEM + KEYS.joinpath("idp.key").read_bytes(), CertificateIsPrivateKey),
    "private key of PKCS #1": (
        PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        CertificateIsPrivateKey,
    ),
    "private key without its frame": (
        base64.b64encode(PRIVATE.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
        CertificateIsPrivateKey,
    ),
    "private key in DER": (
        PRIVATE.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        CertificateIsPrivateKey,
    ),
    "private key in base64 of PEM": (
        base64.b64encode(KEYS.joinpath("idp.key").read_bytes()),
        CertificateIsPrivateKey,
    ),
    "public key": (
        PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        CertificateIsPublicKey,
    ),
    "public key without its frame": (
        base64.b64encode(PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)),
        CertificateIsPublicKey,
    ),
    "fingerprint of SHA-256": (THE_ONE.fingerprint.encode(), CertificateIsFingerprint),
    "fingerprint of SHA-1": (b"4F:E3:22:9A:0C:5C:11:A4:6B:0D:2E:33:9F:00:12:AB:CD:EF:01:23", CertificateIsFingerprint),
    "metadata": (b"<EntityDescriptor/>", CertificateIsMetadata),
    "a page": (b"  <!DOCTYPE html><html></html>", CertificateIsMetadata),
    "nothing": (b" \r\n\t", CertificateUnreadable),
    "words": (b"see attachment", CertificateUnreadable),
    "cut at the end": (PEM[:-60], CertificateUnreadable),
    "cut inside": (PEM.replace(PEM.splitlines()[5] + b"\n", b""), CertificateUnreadable),
    "something glued in front": (b"cert" + PEM, CertificateUnreadable),
    "a request for a certificate": (
        b"-----BEGIN CERTIFICATE REQUEST-----\nMIIC\n-----END CERTIFICATE REQUEST-----",
        CertificateUnreadable,
    ),
    "bytes of anything": (bytes(range(256)), CertificateUnreadable),
    "far too much": (b"A" * 70_000, CertificateUnreadable),
    "a key of 1024 bits": (pem("weak"), CertificateWeak),
}


@pytest.mark.parametrize(("pasted", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_certificate_is_named_for_what_it_is(pasted, reason):
    with pytest.raises(reason):
        saml.read_certificates(pasted)


def test_a_short_key_is_told_with_its_length():
    with pytest.raises(CertificateWeak) as caught:
        saml.read_certificates(pem("weak"))
    assert (caught.value.key, caught.value.minimum) == ("RSA 1024", "RSA 2048")


def test_a_small_curve_is_told_with_its_name():
    with pytest.raises(CertificateWeak) as caught:
        saml.read_certificates(a_certificate("Small", key=ec.generate_private_key(ec.SECP224R1())))
    assert (caught.value.key, caught.value.minimum) == ("EC secp224r1", "EC 256")


def test_an_exponent_of_one_is_no_key_at_all():
    """Whoever has such a key pinned accepts the message itself as its own signature."""
    trivial = DER.replace(b"\x02\x03\x01\x00\x01", b"\x02\x03\x00\x00\x01", 1)
    with pytest.raises((CertificateWeak, CertificateUnreadable)):
        saml.read_certificates(trivial)


def test_a_key_that_saml_does_not_sign_with_is_refused():
    with pytest.raises(CertificateWeak):
        saml.read_certificates(a_certificate("Ed", key=ed25519.Ed25519PrivateKey.generate()))


def test_the_authority_above_a_certificate_is_not_pinned():
    """Who pins an authority trusts everything that it ever signs."""
    authority = ec.generate_private_key(ec.SECP256R1())
    leaf = ec.generate_private_key(ec.SECP256R1())
    above = a_certificate("Authority", key=authority)
    below = a_certificate("Leaf", key=leaf, issuer=("Authority", authority))
    assert [each.subject for each in saml.read_certificates(below + above)] == ["CN=Leaf"]
    assert [each.subject for each in saml.read_certificates(above + below)] == ["CN=Leaf"]


def test_two_generations_of_one_name_are_both_pinned():
    """Okta's old and new certificate bear the same name."""
    generations = [a_certificate("Okta", key=ec.generate_private_key(ec.SECP256R1())) for _ in range(2)]
    assert len(saml.read_certificates(b"".join(generations))) == 2


def a_certificate(name: str, *, key, issuer=None) -> bytes:
    issuer_name, issuer_key = issuer or (name, key)
    builder = x509.CertificateBuilder(
        subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
        issuer_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer_name)]),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=datetime(2025, 1, 1),
        not_valid_after=datetime(2056, 1, 1),
    )
    algorithm = None if isinstance(issuer_key, ed25519.Ed25519PrivateKey) else SHA256()
    return builder.sign(issuer_key, algorithm).public_bytes(Encoding.PEM)
