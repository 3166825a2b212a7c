"""Answers that count, in the shapes that vendors send."""

import base64
from dataclasses import replace

from lxml import etree

from tests.vectors.message import (
    EMAIL,
    FORMAT,
    IDP_ENTITY_ID,
    TYPED,
    Confirmation,
    Message,
    Signing,
    attribute,
    signed,
)
from tests.vectors.vector import Vector, document

OKTA = Message()
WITH_ONE_NAME = replace(OKTA, attributes=attribute("email", EMAIL))
_NAMES = {
    "email": [EMAIL],
    "firstName": ["Dana"],
    "lastName": ["Whitfield"],
    "department": ["IT Operations"],
    "groups": ["Everyone", "Ringline-Admins"],
}
_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"


def accepted() -> list[Vector]:
    """Every vector of `accepted/`."""
    return [*_vendors(), *_signatures(), *_messages()]


def _ok(name: str, why: str, tree: etree._Element | bytes, **changes: object) -> Vector:
    given: dict[str, object] = {"name_id": EMAIL, "attributes": _NAMES, **changes}
    return Vector(path=f"accepted/{name}", why=why, expect="ok", document=document(tree), **given)  # type: ignore[arg-type] # by name


def _vendors() -> list[Vector]:
    typed_once = replace(
        OKTA,
        response_namespaces=' xmlns:xs="http://www.w3.org/2001/XMLSchema"',
        attributes=attribute(
            "email", EMAIL, value_attributes=TYPED.replace(' xmlns:xs="http://www.w3.org/2001/XMLSchema"', "")
        ),
    )
    google = replace(
        OKTA,
        attributes=attribute("email", EMAIL, form="") + '<saml2:Attribute Name="department"/>',
        name_id=f'<saml2:NameID Format="{FORMAT}unspecified">{EMAIL}</saml2:NameID>',
    )
    entra = replace(
        OKTA,
        assertion_id="_9b1c7f52-3c1e-4f0a-8c39-2f6b5b3c6a00",
        destination=None,
        response_issuer=IDP_ENTITY_ID,
        not_on_or_after="2026-03-03T10:51:51.123Z",
        name_id=f'<saml2:NameID Format="{FORMAT}emailAddress">{EMAIL}</saml2:NameID>',
        attributes=attribute(_CLAIMS + "emailaddress", EMAIL, value_attributes="", form="")
        + attribute(_CLAIMS + "givenname", "Dana", value_attributes="", form=""),
    )
    keycloak = replace(
        OKTA,
        name_id='<saml2:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">G-0c3a</saml2:NameID>',
        attributes=attribute("Role", "admin", form="basic") + attribute("Role", "offline", form="basic"),
    )
    return [
        _ok(
            "okta-both-signed",
            "Okta's default: the response and the assertion are signed.",
            signed(OKTA.tree(), "Assertion", "Response"),
        ),
        _ok(
            "onelogin-assertion-signed",
            "OneLogin's default: only the assertion is signed.",
            signed(OKTA.tree(), "Assertion"),
        ),
        _ok(
            "okta-prefix-list-from-above",
            "PrefixList names a prefix that only the Response declares.",
            signed(typed_once.tree(), "Assertion", how=Signing(prefixes="xs")),
            attributes={"email": [EMAIL]},
        ),
        _ok(
            "google-response-signed",
            "Google: only the response is signed, no NameFormat, an attribute without a value.",
            signed(google.tree(), "Response"),
            attributes={"email": [EMAIL], "department": []},
        ),
        _ok(
            "entra-assertion-signed",
            "Entra: no Destination, long names, a window of 70 minutes, fractions of a second.",
            signed(entra.tree(), "Assertion"),
            attributes={_CLAIMS + "emailaddress": [EMAIL], _CLAIMS + "givenname": ["Dana"]},
        ),
        _ok(
            "keycloak-one-attribute-per-role",
            "Keycloak repeats the attribute for each role.",
            signed(keycloak.tree(), "Response"),
            name_id="G-0c3a",
            attributes={"Role": ["admin", "offline"]},
        ),
    ]


def _signatures() -> list[Vector]:
    def one(how: Signing) -> etree._Element:
        return signed(WITH_ONE_NAME.tree(), "Assertion", how=how)

    given = {"attributes": {"email": [EMAIL]}}
    commented = document(one(Signing())).replace(b"dana.whitfield@", b"dana.whit<!-- -->field@", 1)
    return [
        _ok("rsa-sha512", "RSA with SHA-512 in both places.", one(Signing(hash="sha512", digest="sha512")), **given),
        _ok("rsa-sha384", "RSA with SHA-384 in both places.", one(Signing(hash="sha384", digest="sha384")), **given),
        _ok("ecdsa-sha256", "PingOne offers elliptic curves.", one(Signing(key="ec")), certificates=("ec",), **given),
        _ok(
            "no-key-info",
            "PingFederate sends no KeyInfo; it would not be believed anyway.",
            one(Signing(carries=None)),
            **given,
        ),
        _ok(
            "key-info-of-another-key",
            "The pinned key has signed; the certificate in KeyInfo is another one and ignored.",
            one(Signing(carries="stranger")),
            **given,
        ),
        _ok(
            "white-space-in-the-signature",
            "The signature is written over many lines.",
            one(Signing(whitespace="\n  ")),
            **given,
        ),
        _ok(
            "second-pinned-key",
            "Two keys are pinned while the provider rolls over; the second one has signed.",
            one(Signing(key="idp-next")),
            certificates=("idp", "idp-next"),
            **given,
        ),
        _ok(
            "expired-certificate-still-signs",
            "The pinned certificate is past its date. Dates refuse nothing.",
            one(Signing(key="expired")),
            certificates=("expired",),
            **given,
        ),
        _ok(
            "sha1-where-allowed",
            "A connection that allows SHA-1.",
            one(Signing(hash="sha1", digest="sha1")),
            policy={"allow_sha1": True},
            **given,
        ),
        _ok(
            "comment-in-the-address",
            "A comment that the signature does not cover (VU#475445): the address is read whole.",
            commented,
            **given,
        ),
    ]


