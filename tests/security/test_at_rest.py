"""What whoever copies the database, or reads the log, does not learn."""

import base64
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from ostiary.cli.log import configure_log
from ostiary.domain.account import Role
from ostiary.services.audit_trail import Actor
from ostiary.services.connection_form import SaveSaml
from tests.journeys.world import PASSWORD, World
from tests.security.attacker import Browser, answer, connect, departed, form, verify_domain
from tests.vectors.message import IDP_ENTITY_ID, SSO_URL
from tests.vectors.vector import pem

MEMBER = "marcus.oyelaran@acme.example"
OWNER = "dana.whitfield@acme.example"
TYPED = "a password that was mistyped"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure_log(stream)
    yield stream
    structlog.reset_defaults()


def lived_in(world: World) -> dict[str, bytes]:
    """A world in which everything has happened that leaves something behind, and its secrets by name."""
    verify_domain(world, world.acme, world.dana, "acme.example")
    world.add_account(MEMBER, role=Role.MEMBER)
    connection = connect(world, world.acme, world.dana)
    world.services.connections.save(
        connection.id,
        SaveSaml(sso_url=SSO_URL, idp_entity_id=IDP_ENTITY_ID, certificate=pem("idp"), signs_requests=True),
        organization=world.acme,
        actor=Actor.of(world.dana, client_address=""),
    )
    person, admin = Browser(world), Browser(world)
    person.client.get(f"/saml/{connection.id}")  # makes the signing key
    left = person.leave(connection)
    signed_in = form(answer(world, connection, request_id=left.request_id, email=MEMBER))
    person.bring(connection, signed_in, relay_state=left.relay_state)
    left = person.leave(connection)
    refused = form(answer(world, connection, request_id="_other", email=MEMBER, assertion_id="_refused"))
    person.bring(connection, refused, relay_state=left.relay_state)
    admin.post("/login", email=OWNER, password=TYPED)
    admin.post("/login", email=OWNER, password=PASSWORD)
    tested = departed(admin.post(f"/settings/security/connections/{connection.id}/test"))
    of_test = form(answer(world, connection, request_id=tested.request_id, email=OWNER, assertion_id="_tested"))
    admin.bring(connection, of_test, relay_state=tested.relay_state)
    admin.post("/password/forgot", email=OWNER)
    admin.client.get("/nowhere/" + "x" * 10)
    with world.store.write() as tx:
        (due,) = tx.outbox.claim(limit=10, lease=timedelta(seconds=1), now=world.clock.now())
    (link,) = re.findall(r"link=([0-9a-f]{64})", due.mail.text)
    cookies = {**dict(person.client.cookies), **{f"{k}-of-admin": v for k, v in dict(admin.client.cookies).items()}}
    secrets = {name: value.encode() for name, value in cookies.items() if len(value) == 64}
    assert len(secrets) == 4
    secrets |= {"link": link.encode(), "password": PASSWORD.encode(), "mistyped": TYPED.encode()}
    secrets |= {"private key": b"PRIVATE KEY", "mail": b"/password/set?link="}
    for name, message in {"signed in": signed_in, "refused": refused, "tested": of_test}.items():
        secrets |= {f"{name}, as sent": message[500:560], f"{name}, decoded": base64.b64decode(message)[900:960]}
    return secrets


def test_a_copy_of_the_database_opens_no_door(world: World) -> None:
    """Sessions, links, keys, passwords, messages: hashed or sealed. The same for a backup."""
    secrets = lived_in(world)
    folder = Path(world.services.settings.data_dir)
    written = b"".join(path.read_bytes() for path in folder.iterdir())
    assert MEMBER.encode() in written
    assert [name for name, secret in secrets.items() if secret in written] == []


def test_nobody_else_on_the_machine_reads_the_database(world: World) -> None:
    lived_in(world)
    for path in Path(world.services.settings.data_dir).iterdir():
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_the_log_names_nobody(world: World, log: io.StringIO) -> None:
    secrets = lived_in(world)
    told = log.getvalue().encode()
    assert b"request.page_unknown" in told
    people = {"member": MEMBER.encode(), "owner": OWNER.encode(), "name": b"Marcus", "mallory": b"Mallory"}
    assert [name for name, secret in (secrets | people).items() if secret in told] == []


def test_a_bug_tells_the_reader_nothing(world: World, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the page nor the log shows the values that were at hand."""
    browser = Browser(world)

    def broken(_self: object, _email: str, password: str, **_: object) -> None:
        raise RuntimeError(len(password))

    monkeypatch.setattr("ostiary.services.passwords.Passwords.sign_in", broken)
    page = browser.post("/login", email=OWNER, password=TYPED)
    assert page.status_code == 500
    for word in (TYPED, OWNER, "RuntimeError", "Traceback", "passwords.py"):
        assert word not in page.text
    assert "RuntimeError" in log.getvalue()
    assert TYPED not in log.getvalue()
