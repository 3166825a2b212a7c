"""What is looked at before the settings of an OpenID Connect connection are saved: mistakes that show by themselves.

The shapes are those of the vendors' own documentation. A shape only ever refuses where the right value can't have it.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from ostiary.domain.checkup import SOON
from ostiary.domain.connection import Connection, Protocol
from ostiary.domain.errors import ValueMissing, ValueTooLong
from ostiary.domain.openid.form_errors import (
    ClientIdIsSecret,
    EmailNotAsked,
    ProviderVouches,
    SecretExpired,
    SecretExpiresSoon,
    SecretIsClientId,
    SecretIsItsId,
    ValueIsUrl,
    ValueUnreadable,
)
from ostiary.domain.openid.settings import ClientSecret
from ostiary.domain.upkeep.expiry import days_until
from ostiary.kernel.errors import Finding
from ostiary.kernel.values import DomainName

LONGEST_CLIENT_ID: Final = 255
LONGEST_SECRET: Final = 2048
LONGEST_AGE: Final = 30 * 24 * 3600
ENTRA_LONGEST: Final = timedelta(days=731)
"""No secret of Microsoft Entra ID lasts longer: 24 months."""
_LONGEST_LIST: Final = 2048
_GUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_GOOGLE_ID: Final = re.compile(r"\d+-[a-z0-9]+\.apps\.googleusercontent\.com")
_OKTA_ID: Final = re.compile(r"0oa[A-Za-z0-9]{17}")
_GOOGLE_SECRET: Final = re.compile(r"GOCSPX-[A-Za-z0-9_-]{20,}")
_ENTRA_SECRET: Final = re.compile(r"[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,60}")
_OKTA_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{40}|[A-Za-z0-9_-]{64}")
_TOKEN: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
"""A scope, as RFC 6749 3.3 writes it."""
_NAME: Final = re.compile(r"[A-Za-z0-9_.~-]{1,64}")
OURS: Final = frozenset(
    {
        "client_id",
        "client_secret",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "prompt",
        "max_age",
        "acr_values",
        "login_hint",
        "request",
        "request_uri",
    }
)
"""Parameters of the request that have a field of their own, or are nobody's to choose."""


def is_client_id(text: str, *, provider: str) -> bool:
    """Whether this has the shape of a Client ID of this provider, where its Client IDs have one."""
    if provider == "entra":
        return _GUID.fullmatch(text) is not None
    return any(shape.fullmatch(text) for shape in (_GOOGLE_ID, _OKTA_ID))


def is_secret(text: str, *, provider: str) -> bool:
    """Whether this has the shape of a secret, and of no Client ID."""
    if provider == "okta":
        return _OKTA_SECRET.fullmatch(text) is not None
    return any(shape.fullmatch(text) for shape in (_GOOGLE_SECRET, _ENTRA_SECRET))


def is_url(text: str) -> bool:
    """Whether this is meant as a web address."""
    return text.lower().startswith(("https://", "http://"))


def read_client_id(text: str, *, provider: str) -> str:
    """The Client ID. Raises: `ValueMissing`, `ValueTooLong`, `ValueIsUrl`, `ClientIdIsSecret`."""
    if not text:
        raise ValueMissing(field="client_id")
    if is_url(text):
        raise ValueIsUrl(field="client_id")
    if is_secret(text, provider=provider):
        raise ClientIdIsSecret
    if len(text) > LONGEST_CLIENT_ID:
        raise ValueTooLong(field="client_id", limit=LONGEST_CLIENT_ID)
    return text


def read_secret(text: str, *, client_id: str, provider: str) -> str:
    """A new secret. Raises: `ValueTooLong`, `ValueIsUrl`, `SecretIsClientId`, `SecretIsItsId`."""
    if is_url(text):
        raise ValueIsUrl(field="client_secret")
    if len(text) > LONGEST_SECRET:
        raise ValueTooLong(field="client_secret", limit=LONGEST_SECRET)
    if text == client_id:
        raise SecretIsClientId
    if is_client_id(text, provider=provider):
        # At Entra both are GUIDs: the Secret ID stands right beside the Value.
        raise SecretIsItsId if provider == "entra" else SecretIsClientId
    return text


def read_expiry(text: str, *, now: datetime) -> datetime | None:
    """The end of the day that was typed, as 2027-03-03; None where none was.

    Raises: `ValueUnreadable`, `SecretExpired`.
    """
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueUnreadable(field="secret_expires", wanted="a_day", received=text[:40]) from None
    ends = datetime.combine(day, time(23, 59, 59), tzinfo=UTC)
    if ends <= now:
        raise SecretExpired(not_after=ends)
    return ends


