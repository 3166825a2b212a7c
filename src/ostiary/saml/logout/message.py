"""Logout messages as values, and between whom they pass."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ostiary.saml.assertion import NameId
from ostiary.saml.config import IdentityProvider, SamlPolicy, ServiceProvider

_STATUS = "urn:oasis:names:tc:SAML:2.0:status:"


class LogoutStatus(StrEnum):
    """How a logout ended. SAML Core 3.2.2.2."""

    SUCCESS = _STATUS + "Success"
    REQUESTER = _STATUS + "Requester"
    """What was asked can't be done as it was asked."""
    RESPONDER = _STATUS + "Responder"
    PARTIAL_LOGOUT = _STATUS + "PartialLogout"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutParties:
    """The two sides of a connection, and where logout messages are to arrive at ours."""

    service_provider: ServiceProvider
    identity_provider: IdentityProvider
    policy: SamlPolicy
    slo_url: str
    """Our own Single Logout URL: what is shown to admins, and compared. Never from a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutRequest:
    """The identity provider asks to end sessions, in its signed words."""

    id: str
    issuer: str
    name_id: NameId
    session_indexes: tuple[str, ...]
    """Empty: every session of this person at this connection. SAML Core 3.7.1."""
    not_on_or_after: datetime
    """Until when it could be accepted, the difference of clocks included: so long its ID must be remembered."""
    signed_by: str
    """The fingerprint of the pinned certificate whose key fitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutResponse:
    """What the identity provider says of a logout that we asked for, in its signed words."""

    id: str
    issuer: str
    in_response_to: str
    status: str
    substatus: str
    status_message: str
    signed_by: str

    @property
    def is_success(self) -> bool:
        """Whether its own session has ended, and nobody is said to be left over."""
        return self.status == LogoutStatus.SUCCESS and not self.is_partial

    @property
    def is_partial(self) -> bool:
        """Whether some other application could not be reached. SAML Core 3.7.3.2."""
        return LogoutStatus.PARTIAL_LOGOUT in {self.status, self.substatus}
