"""An admin sets an application up by the labels of the console, and a sign-in through it works."""

from datetime import timedelta

import pytest

from ostiary.simulator import OidcFault, ProviderFault
from tests.simulator.oidc.relying_party import REDIRECT_URI, RelyingParty


@pytest.fixture
def admin(browser):
    """The administrator at the list of applications."""
    browser.open("/admin/apps")
    browser.press("Log in")
    assert browser.path == "/admin/apps"
    return browser


def signed_in(simulator, *, secret=None, method="basic", email="ana@acme.example"):
    """The claims of a sign-in through the one application that there is."""
    [(_, app)] = simulator.oidc.apps()
    party = RelyingParty(simulator, app)
    answered = party.ask(email)
    if answered is None or "code" not in answered:
        return answered
    answer = party.redeem(answered["code"], secret=secret, method=method)
    assert answer.status_code == 200, answer.text
    return party.verified(answer.json())


def code_shown(browser):
    return [one.text_content() for one in browser._page.iterfind(".//section[@class='panel']//code")]


@pytest.mark.parametrize("vendor", ["okta"])
def test_okta(simulator, admin):
    admin.click("Create App Integration")
    admin.tick("OIDC - OpenID Connect")
    admin.press("Next")
    assert "Choose an application type." in admin.text
    admin.tick("OIDC - OpenID Connect")
    admin.tick("Web Application")
    admin.press("Next")
    assert admin.heading == "New Web App Integration"
    admin.fill("App integration name", "Ringline")
    admin.press("Save")
    assert "Sign-in redirect URIs is empty." in admin.text
    admin.fill("Sign-in redirect URIs", REDIRECT_URI)
    admin.press("Save")
    [(_, app)] = simulator.oidc.apps()
    assert admin.value("Client ID") == app.client_id
    assert code_shown(admin) == [app.client_secret]
    assert signed_in(simulator)["error"] == "access_denied"  # nobody is assigned yet
    admin.click("Assignments")
    admin.tick("Ana Silva (ana@acme.example)")
    admin.press("Save")
    assert signed_in(simulator)["iss"] == "http://127.0.0.1:9101"
    admin.open("/admin/apps")
    assert "RinglineOpenID ConnectActive" in admin.text


@pytest.mark.parametrize("vendor", ["okta"])
def test_okta_has_two_secrets_at_a_time(simulator, admin):
    app = simulator.oidc.add_app("Ringline", redirect_uri=REDIRECT_URI)
    admin.open(f"/admin/oidc/{app.id}/general")
    admin.press("Generate new secret")
    first, second = code_shown(admin)
    admin.click("Assignments")
    admin.choose("Controlled access", "Allow everyone in your organization to access")
    admin.press("Save")
    assert signed_in(simulator, secret=first)
    assert signed_in(simulator, secret=second)
    admin.click("General")
    [delete, _] = [one.get("aria-label") for one in admin._page.iter("button") if one.text == "Delete"]
    admin.press(delete)
    assert code_shown(admin) == [second]


@pytest.mark.parametrize("vendor", ["onelogin"])
def test_onelogin(simulator, admin):
    admin.click("Add App")
    admin.fill("Search for an application", "openid")
    admin.press("Search")
    admin.click("OpenId Connect (OIDC)")
    admin.fill("Display Name", "Ringline")
    admin.press("Save")
    admin.click("Configuration")
    admin.fill("Login Url", "https://product.example/oidc/c1/start")
    admin.fill("Redirect URIs", REDIRECT_URI)
    admin.press("Save")
    admin.click("SSO")
    admin.choose("Token Endpoint Authentication Method", "POST")
    admin.press("Save")
    [(_, app)] = simulator.oidc.apps()
    assert admin.value("Client ID") == app.client_id
    assert admin.value("Issuer URL") == "http://127.0.0.1:9101/oidc/2"
    assert code_shown(admin) == [app.client_secret]
    assert signed_in(simulator) is None  # OneLogin's own page: nobody has it yet
    admin.click("Access")
    admin.tick("Sales")
    admin.press("Save")
    assert signed_in(simulator, method="post")["iss"] == "http://127.0.0.1:9101/oidc/2"


