"""Everything that must hold before a logout message counts, in order, one small function each.

The same lists run when a message arrives (`enforce`) and when an admin has one explained (`examine`).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from lxml import etree

from ostiary.kernel.report import Check
from ostiary.saml.assertion import Children, NameId, children, only, read_time
from ostiary.saml.bindings import decode_post, inflated
from ostiary.saml.canonical import exclusive_octets
from ostiary.saml.constants import NAME_ID_UNSPECIFIED, SAML, SAMLP
from ostiary.saml.errors import (
    EncryptedRefused,
    IssuerMismatch,
    StructureRefused,
    TooComplex,
    VersionRefused,
)
from ostiary.saml.logout.errors import (
    LogoutDestinationMismatch,
    LogoutExpired,
    LogoutMessageUnknown,
    LogoutNotYetValid,
    LogoutSubjectMissing,
    LogoutUnasked,
)
from ostiary.saml.logout.message import LogoutParties
from ostiary.saml.logout.query import Arrival, ByPost
from ostiary.saml.logout.signature import SignedMessage, signed_in_form, signed_in_query
from ostiary.saml.xml import local, parse_digested, parse_untrusted, text_of, walk
from ostiary.saml.xmlenc.opening import open_sealed, read_sealed

LASTS: Final = timedelta(minutes=10)
"""A logout message is on its way for one redirect. So long after it was written it counts, whatever it says itself."""
MOST_SESSION_INDEXES: Final = 100
_ISSUER = f"{{{SAML}}}Issuer"
_NAME_ID = f"{{{SAML}}}NameID"
_ENCRYPTED_ID = f"{{{SAML}}}EncryptedID"
_BASE_ID = f"{{{SAML}}}BaseID"
_SESSION_INDEX = f"{{{SAMLP}}}SessionIndex"
_STATUS = f"{{{SAMLP}}}Status"
_STATUS_CODE = f"{{{SAMLP}}}StatusCode"
_STATUS_MESSAGE = f"{{{SAMLP}}}StatusMessage"
_LONGEST_MESSAGE = 1000
_XML_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutContent:
    """What a logout message says, judged by nobody yet. A request has no status, a response names nobody."""

    id: str
    issuer: str
    destination: str
    issue_instant: datetime
    not_on_or_after: datetime | None
    name_id: NameId | None
    session_indexes: tuple[str, ...]
    in_response_to: str
    status: str
    substatus: str
    status_message: str


@dataclass(slots=True, kw_only=True)
class LogoutCase:
    """A logout message with its circumstances. The checks fill in the lower half."""

    arrival: Arrival
    kind: str
    """LogoutRequest or LogoutResponse."""
    parties: LogoutParties
    expected_request_id: str | None
    now: datetime

    document: bytes = field(default=b"", init=False)
    root: etree._Element | None = field(default=None, init=False)
    signed: SignedMessage | None = field(default=None, init=False)
    content: LogoutContent | None = field(default=None, init=False)


def content_of(case: LogoutCase) -> LogoutContent:
    """What was read, after the signature was verified."""
    if case.content is None:
        raise RuntimeError("the message has not been read")
    return case.content


def could_be_read(case: LogoutCase) -> None:
    """Decode and parse it once. Raises: as `bindings`, as `xml`; `LogoutMessageUnknown`, `VersionRefused`."""
    arrival = case.arrival
    case.document = decode_post(arrival.value) if isinstance(arrival, ByPost) else inflated(arrival.value)
    root = parse_untrusted(case.document)
    if root.tag != f"{{{SAMLP}}}{case.kind}":
        raise LogoutMessageUnknown(expected=case.kind, received=local(root)[:100])
    walk(root)
    version = root.get("Version", "")
    if version != "2.0":
        raise VersionRefused(element=case.kind, received=version[:100])
    case.root = root


def signature(case: LogoutCase) -> None:
    """Signed by a pinned key: in the form around the message, in a query over the query. Profiles 4.4.4.1."""
    if case.root is None:
        raise RuntimeError("the message has not been parsed")
    certificates, policy = case.parties.identity_provider.certificates, case.parties.policy
    if isinstance(case.arrival, ByPost):
        case.signed = signed_in_form(case.root, certificates=certificates, policy=policy, now=case.now)
        return
    case.signed = signed_in_query(
        case.arrival,
        root=case.root,
        document=case.document,
        certificates=certificates,
        policy=policy,
        now=case.now,
    )


def contents(case: LogoutCase) -> None:
    """Read it from the signed octets, and from nothing else.

    Raises: `StructureRefused`, `TimeUnreadable`, `TooComplex`; for an EncryptedID as `xmlenc.opening`.
    """
    if case.signed is None:
        raise RuntimeError("the signature has not been verified")
    root = parse_digested(case.signed.octets)
    parts = children(root)
    issuer = only(parts, tag=_ISSUER)
    issue_instant = read_time(root, name="IssueInstant")
    for name, value in (("ID", root.get("ID")), ("Issuer", issuer), ("IssueInstant", issue_instant)):
        if value is None or value == "":
            raise StructureRefused(element=f"{case.kind} {name}", problem="missing")
    status = children(only(parts, tag=_STATUS))
    code = only(status, tag=_STATUS_CODE)
    inner = only(children(code), tag=_STATUS_CODE)
    message = only(status, tag=_STATUS_MESSAGE)
    case.content = LogoutContent(
        id=root.get("ID", ""),
        issuer="" if issuer is None else text_of(issuer),
        destination=root.get("Destination", ""),
        issue_instant=issue_instant or case.now,
        not_on_or_after=read_time(root, name="NotOnOrAfter"),
        name_id=_name_id(parts, parties=case.parties),
        session_indexes=_session_indexes(parts),
        in_response_to=root.get("InResponseTo", ""),
        status="" if code is None else code.get("Value", ""),
        substatus="" if inner is None else inner.get("Value", ""),
        status_message="" if message is None else text_of(message)[:_LONGEST_MESSAGE],
    )


def issuer(case: LogoutCase) -> None:
    """Written by this connection's identity provider: some sign for all their tenants with one key."""
    expected, received = case.parties.identity_provider.entity_id, content_of(case).issuer
    if received != expected:
        raise IssuerMismatch(element=case.kind, expected=expected, received=received)


