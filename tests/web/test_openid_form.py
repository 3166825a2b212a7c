"""The form of an OpenID Connect connection by HTTP: what it shows, takes, puts right and never shows again."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from ostiary.domain.connection import Connection, Protocol
from ostiary.domain.organization import Plan
from ostiary.services import Services
from ostiary.services.audit_trail import Actor
from ostiary.services.organizations import NewOrganization
from ostiary.web import Rim
from ostiary.web.routes import ROWS
from ostiary.web.routing import Row
from tests.services.oidc.provider import Provider, a_provider
from tests.web.conftest import PASSWORD
from tests.web.rim import PUBLIC_URL, Reply, ask, post, some_services

SECRET = "s3cret-value"
FOUR = {"client_id": "rp-1", "client_secret": SECRET}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """A new installation, which may speak with loopback."""
    made = some_services(tmp_path, allow_loopback=True)
    yield made
    made.close()


@pytest.fixture
def okta(services: Services, acme: NewOrganization) -> Connection:
    """A connection that was never saved."""
    return drafted(services, acme, "okta")


def drafted(services: Services, acme: NewOrganization, provider: str) -> Connection:
    actor = Actor.of(acme.owner, client_address="203.0.113.24")
    drafts = services.connections
    return drafts.draft(provider, protocol=Protocol.OIDC, organization=acme.organization, actor=actor).connection


def shown(reply: Reply) -> str:
    """The words of the page, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", reply.text.replace("<wbr>", ""))).split())


def test_the_page_shows_the_guide_of_the_provider_beside_the_redirect_uri(
    app: Rim, signed_in: tuple[str, str], okta: Connection
) -> None:
    reply = ask(app, "GET", f"/settings/security/connections/{okta.id}", headers=[signed_in])
    assert reply.status == 200
    assert "OpenID Connect · not saved yet" in shown(reply)
    assert "Sign-in redirect URIs" in shown(reply)
    assert f'data-copy="{PUBLIC_URL}/oauth2/idpresponse/{okta.id}"' in reply.text


@pytest.mark.parametrize(
    ("provider", "field"),
    [("okta", "Sign-out redirect URIs"), ("keycloak", "Valid post logout redirect URIs"), ("entra", "Redirect URIs")],
)
def test_the_address_after_signing_out_stands_beside_the_redirect_uri(
    app: Rim, services: Services, signed_in: tuple[str, str], acme: NewOrganization, provider: str, field: str
) -> None:
    reply = opened(app, signed_in, drafted(services, acme, provider))
    above = shown(Reply(reply.status, reply.headers, reply.text.split("<summary>More addresses")[0].encode()))
    name = "Microsoft Entra ID" if provider == "entra" else provider.capitalize()
    assert f"Address after signing out {name}: {field}" in above
    assert f"people end on {name}'s error page after signing out" in above


# --- saving --------------------------------------------------------------------


@pytest.fixture
def provider(services: Services) -> Iterator[Provider]:
    """A provider on loopback."""
    with a_provider(services.clock) as made:
        yield made


@pytest.fixture
def saved(app: Rim, signed_in: tuple[str, str], okta: Connection, provider: Provider) -> Connection:
    """The connection with four values, and nothing else."""
    reply = save(app, signed_in, okta, **FOUR, discovery_url=provider.issuer)
    assert reply.status == 303
    return okta


def save(app: Rim, signed_in: tuple[str, str], connection: Connection, **fields: str) -> Reply:
    """Save Configuration, with these fields."""
    return post(app, path_of(connection), urlencode(fields), headers=[signed_in])


def opened(app: Rim, signed_in: tuple[str, str], connection: Connection, *, query: str = "") -> Reply:
    """The page of the connection."""
    return ask(app, "GET", path_of(connection), headers=[signed_in], query=query.encode())


def path_of(connection: Connection) -> str:
    return f"/settings/security/connections/{connection.id}"


def field(reply: Reply, name: str) -> str:
    """What stands in this field."""
    (tag,) = re.findall(f'<input id="{name}"[^>]*>', reply.text)
    (value,) = re.findall(r' value="([^"]*)"', tag)
    return unescape(value)


def errors(reply: Reply) -> dict[str, str]:
    """The first sentence at each field that needs a change."""
    found = re.findall(r'id="(\w+)-error">.*?<b>(.*?)</b>', reply.text)
    return {name: unescape(text) for name, text in found}


