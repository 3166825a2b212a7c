"""The form of OpenID Connect: what the Discovery URL leads to, what stands in the wrong field, what is refused."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ostiary.domain.checkup import Correction
from ostiary.domain.connection import Connection, Protocol
from ostiary.domain.openid.settings import Authentication, ClaimNames, ClientSecret, OidcSettings, SubjectClaim
from ostiary.guides import guide
from ostiary.kernel.http import HttpRequest, HttpResponse
from ostiary.kernel.ids import ConnectionId, KeyId, OrganizationId
from ostiary.oidc.relying_party import Method
from ostiary.outbound.errors import Unreachable
from ostiary.services.connection_form.openid import NewSecret, OpenIdForm, ReadOpenId, SaveOpenId, preset_of, tidy
from tests.oidc import shared

NOW = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
ISSUER = "https://acme.okta.com"
TENANT = "6babcaad-604b-40ac-a9d7-9fd97c0b779f"
ENTRA = f"https://login.microsoftonline.com/{TENANT}/v2.0"
OKTA_ID, OKTA_SECRET = "0oa1b2c3d4E5f6G7h8i9", "x" * 64
ENTRA_SECRET = "abc8Q~" + "y" * 34
WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass
class Published:
    """Discovery documents by issuer, and which addresses were asked for."""

    issuers: tuple[str, ...] = (ISSUER,)
    stated: dict[str, str] = field(default_factory=dict)
    """What a document names, where that is another issuer than the one it stands at."""
    is_down: bool = False
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: HttpRequest, *, purpose: str) -> HttpResponse:
        self.asked.append(request.url)
        if self.is_down:
            raise Unreachable(host="acme.okta.com", port=443, address="192.0.2.1")
        for issuer in self.issuers:
            if request.url == issuer.removesuffix("/") + WELL_KNOWN:
                body = json.dumps(document(self.stated.get(issuer, issuer)))
                return HttpResponse(status=200, headers={"content-type": "application/json"}, body=body.encode())
        return HttpResponse(status=404, headers={}, body=b"")


def document(issuer: str) -> dict[str, Any]:
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    return {"issuer": issuer, **{name: f"https://idp.example/{name}" for name in names}}


def a_connection(provider: str = "okta") -> Connection:
    return Connection(
        id=ConnectionId("c1"),
        organization_id=OrganizationId("o1"),
        protocol=Protocol.OIDC,
        provider=provider,
        entity_id="",
        created_at=NOW,
        enabled_at=None,
        was_ever_on=False,
        access_confirmed_at=None,
        access_confirmed_by=None,
        latest=None,
        serving=None,
    )


def a_secret(issuer: str) -> ClientSecret:
    return ClientSecret(
        id=KeyId("k1"),
        organization_id=OrganizationId("o1"),
        connection_id=ConnectionId("c1"),
        created_at=NOW,
        created_by="Dana",
        expires_at=None,
        issuer=issuer,
    )


def typed(**more: Any) -> SaveOpenId:
    return replace(SaveOpenId(client_id="rp-1", client_secret="s3cret-value", discovery_url=ISSUER), **more)


def outcome(form: SaveOpenId, *, published: Published | None = None, provider: str = "oidc", saved: str = "") -> Any:
    secrets = (a_secret(saved),) if saved else ()
    reader = OpenIdForm(fetch=published or Published())
    return reader.read(tidy(form)[0], connection=a_connection(provider), secrets=secrets, now=NOW)


def read(form: SaveOpenId, **more: Any) -> ReadOpenId:
    found = outcome(form, **more)
    assert isinstance(found, ReadOpenId), found
    return found


def problems(form: SaveOpenId, **more: Any) -> list[tuple[str, str]]:
    found = outcome(form, **more)
    assert not isinstance(found, ReadOpenId), found
    return [(problem.field, problem.refusal.code) for problem in found]


# --- the Discovery URL ---------------------------------------------------------

INPUTS = shared.read("idp-metadata/idp-profiles.json", otherwise={"issuer_inputs": []})["issuer_inputs"]
LEADS = [case for case in INPUTS if case["issuer"] and "{" not in case["issuer"]]
LEADS_NOWHERE = [case for case in INPUTS if case not in LEADS]


@pytest.mark.shared
@pytest.mark.parametrize("case", LEADS, ids=[case["typed"] for case in LEADS])
def test_what_people_paste_leads_to_the_issuer_of_the_document_to_the_letter(case: dict[str, Any]) -> None:
    found = read(typed(discovery_url=case["typed"]), published=Published(issuers=(case["issuer"],)))
    assert found.settings.issuer == case["issuer"]
    # Whatever was put right is told: nobody finds another value in the field than they have typed without a word.
    assert bool(found.corrections) is (case["issuer"] != case["typed"])


@pytest.mark.shared
@pytest.mark.parametrize("case", LEADS_NOWHERE, ids=[case["typed"] for case in LEADS_NOWHERE])
def test_what_can_be_no_issuer_is_refused_at_the_field(case: dict[str, Any]) -> None:
    told = dict(problems(typed(discovery_url=case["typed"])))
    assert "discovery_url" in told
    assert told["client_secret"] == "setup.secret_lost"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "setup.value_missing"),
        ("https://login.microsoftonline.com/{tenant}/v2.0", "oidc.discovery_url_placeholder"),
        ("https://login.microsoftonline.com/common/v2.0", "oidc.tenant_needed"),
        ("http://acme.okta.com", "oidc.discovery_url_unreadable"),
        ("https://nobody.example", "oidc.status"),
    ],
)
def test_a_discovery_url_that_leads_nowhere_has_its_own_code(written: str, code: str) -> None:
    assert problems(typed(discovery_url=written))[0] == ("discovery_url", code)


def test_a_placeholder_is_never_looked_up() -> None:
    published = Published()
    problems(typed(discovery_url="https://login.microsoftonline.com/{tenant}/v2.0"), published=published)
    assert published.asked == []


def test_with_and_without_a_slash_the_document_is_asked_for_once() -> None:
    published = Published(issuers=("https://acme.eu.auth0.com/",))
    found = read(typed(discovery_url="https://acme.eu.auth0.com"), published=published)
    assert found.settings.issuer == "https://acme.eu.auth0.com/"
    assert found.corrections == (Correction("discovery_url", "issuer_of_document"),)
    assert published.asked == [f"https://acme.eu.auth0.com{WELL_KNOWN}"]


def test_a_tenant_that_is_named_by_its_domain_leads_to_its_id() -> None:
    by_domain = "https://login.microsoftonline.com/acme.onmicrosoft.com/v2.0"
    published = Published(issuers=(by_domain, ENTRA), stated={by_domain: ENTRA})
    assert read(typed(discovery_url=by_domain), published=published).settings.issuer == ENTRA


def test_an_issuer_on_another_host_is_not_followed() -> None:
    published = Published(issuers=(ISSUER, "https://evil.example"), stated={ISSUER: "https://evil.example"})
    assert problems(typed(), published=published)[0] == ("discovery_url", "oidc.discovery_issuer_mismatch")
    assert not [url for url in published.asked if "evil" in url]


def test_a_document_that_names_an_issuer_which_does_not_confirm_itself_is_refused() -> None:
    named = f"{ISSUER}/oauth2/default"
    published = Published(issuers=(ISSUER,), stated={ISSUER: named})
    assert problems(typed(), published=published)[0][0] == "discovery_url"


def test_the_address_of_all_tenants_is_taken_where_the_tenants_are_named() -> None:
    every = "https://login.microsoftonline.com/organizations/v2.0"
    published = Published(issuers=(every,), stated={every: "https://login.microsoftonline.com/{tenantid}/v2.0"})
    found = read(typed(discovery_url=every, tenants=TENANT.upper()), published=published)
    assert (found.settings.issuer, found.settings.tenants) == (every, (TENANT,))


def test_an_address_of_all_tenants_of_another_cloud_wants_the_tenant_and_not_the_template() -> None:
    every = "https://login.microsoftonline.us/common/v2.0"
    stated = {every: "https://login.microsoftonline.us/{tenantid}/v2.0"}
    found = outcome(typed(discovery_url=every), published=Published(issuers=(every,), stated=stated))
    refusal = found[0].refusal
    assert (refusal.code, refusal.word) == ("oidc.tenant_needed", "common")


@pytest.mark.parametrize("written", [TENANT, TENANT.upper(), f" {TENANT} "])
def test_the_id_of_a_tenant_alone_is_enough_for_entra(written: str) -> None:
    found = read(typed(discovery_url=written), published=Published(issuers=(ENTRA,)), provider="entra")
    assert found.settings.issuer == ENTRA
    assert Correction("discovery_url", "tenant_completed") in found.corrections


def test_an_id_that_is_no_address_is_never_looked_up_as_a_host() -> None:
    published = Published()
    told = problems(typed(discovery_url=TENANT), published=published, provider="okta")
    assert told[0] == ("discovery_url", "oidc.discovery_url_unreadable")
    assert published.asked == []


def test_a_provider_that_is_down_is_told_by_the_code_of_the_transport() -> None:
    told = problems(typed(), published=Published(is_down=True))
    assert told == [("discovery_url", "outbound.unreachable"), ("client_secret", "setup.secret_lost")]


# --- values in the wrong field ---------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "client_id", "secret", "expected"),
    [
        ("okta", OKTA_SECRET, OKTA_ID, {"client_id": "setup.values_swapped", "client_secret": "setup.values_swapped"}),
        ("entra", ENTRA_SECRET, TENANT, {"client_id": "setup.values_swapped", "client_secret": "setup.values_swapped"}),
        ("okta", OKTA_SECRET, "y" * 64, {"client_id": "setup.client_id_is_secret"}),
        ("entra", ENTRA_SECRET, "", {"client_id": "setup.client_id_is_secret"}),
        ("entra", TENANT, TENANT.replace("6", "7"), {"client_secret": "setup.secret_is_its_id"}),
        ("okta", OKTA_ID, OKTA_ID, {"client_secret": "setup.secret_is_client_id"}),
        ("oidc", "rp-1", "rp-1", {"client_secret": "setup.secret_is_client_id"}),
        ("okta", OKTA_ID, "0oa9z9z9z9z9z9z9z9z9", {"client_secret": "setup.secret_is_client_id"}),
        ("oidc", "https://acme.okta.com", "s3cret", {"client_id": "setup.value_is_url"}),
        ("oidc", "rp-1", "https://acme.okta.com", {"client_secret": "setup.value_is_url"}),
        ("google", "GOCSPX-" + "z" * 28, "", {"client_id": "setup.client_id_is_secret"}),
    ],
)
def test_a_value_in_the_wrong_field_is_told_where_it_stands(
    provider: str, client_id: str, secret: str, expected: dict[str, str]
) -> None:
    told = dict(problems(typed(client_id=client_id, client_secret=secret), provider=provider))
    left = {name: code for name, code in told.items() if code not in {"setup.secret_lost", "setup.value_missing"}}
    assert left == expected


def test_an_address_in_the_client_id_and_the_client_id_in_the_address_are_told_at_both() -> None:
    told = problems(typed(client_id=ISSUER, discovery_url="rp-1"))
    assert told[:2] == [("client_id", "setup.values_swapped"), ("discovery_url", "setup.values_swapped")]


@pytest.mark.parametrize(
    ("provider", "client_id", "secret"),
    [
        ("okta", OKTA_ID, OKTA_SECRET),
        ("okta", OKTA_ID, "short"),
        ("entra", TENANT, ENTRA_SECRET),
        ("google", "1234-abc.apps.googleusercontent.com", "GOCSPX-" + "z" * 28),
        ("keycloak", "ringline", TENANT),
        ("keycloak", "a" * 64, "b" * 32),
        ("onelogin", TENANT, "c" * 64),
    ],
)
def test_the_right_values_of_a_provider_are_taken_whatever_their_shape(
    provider: str, client_id: str, secret: str
) -> None:
    found = read(typed(client_id=client_id, client_secret=secret), provider=provider)
    assert (found.settings.client_id, found.secret) == (client_id, NewSecret(value=secret, expires_at=None))


# --- the secret -------------------------------------------------------------------


def test_without_a_secret_nothing_is_saved_unless_another_proof_was_chosen() -> None:
    assert problems(typed(client_secret="")) == [("client_secret", "setup.value_missing")]
    for way in (Authentication.PRIVATE_KEY_JWT, Authentication.NONE):
        assert read(typed(client_secret="", authentication=way.value)).settings.authentication is way


def test_an_empty_field_keeps_the_secret_of_the_same_issuer_and_of_no_other() -> None:
    assert read(typed(client_secret=""), saved=ISSUER).secret is None
    told = problems(typed(client_secret=""), saved="https://other.example")
    assert told == [("client_secret", "setup.secret_needed_anew")]


def test_the_day_on_which_a_secret_ends_is_its_last() -> None:
    found = read(typed(secret_expires="2027-03-03"))
    assert found.secret is not None
    assert found.secret.expires_at == datetime(2027, 3, 3, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "code"), [("2026-03-02", "setup.secret_expired"), ("next year", "setup.value_unreadable")]
)
def test_a_day_that_is_none_or_has_passed_is_refused(written: str, code: str) -> None:
    told = problems(typed(secret_expires=written))
    assert told[0] == ("secret_expires", code)


# --- everything else ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "where", "code"),
    [
        ({"client_id": ""}, "client_id", "setup.value_missing"),
        ({"client_id": "a" * 256}, "client_id", "setup.value_too_long"),
        ({"client_secret": "a" * 2049}, "client_secret", "setup.value_too_long"),
        ({"scopes": 'openid "email"'}, "scopes", "setup.value_unreadable"),
        ({"scopes": "a " * 2000}, "scopes", "setup.value_too_long"),
        ({"tenants": "acme.onmicrosoft.com"}, "tenants", "setup.value_unreadable"),
        ({"hosted_domains": "acme"}, "hosted_domains", "setup.value_unreadable"),
        ({"max_age": "1 h"}, "max_age", "setup.value_unreadable"),
        ({"max_age": "2592001"}, "max_age", "setup.value_unreadable"),
        ({"max_age": "²"}, "max_age", "setup.value_unreadable"),
        ({"extra": "resource"}, "extra", "setup.value_unreadable"),
        ({"extra": "state=mine"}, "extra", "setup.value_unreadable"),
        ({"extra": "redirect_uri=https://evil.example"}, "extra", "setup.value_unreadable"),
        ({"extra": "a=1\na=2"}, "extra", "setup.value_unreadable"),
        ({"default_role": "owner"}, "default_role", "setup.role_refused"),
        ({"algorithms": ()}, "algorithms", "setup.value_missing"),
        ({"algorithms": ("none", "HS256")}, "algorithms", "setup.value_missing"),
        ({"claims": ClaimNames(email="")}, "claim_email", "setup.value_missing"),
        ({"claims": ClaimNames(groups="g" * 256)}, "claim_groups", "setup.value_too_long"),
    ],
)
def test_what_can_not_be_kept_is_told_at_its_field(changed: dict[str, Any], where: str, code: str) -> None:
    assert dict(problems(typed(**changed)))[where] == code


def test_every_choice_is_kept_as_it_was_made() -> None:
    found = read(
        typed(
            userinfo_method="POST",
            claims=ClaimNames(email="mail", first_name="first", last_name="last", groups="realm_access.roles"),
            default_role="admin",
            creates_accounts=True,
            is_authoritative=True,
            link_policy="never",
            authentication="client_secret_post",
            assertion_audience="token_endpoint",
            response_mode="form_post",
            userinfo_use="always",
            scopes="profile, email groups",
            algorithms=("ES256", "RS256"),
            wants_encryption=True,
            subject_claim="oid",
            hosted_domains="Acme.example",
            prompt="login",
            max_age="3600",
            acr_values="mfa phr",
            extra="resource = https://api.example\n\ndomain_hint=acme.example",
        )
    ).settings
    assert found.userinfo_method is Method.POST
    assert found.scopes == ("openid", "profile", "email", "groups")
    assert found.algorithms == ("RS256", "ES256")
    assert found.hosted_domains == ("acme.example",)
    assert (found.prompt, found.max_age, found.acr_values) == ("login", 3600, ("mfa", "phr"))
    assert found.extra == (("resource", "https://api.example"), ("domain_hint", "acme.example"))
    assert found.claims.groups == "realm_access.roles"
    assert found.is_authoritative
    assert found.wants_encryption
    assert found.subject_claim is SubjectClaim.OID
    assert not found.is_operators_client


def test_a_choice_that_no_list_offers_is_the_usual_one() -> None:
    found = read(typed(prompt="none", authentication="tls_client_auth", userinfo_method="DELETE")).settings
    assert (found.prompt, found.authentication, found.userinfo_method) == ("", Authentication.AUTO, Method.GET)


def test_white_space_around_a_value_is_removed_and_told() -> None:
    form, corrections = tidy(typed(client_id=" rp-1\n", client_secret=" s3cret "))
    assert (form.client_id, form.client_secret) == ("rp-1", "s3cret")
    assert [each.field for each in corrections] == ["client_id", "client_secret"]


def test_a_preset_gives_what_the_provider_really_does() -> None:
    entra = guide("entra", protocol=Protocol.OIDC)
    assert entra is not None
    assert entra.openid is not None
    form = replace(preset_of(entra.openid), client_id=TENANT, client_secret=ENTRA_SECRET, discovery_url=ENTRA)
    found = read(form, provider="entra", published=Published(issuers=(ENTRA,))).settings
    assert found.subject_claim is SubjectClaim.OID
    assert found == OidcSettings(
        issuer=ENTRA, client_id=TENANT, subject_claim=SubjectClaim.OID, userinfo_use=entra.openid.userinfo_use
    )


def test_no_secret_shows_in_a_printed_form() -> None:
    assert "s3cret-value" not in repr(typed())
    assert "s3cret-value" not in repr(read(typed()))
