"""Answers that are refused for an honest reason: one folder for each code, and for each way to meet it."""

import re
from base64 import b64encode
from dataclasses import replace
from typing import Any

from lxml import etree

from tests.vectors.accepted import OKTA
from tests.vectors.message import (
    ACS_URL,
    IDP_ENTITY_ID,
    REQUEST_ID,
    SP_ENTITY_ID,
    Confirmation,
    Message,
    Signing,
    attribute,
    signed,
)
from tests.vectors.vector import Vector, document

_STATUS = "urn:oasis:names:tc:SAML:2.0:status:"


def refused() -> list[Vector]:
    """Every vector of `refused/`."""
    return [*_unreadable(), *_status(), *_signatures(), *_addressed(), *_confirmations(), *_times()]


def _no(name: str, code: str, why: str, tree: Any, **given: Any) -> Vector:
    return Vector(path=f"refused/{name}", why=why, expect=f"saml.{code}", document=document(tree), **given)


def _one(message: Message = OKTA, *, how: Signing | None = None, **changes: Any) -> Any:
    return signed(replace(message, **changes).tree(), "Assertion", how=how)


def _both(**changes: Any) -> Any:
    return signed(replace(OKTA, **changes).tree(), "Assertion", "Response")


def _unreadable() -> list[Vector]:
    good = document(_one())
    lost = good.replace(b"IT Operations", b"IT Operations>>>?")
    return [
        Vector(
            path="refused/not_base64",
            why="The form field is no base64.",
            expect="saml.not_base64",
            form_value=b"PHNh_bWw",
        ),
        Vector(
            path="refused/not_base64-plus-lost",
            why="The form was not encoded, so every + became a space.",
            expect="saml.not_base64",
            form_value=_lost_plus(lost),
            facts={"found": "a space"},
        ),
        Vector(
            path="refused/not_base64-empty",
            why="The form field is empty.",
            expect="saml.not_base64",
            form_value=b"",
            facts={"found": "nothing"},
        ),
        _no("not_xml", "not_xml", "The document ends in the middle.", good[:-30]),
        _no("not_xml-two-roots", "not_xml", "A second document follows the first.", good + good),
        _no(
            "not_xml-undeclared-prefix",
            "not_xml",
            "A prefix is used that nobody has declared.",
            '<saml2p:Response ID="_1" Version="2.0"/>',
        ),
        _no(
            "not_a_response",
            "not_a_response",
            "An assertion alone, without the Response around it.",
            OKTA.assertion_xml(),
            facts={"received": "Assertion"},
        ),
        _no(
            "not_a_response-logout",
            "not_a_response",
            "A LogoutResponse at the ACS URL.",
            OKTA.xml().replace("saml2p:Response", "saml2p:LogoutResponse"),
            facts={"received": "LogoutResponse"},
        ),
        _no(
            "version_refused",
            "version_refused",
            "SAML 1.1 in the Response.",
            _both(version="1.1"),
            facts={"element": "Response", "received": "1.1"},
        ),
        _no(
            "version_refused-assertion",
            "version_refused",
            "SAML 1.1 in the assertion.",
            _one(assertion_version="1.1"),
            facts={"element": "Assertion", "received": "1.1"},
        ),
        _no(
            "structure_refused-no-id",
            "structure_refused",
            "The Response has no ID.",
            OKTA.xml().replace(f' ID="{OKTA.response_id}"', ""),
            facts={"element": "Response ID", "problem": "missing"},
        ),
        _no(
            "structure_refused-two-issuers",
            "structure_refused",
            "Two Issuers in one assertion.",
            _one(issuer=f"{IDP_ENTITY_ID}</saml2:Issuer><saml2:Issuer>{IDP_ENTITY_ID}"),
            facts={"element": "Issuer", "problem": "repeated"},
        ),
        _no(
            "structure_refused-no-issuer",
            "structure_refused",
            "The assertion names no Issuer.",
            signed(_without_issuer(), "Assertion"),
            facts={"element": "Issuer", "problem": "missing"},
        ),
        _no(
            "structure_refused-no-status",
            "structure_refused",
            "No Status at all.",
            _one(status=""),
            facts={"element": "StatusCode", "problem": "missing"},
        ),
        _no(
            "time_unreadable",
            "time_unreadable",
            "A time without a zone.",
            _one(not_before="2026-03-03T09:36:51"),
            facts={"attribute": "NotBefore", "received": "2026-03-03T09:36:51"},
        ),
    ]


