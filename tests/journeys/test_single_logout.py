"""Single logout with both simulated providers: Okta posts and checks signatures, OneLogin redirects and does not."""

from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.x509 import load_der_x509_certificate
from lxml import html

from ostiary import saml
from ostiary.domain.connection import Binding, Connection, Revision, SamlSettings, urls
from ostiary.services.audit_trail import Actor
from ostiary.simulator import SamlApp, Simulator
from tests.journeys.steps import answer, sign_in_with_sso
from tests.journeys.walker import Walker
from tests.journeys.world import OKTA, ONELOGIN, PASSWORD, PRODUCT, World

MARCUS, PRIYA = "marcus.oyelaran@acme.example", "priya.raman@acme.example"
SIGNED_IN = "You are signed in as Marcus Oyelaran"


@dataclass(frozen=True, kw_only=True)
class Connected:
    """A connection that is on, and what stands on the other side."""

    simulator: Simulator
    app: SamlApp
    connection: Connection
    portal: str
    idp: str


@pytest.fixture(params=["okta", "onelogin"])
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def connect(world: World, provider: str, *, certificate_pem: str | None = None, **settings: str) -> Connected:
    """Acme signs in and out with this provider. `certificate_pem` is what the provider takes for our key."""
    simulator = {"okta": world.okta, "onelogin": world.onelogin}[provider]
    actor = Actor.of(world.dana, client_address="203.0.113.24")
    made = world.services.connections.draft(provider, organization=world.acme, actor=actor).connection
    own = urls(PRODUCT, made.id)
    app = simulator.add_saml_app("Ringline", acs_url=own.acs_url, audience=made.entity_id)
    now = world.clock.now()
    saved = SamlSettings(
        sso_url=app.sso_url,
        idp_entity_id=app.issuer,
        certificates=(saml.read_certificates(app.certificate_pem.encode())[0].base64,),
        slo_url=settings.get("slo_url", app.slo_url),
        slo_binding=Binding.POST if provider == "okta" else Binding.REDIRECT,
    )
    revision = Revision(
        connection_id=made.id,
        organization_id=world.acme.id,
        number=1,
        settings=saved,
        saved_at=now,
        saved_by=world.dana.id,
        tested_at=now,
        tested_by=world.dana.id,
    )
    scope = {"organization_id": world.acme.id}
    with world.store.write() as tx:
        tx.connections.save_revision(revision, **scope)
        tx.connections.set_enabled(made.id, at=now, **scope)
    key = world.services.single_logout.keys.of(made, now)
    pem = load_der_x509_certificate(key.certificate.der).public_bytes(serialization.Encoding.PEM).decode()
    simulator.set_single_logout(app, slo_url=own.slo_url, issuer=made.entity_id, certificate_pem=certificate_pem or pem)
    for email in (MARCUS, PRIYA):
        simulator.assign(app, simulator.add_user(email, first_name="", last_name="", password=""))
    portal = {"okta": f"{OKTA}/app/UserHome", "onelogin": f"{ONELOGIN}/portal"}[provider]
    return Connected(simulator=simulator, app=app, connection=made, portal=portal, idp=simulator.name)


def go_on(walker: Walker) -> Walker:
    """Pass every page that passes itself where there is JavaScript."""
    for _ in range(6):
        link = walker.document.xpath("//a[@data-leaving]/@href")
        if link:
            walker.open(link[0])
            continue
        forms = walker.document.xpath("//form[@data-leaving]|//script[contains(@src,'auto_post')]")
        if not forms:
            return walker
        [button] = walker.document.xpath("//main//form//button")
        walker.press(_words(button))
    raise AssertionError(walker.url)


def _words(button: html.HtmlElement) -> str:
    return " ".join(button.text_content().split())


def signed_in(world: World, email: str = MARCUS) -> Walker:
    walker = sign_in_with_sso(world.walker(), email)
    answer(walker, email)
    assert walker.title.startswith("You are signed in as"), walker.text
    return walker


def is_signed_in(walker: Walker) -> bool:
    return walker.twin().open(f"{PRODUCT}/").title.startswith("You are signed in as")


def verified(world: World) -> None:
    world.verify_domain(world.signed_in())


def test_signing_out_at_the_provider_ends_our_session(world: World, provider: str) -> None:
    verified(world)
    there = connect(world, provider)
    marcus, elsewhere, priya = signed_in(world), signed_in(world), signed_in(world, PRIYA)
    marcus.open(there.portal).press("Sign out")
    go_on(marcus)
    assert marcus.title == f"You are signed out of {there.idp}"
    assert "Ringline: signed out" in marcus.text
    assert not is_signed_in(marcus)
    # Another browser, with a session of its own at the provider, and another person stay.
    assert is_signed_in(elsewhere)
    assert is_signed_in(priya)


def test_signing_out_here_ends_the_providers_session(world: World, provider: str) -> None:
    verified(world)
    there = connect(world, provider)
    marcus = signed_in(world)
    marcus.press("Sign out")
    go_on(marcus)
    assert marcus.title == "You are signed out"
    assert f"Ringline Signed out {there.idp} Signed out" in marcus.text
    assert not is_signed_in(marcus)
    assert marcus.open(there.portal).title.startswith("Sign in to")


def test_a_provider_that_refuses_keeps_nobody_signed_in_here(world: World) -> None:
    """Okta says AuthnFailed where our certificate was not uploaded: told calmly, and explained to the admin."""
    verified(world)
    there = connect(world, "okta", certificate_pem=world.okta.saml_app(_other_app(world)).certificate_pem)
    marcus = signed_in(world)
    marcus.press("Sign out")
    go_on(marcus)
    assert marcus.title == "You are signed out of Ringline"
    assert "Okta Still signed in" in marcus.text
    assert not is_signed_in(marcus)
    assert marcus.open(there.portal).title == "My Apps"
    admin = world.signed_in().open(f"{PRODUCT}/settings/attempts?outcome=refused")
    [found] = {link for link in admin.document.xpath("//a/@href") if link.startswith("/settings/attempts/")}
    admin.open(found)
    assert admin.title == "Okta has not signed the person out."
    assert "saml.logout_denied" in admin.text
    assert "AuthnFailed" in admin.text
    assert "What Marcus saw" not in admin.text


def _other_app(world: World) -> str:
    return world.okta.add_saml_app("Other", acs_url="https://other.example/acs", audience="https://other.example").id


def test_a_provider_that_is_away_keeps_nobody_signed_in_here(world: World) -> None:
    verified(world)
    connect(world, "onelogin", slo_url="https://away.example/slo")
    marcus = signed_in(world)
    other_tab = marcus.twin()
    marcus.press("Sign out")
    assert marcus.title == "You are signed out of Ringline"
    with pytest.raises(AssertionError, match="Nothing answers"):
        go_on(marcus)
    assert not is_signed_in(other_tab)


def test_a_password_session_is_signed_out_as_ever(world: World) -> None:
    dana = world.signed_in()
    dana.open(f"{PRODUCT}/").press("Sign out")
    assert dana.url == f"{PRODUCT}/login?done=signed-out"
    assert PASSWORD not in dana.text
