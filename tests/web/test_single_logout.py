"""The door of single logout, as an identity provider and as a stranger knock at it."""

import re
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree
from signxml.verifier import SignatureConfiguration, XMLVerifier

from ostiary.domain.connection import Binding
from ostiary.services.saml.logout_record import REFUSED_PER_HOUR
from tests.vectors.logout import REQUEST_ID, STATUS, joined, parameters, plain
from tests.vectors.message import Signing
from tests.web.logouts import SLO, a_setting, query_of, sent, status_of
from tests.web.rim import PUBLIC_URL, a_rim, ask, post

NAMES = {"p": "urn:oasis:names:tc:SAML:2.0:protocol", "a": "urn:oasis:names:tc:SAML:2.0:assertion"}


@pytest.fixture
def app(services):
    return a_rim(services)


@pytest.fixture
def acme(services, app):
    return a_setting(services, app)


def heading(reply) -> str:
    (found,) = re.findall(r"<h1>(.*?)</h1>", reply.text, re.DOTALL)
    return str(found)


def certificate_of(setting) -> x509.Certificate:
    key = setting.services.single_logout.keys.of(setting.connection, setting.services.clock.now())
    return x509.load_der_x509_certificate(key.certificate.der)


def public_key(setting) -> rsa.RSAPublicKey:
    key = certificate_of(setting).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    return key


def audit_of(setting) -> list[tuple[str, str]]:
    with setting.services.sessions.store.read() as tx:
        events = tx.audit.page(organization_id=setting.account.organization_id)
    return [(event.action, str(event.facts.get("door", ""))) for event in events]


# --- the provider asks -------------------------------------------------------


def test_the_named_session_ends_and_the_persons_others_stay(acme):
    here, there = acme.begin(index="_s1"), acme.begin(index="_s2")
    reply = acme.by_redirect(acme.asks("_s1"))
    assert (reply.status, status_of(reply)) == (303, "Success")
    assert (acme.is_live(here), acme.is_live(there)) == (False, True)


def test_without_a_session_index_every_session_of_the_person_ends(acme):
    sessions = [acme.begin(index="_s1"), acme.begin(index="_s2"), acme.begin(index=None)]
    acme.by_post(acme.asks())
    assert [acme.is_live(session) for session in sessions] == [False, False, False]


def test_several_session_indexes_end_each_of_them(acme):
    sessions = [acme.begin(index=f"_s{number}") for number in (1, 2, 3)]
    acme.by_redirect(acme.asks("_s1", "_s3", "_unknown"))
    assert [acme.is_live(session) for session in sessions] == [False, True, False]


def test_a_session_that_began_without_an_index_ends_with_any(acme):
    """Which session of the provider's it belongs to can't be told, and somebody has signed out."""
    session = acme.begin(index=None)
    acme.by_redirect(acme.asks("_s9"))
    assert not acme.is_live(session)


def test_another_persons_session_stays_even_under_the_same_index(acme):
    session = acme.begin("priya@acme.example", index="_s1")
    acme.by_redirect(acme.asks("_s1"))
    assert acme.is_live(session)


def test_the_letter_case_of_an_address_makes_no_other_person(acme):
    session = acme.begin()
    acme.by_redirect(acme.asks(email="Marcus@Acme.Example"))
    assert not acme.is_live(session)


def test_a_provider_ends_sessions_of_its_own_connection_only(acme, services, app):
    """Both organizations use one provider, with one key and one issuer: the door decides."""
    globex = a_setting(services, app, slug="globex")
    mine, theirs = acme.begin("same@person.example"), globex.begin("same@person.example")
    acme.by_redirect(acme.asks(email="same@person.example"))
    assert (acme.is_live(mine), globex.is_live(theirs)) == (False, True)
    crossed = globex.by_redirect(acme.asks(email="same@person.example"))
    assert crossed.status == 403
    assert globex.is_live(theirs)
    assert globex.refusals() == ["saml.logout_destination_mismatch"]


def test_nobody_learns_from_the_answer_who_is_known(acme):
    acme.begin()
    known, unknown = acme.by_redirect(acme.asks()), acme.by_redirect(acme.asks(email="nobody@acme.example"))
    said = [etree.tostring(sent(reply)[1]) for reply in (known, unknown)]
    assert said[0] == said[1]
    assert status_of(unknown) == "Success"


