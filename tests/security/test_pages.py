"""Pages and forms: markup from outside, forms from elsewhere, pages of other organizations."""

import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree, html

from ostiary.domain.account import Role
from ostiary.domain.connection import Connection
from ostiary.domain.organization import Plan
from ostiary.web.routes import ROWS
from ostiary.web.routing import Who
from tests.journeys.world import PASSWORD, PRODUCT, World
from tests.security.attacker import Browser, answer, connect, departed, form, text_of, verify_domain
from tests.vectors.message import Message, attribute
from tests.vectors.vector import pem

OWNER = "dana.whitfield@acme.example"
MARK = "\"'><img src=x onerror=alert(1)><script>alert(1)</script><a href=javascript:alert(1)>{{7*7}}</a>"
WRITTEN = text_of(MARK).replace("'", "&apos;")


@pytest.fixture
def acme(world: World) -> Connection:
    verify_domain(world, world.acme, world.dana, "acme.example")
    return connect(world, world.acme, world.dana)


@pytest.fixture
def admin(world: World) -> Browser:
    browser = Browser(world)
    assert browser.post("/login", email=OWNER, password=PASSWORD).status_code == 303
    return browser


def assert_harmless(page: str) -> None:
    """Nothing of the mark has become markup."""
    for element in html.fromstring(page).iter(etree.Element):
        for name, value in element.attrib.items():
            assert not str(name).startswith("on")
            assert name not in {"href", "src", "action"} or not str(value).lower().strip().startswith("javascript")
        if element.tag == "script":
            assert str(element.get("src")).startswith("/static/")
            assert not (element.text or "").strip()


def test_markup_of_an_identity_provider_stays_text(world: World, acme: Connection, admin: Browser) -> None:
    """In everything that a signed answer can say: the report, the list, the story, and the page of the person."""
    attributes = (
        attribute("email", "eve@acme.example")
        + attribute("firstName", WRITTEN)
        + attribute("lastName", WRITTEN)
        + attribute(WRITTEN, WRITTEN)
    )
    name_id = f'<saml2:NameID Format="{WRITTEN}">{WRITTEN}</saml2:NameID>'
    tested = departed(admin.post(f"/settings/security/connections/{acme.id}/test"))
    said = answer(world, acme, request_id=tested.request_id, attributes=attributes, name_id=name_id)
    report = admin.bring(acme, form(said), relay_state=tested.relay_state).headers["location"]
    page = admin.client.get(report).text
    assert "onerror" in page
    assert_harmless(page)
    person = Browser(world)
    left = person.leave(acme)
    said = answer(world, acme, request_id=left.request_id, attributes=attributes, name_id=name_id, assertion_id="_b")
    person.bring(acme, form(said), relay_state=left.relay_state)
    assert "onerror" in person.home
    assert_harmless(person.home)
    assert_attempts_are_harmless(admin)


def refusals(world: World, connection: Connection, request_id: str) -> list[Message]:
    """Answers that are refused for a reason that quotes them."""
    good = answer(world, connection, request_id=request_id, email="eve@acme.example")
    status = (
        f'<saml2p:Status><saml2p:StatusCode Value="{WRITTEN}"><saml2p:StatusCode Value="{WRITTEN}"/>'
        f"</saml2p:StatusCode><saml2p:StatusMessage>{WRITTEN}</saml2p:StatusMessage></saml2p:Status>"
    )
    return [
        replace(good, status=status),
        replace(good, issuer=WRITTEN, response_issuer=WRITTEN),
        replace(good, destination=WRITTEN),
        replace(good, audiences=((WRITTEN,),)),
        replace(good, not_before=WRITTEN),
        replace(good, version=WRITTEN),
        replace(good, more_conditions="<x xmlns='u:x' a='onerror'/>"),
        replace(good, attributes=attribute("email", WRITTEN)),
        replace(good, attributes=attribute("email", "a@acme.example", WRITTEN)),
        replace(good, attributes=attribute(WRITTEN, WRITTEN)),
        good.with_confirmation(recipient=WRITTEN, in_response_to=request_id),
        good.with_confirmation(method=WRITTEN),
        good.with_confirmation(in_response_to=WRITTEN),
    ]


