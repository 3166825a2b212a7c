"""The form as a value, and what is put right in it without asking."""

from dataclasses import dataclass, field, replace
from typing import Final

from ostiary.domain.checkup import Correction
from ostiary.domain.openid.settings import (
    Authentication,
    ClaimNames,
    LinkPolicy,
    OidcSettings,
    SubjectClaim,
    UserinfoUse,
)
from ostiary.guides.openid_preset import OpenIdPreset
from ostiary.oidc.client_auth import AssertionAudience
from ostiary.oidc.relying_party import ALGORITHMS, Method, ResponseMode

_LINES: Final = ("client_id", "client_secret", "secret_expires", "max_age", "prompt")
_NAMES: Final = ("email", "first_name", "last_name", "groups")


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveOpenId:
    """What the form of an OpenID Connect connection holds, as it was typed or pasted."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    """A new one; empty keeps those that are saved."""
    secret_expires: str = ""
    """The day on which the new one ends, as 2027-03-03; empty where it is not known."""
    discovery_url: str = ""
    userinfo_method: str = Method.GET.value
    claims: ClaimNames = field(default_factory=ClaimNames)
    default_role: str = "member"
    creates_accounts: bool = False
    is_authoritative: bool = False
    link_policy: str = LinkPolicy.VERIFIED_DOMAIN.value
    authentication: str = Authentication.AUTO.value
    assertion_audience: str = AssertionAudience.ISSUER.value
    response_mode: str = ResponseMode.QUERY.value
    userinfo_use: str = UserinfoUse.AUTO.value
    scopes: str = "openid profile email"
    algorithms: tuple[str, ...] = ALGORITHMS
    wants_encryption: bool = False
    subject_claim: str = SubjectClaim.SUB.value
    tenants: str = ""
    hosted_domains: str = ""
    """Empty at Google: the organization's verified domains."""
    prompt: str = ""
    max_age: str = ""
    """Seconds."""
    acr_values: str = ""
    extra: str = ""
    """One parameter in a line, as name=value."""


def tidy(form: SaveOpenId) -> tuple[SaveOpenId, tuple[Correction, ...]]:
    """The form without white space around its values, and where there was some that matters.

    That of the Discovery URL is told by whoever reads it (`candidates_of`).
    """
    lines = {name: getattr(form, name).strip() for name in _LINES}
    names = {name: "".join(part.strip() for part in getattr(form.claims, name).split("\n")) for name in _NAMES}
    corrections = tuple(
        Correction(field=name, what="space_removed")
        for name in ("client_id", "client_secret")
        if getattr(form, name) != lines[name]
    )
    return replace(form, **lines, claims=ClaimNames(**names)), corrections


def form_of(settings: OidcSettings) -> SaveOpenId:
    """The form as these settings fill it. It holds no secret: none is ever shown again."""
    return SaveOpenId(
        client_id=settings.client_id,
        discovery_url=settings.issuer,
        userinfo_method=settings.userinfo_method.value,
        claims=settings.claims,
        default_role=settings.default_role.value,
        creates_accounts=settings.creates_accounts,
        is_authoritative=settings.is_authoritative,
        link_policy=settings.link_policy.value,
        authentication=settings.authentication.value,
        assertion_audience=settings.assertion_audience.value,
        response_mode=settings.response_mode.value,
        userinfo_use=settings.userinfo_use.value,
        scopes=" ".join(settings.scopes),
        algorithms=settings.algorithms,
        wants_encryption=settings.wants_encryption,
        subject_claim=settings.subject_claim.value,
        tenants="\n".join(settings.tenants),
        hosted_domains="\n".join(settings.hosted_domains or ()),
        prompt=settings.prompt,
        max_age="" if settings.max_age is None else str(settings.max_age),
        acr_values=" ".join(settings.acr_values),
        extra="\n".join(f"{name}={value}" for name, value in settings.extra),
    )


def preset_of(preset: OpenIdPreset) -> SaveOpenId:
    """The form before it was ever saved: what this provider really does."""
    return SaveOpenId(
        # With words in braces it is an example; without, it is the same for every customer.
        discovery_url="" if "{" in preset.issuer else preset.issuer,
        userinfo_method=preset.userinfo_method.value,
        claims=preset.claims,
        authentication=preset.authentication.value,
        response_mode=preset.response_mode.value,
        userinfo_use=preset.userinfo_use.value,
        scopes=" ".join(preset.scopes),
        subject_claim=preset.subject_claim.value,
        extra="\n".join(f"{name}={value}" for name, value in preset.extra),
    )
