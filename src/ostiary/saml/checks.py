"""CHECKS: everything that must hold before an answer counts, in order, one small function each.

The same list runs at a sign-in (`enforce`, to the first refusal) and in a connection test (`examine`, to the end).
What stands in the Response outside the signed assertion can only forbid: nothing is granted for it.
"""

from datetime import datetime, timedelta
from typing import Final

from ostiary.kernel.errors import Refusal
from ostiary.kernel.report import Check
from ostiary.saml.assertion import AuthnStatement, Confirmation
from ostiary.saml.case import Case, confirmation_of, content_of, header_of
from ostiary.saml.constants import BEARER, STATUS_SUCCESS
from ostiary.saml.errors import (
    AssertionCount,
    AudienceMismatch,
    AudienceMissing,
    AuthenticationStale,
    AuthnStatementMissing,
    ConditionUnknown,
    ConfirmationIncomplete,
    DestinationMismatch,
    IssuerMismatch,
    NotBearer,
    RecipientMismatch,
    RequestMismatch,
    RequestUnknown,
    ResponseExpired,
    ResponseNotYetValid,
    SessionEnded,
    StatusDenied,
    StructureRefused,
    SubjectMissing,
    UnsolicitedRefused,
)
from ostiary.saml.stages import read_assertion, read_message, verify_assertion, verify_response


def destination(case: Case) -> None:
    """Sent to our ACS URL. A signed Response must say so, an unsigned one may stay silent. Bindings 3.5.5.2."""
    header = header_of(case)
    expected = case.service_provider.acs_url
    if header.destination is None and not header.has_signature:
        return
    if header.destination != expected:
        raise DestinationMismatch(expected=expected, received=header.destination or "")


def status(case: Case) -> None:
    """The identity provider reports success. Core 3.2.2.2."""
    header = header_of(case)
    if not header.status:
        raise StructureRefused(element="StatusCode", problem="missing")
    if header.status != STATUS_SUCCESS:
        raise StatusDenied(
            status=_last_part(header.status), substatus=_last_part(header.substatus), message=header.status_message
        )


def one_assertion(case: Case) -> None:
    """Exactly one, directly in the Response, and none hidden elsewhere (signature wrapping)."""
    header = header_of(case)
    if header.assertion_count != 1:
        raise AssertionCount(received=header.assertion_count)
    if header.hidden_assertions:
        raise AssertionCount(received=1 + header.hidden_assertions)


def issuer(case: Case) -> None:
    """Issued by this connection's identity provider. The right key is not enough: some sign all tenants with one."""
    expected = case.identity_provider.entity_id
    received = header_of(case).issuer
    if received is not None and received != expected:
        raise IssuerMismatch(element="Response", expected=expected, received=received)
    if content_of(case).issuer != expected:
        raise IssuerMismatch(element="Assertion", expected=expected, received=content_of(case).issuer)


def subject(case: Case) -> None:
    """It names somebody. Core 2.4."""
    name_id = content_of(case).name_id
    if name_id is None or not name_id.value:
        raise SubjectMissing


def conditions(case: Case) -> None:
    """No condition that we don't know: such an assertion counts as undecided. Core 2.5.1."""
    if content_of(case).unknown_condition:
        raise ConditionUnknown(received=content_of(case).unknown_condition)


def audience(case: Case) -> None:
    """Meant for this connection. Every restriction must name our entity ID, exactly. Core 2.5.1.4."""
    expected = case.service_provider.entity_id
    restrictions = content_of(case).audiences
    if not restrictions and not case.policy.allow_missing_audience:
        raise AudienceMissing(expected=expected)
    for audiences in restrictions:
        if expected not in audiences:
            raise AudienceMismatch(expected=expected, received=audiences)


def bearer(case: Case) -> None:
    """Confirmed for whoever brings it, and completely. Profiles 4.1.4.2.

    Of several confirmations one good one is enough; the one with the fewest faults is judged, never a mixture of two.
    """
    confirmations = content_of(case).confirmations
    bearers = [each for each in confirmations if each.method == BEARER]
    if not bearers:
        raise NotBearer(received=tuple(each.method for each in confirmations))
    case.confirmation = bearers[0]
    if len(bearers) > 1:
        case.confirmation = min(bearers, key=lambda each: _count_faults(case, confirmation=each))
    _complete(case, confirmation=case.confirmation)


def recipient(case: Case) -> None:
    """To be handed in at our ACS URL. Profiles 4.1.4.2."""
    _recipient(case, confirmation=confirmation_of(case))


