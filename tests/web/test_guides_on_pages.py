"""What the pages print of a guide: every `{name}` in it has its value, for every provider."""

import re
from collections.abc import Iterator
from html import unescape

import pytest

from ostiary.domain.connection import Connection, Protocol
from ostiary.guides import KEYS, OPENID_KEYS
from ostiary.services import Services
from ostiary.services.audit_trail import Actor
from ostiary.services.connection_form import SaveSaml
from ostiary.services.connections import Saved
from ostiary.services.organizations import NewOrganization
from ostiary.web import Rim
from tests.vectors.vector import pem
from tests.web.rim import Reply, ask

CONNECTIONS = "/settings/security/connections"
THEIRS = {"{tenant}"}
"""Written as it is, for the reader to replace: Microsoft's consoles and documents have it so."""
PROVIDERS = [(key, Protocol.SAML) for key in KEYS] + [(key, Protocol.OIDC) for key in OPENID_KEYS]


@pytest.mark.parametrize(("provider", "protocol"), PROVIDERS)
def test_no_page_of_a_connection_shows_a_name_in_braces(
    services: Services, app: Rim, acme: NewOrganization, signed_in: tuple[str, str], provider: str, protocol: Protocol
) -> None:
    connection = drafted(services, acme, provider, protocol)
    for page in pages(app, signed_in, connection):
        assert unfilled(page) == set()
    if protocol is Protocol.SAML:
        saved(services, acme, connection)
        for page in pages(app, signed_in, connection):
            assert unfilled(page) == set()


def test_what_to_set_for_signing_out_names_the_app_of_the_product(
    services: Services, app: Rim, acme: NewOrganization, signed_in: tuple[str, str]
) -> None:
    connection = drafted(services, acme, "onelogin", Protocol.SAML)
    reply = ask(app, "GET", f"{CONNECTIONS}/{connection.id}", headers=[signed_in])
    assert "Applications → Applications → Ringline → Configuration" in words(reply)


def pages(app: Rim, signed_in: tuple[str, str], connection: Connection) -> Iterator[Reply]:
    """Every page of a connection that prints places or steps of its guide, and the list that leads to it."""
    own = f"{CONNECTIONS}/{connection.id}"
    for path in (own, f"{own}/enforce", "/settings/security/single-sign-on", "/settings/security/doctor"):
        reply = ask(app, "GET", path, headers=[signed_in])
        assert reply.status == 200, path
        yield reply


def drafted(services: Services, acme: NewOrganization, provider: str, protocol: Protocol) -> Connection:
    actor = Actor.of(acme.owner, client_address="203.0.113.24")
    draft = services.connections.draft
    return draft(provider, protocol=protocol, organization=acme.organization, actor=actor).connection


def saved(services: Services, acme: NewOrganization, connection: Connection) -> None:
    form = SaveSaml(sso_url="https://idp.example/sso", idp_entity_id="urn:idp", certificate=pem("idp"))
    actor = Actor.of(acme.owner, client_address="203.0.113.24")
    assert isinstance(
        services.connections.save(connection.id, form, organization=acme.organization, actor=actor), Saved
    )


def unfilled(reply: Reply) -> set[str]:
    return set(re.findall(r"\{[A-Za-z_]+\}", unescape(reply.text))) - THEIRS


def words(reply: Reply) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", reply.text.replace("<wbr>", ""))).split())