def destination(case: LogoutCase) -> None:
    """Sent to our Single Logout URL. A signed message must say so. Bindings 3.4.5.2, 3.5.5.2."""
    expected, received = case.parties.slo_url, content_of(case).destination
    if received != expected:
        raise LogoutDestinationMismatch(expected=expected, received=received)


def window(case: LogoutCase) -> None:
    """Written a moment ago, and still good by its own words. Core 3.7.1."""
    content, skew = content_of(case), _skew(case)
    if case.now < content.issue_instant - skew:
        raise LogoutNotYetValid(
            received_at=case.now,
            issued_at=content.issue_instant,
            seconds=round((content.issue_instant - case.now).total_seconds()),
            allowed_seconds=case.parties.policy.clock_skew_seconds,
        )
    _refuse_late(case, attribute="IssueInstant", end=content.issue_instant + LASTS)
    if content.not_on_or_after is not None:
        _refuse_late(case, attribute="NotOnOrAfter", end=content.not_on_or_after)


def subject(case: LogoutCase) -> None:
    """It names somebody. Core 3.7.1."""
    name_id = content_of(case).name_id
    if name_id is None or not name_id.value:
        raise LogoutSubjectMissing


def request(case: LogoutCase) -> None:
    """It answers the request that we have sent. Profiles 4.4.3.4."""
    received = content_of(case).in_response_to
    if not received or received != case.expected_request_id:
        raise LogoutUnasked(in_response_to=received[:200])


def status(case: LogoutCase) -> None:
    """It says how the logout ended. Core 3.2.2."""
    if not content_of(case).status:
        raise StructureRefused(element="StatusCode", problem="missing")