def request(case: Case) -> None:
    """Answers the request that this browser was sent out with, or none at all (tile login). Profiles 4.1.4.3, 4.1.5."""
    expected = case.expected_request_id
    received = header_of(case).in_response_to
    if expected is not None and received is not None and received != expected:
        raise RequestMismatch(element="Response", expected=expected, received=received)
    if expected is None and received:
        raise RequestUnknown(received=received)
    _request(case, confirmation=confirmation_of(case))
    if expected is None and not case.policy.accept_unsolicited:
        raise UnsolicitedRefused


def window(case: Case) -> None:
    """Not too early and not too late, with the allowed difference of the clocks. Core 2.5.1.2, Profiles 4.1.4.2."""
    content = content_of(case)
    _not_before(case, moment=content.not_before, attribute="Conditions NotBefore")
    _not_on_or_after(case, moment=content.not_on_or_after, attribute="Conditions NotOnOrAfter")
    _confirmation_window(case, confirmation=confirmation_of(case))


def session(case: Case) -> None:
    """Somebody signed in at the identity provider, and that session has not ended. Core 2.7.2."""
    statements = content_of(case).authn_statements
    if not statements:
        raise AuthnStatementMissing
    end = session_end(statements)
    if end is not None and case.now >= end + _skew(case):
        raise SessionEnded(session_not_on_or_after=end, received_at=case.now)
    if case.authenticated_since is not None:
        _signed_in_anew(case, since=case.authenticated_since)


def _signed_in_anew(case: Case, *, since: datetime) -> None:
    """ForceAuthn is only a wish: whether it was heard is seen by when the person signed in. Core 3.4.1, 2.7.2."""
    instants = [each.authn_instant for each in content_of(case).authn_statements if each.authn_instant is not None]
    latest = max(instants, default=None)
    if latest is None or latest < since - _skew(case):
        raise AuthenticationStale(
            authn_instant=latest, requested_at=since, allowed_seconds=case.policy.clock_skew_seconds
        )


def session_end(statements: tuple[AuthnStatement, ...]) -> datetime | None:
    """The earliest end that the identity provider has set for its session."""
    ends = [each.session_not_on_or_after for each in statements if each.session_not_on_or_after is not None]
    return min(ends, default=None)


def _complete(_case: Case, *, confirmation: Confirmation) -> None:
    if not confirmation.has_parameters:
        raise ConfirmationIncomplete(attribute="SubjectConfirmationData")
    if confirmation.not_on_or_after is None:
        raise ConfirmationIncomplete(attribute="NotOnOrAfter")


def _recipient(case: Case, *, confirmation: Confirmation) -> None:
    if confirmation.recipient != case.service_provider.acs_url:
        raise RecipientMismatch(expected=case.service_provider.acs_url, received=confirmation.recipient)


def _request(case: Case, *, confirmation: Confirmation) -> None:
    expected = case.expected_request_id
    received = confirmation.in_response_to
    if expected is None and received:
        raise RequestUnknown(received=received)
    if expected is not None and received != expected:
        raise RequestMismatch(element="Assertion", expected=expected, received=received)


def _confirmation_window(case: Case, *, confirmation: Confirmation) -> None:
    # A bearer confirmation must not have a start (Profiles 4.1.4.2). SecureAuth sends one: it is held to it.
    _not_before(case, moment=confirmation.not_before, attribute="SubjectConfirmationData NotBefore")
    _not_on_or_after(case, moment=confirmation.not_on_or_after, attribute="SubjectConfirmationData NotOnOrAfter")


def _count_faults(case: Case, *, confirmation: Confirmation) -> int:
    faults = 0
    for judge in (_complete, _recipient, _request, _confirmation_window):
        try:
            judge(case, confirmation=confirmation)
        except Refusal:
            faults += 1
    return faults


def _not_before(case: Case, *, moment: datetime | None, attribute: str) -> None:
    if moment is not None and case.now < moment - _skew(case):
        raise ResponseNotYetValid(
            attribute=attribute,
            not_before=moment,
            received_at=case.now,
            issued_at=content_of(case).issue_instant,
            seconds=round((moment - case.now).total_seconds()),
            allowed_seconds=case.policy.clock_skew_seconds,
        )


def _not_on_or_after(case: Case, *, moment: datetime | None, attribute: str) -> None:
    if moment is not None and case.now >= moment + _skew(case):
        raise ResponseExpired(
            attribute=attribute,
            not_on_or_after=moment,
            received_at=case.now,
            issued_at=content_of(case).issue_instant,
            seconds=round((case.now - moment).total_seconds()),
            allowed_seconds=case.policy.clock_skew_seconds,
        )


