"""The doctor: anything may be pasted, it is named for what it is, and judged by the very checks of a sign-in."""

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote, quote_plus

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ostiary import saml
from ostiary.domain.connection_report import Result
from ostiary.domain.doctor.findings import DoctorFinding
from ostiary.domain.doctor.inspection import Inspection, Verdict
from ostiary.domain.doctor.specimen import FOREIGN, Carrier, Kind
from ostiary.services.doctor.against import Against, OpenIdAddresses
from ostiary.services.doctor.examining import examine
from ostiary.services.doctor.recognising import specimens_in
from ostiary.services.doctor.recordings import MOST_MESSAGES
from tests.oidc import evil_provider as evil
from tests.oidc.envelopes import sealed
from tests.processor_time import seconds_of
from tests.vectors.message import ACS_URL, IDP_ENTITY_ID, NOW, SP_ENTITY_ID, SSO_URL
from tests.vectors.vector import ROOT, Vector, pem, private_pem, read_all

LIMIT = 2 * 1024 * 1024
VECTORS = read_all()
_NEEDS_MORE = {
    "saml.encrypted",
    "saml.request_mismatch",
    "saml.request_unknown",
    "saml.unsolicited_refused",
    "saml.decryption_paused",
    "saml.authn_not_fresh",
}
"""InResponseTo is taken from the answer itself, so what compares it with our request can't fail here; and without keys
of ours there is no saying what stands in an encrypted part."""
PASTED = [vector for vector in VECTORS if vector.document and vector.expect not in _NEEDS_MORE]
ANSWER = (ROOT / "accepted/okta-both-signed/response.xml").read_bytes()
IN_BASE64 = base64.b64encode(ANSWER)
JWT = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJl"
REQUEST = (
    f'<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r" Destination="{SSO_URL}" '
    f'AssertionConsumerServiceURL="{ACS_URL}"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">'
    f"{SP_ENTITY_ID}</saml:Issuer></samlp:AuthnRequest>"
).encode()
KNOWN = Against(
    entity_id=SP_ENTITY_ID,
    acs_url=ACS_URL,
    idp_entity_id=IDP_ENTITY_ID,
    sso_url=SSO_URL,
    certificates=saml.read_certificates(pem("idp")),
)