@pytest.mark.parametrize("number", range(13))
def test_markup_in_what_is_refused_stays_text(world: World, acme: Connection, admin: Browser, number: int) -> None:
    tested = departed(admin.post(f"/settings/security/connections/{acme.id}/test"))
    said = refusals(world, acme, tested.request_id)[number]
    report = admin.bring(acme, form(said), relay_state=tested.relay_state).headers["location"]
    assert_harmless(admin.client.get(report).text)
    person = Browser(world)
    left = person.leave(acme)
    refused = person.bring(acme, form(refusals(world, acme, left.request_id)[number]), relay_state=left.relay_state)
    assert refused.status_code >= 400
    assert "onerror" not in refused.text
    assert_harmless(refused.text)
    assert_attempts_are_harmless(admin)


def assert_attempts_are_harmless(admin: Browser) -> None:
    listed = admin.client.get("/settings/attempts").text
    assert_harmless(listed)
    references = set(re.findall(r"/settings/attempts/([0-9A-Z]{4}-[0-9A-Z]{4})", listed))
    assert references
    for reference in references:
        assert_harmless(admin.client.get(f"/settings/attempts/{reference}").text)


def test_markup_in_a_form_is_shown_as_it_was_typed(world: World, acme: Connection, admin: Browser) -> None:
    typed = {
        "sso_url": MARK,
        "idp_entity_id": MARK,
        "certificate": MARK,
        "attribute_email": MARK,
        "attribute_first_name": MARK,
        "attribute_last_name": MARK,
        "default_role": MARK,
    }
    assert_harmless(admin.post(f"/settings/security/connections/{acme.id}", **typed).text)
    assert_harmless(admin.post("/settings/security/domains", domain=MARK).text)
    for path in ("/login", "/login/sso", "/password/forgot"):
        assert_harmless(Browser(world).post(path, email=MARK, password=MARK, return_to=MARK).text)
    for path in ("/settings/attempts", "/password/set", "/settings/security/domains", "/password/forgot", "/login/sso"):
        query = dict.fromkeys(("q", "outcome", "connection", "days", "at", "return_to", "link", "domain"), MARK)
        assert_harmless(admin.client.get(path, params=query | {"email": MARK}).text)


def test_markup_in_a_certificate_and_in_metadata_stays_text(world: World, acme: Connection, admin: Browser) -> None:
    certificate = marked_certificate()
    typed = {
        "sso_url": "https://idp.evil.example/sso?a='><script>",
        "idp_entity_id": MARK,
        "certificate": b64encode(certificate).decode(),
        "attribute_email": MARK,
        "attribute_first_name": "firstName",
        "attribute_last_name": "lastName",
        "default_role": "member",
    }
    saved = admin.post(f"/settings/security/connections/{acme.id}", **typed)
    assert saved.status_code == 303
    page = admin.client.get(f"/settings/security/connections/{acme.id}").text
    assert "onerror" in page
    assert_harmless(page)
    assert_harmless(admin.client.get("/settings/security/single-sign-on").text)


def marked_certificate() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, MARK[:60])])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start + timedelta(days=999))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


# --- forms from elsewhere ------------------------------------------------------------------------

FORMS = [row.path for row in ROWS if row.method == "POST" and not row.is_cross_site]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://sso.ringline.example.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin", "Referer": PRODUCT + "/"},
    ],
    ids=["nothing", "null", "foreign", "longer", "cross-site", "same-site", "both"],
)
def test_no_form_is_taken_from_elsewhere(admin: Browser, headers: dict[str, str]) -> None:
    for path in FORMS:
        response = admin.client.post(re.sub(r"\{[^}]+\}", "x", path), data={"on": "yes"}, headers=headers)
        assert response.status_code == 403, path
        assert "set-cookie" not in response.headers


