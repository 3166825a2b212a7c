"""The settings of an OpenID Connect connection, as they stand in a revision's row."""

import json
from collections.abc import Callable, Mapping
from typing import Final

from ostiary.domain.account import Role
from ostiary.domain.openid.settings import (
    Authentication,
    ClaimNames,
    LinkPolicy,
    OidcSettings,
    SubjectClaim,
    UserinfoUse,
)
from ostiary.oidc.client_auth import AssertionAudience
from ostiary.oidc.relying_party.config import ResponseMode
from ostiary.oidc.relying_party.userinfo import Method

_WORDS: Final[Mapping[str, Callable[[str], object]]] = {
    "authentication": Authentication,
    "assertion_audience": AssertionAudience,
    "userinfo_method": Method,
    "userinfo_use": UserinfoUse,
    "response_mode": ResponseMode,
    "subject_claim": SubjectClaim,
    "default_role": Role,
    "link_policy": LinkPolicy,
}
_LISTS: Final = ("scopes", "algorithms", "tenants", "acr_values")


def read_oidc_settings(text: str) -> OidcSettings:
    """The settings. Fields that this version does not know are left out; those that it misses are the defaults."""
    stored = json.loads(text)
    known = {name: value for name, value in stored.items() if name in OidcSettings.__dataclass_fields__}
    for name, kind in _WORDS.items():
        if name in known:
            known[name] = kind(known[name])
    for name in _LISTS:
        if name in known:
            known[name] = tuple(known[name])
    if known.get("hosted_domains") is not None:
        known["hosted_domains"] = tuple(known["hosted_domains"])
    known["extra"] = tuple((name, value) for name, value in known.get("extra", ()))
    names = known.get("claims", {})
    known["claims"] = ClaimNames(**{n: v for n, v in names.items() if n in ClaimNames.__dataclass_fields__})
    return OidcSettings(**known)
