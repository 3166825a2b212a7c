"""Values that were put into the wrong field, told by their shape before anybody tries to sign in."""

import pytest

from ostiary.domain.checkup import looks_like_issuer, read_issuer, read_sso_url
from ostiary.domain.connection import urls
from ostiary.domain.errors import IssuerIsSsoUrl, OurOwnUrl, SsoUrlIsIssuer, SsoUrlUnreadable
from ostiary.kernel.ids import ConnectionId

OWN = urls("https://sso.ringline.example", ConnectionId("c7f3k2m9q4"))
PAIRS = [
    ("http://www.okta.com/exk1abc", "https://acme.okta.com/app/acme_ringline_1/exk1abc/sso/saml"),
    ("https://app.onelogin.com/saml/metadata/1", "https://acme.onelogin.com/trust/saml2/http-post/sso/1"),
    ("https://sts.windows.net/5e3c/", "https://login.microsoftonline.com/5e3c/saml2"),
    ("https://accounts.google.com/o/saml2?idpid=C01", "https://accounts.google.com/o/saml2/idp?idpid=C01"),
    ("http://adfs.acme.example/adfs/services/trust", "https://adfs.acme.example/adfs/ls/"),
    ("https://id.acme.example/realms/acme", "https://id.acme.example/realms/acme/protocol/saml"),
    ("https://id.acme.example/auth/realms/acme", "https://id.acme.example/auth/realms/acme/protocol/saml"),
    ("https://auth.pingone.eu/5e3c", "https://auth.pingone.eu/5e3c/saml20/idp/sso"),
]


@pytest.mark.parametrize(("issuer", "sso_url"), PAIRS)
def test_exchanged_values_of_every_vendor_are_told_at_both_fields(issuer: str, sso_url: str) -> None:
    with pytest.raises(SsoUrlIsIssuer):
        read_sso_url(issuer, issuer=sso_url, own=OWN)
    with pytest.raises(IssuerIsSsoUrl):
        read_issuer(sso_url, sso_url=issuer, own=OWN)


@pytest.mark.parametrize(("issuer", "sso_url"), PAIRS)
def test_the_same_values_in_their_own_fields_are_taken(issuer: str, sso_url: str) -> None:
    assert read_sso_url(sso_url, issuer=issuer, own=OWN) == sso_url
    assert read_issuer(issuer, sso_url=sso_url, own=OWN) == issuer
    assert not looks_like_issuer(sso_url)


@pytest.mark.parametrize("ours", [OWN.acs_url, OWN.metadata_url, OWN.slo_url])
@pytest.mark.parametrize("written", ["{}", "{}/", "{}//"])
def test_an_address_of_ours_is_told_also_with_a_slash_or_in_other_letters(ours: str, written: str) -> None:
    for text in (written.format(ours), written.format(ours.upper())):
        with pytest.raises(OurOwnUrl):
            read_sso_url(text, issuer="urn:idp", own=OWN)
        with pytest.raises(OurOwnUrl):
            read_issuer(text, sso_url="https://idp.example/sso", own=OWN)


@pytest.mark.parametrize("text", ["http://[", "https://[::1/x", "//[x]:y"])
def test_what_is_no_address_at_all_is_told_as_such(text: str) -> None:
    assert not looks_like_issuer(text)
    with pytest.raises(SsoUrlUnreadable):
        read_sso_url(text, issuer="urn:idp", own=OWN)
    assert read_issuer(text, sso_url="https://idp.example/sso", own=OWN) == text