@pytest.mark.parametrize("vendor", ["onelogin"])
def test_onelogin_takes_a_secret_only_as_it_is_set_to(simulator, app, ana):
    party = RelyingParty(simulator, app)
    assert party.redeem(party.ask()["code"], method="post").status_code == 401
    assert party.redeem(party.ask()["code"], method="basic").status_code == 200


@pytest.mark.parametrize("vendor", ["entra"])
def test_entra(simulator, admin):
    admin.click("New registration")
    admin.fill("Name", "Ringline")
    assert admin.chosen("Supported account types").startswith("Accounts in this organizational directory only")
    admin.fill("Redirect URI (optional)", REDIRECT_URI)
    admin.press("Register")
    [(_, app)] = simulator.oidc.apps()
    assert admin.value("Application (client) ID") == app.client_id
    assert app.issuer == f"http://127.0.0.1:9101/{admin.value('Directory (tenant) ID')}/v2.0"
    assert app.client_secret == ""
    admin.click("Certificates & secrets")
    admin.fill("Description", "for sign-in")
    admin.press("New client secret")
    value, secret_id = code_shown(admin)
    assert "It can't be seen again" in admin.text
    assert secret_id != value
    admin.click("Certificates & secrets")
    assert code_shown(admin) == [value[:3] + "******************", secret_id]
    assert signed_in(simulator, secret=value)["aud"] == app.client_id
    admin.click("Users and groups")
    admin.choose("Assignment required?", "Yes")
    admin.press("Save")
    assert signed_in(simulator) is None
    admin.click("Token configuration")
    admin.tick("xms_edov")
    admin.press("Save")
    assert admin.is_ticked("xms_edov")


@pytest.mark.parametrize("vendor", ["entra"])
def test_a_secret_of_entra_ends_after_six_months(simulator, admin, clock):
    app = simulator.oidc.add_app("Ringline", redirect_uri=REDIRECT_URI)
    admin.open(f"/admin/oidc/{app.id}/secrets")
    admin.press("New client secret")
    value = code_shown(admin)[-2]
    assert "2027-05-20" in admin.text
    clock.at = clock.at.replace(year=2027, month=5, day=21)
    party = RelyingParty(simulator, app)
    refused = party.redeem(party.ask()["code"], secret=value)
    assert refused.json()["error_codes"] == [7000222]


@pytest.mark.parametrize("vendor", ["entra"])
def test_how_long_a_secret_of_entra_lasts_is_chosen(simulator, admin, clock):
    app = simulator.oidc.add_app("Ringline", redirect_uri=REDIRECT_URI)
    admin.open(f"/admin/oidc/{app.id}/secrets")
    assert admin.chosen("Expires") == "Recommended: 180 days (6 months)"
    admin.choose("Expires", "90 days (3 months)")
    admin.press("New client secret")
    assert (clock.at + timedelta(days=90)).date().isoformat() in admin.text


@pytest.mark.parametrize("vendor", ["keycloak"])
def test_the_realm_of_keycloak_shows_its_addresses(simulator, admin):
    admin.click("Realm settings")
    admin.click("OpenID Endpoint Configuration")
    assert admin.path == "/realms/acme/.well-known/openid-configuration"


@pytest.mark.parametrize("vendor", ["okta"])
def test_a_console_without_such_a_page_has_none(simulator, admin):
    admin.open("/admin/endpoints")
    assert admin.response.status_code == 404


@pytest.mark.parametrize("vendor", ["keycloak"])
def test_keycloak(simulator, admin):
    admin.click("Create client")
    assert admin.value("Client type") == "OpenID Connect"
    admin.press("Next")
    assert "Client ID is empty." in admin.text
    admin.fill("Client ID", "https://product.example/ringline")
    admin.press("Next")
    admin.tick("Client authentication")
    admin.press("Next")
    admin.fill("Valid redirect URIs", REDIRECT_URI)
    admin.press("Save")
    [(name, app)] = simulator.oidc.apps()
    assert (name, app.client_id) == ("https://product.example/ringline",) * 2
    admin.click("Credentials")
    assert admin.chosen("Client Authenticator") == "Client Id and Secret"
    assert code_shown(admin) == [app.client_secret]
    assert signed_in(simulator)["iss"] == "http://127.0.0.1:9101/realms/acme"
    admin.press("Regenerate")
    assert app.client_secret not in code_shown(admin)
    admin.click("Settings")
    admin.fill("Backchannel logout URL", "somewhere")
    admin.press("Save")
    assert "Backchannel logout URL is not an absolute URL." in admin.text