def read_scopes(text: str) -> tuple[str, ...]:
    """The scopes, `openid` first. Raises: `ValueUnreadable`, `ValueTooLong`."""
    words = text.replace(",", " ").split()
    wrong = [word for word in words if not _TOKEN.fullmatch(word)]
    if wrong:
        raise ValueUnreadable(field="scopes", wanted="scopes", received=wrong[0][:80])
    _few(text, "scopes")
    return tuple(dict.fromkeys(("openid", *words)))


def read_words(text: str, *, field: str) -> tuple[str, ...]:
    """Words with spaces between, as acr_values. Raises: `ValueTooLong`."""
    _few(text, field)
    return tuple(dict.fromkeys(text.split()))


def read_tenants(text: str) -> tuple[str, ...]:
    """Tenant IDs in any case, which are GUIDs. Raises: `ValueUnreadable`, `ValueTooLong`."""
    _few(text, "tenants")
    words = text.replace(",", " ").split()
    for word in words:
        if not _GUID.fullmatch(word):
            raise ValueUnreadable(field="tenants", wanted="tenants", received=word[:80])
    return tuple(dict.fromkeys(word.lower() for word in words))


def read_hosted_domains(text: str) -> tuple[str, ...] | None:
    """Google Workspace domains; None where none was typed. Raises: `ValueUnreadable`, `ValueTooLong`."""
    _few(text, "hosted_domains")
    domains: list[str] = []
    for word in text.replace(",", " ").split():
        try:
            domains.append(str(DomainName.parse(word)))
        except ValueError:
            raise ValueUnreadable(field="hosted_domains", wanted="domains", received=word[:80]) from None
    return tuple(dict.fromkeys(domains)) or None


def read_max_age(text: str) -> int | None:
    """Seconds, at most 30 days; None where none was typed. Raises: `ValueUnreadable`."""
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(LONGEST_AGE)) or int(text) > LONGEST_AGE:
        raise ValueUnreadable(field="max_age", wanted="seconds", received=text[:40])
    return int(text)


def read_extra(text: str) -> tuple[tuple[str, str], ...]:
    """Further parameters, one in a line. Raises: `ValueUnreadable`, also for one that is ours; `ValueTooLong`."""
    _few(text, "extra")
    return tuple(_parameters(text))


def _parameters(text: str) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, is_pair, value = line.partition("=")
        if not is_pair or not _NAME.fullmatch(name.strip()):
            raise ValueUnreadable(field="extra", wanted="parameters", received=line[:80])
        if name.strip() in OURS:
            raise ValueUnreadable(field="extra", wanted="free_names", received=line[:80])
        if name.strip() in seen:
            raise ValueUnreadable(field="extra", wanted="names_once", received=line[:80])
        seen.add(name.strip())
        yield name.strip(), value.strip()


def _few(text: str, field: str) -> None:
    if len(text) > _LONGEST_LIST:
        raise ValueTooLong(field=field, limit=_LONGEST_LIST)


def findings(connection: Connection, secrets: Sequence[ClientSecret], now: datetime) -> tuple[Finding, ...]:
    """What is worth an admin's attention in settings that are saved, and in the secrets that go with them."""
    latest = connection.latest or connection.serving
    if latest is None or connection.protocol is not Protocol.OIDC:
        return ()
    # What ends is told of what people sign in with.
    issuer = (connection.serving or latest).oidc.issuer
    found: list[Finding] = list(secret_findings([each for each in secrets if each.issuer in {"", issuer}], now))
    settings = latest.oidc
    if settings.is_authoritative:
        found.append(ProviderVouches())
    # Other scopes than OpenID Connect's own may carry the address under a name of the provider's choice.
    if settings.claims.email == "email" and "email" not in settings.scopes:
        found.append(EmailNotAsked(scopes=settings.scopes))
    return tuple(found)


def secret_findings(secrets: Sequence[ClientSecret], now: datetime) -> tuple[SecretExpiresSoon, ...]:
    """That the last secret ends within 30 days, or has ended."""
    last = lasts_longest(secrets)
    if last is None or last.expires_at is None or last.expires_at - now > SOON:
        return ()
    return (SecretExpiresSoon(not_after=last.expires_at, days=days_until(last.expires_at, now)),)


def lasts_longest(secrets: Sequence[ClientSecret]) -> ClientSecret | None:
    """The secret by which sign-ins go on for longest, one whose end nobody knows before any other; None without any."""
    return max(secrets, key=lambda each: (each.expires_at is None, each.expires_at or each.created_at), default=None)
