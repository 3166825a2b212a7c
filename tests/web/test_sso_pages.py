import base64
import re
import zlib
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.enabled import acme_with_sso
from tests.web.rim import PUBLIC_URL, a_rim, ask, post

LOGIN = "__Host-ostiary-login"
FOREIGN = ("origin", "https://okta.example")
FORM = ("content-type", "application/x-www-form-urlencoded")


@pytest.fixture
def app(services):
    return a_rim(services)


@pytest.fixture
def okta(services):
    """Acme's one connection."""
    _, (connection,) = acme_with_sso(services, ["okta"])
    return connection


def answer(app, connection, form: str, cookie: str = ""):
    """What an identity provider's page posts to the ACS."""
    headers = [FOREIGN, FORM, *([("cookie", cookie)] if cookie else [])]
    return ask(app, "POST", f"/saml/{connection.id}/acs", headers=headers, body=form.encode())


def question(reply) -> str:
    """The AuthnRequest of a redirect, without the id and the time that each has of its own."""
    (packed,) = parse_qs(urlsplit(reply.header("location")).query)["SAMLRequest"]
    text = zlib.decompress(base64.b64decode(packed), wbits=-15).decode()
    return re.sub(r'(ID|IssueInstant)="[^"]+"', r'\1=""', text)


def test_a_company_email_leads_to_the_identity_provider(app, okta):
    reply = post(app, "/login/sso", "email=lena@acme.example")
    target = urlsplit(reply.header("location"))
    assert reply.status == 303
    assert (target.netloc, target.path) == ("okta.example", "/sso/saml")
    assert set(parse_qs(target.query)) == {"SAMLRequest", "RelayState"}
    # The answer comes with a POST from another site: a Lax cookie would not come with it (decision 5).
    (cookie,) = reply.cookies
    assert re.fullmatch(f"{LOGIN}=[0-9a-f]{{64}}; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=900", cookie)


def test_a_known_and_an_unknown_person_of_a_domain_get_the_same_answer(app, services, okta):
    known, unknown = (post(app, "/login/sso", f"email={who}@acme.example") for who in ("dana", "nobody"))
    assert known.status == unknown.status == 303
    assert question(known) == question(unknown)
    assert question(known).startswith("<samlp:AuthnRequest")
    assert "dana" not in question(known)


def test_several_tabs_share_one_login_cookie(app, okta):
    first = post(app, "/login/sso", "email=lena@acme.example")
    cookie = first.cookies[0].split(";")[0]
    second = post(app, "/login/sso", "email=lena@acme.example", headers=[("cookie", cookie)])
    assert second.cookies[0].split(";")[0] == cookie
    assert second.header("location") != first.header("location")


def test_a_login_cookie_that_is_none_of_ours_is_replaced(app, okta):
    reply = post(app, "/login/sso", "email=lena@acme.example", headers=[("cookie", f"{LOGIN}=planted")])
    assert "planted" not in reply.cookies[0]


def test_the_organizations_own_link_leads_there_at_once(app, okta):
    assert urlsplit(ask(app, "GET", "/o/acme").header("location")).netloc == "okta.example"
    assert ask(app, "HEAD", "/o/acme").status == 200


def test_who_has_several_ways_chooses(app, services):
    _, (_, onelogin) = acme_with_sso(services, ["okta", "onelogin"])
    page = post(app, "/login/sso", "email=lena@acme.example&return_to=/settings")
    assert page.status == 200
    assert "Choose which SSO to log in with" in page.text
    assert [name for name in ("Okta", "OneLogin") if f"<b>{name}</b>" in page.text] == ["Okta", "OneLogin"]
    assert "form-action" not in page.header("content-security-policy")
    chosen = post(app, "/login/connection", f"connection={onelogin.id}&email=lena@acme.example&return_to=/settings")
    assert urlsplit(chosen.header("location")).netloc == "onelogin.example"
    remembered = ("cookie", chosen.cookies[1].split(";")[0])
    again = post(app, "/login/sso", "email=lena@acme.example", headers=[remembered])
    assert "<b>OneLogin</b><small>You used this last time</small>" in again.text
    assert again.text.count("You used this last time") == 1


def test_somebody_who_wants_the_password_gets_it(app, okta):
    reply = post(app, "/login/sso", "email=lena@acme.example&way=password")
    assert reply.status == 200
    assert 'type="password"' in reply.text
    assert 'value="lena@acme.example"' in reply.text


def test_metadata_names_the_urls_of_the_connection_and_never_the_host_of_the_request(app, okta):
    reply = ask(app, "GET", f"/saml/{okta.id}", headers=[("host", "evil.example")])
    assert (reply.status, reply.header("content-type")) == (200, "application/samlmetadata+xml")
    assert f"{PUBLIC_URL}/saml/{okta.id}/acs" in reply.text
    assert "evil.example" not in reply.text


def test_a_refused_person_reads_a_safe_text_and_a_reference_that_the_admin_finds(app, services, okta):
    begun = post(app, "/login/sso", "email=lena@acme.example")
    relay_state = parse_qs(urlsplit(begun.header("location")).query)["RelayState"][0]
    forged = base64.b64encode(b"<Response>forged-by-mallory</Response>").decode().replace("+", "%2B")
    reply = answer(app, okta, f"SAMLResponse={forged}&RelayState={relay_state}", begun.cookies[0].split(";")[0])
    (reference,) = set(re.findall(r"<dd>([2-9A-Z]{4}-[2-9A-Z]{4})</dd>", reply.text))
    assert reply.status in range(400, 500)
    assert reply.cookies == []
    assert "<title>Error:" in reply.text
    assert "You have not been signed in." in reply.text
    # Nothing that was sent, no code, nobody's address.
    assert [word for word in ("mallory", "saml.", "login.", "lena@") if word in reply.text] == []
    found = services.attempts.one(reference, organization_id=okta.organization_id)
    assert found.attempt.code is not None
    assert found.attempt.email_hint == "lena@acme.example"


def test_the_reference_can_be_mailed_with_one_click(app, okta):
    reply = answer(app, okta, "SAMLResponse=PHgvPg%3D%3D")
    (mail,) = re.findall(r'href="(mailto:[^"]+)"', reply.text)
    (reference,) = set(re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}", unescape(reply.text)))
    assert reference in mail
    assert 'href="/o/acme"' in reply.text


@given(
    response=st.one_of(st.binary(max_size=400), st.binary(max_size=300).map(base64.b64encode)),
    relay_state=st.binary(max_size=80),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_bytes_at_the_acs_are_refused_and_never_a_traceback(app, okta, response, relay_state):
    form = b"SAMLResponse=%s&RelayState=%s" % tuple(
        b"".join(b"%%%02x" % byte for byte in value) for value in (response, relay_state)
    )
    reply = ask(app, "POST", f"/saml/{okta.id}/acs", headers=[FOREIGN, FORM], body=form)
    assert reply.status in range(400, 500)
    assert reply.cookies == []
