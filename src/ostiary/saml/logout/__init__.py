"""Single logout by the front channel: LogoutRequests and LogoutResponses, read and written. SAML Core 3.7.

Every message has to be signed by a pinned key, in the form or over the query; nothing unsigned ends a session or says
that one has ended. Messages that come by SOAP are not read at all.
"""

from ostiary.saml.logout.checks import REQUEST_CHECKS, RESPONSE_CHECKS
from ostiary.saml.logout.message import LogoutParties, LogoutRequest, LogoutResponse, LogoutStatus
from ostiary.saml.logout.query import (
    REQUEST,
    RESPONSE,
    Arrival,
    ByPost,
    ByRedirect,
    arrival_of_form,
    arrival_of_query,
)
from ostiary.saml.logout.read import (
    LogoutDiagnosis,
    diagnose_logout,
    read_logout_request,
    read_logout_response,
    unverified_answer_to,
    unverified_document,
)
from ostiary.saml.logout.write import build_logout_request, build_logout_response, posted

__all__ = [
    "REQUEST",
    "RESPONSE",
    "Arrival",
    "ByPost",
    "ByRedirect",
    "arrival_of_form",
    "arrival_of_query",
    "LogoutParties",
    "LogoutRequest",
    "LogoutResponse",
    "LogoutStatus",
    "LogoutDiagnosis",
    "REQUEST_CHECKS",
    "RESPONSE_CHECKS",
    "read_logout_request",
    "read_logout_response",
    "diagnose_logout",
    "unverified_answer_to",
    "unverified_document",
    "build_logout_request",
    "build_logout_response",
    "posted",
]
