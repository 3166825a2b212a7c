"""What an identity provider said of a person, in one shape, and the account it is tied to."""

from dataclasses import dataclass
from datetime import datetime

from ostiary import saml
from ostiary.domain.attributes import PersonField, Values, is_showable, suggested
from ostiary.domain.attributes.errors import (
    AttributeNamedOtherwise,
    EmailNamedOtherwise,
    GroupsOmitted,
    SubjectIsEntity,
)
from ostiary.domain.connection import AttributeNames
from ostiary.domain.errors import (
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
_PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
_ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
_EMAIL_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
_WINDOWS = "urn:oasis:names:tc:SAML:1.1:nameid-format:WindowsDomainQualifiedName"
_GROUPS_LINK = "http://schemas.microsoft.com/claims/groups.link"
_UNWRITABLE = "\x1f"
"""Stands between a qualifier and a name: XML can't hold it, so no name can be made that reads as both."""
_LONGEST_VALUE = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the identity provider vouches for. `subject` is the key; the address is not (decision 7)."""

    issuer: str
    subject: str
    email: EmailAddress | None
    """None where an OpenID Connect provider sent none: somebody who is known signs in without."""
    first_name: str
    last_name: str
    groups: tuple[str, ...] = ()
    """The groups that the identity provider says they are in; none where the connection reads none."""
    is_vouched: bool
    """Whether the provider stands for the address. It counts only inside the organization's verified domains."""

    @property
    def name(self) -> str:
        """First and last name, or the address where both are missing."""
        return f"{self.first_name} {self.last_name}".strip() or self.address

    @property
    def address(self) -> str:
        """The address as text; empty where there is none."""
        return "" if self.email is None else str(self.email)


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

    @property
    def has_both_names(self) -> bool:
        """Whether a first and a last name came. Where one is missing a finding says so, and nobody is refused."""
        return bool(self.identity.first_name and self.identity.last_name)


def from_saml(assertion: saml.Assertion, names: AttributeNames, *, entity_id: str) -> Reading:
    """Who the assertion speaks of, and what is worth telling the admin. `entity_id` is that of our side.

    Raises: `TransientSubject`, `SubjectIsEntity`, `AttributeAmbiguous`, `EmailNotReadable`, `EmailNamedOtherwise`,
    `AttributeMissing`.
    """
    subject = subject_of(assertion.name_id, issuer=assertion.issuer, entity_id=entity_id)
    values = Values(assertion.attributes)
    findings: list[Finding] = []
    email = _email(assertion, values, names, findings)
    first, last = _name(values, names.first_name), _name(values, names.last_name)
    _tell_missing_names(assertion, values, names, missing_first=not first, missing_last=not last, findings=findings)
    groups = _groups(assertion, values, names, findings)
    findings.extend(_differing_in_case(values.names, names))
    return Reading(
        identity=Identity(
            issuer=assertion.issuer,
            subject=subject,
            email=email,
            first_name=first,
            last_name=last,
            groups=groups,
            is_vouched=True,
        ),
        findings=tuple(findings),
        names=names,
    )


def subject_of(name_id: saml.NameId, *, issuer: str, entity_id: str) -> str:
    """The key of the person, by the format of the NameID. SAML Core 8.3. Any format that is not named here is opaque.

    Raises: `TransientSubject`, `SubjectIsEntity`.
    """
    if name_id.format == _TRANSIENT:
        raise TransientSubject(received=name_id.value)
    if name_id.format == _ENTITY:
        # Its value is the provider's own entity ID for everybody: the whole company would be one account.
        raise SubjectIsEntity(received=name_id.value)
    if name_id.format == _PERSISTENT:
        return _qualified(name_id, issuer=issuer, entity_id=entity_id)
    if name_id.format == _WINDOWS:
        # Windows knows no letter case: ACME\dana and acme\Dana are one person.
        return name_id.value.lower()
    return _folded(name_id.value) if name_id.format == _EMAIL_FORMAT else name_id.value


def _qualified(name_id: saml.NameId, *, issuer: str, entity_id: str) -> str:
    """A persistent name with the qualifiers in which it is unique, where they are others than the two of us.

    A hub hands on names of several providers: the same value under two qualifiers is two people. SAML Core 8.3.7.
    """
    giver = name_id.name_qualifier if name_id.name_qualifier != issuer else ""
    receiver = name_id.sp_name_qualifier if name_id.sp_name_qualifier != entity_id else ""
    if not giver and not receiver:
        return name_id.value
    return _UNWRITABLE.join((giver, receiver, name_id.value))


def _folded(address: str) -> str:
    """An address without letter case: `Dana@…` and `dana@…` have made two accounts of one person."""
    try:
        return EmailAddress.parse(address).key
    except ValueError:
        return address


def _email(assertion: saml.Assertion, values: Values, names: AttributeNames, findings: list[Finding]) -> EmailAddress:
    written = values.only(names.email)
    if written:
        return _address(written, names.email)
    known = _suggested(PersonField.EMAIL, assertion, values, names)
    name_id = assertion.name_id
    if name_id.format == _EMAIL_FORMAT:
        findings.append(EmailFromNameId(expected=names.email, received=values.names))
        if known:
            findings.append(AttributeNamedOtherwise(field="email", expected=names.email, received=known))
        return _address(name_id.value, "NameID")
    if known:
        raise EmailNamedOtherwise(expected=names.email, received=known)
    raise AttributeMissing(expected=(names.email,), received=values.names, name_id_format=name_id.format)


def _suggested(field: PersonField, assertion: saml.Assertion, values: Values, names: AttributeNames) -> str:
    expected: str = getattr(names, field.value)
    if any(name.lower() == expected.lower() for name in values.names):
        return ""  # a near miss of the name itself has words of its own
    taken = frozenset((names.email, names.first_name, names.last_name, names.groups))
    return suggested(field, assertion.attributes, expected=expected, taken=taken)


def _tell_missing_names(
    assertion: saml.Assertion,
    values: Values,
    names: AttributeNames,
    *,
    missing_first: bool,
    missing_last: bool,
    findings: list[Finding],
) -> None:
    missing = []
    for field, is_missing in ((PersonField.FIRST_NAME, missing_first), (PersonField.LAST_NAME, missing_last)):
        if not is_missing:
            continue
        expected: str = getattr(names, field.value)
        known = _suggested(field, assertion, values, names)
        if known:
            findings.append(AttributeNamedOtherwise(field=field.value, expected=expected, received=known))
        elif not any(name != expected and name.lower() == expected.lower() for name in values.names):
            missing.append(expected)  # one that differs in letter case has a finding of its own
    if missing:
        findings.append(NameMissing(expected=tuple(missing), received=values.names))


def _groups(
    assertion: saml.Assertion, values: Values, names: AttributeNames, findings: list[Finding]
) -> tuple[str, ...]:
    """The groups, where the connection reads any. That none came is nothing to tell: many people are in none."""
    if not names.groups:
        return ()
    groups, cut = values.groups(names.groups)
    if cut is not None:
        findings.append(cut)
    if not groups and _GROUPS_LINK in values.names:
        findings.append(GroupsOmitted(expected=names.groups, received=_GROUPS_LINK))
    elif not groups:
        known = _suggested(PersonField.GROUPS, assertion, values, names)
        if known:
            findings.append(AttributeNamedOtherwise(field="groups", expected=names.groups, received=known))
    return groups


def _name(values: Values, name: str) -> str:
    """A name as it can be shown beside others: without what would turn the line round, hide or break it (UAX 9)."""
    written = " ".join(values.only(name).split())
    return "".join(each for each in written if is_showable(each))[:_LONGEST_VALUE]


def _address(text: str, attribute: str) -> EmailAddress:
    try:
        return EmailAddress.parse(text)
    except ValueError as error:
        raise EmailNotReadable(received=text[:_LONGEST_VALUE], attribute=attribute) from error


def _differing_in_case(received: tuple[str, ...], names: AttributeNames) -> tuple[AttributeCaseDiffers, ...]:
    read = (names.email, names.first_name, names.last_name, names.groups)
    expected = {name.lower(): name for name in read if name}
    return tuple(
        AttributeCaseDiffers(expected=expected[name.lower()], received=name)
        for name in received
        if name.lower() in expected and name not in expected.values()
    )
