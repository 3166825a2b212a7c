import zlib
from base64 import b64decode
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from ostiary import saml
from ostiary.saml.bindings import LARGEST_FORM_VALUE
from ostiary.saml.errors import NotBase64, TooLarge
from tests.saml.circumstances import AT, IDENTITY_PROVIDER, SERVICE_PROVIDER
from tests.vectors.message import ACS_URL, KEYS, REQUEST_ID, SP_ENTITY_ID
from tests.vectors.vector import SSO_URL, read_all


def a_request(**changes) -> bytes:
    return saml.build_authn_request(
        service_provider=SERVICE_PROVIDER,
        identity_provider=IDENTITY_PROVIDER,
        request_id=REQUEST_ID,
        now=AT,
        **changes,
    )


def key(name: str):
    return load_pem_private_key((KEYS / f"{name}.key").read_bytes(), password=None)


def test_a_request_says_who_asks_and_where_to_answer():
    request = etree.fromstring(a_request())
    assert request.tag == "{urn:oasis:names:tc:SAML:2.0:protocol}AuthnRequest"
    assert dict(request.items()) == {
        "ID": REQUEST_ID,
        "Version": "2.0",
        "IssueInstant": "2026-03-03T09:41:52Z",
        "Destination": SSO_URL,
        "AssertionConsumerServiceURL": ACS_URL,
        "ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
    }
    assert [(child.tag, child.text) for child in request] == [
        ("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer", SP_ENTITY_ID)
    ]


def test_a_fresh_sign_in_is_asked_for():
    assert etree.fromstring(a_request(force_authn=True)).get("ForceAuthn") == "true"


def test_a_request_travels_in_the_query():
    url = saml.redirect_url(SSO_URL, message=a_request(), relay_state="r/1 2")
    query = parse_qs(urlsplit(url).query, strict_parsing=True)
    assert url.startswith(SSO_URL + "?SAMLRequest=")
    assert set(query) == {"SAMLRequest", "RelayState"}
    assert query["RelayState"] == ["r/1 2"]
    assert zlib.decompress(b64decode(query["SAMLRequest"][0]), -15) == a_request()


def test_a_query_of_the_sso_url_stays():
    url = saml.redirect_url("https://accounts.google.example/o/saml2/idp?idpid=C01", message=b"<a/>", relay_state=None)
    assert url.startswith("https://accounts.google.example/o/saml2/idp?idpid=C01&SAMLRequest=")


@pytest.mark.parametrize("relay_state", ["state", None])
def test_a_signature_covers_the_very_octets_of_the_query(relay_state):
    signing_key = key("idp")
    url = saml.redirect_url(SSO_URL, message=a_request(), relay_state=relay_state, signing_key=signing_key)
    covered, _, signature = urlsplit(url).query.partition("&Signature=")
    octets = b64decode(parse_qs("s=" + signature)["s"][0])
    assert isinstance(signing_key, rsa.RSAPrivateKey)
    signing_key.public_key().verify(octets, covered.encode(), padding.PKCS1v15(), SHA256())
    with pytest.raises(InvalidSignature):
        signing_key.public_key().verify(octets, covered.encode() + b"x", padding.PKCS1v15(), SHA256())
    names = [pair.partition("=")[0] for pair in covered.split("&")]
    assert names == ["SAMLRequest", *(["RelayState"] if relay_state else []), "SigAlg"]


def test_a_request_is_signed_with_an_elliptic_curve():
    signing_key = key("ec")
    assert isinstance(signing_key, ec.EllipticCurvePrivateKey)
    url = saml.redirect_url(SSO_URL, message=a_request(), relay_state="s", signing_key=signing_key)
    covered, _, signature = urlsplit(url).query.partition("&Signature=")
    octets = b64decode(parse_qs("s=" + signature)["s"][0])
    assert parse_qs(covered)["SigAlg"] == ["http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"]
    as_der = encode_dss_signature(int.from_bytes(octets[:32]), int.from_bytes(octets[32:]))
    signing_key.public_key().verify(as_der, covered.encode(), ec.ECDSA(SHA256()))


def test_the_request_that_is_answered_can_be_looked_up():
    [vector] = [each for each in read_all() if each.path == "accepted/okta-both-signed"]
    assert saml.unverified_in_response_to(vector.form) == REQUEST_ID
    assert saml.decoded(vector.form) == vector.document


@pytest.mark.parametrize("form_value", [b"", b"!", b"PGEvPg==", "PGEvPg==", b"x" * (LARGEST_FORM_VALUE + 1)])
def test_nothing_is_looked_up_where_nothing_is_answered(form_value):
    assert saml.unverified_in_response_to(form_value) is None


def test_a_tile_login_answers_nothing():
    [vector] = [each for each in read_all() if each.path == "accepted/tile-login"]
    assert saml.unverified_in_response_to(vector.form) is None


def test_too_much_is_not_even_decoded():
    with pytest.raises(TooLarge) as caught:
        saml.decoded(b"A" * (LARGEST_FORM_VALUE + 1))
    assert caught.value.facts() == {"limit": "1048576", "received": "1048577"}


@pytest.mark.parametrize(
    ("form_value", "found"),
    [
        (b"PHNh bWw=", "a space"),
        (b"PHNh-bWw", "a hyphen"),
        (b"PHNh_bWw", "an underscore"),
        (b"PHNh%2BbW", "a percent sign"),
        (b"<saml/>", "XML, not encoded"),
        ("PHNh\N{EURO SIGN}", "'\N{EURO SIGN}'"),
        (b"PHNhb", "an end that is cut off"),
        (b" \r\n", "nothing"),
    ],
)
def test_the_first_thing_that_is_no_base64_is_named(form_value, found):
    with pytest.raises(NotBase64) as caught:
        saml.decoded(form_value)
    assert caught.value.found == found
