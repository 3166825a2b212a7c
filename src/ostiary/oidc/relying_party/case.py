"""One token under judgement: what it is held against, and what has been read of it so far."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from ostiary.oidc import jose
from ostiary.oidc.errors import ClaimMalformed, ClaimMissing
from ostiary.oidc.json_text import JsonObject, JsonValue
from ostiary.oidc.keys import KeySet
from ostiary.oidc.relying_party.config import Client, Provider
from ostiary.oidc.relying_party.discovery import TEMPLATE_TENANT, ProviderMetadata

LATEST_DATE: Final = 253402300799
"""The last second of the year 9999: what a datetime can hold."""
_GUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What one token is held against."""

    client: Client
    provider: Provider
    metadata: ProviderMetadata
    keys: KeySet
    nonce: str | None
    """None only where none was sent: for a refreshed token."""
    access_token: str = ""
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()
    subject: str = ""
    """Whom a refreshed token has to speak of; empty at a sign-in."""
    now: datetime

    @property
    def seconds(self) -> float:
        """The present moment as a NumericDate."""
        return self.now.timestamp()


@dataclass(slots=True, kw_only=True)
class Case:
    """A token under judgement. The first checks fill in the lower half."""

    token: str
    expected: Expected
    parts: jose.UnverifiedToken | None = field(default=None, init=False)
    verified: jose.Verified | None = field(default=None, init=False)


def parts_of(case: Case) -> jose.UnverifiedToken:
    """What `form` has read."""
    if case.parts is None:
        raise RuntimeError("the token has not been taken apart")
    return case.parts


def verified_of(case: Case) -> jose.Verified:
    """What `signature` has verified."""
    if case.verified is None:
        raise RuntimeError("the signature has not been verified")
    return case.verified


def claims_of(case: Case) -> JsonObject:
    """What the token says, after its signature was verified."""
    return verified_of(case).claims


def present(case: Case, claim: str) -> JsonValue:
    """A claim that has to be there. Raises: `ClaimMissing`."""
    claims = claims_of(case)
    if claim not in claims:
        raise ClaimMissing(claim=claim, received=tuple(claims))
    return claims[claim]


def text(case: Case, claim: str) -> str:
    """A claim that has to be a text. Raises: `ClaimMissing`, `ClaimMalformed`."""
    value = present(case, claim)
    if not isinstance(value, str):
        raise ClaimMalformed(claim=claim, expected="text", received=kind_of(value))
    return value


def date(case: Case, claim: str) -> float:
    """A NumericDate, in seconds. A truth value is none, though Python counts it as a number.

    Raises: `ClaimMissing`, `ClaimMalformed`.
    """
    value = present(case, claim)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LATEST_DATE:
        raise ClaimMalformed(claim=claim, expected="a number of seconds", received=kind_of(value))
    return float(value)


def moment(seconds: float) -> datetime:
    """The moment of a NumericDate."""
    return datetime.fromtimestamp(seconds, UTC)


def kind_of(value: JsonValue) -> str:
    """What it is, in a word of JSON, and its beginning."""
    names = {bool: "true or false", int: "number", float: "number", list: "list", dict: "object", str: "text"}
    return f"{names.get(type(value), 'null')}: {str(value)[:60]}"


def for_tenant(template: str, case: Case) -> str:
    """The template with the token's tenant in its place. A tenant is a GUID, or it would bring its own slashes."""
    received = text(case, "tid")
    if not _GUID.fullmatch(received):
        raise ClaimMalformed(claim="tid", expected="a tenant id", received=received[:60])
    return template.replace(TEMPLATE_TENANT, received)
