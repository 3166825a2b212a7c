"""The form of an OpenID Connect connection: read from the request, and shown again with its errors in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ostiary.domain.connection import Connection
from ostiary.guides import Guide
from ostiary.services.connection_form.openid import SaveOpenId, form_of, preset_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownForm:
    """What the form shows: values as typed or as saved, and what is wrong with them. Never a secret."""

    values: Mapping[str, str]
    algorithms: tuple[str, ...]
    """Those that are ticked."""
    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By field: the first sentence, and the rest."""
    corrections: Mapping[str, str] = field(default_factory=dict)
    wrong: tuple[tuple[str, str], ...] = ()
    """Field and label of each value that needs a change, for the callout above the form."""


def of_saved(connection: Connection, guide: Guide) -> ShownForm:
    """The form as it was last saved; before that, with what its provider really does."""
    saved = connection.latest.oidc if connection.latest else None
    form = form_of(saved) if saved else preset_of(guide.openid) if guide.openid else SaveOpenId()
    return ShownForm(values=_values(form), algorithms=form.algorithms)


def _values(form: SaveOpenId) -> dict[str, str]:
    return {
        "client_id": form.client_id,
        "secret_expires": form.secret_expires,
        "discovery_url": form.discovery_url,
        "userinfo_method": form.userinfo_method,
        "claim_email": form.claims.email,
        "claim_first_name": form.claims.first_name,
        "claim_last_name": form.claims.last_name,
        "claim_groups": form.claims.groups,
        "default_role": form.default_role,
        "creates_accounts": _yes(form.creates_accounts),
        "is_authoritative": _yes(form.is_authoritative),
        "link_policy": form.link_policy,
        "authentication": form.authentication,
        "assertion_audience": form.assertion_audience,
        "response_mode": form.response_mode,
        "userinfo_use": form.userinfo_use,
        "scopes": form.scopes,
        "subject_claim": form.subject_claim,
        "tenants": form.tenants,
        "hosted_domains": form.hosted_domains,
        "prompt": form.prompt,
        "max_age": form.max_age,
        "acr_values": form.acr_values,
        "extra": form.extra,
    }


def _yes(is_on: bool) -> str:  # noqa: FBT001 - one value, named by what it is for
    return "yes" if is_on else ""