def test_forms_from_elsewhere_are_those_that_prove_their_sender_or_only_begin() -> None:
    """By a signature, by state and the browser's cookie, or by a signed token; `start` begins a sign-in of ours."""
    assert {row.path for row in ROWS if row.is_cross_site} == {
        "/saml/{connection_id}/acs",
        "/saml/{connection_id}/slo",
        "/oauth2/idpresponse/{connection_id}",
        "/oidc/{connection_id}/start",
        "/oidc/{connection_id}/backchannel-logout",
    }


def test_nothing_is_changed_by_a_page_that_is_only_looked_at(admin: Browser) -> None:
    """Lax cookies come along with a link from anywhere."""
    for row in ROWS:
        if row.method == "POST" and row.path not in {each.path for each in ROWS if each.method == "GET"}:
            assert admin.client.get(re.sub(r"\{[^}]+\}", "x", row.path)).status_code in {404, 405}


# --- other organizations -------------------------------------------------------------------------


def test_pages_and_forms_of_another_organization_are_not_there(world: World, acme: Connection, admin: Browser) -> None:
    """Every address with an id of Acme's, asked for by the owner of another organization."""
    made = world.services.organizations.add(
        "mallory", name="Mallory", owner_email="m@mallory.example", plan=Plan.BUSINESS
    )
    world.add_account("eve@mallory.example", role=Role.OWNER, organization=made.organization)
    tested = departed(admin.post(f"/settings/security/connections/{acme.id}/test"))
    said = answer(world, acme, request_id=tested.request_id, email=OWNER)
    admin.bring(acme, form(said), relay_state=tested.relay_state)
    with world.store.read() as tx:
        (domain,) = tx.domains.of(world.acme.id)
    (attempt,) = world.services.attempts.page(
        organization_id=world.acme.id, search="", outcome=None, connection_id=None, days=1, cursor=None
    ).attempts
    eve = Browser(world)
    eve.post("/login", email="eve@mallory.example", password=PASSWORD)
    own = connect(world, made.organization, made.owner)
    before = state(world, acme)
    fields = {
        "on": "no",
        "access": "yes",
        "password": PASSWORD,
        "sso_url": "https://evil.example/sso",
        "idp_entity_id": "https://evil.example",
        "certificate": pem("idp-next").decode(),
        "attribute_email": "email",
        "attribute_first_name": "a",
        "attribute_last_name": "b",
        "default_role": "admin",
        "decision": "take",
        "how": "now",
    }
    asked = 0
    for row in ROWS:
        if row.who is not Who.ADMIN or "{" not in row.path:
            continue
        for connection_id in {acme.id, own.id} if "{attempt_id}" in row.path else {acme.id}:
            path = row.path.format(
                connection_id=connection_id,
                attempt_id=attempt.id,
                domain_id=domain.id,
                reference=attempt.reference,
                role="current",
                secret_id="k1",
                account_id=world.dana.id,
                passkey_id="k1",
            )
            response = eve.client.get(path) if row.method == "GET" else eve.post(path, **fields)
            if row.path.endswith("/test/latest"):
                assert attempt.id not in response.headers.get("location", "")
                continue
            assert response.status_code == 404, (row.method, row.path, response.status_code)
            assert OWNER not in response.text
            asked += 1
    assert asked > 15
    assert state(world, acme) == before
    for search in ("%", "_", "dana", attempt.reference, "*"):
        assert OWNER not in eve.client.get("/settings/attempts", params={"q": search, "days": "90"}).text
    listed = eve.client.get("/settings/attempts", params={"connection": acme.id, "at": f"older.{attempt.id}"})
    assert OWNER not in listed.text


def state(world: World, connection: Connection) -> object:
    with world.store.read() as tx:
        return tx.connections.by_id(connection.id), tx.domains.of(world.acme.id)


def test_a_member_sees_no_settings(world: World, acme: Connection) -> None:
    world.add_account("marcus.oyelaran@acme.example", role=Role.MEMBER)
    marcus = Browser(world)
    marcus.post("/login", email="marcus.oyelaran@acme.example", password=PASSWORD)
    for row in ROWS:
        if row.who is Who.ADMIN:
            path = re.sub(r"\{[^}]+\}", str(acme.id), row.path)
            response = marcus.client.get(path) if row.method == "GET" else marcus.post(path)
            assert response.status_code == 403, row.path


