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


def _code(typed: str) -> str:
    try:
        rp.candidates_of(typed)
    except Refusal as refusal:
        return refusal.code
    return ""
