"""Logout messages as vectors: `python -m tests.vectors.logout` writes them all, the same bytes on every run.

A vector is a form field (form.b64) or a query string (query.txt) with its circumstances and the verdict, which is
ours to know: none is made from what the code under test says.
"""

import base64
import json
import shutil
import tomllib
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lxml import etree

from tests.vectors.encryption import Encrypting, encrypted_part
from tests.vectors.message import (
    DS,
    EMAIL,
    FORMAT,
    IDP_ENTITY_ID,
    MORE,
    NOW,
    SAML,
    SAMLP,
    SP_ENTITY_ID,
    Message,
    Signing,
    _sign_octets,
    sign,
)

ROOT = Path(__file__).parent / "logout"
SLO_URL = SP_ENTITY_ID + "/slo"
REQUEST_ID = "_9b1e0c94ab2d4f7e8a90b1c2d3e4f777"
NAME_ID = f'<saml2:NameID Format="{FORMAT}emailAddress">{EMAIL}</saml2:NameID>'
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
RSA_SHA256 = MORE + "rsa-sha256"


@dataclass(frozen=True, kw_only=True)
class Vector:
    """`expect` is "ok" or the code of the refusal. `path` is accepted/…, refused/… or attacks/…"""

    path: str
    why: str
    expect: str
    kind: str = "LogoutRequest"
    form: bytes | None = None
    """The form field SAMLRequest or SAMLResponse."""
    query: bytes | None = None
    facts: dict[str, str | list[str]] = field(default_factory=dict)
    says: dict[str, str | list[str]] = field(default_factory=dict)
    """What is read of it, where it is accepted."""
    now: str = NOW
    certificates: tuple[str, ...] = ("idp",)
    decryption_keys: tuple[str, ...] = ()
    policy: dict[str, bool | int] = field(default_factory=dict)


def written(**attributes: str | None) -> str:
    return "".join(f' {name}="{value}"' for name, value in attributes.items() if value is not None)


def request(
    *,
    issuer: str = IDP_ENTITY_ID,
    inside: str = NAME_ID + "<saml2p:SessionIndex>_s7c1</saml2p:SessionIndex>",
    more: str = "",
    **attributes: str | None,
) -> etree._Element:
    """A LogoutRequest; any attribute can be another, or left away with None."""
    usual: dict[str, str | None] = {
        "ID": "id7710423918570239",
        "Version": "2.0",
        "IssueInstant": "2026-03-03T09:41:51Z",
        "Destination": SLO_URL,
        "NotOnOrAfter": "2026-03-03T09:46:51Z",
    }
    return _message("LogoutRequest", usual | attributes, issuer=issuer, inside=inside + more)


def response(*, status: str = f'<saml2p:StatusCode Value="{STATUS}Success"/>', **attributes: Any) -> etree._Element:
    """A LogoutResponse to the request of the tests."""
    issuer = attributes.pop("issuer", IDP_ENTITY_ID)
    usual: dict[str, str | None] = {
        "ID": "id8810423918570240",
        "Version": "2.0",
        "IssueInstant": "2026-03-03T09:41:51Z",
        "Destination": SLO_URL,
        "InResponseTo": REQUEST_ID,
    }
    inside = f"<saml2p:Status>{status}</saml2p:Status>" if status else ""
    return _message("LogoutResponse", usual | attributes, issuer=issuer, inside=inside)


def _message(kind: str, attributes: dict[str, str | None], *, issuer: str, inside: str) -> etree._Element:
    text = (
        f'<saml2p:{kind} xmlns:saml2p="{SAMLP}" xmlns:saml2="{SAML}"{written(**attributes)}>'
        f"<saml2:Issuer>{issuer}</saml2:Issuer>{inside}</saml2p:{kind}>"
    )
    return etree.fromstring(text.encode())


def posted(root: etree._Element, *, how: Signing | None = None) -> bytes:
    """The signed message as a form field."""
    return base64.b64encode(etree.tostring(signed(root, how=how)))