def deflated(document: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(packer.compress(document) + packer.flush())


def inspect(pasted: bytes | str, *, against: Against | None = None, at: str = NOW) -> Inspection:
    [found] = inspect_all(pasted, against=against, at=at)
    return found


def inspect_all(pasted: bytes | str, *, against: Against | None = None, at: str = NOW) -> list[Inspection]:
    octets = pasted.encode() if isinstance(pasted, str) else pasted
    now = datetime.fromisoformat(at)
    return [examine(each, against=against or Against(), at=now, now=now) for each in specimens_in(octets, limit=LIMIT)]


def codes(inspection: Inspection) -> list[str]:
    return [each.code for each in inspection.wrong]


WRAPPINGS = {
    "xml": (ANSWER, Carrier.BARE),
    "a byte order mark": (b"\xef\xbb\xbf" + ANSWER, Carrier.BARE),
    "utf-16": (ANSWER.decode().encode("utf-16"), Carrier.BARE),
    "base64": (IN_BASE64, Carrier.BASE64),
    "wrapped lines": (b"\r\n".join(IN_BASE64[at : at + 76] for at in range(0, len(IN_BASE64), 76)), Carrier.BASE64),
    "lines put into one": (b" ".join(IN_BASE64[at : at + 64] for at in range(0, len(IN_BASE64), 64)), Carrier.BASE64),
    "percent-encoded": (quote(IN_BASE64, safe="").encode(), Carrier.BASE64),
    "in quotation marks": (b'"' + IN_BASE64 + b'"', Carrier.BASE64),
    "without its padding": (IN_BASE64.rstrip(b"="), Carrier.BASE64),
    "a form's body": (b"SAMLResponse=" + quote_plus(IN_BASE64).encode() + b"&RelayState=ab%2Fc", Carrier.FORM),
    "the body as decoded": (b"RelayState=x&SAMLResponse=" + IN_BASE64, Carrier.FORM),
    "a command around it": (
        b"curl https://sso/acs --data-raw 'SAMLResponse=" + quote_plus(IN_BASE64).encode() + b"'",
        Carrier.FORM,
    ),
    "a page that posts itself": (
        b'<!DOCTYPE html><html><body><form method="post"><input type="hidden" name="SAMLResponse" value="'
        + IN_BASE64.replace(b"+", b"&#43;")
        + b'"/></form></body></html>',
        Carrier.PAGE,
    ),
    "json": (json.dumps({"SAMLResponse": IN_BASE64.decode()}).encode(), Carrier.FORM),
}


@pytest.mark.parametrize(("pasted", "carrier"), WRAPPINGS.values(), ids=WRAPPINGS.keys())
def test_an_answer_is_the_same_however_it_was_wrapped(pasted, carrier):
    found = inspect(pasted, against=KNOWN)
    assert (found.specimen.kind, found.specimen.carrier) == (Kind.RESPONSE, carrier)
    assert (found.verdict, codes(found)) == (Verdict.RIGHT, [])
    assert found.is_verified


def test_what_a_sign_in_would_not_mend_is_mended_here_and_told():
    spaced = IN_BASE64.replace(b"+", b" ")
    assert spaced != IN_BASE64
    assert codes(inspect(spaced, against=KNOWN)) == ["doctor.plus_signs_lost"]
    url_safe = IN_BASE64.translate(bytes.maketrans(b"+/", b"-_"))
    assert codes(inspect(url_safe, against=KNOWN)) == ["doctor.url_safe_base64"]


def test_an_answer_in_a_web_address_has_come_the_wrong_way():
    found = inspect(b"https://sso.example/acs?SAMLResponse=" + quote_plus(deflated(ANSWER)).encode(), against=KNOWN)
    assert found.specimen.kind is Kind.RESPONSE
    assert codes(found) == ["doctor.response_by_redirect"]
    assert found.specimen.sent_to == "https://sso.example/acs"


def test_an_answer_that_was_laid_out_for_reading_is_told_before_its_broken_signature():
    pretty = ANSWER.replace(b"><", b">\n  <")
    found = inspect(pretty, against=KNOWN)
    assert "saml.signature_wrong" in codes(found)
    assert "doctor.laid_out_anew" in codes(found)
    assert "doctor.laid_out_anew" not in codes(inspect(base64.b64encode(pretty), against=KNOWN))


@pytest.mark.parametrize("vector", PASTED, ids=lambda vector: vector.path)
def test_the_doctor_and_a_sign_in_agree_on_every_vector(vector: Vector):
    """The same checks, so the same code; where a request was expected, the doctor believes what the answer says."""
    found = inspect(base64.b64encode(vector.document), against=_circumstances(vector), at=vector.now)
    if vector.expect == "ok":
        assert codes(found) == []
    elif found.specimen.kind not in {*FOREIGN, Kind.LOGOUT_RESPONSE}:
        assert vector.expect in codes(found)


def _circumstances(vector: Vector) -> Against:
    certificates = tuple(each for name in vector.certificates for each in _certificates(name))
    policy = replace(saml.SamlPolicy(**vector.policy), accept_unsolicited=True)  # type: ignore[arg-type] # by name
    return Against(
        entity_id=vector.entity_id,
        acs_url=vector.acs_url,
        idp_entity_id=vector.idp_entity_id,
        sso_url=SSO_URL,
        certificates=certificates,
        decryption_keys=tuple(saml.read_decryption_key(private_pem(name)) for name in vector.decryption_keys),
        policy=policy,
    )


def _certificates(name: str) -> tuple[saml.Certificate, ...]:
    return saml.read_certificates(pem(name), minimum_rsa_bits=0)


def test_without_a_connection_nothing_is_ever_called_verified():
    """Every vector, attacks above all: the certificate that a message brings along makes nobody trust it."""
    for vector in VECTORS:
        for pasted in (vector.document, vector.form):
            for found in inspect_all(pasted, at=vector.now):
                assert not found.is_verified
                assert [
                    line for line in found.checks if line.name in {"response_signature", "assertion_signature"}
                ] == []


def test_a_message_that_was_changed_does_not_even_fit_its_own_certificate():
    found = inspect(ANSWER.replace(b"dana.whitfield", b"owner.of.it.all"))
    assert "saml.signature_wrong" in codes(found)
    refused = [line.name for line in found.checks if line.result is Result.REFUSED]
    assert set(refused) <= {"response_fits_its_own_certificate", "assertion_fits_its_own_certificate"}


def test_an_answer_is_judged_as_of_its_making_however_long_ago_it_came():
    [specimen] = specimens_in(ANSWER, limit=LIMIT)
    nine_minutes = datetime.fromisoformat(NOW).replace(minute=51)
    for later in (nine_minutes, datetime(2027, 1, 1, tzinfo=UTC)):
        old = examine(specimen, against=KNOWN, at=None, now=later)
        assert old.verdict is Verdict.RIGHT
        assert [note.code for note in old.notes] == ["doctor.request_taken_over", "doctor.judged_as_of"]
    assert codes(examine(specimen, against=KNOWN, at=nine_minutes, now=nine_minutes)) == ["saml.response_expired"]


def test_an_answer_from_the_future_is_judged_as_of_now_because_a_clock_is_off():
    [specimen] = specimens_in(ANSWER, limit=LIMIT)
    early = datetime.fromisoformat(NOW).replace(minute=10)
    assert codes(examine(specimen, against=KNOWN, at=None, now=early)) == ["saml.response_not_yet_valid"]


FOREIGNERS = {
    "nothing": (" \n", Kind.NOTHING, "doctor.nothing_here"),
    "a sentence": ("it does not work", Kind.UNKNOWN, "doctor.not_saml"),
    "a sign-in page": ("<!doctype html><title>Sign in</title>", Kind.WEB_PAGE, "doctor.web_page"),
    "a pdf": ("%PDF-1.7 ...", Kind.OTHER_FILE, "doctor.not_saml"),
    "json": ('{"error": "invalid_client"}', Kind.JSON, "doctor.not_saml"),
    "deep json": ("[" * 100_000, Kind.CUT_SHORT, "doctor.cut_short"),
    "a token": (JWT, Kind.JSON_WEB_TOKEN, "doctor.open_id_connect"),
    "a bearer token": (f"Bearer {JWT}", Kind.JSON_WEB_TOKEN, "doctor.open_id_connect"),
    "a discovery document": (
        '{"issuer": "https://i.example", "jwks_uri": "https://i.example/keys"}',
        Kind.OIDC_DISCOVERY,
        "doctor.open_id_connect",
    ),
    "keys": ('{"keys": []}', Kind.JSON_WEB_KEYS, "doctor.open_id_connect"),
    "an empty recording": ('{"log": {"entries": [{"request": {}}]}}', Kind.RECORDING, "doctor.recording_without_saml"),
    "half an answer": (ANSWER[:2000].decode(), Kind.CUT_SHORT, "doctor.cut_short"),
    "half of its base64": (IN_BASE64[:2001].decode(), Kind.CUT_SHORT, "doctor.cut_short"),
    "half of a query": (
        "https://idp.example/sso?SAMLRequest=" + quote_plus(deflated(REQUEST)[:120]),
        Kind.CUT_SHORT,
        "doctor.cut_short",
    ),
    "half a certificate": (pem("idp")[:300].decode(), Kind.CUT_SHORT, "doctor.cut_short"),
    "a private key": (private_pem("idp").decode(), Kind.PRIVATE_KEY, "setup.certificate_is_private_key"),
}


@pytest.mark.parametrize(("pasted", "kind", "code"), FOREIGNERS.values(), ids=FOREIGNERS.keys())
def test_what_is_no_saml_is_named_for_what_it_is(pasted, kind, code):
    found = inspect(pasted)
    assert (found.specimen.kind, found.verdict, codes(found)) == (kind, Verdict.UNREADABLE, [code])


def test_of_a_token_the_header_alone_is_told():
    found = inspect(JWT)
    assert found.facts == (("typ", ("JWT",)), ("alg", ("RS256",)), ("kid", ("k1",)))
    assert "12345" not in repr(found)


def test_an_encrypted_token_is_named_for_what_it_is():
    """Five parts: what it is encrypted by, and to which key, stands in its open header."""
    key = evil.key("k1")
    assert isinstance(key, RSAPrivateKey)
    token = sealed(JWT, to=key.public_key(), alg="RSA-OAEP", kid="k1")
    found = inspect(token)
    assert (found.specimen.kind, codes(found)) == (Kind.JSON_WEB_TOKEN, ["doctor.open_id_connect"])
    assert found.facts == (("alg", ("RSA-OAEP",)), ("enc", ("A256GCM",)), ("kid", ("k1",)))
    [remark] = found.remarks
    assert remark.facts["received"] == "an encrypted JSON Web Token (JWE)"


def test_too_much_is_not_looked_at():
    [specimen] = specimens_in(b"x" * 101, limit=100)
    assert specimen.kind is Kind.TOO_LARGE
    assert specimen.octets == b""


SLOW = {
    "a token without an end": b"eyJ" + b"a." * 1_000_000 + b"!",
    "fields without values": b"<html><input " + b"value  " * 300_000 + b">",
    "inputs without an end": b"<html>" + b"<input " * 300_000,
    "the name of a field": b"SAMLResponse=" * 160_000,
    "pairs of letters": b"A" * 20 + b" a" * 1_000_000,
    "beginnings of a certificate": b"-----BEGIN " * 190_000,
    "elements inside one another": b"<a>" * 700_000,
    "a bomb": b"SAMLRequest=" + deflated(b"<a>" + b"x" * 100_000_000),
}


@pytest.mark.parametrize("pasted", SLOW.values(), ids=SLOW.keys())
def test_two_megabytes_of_anything_are_looked_at_in_a_moment(pasted):
    """What goes over its input again for each letter of it takes hours here, not seconds."""
    assert seconds_of(lambda: inspect_all(pasted[:LIMIT])) < 10


@pytest.mark.parametrize("length", range(6))
def test_no_plus_sign_is_missed_in_a_request_that_has_all_of_its_letters(length: int) -> None:
    """Every deflated message one octet short of three looked as if a plus sign were gone from its end."""
    pasted = deflated(REQUEST.replace(b"_r", b"_r" + b"qzxjkv"[:length]))
    found = inspect(b"https://idp.example/sso?SAMLRequest=" + quote_plus(pasted).encode(), against=KNOWN)
    assert "doctor.plus_signs_lost" not in codes(found)


def test_a_request_is_compared_with_the_connection():
    pasted = b"https://idp.example/sso?SAMLRequest=" + quote_plus(deflated(REQUEST)).encode()
    right = inspect(pasted, against=KNOWN)
    assert (right.specimen.kind, codes(right)) == (Kind.AUTHN_REQUEST, [])
    other = Against(entity_id=SP_ENTITY_ID + "/", acs_url=ACS_URL, sso_url=SSO_URL + "x")
    wrong = inspect(pasted, against=other).wrong
    assert [(each.code, each.facts["what"]) for each in wrong] == [
        ("doctor.value_differs", "Entity ID"),
        ("doctor.value_differs", "SSO URL"),
    ]


def test_metadata_is_compared_with_the_connection():
    own = saml.build_sp_metadata(service_provider=saml.ServiceProvider(entity_id=SP_ENTITY_ID, acs_url=ACS_URL))
    assert codes(inspect(own, against=KNOWN)) == []
    theirs = _idp_metadata(pem("idp"))
    assert codes(inspect(theirs, against=KNOWN)) == []
    assert codes(inspect(_idp_metadata(pem("stranger")), against=KNOWN)) == ["doctor.certificate_not_pinned"]
    moved = inspect(theirs.replace(SSO_URL.encode(), b"https://new.example/sso"), against=KNOWN)
    assert [each.facts["what"] for each in moved.wrong] == ["SSO URL"]
    assert codes(inspect(theirs.replace(b"X509Certificate", b"X509Issuer"), against=KNOWN)) == [
        "setup.metadata_incomplete"
    ]


def _idp_metadata(certificate: bytes) -> bytes:
    [known] = saml.read_certificates(certificate, minimum_rsa_bits=0)
    return (
        f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{IDP_ENTITY_ID}">'
        '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        '<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>'
        f"<X509Certificate>{known.base64}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
        '<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" '
        f'Location="{SSO_URL}"/></IDPSSODescriptor></EntityDescriptor>'
    ).encode()


def test_a_certificate_is_compared_with_those_of_the_connection():
    der = saml.read_certificates(pem("idp"))[0].der
    for pasted in (pem("idp"), base64.b64encode(der), der):
        found = inspect(pasted, against=KNOWN)
        assert (found.specimen.kind, codes(found)) == (Kind.CERTIFICATE, [])
    assert codes(inspect(pem("stranger"), against=KNOWN)) == ["doctor.certificate_not_pinned"]


@pytest.mark.parametrize(
    ("address", "looks_like"),
    [
        (ACS_URL, "our_acs_url"),
        (SP_ENTITY_ID, "our_entity_id"),
        (SSO_URL, "the_sso_url"),
        ("https://adfs.example/FederationMetadata/2007-06/FederationMetadata.xml", "metadata"),
        ("https://kc.example/realms/acme/protocol/saml/descriptor", "metadata"),
        ("https://adfs.example/adfs/ls/", "sso_url"),
        ("http://www.okta.com/exk123", "issuer"),
        ("urn:acme:idp", "issuer"),
        ("https://i.example/.well-known/openid-configuration", "oidc_discovery"),
        ("https://[", "other"),
    ],
)
def test_an_address_is_told_by_its_shape_and_nobody_is_asked(address, looks_like):
    found = inspect(address, against=KNOWN)
    assert found.specimen.kind is Kind.URL
    assert [each.facts["looks_like"] for each in found.remarks] == [looks_like]


def a_recording(*requests: Mapping[str, object]) -> str:
    entries = [{"startedDateTime": "2026-03-03T09:41:53.118Z", "request": each} for each in requests]
    return json.dumps({"log": {"version": "1.2", "entries": entries}})


def test_a_recording_gives_its_messages_their_times_and_nothing_else():
    posted = {"mimeType": "x", "text": "SAMLResponse=" + quote_plus(IN_BASE64) + "&password=hunter2"}
    fields = {"params": [{"name": "SAMLResponse", "value": deflated(REQUEST).decode()}, {"name": "pin", "value": "99"}]}
    recording = a_recording(
        {"url": "https://app.example/", "headers": [{"name": "cookie", "value": "sid=secret"}]},
        {"url": "https://idp.example/sso?token=hush&SAMLRequest=" + quote_plus(deflated(REQUEST))},
        {"url": ACS_URL, "postData": posted},
        {"url": ACS_URL, "postData": posted},
        {"url": ACS_URL, "postData": fields},
    )
    found = inspect_all(recording, against=KNOWN)
    assert [(each.specimen.kind, each.specimen.sent_to) for each in found[:2]] == [
        (Kind.AUTHN_REQUEST, "https://idp.example/sso"),
        (Kind.RESPONSE, ACS_URL),
    ]
    assert found[1].specimen.sent_at == datetime(2026, 3, 3, 9, 41, 53, 118_000, tzinfo=UTC)
    assert "doctor.secrets_inside" in [note.code for note in found[0].notes]
    assert [secret for secret in ("hunter2", "secret", "hush", "99") if secret in repr([e.facts for e in found])] == []


def test_a_recording_with_very_many_messages_gives_the_first_of_them():
    many = [
        {"url": "https://idp.example/sso?SAMLRequest=" + quote_plus(deflated(REQUEST.replace(b"_r", b"_%d" % number)))}
        for number in range(3 * MOST_MESSAGES)
    ]
    assert len(inspect_all(a_recording(*many))) == MOST_MESSAGES


@pytest.mark.shared
def test_no_case_of_other_projects_breaks_it(shared_folder):
    """Whatever stands in these files, something is said about it, in bounded text."""
    files = [path for path in (shared_folder / "fixtures" / "saml").rglob("*") if path.is_file()]
    assert len(files) > 300
    for path in files:
        for found in inspect_all(path.read_bytes()[:LIMIT], against=KNOWN):
            assert found.verdict in set(Verdict)
            assert len(repr(found.facts)) < 400_000


@given(st.binary(max_size=400))
def test_any_bytes_are_something(pasted):
    for found in inspect_all(pasted, against=KNOWN):
        assert found.verdict in set(Verdict)


@given(st.binary(max_size=200), st.integers(0, len(ANSWER)), st.sampled_from(["xml", "base64", "form", "har"]))
def test_an_answer_with_strange_bytes_inside_is_something(piece, at, wrapping):
    document = ANSWER[:at] + piece + ANSWER[at:]
    pasted = {
        "xml": document,
        "base64": base64.b64encode(document),
        "form": b"SAMLResponse=" + quote_plus(base64.b64encode(document)).encode(),
        "har": a_recording(
            {"url": ACS_URL, "postData": {"text": "SAMLResponse=" + document.decode("latin-1")}}
        ).encode(),
    }[wrapping]
    for found in inspect_all(pasted):
        assert not found.is_verified


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["log", "entries", "request", "url", "postData", "params", "name", "value", "text", "keys"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=25,
    )
)
def test_a_recording_of_any_shape_is_something(content):
    for pasted in (content, {"log": {"entries": content if isinstance(content, list) else [content]}}):
        assert inspect_all(json.dumps(pasted))


