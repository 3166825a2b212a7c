import re
from dataclasses import replace
from html import unescape

import pytest

from ostiary.domain.account import Account, Role
from ostiary.kernel import ids
from ostiary.kernel.randomness import SystemRandom
from ostiary.kernel.values import EmailAddress
from tests.web.rim import PUBLIC_URL, a_rim, ask, post

PASSWORD = "a sentence that is easy to remember"
SESSION = "__Host-ostiary-session"


@pytest.fixture
def app(services):
    return a_rim(services)


@pytest.fixture
def owner_link(services):
    return services.organizations.add("acme", name="Acme", owner_email="dana@acme.example").owner_link


@pytest.fixture
def signed_in(app, owner_link):
    """The Cookie header of Acme's owner."""
    reply = post(app, "/password/set", f"link={owner_link.split('link=')[1]}&password={PASSWORD}")
    return ("cookie", reply.cookies[0].split(";")[0])


def a_member(services, owner_cookie) -> tuple[str, str]:
    """The Cookie header of another person of Acme, who is no admin."""
    visitor = services.sessions.visitor(owner_cookie[1].split("=")[1])
    member = replace(
        visitor.account,
        id=ids.account_id(SystemRandom()),
        email=EmailAddress.parse("lena@acme.example"),
        role=Role.MEMBER,
        password_hash=services.passwords.hash(PASSWORD),
    )
    assert isinstance(member, Account)
    with services.passwords.store.write() as tx:
        tx.accounts.insert(member)
    reply = post(a_rim(services), "/login", f"email=lena@acme.example&password={PASSWORD}")
    return ("cookie", reply.cookies[0].split(";")[0])


def heading(reply) -> str:
    """The one h1 of a page."""
    (found,) = re.findall(r"<h1>(.*?)</h1>", reply.text, re.DOTALL)
    return unescape(found)


def test_the_sign_in_page_offers_a_password_and_sso(app):
    reply = ask(app, "GET", "/login", query=b"return_to=/settings")
    assert (reply.status, heading(reply)) == (200, "Sign in to Ringline")
    assert "Sign in with SSO" in reply.text
    assert 'href="/login/sso?return_to=/settings"' in reply.text
    # Its form can end at an identity provider: Chromium would block that under form-action 'self' (decision 23).
    assert "form-action" not in reply.header("content-security-policy")


def test_the_first_owner_sets_a_password_by_the_link_and_is_signed_in(app, owner_link):
    token = owner_link.split("link=")[1]
    assert owner_link.startswith(f"{PUBLIC_URL}/password/set?link=")
    for _ in range(2):  # a mail scanner that looks at the link does not use it up
        assert heading(ask(app, "GET", "/password/set", query=f"link={token}".encode())) == "Set your password"
    reply = post(app, "/password/set", f"link={token}&password={PASSWORD}")
    assert (reply.status, reply.header("location")) == (303, "/")
    home = ask(app, "GET", "/", headers=[("cookie", reply.cookies[0].split(";")[0])])
    assert "dana@acme.example" in home.text


def test_a_link_works_once(app, owner_link):
    token = owner_link.split("link=")[1]
    assert post(app, "/password/set", f"link={token}&password={PASSWORD}").status == 303
    again = post(app, "/password/set", f"link={token}&password={PASSWORD}")
    assert again.status in range(400, 500)
    assert again.cookies == []


def test_a_short_password_is_told_at_its_field(app, owner_link):
    reply = post(app, "/password/set", f"link={owner_link.split('link=')[1]}&password=short")
    assert reply.status == 400
    assert 'aria-invalid="true"' in reply.text
    assert "<title>Error:" in reply.text


def test_home_says_who_is_signed_in_and_until_when(app, signed_in):
    reply = ask(app, "GET", "/", headers=[signed_in])
    assert heading(reply) == "You are signed in as dana@acme.example"
    for said in ("Acme", "Owner", "Password", "Ends at the latest"):
        assert said in reply.text


def test_a_page_behind_the_door_leads_to_the_sign_in_page_and_back(app, signed_in):
    reply = ask(app, "GET", "/settings/attempts", query=b"q=lena&days=7")
    assert reply.status == 303
    assert reply.header("location") == "/login?return_to=%2Fsettings%2Fattempts%3Fq%3Dlena%26days%3D7"
    back = post(app, "/login", f"email=dana@acme.example&password={PASSWORD}&return_to=/settings/attempts")
    assert back.header("location") == "/settings/attempts"


def test_nobody_is_sent_to_another_site_after_signing_in(app, signed_in):
    reply = post(app, "/login", f"email=dana@acme.example&password={PASSWORD}&return_to=//evil.example")
    assert reply.header("location") == "/"


def test_a_form_behind_the_door_is_refused_without_a_session(app):
    assert post(app, "/settings/security/domains", "domain=acme.example").status in {401, 403}


def test_the_settings_are_not_for_members(app, services, signed_in):
    member = a_member(services, signed_in)
    assert ask(app, "GET", "/settings/security/single-sign-on", headers=[member]).status == 403
    home = ask(app, "GET", "/", headers=[member])
    assert home.status == 200
    assert "/settings" not in home.text


