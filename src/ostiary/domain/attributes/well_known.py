"""The names under which identity providers send what we read, to be suggested where the configured name did not come.

Sources: captures of Okta, OneLogin, Entra ID, AD FS, Google, Keycloak, Shibboleth and SimpleSAMLphp; RFC 4519 and
eduPerson for the object identifiers.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from ostiary import saml

_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_DIRECTORY = "urn:mace:dir:attribute-def:"


class PersonField(StrEnum):
    """What we read of a person."""

    EMAIL = "email"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    GROUPS = "groups"


NAMES: Final = {
    PersonField.EMAIL: (
        f"{_CLAIMS}emailaddress",
        "urn:oid:0.9.2342.19200300.100.1.3",
        "urn:oid:1.2.840.113549.1.9.1",
        "email",
        "mail",
        "user.email",
        "emailAddress",
        "email_address",
        "e-mail",
        f"{_DIRECTORY}mail",
        "http://schemas.xmlsoap.org/claims/EmailAddress",
    ),
    PersonField.FIRST_NAME: (
        f"{_CLAIMS}givenname",
        "urn:oid:2.5.4.42",
        "firstName",
        "givenName",
        "user.firstName",
        "first_name",
        "given_name",
        f"{_DIRECTORY}givenName",
    ),
    PersonField.LAST_NAME: (
        f"{_CLAIMS}surname",
        "urn:oid:2.5.4.4",
        "lastName",
        "surname",
        "sn",
        "user.lastName",
        "last_name",
        "family_name",
        f"{_DIRECTORY}sn",
    ),
    PersonField.GROUPS: (
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
        "http://schemas.xmlsoap.org/claims/Group",
        "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",
        "groups",
        "group",
        "memberOf",
        "isMemberOf",
        f"{_DIRECTORY}isMemberOf",
    ),
}
"""By what they hold, the least mistakable first. Letter case does not count."""

_KNOWN: Final = {field: {name.lower(): rank for rank, name in enumerate(names)} for field, names in NAMES.items()}


def suggested(field: PersonField, attributes: Iterable[saml.Attribute], *, expected: str, taken: frozenset[str]) -> str:
    """The name of an attribute that came and most likely holds this; empty where there is none.

    A friendly name counts as well, but only here: it decides nothing (SAML Core 2.7.3.1). `taken` are the names that
    the connection reads already.
    """
    known = _KNOWN[field]
    best, best_rank = "", len(known) + 1
    for attribute in attributes:
        if attribute.name in taken or not any(value.strip() for value in attribute.values):
            continue
        friendly = attribute.friendly_name.lower()
        if friendly and friendly == expected.lower():
            return attribute.name
        rank = min(known.get(attribute.name.lower(), len(known) + 1), known.get(friendly, len(known)) + 1)
        if rank < best_rank:
            best, best_rank = attribute.name, rank
    return best
