"""A verified assertion as a value. Rule: what is trusted is read from a `SignedElement`, and from nothing else."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from lxml import etree

from ostiary.saml.constants import NAME_ID_UNSPECIFIED, SAML
from ostiary.saml.errors import EncryptedRefused, StructureRefused, TimeUnreadable, VersionRefused
from ostiary.saml.xml import local, text_of

_ISSUER = f"{{{SAML}}}Issuer"
_SUBJECT = f"{{{SAML}}}Subject"
_NAME_ID = f"{{{SAML}}}NameID"
_OTHER_IDENTIFIERS = (f"{{{SAML}}}EncryptedID", f"{{{SAML}}}BaseID")
_CONFIRMATION = f"{{{SAML}}}SubjectConfirmation"
_CONFIRMATION_PART = f"{{{SAML}}}SubjectConfirmationData"
_CONDITIONS = f"{{{SAML}}}Conditions"
_AUDIENCE_RESTRICTION = f"{{{SAML}}}AudienceRestriction"
_AUDIENCE = f"{{{SAML}}}Audience"
_KNOWN_CONDITIONS = frozenset({f"{{{SAML}}}OneTimeUse", f"{{{SAML}}}ProxyRestriction"})
_AUTHN_STATEMENT = f"{{{SAML}}}AuthnStatement"
_AUTHN_CONTEXT_CLASS = f"{{{SAML}}}AuthnContext/{{{SAML}}}AuthnContextClassRef"
_ATTRIBUTE_STATEMENT = f"{{{SAML}}}AttributeStatement"
_ATTRIBUTE = f"{{{SAML}}}Attribute"
_ATTRIBUTE_VALUE = f"{{{SAML}}}AttributeValue"
_XML_SPACE = " \t\r\n"
_EARLIEST = datetime.min.replace(tzinfo=UTC) + timedelta(weeks=1)
_LATEST = datetime.max.replace(tzinfo=UTC) - timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameId:
    """The name under which the identity provider knows the person. Opaque and case-sensitive. SAML Core 2.2.3."""

    value: str
    format: str
    name_qualifier: str = ""
    sp_name_qualifier: str = ""
    states_format: bool = field(default=True, compare=False)
    """Whether the message itself names the format; without one unspecified is in effect. AD FS writes none."""


class Attribute(NamedTuple):
    """One attribute as it was sent. The same name may come more than once (Keycloak sends one for each role).

    A tuple: an answer has a dozen, and each frozen value of four fields takes 0.5 µs more.
    """

    name: str
    format: str
    friendly_name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """One SubjectConfirmation: how whoever brings the assertion shows that it is theirs. SAML Core 2.4.1."""

    method: str
    has_parameters: bool
    recipient: str
    in_response_to: str
    not_before: datetime | None
    not_on_or_after: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthnStatement:
    """When and how the person signed in at the identity provider. SAML Core 2.7.2."""

    authn_instant: datetime | None
    session_index: str
    session_not_on_or_after: datetime | None
    context: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Everything that we read of an assertion, judged by nobody yet."""

    id: str
    issuer: str
    issue_instant: datetime | None
    name_id: NameId | None
    confirmations: tuple[Confirmation, ...]
    not_before: datetime | None
    not_on_or_after: datetime | None
    audiences: tuple[tuple[str, ...], ...]
    """One tuple for each AudienceRestriction; all of them must hold."""
    unknown_condition: str
    authn_statements: tuple[AuthnStatement, ...]
    attributes: tuple[Attribute, ...]


def read_content(assertion: etree._Element) -> Content:
    """What the assertion says. Children are taken by exact name; nothing deeper is searched, Advice is never read.

    Raises: `StructureRefused`, `VersionRefused`, `EncryptedRefused`, `TimeUnreadable`.
    """
    version = assertion.get("Version", "")
    if version != "2.0":
        raise VersionRefused(element="Assertion", received=version[:100])
    if not assertion.get("ID"):
        raise StructureRefused(element="Assertion ID", problem="missing")
    parts = children(assertion)
    issuer = only(parts, tag=_ISSUER)
    if issuer is None:
        raise StructureRefused(element="Issuer", problem="missing")
    subject = children(only(parts, tag=_SUBJECT))
    conditions = only(parts, tag=_CONDITIONS)
    restrictions, unknown = _read_restrictions(conditions)
    return Content(
        id=assertion.get("ID", ""),
        issuer=text_of(issuer),
        issue_instant=read_time(assertion, name="IssueInstant"),
        name_id=_read_name_id(subject),
        confirmations=tuple([_read_confirmation(each) for each in subject.get(_CONFIRMATION, ())]),
        not_before=read_time(conditions, name="NotBefore"),
        not_on_or_after=read_time(conditions, name="NotOnOrAfter"),
        audiences=restrictions,
        unknown_condition=unknown,
        authn_statements=tuple([_read_authn(each) for each in parts.get(_AUTHN_STATEMENT, ())]),
        attributes=_read_attributes(parts),
    )


def read_name_id(assertion: etree._Element) -> NameId | None:
    """Whom the assertion names; None where it names nobody. Raises: `StructureRefused`, `EncryptedRefused`."""
    return _read_name_id(children(only(children(assertion), tag=_SUBJECT)))