def last_moment(case: LogoutCase) -> datetime:
    """When the window ends, the difference of clocks included."""
    content = content_of(case)
    end = content.issue_instant + LASTS
    return min(end, content.not_on_or_after or end) + _skew(case)


def _name_id(parts: Children, *, parties: LogoutParties) -> NameId | None:
    """Whom the request names, opened where it is encrypted to us. Raises: `StructureRefused`, `EncryptedRefused`."""
    if _BASE_ID in parts:
        raise StructureRefused(element="BaseID", problem="misplaced")
    node, container = only(parts, tag=_NAME_ID), only(parts, tag=_ENCRYPTED_ID)
    if container is not None:
        if node is not None:
            raise StructureRefused(element="NameID", problem="repeated")
        node = _opened(container, parties=parties)
    if node is None:
        return None
    return NameId(
        value=text_of(node).strip(_XML_SPACE),
        format=node.get("Format") or NAME_ID_UNSPECIFIED,
        name_qualifier=node.get("NameQualifier", ""),
        sp_name_qualifier=node.get("SPNameQualifier", ""),
    )


def _opened(container: etree._Element, *, parties: LogoutParties) -> etree._Element:
    keys = parties.service_provider.decryption_keys
    if not keys:
        raise EncryptedRefused(element="EncryptedID")
    sealed = read_sealed(container, policy=parties.policy)
    return parse_digested(exclusive_octets(open_sealed(sealed, tag=_NAME_ID, scope=container.nsmap, keys=keys)))


def _session_indexes(parts: Children) -> tuple[str, ...]:
    nodes = parts.get(_SESSION_INDEX, [])
    if len(nodes) > MOST_SESSION_INDEXES:
        raise TooComplex(what="session indexes", limit=MOST_SESSION_INDEXES)
    return tuple(dict.fromkeys(text_of(node).strip(_XML_SPACE) for node in nodes))


def _refuse_late(case: LogoutCase, *, attribute: str, end: datetime) -> None:
    if case.now >= end + _skew(case):
        raise LogoutExpired(
            attribute=attribute,
            not_on_or_after=end,
            received_at=case.now,
            issued_at=content_of(case).issue_instant,
            seconds=round((case.now - end).total_seconds()),
            allowed_seconds=case.parties.policy.clock_skew_seconds,
        )


def _skew(case: LogoutCase) -> timedelta:
    return timedelta(seconds=case.parties.policy.clock_skew_seconds)


def _seen_signature(case: LogoutCase) -> str:
    return f"{case.signed.algorithm}, {case.signed.fingerprint}" if case.signed else ""


_VERIFIED: Final = ("could_be_read", "signature")
_TRUSTED: Final = (*_VERIFIED, "contents")

_OF_BOTH: Final[tuple[Check[LogoutCase], ...]] = (
    Check("could_be_read", could_be_read, seen=lambda case: f"{len(case.document):,} bytes"),
    Check("signature", signature, needs=("could_be_read",), seen=_seen_signature),
    Check("contents", contents, needs=_VERIFIED, seen=lambda case: content_of(case).id),
    Check("issuer", issuer, needs=_TRUSTED, seen=lambda case: content_of(case).issuer),
    Check("destination", destination, needs=_TRUSTED, seen=lambda case: content_of(case).destination),
    Check("window", window, needs=_TRUSTED, seen=lambda case: f"{content_of(case).issue_instant:%H:%M:%S}"),
)

REQUEST_CHECKS: Final[tuple[Check[LogoutCase], ...]] = (
    *_OF_BOTH,
    Check("subject", subject, needs=_TRUSTED),
)

RESPONSE_CHECKS: Final[tuple[Check[LogoutCase], ...]] = (
    *_OF_BOTH,
    Check("request", request, needs=_TRUSTED, seen=lambda case: content_of(case).in_response_to),
    Check("status", status, needs=_TRUSTED, seen=lambda case: content_of(case).status.rpartition(":")[2]),
)
