"""What a customer's own OpenID Connect provider may say, over real HTTP: it speaks for their people alone."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ostiary.domain.account import Account, Role
from ostiary.domain.openid.settings import OidcSettings, UserinfoUse
from ostiary.domain.organization import Plan
from ostiary.oidc.errors import DiscoveryIssuerMismatch, TokenResponseIncomplete
from ostiary.services.complete_login import SignedIn
from ostiary.services.refusal_record import LoginRefused
from ostiary.storage import upgrade
from tests.oidc import evil_provider as evil
from tests.services.oidc.ground import (
    NOW,
    Ground,
    Way,
    a_browser,
    a_ground,
    a_secret,
    add_connection,
    verify_domain,
)
from tests.services.oidc.provider import CLIENT_ID, JSON, a_provider, send
from tests.services.oidc.test_logout import is_in, logout_token, take
from tests.services.oidc.test_providers import endless, html, huge, redirect

JANE = {"email": "jane@acme.example", "email_verified": True, "given_name": "Jane", "family_name": "Doe"}
EVE = {"email": "eve@mallory.example", "email_verified": True, "given_name": "Eve", "family_name": "Poe"}
INSIDE = ("https://169.254.169.254/latest", "https://[::ffff:10.0.0.5]/x", "https://localhost/x")


BOTH_ENGINES = pytest.mark.parametrize(
    "acme", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def acme(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    """Acme, with an honest provider."""
    url = request.getfixturevalue("postgres_url") if getattr(request, "param", "") == "postgresql" else ""
    if url:
        upgrade(url)
    with a_ground(tmp_path, database_url=url, total_seconds=3.0, connect_seconds=3.0) as made:
        yield made


@pytest.fixture
def mallory(acme: Ground) -> Iterator[Ground]:
    """Another organization beside it, which has proven mallory.example, and whose provider means no good."""
    out = acme.services.oidc_login.exchange.fetch
    assert isinstance(out, Way)
    made = acme.services.organizations.add(
        "mallory", name="Mallory", owner_email="m@mallory.example", plan=Plan.BUSINESS
    )
    verify_domain(acme.store, made.organization, "mallory.example")
    with a_provider(acme.clock) as provider:
        out.providers.append(provider)
        settings = OidcSettings(issuer=provider.issuer, client_id=CLIENT_ID, creates_accounts=True)
        connection_id = add_connection(acme.store, made.organization, made.owner, settings, secret="of mallory")
        provider.secrets = ["of mallory"]
        yield Ground(
            acme.store,
            acme.services,
            acme.clock,
            provider,
            made.organization,
            made.owner,
            connection_id,
            a_browser(),
        )


def code_of(finished: object) -> str:
    """The code of the refusal; empty for somebody who is signed in."""
    assert isinstance(finished, SignedIn | LoginRefused), finished
    return finished.refusal.code if isinstance(finished, LoginRefused) else ""


def accounts(ground: Ground) -> list[Account]:
    """Everybody of Acme whose address could be taken over."""
    with ground.store.read() as tx:
        found = [tx.accounts.by_email(email, **ground.scope) for email in ("owner@acme.example", "jane@acme.example")]
    return [each for each in found if each is not None]


def test_a_flawless_answer_signs_in(mallory: Ground) -> None:
    """So that the refusals below are for the reason that they name."""
    signed_in = mallory.sign_in(**EVE)
    assert signed_in.account.organization_id == mallory.organization.id


# --- people of others ----------------------------------------------------------------


@pytest.mark.parametrize("is_authoritative", [False, True])
@pytest.mark.parametrize(
    "email",
    [
        "owner@acme.example",
        "jane@acme.example",
        "JANE@ACME.EXAMPLE",
        "x@sub.mallory.example",
        "x@evil-mallory.example",
        "x@mallory.example.acme.example",
        "x@m\u0430llory.example",
        "owner@acme.example\u0000@mallory.example",
    ],
)
def test_an_address_outside_its_own_domains_opens_nothing(
    acme: Ground, mallory: Ground, email: str, is_authoritative: bool
) -> None:
    """Whatever it vouches for, and whatever its admin has switched on."""
    acme.sign_in(**JANE)
    mallory.set_up(is_authoritative=is_authoritative, hosted_domains=("acme.example",))
    before = accounts(acme)
    refused = code_of(mallory.try_in(**{**EVE, "email": email}, hd="acme.example"))
    assert refused in {"login.domain_not_verified", "login.email_not_an_address"}
    assert accounts(acme) == before


def test_the_subject_of_somebody_elses_person_is_nobody_here(acme: Ground, mallory: Ground) -> None:
    """The same `sub`, then with the other's `iss`: a link belongs to its connection and its issuer."""
    jane = acme.sign_in(**JANE).account
    assert mallory.sign_in(**EVE).account.id != jane.id
    assert code_of(mallory.try_in(iss=acme.provider.issuer)) == "oidc.issuer_mismatch"


