"""What a hostile admin may paste must not hold the server of all tenants, nor end in a page of ours that is broken."""

import json
import zlib
from base64 import b64encode
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from ostiary import saml
from ostiary.domain.doctor.inspection import Inspection
from ostiary.kernel.errors import Refusal
from ostiary.saml.constants import METADATA
from ostiary.services.doctor.against import Against
from ostiary.services.doctor.consulting import LARGEST_ON_A_PAGE
from ostiary.services.doctor.examining import examine
from ostiary.services.doctor.recognising import specimens_in
from tests.journeys.world import PASSWORD, World
from tests.processor_time import seconds_of
from tests.security.attacker import Browser
from tests.vectors.message import DS, SAML, SAMLP
from tests.vectors.vector import pem

NOW = datetime(2026, 5, 14, tzinfo=UTC)
SECONDS = 5.0
LARGE = b"<a>" + b"<b/>" * 500_000 + b"</a>"
DIGITS = b"&#" + b"9" * 5_000 + b";"
LONE = json.dumps("\ud800").encode()


def looked_at(pasted: bytes) -> list[Inspection]:
    found = specimens_in(pasted, limit=LARGEST_ON_A_PAGE)
    return [examine(each, against=Against(), at=None, now=NOW) for each in found]


def deflated(document: bytes) -> str:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return quote(b64encode(packer.compress(document) + packer.flush()), safe="")


def a_recording(*bodies: str) -> bytes:
    entries = [{"request": {"url": "https://x.example/", "postData": {"text": body}}} for body in bodies]
    return json.dumps({"log": {"entries": entries}}).encode()


def keys_inside_keys() -> bytes:
    """Each of the keys around a certificate has it inside, so it was read once for each of them."""
    body = b"".join(pem("idp").splitlines()[1:-1])
    certificates = b'<X509Certificate xmlns="%s">%s</X509Certificate>' % (DS.encode(), body) * 20
    tower = b"<KeyDescriptor>" * 240 + certificates + b"</KeyDescriptor>" * 240
    around = b'<EntityDescriptor xmlns="%s" entityID="x"><IDPSSODescriptor>%s</IDPSSODescriptor></EntityDescriptor>'
    return around % (METADATA.encode(), tower * 70)


def contexts_inside_contexts() -> bytes:
    tower = b"<AuthnContextClassRef>" * 240 + b"x" * 1_000 + b"</AuthnContextClassRef>" * 240
    return (
        b'<samlp:Response xmlns:samlp="%s" xmlns="%s"><Assertion><AuthnStatement>%s</AuthnStatement></Assertion>'
        b"</samlp:Response>" % (SAMLP.encode(), SAML.encode(), tower * 150)
    )


FLOODS = {
    "one bomb, many times": "&".join(["SAMLResponse=" + deflated(LARGE)] * 20).encode(),
    "twenty bombs": "&".join("SAMLResponse=" + deflated(LARGE + b"<!--%d-->" % i) for i in range(20)).encode(),
    "a recording of bombs": a_recording(*["&".join(["SAMLResponse=" + deflated(LARGE)] * 20)] * 30),
    "keys inside keys": keys_inside_keys(),
    "contexts inside contexts": contexts_inside_contexts(),
}


@pytest.mark.parametrize("pasted", FLOODS.values(), ids=FLOODS.keys())
def test_a_pasted_flood_is_over_soon(pasted: bytes) -> None:
    """Sixteen kilobytes were half a minute of work, two megabytes of keys several: every tenant waited."""
    assert len(pasted) <= LARGEST_ON_A_PAGE
    found: list[Inspection] = []
    assert seconds_of(lambda: found.extend(looked_at(pasted))) < SECONDS
    assert found


BROKEN = {
    "a number without end in a page": b'<html><input name="SAMLResponse" value="' + DIGITS + b'">',
    "half a letter in a field": b'{"SAMLResponse": ' + LONE + b"}",
    "half a letter in a discovery document": b'{"issuer": ' + LONE + b', "jwks_uri": "x"}',
    "half a letter in a recording": b'{"log": {"entries": [{"request": {"url": "https://x/SAMLResponse=y", "postData": '
    b'{"text": "SAMLResponse=' + LONE[1:-1] + b'"}}}]}}',
    "half a letter in the head of a token": (
        b64encode(b'{"alg": ' + LONE + b', "typ": "JWT"}').rstrip(b"=") + b".e30.c2ln"
    ),
    "a number without end in a certificate": b"-----BEGIN CERTIFICATE-----\n" + DIGITS + b"\n-----END CERTIFICATE-----",
}


@pytest.mark.parametrize("pasted", BROKEN.values(), ids=BROKEN.keys())
def test_what_no_parser_likes_is_told_on_a_page_all_the_same(world: World, pasted: bytes) -> None:
    """Each of them was a page that is broken, and a line in the log that wakes somebody."""
    admin = Browser(world)
    assert admin.post("/login", email=str(world.dana.email), password=PASSWORD).status_code == 303
    assert admin.post("/settings/security/doctor", pasted=pasted.decode()).status_code == 200


def test_a_number_without_end_is_no_certificate_and_metadata_with_one_is_refused() -> None:
    """Metadata that is fetched anew by a job was never fetched again after it."""
    with pytest.raises(Refusal):
        saml.read_certificates(DIGITS)
    written = DIGITS.replace(b"&", b"&amp;")
    metadata = (
        b'<EntityDescriptor xmlns="%s" entityID="x"><IDPSSODescriptor><KeyDescriptor><KeyInfo xmlns="%s"><X509Data>'
        b"<X509Certificate>%s</X509Certificate></X509Data></KeyInfo></KeyDescriptor></IDPSSODescriptor>"
        b"</EntityDescriptor>"
    ) % (METADATA.encode(), DS.encode(), written)
    with pytest.raises(Refusal):
        saml.read_idp_metadata(metadata)