def test_a_wrong_password_and_an_unknown_person_get_the_same_page(app, signed_in):
    wrong = post(app, "/login", "email=dana@acme.example&password=not+it")
    unknown = post(app, "/login", "email=nobody@acme.example&password=not+it")
    assert wrong.status == unknown.status == 403
    assert wrong.cookies == unknown.cookies == []
    assert wrong.text.replace("dana@", "X@") == unknown.text.replace("nobody@", "X@")
    assert "not it" not in wrong.text


def test_guessing_is_slowed_down(app, signed_in):
    replies = [post(app, "/login", "email=dana@acme.example&password=guess") for _ in range(11)]
    assert [reply.status for reply in replies] == [403] * 10 + [429]


def test_a_forgotten_password_is_answered_in_the_same_way_for_everyone(app, signed_in):
    known = post(app, "/password/forgot", "email=dana@acme.example")
    unknown = post(app, "/password/forgot", "email=nobody@acme.example")
    assert heading(known) == "Look into your mail"
    assert known.text.replace("dana@", "X@") == unknown.text.replace("nobody@", "X@")
    assert ask(app, "GET", "/password/forgot").status == 200


def test_an_address_without_sso_gets_the_password_form_whoever_it_is(app, signed_in):
    known = post(app, "/login/sso", "email=dana@acme.example")
    unknown = post(app, "/login/sso", "email=nobody@elsewhere.example")
    assert (known.status, heading(known)) == (200, "Sign in to Ringline")
    assert 'type="password"' in known.text
    assert known.text.replace("dana@acme.example", "X") == unknown.text.replace("nobody@elsewhere.example", "X")


def test_what_is_no_address_is_told_at_its_field(app):
    reply = post(app, "/login/sso", "email=lena")
    assert reply.status == 400
    assert 'aria-invalid="true"' in reply.text
    assert 'value="lena"' in reply.text
    assert 'aria-describedby="email-error"' in reply.text


def test_an_organizations_link_without_sso_is_the_password_form(app, signed_in):
    acme, nobody = ask(app, "GET", "/o/acme"), ask(app, "GET", "/o/nobody")
    assert acme.status == nobody.status == 200
    assert acme.text.replace("/o/acme", "X") == nobody.text.replace("/o/nobody", "X")


def test_the_organization_of_the_last_sign_in_is_offered_again(app, signed_in):
    home = ask(app, "GET", "/", headers=[signed_in])
    remembered = ("cookie", home.cookies[0].split(";")[0])
    assert 'href="/o/acme"' in ask(app, "GET", "/login/sso", headers=[remembered]).text


def test_a_connection_that_is_none_can_not_be_chosen(app):
    assert post(app, "/login/connection", "connection=c7f3k2m9q4&email=").status in range(400, 500)


def test_signing_out_ends_the_session_and_not_only_the_cookie(app, signed_in):
    reply = post(app, "/logout", headers=[signed_in])
    assert reply.header("location") == "/login?done=signed-out"
    assert reply.cookies[0].startswith(f"{SESSION}=; ")
    assert ask(app, "GET", "/", headers=[signed_in]).header("location") == "/login"
    assert "You are signed out." in ask(app, "GET", "/login", query=b"done=signed-out").text


def test_signing_out_twice_is_no_error(app):
    assert post(app, "/logout").status == 303


def test_who_is_signed_in_does_not_sign_in_again(app, signed_in):
    assert ask(app, "GET", "/login", headers=[signed_in]).header("location") == "/"


def test_signing_in_gives_a_new_session_and_ends_the_old_one(app, signed_in):
    reply = post(app, "/login", f"email=dana@acme.example&password={PASSWORD}", headers=[signed_in])
    assert reply.cookies[0].split(";")[0] != signed_in[1]
    assert ask(app, "GET", "/", headers=[signed_in]).status == 303


def test_the_session_cookie_can_be_read_by_nobody_else(app, owner_link):
    reply = post(app, "/password/set", f"link={owner_link.split('link=')[1]}&password={PASSWORD}")
    value, *attributes = reply.cookies[0].split("; ")
    assert re.fullmatch(f"{SESSION}=[0-9a-f]{{64}}", value)
    assert attributes == ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"]


@pytest.mark.parametrize("path", ["/saml/c7f3k2m9q4", "/saml/%00", "/saml/" + "a" * 500])
def test_metadata_of_no_connection_is_a_page_of_its_own(app, path):
    assert ask(app, "GET", path).status == 404


@pytest.mark.parametrize(
    "form",
    ["", "SAMLResponse=", "SAMLResponse=a&SAMLResponse=b", "SAMLResponse=%ff", "SAMLResponse=PHg%2B"],
)
def test_an_answer_to_no_connection_is_refused(app, form):
    reply = post(app, "/saml/c7f3k2m9q4/acs", form, headers=[("origin", "https://evil.example")])
    assert reply.status in range(400, 500)
    assert "<title>Error:" in reply.text


def test_an_answer_that_is_too_large_is_refused(app):
    assert post(app, "/saml/c7f3k2m9q4/acs", "SAMLResponse=" + "A" * 1024 * 1024).status == 413