def read_attributes(assertion: etree._Element) -> tuple[Attribute, ...]:
    """The attributes in the order in which they came. Raises: `StructureRefused`, `EncryptedRefused`."""
    return _read_attributes(children(assertion))


Children = dict[str, list[etree._Element]]  # noqa: SLF001 - the public name is a function


def children(element: etree._Element | None) -> Children:
    """The children of an element by their names, in their order."""
    found: Children = {}
    for child in () if element is None else element:
        tag = child.tag
        if tag in found:
            found[tag].append(child)
        else:
            found[tag] = [child]
    return found


def only(parts: Children, *, tag: str) -> etree._Element | None:
    """The child of this name; None where there is none. Raises: `StructureRefused` where there are two."""
    found = parts.get(tag)
    if found is None:
        return None
    if len(found) > 1:
        raise StructureRefused(element=local(found[0]), problem="repeated")
    return found[0]


def read_time(element: etree._Element | None, *, name: str) -> datetime | None:
    """The time in this attribute, in UTC; None where it is absent. Fractions of any length, `Z` or an offset.

    Raises: `TimeUnreadable`, also for a time without a zone. SAML Core 1.3.3.
    """
    return None if element is None else time_of(element.get(name), name=name)


def time_of(written: str | None, *, name: str) -> datetime | None:
    """The same of what stands in the attribute. A week from the ends of the calendar is as far as it goes."""
    if written is None:
        return None
    try:
        stripped = written.strip(_XML_SPACE)
        moment = datetime.fromisoformat(stripped)
        # ISO 8601 has more ways to write a time than XML Schema: by weeks, without seconds, without marks between.
        if moment.tzinfo is None or stripped[4:17:3] != "--T::":
            raise TimeUnreadable(attribute=name, received=written[:100])
        # "For ever" is 9999-12-31T23:59:59 in .NET: with the difference of clocks added it would be no time any more.
        return min(max(moment if moment.tzinfo is UTC else moment.astimezone(UTC), _EARLIEST), _LATEST)
    except (ValueError, OverflowError):
        raise TimeUnreadable(attribute=name, received=written[:100]) from None


def _read_name_id(subject: Children) -> NameId | None:
    """The NameID of the Subject itself: one inside an attribute or a confirmation is somebody else's."""
    for tag in _OTHER_IDENTIFIERS:
        if tag in subject:
            raise EncryptedRefused(element=local(subject[tag][0]))
    node = only(subject, tag=_NAME_ID)
    if node is None:
        return None
    return NameId(
        value=text_of(node).strip(_XML_SPACE),
        format=node.get("Format") or NAME_ID_UNSPECIFIED,
        name_qualifier=node.get("NameQualifier", ""),
        sp_name_qualifier=node.get("SPNameQualifier", ""),
        states_format=bool(node.get("Format")),
    )


def _read_confirmation(node: etree._Element) -> Confirmation:
    part = only(children(node), tag=_CONFIRMATION_PART)
    return Confirmation(
        method=node.get("Method", ""),
        has_parameters=part is not None,
        recipient="" if part is None else part.get("Recipient", ""),
        in_response_to="" if part is None else part.get("InResponseTo", ""),
        not_before=read_time(part, name="NotBefore"),
        not_on_or_after=read_time(part, name="NotOnOrAfter"),
    )


def _read_restrictions(conditions: etree._Element | None) -> tuple[tuple[tuple[str, ...], ...], str]:
    """The audiences of each restriction, and the first condition that we don't know."""
    restrictions: list[tuple[str, ...]] = []
    unknown = ""
    for condition in () if conditions is None else conditions:
        if condition.tag == _AUDIENCE_RESTRICTION:
            # xs:anyURI: white space around it is no part of the value. A slash at its end is.
            audiences = [text_of(each).strip(_XML_SPACE) for each in condition if each.tag == _AUDIENCE]
            restrictions.append(tuple(audiences))
        elif condition.tag not in _KNOWN_CONDITIONS:
            unknown = unknown or local(condition)
    return tuple(restrictions), unknown


def _read_authn(statement: etree._Element) -> AuthnStatement:
    context = statement.find(_AUTHN_CONTEXT_CLASS)
    return AuthnStatement(
        authn_instant=read_time(statement, name="AuthnInstant"),
        session_index=statement.get("SessionIndex", ""),
        session_not_on_or_after=read_time(statement, name="SessionNotOnOrAfter"),
        context="" if context is None else text_of(context).strip(_XML_SPACE),
    )


def _read_attributes(parts: Children) -> tuple[Attribute, ...]:
    return tuple([_read_attribute(node) for statement in parts.get(_ATTRIBUTE_STATEMENT, ()) for node in statement])


def _read_attribute(node: etree._Element) -> Attribute:
    if node.tag != _ATTRIBUTE:
        if local(node) == "EncryptedAttribute":
            raise EncryptedRefused(element="EncryptedAttribute")
        raise StructureRefused(element=local(node)[:100], problem="misplaced")
    return Attribute(
        name=node.get("Name", ""),
        format=node.get("NameFormat", ""),
        friendly_name=node.get("FriendlyName", ""),
        values=tuple(
            [
                # text_of, written out for the usual case: this line runs for each of 4,000 groups.
                text_of(value) if len(value) else value.text or ""
                for value in node
                if value.tag == _ATTRIBUTE_VALUE
            ]
        ),
    )
