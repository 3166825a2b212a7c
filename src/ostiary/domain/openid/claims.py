"""The claims that arrived, as a report shows them: from where, and what each is used for."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from ostiary.domain.connection_report import AttributeLine
from ostiary.domain.openid.settings import OidcSettings, SubjectClaim
from ostiary.oidc.json_text import JsonValue
from ostiary.oidc.relying_party.case import LATEST_DATE

_CHECKED: Final = frozenset(
    ("iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "auth_time", "acr", "at_hash", "hd", "tid", "acct")
)
"""Claims that are held against something, or decide how far the address is believed."""
_DATES: Final = frozenset(("exp", "iat", "nbf", "auth_time", "updated_at"))
_VOUCHING: Final = frozenset(("email_verified", "xms_edov"))
_MOST: Final = 80
_LONGEST: Final = 1000


def claims_received(
    id_token: Mapping[str, JsonValue], userinfo: Mapping[str, JsonValue], *, settings: OidcSettings
) -> tuple[AttributeLine, ...]:
    """Every claim: first those that are read, last those that are only checked; UserInfo's where it says more."""
    used = _used(settings)
    lines = [
        _line(name, value, used, source="both" if userinfo.get(name) == value else "id_token")
        for name, value in id_token.items()
    ]
    for name, value in userinfo.items():
        if name not in id_token:
            lines.append(_line(name, value, used, source="userinfo"))
        elif id_token[name] != value:
            # It replaces nothing that was signed.
            lines.append(_line(name, value, {}, source="userinfo"))
    return tuple(sorted(lines, key=_rank)[:_MOST])


def _rank(line: AttributeLine) -> int:
    return 2 if line.used_for == "checked" else 0 if line.used_for else 1


def _line(name: str, value: JsonValue, used: Mapping[str, str], *, source: str) -> AttributeLine:
    values = (_moment(value),) if name in _DATES else _values(value)
    return AttributeLine(name=name[:_LONGEST], values=values, used_for=used.get(name, ""), source=source)


def _moment(value: JsonValue) -> str:
    """A date as a person reads it too."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LATEST_DATE:
        return _text(value)
    at = datetime.fromtimestamp(value, UTC)
    return f"{_text(value)} ({at.day} {at:%B %Y, %H:%M:%S} UTC)"


def _used(settings: OidcSettings) -> dict[str, str]:
    names = settings.claims
    read = {names.email: "email", names.first_name: "first_name", names.last_name: "last_name"}
    if names.groups:
        read[names.groups.partition(".")[0]] = "groups"
        read.setdefault(names.groups, "groups")
    checked = dict.fromkeys(_CHECKED | _VOUCHING, "checked")
    subject = {"oid": "subject"} if settings.subject_claim is SubjectClaim.OID else {}
    return {**checked, "sub": "subject" if not subject else "checked", **subject, **read}


def _values(value: JsonValue) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(_text(each) for each in value[:_MOST])
    return (_text(value),)


def _text(value: JsonValue) -> str:
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))[:_LONGEST]
