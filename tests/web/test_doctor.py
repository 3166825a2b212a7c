"""The doctor's page: what is pasted is looked at, told, and kept nowhere."""

import base64
import json
import logging
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from urllib.parse import quote, quote_plus

import pytest

from ostiary.domain.organization import Plan
from ostiary.kernel.ids import ConnectionId
from ostiary.services.audit_trail import Actor
from ostiary.services.connection_form import SaveSaml
from ostiary.services.connections import Saved
from tests.vectors.message import IDP_ENTITY_ID, SP_ENTITY_ID, SSO_URL
from tests.vectors.vector import ROOT as VECTORS
from tests.vectors.vector import pem, private_pem
from tests.web.rim import PUBLIC_URL, ask, post

PATH = "/settings/security/doctor"


@pytest.fixture
def okta(services, acme):
    """The connection of the vectors, as one of Acme's."""
    actor = Actor.of(acme.owner, client_address="203.0.113.24")
    drafted = services.connections.draft("okta", organization=acme.organization, actor=actor)
    connection = replace(drafted.connection, id=ConnectionId(SP_ENTITY_ID.rpartition("/")[2]), entity_id=SP_ENTITY_ID)
    with services.passwords.store.write() as tx:
        tx.connections.delete(drafted.connection.id, organization_id=acme.organization.id)
        tx.connections.insert(connection)
    form = SaveSaml(sso_url=SSO_URL, idp_entity_id=IDP_ENTITY_ID, certificate=pem("idp"))
    saved = services.connections.save(connection.id, form, organization=acme.organization, actor=actor)
    assert isinstance(saved, Saved)
    return saved.connection


@pytest.fixture
def look(app, signed_in):
    """Paste something, and take the page."""

    def paste(text: str, **fields: str):
        form = "&".join(f"{name}={quote(value, safe='')}" for name, value in {"pasted": text, **fields}.items())
        return post(app, PATH, form, headers=[signed_in])

    return paste


def vector(path: str) -> str:
    return (VECTORS / path / "response.xml").read_text()


def heading(reply) -> str:
    (found,) = re.findall(r"<h1>(.*?)</h1>", reply.text, re.DOTALL)
    return unescape(found)