def test_the_answer_is_signed_and_carries_the_relay_state_back(acme):
    asked = acme.asks()
    reply = acme.by_redirect(asked, relay_state="ss:mem:a b+c/ü&=")
    fields = query_of(reply)
    assert reply.header("location").startswith(SLO + "?SAMLResponse=")
    assert fields["RelayState"] == "ss:mem:a b+c/ü&="
    assert fields["SigAlg"].endswith("#rsa-sha256")
    root = sent(reply)
    assert root.get("InResponseTo") == asked.get("ID")
    assert root.get("Destination") == SLO
    assert root.findtext("a:Issuer", namespaces=NAMES) == acme.connection.entity_id
    signed, _, signature = urlsplit(reply.header("location")).query.partition("&Signature=")
    octets = b64decode(unquote(signature))
    public_key(acme).verify(octets, signed.encode(), padding.PKCS1v15(), hashes.SHA256())


def test_a_relay_state_of_more_than_eighty_bytes_is_not_carried_back(acme):
    assert query_of(acme.by_redirect(acme.asks(), relay_state="x" * 80))["RelayState"] == "x" * 80
    assert "RelayState" not in query_of(acme.by_redirect(acme.asks(), relay_state="x" * 81))


def test_the_answer_goes_where_the_provider_takes_answers(services, app):
    acme = a_setting(services, app, slo_response_url="https://idp.example/slo/done?tenant=1")
    reply = acme.by_redirect(acme.asks())
    assert reply.header("location").startswith("https://idp.example/slo/done?tenant=1&SAMLResponse=")
    assert sent(reply).get("Destination") == "https://idp.example/slo/done?tenant=1"


def test_by_post_the_answer_is_a_page_that_goes_on_by_itself_or_by_its_button(services, app):
    acme = a_setting(services, app, slo_binding=Binding.POST)
    session = acme.begin()
    reply = acme.by_post(acme.asks(), relay_state="r1")
    assert reply.status == 200
    assert f'action="{SLO}"' in reply.text
    assert 'name="SAMLResponse"' in reply.text
    assert 'name="RelayState" value="r1"' in reply.text
    (value,) = re.findall(r'name="SAMLResponse" value="([^"]+)"', reply.text)
    covered = XMLVerifier().verify(
        b64decode(value),
        x509_cert=certificate_of(acme),
        id_attribute="ID",
        expect_config=SignatureConfiguration(require_x509=True, location="./"),
        validate_schema=False,
    )
    assert not isinstance(covered, list)
    assert etree.QName(covered.signed_xml).localname == "LogoutResponse"
    assert "form-action" not in reply.header("content-security-policy")
    assert not acme.is_live(session)


def test_without_a_place_for_the_answer_the_person_reads_it(services, app):
    acme = a_setting(services, app, slo_url="")
    session = acme.begin()
    reply = acme.by_redirect(acme.asks())
    assert (reply.status, heading(reply)) == (200, "You are signed out")
    assert not acme.is_live(session)


def test_a_connection_that_was_turned_off_still_signs_out(acme):
    session = acme.begin()
    with acme.services.sessions.store.write() as tx:
        tx.connections.set_enabled(acme.connection.id, organization_id=acme.account.organization_id, at=None)
    acme.by_redirect(acme.asks())
    assert not acme.is_live(session)


def test_no_cookie_is_set_or_needed_and_a_visitor_of_another_session_stays(acme):
    """The browser may hold the session of somebody else by now: only what the provider names ends."""
    other = acme.begin("priya@acme.example")
    query = joined(parameters(acme.asks()))
    reply = ask(acme.app, "GET", acme.path, query=query, headers=[acme.cookie(other)])
    assert (reply.status, reply.cookies) == (303, [])
    assert acme.is_live(other)


def test_a_request_counts_once(acme):
    asked = acme.asks()
    assert acme.by_redirect(asked).status == 303
    session = acme.begin()
    again = acme.by_redirect(asked)
    assert (again.status, heading(again)) == (403, "This sign-out was not done")
    assert acme.is_live(session)
    assert acme.refusals() == ["saml.logout_replayed"]


def test_a_scanner_that_only_asks_for_the_head_uses_nothing_up(acme):
    session = acme.begin()
    query = joined(parameters(acme.asks()))
    assert ask(acme.app, "HEAD", acme.path, query=query).status == 303
    assert acme.is_live(session)
    assert status_of(ask(acme.app, "GET", acme.path, query=query)) == "Success"
    assert not acme.is_live(session)


