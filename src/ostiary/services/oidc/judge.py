"""Judges a test's answer: every step of a sign-in as a line of the report, and what a sign-in with it would do."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from ostiary.domain.admission import Admission, Confirm, Create, Link, SignIn, admit, rules_of
from ostiary.domain.attempt import TimelineEvent
from ostiary.domain.connection import Revision
from ostiary.domain.connection_report import (
    CheckLine,
    ReceivedIdentity,
    Result,
    TestReport,
    WouldHappen,
    check_line,
    finding_line,
)
from ostiary.domain.errors import DomainNotVerified
from ostiary.domain.identity import Reading
from ostiary.domain.openid.claims import claims_received
from ostiary.domain.openid.findings import SignOutReturns, doubt_of, unread_userinfo, with_received
from ostiary.domain.openid.identity import from_oidc
from ostiary.kernel.errors import Finding, Refusal
from ostiary.kernel.report import Refused as RefusedCheck
from ostiary.oidc import relying_party as rp
from ostiary.oidc.encryption import is_encrypted
from ostiary.oidc.errors import KeyUnknown, SignatureMismatch
from ostiary.oidc.json_text import JsonValue
from ostiary.services.complete_login import know
from ostiary.services.oidc.exchange import Exchange, Talk, Told
from ostiary.services.oidc.steps import Call
from ostiary.services.refusal_record import Arrival
from ostiary.services.saml.evidence import GROUPS_SHOWN
from ostiary.storage import StorageRefusal, Store

PROVIDER = "oidc_provider"
REQUEST = "oidc_request"
ANSWER = "oidc_answer"
CODE = "oidc_code"
ENCRYPTION = "oidc_encryption"
SIGNATURE = "oidc_signature"
USERINFO = "oidc_userinfo"
EMAIL, NAMES, GROUPS, DOMAIN, ACCOUNT = "email", "names", "groups", "domain", "account"
CHECKS: Final = tuple(f"oidc_{check.name.replace(' ', '_')}" for check in rp.CHECKS)
SEEN: Final = 200
_T = TypeVar("_T")


@dataclass(slots=True, kw_only=True)
class _Lines:
    """The lines of a report, in order. What comes after a refusal is not run because of it."""

    lines: list[CheckLine]
    blocker: str = ""

    def run(
        self,
        name: str,
        step: Callable[[], _T],
        *,
        seen: Callable[[_T], str] = lambda _: "",
        passes: Callable[[_T], Result] = lambda _: Result.PASSED,
    ) -> _T | None:
        """The step's result; None where it refused, or was not run."""
        if self.blocker:
            self.lines.append(CheckLine(name=name, result=Result.NOT_RUN, because_of=self.blocker, facts={}))
            return None
        try:
            found = step()
        except StorageRefusal:
            raise
        except Refusal as refusal:
            facts = refusal.facts()
            self.lines.append(CheckLine(name=name, result=Result.REFUSED, code=refusal.code, facts=facts))
            self.blocker = name
            return None
        self.lines.append(CheckLine(name=name, result=passes(found), seen=seen(found), facts={}))
        return found

    def skip(self, names: Iterable[str]) -> None:
        """Note that these were not run."""
        because_of = self.blocker
        self.lines.extend(CheckLine(name=n, result=Result.NOT_RUN, because_of=because_of, facts={}) for n in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcJudge:
    """Writes the report of a test. It makes no account and no session."""

    store: Store
    exchange: Exchange

    def judge(self, talk: Talk, *, arrival: Arrival, revision: Revision) -> TestReport:
        """The report of this answer, by the settings of this revision. OUT: the provider is asked as at a sign-in."""
        lines = _Lines(lines=[])
        lines.run(PROVIDER, lambda: talk.known.metadata.issuer, seen=str)
        code = lines.run(ANSWER, lambda: self.exchange.code(talk))
        tokens = lines.run(CODE, lambda: self.exchange.tokens(talk, _there(code)), seen=lambda _: _method(talk))
        tokens = self._opened(talk, tokens, lines)
        diagnosis = self._diagnosed(talk, tokens, lines)
        verified = diagnosis.claims if diagnosis else None
        claims: Mapping[str, JsonValue] = diagnosis.unverified_claims if diagnosis else {}
        if verified is not None and tokens is not None:
            claims = verified.claims
            if self.exchange.asks_userinfo(talk, tokens, verified):
                told = lines.run(USERINFO, lambda: self.exchange.told(talk, tokens, verified), seen=_added)
                claims = told.claims if told else claims
        reading, would = self._person(talk, verified, claims, arrival=arrival, revision=revision, lines=lines)
        received = claims_received(verified.claims if verified else claims, talk.story.userinfo, settings=talk.settings)
        return TestReport(
            checks=tuple(lines.lines),
            is_verified=any(line.name == SIGNATURE and line.result is Result.PASSED for line in lines.lines),
            name_id=str(claims.get("sub", ""))[:255],
            name_id_format="",
            attributes=received,
            findings=tuple(
                finding_line(finding) for finding in _findings(talk, verified, claims, reading=reading, would=would)
            ),
            would=would,
            identity=_identity(reading),
            size=len(talk.story.message()),
            signed_by=verified.key_name if verified else "",
        )

    def _opened(self, talk: Talk, tokens: rp.UnverifiedTokens | None, lines: _Lines) -> rp.UnverifiedTokens | None:
        """The tokens, opened. A line tells of it only where the token is encrypted, or should be."""
        if tokens is None or not (talk.settings.wants_encryption or is_encrypted(tokens.id_token)):
            return tokens
        return lines.run(ENCRYPTION, lambda: self.exchange.opened(talk, tokens), seen=lambda _: _how_opened(talk))

    def _diagnosed(self, talk: Talk, tokens: rp.UnverifiedTokens | None, lines: _Lines) -> rp.Diagnosis | None:
        """Every check of the ID token; with the provider's keys of now where the signature fits none of the kept."""
        if tokens is None:
            lines.skip(CHECKS)
            return None
        diagnosis = rp.diagnose_id_token(tokens.id_token, expected=self.exchange.expected(talk, tokens))
        refusal = _of_key(diagnosis)
        known = self.exchange.asked_again(talk, refusal) if refusal else None
        if known is not None:
            expected = self.exchange.expected(talk, tokens, known=known)
            diagnosis = rp.diagnose_id_token(tokens.id_token, expected=expected)
        for result in diagnosis.results:
            line = check_line(result)
            because_of = _named(line.because_of) if line.because_of else ""
            lines.lines.append(replace(line, name=_named(line.name), because_of=because_of))
            if line.result is Result.REFUSED and not lines.blocker:
                lines.blocker = _named(line.name)
        return diagnosis

    def _person(
        self,
        talk: Talk,
        verified: rp.VerifiedClaims | None,
        claims: Mapping[str, JsonValue],
        *,
        arrival: Arrival,
        revision: Revision,
        lines: _Lines,
    ) -> tuple[Reading | None, WouldHappen | None]:
        reads_groups = bool(talk.settings.claims.groups)
        rest = (NAMES, *((GROUPS,) if reads_groups else ()), DOMAIN, ACCOUNT)
        if verified is None:
            lines.skip((EMAIL, *rest))
            return None, None
        reading = lines.run(
            EMAIL,
            lambda: from_oidc(verified, claims=claims, settings=talk.settings),
            seen=lambda found: found.identity.address,
        )
        if reading is None:
            lines.skip(rest)
            return None, None
        lines.run(NAMES, lambda: reading, seen=_names_seen, passes=_names_result)
        if reads_groups:
            lines.run(GROUPS, lambda: reading, seen=_groups_seen)
        return reading, self._admitted(reading, claims, arrival=arrival, revision=revision, lines=lines)

    def _admitted(
        self, reading: Reading, claims: Mapping[str, JsonValue], *, arrival: Arrival, revision: Revision, lines: _Lines
    ) -> WouldHappen | None:
        identity = reading.identity
        with self.store.read() as tx:
            known = know(tx, identity, connection=arrival.connection, organization=arrival.organization)
        try:
            admission: Admission | None = admit(identity, known=known, rules=rules_of(revision.settings))
            refusal: Refusal | None = None
        except Refusal as refused:
            admission, refusal = None, with_received(refused, claims)
        domain = identity.address.rpartition("@")[2]
        if isinstance(refusal, DomainNotVerified):
            lines.run(DOMAIN, lambda: _raise(refusal))
            lines.skip((ACCOUNT,))
            return None
        lines.run(DOMAIN, lambda: domain, seen=str)
        would = _would(reading, admission, refusal)
        lines.run(ACCOUNT, lambda: _raise(refusal) if refusal else would, seen=lambda _: would.account)
        return would


def _there(found: _T | None) -> _T:
    if found is None:
        raise RuntimeError("a step ran after one that had refused")
    return found


def _raise(refusal: Refusal) -> WouldHappen:
    raise refusal


def _of_key(diagnosis: rp.Diagnosis) -> KeyUnknown | SignatureMismatch | None:
    for result in diagnosis.results:
        if isinstance(result, RefusedCheck) and isinstance(result.refusal, KeyUnknown | SignatureMismatch):
            return result.refusal
    return None


def _named(check: str) -> str:
    return f"oidc_{check.replace(' ', '_')}"


def _would(reading: Reading, admission: Admission | None, refusal: Refusal | None) -> WouldHappen:
    email, name = reading.identity.address, reading.identity.name
    match admission:
        case SignIn(account):
            return WouldHappen(kind="sign_in", account=account.name, email=email, role=account.role, facts={})
        case Link(account):
            return WouldHappen(kind="link", account=account.name, email=email, role=account.role, facts={})
        case Confirm(account):
            return WouldHappen(kind="confirm", account=account.name, email=email, role=account.role, facts={})
        case Create(role, _):
            return WouldHappen(kind="create", account=name, email=email, role=role, facts={})
        case None:
            code, facts = (refusal.code, refusal.facts()) if refusal else ("", {})
            return WouldHappen(kind="refused", account=name, email=email, role="", code=code, facts=facts)


def of_refusal(refusal: Refusal, *, events: tuple[TimelineEvent, ...]) -> TestReport:
    """The report where the provider could not be asked, or did not take the request: nothing else was run."""
    is_pushed = any(event.kind == Call.PUSHED for event in events)
    lines = _Lines(lines=[])
    if is_pushed:
        lines.run(PROVIDER, lambda: "")
    lines.run(REQUEST if is_pushed else PROVIDER, lambda: _raise(refusal))
    lines.skip((ANSWER, CODE, *CHECKS, EMAIL, NAMES, DOMAIN, ACCOUNT))
    return TestReport(
        checks=tuple(lines.lines),
        is_verified=False,
        name_id="",
        name_id_format="",
        attributes=(),
        findings=(),
        would=None,
        identity=None,
        size=0,
    )


def _findings(
    talk: Talk,
    verified: rp.VerifiedClaims | None,
    claims: Mapping[str, JsonValue],
    *,
    reading: Reading | None,
    would: WouldHappen | None,
) -> tuple[Finding, ...]:
    """What is worth a look. That the address is not vouched for is told only where somebody is asked for proof."""
    if verified is None or reading is None:
        return ()
    unread = unread_userinfo(
        reading, settings=talk.settings, was_asked=bool(talk.story.userinfo), can_ask=bool(_userinfo(talk))
    )
    doubt = doubt_of(reading, claims, settings=talk.settings) if would and would.kind == "confirm" else None
    # Once: by the first test that a connection passes. Whether the address was registered can't be seen from here.
    is_first = talk.connection.serving is None
    returns = SignOutReturns() if is_first and talk.known.metadata.end_session_endpoint else None
    return (*reading.findings, *(each for each in (unread, doubt, returns) if each is not None))


def _userinfo(talk: Talk) -> str:
    return talk.known.metadata.userinfo_endpoint


def _identity(reading: Reading | None) -> ReceivedIdentity | None:
    if reading is None:
        return None
    identity = reading.identity
    return ReceivedIdentity(issuer=identity.issuer, subject=identity.subject, email=identity.address)


def _method(talk: Talk) -> str:
    """How we proved to be the client, at the last try."""
    told = [event.facts.get("method", "") for event in talk.story.steps.events if event.kind == Call.TOKENS]
    return str(told[-1]) if told else ""


def _how_opened(talk: Talk) -> str:
    found = talk.story.opened
    return f"{found.algorithm}, {found.content}, {found.key_name}" if found else ""


def _added(told: Told) -> str:
    return ", ".join(name for name in told.claims if name not in told.verified.claims)[:SEEN]


def _names_seen(reading: Reading) -> str:
    pairs = (
        (reading.names.first_name, reading.identity.first_name),
        (reading.names.last_name, reading.identity.last_name),
    )
    return ", ".join(name for name, value in pairs if value)


def _names_result(reading: Reading) -> Result:
    return Result.PASSED if reading.has_both_names else Result.NOTED


def _groups_seen(reading: Reading) -> str:
    groups = reading.identity.groups
    more = len(groups) - GROUPS_SHOWN
    return ", ".join(groups[:GROUPS_SHOWN]) + (f" and {more} more" if more > 0 else "")
