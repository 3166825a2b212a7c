"""The OpenID Connect guides hold the page that customers of CloudTalk follow, word for word, beside what is ours."""

import pytest

from ostiary.domain.connection import Protocol
from ostiary.guides import ConnectionValues, Guide, RichText, guide

REDIRECT_URI = "https://sso.cloudtalk.example/oauth2/idpresponse/c7f3k2m9q4"
CLOUDTALK = ConnectionValues(
    product="CloudTalk",
    organization="Acme",
    acs_url="the ACS URL",
    entity_id="the Entity ID",
    redirect_uri=REDIRECT_URI,
    services="CloudTalk Phone or other CloudTalk services",
    sign_in_label="Log in with SSO",
)

DASHBOARD = """\
SSO Setup for Admins on Dashboard
Settings for SSO must be adjusted by an admin through the Dashboard. From the left sidebar, click into \
Account -> Settings. By choosing the Single Sign-on header, you will be able to see available options for SSO in the \
form of toggle buttons.
Admins can toggle On/Off to enable or to enforce:
"""
NOT_LISTED = """\
Logging in with an identity provider not listed may be possible—contact a support agent for assistance.
"""
TOGGLES = """\
Toggling on an option requires users to have an account with the third-party provider.
Enforcing an option will necessitate agents using CloudTalk Phone or other CloudTalk services to use SSO as their \
required sign-in option, whereas enabling SSO simply offers the choice to use that sign-in option.
"""
REDIRECT = f"""\
Redirect URI
For Okta, OneLogin, Azure, Keycloak, and other third-parties, customers will also need to set up a redirect URI within \
the configuration interface of the SSO provider. Setup varies per provider.
Provider interface redirect URI:
{REDIRECT_URI}
"""
FIELDS = """\
Admin will be asked to fill in the following:
Client ID
Client Secret
Discovery URL (sometimes called "Resource/Issuer URL")
Method (GET or POST)
All of above must be found in through the respective identity provider's interface.
"""
DISCOVERY = """\
Discovery URL
The Discovery URL can be found in the documentation or user profiles of the identity provider. It is sometimes \
referred to by another name such as "Resource" or "Issuer" URL and should look like an https link, as in the example \
below.
For Microsoft Azure: https://login.microsoftonline.com/{tenant}/v2.0
Where {tenant} must be replaced with the real tenant ID
"""
GOOGLE = """\
Google SSO
Google is the only third party which does not require additional setup information.
"""
ENFORCE = """\
As an admin, make sure that if you choose to enforce SSO from the Dashboard settings, all employees have access to the \
required sign-in.
"""
LOGIN_SCREEN = """\
The settings chosen through the Dashboard will affect what users see on all CloudTalk login screens. When enabled, a \
button labeled Log in with SSO should be viewable on login screens.
Selecting this option, users will be prompted to enter their CloudTalk email.
Choose which available SSO you would like to login with.
Depending on the third party provider, you may be redirected to another login screen, where you can enter your \
credentials for the third-party provider. If the login is successful, we will cross reference our user database \
against the third-party credentials, logging in the user when a correct match is found.
"""
NAMED = {"okta": "Okta", "onelogin": "OneLogin", "entra": "Azure", "keycloak": "Keycloak"}


@pytest.mark.parametrize(("key", "called"), NAMED.items())
def test_the_guide_reads_word_for_word_as_the_page_and_the_redirect_uri_comes_where_the_console_asks_for_it(
    key: str, called: str
) -> None:
    """The page's heading "Okta, OneLogin, Azure, Keycloak SSO" names the one that is being set up."""
    expected = [DASHBOARD, f"{called}\n", TOGGLES, REDIRECT, f"{called} SSO\n", FIELDS, DISCOVERY, ENFORCE]
    assert _as_text(key) == "".join([*expected, LOGIN_SCREEN])


def test_google_asks_for_nothing() -> None:
    assert _as_text("google") == f"{DASHBOARD}Google\n{TOGGLES}{GOOGLE}{ENFORCE}{LOGIN_SCREEN}"


def test_a_provider_that_is_not_listed_leads_to_the_general_guide() -> None:
    found = _as_text("oidc")
    assert found.startswith(DASHBOARD + "Another provider\n" + NOT_LISTED + TOGGLES + REDIRECT)
    assert FIELDS + DISCOVERY in found


@pytest.mark.parametrize("key", ["auth0", "jumpcloud", "ping"])
def test_other_third_parties_follow_the_same_page(key: str) -> None:
    found = _as_text(key)
    assert all(part in found for part in (DASHBOARD, TOGGLES, REDIRECT, FIELDS, DISCOVERY, ENFORCE, LOGIN_SCREEN))


def test_a_product_without_apps_of_other_names_is_not_given_any() -> None:
    values = ConnectionValues.without_connection(product="Ringline").quoted()
    assert values["services"] == "Ringline or other Ringline services"


def _as_text(key: str) -> str:
    """The guide as plain lines, without what is marked as ours."""
    found = guide(key, protocol=Protocol.OIDC)
    assert found is not None
    lines: list[RichText | str] = []
    for step in _filled(found).steps:
        theirs = [item for item in step.items if not item.is_ours]
        if step.is_ours:
            continue
        if theirs:
            lines.append(step.title.plain.partition(": ")[2])
        for item in theirs:
            lines += [item.text, *([row.copies or "" for row in item.table.rows] if item.table else ()), *item.bullets]
        lines += step.notes
    lines += _filled(found).login_flow
    return "".join(f"{line if isinstance(line, str) else line.plain}\n" for line in lines)


def _filled(found: Guide) -> Guide:
    return found.filled(CLOUDTALK.quoted())
