"""The report of a connection test in words: its groups, and for each check a title and what was seen."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ostiary.domain.connection_report import CheckLine, Result
from ostiary.guides import ConnectionValues, Guide, guides
from ostiary.guides.rich_text import fill
from ostiary.problems.explain import Reader, explain

TITLES: Final = {
    "could_be_read": "Could be read",
    "destination": "Sent to our ACS URL (Destination)",
    "status": "{Idp} reports success (Status)",
    "one_assertion": "Exactly one assertion",
    "response_signature": "Response signed by a known key",
    "assertion_signature": "Assertion signed by a known key",
    "contents": "Signed contents could be read",
    "issuer": "Issuer",
    "subject": "Names a person (NameID)",
    "conditions": "No unknown conditions",
    "audience": "Audience",
    "bearer": "Bearer confirmation",
    "recipient": "Recipient",
    "request": "Answers our request (InResponseTo)",
    "window": "Inside its time window",
    "session": "Session in {idp} goes on",
    "not_replayed": "Not used before",
    "email": "Email received",
    "names": "First and last name",
    "groups": "Groups",
    "domain": "Email in a verified domain",
    "account": "Account and role",
}
"""Every check by its name in the code."""

GROUPS: Final = (
    ("The message", ("could_be_read", "destination", "status", "one_assertion")),
    ("The signature", ("response_signature", "assertion_signature")),
    (
        "Addressed to this connection",
        ("contents", "issuer", "subject", "conditions", "audience", "bearer", "recipient", "request"),
    ),
    ("Time", ("window", "session", "not_replayed")),
    ("The person", ("email", "names", "groups", "domain", "account")),
)
"""The groups in the order in which a reader meets them."""

OPENID_TITLES: Final = {
    "oidc_provider": "Configuration and keys of {idp}",
    "oidc_request": "Request taken in advance",
    "oidc_answer": "Came back with a code",
    "oidc_code": "Client ID, Client Secret and code taken",
    "oidc_encryption": "Encrypted to a key of ours, and opened",
    "oidc_form": "ID token could be read",
    "oidc_kind": "Is an ID token",
    "oidc_algorithm": "Signed by an algorithm that is taken",
    "oidc_signature": "Signed by a key of {idp}",
    "oidc_issuer": "Issuer",
    "oidc_tenant": "Tenant or Workspace",
    "oidc_audience": "Made for our Client ID (Audience)",
    "oidc_authorized_party": "Authorized party",
    "oidc_subject": "Names a person (sub)",
    "oidc_expiry": "Not expired",
    "oidc_issued_at": "Issued just now",
    "oidc_not_before": "Counts already",
    "oidc_nonce": "Answers our request (nonce)",
    "oidc_authentication_time": "Signed in recently enough",
    "oidc_authentication_class": "Signed in strongly enough",
    "oidc_access_token": "Belongs to its access token",
    "oidc_userinfo": "UserInfo answered",
}
"""Every check of OpenID Connect by its name in the code. Those of the person are the same for both protocols."""

OPENID_GROUPS: Final = (
    ("The way there and back", ("oidc_provider", "oidc_request", "oidc_answer", "oidc_code")),
    ("The signature", ("oidc_encryption", "oidc_form", "oidc_kind", "oidc_algorithm", "oidc_signature")),
    (
        "Addressed to this connection",
        ("oidc_issuer", "oidc_tenant", "oidc_audience", "oidc_authorized_party", "oidc_subject", "oidc_nonce"),
    ),
    (
        "Time",
        (
            "oidc_expiry",
            "oidc_issued_at",
            "oidc_not_before",
            "oidc_authentication_time",
            "oidc_authentication_class",
            "oidc_access_token",
        ),
    ),
    ("The person", ("oidc_userinfo", "email", "names", "groups", "domain", "account")),
)

_FINGERPRINT = re.compile(r"((?:[0-9A-F]{2}:){3}[0-9A-F]{2}):[0-9A-F:]+")
"""A fingerprint is recognised by its first four bytes; the whole one stands with the certificate."""
_OTHER = "Other checks"
_NOTHING: Final = {
    "names": "Not received. Nobody is refused for it",
    "groups": "None received. Nobody is refused for it",
    "conditions": "None",
    "not_replayed": "First use",
    "oidc_tenant": "None is asked for",
    "oidc_not_before": "Not sent",
    "oidc_access_token": "Not sent",
    "oidc_authorized_party": "Not sent",
    "oidc_authentication_time": "No limit is set",
    "oidc_authentication_class": "No class is asked for",
}
_NOT_USED_UP = "Not run: a refused answer is not used up"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """One check in words."""

    name: str
    title: str
    result: Result
    seen: str
    """What was seen; for a refused check how it differs; for one that was not run, because of which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportGroup:
    """A group of checks, with its title."""

    title: str
    lines: tuple[ReportLine, ...]


def report(checks: Sequence[CheckLine], *, guide: Guide | None, values: ConnectionValues) -> tuple[ReportGroup, ...]:
    """The checks of a test, in groups and in words. A check that this version has no words for comes last."""
    of_guide = guide or guides()[-1]
    lines = {line.name: _line(line, guide=of_guide, values=values) for line in checks}
    groups = [
        ReportGroup(title=title, lines=tuple(lines.pop(name) for name in names if name in lines))
        for title, names in (OPENID_GROUPS if any(name in OPENID_TITLES for name in lines) else GROUPS)
    ]
    if lines:
        groups.append(ReportGroup(title=_OTHER, lines=tuple(lines.values())))
    return tuple(group for group in groups if group.lines)


def counts(checks: Sequence[CheckLine]) -> str:
    """How many ended how: "14 passed, 1 worth a look, 1 refused, 2 not run"."""
    words = (
        (Result.PASSED, "passed"),
        (Result.NOTED, "worth a look"),
        (Result.REFUSED, "refused"),
        (Result.NOT_RUN, "not run"),
    )
    found = [(sum(line.result is result for line in checks), word) for result, word in words]
    return ", ".join(f"{count} {word}" for count, word in found if count)


def title(name: str, *, guide: Guide) -> str:
    """The title of the check of this name, with the provider's name in it."""
    return fill((TITLES | OPENID_TITLES).get(name, name.replace("_", " ").capitalize()), guide.values())


def shortened(text: str) -> str:
    """The text with each fingerprint cut to its first four bytes."""
    return _FINGERPRINT.sub(r"\1…", text)


def _line(line: CheckLine, *, guide: Guide, values: ConnectionValues) -> ReportLine:
    seen = shortened(line.seen)
    if line.name in _NOTHING and line.result in {Result.PASSED, Result.NOTED} and not seen:
        seen = _NOTHING[line.name]
    elif line.result is Result.NOTED:
        seen = f"Only {seen}. Nobody is refused for it"
    if line.result is Result.REFUSED:
        seen = explain(line.code, line.facts, guide=guide, values=values, reader=Reader.TESTER).short
    elif line.result is Result.NOT_RUN:
        seen = _NOT_USED_UP if line.name == "not_replayed" else f"Not run: needs {title(line.because_of, guide=guide)}"
    return ReportLine(name=line.name, title=title(line.name, guide=guide), result=line.result, seen=seen)