@pytest.mark.parametrize("vendor", ["keycloak"])
def test_two_clients_of_keycloak_have_two_ids(simulator, app, admin):
    admin.click("Create client")
    admin.fill("Client ID", app.client_id)
    admin.press("Next")
    assert "already" in admin.text


@pytest.mark.parametrize("vendor", ["keycloak"])
def test_a_client_without_authentication_is_public(simulator, admin):
    admin.click("Create client")
    admin.fill("Client ID", "ringline")
    admin.press("Next")
    admin.press("Next")
    admin.fill("Valid redirect URIs", REDIRECT_URI)
    admin.press("Save")
    assert not admin.is_ticked("Client authentication")
    assert signed_in(simulator, method="none")
    assert "Credentials" not in admin.text
    [(_, app)] = simulator.oidc.apps()
    admin.open(f"/admin/oidc/{app.id}/credentials")
    assert admin.response.status_code == 404
    admin.open(f"/admin/oidc/{app.id}/settings")
    admin.tick("Client authentication")
    admin.press("Save")
    admin.click("Credentials")
    assert code_shown(admin)


@pytest.mark.parametrize("vendor", ["google"])
def test_google_is_set_up_by_the_operator(simulator, admin):
    admin.click("Create client")
    admin.fill("Name", "Ringline")
    admin.fill("Authorized redirect URIs", REDIRECT_URI)
    admin.press("Create")
    [(_, app)] = simulator.oidc.apps()
    assert app.client_id.endswith(".apps.googleusercontent.com")
    assert app.client_secret.startswith("GOCSPX-")
    assert code_shown(admin) == [app.client_secret]
    assert signed_in(simulator)["hd"] == "acme.example"


def test_a_page_that_is_not_there(simulator, app, admin):
    for path in ("/admin/oidc/none", "/admin/oidc/none/general", f"/admin/oidc/{app.id}/none"):
        admin.open(path)
        assert admin.response.status_code == 404


def test_the_console_is_for_the_administrator(simulator, app, browser):
    for path in (f"/admin/oidc/{app.id}", "/admin/oidc/new"):
        browser.open(path)
        assert browser.path == "/admin/login"


def test_every_tab_opens_and_saves_without_a_change(simulator, app, admin, ana):
    before = simulator._idp.store.read().oidc.clients
    for tab in simulator._idp.oidc.console.tabs:
        admin.open(f"/admin/oidc/{app.id}/{tab.slug}")
        assert admin.response.status_code == 200
        if tab.is_saved:
            admin.press("Save")
            assert "Saved." in admin.text, tab.slug
    assert simulator._idp.store.read().oidc.clients == before


def test_every_fault_is_switched_on_the_page(simulator, app, admin, vendor):
    admin.open("/faults")
    admin.press("Wrong nonce for Ringline")
    admin.press(f"Key set empty for {simulator.name} itself")
    state = simulator._idp.store.read().oidc
    assert state.clients[app.id].faults == (OidcFault.WRONG_NONCE,)
    assert state.faults == (ProviderFault.KEYS_EMPTY,)
    admin.press("Wrong nonce for Ringline")
    admin.press(f"Key set empty for {simulator.name} itself")
    state = simulator._idp.store.read().oidc
    assert (state.clients[app.id].faults, state.faults) == ((), ())


def test_what_was_set_up_outlives_a_restart(make, vendor, tmp_path):
    path = tmp_path / "state.json"
    first = make(vendor, state_path=path)
    app = first.oidc.add_app("Ringline", redirect_uri=REDIRECT_URI)
    keys = RelyingParty(first, app).client.get("/").status_code
    again = make(vendor, state_path=path)
    assert keys == 200
    assert again.oidc.apps() == first.oidc.apps()
    assert not again.is_new
