"""What people paste as the Discovery URL: it leads to the provider's issuer, or says why it can't."""

from typing import Any

import pytest

from ostiary.kernel.errors import Refusal
from ostiary.oidc import relying_party as rp
from tests.oidc import shared

CASES = shared.read("idp-metadata/idp-profiles.json", otherwise={"issuer_inputs": []})["issuer_inputs"]
# What is no issuer is refused by its own reason; a private address only by the transport, which alone can resolve it.
CODES = {
    "https://openid-connect.onelogin.com/oidc": "oidc.issuer_removed",
    "https://login.microsoftonline.com/common/v2.0": "oidc.tenant_needed",
    "http://idp.acme.example": "oidc.discovery_url_unreadable",
    "https://acme.okta.com/app/exk123/sso/saml/metadata": "oidc.discovery_url_is_saml",
}
OF_THE_TRANSPORT = {"https://10.0.0.5/realms/x"}


@pytest.mark.shared
@pytest.mark.parametrize("case", CASES, ids=[case["typed"] for case in CASES])
def test_what_was_typed_leads_to_the_issuer(case: dict[str, Any]) -> None:
    typed = case["typed"]
    if typed in CODES:
        assert _code(typed) == CODES[typed]
    elif typed not in OF_THE_TRANSPORT:
        assert case["issuer"] in rp.candidates_of(typed).issuers


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("https://login.microsoftonline.com/{tenant}/v2.0", "oidc.discovery_url_placeholder"),
        ("https://login.microsoftonline.com/%7Btenant%7D/v2.0", "oidc.discovery_url_placeholder"),
        ("https://<your-domain>.okta.com", "oidc.discovery_url_placeholder"),
        ("<your-domain>", "oidc.discovery_url_placeholder"),
        ("", "oidc.discovery_url_unreadable"),
        ("Dana Whitfield", "oidc.discovery_url_unreadable"),
        ("https://user:pw@acme.okta.com", "oidc.discovery_url_unreadable"),
        (
            "https://login.microsoftonline.com/t/federationmetadata/2007-06/federationmetadata.xml",
            "oidc.discovery_url_is_saml",
        ),
    ],
)
def test_what_can_be_no_issuer_says_why(typed: str, code: str) -> None:
    assert _code(typed) == code


def test_what_was_put_right_is_told() -> None:
    found = rp.candidates_of(" acme-admin.okta.com/.well-known/openid-configuration")
    assert found.issuers[0] == "https://acme.okta.com"
    assert found.corrections == ("space_removed", "scheme_added", "well_known_removed", "admin_host")


ACME = "https://id.acme.example/realms/acme"


@pytest.mark.parametrize(
    ("typed", "correction"),
    [
        ("https://id.acme.example/admin/master/console/#/acme/realm-settings/general", "console_address"),
        ("https://id.acme.example/admin/master/console/?x=1#/realms/acme/clients", "console_address"),
        ("https://id.acme.example/admin/acme/console/", "console_address"),
        ("https://id.acme.example/admin/acme/console", "console_address"),
        (f"{ACME}/account/#/security", "rest_removed"),
        (f"{ACME}/account", "endpoint_removed"),
        (f"{ACME}/login-actions/authenticate?client_id=x&tab_id=y", "endpoint_removed"),
        (f"{ACME}/protocol/openid-connect/auth?client_id=x&scope=openid", "endpoint_removed"),
        (f"{ACME}?x=1", "rest_removed"),
        (f"\u201c{ACME}\u201d", "quotes_removed"),
        (f"<{ACME}>", "quotes_removed"),
        (f"' {ACME} '", "quotes_removed"),
    ],
)
def test_what_stands_in_the_browser_at_keycloak_leads_to_its_realm(typed: str, correction: str) -> None:
    found = rp.candidates_of(typed)
    assert found.issuers[0] == ACME
    assert correction in found.corrections


def test_an_old_keycloak_and_a_new_one_are_both_looked_for() -> None:
    assert ACME in rp.candidates_of("https://id.acme.example/auth/realms/acme").issuers
    assert "https://id.acme.example/auth/realms/acme" in rp.candidates_of(ACME).issuers


@pytest.mark.parametrize(
    "issuer", ["https://am.example/am/oauth2/realms/top/realms/alpha", "https://idp.example/realms/a/admin/x"]
)
def test_realms_of_others_stay_as_they_are(issuer: str) -> None:
    assert rp.candidates_of(issuer).issuers[0] == issuer
    assert rp.candidates_of(issuer).corrections == ()


def _code(typed: str) -> str:
    try:
        rp.candidates_of(typed)
    except Refusal as refusal:
        return refusal.code
    return ""