def test_a_connection_to_somebody_elses_provider_gets_nobody_in(acme: Ground, mallory: Ground) -> None:
    """Acme's issuer and Client ID are no secrets. Its Client Secret is, and stays with Acme's connection."""
    acme.sign_in(**JANE)
    mallory.set_up(issuer=acme.provider.issuer)
    acme.provider.seen.clear()
    answered = acme.provider.approve(mallory.leave())
    assert code_of(mallory.answer(answered)) == "oidc.client_rejected"
    assert acme.provider.seen
    assert all("s3cret" not in form.values() for form in acme.provider.seen)
    ours, theirs = (each.services.oidc_login.published_keys(each.connection_id)[0]["kid"] for each in (acme, mallory))
    assert ours != theirs


@pytest.mark.parametrize("claim", ["tid", "hd"])
def test_a_tenant_that_its_admin_did_not_name_is_refused(mallory: Ground, claim: str) -> None:
    mallory.set_up(tenants=("tenant-1",) if claim == "tid" else (), hosted_domains=("mallory.example",))
    claims = {"tid": "tenant-1", "hd": "mallory.example"}
    assert code_of(mallory.try_in(**EVE, **claims)) == ""
    assert code_of(mallory.try_in(**{claim: "tenant-2"})) == "oidc.tenant_mismatch"
    assert code_of(mallory.try_in(**{claim: None})) in {"oidc.tenant_mismatch", "oidc.claim_missing"}


def test_an_issuer_for_all_tenants_is_a_privilege_of_entra(mallory: Ground) -> None:
    """With a template of its own, a provider could be the issuer of every tenant."""
    mallory.set_up(issuer=f"{mallory.provider.issuer}/organizations/v2.0", tenants=("tenant-1",))
    template = f"{mallory.provider.issuer}/{{tenantid}}/v2.0"
    mallory.provider.replies["/organizations/v2.0/.well-known/openid-configuration"] = lambda handler: send(
        handler, 200, JSON, json.dumps({**mallory.provider.discovery(), "issuer": template}).encode()
    )
    with pytest.raises(DiscoveryIssuerMismatch):
        mallory.leave()


def test_userinfo_about_somebody_else_lends_nothing(mallory: Ground) -> None:
    mallory.set_up(userinfo_use=UserinfoUse.ALWAYS)
    mallory.provider.userinfo = {"sub": "00u-other", "email": "m@mallory.example", "email_verified": True}
    assert code_of(mallory.try_in(**EVE)) == "oidc.subject_changed"
    mallory.provider.userinfo = {"email": "m@mallory.example", "email_verified": True, "sub": "00u-dana"}
    assert str(mallory.sign_in(**EVE).account.email) == EVE["email"]


# --- mix-up --------------------------------------------------------------------------


def test_a_code_that_it_was_given_for_another_provider_opens_nothing(acme: Ground, mallory: Ground) -> None:
    """Mix-up (RFC 9700 4.4): it names Acme's sign-in page as its own, gets code and verifier, and injects the code."""
    mallory.provider.described = {"authorization_endpoint": f"{acme.provider.issuer}/authorize"}
    mallory.provider.claims, acme.provider.claims = EVE, JANE
    victim = a_browser()
    asked_of_acme = mallory.leave(browser=victim)
    assert acme.connection_id not in asked_of_acme
    answered = dict(acme.provider.approve(asked_of_acme))
    named = [*answered.items(), ("iss", acme.provider.issuer)]
    assert code_of(mallory.answer(named, browser=victim)) == "oidc.response_issuer_mismatch"
    assert mallory.provider.seen == []
    stolen = dict(acme.provider.approve(mallory.leave(browser=victim)))
    assert code_of(mallory.answer(list(stolen.items()), browser=victim)) == "oidc.code_rejected"
    assert mallory.provider.seen[-1]["code"] == stolen["code"]
    begun_by_the_attacker = dict(acme.provider.approve(acme.leave()))
    injected = begun_by_the_attacker | {"code": stolen["code"]}
    assert code_of(acme.answer(list(injected.items()))) == "oidc.code_rejected"


