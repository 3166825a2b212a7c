"""The form: what is recognised in the wrong field, what metadata brings, what stays pinned, what is refused."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ostiary.domain.checkup import Correction, FieldProblem
from ostiary.domain.connection import (
    Allowance,
    AttributeNames,
    Binding,
    Connection,
    Protocol,
    Revision,
    SamlSettings,
    Tile,
)
from ostiary.kernel.http import HttpRequest, HttpResponse
from ostiary.kernel.ids import AccountId, ConnectionId, OrganizationId
from ostiary.services.connection_form import ConnectionForm, SaveSaml, tidy
from tests.services.connection_form.certificates import POST, REDIRECT, certificate, entity, federation, stored

NOW = datetime(2026, 3, 3, tzinfo=UTC)
OURS = "https://sso.ringline.example"
URL = "https://idp.example/metadata.xml"
IDP = "https://idp.example/metadata"
SSO_REDIRECT, SSO_POST = "https://idp.example/sso/rect", "https://idp.example/sso/post"


@dataclass
class Published:
    """What stands at an address, and which addresses were asked for."""

    documents: dict[str, str]
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: HttpRequest, *, purpose: str) -> HttpResponse:
        self.asked.append(request.url)
        body = self.documents.get(request.url)
        return HttpResponse(status=404 if body is None else 200, headers={}, body=(body or "").encode())


def a_connection(latest: SamlSettings | None = None) -> Connection:
    connection_id, organization_id = ConnectionId("c1"), OrganizationId("o1")
    revision = None
    if latest is not None:
        revision = Revision(
            connection_id=connection_id,
            organization_id=organization_id,
            number=1,
            settings=latest,
            saved_at=NOW,
            saved_by=AccountId("a1"),
            tested_at=None,
            tested_by=None,
        )
    return Connection(
        id=connection_id,
        organization_id=organization_id,
        protocol=Protocol.SAML,
        provider="saml",
        entity_id=f"{OURS}/saml/c1",
        created_at=NOW,
        enabled_at=None,
        was_ever_on=False,
        access_confirmed_at=None,
        access_confirmed_by=None,
        latest=revision,
        serving=None,
    )


def outcome(
    form: SaveSaml, *, published: Published | None = None, saved: SamlSettings | None = None
) -> SamlSettings | tuple[FieldProblem, ...]:
    reader = ConnectionForm(fetch=published or Published({}), public_url=OURS)
    return reader.read(tidy(form)[0], connection=a_connection(saved), now=NOW)


def settings(form: SaveSaml, *, published: Published | None = None, saved: SamlSettings | None = None) -> SamlSettings:
    found = outcome(form, published=published, saved=saved)
    assert isinstance(found, SamlSettings), found
    return found


def problems(form: SaveSaml, *, published: Published | None = None) -> list[tuple[str, str]]:
    found = outcome(form, published=published)
    assert not isinstance(found, SamlSettings)
    return [(problem.field, problem.refusal.code) for problem in found]


def typed(**more: Any) -> SaveSaml:
    return replace(SaveSaml(sso_url=SSO_REDIRECT, idp_entity_id=IDP, certificate=certificate()), **more)


# --- what stands in the wrong field ----------------------------------------------


@pytest.mark.parametrize(
    ("form", "corrected"),
    [
        (SaveSaml(certificate=entity().encode()), "certificate"),
        (SaveSaml(certificate=entity().encode("utf-16")), "certificate"),
        (SaveSaml(certificate=b"<?xml version='1.0'?>\n<!-- ours -->\n" + entity().encode()), "certificate"),
        (SaveSaml(metadata_url=f" {entity()} "), "metadata_url"),
    ],
)
def test_metadata_in_another_field_is_recognised(form: SaveSaml, corrected: str) -> None:
    assert settings(form).idp_entity_id == IDP
    assert Correction(field=corrected, what="read_as_metadata") in tidy(form)[1]


@pytest.mark.parametrize("form", [SaveSaml(certificate=f" {URL}\n".encode()), SaveSaml(metadata_text=URL)])
def test_an_address_in_place_of_a_document_is_looked_up(form: SaveSaml) -> None:
    published = Published({URL: entity()})
    found = settings(form, published=published)
    assert (found.idp_entity_id, found.metadata_url, published.asked) == (IDP, URL, [URL])
    assert [each.what for each in tidy(form)[1]] == ["read_as_metadata_url"]


def test_a_certificate_stays_a_certificate() -> None:
    form = typed(certificate=certificate() + b"\n")
    assert tidy(form) == (form, ())
    assert settings(form).certificates == (stored(certificate()),)


def test_another_document_in_the_certificate_is_named() -> None:
    assert problems(typed(certificate=b"<html><body>Sign in</body></html>")) == [
        ("certificate", "setup.certificate_is_metadata")
    ]


# --- what metadata brings ---------------------------------------------------------


def test_metadata_brings_the_three_values_and_redirect_first() -> None:
    found = settings(SaveSaml(metadata_text=entity()))
    assert (found.sso_url, found.sso_binding, found.idp_entity_id) == (SSO_REDIRECT, Binding.REDIRECT, IDP)
    assert (found.certificates, found.signs_requests, found.slo_url) == ((stored(certificate()),), False, "")


def test_metadata_with_post_alone_sets_post() -> None:
    """JumpCloud, unless "Declare Redirect Endpoint" is ticked there."""
    found = settings(SaveSaml(metadata_text=entity(bindings=(POST,))))
    assert (found.sso_url, found.sso_binding) == (SSO_POST, Binding.POST)


def test_the_binding_that_was_chosen_is_taken_where_it_is_offered() -> None:
    chosen = SaveSaml(metadata_text=entity(), sso_binding="post")
    assert (settings(chosen).sso_url, settings(chosen).sso_binding) == (SSO_POST, Binding.POST)
    only_redirect = SaveSaml(metadata_text=entity(bindings=(REDIRECT,)), sso_binding="post")
    assert settings(only_redirect).sso_binding is Binding.REDIRECT


def test_metadata_brings_signed_requests_and_the_places_for_logout() -> None:
    slo = (
        f'<SingleLogoutService Binding="{POST}" Location="https://idp.example/slo" '
        'ResponseLocation="https://idp.example/slo/done"/>'
    )
    found = settings(SaveSaml(metadata_text=entity(wants_signed=True, logout=slo)))
    assert (found.signs_requests, found.slo_binding) == (True, Binding.POST)
    assert (found.slo_url, found.slo_response_url) == ("https://idp.example/slo", "https://idp.example/slo/done")


def test_of_several_identity_providers_the_admin_chooses_one() -> None:
    document = federation(entity("https://a.example"), entity("https://b.example"))
    assert problems(SaveSaml(metadata_text=document)) == [("metadata_entity", "setup.metadata_has_several")]
    assert settings(SaveSaml(metadata_text=document, metadata_entity="https://b.example")).idp_entity_id == (
        "https://b.example"
    )
    known = SaveSaml(metadata_text=document, idp_entity_id="https://a.example")
    assert settings(known).idp_entity_id == "https://a.example"
    assert problems(SaveSaml(metadata_text=document, metadata_entity="https://c.example")) == [
        ("metadata_text", "setup.metadata_incomplete")
    ]


def test_keys_that_no_sign_in_would_take_are_refused_in_metadata_as_well() -> None:
    weak = entity(pem=certificate("old", bits=1024))
    assert problems(SaveSaml(metadata_text=weak)) == [("metadata_text", "setup.certificate_weak")]
    assert problems(typed(certificate=certificate("old", bits=1024))) == [("certificate", "setup.certificate_weak")]
    allowed = ("minimum_rsa_bits",)
    for form in (SaveSaml(metadata_text=weak), typed(certificate=certificate("old", bits=1024))):
        found = settings(replace(form, allowances=allowed))
        assert found.certificates == (stored(certificate("old", bits=1024)),)
        assert found.allowances == (Allowance.WEAK_KEYS,)


# --- the pinned source -------------------------------------------------------------


def test_a_metadata_url_is_kept_as_the_source_unless_it_is_not_wanted() -> None:
    published = Published({URL: entity()})
    assert settings(SaveSaml(metadata_url=URL), published=published).metadata_url == URL
    assert settings(SaveSaml(metadata_url=URL, keeps_fresh=False), published=published).metadata_url == ""


def test_a_saved_source_stays_without_being_asked_again_and_goes_when_it_is_not_wanted() -> None:
    published = Published({URL: entity()})
    saved = settings(SaveSaml(metadata_url=URL), published=published)
    published.asked.clear()
    again = typed(certificate=b"", default_role="admin")
    assert settings(again, published=published, saved=saved).metadata_url == URL
    assert settings(replace(again, keeps_fresh=False), published=published, saved=saved).metadata_url == ""
    assert published.asked == []


def test_the_source_of_one_provider_never_serves_another() -> None:
    saved = settings(SaveSaml(metadata_url=URL), published=Published({URL: entity()}))
    assert settings(typed(idp_entity_id="https://other.example"), saved=saved).metadata_url == ""


def test_a_key_that_came_by_itself_is_not_confirmed_by_saving_something_else() -> None:
    key = stored(certificate())
    saved = replace(settings(typed()), unconfirmed=(key,))
    assert settings(typed(certificate=b""), saved=saved).unconfirmed == (key,)
    assert settings(typed(certificate=certificate("new")), saved=saved).unconfirmed == ()


@pytest.mark.parametrize("url", ["http://idp.example/metadata.xml", "ftp://idp.example", "metadata"])
def test_only_a_web_address_over_tls_is_asked(url: str) -> None:
    published = Published({url: entity()})
    assert problems(SaveSaml(metadata_url=url), published=published) == [("metadata_url", "setup.sso_url_unreadable")]
    assert published.asked == []


def test_an_address_that_answers_something_else_is_told_at_its_field() -> None:
    assert problems(SaveSaml(metadata_url=URL)) == [("metadata_url", "outbound.status")]
    login = Published({URL: "<!doctype html><html></html>"})
    assert problems(SaveSaml(metadata_url=URL), published=login) == [("metadata_url", "setup.metadata_is_html")]


# --- everything else -----------------------------------------------------------------


def test_every_choice_of_the_advanced_section_is_kept() -> None:
    persistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    form = typed(
        attributes=AttributeNames(email="mail", first_name="givenName", last_name="sn", groups=" memberOf "),
        sso_binding="post",
        slo_url="https://idp.example/slo",
        slo_response_url="https://idp.example/slo/done",
        slo_binding="post",
        name_id_format=persistent,
        forces_authentication=True,
        wants_encryption=True,
        signs_requests=True,
        tile="refuse",
        allowances=("allow_cbc", "allow_sha1", "allow_everything"),
    )
    found = settings(form)
    assert found == SamlSettings(
        sso_url=SSO_REDIRECT,
        idp_entity_id=IDP,
        certificates=(stored(certificate()),),
        attributes=AttributeNames(email="mail", first_name="givenName", last_name="sn", groups="memberOf"),
        signs_requests=True,
        sso_binding=Binding.POST,
        slo_url="https://idp.example/slo",
        slo_response_url="https://idp.example/slo/done",
        slo_binding=Binding.POST,
        name_id_format=persistent,
        forces_authentication=True,
        wants_encryption=True,
        tile=Tile.REFUSE,
        allowances=(Allowance.SHA1, Allowance.CBC),
    )


def test_a_value_that_no_form_of_ours_sends_is_the_strict_one() -> None:
    found = settings(
        typed(sso_binding="soap", slo_binding="artifact", tile="?", name_id_format="urn:x", allowances=("all",))
    )
    assert found == settings(typed())
    transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
    assert settings(typed(name_id_format=transient)).name_id_format == ""


def test_a_line_break_in_the_name_of_an_attribute_is_no_part_of_it() -> None:
    broken = typed(attributes=AttributeNames(email="http://x.example/\r\nemailaddress ", first_name="First Name"))
    assert tidy(broken)[0].attributes.email == "http://x.example/emailaddress"
    assert tidy(broken)[0].attributes.first_name == "First Name"


def test_names_and_places_for_logout_are_told_at_their_field() -> None:
    long = "x" * 256
    form = typed(
        attributes=AttributeNames(email="", first_name=long, last_name="sn", groups=long),
        slo_url="http://idp.example/slo",
        slo_response_url=f"{OURS}/saml/c1/slo",
    )
    assert problems(form) == [
        ("attribute_email", "setup.value_missing"),
        ("attribute_first_name", "setup.value_too_long"),
        ("attribute_groups", "setup.value_too_long"),
        ("slo_url", "setup.logout_url_unreadable"),
        ("slo_response_url", "setup.value_is_our_own"),
    ]