def test_every_finding_of_the_doctor_is_made_by_something_that_can_be_pasted():
    """Those that need a store are made by the test of the page."""
    made = {each.code for name in FOREIGNERS for each in inspect(FOREIGNERS[name][0]).remarks}
    made |= {"doctor.too_large", "doctor.used_already", "doctor.certificate_old", "doctor.several_providers"}
    for pasted in (
        IN_BASE64.replace(b"+", b" "),
        IN_BASE64.translate(bytes.maketrans(b"+/", b"-_")),
        b"?SAMLResponse=" + quote_plus(deflated(ANSWER)).encode(),
        ANSWER.replace(b"><", b">\n  <"),
        ANSWER,
        b"https://idp.example/sso",
        _idp_metadata(pem("stranger")).replace(SSO_URL.encode(), b"https://new.example/sso"),
        a_recording({"url": "https://idp.example/?SAMLRequest=" + quote_plus(deflated(REQUEST))}).encode(),
    ):
        [specimen, *_] = specimens_in(pasted, limit=LIMIT)
        for against in (KNOWN, Against(), OVER_OPENID):
            found = examine(specimen, against=against, at=None, now=datetime(2027, 1, 1, tzinfo=UTC))
            made |= {each.code for each in found.remarks}
    assert {each.code for each in DoctorFinding.__subclasses__()} - made == set()


