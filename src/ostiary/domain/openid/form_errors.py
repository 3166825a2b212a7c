"""Why the form of an OpenID Connect connection is not saved as it is, and what is worth attention in it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ostiary.domain.errors import SetupRefusal
from ostiary.kernel.errors import Finding


@dataclass(eq=False)
class ValuesSwapped(SetupRefusal):
    """Two fields hold what belongs to the other. The values are not facts: one of them may be a secret."""

    code: ClassVar[str] = "setup.values_swapped"
    field: str
    other: str


@dataclass(eq=False)
class ValueIsUrl(SetupRefusal):
    """A web address stands where there is none."""

    code: ClassVar[str] = "setup.value_is_url"
    field: str


@dataclass(eq=False)
class ClientIdIsSecret(SetupRefusal):
    """The Client ID has the shape of a secret. It is not a fact: it may be one."""

    code: ClassVar[str] = "setup.client_id_is_secret"


@dataclass(eq=False)
class SecretIsClientId(SetupRefusal):
    """The Client Secret is the Client ID, or has the shape of one."""

    code: ClassVar[str] = "setup.secret_is_client_id"


@dataclass(eq=False)
class SecretIsItsId(SetupRefusal):
    """Entra shows a Secret ID beside the Value of a secret. The ID is a GUID and proves nothing."""

    code: ClassVar[str] = "setup.secret_is_its_id"


@dataclass(eq=False)
class SecretNeededAnew(SetupRefusal):
    """The Discovery URL leads to another issuer: a secret that is saved is never sent to it."""

    code: ClassVar[str] = "setup.secret_needed_anew"
    saved_for: str
    issuer: str


@dataclass(eq=False)
class SecretLost(SetupRefusal):
    """Something else was refused, and a secret is not written back into a page: it has to be pasted once more."""

    code: ClassVar[str] = "setup.secret_lost"


@dataclass(eq=False)
class SecretExpired(SetupRefusal):
    """The day on which the new secret ends has passed."""

    code: ClassVar[str] = "setup.secret_expired"
    not_after: datetime


@dataclass(eq=False)
class ValueUnreadable(SetupRefusal):
    """A field holds something else than it takes. `wanted`: a key of the words for it."""

    code: ClassVar[str] = "setup.value_unreadable"
    field: str
    wanted: str
    received: str


@dataclass(frozen=True)
class SecretExpiresSoon(Finding):
    """The Client Secret has ended or ends soon, and there is no later one beside it. Then nobody signs in."""

    code: ClassVar[str] = "setup.secret_expires_soon"
    not_after: datetime
    days: int


@dataclass(frozen=True)
class ProviderVouches(Finding):
    """The provider counts as authoritative for every address in the organization's verified domains (decision 7)."""

    code: ClassVar[str] = "setup.provider_vouches"


@dataclass(frozen=True)
class EmailNotAsked(Finding):
    """The scopes ask for no address: new people and people who have not been linked yet are refused."""

    code: ClassVar[str] = "setup.email_not_asked"
    scopes: tuple[str, ...]