def test_what_ended_a_session_stands_in_the_audit_log(acme):
    acme.begin()
    acme.by_redirect(acme.asks())
    assert ("session.ended", "saml_logout") in audit_of(acme)


# --- what does not count -----------------------------------------------------


def test_an_unsigned_request_ends_nothing_and_is_told_to_the_admin(acme):
    session = acme.begin()
    reply = acme.send({"SAMLRequest": plain(acme.asks()).decode()})
    assert (reply.status, heading(reply)) == (403, "This sign-out was not done")
    assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", reply.text)
    assert acme.is_live(session)
    assert acme.refusals() == ["saml.logout_unsigned"]


def test_a_request_by_another_key_ends_nothing(acme):
    session = acme.begin()
    assert acme.by_post(acme.asks(), key="stranger").status == 403
    assert acme.by_redirect(acme.asks(), how=Signing(key="stranger")).status == 403
    assert acme.is_live(session)
    assert acme.refusals() == ["saml.certificate_unknown"] * 2


def test_an_old_request_ends_nothing(acme):
    session = acme.begin()
    old = (datetime.now(UTC) - timedelta(minutes=13)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert acme.by_redirect(acme.asks(IssueInstant=old)).status == 403
    assert acme.is_live(session)
    assert acme.refusals() == ["saml.logout_expired"]


def test_a_flood_of_strangers_fills_no_list(acme):
    message = {"SAMLRequest": plain(acme.asks()).decode()}
    references = [re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", acme.send(message).text) for _ in range(REFUSED_PER_HOUR + 2)]
    assert [bool(found) for found in references[-3:]] == [True, False, False]


def test_soap_is_not_taken(acme):
    headers = [("content-type", "text/xml"), ("soapaction", '"http://www.oasis-open.org/committees/security"')]
    assert ask(acme.app, "POST", acme.path, headers=headers, body=b"<Envelope/>").status == 400


def test_an_unknown_connection_has_no_such_door(acme):
    query = joined(parameters(acme.asks()))
    assert ask(acme.app, "GET", "/saml/czzzzzzzzzzz/slo", query=query).status == 404


# --- we ask ------------------------------------------------------------------


def leave(setting, **name):
    """Sign out here. Returns: the answer, and the session that was left."""
    session = setting.begin(**name)
    reply = post(setting.app, "/logout", headers=[setting.cookie(session)])
    assert not setting.is_live(session)
    return reply


def test_our_request_names_the_person_as_the_provider_did(acme):
    reply = leave(acme, index="_s7", name_qualifier="https://idp.example", sp_name_qualifier="https://sp.example")
    # A redirect would be stopped by our own form-action: a page that goes on by itself, with its button.
    assert (reply.status, reply.header("location")) == (200, "")
    assert "form-action 'self'" in reply.header("content-security-policy")
    assert "Max-Age=0" in reply.cookies[0]
    root = sent(reply)
    name_id = root.find("a:NameID", NAMES)
    assert name_id is not None
    assert dict(name_id.attrib.items()) == {
        "Format": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
        "NameQualifier": "https://idp.example",
        "SPNameQualifier": "https://sp.example",
    }
    assert name_id.text == "marcus@acme.example"
    assert root.findtext("p:SessionIndex", namespaces=NAMES) == "_s7"
    assert root.get("Destination") == SLO
    assert root.get("NotOnOrAfter")
    fields = query_of(reply)
    assert fields["RelayState"] == root.get("ID")
    assert len(fields["RelayState"]) <= 80
    assert fields["Signature"]


def test_a_format_that_the_provider_has_not_named_is_not_named_by_us(acme):
    """AD FS writes no Format, and takes a name with one for another name."""
    named = sent(leave(acme, states_format=False)).find("a:NameID", NAMES)
    assert named is not None
    assert (dict(named.attrib.items()), named.text) == ({}, "marcus@acme.example")


def test_the_provider_has_signed_out_too(acme):
    request_id = query_of(leave(acme))["RelayState"]
    reply = acme.by_redirect(acme.answers(request_id), name="SAMLResponse", relay_state=request_id)
    assert reply.header("location") == f"/logout/{request_id}"
    page = ask(acme.app, "GET", reply.header("location"))
    assert (page.status, heading(page)) == (200, "You are signed out")
    assert "Both sessions have ended." in page.text
    assert ("logout.answered", "") in audit_of(acme)
    assert acme.refusals() == []


@pytest.mark.parametrize(
    ("status", "title", "says", "code"),
    [
        ("Requester", "You are signed out of Ringline", "Okta has not signed you out.", "saml.logout_denied"),
        ("PartialLogout", "You are signed out", "may still be signed in", "saml.logout_partial"),
    ],
)
def test_what_was_left_over_is_told_calmly_and_recorded(acme, status, title, says, code):
    request_id = query_of(leave(acme))["RelayState"]
    told = acme.answers(request_id, status=f'<saml2p:StatusCode Value="{STATUS}{status}"/>')
    reply = acme.by_post(told, name="SAMLResponse", relay_state=request_id)
    page = ask(acme.app, "GET", reply.header("location"))
    assert heading(page) == title
    assert says in page.text
    assert acme.refusals() == [code]


def test_while_the_provider_has_not_answered_the_page_says_so(acme):
    request_id = query_of(leave(acme))["RelayState"]
    page = ask(acme.app, "GET", f"/logout/{request_id}")
    assert heading(page) == "You are signed out of Ringline"
    assert "has not answered yet" in page.text
    assert ask(acme.app, "GET", "/logout/_00").status == 404


def test_an_answer_that_nobody_asked_for_is_refused(acme):
    reply = acme.by_post(acme.answers(REQUEST_ID), name="SAMLResponse")
    assert (reply.status, heading(reply)) == (403, "You are signed out of Ringline")
    assert acme.refusals() == ["saml.logout_unasked"]


def test_an_answer_counts_once(acme):
    request_id = query_of(leave(acme))["RelayState"]
    assert acme.by_post(acme.answers(request_id), name="SAMLResponse").status == 303
    assert acme.by_post(acme.answers(request_id), name="SAMLResponse").status == 403
    assert acme.refusals() == ["saml.logout_unasked"]


def test_the_answer_of_another_connections_provider_is_none(acme, services, app):
    globex = a_setting(services, app, slug="globex")
    request_id = query_of(leave(acme))["RelayState"]
    assert globex.by_post(globex.answers(request_id), name="SAMLResponse").status == 403
    assert globex.refusals() == ["saml.logout_unasked"]
    assert acme.by_post(acme.answers(request_id), name="SAMLResponse").status == 303


def test_an_unsigned_answer_does_not_spoil_the_real_one(acme):
    request_id = query_of(leave(acme))["RelayState"]
    forged = acme.send({"SAMLResponse": plain(acme.answers(request_id)).decode()})
    assert forged.status == 403
    assert acme.by_post(acme.answers(request_id), name="SAMLResponse").status == 303


def test_by_post_our_request_leaves_from_a_page_that_says_what_has_happened(services, app):
    acme = a_setting(services, app, slo_binding=Binding.POST)
    reply = leave(acme)
    assert (reply.status, heading(reply)) == (200, "You are signed out of Ringline")
    assert 'name="SAMLRequest"' in reply.text
    assert "form-action" not in reply.header("content-security-policy")
    assert "Max-Age=0" in reply.cookies[0]


def test_where_the_provider_is_not_to_hear_of_it_nothing_is_sent(services, app):
    acme = a_setting(services, app, slo_url="")
    assert leave(acme).header("location") == "/login?done=signed-out"


def test_signing_out_is_nothing_that_another_site_can_do(acme):
    session = acme.begin()
    headers = [acme.cookie(session), ("origin", "https://evil.example")]
    form = [("content-type", "application/x-www-form-urlencoded"), *headers]
    assert ask(acme.app, "POST", "/logout", headers=form).status == 403
    assert ask(acme.app, "GET", "/logout", headers=[acme.cookie(session)]).status in {404, 405}
    assert acme.is_live(session)
    assert post(acme.app, "/logout", headers=[acme.cookie(session)]).status == 200
    assert not acme.is_live(session)


def test_signing_out_twice_ends_quietly(acme):
    session = acme.begin()
    post(acme.app, "/logout", headers=[acme.cookie(session)])
    again = post(acme.app, "/logout", headers=[acme.cookie(session)])
    assert again.header("location") == "/login?done=signed-out"
    assert PUBLIC_URL not in again.header("location")