def _lost_plus(good: bytes) -> bytes:

    return b64encode(good).replace(b"+", b" ")


def _without_issuer() -> Any:

    return etree.fromstring(OKTA.xml().replace(f"<saml2:Issuer>{IDP_ENTITY_ID}</saml2:Issuer>", "").encode())


def _status() -> list[Vector]:
    denied = (
        f'<saml2p:Status><saml2p:StatusCode Value="{_STATUS}Responder">'
        f'<saml2p:StatusCode Value="{_STATUS}AuthnFailed"/></saml2p:StatusCode>'
        "<saml2p:StatusMessage>AADSTS75011: by which the user was authenticated</saml2p:StatusMessage></saml2p:Status>"
    )
    alone = replace(OKTA, status=denied)

    without = re.sub(r"<saml2:Assertion .*</saml2:Assertion>", "", alone.xml())
    return [
        _no(
            "status_denied",
            "status_denied",
            "Entra's way: an unsigned Response without an assertion, the reason in StatusMessage.",
            without,
            facts={
                "status": "Responder",
                "substatus": "AuthnFailed",
                "message": "AADSTS75011: by which the user was authenticated",
            },
        ),
        _no(
            "status_denied-with-assertion",
            "status_denied",
            "A signed assertion does not outweigh a status of refusal.",
            _both(status=denied),
            facts={
                "status": "Responder",
                "substatus": "AuthnFailed",
                "message": "AADSTS75011: by which the user was authenticated",
            },
        ),
        _no(
            "assertion_count",
            "assertion_count",
            "Success, and no assertion.",
            re.sub(r"<saml2:Assertion .*</saml2:Assertion>", "", OKTA.xml()),
            facts={"received": "0"},
        ),
        _no(
            "encrypted",
            "encrypted",
            "The assertion is encrypted, and we have no key for it.",
            re.sub(
                r"<saml2:Assertion (.*)</saml2:Assertion>",
                '<saml2:EncryptedAssertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"/>',
                OKTA.xml(),
            ),
            facts={"element": "EncryptedAssertion"},
        ),
        _no(
            "encrypted-name-id",
            "encrypted",
            "The NameID is encrypted.",
            _one(name_id="<saml2:EncryptedID/>"),
            facts={"element": "EncryptedID"},
        ),
        _no(
            "encrypted-attribute",
            "encrypted",
            "An attribute is encrypted.",
            _one(attributes="<saml2:EncryptedAttribute/>"),
            facts={"element": "EncryptedAttribute"},
        ),
    ]


def _signatures() -> list[Vector]:
    return [
        _no("signature_missing", "signature_missing", "Nothing is signed.", OKTA.tree()),
        _no(
            "signature_wrong",
            "signature_wrong",
            "A department was changed after signing.",
            document(_one()).replace(b"IT Operations", b"IT Operation5"),
            facts={"element": "Assertion"},
        ),
        _no(
            "signature_wrong-response",
            "signature_wrong",
            "The Response around a good assertion was changed after signing.",
            document(_both()).replace(
                b'IssueInstant="2026-03-03T09:41:51.600Z" Version="2.0"><saml2:Issuer xmlns',
                b'IssueInstant="2026-03-03T09:41:51.601Z" Version="2.0"><saml2:Issuer xmlns',
            ),
            facts={"element": "Response"},
        ),
        _no(
            "certificate_unknown",
            "certificate_unknown",
            "Signed by a key that is not pinned.",
            _one(how=Signing(key="stranger")),
            facts={"element": "Assertion"},
        ),
        _no(
            "certificate_unknown-no-key-info",
            "certificate_unknown",
            "Signed by a key that is not pinned, without a certificate in the message.",
            _one(how=Signing(key="stranger", carries=None)),
            facts={"element": "Assertion", "received": ""},
        ),
        _no(
            "certificate_expired",
            "certificate_expired",
            "The provider has a new key, and our pinned certificate is past its date.",
            _one(how=Signing(key="idp-next")),
            certificates=("expired",),
            facts={"element": "Assertion", "not_after": "2026-02-01T00:00:00+00:00"},
        ),
        _no(
            "algorithm_refused-sha1",
            "algorithm_refused",
            "OneLogin set to SHA-1.",
            _one(how=Signing(hash="sha1", digest="sha1")),
            facts={"algorithm": "SHA-1", "element": "Assertion"},
        ),
        _no(
            "algorithm_refused-sha1-digest",
            "algorithm_refused",
            "SHA-256 for the signature, SHA-1 for the digest.",
            _one(how=Signing(digest="sha1")),
            facts={"algorithm": "SHA-1"},
        ),
        _no(
            "key_too_weak",
            "key_too_weak",
            "RSA of 1024 bits.",
            _one(how=Signing(key="weak")),
            certificates=("weak",),
            facts={"bits": "1024", "minimum": "2048"},
        ),
        _no(
            "signature_reference",
            "signature_reference",
            "An empty URI: the whole document, whatever that is.",
            _one(how=Signing(uri="")),
            facts={"received": ""},
        ),
        _no(
            "signature_structure-two",
            "signature_structure",
            "Two signatures in one assertion.",
            signed(_one(), "Assertion"),
            facts={"element": "Assertion", "part": "Signature"},
        ),
    ]


