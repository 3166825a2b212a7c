"""Everything that can be pasted gets an answer beside every connection that the doctor offers, of both protocols."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from typer.testing import CliRunner

from ostiary.cli.main import app as command
from ostiary.domain.connection import Connection, Protocol
from ostiary.services import Services
from ostiary.services.audit_trail import Actor
from ostiary.services.connection_form import SaveSaml
from ostiary.services.connections import Saved
from ostiary.services.organizations import NewOrganization
from ostiary.web import Rim
from tests.services.oidc.provider import Provider, a_provider
from tests.services.test_doctor import FOREIGNERS, OF_SAML
from tests.vectors.message import IDP_ENTITY_ID, SSO_URL
from tests.vectors.vector import pem
from tests.web.rim import PUBLIC_URL, Reply, post, some_services

PATH = "/settings/security/doctor"
PASTED = {
    **{name: octets.decode() for name, octets in OF_SAML.items()},
    **{name: pasted for name, (pasted, *_) in FOREIGNERS.items()},
    "an address": "https://acme.okta.example/.well-known/openid-configuration",
    "another document": "<a/>",
}
OPENID = ("a token", "a bearer token", "a discovery document", "keys")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """A new installation, which may speak with loopback."""
    made = some_services(tmp_path, allow_loopback=True)
    yield made
    made.close()


@pytest.fixture
def provider(services: Services) -> Iterator[Provider]:
    """A provider on loopback."""
    with a_provider(services.clock) as made:
        yield made


@pytest.fixture
def over_saml(services: Services, acme: NewOrganization) -> Connection:
    connection = drafted(services, acme, Protocol.SAML)
    form = SaveSaml(sso_url=SSO_URL, idp_entity_id=IDP_ENTITY_ID, certificate=pem("idp"))
    actor = Actor.of(acme.owner, client_address="203.0.113.24")
    saved = services.connections.save(connection.id, form, organization=acme.organization, actor=actor)
    assert isinstance(saved, Saved)
    return connection


@pytest.fixture
def over_openid(
    services: Services, app: Rim, acme: NewOrganization, signed_in: tuple[str, str], provider: Provider
) -> Connection:
    connection = drafted(services, acme, Protocol.OIDC)
    form = urlencode({"client_id": "rp-1", "client_secret": "s3cret-value", "discovery_url": provider.issuer})
    assert post(app, f"/settings/security/connections/{connection.id}", form, headers=[signed_in]).status == 303
    return connection


def test_every_paste_gets_an_answer_on_the_page_beside_each_connection_and_none(
    app: Rim, signed_in: tuple[str, str], over_saml: Connection, over_openid: Connection
) -> None:
    for name, pasted in PASTED.items():
        for connection in (over_saml.id, over_openid.id, ""):
            reply = look(app, signed_in, pasted, connection)
            assert (name, connection, reply.status) == (name, connection, 200)
            assert re.search(r"\{[a-z_]+\}|not recorded", heading(reply)) is None, (name, connection)


def test_what_is_of_saml_is_told_beside_a_connection_over_openid_connect(
    app: Rim, signed_in: tuple[str, str], over_openid: Connection
) -> None:
    for name in OF_SAML:
        reply = look(app, signed_in, PASTED[name], over_openid.id)
        assert heading(reply) == "This belongs to SAML, and the connection to Okta speaks OpenID Connect.", name
        assert "doctor.other_protocol" in reply.text


def test_what_is_of_openid_connect_leads_to_the_test_of_the_connection_that_was_chosen(
    app: Rim, signed_in: tuple[str, str], over_saml: Connection, over_openid: Connection
) -> None:
    for name in OPENID:
        beside = heading(look(app, signed_in, PASTED[name], over_openid.id))
        assert beside.startswith("This is of OpenID Connect, as the connection to Okta is: "), name
        assert heading(look(app, signed_in, PASTED[name], over_saml.id)).startswith(
            "This belongs to OpenID Connect, not to SAML"
        )


def test_what_names_no_connection_is_not_taken_for_the_one_over_openid_connect(
    app: Rim, signed_in: tuple[str, str], over_openid: Connection
) -> None:
    for name in ("an answer", "a certificate", "a token", "a sentence"):
        assert "Recognised by its values" not in look(app, signed_in, PASTED[name], "").text, name
    own = f"{PUBLIC_URL}/oauth2/idpresponse/{over_openid.id}"
    assert "this connection's Redirect URI" in unescape(look(app, signed_in, own, "").text)


def test_every_paste_gets_an_answer_from_the_command_beside_each_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, over_saml: Connection, over_openid: Connection
) -> None:
    monkeypatch.setenv("OSTIARY_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("OSTIARY_KEY_FILE", str(tmp_path / "keys" / "sealing.key"))
    monkeypatch.setenv("OSTIARY_PUBLIC_URL", PUBLIC_URL)
    for name, pasted in PASTED.items():
        for connection in (over_saml, over_openid):
            words = ["saml", "inspect", "-", "--json", f"--connection={connection.id}"]
            result = CliRunner().invoke(command, words, input=pasted)
            said = json.loads(result.stdout)
            assert result.exit_code in {0, 1, 2}, name
            assert [each["connection"] for each in said] == [connection.id] * len(said), name
            if name in OF_SAML and connection is over_openid:
                assert (result.exit_code, said[0]["wrong"][0]["code"]) == (1, "doctor.other_protocol")


def drafted(services: Services, acme: NewOrganization, protocol: Protocol) -> Connection:
    actor = Actor.of(acme.owner, client_address="203.0.113.24")
    draft = services.connections.draft
    return draft("okta", protocol=protocol, organization=acme.organization, actor=actor).connection


def look(app: Rim, signed_in: tuple[str, str], pasted: str, connection: str) -> Reply:
    """Paste it beside this connection, and take the page."""
    form = f"pasted={quote(pasted, safe='')}&connection={connection}"
    return post(app, PATH, form, headers=[signed_in])


def heading(reply: Reply) -> str:
    (found,) = re.findall(r"<h1>(.*?)</h1>", reply.text, re.DOTALL)
    return unescape(found)
