"""Reads the whole form. Every value that needs a change is found at once, so that an admin is told once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from ostiary.domain import checkup
from ostiary.domain.account import Role
from ostiary.domain.checkup import Correction, FieldProblem
from ostiary.domain.connection import Connection
from ostiary.domain.errors import ValueMissing, ValueTooLong
from ostiary.domain.openid import checkup as openid
from ostiary.domain.openid.form_errors import SecretLost, SecretNeededAnew, ValuesSwapped
from ostiary.domain.openid.settings import (
    Authentication,
    ClaimNames,
    ClientSecret,
    LinkPolicy,
    OidcSettings,
    SubjectClaim,
    UserinfoUse,
)
from ostiary.kernel.errors import Refusal
from ostiary.kernel.http import Fetch
from ostiary.oidc.client_auth import AssertionAudience
from ostiary.oidc.relying_party import ALGORITHMS, Method, ResponseMode
from ostiary.services.connection_form.openid.issuer import FoundIssuer, IssuerSearch
from ostiary.services.connection_form.openid.save_openid import SaveOpenId

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_LONGEST_NAME: Final = 255
PROMPTS: Final = ("", "login", "select_account", "consent")
"""Not `none`: nobody could ever sign in who is not signed in at the provider already."""
_WITHOUT_SECRET: Final = (Authentication.PRIVATE_KEY_JWT, Authentication.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecret:
    """A secret that was typed, and when it ends."""

    value: str = field(repr=False)
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOpenId:
    """The settings, the new secret if there is one, and what was put right to get there."""

    settings: OidcSettings
    secret: NewSecret | None
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIdForm:
    """Reads the form. Looks the discovery document up, so it runs on OUT."""

    fetch: Fetch

    def read(
        self, form: SaveOpenId, *, connection: Connection, secrets: Sequence[ClientSecret], now: datetime
    ) -> ReadOpenId | tuple[FieldProblem, ...]:
        """The settings, or every value that needs a change. `secrets`: those that are saved."""
        reading = _Reading(form=form, provider=connection.provider, now=now)
        settings = reading.settings()
        found = reading.take("discovery_url", lambda: self._found(form, connection), None) if reading.may_ask else None
        secret = reading.secret(found, secrets)
        if found is None or reading.problems:
            return reading.told()
        corrections = tuple(Correction("discovery_url", what) for what in found.corrections)
        return ReadOpenId(settings=replace(settings, issuer=found.issuer), secret=secret, corrections=corrections)

    def _found(self, form: SaveOpenId, connection: Connection) -> FoundIssuer:
        if not form.discovery_url:
            raise ValueMissing(field="discovery_url")
        tenants = tuple(form.tenants.split())
        return IssuerSearch(fetch=self.fetch, purpose=connection.id).found(
            form.discovery_url, tenants=tenants, is_entra=connection.provider == "entra"
        )


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One form while it is read: its problems come together here."""

    form: SaveOpenId
    provider: str
    now: datetime
    problems: list[FieldProblem] = field(default_factory=list)

    @property
    def may_ask(self) -> bool:
        """Whether the Discovery URL can be looked up: what belongs elsewhere is sent nowhere."""
        return not any(problem.field == "discovery_url" for problem in self.problems)

    def take(self, field_name: str, read: Callable[[], T], otherwise: T) -> T:
        """What `read` returns; `otherwise` after its refusal was added to the problems."""
        try:
            return read()
        except Refusal as refusal:
            self.problems.append(FieldProblem(field_name, refusal))
            return otherwise

    def told(self) -> tuple[FieldProblem, ...]:
        """The problems. A secret that was right is lost with the page, which is said as well."""
        told = tuple(self.problems)
        if self.form.client_secret and not any(problem.field == "client_secret" for problem in told):
            return (*told, FieldProblem("client_secret", SecretLost()))
        return told

    def settings(self) -> OidcSettings:
        """Everything but the issuer. Where something could not be read, it is nothing to be saved."""
        form, names = self.form, self._names()
        return OidcSettings(
            issuer="",
            client_id=self._client_id(),
            authentication=_one_of(Authentication, form.authentication, Authentication.AUTO),
            assertion_audience=_one_of(AssertionAudience, form.assertion_audience, AssertionAudience.ISSUER),
            userinfo_method=_one_of(Method, form.userinfo_method, Method.GET),
            userinfo_use=_one_of(UserinfoUse, form.userinfo_use, UserinfoUse.AUTO),
            response_mode=_one_of(ResponseMode, form.response_mode, ResponseMode.QUERY),
            scopes=self.take("scopes", lambda: openid.read_scopes(form.scopes), ()),
            algorithms=self.take("algorithms", self._algorithms, ()),
            wants_encryption=form.wants_encryption,
            claims=names,
            subject_claim=_one_of(SubjectClaim, form.subject_claim, SubjectClaim.SUB),
            tenants=self.take("tenants", lambda: openid.read_tenants(form.tenants), ()),
            hosted_domains=self.take("hosted_domains", lambda: openid.read_hosted_domains(form.hosted_domains), None),
            prompt=form.prompt if form.prompt in PROMPTS else "",
            max_age=self.take("max_age", lambda: openid.read_max_age(form.max_age), None),
            acr_values=self.take("acr_values", lambda: openid.read_words(form.acr_values, field="acr_values"), ()),
            extra=self.take("extra", lambda: openid.read_extra(form.extra), ()),
            default_role=self.take("default_role", lambda: checkup.read_default_role(form.default_role), Role.MEMBER),
            creates_accounts=form.creates_accounts,
            is_authoritative=form.is_authoritative,
            link_policy=_one_of(LinkPolicy, form.link_policy, LinkPolicy.VERIFIED_DOMAIN),
        )

    def secret(self, found: FoundIssuer | None, saved: Sequence[ClientSecret]) -> NewSecret | None:
        """The new secret; None where none was typed and none is needed."""
        form = self.form
        if form.client_secret:
            if any(problem.field == "client_secret" for problem in self.problems):
                return None
            return self.take("client_secret", self._typed_secret, None)
        is_needed = form.authentication not in {way.value for way in _WITHOUT_SECRET}
        if not is_needed or found is None or any(each.issuer in {"", found.issuer} for each in saved):
            return None
        refusal = SecretNeededAnew(saved_for=saved[0].issuer, issuer=found.issuer) if saved else None
        self.problems.append(FieldProblem("client_secret", refusal or ValueMissing(field="client_secret")))
        return None

    def _typed_secret(self) -> NewSecret | None:
        form = self.form
        value = openid.read_secret(form.client_secret, client_id=form.client_id, provider=self.provider)
        expires_at = self.take("secret_expires", lambda: openid.read_expiry(form.secret_expires, now=self.now), None)
        return NewSecret(value=value, expires_at=expires_at)

    def _client_id(self) -> str:
        other = self._exchanged_with()
        if not other:
            return self.take(
                "client_id", lambda: openid.read_client_id(self.form.client_id, provider=self.provider), ""
            )
        # Both fields are told: whoever corrects one of them alone makes it worse.
        self.problems += [
            FieldProblem("client_id", ValuesSwapped(field="client_id", other=other)),
            FieldProblem(other, ValuesSwapped(field=other, other="client_id")),
        ]
        return ""

    def _exchanged_with(self) -> str:
        """The field whose value the Client ID seems to be, while it holds that of the Client ID."""
        form, provider = self.form, self.provider
        client_id, secret, url = form.client_id, form.client_secret, form.discovery_url
        if openid.is_url(client_id) and url and not openid.is_url(url) and "." not in url:
            return "discovery_url"
        if client_id and secret:
            id_there = openid.is_client_id(secret, provider=provider)
            id_here = openid.is_client_id(client_id, provider=provider)
            secret_here = openid.is_secret(client_id, provider=provider)
            secret_there = openid.is_secret(secret, provider=provider)
            if (id_there and not id_here) or (secret_here and not secret_there):
                return "client_secret"
        return ""

    def _names(self) -> ClaimNames:
        names = self.form.claims
        for name, is_needed in (("email", True), ("first_name", True), ("last_name", True), ("groups", False)):
            value: str = getattr(names, name)
            where = f"claim_{name}"
            if is_needed and not value:
                self.problems.append(FieldProblem(where, ValueMissing(field=where)))
            elif len(value) > _LONGEST_NAME:
                self.problems.append(FieldProblem(where, ValueTooLong(field=where, limit=_LONGEST_NAME)))
        return names

    def _algorithms(self) -> tuple[str, ...]:
        chosen = tuple(each for each in ALGORITHMS if each in self.form.algorithms)
        if not chosen:
            raise ValueMissing(field="algorithms")
        return chosen


def _one_of(kind: type[E], text: str, otherwise: E) -> E:
    """The member that was chosen from a list. What is in no list was typed by nobody: the usual one then."""
    return kind(text) if text in set(kind) else otherwise