def signed(root: etree._Element, *, how: Signing | None = None) -> etree._Element:
    """The message itself, with its signature inside."""
    sign(root, how=how or Signing())
    return root


def plain(root: etree._Element | bytes) -> bytes:
    return base64.b64encode(root if isinstance(root, bytes) else etree.tostring(root))


def deflated(document: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(packer.compress(document) + packer.flush())


def parameters(
    root: etree._Element | bytes,
    *,
    name: str = "SAMLRequest",
    relay_state: str | None = "ss:mem:1f2e",
    algorithm: str = RSA_SHA256,
    how: Signing | None = None,
    small: bool = False,
) -> dict[str, str]:
    """The parameters of a signed query, encoded, in the order in which they are signed."""
    document = root if isinstance(root, bytes) else etree.tostring(root)
    encode = _small if small else _large
    found = {name: encode(deflated(document).decode())}
    if relay_state is not None:
        found["RelayState"] = encode(relay_state)
    found["SigAlg"] = encode(algorithm)
    octets = joined(found)
    found["Signature"] = encode(base64.b64encode(_sign_octets(octets, how=how or Signing())).decode())
    return found


def joined(found: dict[str, str]) -> bytes:
    return "&".join(f"{name}={value}" for name, value in found.items()).encode()


def _large(text: str) -> str:
    return quote(text, safe="")


def _small(text: str) -> str:
    head, *rest = quote(text, safe="").split("%")
    return "%".join([head, *(part[:2].lower() + part[2:] for part in rest)])


def all_vectors() -> list[Vector]:
    """Every vector, freshly made."""
    return [
        *_accepted(),
        *_responses(),
        *_unreadable(),
        *_unsigned(),
        *_addressed(),
        *_attacks(),
        *_attacks_on_queries(),
    ]


_SAYS: dict[str, str | list[str]] = {"name_id": EMAIL, "session_indexes": ["_s7c1"]}


def _ok(name: str, why: str, **given: Any) -> Vector:
    return Vector(path=f"accepted/{name}", why=why, expect="ok", **{"says": _SAYS, **given})


def _no(name: str, why: str, code: str, **given: Any) -> Vector:
    return Vector(path=f"refused/{name}", why=why, expect=f"saml.{code}", **given)


def _attack(name: str, why: str, code: str, **given: Any) -> Vector:
    return Vector(path=f"attacks/{name}", why=why, expect=f"saml.{code}", **given)


def _accepted() -> list[Vector]:
    query = parameters(request())
    empty = parameters(request(), relay_state="")
    left_out = parameters(request(), relay_state=None)
    several = NAME_ID + "".join(f"<saml2p:SessionIndex>{name}</saml2p:SessionIndex>" for name in ("_a", "_b", "_a"))
    qualified = (
        f'<saml2:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" NameQualifier="{IDP_ENTITY_ID}"'
        f' SPNameQualifier="{SP_ENTITY_ID}">f1e2</saml2:NameID>'
    )
    sealed = encrypted_part("EncryptedID", NAME_ID.replace("<saml2:NameID", f'<saml2:NameID xmlns:saml2="{SAML}"'))
    wrapped = base64.encodebytes(base64.b64decode(posted(request())))
    return [
        _ok("request-by-post", "As Okta sends it.", form=posted(request())),
        _ok("request-by-redirect", "As OneLogin and LemonLDAP::NG send it.", query=joined(query)),
        _ok("small-percent-letters", "As .NET and AD FS encode.", query=joined(parameters(request(), small=True))),
        _ok(
            "another-order",
            "What is signed has an order of its own, whatever the order of the URL.",
            query=joined({name: query[name] for name in ("SigAlg", "Signature", "RelayState", "SAMLRequest")}),
        ),
        _ok("empty-relay-state-signed", "An empty RelayState that was signed.", query=joined(empty)),
        _ok(
            "empty-relay-state-not-signed",
            "An empty RelayState that was added and not signed: it says nothing.",
            query=joined({**left_out, "RelayState": ""}),
        ),
        _ok("no-relay-state", "No RelayState at all.", query=joined(left_out)),
        _ok(
            "plus-not-encoded",
            "Base64 whose plus signs were not encoded, neither when it was signed nor when it was sent.",
            query=joined(_with_plus()),
        ),
        _ok("foreign-parameters", "What a proxy added is no part of it.", query=b"utm=1&" + joined(query) + b"&x=%20"),
        _ok(
            "encoding-named",
            "SAMLEncoding, which may be named.",
            query=joined(query)
            + b"&SAMLEncoding=urn%3Aoasis%3Anames%3Atc%3ASAML%3A2.0%3Abindings%3AURL-Encoding%3ADEFLATE",
        ),
        _ok("wrapped-base64", "Lines of 76 characters.", form=wrapped),
        _ok(
            "several-session-indexes",
            "Several sessions of one person; one is named twice.",
            form=posted(request(inside=several)),
            says={"name_id": EMAIL, "session_indexes": ["_a", "_b"]},
        ),
        _ok(
            "no-session-index",
            "All sessions of the person.",
            form=posted(request(inside=NAME_ID)),
            says={"name_id": EMAIL, "session_indexes": []},
        ),
        _ok(
            "qualified-name-id",
            "A persistent NameID with both qualifiers.",
            form=posted(request(inside=qualified)),
            says={"name_id": "f1e2", "session_indexes": []},
        ),
        _ok(
            "encrypted-name-id",
            "An EncryptedID, encrypted to our key.",
            form=posted(request(inside=sealed)),
            decryption_keys=("sp",),
            says={"name_id": EMAIL, "session_indexes": []},
        ),
        _ok(
            "encrypted-name-id-by-redirect",
            "The same in a query.",
            query=joined(parameters(request(inside=sealed))),
            decryption_keys=("sp-next", "sp"),
            says={"name_id": EMAIL, "session_indexes": []},
        ),
        _ok("no-end", "Without NotOnOrAfter: it counts for ten minutes.", form=posted(request(NotOnOrAfter=None))),
        _ok(
            "comment-in-the-name",
            "A comment inside the NameID, signed over: the name is whole (VU#475445).",
            form=posted(request(inside=NAME_ID.replace("whitfield", "whit<!-- x -->field"))),
            says={"name_id": EMAIL, "session_indexes": []},
        ),
        _ok(
            "second-pinned-key",
            "By the other one of two pinned keys.",
            query=joined(parameters(request(), how=Signing(key="idp-next"))),
            certificates=("idp", "idp-next"),
        ),
        _ok(
            "ecdsa-by-redirect",
            "By a key of an elliptic curve.",
            query=joined(parameters(request(), algorithm=MORE + "ecdsa-sha256", how=Signing(key="ec"))),
            certificates=("ec",),
        ),
        _ok(
            "rsa-sha512-by-redirect",
            "With a longer hash.",
            query=joined(parameters(request(), algorithm=MORE + "rsa-sha512", how=Signing(hash="sha512"))),
        ),
        _ok(
            "sha1-where-allowed",
            "SHA-1 at a connection that allows it.",
            query=joined(parameters(request(), algorithm=DS + "rsa-sha1", how=Signing(hash="sha1"))),
            policy={"allow_sha1": True},
        ),
        _ok("expired-certificate-still-signs", "Dates refuse nothing.", form=_by("expired"), certificates=("expired",)),
    ]


def _by(key: str) -> bytes:
    return posted(request(), how=Signing(key=key))


def _with_plus() -> dict[str, str]:
    """A query in which the base64 stands as it is."""
    found = {"SAMLRequest": deflated(etree.tostring(request(more="<!-- ???>>>~~~ -->"))).decode()}
    found["SigAlg"] = quote(RSA_SHA256, safe="")
    found["Signature"] = base64.b64encode(_sign_octets(joined(found), how=Signing())).decode()
    return found


def _responses() -> list[Vector]:
    partial = (
        f'<saml2p:StatusCode Value="{STATUS}Success"><saml2p:StatusCode Value="{STATUS}PartialLogout"/>'
        "</saml2p:StatusCode>"
    )
    denied = (
        f'<saml2p:StatusCode Value="{STATUS}Requester"><saml2p:StatusCode Value="{STATUS}AuthnFailed"/>'
        "</saml2p:StatusCode><saml2p:StatusMessage>Signature?</saml2p:StatusMessage>"
    )
    made = [
        _ok(
            "response-by-post",
            "It is done.",
            form=posted(response()),
            says={"status": "Success", "is_partial": "False"},
        ),
        _ok(
            "response-by-redirect",
            "It is done, in a query.",
            query=joined(parameters(response(), name="SAMLResponse", relay_state=REQUEST_ID)),
            says={"status": "Success", "is_partial": "False"},
        ),
        _ok(
            "response-partial",
            "Other applications were left over.",
            form=posted(response(status=partial)),
            says={"status": "Success", "is_partial": "True"},
        ),
        _ok(
            "response-denied",
            "A real response that says no, as Okta's.",
            form=posted(response(status=denied)),
            says={"status": "Requester", "substatus": "AuthnFailed", "is_partial": "False"},
        ),
        _no("response-unasked", "To another request.", "logout_unasked", form=posted(response(InResponseTo="_other"))),
        _no("response-to-nothing", "To no request.", "logout_unasked", form=posted(response(InResponseTo=None))),
        _no(
            "response-without-status",
            "Without a status.",
            "structure_refused",
            form=posted(response(status="")),
            facts={"element": "StatusCode"},
        ),
        _no(
            "response-unsigned",
            "Not signed.",
            "logout_unsigned",
            form=plain(response()),
            facts={"message": "LogoutResponse"},
        ),
        _no(
            "response-late", "Half an hour old.", "logout_expired", form=posted(response()), now="2026-03-03T10:11:52Z"
        ),
    ]
    return [replace(vector, kind="LogoutResponse") for vector in made]


def _unreadable() -> list[Vector]:
    authn = f'<saml2p:AuthnRequest xmlns:saml2p="{SAMLP}" ID="_a" Version="2.0"/>'.encode()
    query = parameters(request())
    return [
        _no("not-base64", "No base64.", "not_base64", form=b"PHNh_bWw"),
        _no(
            "not-deflated",
            "A query whose message was not deflated.",
            "not_xml",
            query=b"SAMLRequest=" + plain(request()),
        ),
        _no("not-xml", "Cut short.", "not_xml", form=plain(etree.tostring(request())[:-9])),
        _no("doctype", "With a document type.", "doctype", form=plain(b"<!DOCTYPE a []>" + etree.tostring(request()))),
        _no("version", "Of SAML 1.1.", "version_refused", form=posted(request(Version="1.1"))),
        _no("authn-request", "A sign-in request at the wrong door.", "logout_message_unknown", form=plain(authn)),
        _no(
            "response-as-request",
            "A LogoutResponse in the place of a request.",
            "logout_message_unknown",
            form=posted(response()),
            facts={"expected": "LogoutRequest", "received": "LogoutResponse"},
        ),
        _no(
            "answer-of-a-sign-in",
            "A signed Response with an assertion in the place of a LogoutRequest.",
            "logout_message_unknown",
            form=posted(Message().tree()),
        ),
        _no("no-message", "A query without a message.", "logout_query_refused", query=b"RelayState=x"),
        _no(
            "encoding-unknown",
            "In an encoding that nobody uses.",
            "logout_query_refused",
            query=joined(query) + b"&SAMLEncoding=urn%3Aother",
            facts={"parameter": "SAMLEncoding"},
        ),
        _no("no-id", "Without an ID.", "signature_reference", form=posted(request(ID=None))),
        _no(
            "no-id-by-redirect",
            "Without an ID, in a query.",
            "structure_refused",
            query=joined(parameters(request(ID=None))),
            facts={"element": "LogoutRequest ID"},
        ),
        _no(
            "time",
            "A time without a zone.",
            "time_unreadable",
            form=posted(request(IssueInstant="2026-03-03T09:41:51")),
        ),
        _no("no-time", "Without an IssueInstant.", "structure_refused", form=posted(request(IssueInstant=None))),
        _no("base-id", "A BaseID.", "structure_refused", form=posted(request(inside="<saml2:BaseID/>"))),
        _no("two-name-ids", "Two people.", "structure_refused", form=posted(request(inside=NAME_ID + NAME_ID))),
        _no("nobody", "It names nobody.", "logout_subject_missing", form=posted(request(inside=""))),
        _no(
            "empty-name",
            "An empty NameID.",
            "logout_subject_missing",
            form=posted(request(inside="<saml2:NameID> </saml2:NameID>")),
        ),
        _no(
            "many-session-indexes",
            "More sessions than anybody has.",
            "too_complex",
            form=posted(request(inside=NAME_ID + "<saml2p:SessionIndex>a</saml2p:SessionIndex>" * 101)),
        ),
    ]


def _unsigned() -> list[Vector]:
    query = parameters(request())
    sealed = encrypted_part("EncryptedID", NAME_ID)
    stranger = encrypted_part("EncryptedID", NAME_ID, how=Encrypting(recipients=("stranger",)))
    return [
        _no("unsigned-by-post", "Nobody has signed it.", "logout_unsigned", form=plain(request())),
        _no(
            "unsigned-by-redirect",
            "Nobody has signed the query.",
            "logout_unsigned",
            query=joined({name: query[name] for name in ("SAMLRequest", "RelayState")}),
        ),
        _no("empty-signature", "An empty signature.", "logout_unsigned", query=joined({**query, "Signature": ""})),
        _no("signature-not-base64", "No base64.", "signature_structure", query=joined({**query, "Signature": "%3C"})),
        _no("another-key", "By a key that is not pinned.", "certificate_unknown", form=_by("stranger")),
        _no(
            "another-key-by-redirect",
            "The same in a query.",
            "certificate_unknown",
            query=joined(parameters(request(), how=Signing(key="stranger"))),
            facts={"element": "LogoutRequest"},
        ),
        _no(
            "pinned-has-expired",
            "No pinned key fits, and a pinned certificate has expired: most likely that is why.",
            "certificate_expired",
            query=joined(query),
            certificates=("expired",),
        ),
        _no(
            "sha1",
            "With SHA-1.",
            "algorithm_refused",
            query=joined(parameters(request(), algorithm=DS + "rsa-sha1", how=Signing(hash="sha1"))),
            facts={"allowance": "allow_sha1"},
        ),
        _no(
            "weak-key",
            "By an RSA key of 1024 bits.",
            "key_too_weak",
            query=joined(parameters(request(), how=Signing(key="weak"))),
            certificates=("weak",),
        ),
        _no("encrypted-no-key", "Encrypted, and we have no key.", "encrypted", form=posted(request(inside=sealed))),
        _no(
            "encrypted-to-another",
            "Encrypted to somebody else.",
            "decryption_failed",
            form=posted(request(inside=stranger)),
            decryption_keys=("sp",),
        ),
    ]


def _addressed() -> list[Vector]:
    acs = SP_ENTITY_ID + "/acs"
    return [
        _no("issuer", "Of another provider.", "issuer_mismatch", form=posted(request(issuer="https://other.example"))),
        _no(
            "destination",
            "Sent to our ACS URL.",
            "logout_destination_mismatch",
            form=posted(request(Destination=acs)),
            facts={"expected": SLO_URL, "received": acs},
        ),
        _no(
            "no-destination",
            "It does not say where it was sent.",
            "logout_destination_mismatch",
            query=joined(parameters(request(Destination=None))),
            facts={"received": ""},
        ),
        _no(
            "early",
            "Written in seven minutes.",
            "logout_not_yet_valid",
            form=posted(request(IssueInstant="2026-03-03T09:48:52Z", NotOnOrAfter=None)),
            facts={"seconds": "420"},
        ),
        _no(
            "old",
            "Written a quarter of an hour ago, though it says that it counts for a year.",
            "logout_expired",
            form=posted(request(IssueInstant="2026-03-03T09:26:52Z", NotOnOrAfter="2027-03-03T09:26:52Z")),
            facts={"attribute": "IssueInstant"},
        ),
        _no(
            "ended",
            "Past its own end.",
            "logout_expired",
            form=posted(request(NotOnOrAfter="2026-03-03T09:39:52Z")),
            facts={"attribute": "NotOnOrAfter", "seconds": "120"},
        ),
    ]


def _attacks() -> list[Vector]:
    other = NAME_ID.replace("dana.whitfield", "owner")
    good = signed(request())
    inside = etree.tostring(good).decode()
    wrapper = request(ID="evil", inside=other, more=f"<saml2p:Extensions>{inside}</saml2p:Extensions>")
    moved = etree.fromstring(etree.tostring(good))
    signature = moved.find(f"{{{DS}}}Signature")
    assert signature is not None
    forged = request(inside=other)
    forged.insert(1, signature)
    borrowed = request(ID="evil", inside=other)
    copy = etree.fromstring(etree.tostring(good)).find(f"{{{DS}}}Signature")
    assert copy is not None
    borrowed.insert(1, copy)
    twice = request(inside=NAME_ID + '<saml2p:Extensions ID="id7710423918570239"/>')
    of_assertion = request(inside=other)
    stolen = Message().tree().find(f"{{{SAML}}}Assertion")
    assert stolen is not None
    of_assertion.insert(1, sign(stolen, how=Signing()))
    return [
        _attack("wrapped", "The signed original inside a forged one (XSW).", "logout_unsigned", form=plain(wrapper)),
        _attack("name-changed", "Another name under the same signature.", "signature_wrong", form=plain(forged)),
        _attack(
            "signature-borrowed",
            "The signature of another message, by its ID.",
            "signature_reference",
            form=plain(borrowed),
        ),
        _attack(
            "signature-of-an-assertion",
            "The signature of a stolen assertion over a forged logout.",
            "signature_reference",
            form=plain(of_assertion),
        ),
        _attack("id-twice", "One ID on two elements.", "duplicate_id", form=posted(twice)),
        _attack(
            "name-in-extensions",
            "A second name, where none is read: the signed one in its place counts, and here there is none.",
            "logout_subject_missing",
            form=posted(request(inside=f"<saml2p:Extensions>{NAME_ID}</saml2p:Extensions>")),
        ),
        _attack(
            "key-in-key-info",
            "The attacker's own certificate in KeyInfo.",
            "certificate_unknown",
            form=posted(request(), how=Signing(key="stranger", carries="stranger")),
        ),
    ]


def _attacks_on_queries() -> list[Vector]:
    query = parameters(request())
    other = quote(
        deflated(etree.tostring(request(inside=NAME_ID.replace("dana.whitfield", "owner")))).decode(), safe=""
    )
    response_query = parameters(response(), name="SAMLResponse")
    inside_only = deflated(etree.tostring(signed(request()))).decode()
    broken = signed(request(), how=Signing(key="stranger"))
    return [
        _attack(
            "query-changed",
            "Another message under the signature.",
            "certificate_unknown",
            query=joined({**query, "SAMLRequest": other}),
        ),
        _attack(
            "relay-state-changed",
            "Another RelayState.",
            "certificate_unknown",
            query=joined({**query, "RelayState": "evil"}),
        ),
        _attack(
            "relay-state-taken-out",
            "The RelayState was signed and is gone.",
            "certificate_unknown",
            query=joined({name: value for name, value in query.items() if name != "RelayState"}),
        ),
        _attack(
            "relay-state-added",
            "A RelayState that was not signed.",
            "certificate_unknown",
            query=joined({**parameters(request(), relay_state=None), "RelayState": "evil"}),
        ),
        _attack(
            "message-twice",
            "One is verified, the other one read.",
            "logout_query_refused",
            query=b"SAMLRequest=" + other.encode() + b"&" + joined(query),
            facts={"problem": "repeated"},
        ),
        _attack(
            "message-twice-in-disguise",
            "The same, with the second name encoded.",
            "logout_query_refused",
            query=joined(query) + b"&SAML%52equest=" + other.encode(),
            facts={"problem": "repeated"},
        ),
        _attack(
            "request-and-response",
            "Both at once.",
            "logout_query_refused",
            query=joined(query) + b"&SAMLResponse=" + response_query["SAMLResponse"].encode(),
            facts={"problem": "both"},
        ),
        _attack(
            "algorithm-changed",
            "Another algorithm than the one that was signed.",
            "certificate_unknown",
            query=joined({**query, "SigAlg": quote(MORE + "rsa-sha512", safe="")}),
        ),
        _attack(
            "algorithm-unknown",
            "HMAC, with the public key as its secret.",
            "algorithm_refused",
            query=joined({**query, "SigAlg": quote(MORE + "hmac-sha256", safe="")}),
        ),
        _attack(
            "signed-inside-only",
            "A signature inside, none over the query: what stands around it could be anything.",
            "logout_unsigned",
            query=b"SAMLRequest=" + quote(inside_only, safe="").encode(),
        ),
        _attack(
            "bad-signature-inside",
            "A good signature over the query does not outweigh a bad one inside.",
            "certificate_unknown",
            query=joined(parameters(broken)),
        ),
        _attack(
            "signed-as-a-response",
            "The signature of a LogoutResponse under the name of a request.",
            "logout_message_unknown",
            query=joined(response_query).replace(b"SAMLResponse=", b"SAMLRequest="),
        ),
    ]


def write(vector: Vector) -> None:
    """Write the vector's folder."""
    folder = ROOT / vector.path
    folder.mkdir(parents=True, exist_ok=True)
    if vector.form is not None:
        (folder / "form.b64").write_bytes(vector.form)
    if vector.query is not None:
        (folder / "query.txt").write_bytes(vector.query)
    lines = [f"why = {json.dumps(vector.why, ensure_ascii=False)}", f"expect = {json.dumps(vector.expect)}"]
    lines += [f"kind = {json.dumps(vector.kind)}", f"now = {json.dumps(vector.now)}"]
    lines += [f"certificates = {json.dumps(vector.certificates)}"]
    if vector.decryption_keys:
        lines.append(f"decryption_keys = {json.dumps(vector.decryption_keys)}")
    for name, table in (("policy", vector.policy), ("facts", vector.facts), ("says", vector.says)):
        if table and not (name == "says" and vector.expect != "ok"):
            lines += ["", f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
    (folder / "case.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def read(folder: Path) -> Vector:
    """The vector that stands in this folder."""
    case = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    form, query = folder / "form.b64", folder / "query.txt"
    return Vector(
        path=folder.relative_to(ROOT).as_posix(),
        why=case["why"],
        expect=case["expect"],
        kind=case["kind"],
        form=form.read_bytes() if form.exists() else None,
        query=query.read_bytes() if query.exists() else None,
        facts=case.get("facts", {}),
        says=case.get("says", {}),
        now=case["now"],
        certificates=tuple(case["certificates"]),
        decryption_keys=tuple(case.get("decryption_keys", ())),
        policy=case.get("policy", {}),
    )


def read_all() -> list[Vector]:
    """Every vector of the three folders, by name."""
    return [read(case.parent) for case in sorted(ROOT.glob("*/*/case.toml"))]


def main() -> None:
    """Replace the three folders."""
    shutil.rmtree(ROOT, ignore_errors=True)
    for vector in all_vectors():
        write(vector)


if __name__ == "__main__":
    main()
