"""Choose which one: several connections of both protocols, by address and by the organization's own link."""

import re

import pytest
from lxml import html

from ostiary.domain.openid.settings import OidcSettings
from ostiary.kernel.ids import ConnectionId
from ostiary.services import Services
from tests.services.oidc.ground import add_connection
from tests.web.enabled import acme_with_sso
from tests.web.rim import Reply, a_rim, ask, post

REMEMBERED = "__Host-ostiary-connection"


@pytest.fixture
def both(services: Services) -> dict[str, str]:
    """Acme with Okta by SAML, and with another one by OpenID Connect: the ids by name."""
    organization, (okta,) = acme_with_sso(services, ["okta"])
    store = services.passwords.store
    with store.read() as tx:
        (owner,) = tx.accounts.admins(organization_id=organization.id)
    settings = OidcSettings(issuer="https://acme.onelogin.example/oidc/2", client_id="c")
    other = add_connection(store, organization, owner, settings)
    return {"saml": okta.id, "oidc": other}


def choices(reply: Reply) -> dict[str, str]:
    """The buttons: the connection, and everything that it says."""
    page = html.fromstring(reply.text)
    return {
        str(each.get("value")): " ".join("".join(map(str, each.itertext())).split())
        for each in page.findall(".//button[@name]")
    }


def of_connections(reply: Reply, both: dict[str, str]) -> dict[str, str]:
    return {key: says for key, says in choices(reply).items() if key in both.values()}


def test_an_address_and_the_link_offer_the_same_and_name_no_protocol(services: Services, both: dict[str, str]) -> None:
    app = a_rim(services)
    by_address = post(app, "/login/sso", "email=lena@acme.example")
    by_link = ask(app, "GET", "/o/acme")
    for reply in (by_address, by_link):
        assert reply.status == 200
        assert "Choose which SSO to log in with" in reply.text
        assert set(of_connections(reply, both)) == set(both.values())
        assert not re.search("SAML|OpenID", reply.text)
    assert "lena@acme.example" in by_address.text
    assert "@acme.example" not in by_link.text


def test_a_known_and_an_unknown_person_are_offered_the_same(services: Services, both: dict[str, str]) -> None:
    app = a_rim(services)
    known, unknown = (post(app, "/login/sso", f"email={who}@acme.example") for who in ("dana", "nobody"))
    assert known.text.replace("dana", "nobody") == unknown.text


def test_each_choice_leads_to_its_own_provider_and_is_remembered(services: Services, both: dict[str, str]) -> None:
    app = a_rim(services)
    saml = post(app, "/login/connection", f"connection={both['saml']}&email=lena@acme.example")
    assert saml.header("location").startswith("https://okta.example/sso/saml?SAMLRequest=")
    oidc = post(app, "/login/connection", f"connection={both['oidc']}&email=lena@acme.example")
    # What the provider has to be asked first is asked on the next page, which may wait for it.
    assert f"/oidc/{both['oidc']}/start?attempt=" in oidc.header("location")
    for name, reply in (("saml", saml), ("oidc", oidc)):
        assert f"{REMEMBERED}={both[name]}" in "".join(reply.cookies)
        again = post(app, "/login/sso", "email=lena@acme.example", headers=[("cookie", f"{REMEMBERED}={both[name]}")])
        told = {key for key, says in of_connections(again, both).items() if "You used this last time" in says}
        assert told == {both[name]}


def test_what_was_wanted_before_the_choice_is_kept(services: Services, both: dict[str, str]) -> None:
    app = a_rim(services)
    page = post(app, "/login/sso", "email=lena@acme.example&return_to=/settings/attempts")
    inputs = html.fromstring(page.text).findall(".//form[@action='/login/connection']/input")
    fields = {str(each.get("name")): each.get("value") for each in inputs}
    assert fields["return_to"] == "/settings/attempts"
    assert fields["email"] == "lena@acme.example"


def test_where_sso_is_enforced_only_that_is_offered_and_no_password(services: Services, both: dict[str, str]) -> None:
    app, store = a_rim(services), services.passwords.store
    assert "Use a password" in post(app, "/login/sso", "email=lena@acme.example").text
    organization = services.organizations.by_slug("acme")
    assert organization is not None
    for name, connection_id in both.items():
        with store.write() as tx:
            (owner,) = tx.accounts.admins(organization_id=organization.id)
            begins = services.clock.now()
            tx.enforcement.begin(
                ConnectionId(connection_id),
                organization_id=organization.id,
                by=owner.id,
                begins_at=begins,
                warns=False,
                at=begins,
            )
        reply = post(app, "/login/sso", "email=lena@acme.example")
        assert (reply.status == 303) == (name == "saml")  # one alone needs no choice
    assert set(of_connections(reply, both)) == set(both.values())
    assert "Use a password" not in reply.text