def test_four_values_are_enough(app: Rim, signed_in: tuple[str, str], okta: Connection, provider: Provider) -> None:
    reply = save(app, signed_in, okta, **FOUR, discovery_url=f"{provider.issuer}/", userinfo_method="POST")
    assert (reply.status, reply.header("location").split("&")[0]) == (303, f"{path_of(okta)}?done=saved")
    page = opened(app, signed_in, okta, query=reply.header("location").split("?")[1])
    assert f"We read {provider.issuer}. The provider itself writes it so." in shown(page)
    assert "revision 1, saved" in shown(page)
    assert field(page, "discovery_url") == provider.issuer
    assert '<option value="POST" selected>' in page.text
    assert SECRET not in page.text
    # What was not sent is what Okta really does: its ID tokens are thin.
    assert '<option value="always" selected>' in page.text or '<option value="auto" selected>' in page.text


def test_an_address_tells_nothing_that_is_not_ours(app: Rim, signed_in: tuple[str, str], saved: Connection) -> None:
    page = opened(app, signed_in, saved, query="done=saved&read=%3Cb%3E&read=nothing&tidied=scopes&claim_email=mail")
    assert "We read" not in page.text
    assert "White space" not in page.text
    assert field(page, "claim_email") == "mail"
    assert "Filled in by the link. Save to use it, then test again." in shown(page)


def test_white_space_that_was_pasted_along_is_told_after_saving(
    app: Rim, signed_in: tuple[str, str], okta: Connection, provider: Provider
) -> None:
    reply = save(app, signed_in, okta, client_id=" rp-1 ", client_secret="s3cret", discovery_url=provider.issuer)
    page = opened(app, signed_in, okta, query=reply.header("location").split("?")[1])
    assert field(page, "client_id") == "rp-1"
    assert shown(page).count("White space around it was removed.") == 1


def test_a_refused_form_keeps_what_was_typed_and_says_that_the_secret_is_lost(
    app: Rim, signed_in: tuple[str, str], okta: Connection
) -> None:
    reply = save(app, signed_in, okta, **FOUR, discovery_url="http://127.0.0.1:9", scopes="openid email")
    assert reply.status == 422
    assert "<title>Error: " in reply.text
    assert "Not saved: 1 value needs a change." in shown(reply)
    assert (field(reply, "client_id"), field(reply, "scopes")) == ("rp-1", "openid email")
    assert field(reply, "discovery_url") == "http://127.0.0.1:9"
    assert "Paste it once more: it is not kept in the page." in shown(reply)
    assert set(errors(reply)) == {"discovery_url"}
    assert SECRET not in reply.text
    assert "not saved yet" in shown(opened(app, signed_in, okta))


def test_a_placeholder_is_told_and_nobody_is_asked(
    app: Rim, signed_in: tuple[str, str], services: Services, acme: NewOrganization
) -> None:
    entra = drafted(services, acme, "entra")
    reply = save(app, signed_in, entra, **FOUR, discovery_url="https://login.microsoftonline.com/{tenant}/v2.0")
    assert errors(reply)["discovery_url"] == "The Discovery URL still holds the placeholder {tenant}."
    assert "Nothing was saved." in shown(reply)
    assert "last 24 months at most" in shown(reply)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (
            {"client_id": "x" * 64, "client_secret": "0oa1b2c3d4E5f6G7h8i9"},
            {
                "client_id": "Client ID holds what looks like the Client Secret, and the other way round.",
                "client_secret": "Client Secret holds what looks like the Client ID, and the other way round.",
            },
        ),
        ({"client_id": "x" * 64, "client_secret": ""}, {"client_id": "The Client ID looks like a secret."}),
        ({"client_id": "https://idp.example"}, {"client_id": "Client ID is a web address."}),
    ],
)
def test_values_in_the_wrong_field_are_told_at_both_and_no_secret_comes_back(
    app: Rim, signed_in: tuple[str, str], okta: Connection, provider: Provider, typed: dict[str, str], expected: Any
) -> None:
    reply = save(app, signed_in, okta, **{**FOUR, "discovery_url": provider.issuer, **typed})
    told = errors(reply)
    assert {name: told[name] for name in expected} == expected
    assert "x" * 64 not in reply.text


def test_every_box_counts_only_with_the_section_around_it(
    app: Rim, signed_in: tuple[str, str], saved: Connection, provider: Provider
) -> None:
    boxes = ("creates_accounts", "is_authoritative", "wants_encryption")
    on = {"advanced": "yes", "algorithms": "ES256", **dict.fromkeys(boxes, "yes")}
    assert save(app, signed_in, saved, client_id="rp-1", **on).status == 303
    assert save(app, signed_in, saved, client_id="rp-2").status == 303
    page = opened(app, signed_in, saved)
    assert "counts as authoritative for your verified domains" in shown(page)
    assert all(f'name="{name}" value="yes" checked' in page.text for name in boxes)
    assert len(re.findall(r'name="algorithms" value="\w+" checked', page.text)) == 1
    assert save(app, signed_in, saved, client_id="rp-2", advanced="yes", algorithms="RS256").status == 303
    page = opened(app, signed_in, saved)
    assert not any(f'name="{name}" value="yes" checked' in page.text for name in boxes)


