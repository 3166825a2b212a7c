"""The one journey of an answer: from the form field to an `Assertion`, or a refusal. For a test, to a report."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ostiary.kernel.errors import Refusal
from ostiary.kernel.report import CheckResult, Refused, enforce, examine
from ostiary.saml.assertion import Attribute, AuthnStatement, NameId, read_attributes, read_name_id
from ostiary.saml.case import Case, content_of
from ostiary.saml.checks import CHECKS, session_end
from ostiary.saml.config import IdentityProvider, SamlPolicy, ServiceProvider
from ostiary.saml.constants import BEARER, SAML
from ostiary.saml.xml import parse_for_display, text_of
from ostiary.saml.xmldsig import SignedElement

_ASSERTION = f"{{{SAML}}}Assertion"
_ISSUER = f"{{{SAML}}}Issuer"
_NO_STATEMENT = AuthnStatement(authn_instant=None, session_index="", session_not_on_or_after=None, context="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What this connection's identity provider says of a person, read from what it has signed."""

    issuer: str
    id: str
    name_id: NameId
    attributes: tuple[Attribute, ...]
    """In the order in which they came. A name may come more than once."""
    session_index: str
    session_not_on_or_after: datetime | None
    authn_instant: datetime | None
    authn_context: str
    not_on_or_after: datetime
    """Until when it could be accepted, the difference of clocks included: so long its ID must be remembered."""
    in_response_to: str | None
    """The request that it answers; None where nobody asked (tile login)."""
    signed_by: str
    """The fingerprint of the pinned certificate whose key fitted."""
    response_signed: bool
    assertion_signed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UnverifiedContent:
    """What somebody has sent, whoever it was. To be shown under that heading, and used for nothing."""

    issuer: str
    name_id: NameId | None
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The report of a test."""

    results: tuple[CheckResult, ...]
    """Of every check of CHECKS, in their order."""
    assertion: Assertion | None
    """What the identity provider has signed. It may still have been refused: see `refusal`."""
    unverified: UnverifiedContent | None
    """What was sent, where its signature was not verified; None where it was, or nothing could be read."""

    @property
    def refusal(self) -> Refusal | None:
        """What a sign-in would have been refused for; None where every check has passed."""
        return next((result.refusal for result in self.results if isinstance(result, Refused)), None)


def read_response(
    form_value: bytes | str,
    *,
    service_provider: ServiceProvider,
    identity_provider: IdentityProvider,
    policy: SamlPolicy,
    expected_request_id: str | None,
    authenticated_since: datetime | None = None,
    now: datetime,
) -> Assertion:
    """The assertion in an answer that came by POST, after every check of CHECKS has passed.

    `form_value` is the field SAMLResponse, decoded from the form and not from base64. `expected_request_id` is the ID
    of the request that this browser was sent out with; None where it was sent out with none. `authenticated_since` is
    the time of a request with ForceAuthn: who signed in before is refused. Does not know whether the assertion was
    used before: remember its `id` until `not_on_or_after`.

    Raises: a `SamlRefusal`, the first that a check raises.
    """
    case = Case(
        form_value=form_value,
        service_provider=service_provider,
        identity_provider=identity_provider,
        policy=policy,
        expected_request_id=expected_request_id,
        authenticated_since=authenticated_since,
        now=now,
    )
    enforce(CHECKS, case)
    return _assertion(case)


def diagnose_response(
    form_value: bytes | str,
    *,
    service_provider: ServiceProvider,
    identity_provider: IdentityProvider,
    policy: SamlPolicy,
    expected_request_id: str | None,
    authenticated_since: datetime | None = None,
    now: datetime,
) -> Diagnosis:
    """The result of every check on this answer: the very list that `read_response` runs. Raises no `Refusal`."""
    case = Case(
        form_value=form_value,
        service_provider=service_provider,
        identity_provider=identity_provider,
        policy=policy,
        expected_request_id=expected_request_id,
        authenticated_since=authenticated_since,
        now=now,
    )
    results = examine(CHECKS, case)
    is_verified = case.content is not None
    return Diagnosis(
        results=results,
        assertion=_assertion(case) if case.content is not None and case.content.name_id is not None else None,
        unverified=None if is_verified else _unverified(case.document),
    )


def _assertion(case: Case) -> Assertion:
    content = content_of(case)
    if content.name_id is None:
        raise RuntimeError("the subject has not been checked")
    signer = _signer(case)
    statement = next(iter(content.authn_statements), _NO_STATEMENT)
    return Assertion(
        issuer=content.issuer,
        id=content.id,
        name_id=content.name_id,
        attributes=content.attributes,
        session_index=statement.session_index,
        session_not_on_or_after=session_end(content.authn_statements),
        authn_instant=statement.authn_instant,
        authn_context=statement.context,
        not_on_or_after=_last_moment(case),
        in_response_to=(case.confirmation.in_response_to or None) if case.confirmation else None,
        signed_by=signer.fingerprint,
        response_signed=case.signed_response is not None,
        assertion_signed=case.signed_assertion is not None,
    )


def _signer(case: Case) -> SignedElement:
    signed = case.signed_assertion or case.signed_response
    if signed is None:
        raise RuntimeError("the signatures have not been checked")
    return signed


def _last_moment(case: Case) -> datetime:
    """The end of the longest bearer confirmation, or of the conditions where these end sooner."""
    content = content_of(case)
    ends = [each.not_on_or_after for each in content.confirmations if each.method == BEARER and each.not_on_or_after]
    last = max(ends, default=case.now)
    if content.not_on_or_after is not None:
        last = min(last, content.not_on_or_after)
    return last + timedelta(seconds=case.policy.clock_skew_seconds)


def _unverified(document: bytes) -> UnverifiedContent | None:
    """What was sent, read as far as it can be read, from a tree of its own."""
    root = parse_for_display(document)
    assertion = None if root is None else root.find(_ASSERTION)
    if root is None or assertion is None:
        return None
    issuer = assertion.find(_ISSUER)
    try:
        return UnverifiedContent(
            issuer="" if issuer is None else text_of(issuer),
            name_id=read_name_id(assertion),
            attributes=read_attributes(assertion),
        )
    except Refusal:
        return None