def test_wildcards_in_a_search_are_letters(world: World, acme: Connection, admin: Browser) -> None:
    Browser(world).post("/login/sso", email="eve@acme.example")
    for search in ("e_e", "%ve%", "a\\", "ev%"):
        assert "eve@acme.example" not in admin.client.get("/settings/attempts", params={"q": search}).text
    assert "eve@acme.example" in admin.client.get("/settings/attempts", params={"q": "ev"}).text


# --- use this identity ---------------------------------------------------------------------------


def report_of(world: World, connection: Connection, browser: Browser, email: str) -> str:
    left = departed(browser.post(f"/settings/security/connections/{connection.id}/test"))
    said = answer(world, connection, request_id=left.request_id, email=email, assertion_id=f"_{left.request_id}")
    browser.bring(connection, form(said), relay_state=left.relay_state)
    return f"/settings/security/connections/{connection.id}/test/{left.relay_state}/identity"


def linked(world: World, connection: Connection) -> bool:
    with world.store.read() as tx:
        account = world.dana.id
        found = tx.identities.of_account(account, organization_id=world.acme.id, connection_id=connection.id)
    return found is not None


def test_an_identity_is_used_by_who_tested_it_with_the_password_and_soon(
    world: World, acme: Connection, admin: Browser
) -> None:
    world.add_account("lena@acme.example", role=Role.ADMIN)
    lena = Browser(world)
    lena.post("/login", email="lena@acme.example", password=PASSWORD)
    of_lena = report_of(world, acme, lena, "lena@acme.example")
    assert admin.post(of_lena, password=PASSWORD).status_code >= 400
    own = report_of(world, acme, admin, OWNER)
    assert admin.post(own, password="not the password").status_code >= 400
    assert not linked(world, acme)
    world.pass_time(minutes=61)
    assert admin.post(own, password=PASSWORD).status_code >= 400
    assert not linked(world, acme)


def test_the_identity_of_a_colleague_is_not_used_for_ones_own_account(
    world: World, acme: Connection, admin: Browser
) -> None:
    """Dana tests while Marcus is signed in at the identity provider: he would be the owner from then on."""
    world.add_account("marcus.oyelaran@acme.example", role=Role.MEMBER)
    used = report_of(world, acme, admin, "Marcus.Oyelaran@acme.example")
    assert admin.post(used, password=PASSWORD).status_code >= 400
    assert not linked(world, acme)
    used = report_of(world, acme, admin, OWNER)
    assert admin.post(used, password=PASSWORD).status_code == 303
    assert linked(world, acme)


def test_every_page_carries_the_headers_that_protect_it(world: World, acme: Connection, admin: Browser) -> None:
    paths = ["/", "/login", "/login/sso", "/healthz", "/nothing/here", f"/saml/{acme.id}", "/settings/attempts"]
    for path in paths:
        headers = admin.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "same-origin"
        assert "server" not in headers


def test_urls_are_made_of_the_public_address_whatever_host_was_asked(world: World, acme: Connection) -> None:
    """A reset mail, metadata and a request for a Host of the attacker's (decision 2)."""
    browser = Browser(world)
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    browser.client.post("/password/forgot", data={"email": OWNER}, headers={"Origin": PRODUCT, **evil})
    with world.store.write() as tx:
        (due,) = tx.outbox.claim(limit=10, lease=timedelta(seconds=1), now=world.clock.now())
    assert f"{PRODUCT}/password/set?link=" in due.mail.text
    assert "evil" not in due.mail.text
    metadata = browser.client.get(f"/saml/{acme.id}", headers=evil).text
    assert "evil" not in metadata
    left = browser.client.post("/login/connection", data={"connection": acme.id}, headers={"Origin": PRODUCT, **evil})
    assert "evil.example" not in str(departed(left))
