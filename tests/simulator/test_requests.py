"""What is asked: requests are read as a stranger's words, and compared with the settings as the vendor does it."""

import zlib
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.simulator.request import UnreadableRequest, read_posted, read_redirected
from tests.simulator.service_provider import (
    ACS_URL,
    authn_request,
    hidden_fields,
    posted_xml,
    redirect_query,
    signed_parts,
)

UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
DTD = b'<!DOCTYPE x [<!ENTITY e "boom">]>'


def deflated(octets):
    return redirect_query(octets)["SAMLRequest"]


def policy(name_id_format):
    return f'<samlp:NameIDPolicy Format="{name_id_format}"/>'


def test_a_request_by_post_is_answered_like_one_by_redirect(browser, app, sign_in):
    form = {"SAMLRequest": b64encode(authn_request(request_id="_9")).decode(), "RelayState": "r"}
    response = browser.client.post(app.sso_url, data=form, headers={"Origin": "https://product.example"})
    browser._read(response)
    sign_in(browser)
    assert b'InResponseTo="_9"' in posted_xml(browser.response.text)
    assert hidden_fields(browser.response.text)["RelayState"] == "r"
    assert signed_parts(posted_xml(browser.response.text), certificate_pem=app.certificate_pem)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("not base64 at all", "not base64"),
        (b64encode(b"no deflate stream").decode(), "not compressed"),
        (deflated(b"no xml"), "not well-formed"),
        (deflated(DTD + authn_request()), "document type"),
        (deflated(b"<x/>"), "not an AuthnRequest"),
        (deflated(authn_request().replace(b'ID="_a1"', b"")), "no ID"),
        (deflated(authn_request(issued="yesterday")), "not a time"),
        (deflated(b" " * 10_000_000), "beyond 64 KiB"),
        ("A" * 200_000, "longer than"),
    ],
)
def test_a_message_that_is_no_request_is_refused_with_its_reason(text, reason):
    with pytest.raises(UnreadableRequest, match=reason):
        read_redirected(text)


def test_the_reason_stands_on_the_vendors_own_page(browser, app):
    browser.open(app.sso_url, SAMLRequest="&&&")
    assert browser.response.status_code == 400
    assert browser.heading == "400 Bad Request"
    assert "not base64" in browser.text


@given(st.binary(max_size=400))
def test_whatever_octets_come_they_are_read_or_refused(octets):
    raw = zlib.compressobj(wbits=-15)
    for read, text in (
        (read_posted, b64encode(octets).decode()),
        (read_redirected, b64encode(raw.compress(octets) + raw.flush()).decode()),
        (read_redirected, octets.decode("latin-1")),
    ):
        with pytest.raises(UnreadableRequest):
            read(text)


@pytest.mark.parametrize("vendor", ["okta"], indirect=True)
def test_okta_answers_only_to_the_single_sign_on_url_of_the_app(browser, app):
    browser.open(app.sso_url, **redirect_query(authn_request(acs_url=ACS_URL + "/")))
    assert browser.response.status_code == 400
    assert "is not the Single sign-on URL of Ringline" in browser.text


@pytest.mark.parametrize("vendor", ["onelogin"], indirect=True)
def test_onelogin_answers_to_whatever_its_validator_matches(browser, app, sign_in):
    browser.open(app.sso_url, **redirect_query(authn_request(acs_url=ACS_URL + "/other")))
    sign_in(browser)
    assert f'action="{ACS_URL}/other"' in browser.response.text


@pytest.mark.parametrize("vendor", ["onelogin"], indirect=True)
def test_onelogin_answers_to_nothing_that_its_validator_does_not_match(browser, app):
    browser.open(app.sso_url, **redirect_query(authn_request(acs_url="https://thief.example/acs")))
    assert browser.response.status_code == 400
    assert "does not match the ACS URL Validator" in browser.text


def test_a_request_without_an_acs_url_is_answered_to_the_configured_one(browser, app, sign_in):
    browser.open(app.sso_url, **redirect_query(authn_request(acs_url="")))
    sign_in(browser)
    assert f'action="{ACS_URL}"' in browser.response.text


@pytest.mark.parametrize("asked", ["", policy(UNSPECIFIED)])
def test_a_request_that_leaves_the_name_id_open_is_answered(browser, app, asked):
    browser.open(app.sso_url, **redirect_query(authn_request(policy=asked)))
    assert browser.heading.startswith("Sign in")


def test_only_okta_refuses_another_name_id_format_than_its_own(browser, app, vendor):
    browser.open(app.sso_url, **redirect_query(authn_request(policy=policy(PERSISTENT))))
    assert browser.response.status_code == (400 if vendor == "okta" else 200)


def test_an_application_that_is_not_there_is_said(browser, app):
    browser.open(app.sso_url.replace(app.id, "exk0"), **redirect_query(authn_request()))
    assert browser.response.status_code == 404