def shown(reply) -> str:
    """The words of the page, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", reply.text.replace("<wbr>", ""))).split())


def test_the_page_asks_for_something_and_offers_the_connections(app, signed_in, okta):
    reply = ask(app, "GET", PATH, headers=[signed_in], query=f"connection={okta.id}".encode())
    assert reply.status == 200
    assert heading(reply) == "What is this, and what is wrong with it?"
    assert f'<option value="{okta.id}" selected>Okta</option>' in reply.text
    assert 'enctype="multipart/form-data"' in reply.text


def test_an_answer_that_is_refused_is_told_by_the_words_of_its_console(look, okta):
    reply = look(vector("refused/audience_mismatch"), connection=okta.id)
    words = shown(reply)
    assert reply.status == 200
    assert "<title>Error: " in reply.text
    assert (
        heading(reply) == "Okta's Audience URI (SP Entity ID) ends with a slash. This connection's Entity ID does not."
    )
    assert "saml.audience_mismatch" in words
    assert "1 character too many: a slash at the end" in words
    assert "<mark>/</mark>" in reply.text
    assert "Fix it in Okta" in words
    assert "Applications → Applications" in words
    assert "3 March 2026, 09:41 UTC" in words


def test_an_answer_that_a_sign_in_takes_is_judged_with_its_person(services, acme, look, okta):
    unverified = look(vector("accepted/okta-both-signed"), connection=okta.id)
    assert "login.domain_not_verified" in shown(unverified)
    scope = {"organization_id": acme.organization.id}
    actor = Actor.of(acme.owner, client_address="203.0.113.24")
    domain = services.domains.add("acme.example", actor=actor, **scope)
    with services.passwords.store.write() as tx:
        tx.domains.mark_verified(domain.id, at=services.clock.now(), **scope)
    reply = look(vector("accepted/okta-both-signed"), connection=okta.id)
    assert heading(reply) == "Nothing is wrong with this answer: a sign-in takes it."
    assert "<title>Error: " not in reply.text
    assert "Signature verified." in shown(reply)
    assert "Recognising the person" in shown(reply)


def test_an_answer_that_was_used_is_told_as_such_and_is_not_wrong(services, look, okta):
    document = vector("accepted/okta-both-signed")
    [assertion_id] = re.findall(r'Assertion[^>]* ID="([^"]+)"', document)
    with services.passwords.store.write() as tx:
        tx.replays.remember(
            okta.id,
            issuer=IDP_ENTITY_ID,
            assertion_id=assertion_id,
            until=services.clock.now() + timedelta(days=1),
        )
    reply = look(document, connection=okta.id)
    assert "Somebody has signed in with this answer. It counts once." in shown(reply)
    assert "saml.response_replayed" not in reply.text


def test_what_a_strangers_key_has_signed_is_never_called_verified(look, okta):
    reply = look(vector("refused/certificate_unknown"), connection=okta.id)
    assert "saml.certificate_unknown" in shown(reply)
    assert "Not verified: shown for comparison, used for nothing." in shown(reply)
    assert "Signature verified." not in shown(reply)


def test_without_a_connection_the_certificate_inside_is_told_as_not_trusted(look):
    reply = look(vector("refused/certificate_unknown"))
    words = shown(reply)
    assert heading(reply) == "Nothing is wrong with it, as far as it can be judged without a connection."
    assert "It is whole, by the certificate that came with it. That certificate is not trusted." in words
    assert "Signature verified." not in words
    assert "No connection" in words


def test_a_connection_that_was_not_chosen_is_recognised_by_its_issuer(look, okta):
    reply = look(vector("refused/audience_mismatch"))
    assert "Recognised by its values" in shown(reply)
    assert f'href="/settings/security/connections/{okta.id}"' in reply.text


def test_a_certificate_is_recognised_as_that_of_the_connection_that_has_it_saved(look, okta):
    reply = look(pem("idp").decode())
    assert f'href="/settings/security/connections/{okta.id}"' in reply.text
    assert heading(reply) == "It is a certificate of the connection to Okta."
    assert re.search(r"From \d{1,2} [A-Z][a-z]+ \d{4} Until \d{1,2} [A-Z][a-z]+ \d{4} ", shown(reply))
    assert "No connection" in shown(look(pem("stranger").decode()))


def test_a_form_body_and_an_upload_say_the_same_as_the_xml(app, look, signed_in):
    xml = vector("refused/audience_mismatch")
    body = "SAMLResponse=" + quote_plus(base64.b64encode(xml.encode()).decode()) + "&RelayState=abc"
    assert heading(look(body)) == heading(look(xml))
    assert "in a form's body" in shown(look(body))
    assert "RelayState abc" in shown(look(body))
    boundary = "x1"
    part = 'Content-Disposition: form-data; name="file"; filename="a.xml"'
    upload = f"--{boundary}\r\n{part}\r\n\r\n{xml}\r\n--{boundary}--\r\n"
    headers = [("origin", PUBLIC_URL), ("content-type", f"multipart/form-data; boundary={boundary}"), signed_in]
    assert heading(ask(app, "POST", PATH, headers=headers, body=upload.encode())) == heading(look(xml))


def test_each_message_of_a_recording_is_listed_and_its_secrets_are_not_shown(look, okta):
    value = base64.b64encode(vector("refused/audience_mismatch").encode()).decode()
    request = base64.b64encode(b'<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1"/>')
    entries = [
        {
            "startedDateTime": "2026-03-03T09:41:52.000Z",
            "request": {
                "url": f"https://idp.example/sso?SAMLRequest={quote_plus(request.decode())}&token=hush",
                "cookies": [{"name": "sid", "value": "secret-cookie"}],
            },
        },
        {
            "startedDateTime": "2026-03-03T09:41:53.000Z",
            "request": {
                "url": f"{PUBLIC_URL}/saml/{okta.id}/acs",
                "postData": {"text": f"SAMLResponse={quote_plus(value)}&password=hunter2"},
            },
        },
    ]
    reply = look(json.dumps({"log": {"entries": entries}}))
    words = shown(reply)
    assert "2 messages were found" in words
    assert "A sign-in request (SAML AuthnRequest)" in words
    assert "A recording holds cookies, and passwords that were typed while it ran." in words
    assert [secret for secret in ("secret-cookie", "hunter2", "hush") if secret in reply.text] == []


def test_a_private_key_is_named_and_not_sent_back(look):
    reply = look(private_pem("idp").decode())
    assert heading(reply) == "This is a private key. It was not kept, and it should be replaced."
    assert "-----BEGIN" not in reply.text


def test_a_time_that_is_none_is_told_at_its_field(look):
    reply = look("something", at="yesterday")
    assert reply.status == 422
    assert 'aria-invalid="true"' in reply.text
    assert "Write it in UTC, as 2026-05-14 10:28." in shown(reply)


def test_the_moment_that_was_given_decides(look, okta):
    reply = look(vector("refused/audience_mismatch"), connection=okta.id, at="2026-03-03 12:00")
    assert "saml.response_expired" in shown(reply)
    assert "3 March 2026, 12:00 UTC" in shown(reply)


def test_markup_in_what_was_pasted_stays_text(look):
    reply = look("<html><title>&lt;script&gt;alert(1)&lt;/script&gt;</title><script>alert(2)</script></html>")
    assert "<script>alert" not in reply.text
    assert "doctor.web_page" in reply.text


def test_another_organizations_connection_is_none(services, look, okta):
    other = services.organizations.add("globex", name="Globex", owner_email="hank@globex.example", plan=Plan.BUSINESS)
    actor = Actor.of(other.owner, client_address="203.0.113.24")
    drafted = services.connections.draft("okta", organization=other.organization, actor=actor)
    reply = look(vector("refused/audience_mismatch"), connection=drafted.connection.id)
    assert reply.status == 404


def test_an_address_is_fetched_only_when_asked_and_only_where_the_transport_goes(app, look, signed_in):
    address = "https://127.0.0.1/app/exk1/sso/saml/metadata"
    page = look(address)
    assert "Nobody was asked yet." in shown(page)
    assert 'action="/settings/security/doctor/fetch"' in page.text
    reply = post(app, f"{PATH}/fetch", f"address={quote(address, safe='')}", headers=[signed_in])
    assert reply.status == 200
    assert 'role="alert"' in reply.text
    assert "<title>Error: " in reply.text


def test_nothing_of_it_is_stored_and_nothing_is_logged(services, look, okta, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    mark = "a-mark-that-stands-nowhere-else"
    look(vector("refused/audience_mismatch").replace("dana.whitfield", mark), connection=okta.id)
    look(f"SAMLResponse={mark}", connection=okta.id)
    assert mark not in caplog.text
    services.close()
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and mark.encode() in path.read_bytes()]
    assert kept == []


@pytest.mark.parametrize("text", ["", "hello", "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30.x", "%PDF-1.7", "[1]"])
def test_what_is_no_saml_is_named_for_what_it_is(look, text):
    reply = look(text)
    assert reply.status == 200
    assert "Nothing of SAML" in shown(reply)
    assert "doctor." in shown(reply)


def test_too_much_is_refused_by_the_row(app, signed_in):
    reply = post(app, PATH, "pasted=" + "x" * (2048 * 1024), headers=[signed_in])
    assert reply.status == 413