def test_an_expired_certificate_and_several_providers_are_worth_knowing():
    found = inspect(
        (ROOT / "keys" / "expired.crt").read_bytes() if (ROOT / "keys/expired.crt").exists() else pem("old")
    )
    assert [note.code for note in found.notes] == ["doctor.certificate_old"]
    one = _idp_metadata(pem("idp")).decode()
    two = one.replace(IDP_ENTITY_ID, "urn:another")
    both = f'<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">{one}{two}</EntitiesDescriptor>'
    assert [note.code for note in inspect(both).notes] == ["doctor.several_providers"]
    assert codes(inspect(both, against=KNOWN)) == []


OVER_OPENID = Against(
    openid=OpenIdAddresses(discovery_url="https://acme.okta.example", redirect_uri="https://sso.example/oauth2/c1")
)
OF_SAML = {
    "an answer": ANSWER,
    "an answer in base64": IN_BASE64,
    "an answer in a web address": b"https://sso.example/acs?SAMLResponse=" + quote_plus(deflated(ANSWER)).encode(),
    "a request": REQUEST,
    "a certificate": pem("idp"),
    "metadata": _idp_metadata(pem("idp")),
    "a recording": a_recording(
        {"url": ACS_URL, "postData": {"text": f"SAMLResponse={quote_plus(IN_BASE64)}"}}
    ).encode(),
}