def _addressed() -> list[Vector]:
    slash = SP_ENTITY_ID + "/"
    tile: Any = {"in_response_to": None, "confirmations": (Confirmation(in_response_to=None),)}
    return [
        _no(
            "destination_mismatch",
            "destination_mismatch",
            "A slash too many in the ACS URL.",
            _both(destination=ACS_URL + "/"),
            facts={"expected": ACS_URL, "received": ACS_URL + "/"},
        ),
        _no(
            "destination_mismatch-missing",
            "destination_mismatch",
            "A signed Response must say where it goes.",
            _both(destination=None),
            facts={"received": ""},
        ),
        _no(
            "destination_mismatch-empty",
            "destination_mismatch",
            "An empty Destination.",
            _one(destination=""),
            facts={"received": ""},
        ),
        _no(
            "issuer_mismatch",
            "issuer_mismatch",
            "The right key, another issuer.",
            _one(issuer="http://www.okta.com/exkOther"),
            facts={"element": "Assertion", "expected": IDP_ENTITY_ID, "received": "http://www.okta.com/exkOther"},
        ),
        _no(
            "issuer_mismatch-response",
            "issuer_mismatch",
            "Another issuer on the Response.",
            _one(response_issuer="http://www.okta.com/exkOther"),
            facts={"element": "Response"},
        ),
        _no("subject_missing", "subject_missing", "No NameID.", _one(name_id=None)),
        _no(
            "subject_missing-empty",
            "subject_missing",
            "An empty NameID.",
            _one(name_id="<saml2:NameID> </saml2:NameID>"),
        ),
        _no(
            "audience_missing",
            "audience_missing",
            "No AudienceRestriction.",
            _one(audiences=()),
            facts={"expected": SP_ENTITY_ID},
        ),
        _no(
            "audience_mismatch",
            "audience_mismatch",
            "A slash too many in the entity ID.",
            _one(audiences=((slash,),)),
            facts={"expected": SP_ENTITY_ID, "received": [slash]},
        ),
        _no(
            "audience_mismatch-placeholder",
            "audience_mismatch",
            "OneLogin with an empty field: the placeholder arrives.",
            _one(audiences=(("{audience}",),)),
            facts={"received": ["{audience}"]},
        ),
        _no(
            "audience_mismatch-second-restriction",
            "audience_mismatch",
            "Every restriction must hold, not one of them.",
            _one(audiences=((SP_ENTITY_ID,), ("https://other.example",))),
            facts={"received": ["https://other.example"]},
        ),
        _no(
            "condition_unknown",
            "condition_unknown",
            "A condition of a kind that we don't know.",
            _one(more_conditions='<x:Moon xmlns:x="urn:example:moon"/>'),
            facts={"received": "Moon"},
        ),
        _no(
            "request_mismatch",
            "request_mismatch",
            "It answers another request.",
            _both(in_response_to="_other"),
            facts={"element": "Response", "expected": REQUEST_ID, "received": "_other"},
        ),
        _no(
            "request_mismatch-assertion",
            "request_mismatch",
            "The assertion answers another request than the Response around it.",
            _one(confirmations=(Confirmation(in_response_to="_other"),)),
            facts={"element": "Assertion", "received": "_other"},
        ),
        _no(
            "request_mismatch-missing",
            "request_mismatch",
            "We asked, and this answers nothing.",
            _one(**tile),
            facts={"element": "Assertion", "received": ""},
        ),
        _no(
            "request_unknown",
            "request_unknown",
            "Nobody asked, and it says that somebody did (Rippling sends a made-up InResponseTo).",
            _one(),
            expected_request_id=None,
            policy={"accept_unsolicited": True},
            facts={"received": REQUEST_ID},
        ),
        _no(
            "request_unknown-assertion",
            "request_unknown",
            "The Response answers nothing, the assertion something.",
            _one(in_response_to=None),
            expected_request_id=None,
            policy={"accept_unsolicited": True},
        ),
        _no(
            "unsolicited_refused",
            "unsolicited_refused",
            "Nobody asked, and this connection takes only answers.",
            _one(**tile),
            expected_request_id=None,
        ),
        _no(
            "authn_statement_missing",
            "authn_statement_missing",
            "Nobody has signed in, by what it says.",
            _one(authn_statement=""),
        ),
        _no(
            "structure_refused-attribute",
            "structure_refused",
            "Something else than an attribute among the attributes.",
            _one(attributes="<saml2:Audience/>"),
            facts={"element": "Audience", "problem": "misplaced"},
        ),
    ]