def test_an_answer_for_one_connection_counts_at_no_other_of_the_same_client(acme: Ground) -> None:
    serving = acme.connection.serving
    assert serving is not None
    other = add_connection(acme.store, acme.organization, acme.owner, serving.oidc)
    acme.provider.claims = JANE
    answered = acme.provider.approve(acme.leave(connection_id=other))
    assert code_of(acme.answer(answered)) == "oidc.state_mismatch"
    assert code_of(acme.answer(answered, connection_id=other)) == ""


# --- what changes after it was trusted ------------------------------------------------


def test_an_issuer_that_changes_after_it_was_trusted_is_refused(acme: Ground, mallory: Ground) -> None:
    mallory.sign_in(**EVE)
    mallory.provider.described = {"issuer": acme.provider.issuer}
    acme.clock.at += timedelta(days=3)
    with pytest.raises(DiscoveryIssuerMismatch):
        mallory.leave()


@pytest.mark.parametrize("target", INSIDE)
@pytest.mark.parametrize("member", ["token_endpoint", "jwks_uri", "userinfo_endpoint"])
def test_an_endpoint_that_moves_inside_after_it_was_trusted_is_not_called(
    mallory: Ground, member: str, target: str
) -> None:
    mallory.set_up(userinfo_use=UserinfoUse.ALWAYS)
    mallory.sign_in(**EVE)
    mallory.provider.described = {member: target}
    mallory.clock.at += timedelta(days=3)
    if member == "jwks_uri":
        assert code_of_leaving(mallory) == "outbound.address_refused"
    else:
        assert code_of(mallory.try_in()) == "outbound.address_refused"


def code_of_leaving(ground: Ground) -> str:
    """The code by which a sign-in is refused before anybody has left."""
    with pytest.raises(Exception) as raised:  # noqa: PT011 - its code is looked at
        ground.leave()
    return str(getattr(raised.value, "code", raised.value))


def test_keys_that_change_all_the_time_are_asked_for_once_in_a_minute(mallory: Ground) -> None:
    """Another key under the same name each time: it would make us call it as often as it likes."""
    mallory.sign_in(**EVE)
    for number in range(5):
        mallory.provider.signs_with, mallory.provider.published = f"k{number + 2}", ["k1"]
        mallory.provider.kids = {f"k{number + 2}": "k1"}
        assert code_of(mallory.try_in()) == "oidc.signature_mismatch"
    assert mallory.provider.count("/jwks") == 2


# --- how it answers --------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/userinfo", "/par"])
@pytest.mark.parametrize(
    ("reply", "codes"),
    [
        (html, {"oidc.not_json"}),
        (huge, {"outbound.too_large"}),
        (redirect, {"outbound.redirected"}),
        (endless, {"outbound.timed_out"}),
    ],
)
def test_a_hostile_answer_is_refused_with_its_own_code_in_time(
    mallory: Ground, path: str, reply: Any, codes: set[str]
) -> None:
    mallory.set_up(userinfo_use=UserinfoUse.ALWAYS)
    if path == "/par":
        mallory.provider.described = {"pushed_authorization_request_endpoint": f"{mallory.provider.issuer}/par"}
    mallory.provider.claims = EVE
    mallory.provider.replies[path] = reply
    begun = time.monotonic()
    assert (code_of_leaving(mallory) if path == "/par" else code_of(mallory.try_in())) in codes
    assert time.monotonic() - begun < 15


@pytest.mark.parametrize("token", ["x\r\nX-Injected: 1", "x\u2028", "a b", "\u00fc", "x\u0000"])
def test_an_access_token_writes_no_header_of_its_own(mallory: Ground, token: str) -> None:
    """UserInfo stands wherever the provider says: it could send a request of its making to anybody, from us."""
    mallory.set_up(userinfo_use=UserinfoUse.ALWAYS)
    mallory.provider.claims = EVE

    def tokens(handler: Any) -> None:
        [*_, grant] = mallory.provider.grants.values()
        said = {
            "token_type": "Bearer",
            "access_token": token,
            "id_token": mallory.provider.id_token(grant.asked),
        }
        send(handler, 200, JSON, json.dumps(said).encode())

    mallory.provider.replies["/token"] = tokens
    assert code_of(mallory.try_in()) == "oidc.token_response_incomplete"
    assert mallory.provider.count("/userinfo") == 0