@pytest.mark.parametrize("pasted", OF_SAML.values(), ids=OF_SAML.keys())
def test_beside_a_connection_over_openid_connect_what_is_of_saml_is_named_and_not_judged(pasted):
    found = inspect(pasted, against=OVER_OPENID)
    assert found.specimen.kind is inspect(pasted).specimen.kind
    assert codes(found)[0] == "doctor.other_protocol"
    assert found.facts
    assert (found.checks, found.is_verified, found.verdict) == ((), False, Verdict.WRONG)


@pytest.mark.parametrize(("pasted", "kind", "code"), FOREIGNERS.values(), ids=FOREIGNERS.keys())
def test_beside_such_a_connection_what_is_no_saml_is_the_same(pasted, kind, code):
    found = inspect(pasted, against=OVER_OPENID)
    assert (found.specimen.kind, found.verdict, codes(found)) == (kind, Verdict.UNREADABLE, [code])


@pytest.mark.parametrize("pasted", ["<a/>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "<a><b></a>"])
def test_beside_such_a_connection_another_document_is_not_called_one_of_saml(pasted):
    found = inspect(pasted, against=OVER_OPENID)
    assert found.verdict is Verdict.WRONG
    assert "doctor.other_protocol" not in codes(found)


@pytest.mark.parametrize(
    ("address", "looks_like"),
    [
        ("https://sso.example/oauth2/c1", "our_redirect_uri"),
        ("https://acme.okta.example", "the_discovery_url"),
        ("https://acme.okta.example/.well-known/openid-configuration", "the_discovery"),
        ("https://i.example/.well-known/openid-configuration", "another_discovery"),
        ("https://idp.example/app/metadata", "metadata"),
    ],
)
def test_an_address_is_told_by_those_of_a_connection_over_openid_connect(address, looks_like):
    [remark] = inspect(address, against=OVER_OPENID).remarks
    assert remark.facts["looks_like"] == looks_like
