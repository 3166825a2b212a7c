"""What is said about a person, in the ID token and at the userinfo endpoint, as the vendor says it."""

from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import JsonValue

from ostiary.simulator.oidc.faults import OidcFault
from ostiary.simulator.oidc.jose import half_hash
from ostiary.simulator.oidc.naming import domain_of, guid, issuer_of, object_id, subject_of
from ostiary.simulator.oidc.people import groups_of
from ostiary.simulator.oidc.profile import Claim, ClaimSource
from ostiary.simulator.oidc.state import Client, Grant
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.state import User

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXPIRED_SINCE = timedelta(minutes=7)
_PUBLIC_MAIL = frozenset({"gmail.com", "googlemail.com"})
Claims = dict[str, JsonValue]


def id_token_claims(
    idp: IdentityProvider, *, client: Client, user: User, grant: Grant, access_token: str, asks_nonce: bool = True
) -> Claims:
    """The ID token's claims, with the application's faults in them. OIDC Core 2."""
    now = idp.clock.now()
    lasts = timedelta(minutes=idp.oidc.id_token_minutes)
    begins = now - lasts - _EXPIRED_SINCE if OidcFault.EXPIRED in client.faults else now
    claims: Claims = {
        "iss": issuer_of(idp, grant.tenant),
        "sub": subject_of(idp, user, client=client),
        "aud": client.client_id,
        "iat": int(begins.timestamp()),
        "exp": int((begins + lasts).timestamp()),
        **idp.oidc.constants,
        **_about(idp, client=client, user=user, grant=grant, in_id_token=True),
    }
    if grant.nonce and asks_nonce:
        claims["nonce"] = grant.nonce
    if idp.oidc.at_hash:
        claims["at_hash"] = half_hash(access_token, algorithm=client.signing_algorithm)
    return _made_wrong(claims, client=client)


def userinfo_claims(idp: IdentityProvider, *, client: Client, user: User, grant: Grant) -> Claims:
    """The userinfo endpoint's claims. OIDC Core 5.3.2."""
    subject = subject_of(idp, user, client=client)
    if OidcFault.OTHER_PERSON in client.faults:
        subject = guid("somebody else")
    return {"sub": subject, **_about(idp, client=client, user=user, grant=grant, in_id_token=False)}


def _about(idp: IdentityProvider, *, client: Client, user: User, grant: Grant, in_id_token: bool) -> Claims:
    scopes = {"", *grant.scope.split()}
    claims: Claims = {}
    elsewhere = set[str]()
    for claim in idp.oidc.claims:
        is_asked = claim.scope in scopes and (not claim.optional or claim.name in client.optional_claims)
        if is_asked and (claim.in_id_token if in_id_token else claim.in_userinfo):
            claims[claim.name] = _value(idp, claim.source, client=client, user=user, grant=grant)
        else:
            elsewhere.add(claim.name)
    if client.groups_claim and idp.oidc.groups_scope in scopes and (idp.oidc.groups_in_id_token or not in_id_token):
        claims |= _groups(idp, client=client, user=user, grant=grant)
    claims |= {name: value for name, value in user.claims.items() if name not in elsewhere}
    if OidcFault.NO_EMAIL in client.faults:
        claims = {name: value for name, value in claims.items() if name not in {"email", "email_verified"}}
    if OidcFault.EMAIL_UNVERIFIED in client.faults and "email" in claims:
        claims["email_verified"] = False
    return {name: value for name, value in claims.items() if value is not None}


def _value(idp: IdentityProvider, source: ClaimSource, *, client: Client, user: User, grant: Grant) -> JsonValue:
    now = int(idp.clock.now().timestamp())
    domain = domain_of(user.email)
    known: Mapping[ClaimSource, JsonValue] = {
        "email": user.email,
        "true": True,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "full_name": user.full_name,
        "hosted_domain": None if domain in _PUBLIC_MAIL else domain,
        "tenant": grant.tenant,
        "object_id": object_id(user),
        "updated_at": int(grant.signed_in_at.timestamp()),
        "sid": grant.sid,
        "client_id": client.client_id,
        "auth_time": int(grant.signed_in_at.timestamp()),
        "now": now,
        "token_id": idp.new_token(16),
        "amr": ["pwd"],
    }
    return known[source]


def _groups(idp: IdentityProvider, *, client: Client, user: User, grant: Grant) -> Claims:
    """The groups, or where there are too many for a token, a reference to them (Entra)."""
    groups = groups_of(idp.store.read(), user)
    limit = idp.oidc.groups_limit
    if OidcFault.GROUPS_OVERAGE in client.faults or (limit and len(groups) > limit):
        source = f"https://graph.windows.net/{grant.tenant}/users/{object_id(user)}/getMemberObjects"
        return {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": source}}}
    forms = {"names": "{name}", "paths": "/{name}", "ids": "{id}"}
    form = forms[idp.oidc.groups_form]
    told: list[JsonValue] = [form.format(name=one.name, id=guid(f"group {one.id}")) for one in groups]
    if len(told) == 1 and idp.oidc.single_group_as_text:
        return {client.groups_claim: told[0]}
    return {client.groups_claim: told} if told else {}


def _made_wrong(claims: Claims, *, client: Client) -> Claims:
    wrong: Mapping[OidcFault, Claims] = {
        OidcFault.WRONG_ISSUER: {"iss": "https://another-provider.example"},
        OidcFault.WRONG_AUDIENCE: {"aud": "another-application"},
        OidcFault.WRONG_NONCE: {"nonce": "of-another-sign-in"},
    }
    for fault in client.faults:
        claims = {**claims, **wrong.get(fault, {})}
    return {name: value for name, value in claims.items() if name != "nonce" or OidcFault.NO_NONCE not in client.faults}


def claim_names(claims: tuple[Claim, ...], *, optional: bool) -> tuple[str, ...]:
    """The names of the claims that are told anyway, or of those that an application has to ask for."""
    return tuple(one.name for one in claims if one.optional is optional)