def _messages() -> list[Vector]:
    def one(**changes: object) -> etree._Element:
        return signed(replace(WITH_ONE_NAME, **changes).tree(), "Assertion")  # type: ignore[arg-type] # by name

    given = {"attributes": {"email": [EMAIL]}}
    wrapped = base64.encodebytes(document(one())).replace(b"\n", b"\r\n")
    foreign = (
        "<saml2:Advice>"
        + replace(WITH_ONE_NAME, assertion_id="_other", issuer="https://other.example").assertion_xml()
        + "</saml2:Advice>"
    )
    targeted = attribute("urn:oid:1.3.6.1.4.1.5923.1.1.1.10", "<saml2:NameID>somebody-else</saml2:NameID>")
    tile = {"in_response_to": None, "confirmations": (Confirmation(in_response_to=None),)}
    two = (Confirmation(recipient="https://other.example/acs"), Confirmation(), Confirmation(method="holder-of-key"))
    return [
        _ok(
            "tile-login",
            "Nobody asked, and this connection reads such answers.",
            one(**tile),
            expected_request_id=None,
            policy={"accept_unsolicited": True},
            **given,
        ),
        _ok(
            "one-good-confirmation-of-three",
            "One bearer confirmation that holds is enough.",
            one(confirmations=two),
            **given,
        ),
        _ok(
            "confirmation-with-a-start",
            "SecureAuth gives its bearer confirmation a start, which lies in the past.",
            one(confirmations=(Confirmation(not_before="2026-03-03T09:36:51Z"),)),
            **given,
        ),
        _ok("foreign-assertion-in-advice", "What stands in Advice is never read.", one(advice=foreign), **given),
        _ok(
            "several-audiences",
            "We are one of two audiences.",
            one(audiences=(("https://other.example", OKTA.audiences[0][0]),)),
            **given,
        ),
        _ok(
            "known-conditions",
            "OneTimeUse and ProxyRestriction ask nothing of us that we don't do.",
            one(more_conditions="<saml2:OneTimeUse/><saml2:ProxyRestriction/>"),
            **given,
        ),
        _ok(
            "times-with-offset",
            "Offsets and seven digits of a second, as .NET writes them.",
            one(not_before="2026-03-03T10:36:51.1234567+01:00", not_on_or_after="2026-03-03T10:46:51.1234567+01:00"),
            **given,
        ),
        _ok(
            "clock-apart-within-the-allowance",
            "Our clock is 100 seconds behind.",
            one(),
            now="2026-03-03T09:35:12Z",
            **given,
        ),
        _ok(
            "session-end-in-future",
            "SessionNotOnOrAfter lies ahead.",
            one(
                authn_statement=OKTA.authn_statement.replace(
                    "SessionIndex", 'SessionNotOnOrAfter="2026-03-03T17:41:51Z" SessionIndex'
                )
            ),
            **given,
        ),
        _ok(
            "audience-with-white-space",
            "White space around an xs:anyURI is no part of it.",
            one(audiences=((f"\n  {OKTA.audiences[0][0]}\n",),)),
            **given,
        ),
        _ok(
            "no-issuer-on-the-response", "Only the assertion's Issuer is required.", one(response_issuer=None), **given
        ),
        _ok(
            "umlauts-and-entities",
            "Characters beyond ASCII, and character references.",
            one(attributes=attribute("firstName", "J&#252;rgen &amp; Zoë")),
            attributes={"firstName": ["Jürgen & Zoë"]},
        ),
        _ok(
            "carriage-returns",
            "Line ends that were written as references are part of what is signed (samlify rewrote them).",
            one(attributes=attribute("address", "1 Long Lane&#13;&#10;Leeds")),
            attributes={"address": ["1 Long Lane\r\nLeeds"]},
        ),
        _ok(
            "cdata-in-the-address",
            "A CDATA section inside NameID is text like any other.",
            document(one()).replace(b"dana.whitfield@", b"<![CDATA[dana.]]>whitfield@", 1),
            **given,
        ),
        _ok(
            "name-id-in-an-attribute",
            "Shibboleth's eduPersonTargetedID holds a NameID of its own; the subject's counts (saml20 took the other).",
            one(attributes=attribute("email", EMAIL) + targeted),
            attributes={"email": [EMAIL], "urn:oid:1.3.6.1.4.1.5923.1.1.1.10": ["somebody-else"]},
        ),
        Vector(
            path="accepted/wrapped-base64",
            why="SiteMinder wraps the form value every 76 characters with CRLF.",
            expect="ok",
            form_value=wrapped,
            name_id=EMAIL,
            attributes={"email": [EMAIL]},
        ),
    ]