def test_a_pushed_request_gets_no_name_that_fills_an_address(mallory: Ground) -> None:
    mallory.provider.described = {"pushed_authorization_request_endpoint": f"{mallory.provider.issuer}/par"}
    mallory.provider.replies["/par"] = lambda handler: send(
        handler, 201, JSON, json.dumps({"request_uri": "urn:" + "x" * 100_000, "expires_in": 60}).encode()
    )
    with pytest.raises(TokenResponseIncomplete):
        mallory.leave()


@BOTH_ENGINES
@pytest.mark.parametrize(
    "claims",
    [
        {"sid": "a\u0000b"},
        {"acr": "a\u0000b"},
        {"amr": ["a\u0000b"]},
        {"amr": ["x" * 1000] * 30},
        {"amr": [f"way-{number}" for number in range(3000)]},
        {"acr": "x" * 30_000},
        {"given_name": "a\u0000b", "picture": "\u0000", "a\u0000b": "x"},
        {f"claim-{number}": "x" for number in range(1500)},
    ],
)
def test_what_it_says_besides_makes_no_session_large_and_no_store_fail(mallory: Ground, claims: dict[str, Any]) -> None:
    """PostgreSQL takes no NUL, and each request of a person reads their session."""
    signed_in = mallory.sign_in(**{**EVE, **claims})
    visitor = mallory.services.sessions.visitor(signed_in.session.token)
    assert visitor is not None
    assert len(repr(visitor.session)) < 5_000


def test_names_of_keys_fill_no_record(mallory: Ground) -> None:
    """60 keys with long names: what is written down of a refusal stays short."""
    mallory.provider.replies["/jwks"] = lambda handler: send(
        handler,
        200,
        JSON,
        json.dumps(
            {"keys": [evil.jwk("k1", {"kids": {"k1": f"{number}" + "k" * 250}}) for number in range(60)]}
            | {"more": [evil.jwk("k1", {"kids": {"k1": "k" * 5000}})]}
        ).encode(),
    )
    mallory.provider.kids = {"k1": "n" * 5000}
    refused = mallory.try_in(**EVE)
    assert code_of(refused) == "oidc.key_unknown"
    assert len(json.dumps(refused.refusal.facts())) < 20_000


# --- the end of sessions -----------------------------------------------------------------


def test_its_logout_tokens_end_no_session_of_others(acme: Ground, mallory: Ground) -> None:
    """Whatever they name, and at whichever address."""
    session = acme.sign_in(**JANE, sid="sid-1").session.token
    assert take(mallory, logout_token(mallory, sid="sid-1", jti="j1")) == ""
    assert take(mallory, logout_token(mallory, sub=None, sid="sid-1", jti="j2")) == ""
    assert take(mallory, logout_token(mallory, iss=acme.provider.issuer, jti="j3")) == "oidc.issuer_mismatch"
    posted_at_acme = logout_token(mallory, jti="j4")
    assert take(acme, posted_at_acme) == "oidc.issuer_mismatch"
    assert is_in(acme, session)


@BOTH_ENGINES
@pytest.mark.parametrize("claim", ["sub", "sid", "jti"])
def test_a_logout_token_names_nobody_by_what_is_no_text(mallory: Ground, claim: str) -> None:
    mallory.sign_in(**EVE)
    assert take(mallory, logout_token(mallory, **{claim: "a\u0000b"})) == "oidc.logout_token_refused"


@BOTH_ENGINES
def test_a_flood_of_logout_tokens_makes_us_ask_for_keys_once(mallory: Ground) -> None:
    mallory.sign_in(**EVE)
    said = json.dumps({"iss": mallory.provider.issuer})
    for number in range(30):
        token = evil.signed("k9", {"alg": "RS256", "kid": f"nobody's {number}\u0000", "typ": "logout+jwt"}, said)
        assert take(mallory, token) == "oidc.key_unknown"
    assert mallory.provider.count("/jwks") <= 2


# --- an admin who is no owner -------------------------------------------------------------


def test_a_provider_of_an_admins_own_speaks_for_no_owner(acme: Ground, mallory: Ground) -> None:
    """Acme's admin points the connection at Mallory's provider, which says that it is the owner who comes."""
    acme.add_account("admin@acme.example", role=Role.ADMIN)
    with acme.store.write() as tx:
        secret = a_secret(acme.connection_id, acme.organization, at=NOW + timedelta(hours=1))
        tx.client_secrets.add(secret, value="of mallory")
    acme.set_up(issuer=mallory.provider.issuer, is_authoritative=True)
    mallory.provider.claims = {**JANE, "email": str(acme.owner.email)}
    refused = acme.answer(mallory.provider.approve(acme.leave()))
    assert code_of(refused) == "login.possession_needed"