def _skew(case: Case) -> timedelta:
    return timedelta(seconds=case.policy.clock_skew_seconds)


def _last_part(uri: str) -> str:
    return uri.rpartition(":")[2][:100]


# --- what was seen, for the report of a test --------------------------------


def _seen_message(case: Case) -> str:
    return f"{len(case.document):,} bytes"


def _seen_destination(case: Case) -> str:
    return header_of(case).destination or "not given"


def _seen_response_signature(case: Case) -> str:
    signed = case.signed_response
    return f"{signed.algorithm}, {signed.fingerprint}" if signed else "none of its own"


def _seen_assertion_signature(case: Case) -> str:
    signed = case.signed_assertion
    return f"{signed.algorithm}, {signed.fingerprint}" if signed else "covered by the response's signature"


def _seen_name_id_format(case: Case) -> str:
    name_id = content_of(case).name_id
    return _last_part(name_id.format) if name_id else ""


def _seen_audience(case: Case) -> str:
    return ", ".join(name for names in content_of(case).audiences for name in names)


def _seen_bearer(case: Case) -> str:
    confirmations = content_of(case).confirmations
    return f"{sum(each.method == BEARER for each in confirmations)} of {len(confirmations)}"


def _seen_window(case: Case) -> str:
    content = content_of(case)
    start = f"{content.not_before:%H:%M:%S}" if content.not_before else "any time"
    ends = [end for end in (content.not_on_or_after, confirmation_of(case).not_on_or_after) if end]
    written = content.issue_instant
    age = _age(case.now - written) if written and written != case.now else ""
    return f"{start} to {min(ends):%H:%M:%S}{age}" if ends else f"{start}{age}"


def _age(passed: timedelta) -> str:
    """A person may have waited on a page: only a time in the future says something of the two clocks."""
    seconds = passed.total_seconds()
    return f", {seconds:.1f} s old" if seconds > 0 else f", written {-seconds:.1f} s in the future"


def _seen_session(case: Case) -> str:
    end = session_end(content_of(case).authn_statements)
    return f"until {end:%Y-%m-%d %H:%M} UTC" if end else "no end given"


_READ: Final = ("could_be_read",)
_VERIFIED: Final = ("could_be_read", "status", "one_assertion", "response_signature", "assertion_signature")
_TRUSTED: Final = (*_VERIFIED, "contents")
_CONFIRMED: Final = (*_TRUSTED, "bearer")


CHECKS: Final[tuple[Check[Case], ...]] = (
    Check("could_be_read", read_message, seen=_seen_message),
    Check("destination", destination, needs=_READ, seen=_seen_destination),
    Check("status", status, needs=_READ, seen=lambda case: _last_part(header_of(case).status)),
    Check("one_assertion", one_assertion, needs=("could_be_read", "status"), seen=lambda _case: "1"),
    Check("response_signature", verify_response, needs=_READ, seen=_seen_response_signature),
    Check("assertion_signature", verify_assertion, needs=_VERIFIED[:-2], seen=_seen_assertion_signature),
    Check("contents", read_assertion, needs=_VERIFIED, seen=lambda case: content_of(case).id),
    Check("issuer", issuer, needs=_TRUSTED, seen=lambda case: content_of(case).issuer),
    Check("subject", subject, needs=_TRUSTED, seen=_seen_name_id_format),
    Check("conditions", conditions, needs=_TRUSTED),
    Check("audience", audience, needs=_TRUSTED, seen=_seen_audience),
    Check("bearer", bearer, needs=_TRUSTED, seen=_seen_bearer),
    Check("recipient", recipient, needs=_CONFIRMED, seen=lambda case: confirmation_of(case).recipient),
    Check("request", request, needs=_CONFIRMED, seen=lambda case: case.expected_request_id or "none: not asked for"),
    Check("window", window, needs=_CONFIRMED, seen=_seen_window),
    Check("session", session, needs=_TRUSTED, seen=_seen_session),
)

CHECK_GROUPS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("message", ("could_be_read", "destination", "status", "one_assertion")),
    ("signature", ("response_signature", "assertion_signature")),
    ("addressed", ("contents", "issuer", "subject", "conditions", "audience", "bearer", "recipient", "request")),
    ("time", ("window", "session")),
)
"""The groups of the report, each with the names of its checks."""
