"""What there is to say of attributes: refusals and findings, with their facts."""

from dataclasses import dataclass
from typing import ClassVar

from ostiary.domain.errors import LoginRefusal
from ostiary.kernel.errors import Finding


@dataclass(eq=False)
class EmailNamedOtherwise(LoginRefusal):
    """The email attribute has not arrived, but one that others use for an address has. It is never read silently.

    `expected`: the name that this connection reads. `received`: the name that arrived and can be used.
    """

    code: ClassVar[str] = "saml.email_named_otherwise"
    expected: str
    received: str


@dataclass(eq=False)
class SubjectIsEntity(LoginRefusal):
    """The NameID names a system, not a person (SAML Core 8.3.6): all people would be one."""

    code: ClassVar[str] = "saml.subject_is_entity"
    received: str


@dataclass(frozen=True)
class AttributeNamedOtherwise(Finding):
    """What the connection reads has not arrived, but came under a well-known name. It is never read silently.

    `field`: email, first_name, last_name or groups. `expected`: the name that is read. `received`: the one that came.
    """

    code: ClassVar[str] = "saml.attribute_named_otherwise"
    field: str
    expected: str
    received: str


@dataclass(frozen=True)
class GroupsOmitted(Finding):
    """Entra ID sends a link in place of more than 150 groups. The link is not followed: nobody has given us a key."""

    code: ClassVar[str] = "saml.groups_omitted"
    expected: str
    received: str


@dataclass(frozen=True)
class GroupsCut(Finding):
    """More groups came than are read, or some with names that are too long or can't be shown. The rest is read."""

    code: ClassVar[str] = "saml.groups_cut"
    attribute: str
    kept: int
    received: int
