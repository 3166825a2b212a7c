"""From an arrival to a logout message that counts, or a refusal; for the doctor, to a report."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ostiary.kernel.errors import Refusal
from ostiary.kernel.report import CheckResult, Refused, enforce, examine
from ostiary.saml.bindings import decode_post, inflated
from ostiary.saml.logout.checks import (
    REQUEST_CHECKS,
    RESPONSE_CHECKS,
    LogoutCase,
    LogoutContent,
    content_of,
    last_moment,
)
from ostiary.saml.logout.errors import LogoutSubjectMissing
from ostiary.saml.logout.message import LogoutParties, LogoutRequest, LogoutResponse
from ostiary.saml.logout.query import REQUEST, Arrival, ByPost

LOGOUT_REQUEST: Final = "LogoutRequest"
LOGOUT_RESPONSE: Final = "LogoutResponse"
_IN_RESPONSE_TO = re.compile(rb"""\sInResponseTo\s*=\s*["']([^"'<&\s]{1,256})["']""")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutDiagnosis:
    """The report of a logout message that an admin has brought."""

    kind: str
    results: tuple[CheckResult, ...]
    content: LogoutContent | None
    """What the identity provider has signed; None where that could not be verified."""

    @property
    def refusal(self) -> Refusal | None:
        """The first reason for which it does not count; None where every check has passed."""
        return next((result.refusal for result in self.results if isinstance(result, Refused)), None)


def read_logout_request(arrival: Arrival, *, parties: LogoutParties, now: datetime) -> LogoutRequest:
    """What the identity provider asks for, after every check of REQUEST_CHECKS has passed.

    Does not know whether it was used before: remember its `id` until `not_on_or_after`.

    Raises: a `LogoutRefusal` or `SamlRefusal`, the first that a check raises.
    """
    case = _case(arrival, kind=LOGOUT_REQUEST, parties=parties, expected_request_id=None, now=now)
    enforce(REQUEST_CHECKS, case)
    content = content_of(case)
    if content.name_id is None:
        raise LogoutSubjectMissing
    return LogoutRequest(
        id=content.id,
        issuer=content.issuer,
        name_id=content.name_id,
        session_indexes=content.session_indexes,
        not_on_or_after=last_moment(case),
        signed_by=case.signed.fingerprint if case.signed else "",
    )


def read_logout_response(
    arrival: Arrival, *, parties: LogoutParties, expected_request_id: str | None, now: datetime
) -> LogoutResponse:
    """How the identity provider's part ended, after every check of RESPONSE_CHECKS has passed.

    A status other than success is no refusal here: the response is real, and says that something was left over.

    Raises: a `LogoutRefusal` or `SamlRefusal`, the first that a check raises.
    """
    case = _case(arrival, kind=LOGOUT_RESPONSE, parties=parties, expected_request_id=expected_request_id, now=now)
    enforce(RESPONSE_CHECKS, case)
    content = content_of(case)
    return LogoutResponse(
        id=content.id,
        issuer=content.issuer,
        in_response_to=content.in_response_to,
        status=content.status,
        substatus=content.substatus,
        status_message=content.status_message,
        signed_by=case.signed.fingerprint if case.signed else "",
    )


def diagnose_logout(
    arrival: Arrival, *, parties: LogoutParties, expected_request_id: str | None, now: datetime
) -> LogoutDiagnosis:
    """The result of every check on this message: the very lists that the two above run. Raises no `Refusal`."""
    is_request = arrival.parameter == REQUEST
    kind = LOGOUT_REQUEST if is_request else LOGOUT_RESPONSE
    case = _case(arrival, kind=kind, parties=parties, expected_request_id=expected_request_id, now=now)
    results = examine(REQUEST_CHECKS if is_request else RESPONSE_CHECKS, case)
    return LogoutDiagnosis(kind=kind, results=results, content=case.content)


def unverified_answer_to(arrival: Arrival) -> str | None:
    """Which request this seems to answer, so that it can be looked up. None where nothing can be made out.

    Believe nothing for it: `read_logout_response` compares the signed value.
    """
    found = _IN_RESPONSE_TO.search(unverified_document(arrival))
    return found[1].decode("utf-8", "replace") if found else None


def unverified_document(arrival: Arrival) -> bytes:
    """The document, to be shown and used for nothing; empty where it can't be unpacked."""
    try:
        return decode_post(arrival.value) if isinstance(arrival, ByPost) else inflated(arrival.value)
    except Refusal:
        return b""


def _case(
    arrival: Arrival, *, kind: str, parties: LogoutParties, expected_request_id: str | None, now: datetime
) -> LogoutCase:
    return LogoutCase(arrival=arrival, kind=kind, parties=parties, expected_request_id=expected_request_id, now=now)