def test_an_error_under_advanced_opens_it(app: Rim, signed_in: tuple[str, str], saved: Connection) -> None:
    reply = save(app, signed_in, saved, extra="state=mine", max_age="soon")
    assert set(errors(reply)) == {"extra", "max_age"}
    assert re.search(r'<details class="advanced" id="advanced" open>', reply.text)


def test_a_form_with_a_field_twice_or_of_the_other_protocol_changes_nothing(
    app: Rim, signed_in: tuple[str, str], saved: Connection, services: Services, acme: NewOrganization
) -> None:
    twice = post(app, path_of(saved), "client_id=a&client_id=b", headers=[signed_in])
    assert twice.status == 400
    actor = Actor.of(acme.owner, client_address="203.0.113.24")
    saml = services.connections.draft("okta", organization=acme.organization, actor=actor).connection
    assert save(app, signed_in, saml, **FOUR, discovery_url="https://idp.example").status == 400


# --- secrets ---------------------------------------------------------------------


def test_a_second_secret_stands_beside_the_first_and_makes_no_revision(
    app: Rim, services: Services, signed_in: tuple[str, str], acme: NewOrganization, saved: Connection
) -> None:
    now, scope = services.clock.now(), {"organization_id": acme.organization.id}
    with services.passwords.store.write() as tx:
        tx.connections.mark_tested(saved.id, number=1, at=now, by=acme.owner.id, **scope)
    reply = save(app, signed_in, saved, client_secret="an0ther", secret_expires="2099-03-03")
    assert reply.header("location") == f"{path_of(saved)}?done=secret-saved"
    page = opened(app, signed_in, saved, query="done=secret-saved")
    assert "Sign-ins try the new secret first" in shown(page)
    assert "A new secret alone needs no new test" in shown(page)
    assert "revision 1, saved" in shown(page)
    assert shown(page).count("Last used not yet") == 2
    assert "3 March 2099" in shown(page)
    assert "Of the two that are saved, the one that was used last stays beside it." in shown(page)
    assert "an0ther" not in page.text


def test_a_wrong_secret_that_is_replaced_before_any_test_has_passed_leads_to_the_test(
    app: Rim, signed_in: tuple[str, str], saved: Connection
) -> None:
    done = save(app, signed_in, saved, client_secret="the-right-one").header("location").partition("?")[2]
    page = opened(app, signed_in, saved, query=done)
    assert "Sign-ins try" not in shown(page)
    assert "A new one is tried by the next test." in shown(page)
    assert "nothing is turned on until a test has passed. Test it now" in shown(page)


def test_a_secret_is_deleted_after_a_page_that_says_what_follows(
    app: Rim, signed_in: tuple[str, str], saved: Connection
) -> None:
    (link,) = re.findall(r'href="(/settings[^"]+/secrets/[^"]+/delete)"', opened(app, signed_in, saved).text)
    asks = ask(app, "GET", link, headers=[signed_in])
    assert "It is the only one. Nobody can sign in with Okta until another is saved." in shown(asks)
    done = post(app, link, headers=[signed_in])
    assert done.header("location") == f"{path_of(saved)}?done=last-secret-deleted"
    assert "Without a secret nobody signs in." in shown(opened(app, signed_in, saved, query="done=last-secret-deleted"))
    # Twice is no mistake, and the page of one that has gone leads back.
    assert post(app, link, headers=[signed_in]).status == 303
    assert ask(app, "GET", link, headers=[signed_in]).status == 303
    assert errors(save(app, signed_in, saved, client_id="rp-1"))["client_secret"] == "Client Secret is empty."


