"""An organization with one connection whose keys come from a metadata URL, and a provider that publishes there."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ostiary import saml
from ostiary.config import Settings
from ostiary.domain.account import Account
from ostiary.domain.connection import Connection, SamlSettings
from ostiary.domain.organization import Organization, Plan
from ostiary.domain.upkeep.metadata_source import MetadataSource
from ostiary.kernel.clock import FixedClock
from ostiary.kernel.errors import Refusal
from ostiary.kernel.http import HttpRequest, HttpResponse
from ostiary.kernel.ids import ConnectionId
from ostiary.kernel.randomness import SystemRandom
from ostiary.outbound import Resolver
from ostiary.outbound.errors import Unreachable
from ostiary.services import Services
from ostiary.services.audit_trail import Actor
from ostiary.services.connection_form import SaveSaml
from ostiary.services.connections import Saved
from ostiary.storage import Store, open_store
from ostiary.storage.vault import memory_vault
from ostiary.wiring import Outside, assemble
from tests.storage.ready_made import lay_schema

NOW = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
URL = "https://acme.okta.example/app/metadata"
ISSUER = "http://www.okta.example/exk1"
SSO_URL = "https://acme.okta.example/app/sso"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
DOWN = Unreachable(host="acme.okta.example", port=443, address="203.0.113.9")
RANDOM = SystemRandom()


def a_certificate(
    *, ends: datetime = NOW + timedelta(days=3650), key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None = None
) -> saml.Certificate:
    """A certificate of a key of its own, until then."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, ends - timedelta(days=4000), ends)
    return saml.certificate_from_der(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER))


@dataclass
class Publisher:
    """A provider's web server, in the place of the transport: the metadata, how often it was asked, what it does."""

    certificates: tuple[saml.Certificate, ...]
    issuer: str = ISSUER
    sso_url: str = SSO_URL
    attributes: str = ""
    etag: str = ""
    answers: Refusal | HttpResponse | None = None
    """In place of the document."""
    waits_for: threading.Event | None = None
    asked: list[HttpRequest] = field(default_factory=list)

    def __call__(self, request: HttpRequest, *, purpose: str) -> HttpResponse:
        """The document, or what is to come in its place."""
        assert purpose
        self.asked.append(request)
        if self.waits_for is not None:
            assert self.waits_for.wait(20)
        if isinstance(self.answers, Refusal):
            raise self.answers
        if self.answers is not None:
            return self.answers
        if self.etag and request.headers.get("if-none-match") == self.etag:
            return HttpResponse(status=304, headers={"etag": self.etag}, body=b"")
        headers = {"etag": self.etag} if self.etag else {}
        return HttpResponse(status=200, headers=headers, body=self.document)

    @property
    def document(self) -> bytes:
        """The metadata as it is published now."""
        keys = "".join(
            '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data>'
            f"<ds:X509Certificate>{each.base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            for each in self.certificates
        )
        return (
            '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" '
            f'xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{self.issuer}" {self.attributes}>'
            '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
            f'{keys}<md:SingleSignOnService Binding="{REDIRECT}" Location="{self.sso_url}"/>'
            "</md:IDPSSODescriptor></md:EntityDescriptor>"
        ).encode()


@dataclass
class Ground:
    """Everything that a test of the upkeep touches."""

    store: Store
    services: Services
    clock: FixedClock
    publisher: Publisher
    organization: Organization
    owner: Account
    connection_id: ConnectionId

    @property
    def scope(self) -> dict:
        """Whose rows are meant."""
        return {"organization_id": self.organization.id}

    @property
    def actor(self) -> Actor:
        """The owner, at work."""
        return Actor.of(self.owner, client_address="203.0.113.24")

    @property
    def connection(self) -> Connection:
        """The connection as it is stored now."""
        with self.store.read() as tx:
            found = tx.connections.by_id(self.connection_id)
        assert found is not None
        return found

    @property
    def settings(self) -> SamlSettings:
        """What serves logins now."""
        assert self.connection.serving is not None
        return self.connection.serving.saml

    @property
    def source(self) -> MetadataSource:
        """The pinned source as it is stored now."""
        with self.store.read() as tx:
            found = tx.metadata_sources.of(self.connection_id, **self.scope)
        assert found is not None
        return found

    def work(self, **later: float) -> None:
        """Let this much time pass, then let the background thread do what is due."""
        self.clock.at += timedelta(**later)
        self.services.housekeeping.plant()
        self.services.housekeeping.run_due()
        # A source that was pinned in this round is asked in the next.
        self.clock.at += timedelta(seconds=3)
        self.services.housekeeping.run_due()

    def audited(self, action: str) -> list[dict]:
        """The facts of every audit event of this kind, the newest first."""
        with self.store.read() as tx:
            return [dict(event.facts) for event in tx.audit.page(**self.scope) if event.action == action]

    def mails(self) -> list[str]:
        """Recipient and subject of every mail that waits; they leave."""
        with self.store.write() as tx:
            due = tx.outbox.claim(limit=100, lease=timedelta(days=1), now=self.clock.now())
            for each in due:
                tx.outbox.sent(each.mail.id)
        return [f"{each.mail.to}: {each.mail.subject}" for each in due]


@contextmanager
def second_server(ground: Ground, *, fetch: object) -> Iterator[Services]:
    """Another server on the same database, with connections of its own and its own way out."""
    settings = ground.services.settings
    store = open_store(settings.store_url, vault=ground.store.vault, is_demo=False)
    try:
        yield assemble(store, settings=settings, world=_outside(ground.clock, fetch))
    finally:
        store.close()


@contextmanager
def a_ground(
    folder: Path, *, database_url: str = "", certificate: saml.Certificate | None = None, pinned: bool = True
) -> Iterator[Ground]:
    """Acme with a tested, enabled connection whose settings were read from the publisher's metadata URL."""
    clock = FixedClock(NOW)
    publisher = Publisher(certificates=(certificate or a_certificate(),))
    settings = Settings.model_validate(
        {
            "public_url": "https://sso.ringline.example",
            "product_name": "Ringline",
            "data_dir": folder / "data",
            "key_file": folder / "keys" / "sealing.key",
            "database_url": database_url,
        }
    )
    lay_schema(settings.store_url)
    store = open_store(settings.store_url, vault=memory_vault(RANDOM), is_demo=False)
    services = assemble(store, settings=settings, world=_outside(clock, publisher))
    made = services.organizations.add("acme", name="Acme", owner_email="dana@acme.example", plan=Plan.BUSINESS)
    actor = Actor.of(made.owner, client_address="203.0.113.24")
    drafted = services.connections.draft("okta", organization=made.organization, actor=actor).connection
    form = SaveSaml(metadata_url=URL, keeps_fresh=pinned)
    saved = services.connections.save(drafted.id, form, organization=made.organization, actor=actor)
    assert isinstance(saved, Saved), saved
    with store.write() as tx:
        scope = {"organization_id": made.organization.id}
        tx.connections.mark_tested(drafted.id, number=1, at=NOW, by=made.owner.id, **scope)
        tx.connections.set_enabled(drafted.id, at=NOW, **scope)
        tx.outbox.claim(limit=100, lease=timedelta(days=9999), now=NOW)
    publisher.asked.clear()
    try:
        yield Ground(store, services, clock, publisher, made.organization, made.owner, drafted.id)
    finally:
        store.close()


def _outside(clock: FixedClock, fetch) -> Outside:
    return Outside(clock=clock, random=RANDOM, fetch=fetch, resolver=Resolver(server=None), mailer=None)
