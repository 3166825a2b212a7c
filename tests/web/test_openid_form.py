"""The form of an OpenID Connect connection by HTTP: what it shows, takes, puts right and never shows again."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from ostiary.domain.connection import Connection, Protocol
from ostiary.domain.organization import Plan
from ostiary.services import Services
from ostiary.services.audit_trail import Actor
from ostiary.services.organizations import NewOrganization
from ostiary.web import Rim
from tests.services.oidc.provider import Provider, a_provider
from tests.web.rim import PUBLIC_URL, Reply, a_rim, ask, post, some_services

PASSWORD = "a sentence that is easy to remember"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """A new installation, which may speak with loopback."""
    made = some_services(tmp_path, allow_loopback=True)
    yield made
    made.close()


@pytest.fixture
def app(services: Services) -> Rim:
    return a_rim(services)


@pytest.fixture
def acme(services: Services) -> NewOrganization:
    return services.organizations.add("acme", name="Acme", owner_email="dana@acme.example", plan=Plan.BUSINESS)


@pytest.fixture
def signed_in(app: Rim, acme: NewOrganization) -> tuple[str, str]:
    reply = post(app, "/password/set", f"link={acme.owner_link.split('link=')[1]}&password={PASSWORD}")
    return "cookie", reply.cookies[0].split(";")[0]


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


# --- saving --------------------------------------------------------------------


@pytest.fixture
def provider(services: Services) -> Iterator[Provider]:
    """A provider on loopback."""
    with a_provider(services.clock) as made:
        yield made


def save(app: Rim, signed_in: tuple[str, str], connection: Connection, **fields: str) -> Reply:
    """Save Configuration, with these fields."""
    return post(app, path_of(connection), urlencode(fields), headers=[signed_in])


def path_of(connection: Connection) -> str:
    return f"/settings/security/connections/{connection.id}"


def test_four_values_are_enough(
    app: Rim, services: Services, signed_in: tuple[str, str], okta: Connection, provider: Provider
) -> None:
    typed = {"client_id": "rp-1", "client_secret": "s3cret-value", "discovery_url": f"{provider.issuer}/"}
    reply = save(app, signed_in, okta, **typed, userinfo_method="POST")
    assert (reply.status, reply.header("location").split("&")[0]) == (303, f"{path_of(okta)}?done=saved")
    page = ask(app, "GET", path_of(okta), headers=[signed_in], query=reply.header("location").split("?")[1].encode())
    assert f"We read {provider.issuer}. The provider itself writes it so." in shown(page)
    assert "revision 1, saved" in shown(page)
    assert "s3cret-value" not in page.text