def test_what_follows_from_deleting_a_secret_is_told_by_whose_it_is(
    app: Rim, services: Services, signed_in: tuple[str, str], acme: NewOrganization, saved: Connection
) -> None:
    """The tested settings serve with their secret; the newer ones, of another issuer, have one of their own."""
    (serving,) = re.findall(r'href="(/settings[^"]+/secrets/[^"]+/delete)"', opened(app, signed_in, saved).text)
    now, scope = services.clock.now(), {"organization_id": acme.organization.id}
    with services.passwords.store.write() as tx:
        tx.connections.mark_tested(saved.id, number=1, at=now, by=acme.owner.id, **scope)
        tx.connections.set_enabled(saved.id, at=now, **scope)
    with a_provider(services.clock) as other:
        save(app, signed_in, saved, discovery_url=other.issuer, client_secret="theirs")
    links = set(re.findall(r'href="(/settings[^"]+/secrets/[^"]+/delete)"', opened(app, signed_in, saved).text))
    (newer,) = links - {serving}
    assert "It is the only one. Nobody can sign in with Okta" in shown(ask(app, "GET", serving, headers=[signed_in]))
    assert "Sign-ins do not use it." in shown(ask(app, "GET", newer, headers=[signed_in]))
    done = post(app, newer, headers=[signed_in]).header("location")
    assert done == f"{path_of(saved)}?done=untested-secret-deleted"
    assert "Sign-ins go on." in shown(opened(app, signed_in, saved, query="done=untested-secret-deleted"))
    assert post(app, serving, headers=[signed_in]).header("location").endswith("?done=last-secret-deleted")


def test_what_lets_the_last_of_them_in_is_kept_and_the_page_says_why(
    app: Rim, services: Services, signed_in: tuple[str, str], acme: NewOrganization, saved: Connection
) -> None:
    (link,) = re.findall(r'href="(/settings[^"]+/secrets/[^"]+/delete)"', opened(app, signed_in, saved).text)
    now, scope = services.clock.now(), {"organization_id": acme.organization.id}
    with services.passwords.store.write() as tx:
        tx.connections.mark_tested(saved.id, number=1, at=now, by=acme.owner.id, **scope)
        tx.connections.set_enabled(saved.id, at=now, **scope)
        begins_at = now + timedelta(days=7)
        tx.enforcement.begin(saved.id, at=now, by=acme.owner.id, begins_at=begins_at, warns=False, **scope)
    refused = post(app, link, headers=[signed_in])
    assert refused.status == 409
    assert "Nobody who may change the settings of Acme would get in." in shown(refused)
    assert link in opened(app, signed_in, saved).text


def test_another_organization_sees_and_deletes_no_secret(
    app: Rim, services: Services, signed_in: tuple[str, str], saved: Connection
) -> None:
    (link,) = re.findall(r'href="(/settings[^"]+/secrets/[^"]+/delete)"', opened(app, signed_in, saved).text)
    made = services.organizations.add("globex", name="Globex", owner_email="nora@globex.example", plan=Plan.BUSINESS)
    reply = post(app, "/password/set", f"link={made.owner_link.split('link=')[1]}&password={PASSWORD}")
    nora = ("cookie", reply.cookies[0].split(";")[0])
    assert ask(app, "GET", link, headers=[nora]).status == 404
    assert post(app, link, headers=[nora]).status == 404
    assert link in opened(app, signed_in, saved).text


def test_a_secret_of_another_issuer_is_asked_for_anew(
    app: Rim, services: Services, signed_in: tuple[str, str], saved: Connection
) -> None:
    with a_provider(services.clock) as other:
        reply = save(app, signed_in, saved, discovery_url=other.issuer)
        assert errors(reply) == {"client_secret": "The Client Secret has to be pasted for the new Discovery URL."}
        assert save(app, signed_in, saved, discovery_url=other.issuer, client_secret="theirs").status == 303


def test_the_keys_of_our_proof_are_changed_step_by_step(
    app: Rim, signed_in: tuple[str, str], saved: Connection
) -> None:
    keys = f"{path_of(saved)}/keys"
    published = f"/oidc/{saved.id}/jwks.json"
    said, counted = [], []
    for step in ("", "prepare", "switch", "remove"):
        if step:
            reply = post(app, f"{keys}/{step}", headers=[signed_in])
            assert reply.header("location").startswith(f"{keys}?done=key-")
        page = ask(app, "GET", keys, headers=[signed_in])
        said.append([word for word in ("Current key", "Next key", "Previous key") if word in shown(page)])
        counted.append(len(json.loads(ask(app, "GET", published).body)["keys"]))
        assert "metadata" not in shown(page)
    assert said == [["Current key"], ["Current key", "Next key"], ["Current key", "Previous key"], ["Current key"]]
    assert counted == [1, 2, 2, 1]


def test_a_key_signs_only_where_it_is_what_proves_us(app: Rim, signed_in: tuple[str, str], saved: Connection) -> None:
    keys = f"{path_of(saved)}/keys"
    told = shown(ask(app, "GET", keys, headers=[signed_in]))
    assert "Current key It would sign what proves us to Okta if private_key_jwt were chosen" in told
    assert "Not in use" in told
    assert "Signs" not in told
    save(app, signed_in, saved, advanced="yes", algorithms="RS256", wants_encryption="yes")
    told = shown(ask(app, "GET", keys, headers=[signed_in]))
    assert "Current key It opens what is encrypted to it. It would sign" in told
    assert "Opens tokens" in told
    save(app, signed_in, saved, advanced="yes", algorithms="RS256", authentication="private_key_jwt")
    told = shown(ask(app, "GET", keys, headers=[signed_in]))
    assert "Current key It signs what proves us to Okta." in told
    assert "Signs" in told