def _confirmations() -> list[Vector]:
    def one(**changes: Any) -> Any:
        return _one(confirmations=(replace(Confirmation(), **changes),), attributes=attribute("a", "b"))

    mixed = (Confirmation(recipient="https://other.example/acs"), Confirmation(in_response_to="_other"))
    return [
        _no(
            "not_bearer",
            "not_bearer",
            "Confirmed for the holder of a key.",
            one(method="holder-of-key"),
            facts={"received": ["urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"]},
        ),
        _no("not_bearer-none", "not_bearer", "No confirmation at all.", _one(confirmations=()), facts={"received": []}),
        _no(
            "confirmation_incomplete",
            "confirmation_incomplete",
            "No SubjectConfirmationData.",
            one(has_parameters=False),
            facts={"attribute": "SubjectConfirmationData"},
        ),
        _no(
            "confirmation_incomplete-end",
            "confirmation_incomplete",
            "No end.",
            one(not_on_or_after=None),
            facts={"attribute": "NotOnOrAfter"},
        ),
        _no(
            "response_not_yet_valid-confirmation",
            "response_not_yet_valid",
            "A bearer confirmation must not have a start; one that has is held to it.",
            one(not_before="2026-03-03T09:56:51Z"),
            facts={"attribute": "SubjectConfirmationData NotBefore", "seconds": "899"},
        ),
        _no(
            "recipient_mismatch",
            "recipient_mismatch",
            "To be handed in elsewhere.",
            one(recipient=ACS_URL + "/"),
            facts={"expected": ACS_URL, "received": ACS_URL + "/"},
        ),
        _no(
            "recipient_mismatch-missing",
            "recipient_mismatch",
            "To be handed in anywhere.",
            one(recipient=None),
            facts={"received": ""},
        ),
        _no(
            "recipient_mismatch-two-halves",
            "recipient_mismatch",
            "Two confirmations, each good in another half: they are not mixed.",
            _one(confirmations=mixed),
        ),
    ]


def _times() -> list[Vector]:
    ended = OKTA.authn_statement.replace("SessionIndex", 'SessionNotOnOrAfter="2026-03-03T09:30:00Z" SessionIndex')
    return [
        _no(
            "response_expired",
            "response_expired",
            "It arrives ten minutes after its end.",
            _one(),
            now="2026-03-03T09:56:51Z",
            facts={"attribute": "Conditions NotOnOrAfter", "seconds": "600", "allowed_seconds": "120"},
        ),
        _no(
            "response_expired-confirmation",
            "response_expired",
            "The conditions hold, the confirmation has ended.",
            _one(confirmations=(Confirmation(not_on_or_after="2026-03-03T09:30:00Z"),)),
            facts={"attribute": "SubjectConfirmationData NotOnOrAfter"},
        ),
        _no(
            "response_expired-at-the-edge",
            "response_expired",
            "NotOnOrAfter is the first moment that is too late.",
            _one(),
            now="2026-03-03T09:48:51Z",
        ),
        _no(
            "response_not_yet_valid",
            "response_not_yet_valid",
            "The provider's clock is an hour ahead.",
            _one(),
            now="2026-03-03T08:41:51Z",
            facts={"attribute": "Conditions NotBefore", "seconds": "3300", "issued_at": "2026-03-03T09:41:51+00:00"},
        ),
        _no(
            "session_ended",
            "session_ended",
            "The session at the provider has ended.",
            _one(authn_statement=ended),
            facts={"session_not_on_or_after": "2026-03-03T09:30:00+00:00"},
        ),
    ]
