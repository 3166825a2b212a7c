"""What an identity provider said of a person, in one shape, and the account it is tied to."""

from dataclasses import dataclass
from datetime import datetime

from ostiary import saml
from ostiary.domain.connection import AttributeNames
from ostiary.domain.errors import (
    AttributeAmbiguous,
    AttributeCaseDiffers,
    EmailFromNameId,
    EmailNotReadable,
    NameMissing,
    TransientSubject,
)
from ostiary.kernel.errors import Finding
from ostiary.kernel.ids import AccountId, ConnectionId, IdentityId, OrganizationId
from ostiary.kernel.values import EmailAddress
from ostiary.saml.errors import AttributeMissing

_TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
_EMAIL_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
_LONGEST_VALUE = 254
_JOINERS = "\u200c\u200d"
"""They are not printable by themselves, and no name in Persian or Sinhala is right without them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the identity provider vouches for. `subject` is the key; the address is not (decision 7)."""

    issuer: str
    subject: str
    email: EmailAddress
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        """First and last name, or the address where both are missing."""
        return f"{self.first_name} {self.last_name}".strip() or str(self.email)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedIdentity:
    """(connection, issuer, subject) as it is tied to an account."""

    id: IdentityId
    organization_id: OrganizationId
    connection_id: ConnectionId
    account_id: AccountId
    issuer: str
    subject: str
    email: EmailAddress
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An identity as it was read, with what is worth telling the admin, and where each part came from."""

    identity: Identity
    findings: tuple[Finding, ...]
    names: AttributeNames


def from_saml(assertion: saml.Assertion, names: AttributeNames) -> Reading:
    """Who the assertion speaks of, and what is worth telling the admin.

    Raises: `TransientSubject`, `AttributeAmbiguous`, `EmailNotReadable`, `AttributeMissing`.
    """
    name_id = assertion.name_id
    if name_id.format == _TRANSIENT:
        raise TransientSubject(received=name_id.value)
    received = tuple(dict.fromkeys(attribute.name for attribute in assertion.attributes))
    findings: list[Finding] = []
    email_text = _only_value(assertion, names.email)
    attribute = names.email
    if not email_text:
        if name_id.format != _EMAIL_FORMAT:
            raise AttributeMissing(expected=(names.email,), received=received, name_id_format=name_id.format)
        findings.append(EmailFromNameId(expected=names.email, received=received))
        email_text, attribute = name_id.value, "NameID"
    email = _address(email_text, attribute)
    first, last = _name(assertion, names.first_name), _name(assertion, names.last_name)
    missing = tuple(name for name, value in ((names.first_name, first), (names.last_name, last)) if not value)
    if missing:
        findings.append(NameMissing(expected=missing, received=received))
    findings.extend(_differing_in_case(received, names))
    return Reading(
        identity=Identity(
            issuer=assertion.issuer, subject=_subject(name_id), email=email, first_name=first, last_name=last
        ),
        findings=tuple(findings),
        names=names,
    )


def _subject(name_id: saml.NameId) -> str:
    """The key of the person. An address is folded: `Dana@…` and `dana@…` have made two accounts of one person."""
    if name_id.format != _EMAIL_FORMAT:
        return name_id.value
    try:
        return EmailAddress.parse(name_id.value).key
    except ValueError:
        return name_id.value


def _only_value(assertion: saml.Assertion, name: str) -> str:
    """The value of this attribute, empty if it did not come. Several attributes of one name are merged."""
    values = tuple(
        dict.fromkeys(
            value.strip()
            for attribute in assertion.attributes
            if attribute.name == name
            for value in attribute.values
            if value.strip()
        )
    )
    if len(values) > 1:
        # Never "first wins": whoever can add a second value would choose whom to be.
        raise AttributeAmbiguous(attribute=name, received=values)
    # Whole: of "owner@acme.example", filler and ".evil.example" a cut left an address of Acme.
    return values[0] if values else ""


def _name(assertion: saml.Assertion, name: str) -> str:
    """A name as it can be shown beside others: without what would turn the line round, hide or break it (UAX 9)."""
    written = " ".join(_only_value(assertion, name).split())
    return "".join(each for each in written if each.isprintable() or each in _JOINERS)[:_LONGEST_VALUE]


def _address(text: str, attribute: str) -> EmailAddress:
    try:
        return EmailAddress.parse(text)
    except ValueError as error:
        raise EmailNotReadable(received=text[:_LONGEST_VALUE], attribute=attribute) from error


def _differing_in_case(received: tuple[str, ...], names: AttributeNames) -> tuple[AttributeCaseDiffers, ...]:
    expected = {name.lower(): name for name in (names.email, names.first_name, names.last_name)}
    return tuple(
        AttributeCaseDiffers(expected=expected[name.lower()], received=name)
        for name in received
        if name.lower() in expected and name not in expected.values()
    )