def test_two_connections_of_one_provider_are_told_apart(
    app: Rim, services: Services, acme: NewOrganization, signed_in: tuple[str, str], saved: Connection
) -> None:
    second = drafted(services, acme, "okta")
    assert services.connections.overview(acme.organization).connections[1].name == "Okta 2"
    for path, name in ((path_of(saved), "Okta"), (path_of(second), "Okta 2")):
        assert post(app, f"{path}/access", "access=yes", headers=[signed_in]).status == 303
        assert f"Our keys for {name}<" in ask(app, "GET", path, headers=[signed_in]).text
        assert f"<h1>Our keys for {name}</h1>" in ask(app, "GET", f"{path}/keys", headers=[signed_in]).text
    sso = shown(ask(app, "GET", "/settings/security/single-sign-on", headers=[signed_in]))
    assert "Okta admin access Confirmed" in sso
    assert "Okta 2 admin access Confirmed" in sso


def test_the_keys_to_which_id_tokens_are_encrypted_are_changed_step_by_step(
    app: Rim, signed_in: tuple[str, str], saved: Connection
) -> None:
    """One of them at a time is published for that, and the page says what a key still opens."""
    keys, published = f"{path_of(saved)}/keys", f"/oidc/{saved.id}/jwks.json"
    assert "or ID tokens arrive encrypted" in shown(ask(app, "GET", keys, headers=[signed_in]))
    save(app, signed_in, saved, advanced="yes", algorithms="RS256", wants_encryption="yes")
    assert "encrypts ID tokens to them" in shown(ask(app, "GET", keys, headers=[signed_in]))
    names = []
    for step in ("prepare", "switch"):
        post(app, f"{keys}/{step}", headers=[signed_in])
        names.append([key["kid"] for key in json.loads(ask(app, "GET", published).body)["keys"] if key["use"] == "enc"])
    assert [len(each) for each in names] == [2, 2]
    assert set(names[0]).isdisjoint(names[1])
    assert "What is still encrypted to it is opened." in shown(ask(app, "GET", keys, headers=[signed_in]))
    asks = shown(ask(app, "GET", f"{keys}/remove", headers=[signed_in]))
    assert "What Okta still encrypts to it can't be opened any more" in asks


def test_the_settings_say_when_a_secret_ends(
    app: Rim, services: Services, signed_in: tuple[str, str], acme: NewOrganization, saved: Connection
) -> None:
    ends = services.clock.now() + timedelta(days=9)
    (link,) = re.findall(r'href="(/settings[^"]+/secrets/[^"]+/delete)"', opened(app, signed_in, saved).text)
    save(app, signed_in, saved, client_secret="sh0rt", secret_expires=f"{ends:%Y-%m-%d}")
    post(app, link, headers=[signed_in])
    scope = {"organization_id": acme.organization.id}
    with services.passwords.store.write() as tx:
        tx.connections.mark_tested(saved.id, number=1, at=services.clock.now(), by=acme.owner.id, **scope)
        tx.connections.set_enabled(saved.id, at=services.clock.now(), **scope)
    page = ask(app, "GET", "/settings/security/single-sign-on", headers=[signed_in])
    assert "Okta: the client secret expires in 9 days" in shown(page)
    assert "Nobody can sign in without one. Save the next one before." in shown(page)
    assert "Its client secret ends soon or has ended; nobody signs in without one." in shown(page)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if "{connection_id}" in row.path], ids=lambda row: f"{row.method} {row.path}"
)
def test_no_address_of_a_connection_breaks_where_it_speaks_the_other_protocol(
    app: Rim, signed_in: tuple[str, str], saved: Connection, row: Row
) -> None:
    """Pages of SAML alone are not linked there; whoever types their address gets an answer all the same."""
    path = row.path.replace("{connection_id}", saved.id)
    for name in ("attempt_id", "secret_id", "reference", "role"):
        path = path.replace(f"{{{name}}}", "current")
    if row.method == "GET":
        reply = ask(app, "GET", path, headers=[signed_in])
    else:
        reply = post(app, path, urlencode({"on": "yes", "decision": "keep", "password": "x"}), headers=[signed_in])
    assert reply.status < 500
